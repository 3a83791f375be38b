"""Custom fields: how they are defined, and their values for devices, places and end users."""

from __future__ import annotations

from ninja_analytics.catalog.columns import DEVICE_ID
from ninja_analytics.catalog.limits import LIMITS
from ninja_analytics.catalog.shapes import C, Parameter, Table

UPDATED_AFTER = Parameter("updated_after", "updatedAfter", "iso_time", "only values set after this time")  # fmt: skip
FIELDS = Parameter("fields", "fields", "texts", "only these custom fields, by name, not by label")
WITH_INHERITANCE = Parameter(
    "with_inheritance", "withInheritance", "boolean", "also what is inherited from location and organization"
)  # fmt: skip
VALUE_OPTIONS = (UPDATED_AFTER, FIELDS)
SCOPED_OPTIONS = (
    *VALUE_OPTIONS,
    Parameter("scopes", "scopes", "texts", "only these scopes, e.g. organization; all if not given"),
)  # fmt: skip

VALUES = C("fields", "fields", "json", "value by field name; choices are option UUIDs, fields without a value are absent")  # fmt: skip
VALUES_OF = C("fields", "fields", "json", "value by field name; only fields that have one and that the API may read")  # fmt: skip
DETAILED_VALUES = C(
    "fields", "fields", "rows", "the fields that have a value, with when and by whom it was set", "",
    (
        C("name", "name", "text", "the field, as the definitions name it"),
        C("value", "value", "json", "its value: text, number, truth, list or object; choices are option UUIDs"),
        C("updated_at", "updateTime", "time", "when it was set"),
        C("legacy_updated_at", "updated", "time", "the same on older instances, which have no updateTime"),
        C("updated_by_source", "updatedBy.source", "category", "what set it: API, USER, SCRIPT or SYSTEM"),
        C("updated_by_user_id", "updatedBy.user.id", "id", "the user who set it"),
        C("updated_by_user_name", "updatedBy.user.name", "text", "the name of that user"),
        C("updated_by_email", "updatedBy.user.email", "text", "the e-mail address of that user"),
    ),
)  # fmt: skip
SCOPE = C("scope", "scope", "category", "what kind of entity: NODE, LOCATION, ORGANIZATION or END_USER")  # fmt: skip
ENTITY_ID = C("entity_id", "entityId", "id", "the device, location, organization or end user, by scope")  # fmt: skip

DEFINITION = (
    C("field_name", "name", "text", "the name that values carry; old ones camelCase, new ones lower-case"),
    C("label", "label", "text", "what people see; differs from the name"),
    C("description", "description", "text", "what was noted about it"),
    C("type", "type", "category", "kind of value, e.g. TEXT, CHECKBOX, DROPDOWN or DATE"),
    C("entity_type", "entityType", "category", "what it is for: NODE, USER, TICKET or DOCUMENT"),
    C("scope", "scope", "category", "for all devices, a role or a class: NODE_GLOBAL, NODE_ROLE or NODE_CLASS"),
    C("definition_scopes", "definitionScope", "texts", "which entities can have a value: NODE, LOCATION, ORGANIZATION, END_USER"),
    C("default_value", "defaultValue", "text", "the value where none is set"),
    C("end_user_permission", "endUserPermission", "category", "what end users may do with it"),
    C("technician_permission", "technicianPermission", "category", "what technicians may do with it"),
    C("script_permission", "scriptPermission", "category", "what scripts may do with it"),
    C("api_permission", "apiPermission", "category", "what the API may do; NONE and WRITE_ONLY hide the values"),
    C("system", "system", "boolean", "built in, not made by the tenant"),
    C("active", "active", "boolean", "in use"),
    C("created_at", "createTime", "time", "when it was defined"),
    C("updated_at", "updateTime", "time", "when the definition last changed"),
    C("required", "content.required", "boolean", "must have a value"),
    C("footer_text", "content.footerText", "text", "the line beneath it"),
    C("tooltip_text", "content.tooltipText", "text", "the hint beside it"),
    C("customized_for_end_users", "content.customizeForEndUser", "boolean", "end users see another label"),
    C("end_user_name", "content.endUserCustomization.name", "text", "its name for end users"),
    C("end_user_label", "content.endUserCustomization.label", "text", "its label for end users"),
    C("end_user_description", "content.endUserCustomization.description", "text", "its description for end users"),
    C(
        "options", "content.values", "rows", "what can be chosen; values carry the option_uid", "",
        (
            C("option_uid", "id", "text", "the option, as values carry it"),
            C("option_name", "name", "text", "what people see"),
            C("active", "active", "boolean", "can be chosen; old values may have others"),
            C("system", "system", "boolean", "built in"),
        ),
    ),
    *LIMITS,
)  # fmt: skip

