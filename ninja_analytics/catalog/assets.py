"""What is said about assets: tags, relationships, and the tabs that show custom fields."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C, Table

_TAB = (
    C("tab_id", "id", "id", "the tab; custom_tabs has what is on it"),
    C("tab_name", "name", "text", "its name"),
)

TABLES = (
    Table(
        "tags", "/v2/tag", "none",
        "the tags that assets can have, with how many have them", ("tag_id",),
        (
            C("tag_id", "id", "id", "the tag"),
            C("tag_name", "name", "text", "its name, as devices carry it in tags"),
            C("description", "description", "text", "what it is for"),
            C("created_at", "createTime", "time", "when it was made"),
            C("updated_at", "updateTime", "time", "when it was last changed"),
            C("created_by_user_id", "createdByUserId", "id", "who made it"),
            C("updated_by_user_id", "updatedByUserId", "id", "who last changed it"),
            C("asset_count", "targetsCount", "integer", "assets that have it, of every kind"),
            C("creator_user_id", "createdBy.id", "id", "who made it, again, beside the name"),
            C("creator_name", "createdBy.name", "text", "the name"),
            C("creator_email", "createdBy.email", "text", "the mail address"),
            C("editor_user_id", "updatedBy.id", "id", "who last changed it, again, beside the name"),
            C("editor_name", "updatedBy.name", "text", "the name"),
            C("editor_email", "updatedBy.email", "text", "the mail address"),
        ),
        rows_in="tags", known="unknown",
    ),
    Table(
        "asset_relations", "/v2/itam/asset-relationship/relations", "none",
        "which asset belongs to, runs on or depends on which", ("relation_id",),
        (
            C("relation_id", "id", "id", "the relationship"),
            C("name", "name", "text", "its name, where it has one"),
        ),
        licence="ITAM", known="unknown", shape_known=False,
    ),
    Table(
        "entity_asset_relations", "/v2/itam/asset-relationship/{of_entity_type}/{of_entity_id}/relations", "none",
        "the relationships of one asset", ("of_entity_type", "of_entity_id", "relation_id"),
        (
            C("of_entity_type", "@of_entity_type", "category", "what kind of asset was asked for, e.g. NODE"),
            C("of_entity_id", "@of_entity_id", "id", "the asset asked for"),
            C("relation_id", "id", "id", "the relationship"),
            C("name", "name", "text", "its name, where it has one"),
        ),
        per=("of_entity_type", "of_entity_id"), licence="ITAM", known="unknown", shape_known=False,
    ),
    Table(
        "asset_relation_types", "/v2/itam/asset-relationship/types", "none",
        "the kinds of relationship between assets", ("relation_type_id",),
        (
            C("relation_type_id", "id", "id", "the kind"),
            C("relation_type_name", "name", "text", "its name"),
        ),
        licence="ITAM", known="unknown", shape_known=False,
    ),
    Table(
        "global_tabs", "/v2/tab/summary/global", "none",
        "the custom tabs that are shown everywhere", ("tab_id",),
        _TAB, known="unknown", shape_known=False,
    ),
    Table(
        "organization_tabs", "/v2/tab/summary/organization", "none",
        "the custom tabs of organizations and locations", ("tab_id",),
        _TAB, known="unknown", shape_known=False,
    ),
    Table(
        "end_user_tabs", "/v2/tab/summary/end-user", "none",
        "the custom tabs of end users", ("tab_id",),
        _TAB, known="unknown", shape_known=False,
    ),
    Table(
        "role_tabs", "/v2/tab/summary/role/{role_id}", "none",
        "the custom tabs of devices with a role, inherited ones too", ("role_id", "tab_id"),
        (C("role_id", "@role_id", "id", "the device role asked for"), *_TAB),
        per=("role_id",), known="unknown", shape_known=False,
    ),
    Table(
        "custom_tabs", "/v2/tab/{tab_id}", "none",
        "a custom tab and the fields on it, without what roles add to it", ("tab_id",),
        (
            *_TAB,
            C("description", "description", "text", "what it is for"),
            C("entity_type", "entityType", "category", "NODE_ROLE, ORGANIZATION, END_USER or SYSTEM"),
            C("entity_id", "entityId", "id", "the device role, for NODE_ROLE"),
            C("parent_tab_id", "parentTabId", "id", "the tab that it extends"),
            C("items", "items", "rows", "its fields and the headings between them", columns=(
                C("custom_field_id", "id", "id", "the custom field; missing for headings"),
                C("label", "name", "text", "as people read it"),
                C("name", "fieldName", "text", "as custom fields are named in rows"),
                C("description", "description", "text", "what it is for"),
                C("entity_type", "entityType", "category", "USER, NODE, TICKET or DOCUMENT"),
                C("type", "attributeType", "category", "e.g. TEXT, DROPDOWN or DATE"),
                C("attribute_scope", "attributeScope", "category", "where it applies; NinjaOne drops this field"),
                C("scopes", "definitionScope", "texts", "NODE, END_USER, LOCATION, ORGANIZATION"),
                C("technician_permission", "technicianPermission", "category", "NONE, EDITABLE or READ_ONLY"),
                C("script_permission", "scriptPermission", "category", "NONE, READ_ONLY, WRITE_ONLY or READ_WRITE"),
                C("api_permission", "apiPermission", "category", "with NONE or WRITE_ONLY the API never shows a value"),
                C("default_value", "defaultValue", "text", "what it holds at first; of choices the uid"),
                C("content", "content", "json", "choices and limits"),
                C("active", "active", "boolean", "in use"),
                C("created_at", "createTime", "time", "when it was made"),
                C("updated_at", "updateTime", "time", "when it was last changed"),
                C("element_uid", "uiElementUid", "text", "the heading"),
                C("element_type", "uiElementType", "category", "TITLE, DESCRIPTION or SEPARATOR"),
                C("element_value", "uiElementValue", "text", "what it says"),
                C("element_created_at", "uiElementCreateTime", "time", "when the heading was made"),
                C("element_updated_at", "uiElementUpdateTime", "time", "when it was last changed"),
            )),
            C("position", "position", "integer", "its place among the tabs"),
            C("is_default", "isDefault", "boolean", "comes with NinjaOne"),
            C("default", "default", "boolean", "the same, under another name"),
        ),
        per=("tab_id",), answer="row", known="unknown",
    ),
)  # fmt: skip
