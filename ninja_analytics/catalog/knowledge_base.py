"""The knowledge base, and what is linked to what."""

from __future__ import annotations

from ninja_analytics.catalog.documents import ORGANIZATIONS, WITH_ARCHIVED
from ninja_analytics.catalog.shapes import C, Parameter, Table

_ARTICLE = (
    C("article_id", "id", "id", "the article"),
    C("organization_id", "organizationId", "id", "the organization; global articles have none"),
    C("folder_id", "parentFolderId", "id", "the folder it lies in; missing at the top"),
    C("article_name", "name", "text", "its title, or the name of an uploaded file"),
    C("native", "isNinjaArticle", "boolean", "written in NinjaOne, not an uploaded file"),
    C("archived", "isArchived", "boolean", "put away; comes only with include_archived"),
    C("attachments", "attachments", "rows", "the files of the article", columns=(
        C("attachment_id", "id", "id", "the file"),
        C("upload_status", "uploadStatus", "category", "PROCESSING, SUCCESS, FAILURE or SUSPICIOUS"),
        C("name", "metadata.name", "text", "its name"),
        C("mime_type", "metadata.mimeType", "category", "its type"),
        C("size", "metadata.size", "text", "its size, as NinjaOne writes it"),
        C("extension", "metadata.extension", "category", "its suffix"),
        C("content_uid", "metadata.contentId", "text", "how the article refers to it"),
        C("inline", "metadata.inline", "boolean", "shown in the text"),
    )),
    C("html", "content.html", "text", "the text as HTML"),
    C("text", "content.text", "text", "the text"),
    C("created_at", "createTime", "time", "when it was written"),
    C("updated_at", "updateTime", "time", "when it was last changed"),
    C("archived_at", "archivedTime", "time", "when it was put away"),
    C("path", "path", "text", "the folders above it"),
)  # fmt: skip
_ARTICLE_NAME = Parameter("article_name", "articleName", "text", "only articles of this name")

_RELATED_ITEM = (
    C("related_item_id", "id", "id", "the link"),
    C("type", "type", "category", "ENTITY links two things, VALUE hangs a file or a secret on one"),
    C("entity", "entity", "json", "the thing that has the link"),
    C("entity_id", "entityId", "id", "the thing that has the link; of which table, entity_type says"),
    C("entity_type", "entityType", "category", "NODE is a device, KB_DOCUMENT an article, DOCUMENT a document"),
    C("related_entity", "relEntity", "json", "what it is linked to"),
    C("related_entity_id", "relEntityId", "id", "what it is linked to; of which table, related_entity_type says"),
    C("related_entity_type", "relEntityType", "category", "as entity_type, and TECHNICIAN, CONTACT, ATTACHMENT, CREDENTIAL, SECURE"),
    C("value", "value", "json", "about the file or the secret; handle it as one"),
    C("created_at", "createTime", "time", "when it was linked"),
    C("updated_at", "updateTime", "time", "when the link was last changed"),
    C("created_by_user_id", "createdByAppUserId", "id", "who linked it"),
    C("updated_by_user_id", "updatedByAppUserId", "id", "who last changed the link"),
)  # fmt: skip

TABLES = (
    Table(
        "global_articles", "/v2/knowledgebase/global/articles", "none",
        "the knowledge base that all organizations share", ("article_id",),
        _ARTICLE, (_ARTICLE_NAME, WITH_ARCHIVED), licence="Documentation", known="unknown",
    ),
    Table(
        "organization_articles", "/v2/knowledgebase/organization/articles", "none",
        "the knowledge base of each organization, all in one list", ("article_id",),
        _ARTICLE, (ORGANIZATIONS, _ARTICLE_NAME, WITH_ARCHIVED), licence="Documentation", known="unknown",
    ),
    Table(
        "article_folders", "/v2/knowledgebase/folder/{folder_id}", "none",
        "a folder of the knowledge base and what lies in it", ("folder_id",),
        (
            C("folder_id", "id", "id", "the folder"),
            C("organization_id", "organizationId", "id", "the organization; global folders have none"),
            C("parent_folder_id", "parentFolderId", "id", "the folder above it"),
            C("folder_name", "name", "text", "its name"),
            C("archived", "isArchived", "boolean", "put away"),
            C("created_at", "createTime", "time", "when it was made"),
            C("updated_at", "updateTime", "time", "when it was last changed"),
            C("archived_at", "archivedTime", "time", "when it was put away"),
            C("items", "content", "rows", "what lies in it", columns=(
                C("item_id", "id", "id", "the folder or article; one number may be both"),
                C("is_folder", "isFolder", "boolean", "a folder"),
                C("folder", "folder", "boolean", "the same, under another name"),
                C("organization_id", "organizationId", "id", "the organization"),
                C("parent_folder_id", "parentFolderId", "id", "the folder it lies in"),
                C("archived", "isArchived", "boolean", "put away"),
                C("archived_as_well", "archived", "boolean", "the same, under another name"),
                C("name", "name", "text", "its name; of a file with the suffix"),
                C("file_size", "fileSize", "text", "size of an uploaded file, as NinjaOne writes it"),
                C("file_extension", "fileExtension", "category", "suffix of a file; ninja for what was written there"),
                C("file_upload_status", "fileUploadStatus", "category", "PROCESSING, SUCCESS, FAILURE or SUSPICIOUS"),
                C("created_at", "createTime", "time", "when it was made"),
                C("updated_at", "updateTime", "time", "when it was last changed"),
            )),
        ),
        (WITH_ARCHIVED,), per=("folder_id",), answer="row", licence="Documentation", known="unknown",
    ),
    Table(
        "related_items", "/v2/related-items", "none",
        "what is linked to what: devices, documents, articles, people, files", ("related_item_id",),
        _RELATED_ITEM, licence="Documentation", known="unknown",
    ),
    Table(
        "entity_related_items", "/v2/related-items/with-entity/{of_entity_type}/{of_entity_id}", "none",
        "the links of one thing, in both directions", ("of_entity_type", "of_entity_id", "related_item_id"),
        (
            C("of_entity_type", "@of_entity_type", "category", "what kind of thing was asked for, e.g. NODE"),
            C("of_entity_id", "@of_entity_id", "id", "the thing asked for"),
            *_RELATED_ITEM,
        ),
        (Parameter("scope", "scope", "text", "links that it has, links to it, or both", ("ALL", "HOSTING", "HOSTED_BY")),),
        per=("of_entity_type", "of_entity_id"), licence="Documentation", known="unknown",
    ),
)  # fmt: skip