TABLES = (
    Table(
        "custom_fields", "/v2/queries/custom-fields", "cursor",
        "the custom fields of each device that has any, by name", ("device_id",),
        (DEVICE_ID, VALUES),
        VALUE_OPTIONS, True, page_size=10_000, page_size_range=(10, 10_000), rows_in="results",
        rows_per_device=1, known="seen",
    ),
    Table(
        "custom_fields_detailed", "/v2/queries/custom-fields-detailed", "cursor",
        "the custom fields of each device, with when and by whom each was set", ("device_id",),
        (
            C("device_id", "entityId", "id", "the device"),
            C("legacy_device_id", "deviceId", "id", "the device on older instances, which have no entityId"),
            C("entity_type", "entityType", "category", "always NODE"),
            DETAILED_VALUES,
        ),
        VALUE_OPTIONS, True, page_size=5000, page_size_range=(10, 10_000), rows_in="results",
        rows_per_device=1,
    ),
    Table(
        "scoped_custom_fields", "/v2/queries/scoped-custom-fields", "cursor",
        "the custom fields of devices, locations, organizations and end users, by name", ("scope", "entity_id"),
        (SCOPE, ENTITY_ID, VALUES),
        SCOPED_OPTIONS, page_size=10_000, page_size_range=(10, 10_000), rows_in="results",
    ),
    Table(
        "scoped_custom_fields_detailed", "/v2/queries/scoped-custom-fields-detailed", "cursor",
        "the custom fields of all kinds of entities, with when and by whom each was set", ("scope", "entity_id"),
        (SCOPE, ENTITY_ID, DETAILED_VALUES),
        SCOPED_OPTIONS, page_size=5000, page_size_range=(10, 10_000), rows_in="results",
    ),
    Table(
        "custom_field_definitions", "/v2/device-custom-fields", "none",
        "which custom fields there are, their type, label, options and permissions", ("field_name",), DEFINITION,
        (
            Parameter(
                "scopes", "scopes", "texts", "only fields that these entities can have",
                ("all", "node", "location", "organization"),
            ),
        ),
    ),
    Table(
        "custom_field_definitions_paged", "/v2/custom-fields", "cursor_name",
        "the definitions in pages, with those of end users (newer instances); a row is undocumented", ("field_name",),
        DEFINITION, page_size=500, page_size_range=(5, 500), rows_in="results",
        known="unknown", shape_known=False,
    ),
    Table(
        "device_custom_fields", "/v2/device/{device_id}/custom-fields", "none",
        "the custom fields of one device", ("device_id",),
        (C("device_id", "@device_id", "id", "the device asked for"), VALUES_OF),
        (WITH_INHERITANCE,), per=("device_id",), answer="fields", known="seen", rows_per_device=1,
    ),
    Table(
        "organization_custom_fields", "/v2/organization/{organization_id}/custom-fields", "none",
        "the custom fields of one organization", ("organization_id",),
        (C("organization_id", "@organization_id", "id", "the organization asked for"), VALUES_OF),
        per=("organization_id",), answer="fields",
    ),
    Table(
        "location_custom_fields", "/v2/organization/{organization_id}/location/{location_id}/custom-fields", "none",
        "the custom fields of one location", ("organization_id", "location_id"),
        (
            C("organization_id", "@organization_id", "id", "the organization asked for"),
            C("location_id", "@location_id", "id", "the location asked for"),
            VALUES_OF,
        ),
        (WITH_INHERITANCE,), per=("organization_id", "location_id"), answer="fields",
    ),
    Table(
        "end_user_custom_fields", "/v2/user/end-user/{user_id}/custom-fields", "none",
        "the custom fields of one end user", ("user_id",),
        (C("user_id", "@user_id", "id", "the end user asked for"), VALUES_OF),
        per=("user_id",), answer="fields", known="unknown",
    ),
)  # fmt: skip
