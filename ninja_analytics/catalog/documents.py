"""Documentation of organizations: documents, checklists, and the templates of both."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C, Parameter, Table

_DOCUMENT = (
    C("document_id", "documentId", "id", "the document"),
    C("document_name", "documentName", "text", "its name; repeats from one organization to the next"),
    C("description", "documentDescription", "text", "what was noted about it"),
    C("updated_at", "documentUpdateTime", "time", "when it was last changed"),
    C("fields", "fields", "rows", "its fields that have a value", columns=(
        C("name", "name", "text", "the field"),
        C("value", "value", "json", "what it holds; choices are named by their uid"),
        C("updated_at", "valueUpdateTime", "time", "when the value was last changed"),
    )),
    C("document_template_id", "documentTemplateId", "id", "the template it follows"),
    C("document_template_name", "documentTemplateName", "text", "the name of the template"),
    C("organization_id", "organizationId", "id", "the organization it is about"),
)  # fmt: skip

_CHANGED_BY = (
    C("updated_by_user_id", "lastUpdatedBy.id", "id", "who last changed it"),
    C("updated_by_first_name", "lastUpdatedBy.firstName", "text", "first name"),
    C("updated_by_last_name", "lastUpdatedBy.lastName", "text", "last name"),
    C("updated_by_deleted", "lastUpdatedBy.deleted", "boolean", "no longer a user"),
)
_ARCHIVED = (
    C("archived", "archived", "boolean", "put away; comes only with include_archived"),
    C("archived_by_user_id", "archivedBy.id", "id", "who put it away"),
    C("archived_by_first_name", "archivedBy.firstName", "text", "first name"),
    C("archived_by_last_name", "archivedBy.lastName", "text", "last name"),
    C("archived_by_deleted", "archivedBy.deleted", "boolean", "no longer a user"),
    C("archived_at", "archiveTime", "time", "when it was put away"),
)
_REQUIRED = Parameter(
    "required", "required", "boolean", "only those that must be done, or only the others"
)
WITH_ARCHIVED = Parameter(
    "include_archived", "includeArchived", "boolean", "with what was put away"
)
ORGANIZATIONS = Parameter(
    "organization_ids", "organizationIds", "integers", "only these organizations"
)

TABLES = (
    Table(
        "documents", "/v2/organization/documents", "none",
        "the documents of all organizations, with what their fields hold", ("document_id",),
        _DOCUMENT,
        (
            ORGANIZATIONS,
            Parameter("template_ids", "templateIds", "integers", "only documents of these templates"),
            Parameter("template_name", "templateName", "text", "only documents of this template"),
            Parameter("document_name", "documentName", "text", "only documents of this name"),
        ),
        licence="Documentation", known="unknown",
    ),
    Table(
        "organization_documents", "/v2/organization/{organization_id}/documents", "none",
        "the documents of one organization", ("document_id",),
        _DOCUMENT, per=("organization_id",), licence="Documentation", known="unknown",
    ),
    Table(
        "document_templates", "/v2/document-templates", "none",
        "which fields the documents have", ("document_template_id",),
        (
            C("document_template_id", "id", "id", "the template"),
            C("document_template_name", "name", "text", "its name"),
            C("description", "description", "text", "what it is for"),
            C("allow_multiple", "allowMultiple", "boolean", "an organization may have several such documents"),
            C("mandatory", "mandatory", "boolean", "every organization has to have one"),
            C("created_at", "createTime", "time", "when it was made"),
            C("updated_at", "updateTime", "time", "when it was last changed"),
            C("fields", "fields", "rows", "its fields and the headings between them", columns=(
                C("field_id", "fieldId", "id", "the field; missing for headings"),
                C("label", "fieldLabel", "text", "as people read it"),
                C("name", "fieldName", "text", "as documents name it"),
                C("description", "fieldDescription", "text", "what it is for"),
                C("type", "fieldType", "category", "e.g. TEXT, DROPDOWN or NODE_MULTI_SELECT"),
                C("technician_permission", "fieldTechnicianPermission", "category", "NONE, EDITABLE or READ_ONLY"),
                C("script_permission", "fieldScriptPermission", "category", "NONE, READ_ONLY, WRITE_ONLY or READ_WRITE"),
                C("api_permission", "fieldApiPermission", "category", "with NONE or WRITE_ONLY the API never shows a value"),
                C("default_value", "fieldDefaultValue", "text", "what it holds at first"),
                C("content", "fieldContent", "json", "choices and limits"),
                C("element_uid", "uiElementUid", "text", "the heading"),
                C("element_name", "uiElementName", "text", "its name"),
                C("element_type", "uiElementType", "category", "TITLE, DESCRIPTION or SEPARATOR"),
                C("element_value", "uiElementValue", "text", "what it says"),
                C("created_at", "createdTime", "time", "when it was made"),
                C("updated_at", "updatedTime", "time", "when it was last changed"),
            )),
            C("all_technicians", "availableToAllTechnicians", "boolean", "every technician sees such documents"),
            C("user_role_ids", "allowedTechnicianRoles", "ids", "who sees them otherwise (include_technician_roles)"),
            C("archived", "archived", "boolean", "put away"),
            C("archived_at", "archivedTime", "time", "when it was put away"),
            C("archived_by_user_id", "archivedBy.id", "id", "who put it away"),
            C("archived_by_name", "archivedBy.displayName", "text", "the name"),
            C("archived_by_deleted", "archivedBy.deleted", "boolean", "no longer a user"),
        ),
        (
            Parameter("template_name", "templateName", "text", "only the template of this name"),
            Parameter("include_technician_roles", "includeTechnicianRoles", "boolean", "with the roles that see it"),
        ),
        licence="Documentation", known="unknown",
    ),
    Table(
        "checklists", "/v2/organization/checklists", "none",
        "the checklists of organizations, and how far they are done", ("checklist_id",),
        (
            C("checklist_id", "id", "id", "the checklist"),
            C("checklist_name", "name", "text", "its name"),
            C("description", "description.text", "text", "what it is for"),
            C("description_html", "description.html", "text", "the same as HTML"),
            C("required", "required", "boolean", "must be done"),
            C("due_at", "dueDate", "time", "until when"),
            C("completed", "completed", "boolean", "done"),
            C("completed_at", "completedOn", "time", "when it was done"),
            C("assigned_user_id", "assignedTo.id", "id", "who is to do it"),
            C("assigned_first_name", "assignedTo.firstName", "text", "first name"),
            C("assigned_last_name", "assignedTo.lastName", "text", "last name"),
            C("assigned_deleted", "assignedTo.deleted", "boolean", "no longer a user: nobody does it"),
            C("updated_at", "lastUpdatedOn", "time", "when it was last changed"),
            *_CHANGED_BY,
            C("completed_task_count", "completedTaskCount", "integer", "tasks that are done"),
            C("task_count", "totalTaskCount", "integer", "its tasks"),
            C("tasks", "tasks", "rows", "what is to be done", columns=(
                C("task_id", "id", "id", "the task"),
                C("position", "position", "integer", "its place in the list"),
                C("name", "name", "text", "what to do"),
                C("description", "description.text", "text", "in more words"),
                C("description_html", "description.html", "text", "the same as HTML"),
                C("assigned_user_id", "assignedTo.id", "id", "who is to do it"),
                C("assigned_first_name", "assignedTo.firstName", "text", "first name"),
                C("assigned_last_name", "assignedTo.lastName", "text", "last name"),
                C("assigned_deleted", "assignedTo.deleted", "boolean", "no longer a user"),
                C("due_at", "dueDate", "time", "until when"),
                C("completed", "completed", "boolean", "done"),
                C("completed_at", "completedOn", "time", "when it was done"),
                C("completed_by_user_id", "completedBy.id", "id", "who did it"),
                C("completed_by_first_name", "completedBy.firstName", "text", "first name"),
                C("completed_by_last_name", "completedBy.lastName", "text", "last name"),
                C("completed_by_deleted", "completedBy.deleted", "boolean", "no longer a user"),
            )),
            C("organization_id", "organizationId", "id", "the organization"),
            C("organization_name", "clientName", "text", "its name"),
            *_ARCHIVED,
        ),
        (
            Parameter("checklist_ids", "checklistIds", "integers", "only these checklists"),
            ORGANIZATIONS,
            Parameter("checklist_name", "checklistName", "text", "only checklists of this name"),
            Parameter("assigned_user_id", "assignedToUserId", "integer", "only what this user is to do"),
            Parameter("completed", "completed", "boolean", "only what is done, or only what is open"),
            _REQUIRED, WITH_ARCHIVED,
        ),
        licence="Documentation", known="unknown",
    ),
    Table(
        "checklist_templates", "/v2/checklist/templates", "none",
        "the checklists from which those of organizations are made", ("checklist_template_id",),
        (
            C("checklist_template_id", "id", "id", "the template"),
            C("checklist_template_name", "name", "text", "its name"),
            C("description", "description.text", "text", "what it is for"),
            C("description_html", "description.html", "text", "the same as HTML"),
            C("tasks", "tasks", "rows", "what is to be done", columns=(
                C("position", "position", "integer", "its place in the list"),
                C("name", "name", "text", "what to do"),
                C("description", "description.text", "text", "in more words"),
                C("description_html", "description.html", "text", "the same as HTML"),
            )),
            C("required", "required", "boolean", "must be done"),
            C("updated_at", "lastUpdatedOn", "time", "when it was last changed"),
            *_CHANGED_BY, *_ARCHIVED,
        ),
        (
            Parameter("template_ids", "checklistTemplateIds", "integers", "only these templates"),
            Parameter("template_name", "checklistTemplateName", "text", "only the template of this name"),
            _REQUIRED, WITH_ARCHIVED,
        ),
        licence="Documentation", known="unknown",
    ),
)  # fmt: skip
