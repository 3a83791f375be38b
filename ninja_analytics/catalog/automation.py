"""What the tenant can run and whom it tells: scripts, tasks, products, channels, conditions."""

from __future__ import annotations

from ninja_analytics.catalog.shapes import C, Table

CONDITION = (
    C("policy_id", "@policy_id", "id", "the policy asked for"),
    C("condition_id", "id", "text", "the condition"),
    C("condition_name", "conditionName", "text", "which kind of condition it is"),
    C("display_name", "displayName", "text", "its name; the source_name of its alerts"),
    C("enabled", "enabled", "boolean", "it is looked at"),
    C("severity", "severity", "category", "NONE, MINOR, MODERATE, MAJOR or CRITICAL, set by hand"),
    C("priority", "priority", "category", "NONE, LOW, MEDIUM or HIGH, not tied to severity"),
    C("channel_ids", "channels", "ids", "the notification channels that are told"),
    C(
        "scripts", "scripts", "rows", "what it runs when it is met", "",
        (
            C("script_id", "scriptId", "id", "the automation script"),
            C("run_as", "runAs", "category", "as whom, e.g. SYSTEM or LOGGED_ON_USER"),
            C("script_parameter", "scriptParam", "text", "what is passed to it"),
            C("script_variables", "scriptVariables", "json", "the values of its variables"),
        ),
    ),
    C("notification_action", "notificationAction", "category", "whether anybody is told: NONE or SEND"),
    C("notify_on_reset", "notifyOnReset", "boolean", "also told when it is over"),
    C("reset_threshold", "resetThreshold", "integer", "how long until it resets", "seconds"),
    C("inherited", "inheritance.inherited", "boolean", "comes from a parent policy"),
    C("overridden", "inheritance.overridden", "boolean", "comes from a parent policy but was changed here"),
    C("source_policy_id", "inheritance.sourcePolicyId", "id", "the policy it comes from"),
)  # fmt: skip
MATCH = (
    C("field_name", "fieldName", "text", "the custom field"),
    C("operator", "operator", "category", "how it is compared"),
    C("value", "value", "text", "with what; for choices an option UUID"),
)  # fmt: skip
CHANNEL = (
    C("channel_id", "id", "id", "the channel"),
    C("channel_name", "name", "text", "its name"),
    C("description", "description", "text", "what was noted about it"),
    C("enabled", "enabled", "boolean", "it is used"),
    C("type", "type", "category", "e.g. EMAIL, SMS, SLACK, MICROSOFT_TEAMS or WEBHOOK"),
)  # fmt: skip

_SCRIPT_OPTION = (
    C("type", "type", "category", "ACTION is built in, SCRIPT the tenant's own"),
    C("script_id", "id", "id", "the script; see automation_scripts"),
    C("action_uid", "uid", "text", "the built-in action"),
    C("name", "name", "text", "its name"),
    C("language", "language", "category", "e.g. powershell, batchfile or sh"),
    C("description", "description", "text", "what was noted about it"),
    C("architectures", "architecture", "texts", "32 or 64 bit"),
    C("category_id", "categoryId", "id", "the category"),
)

TABLES = (
    Table(
        "tasks", "/v2/tasks", "none",
        "the scheduled tasks and how often they ran", ("task_id",),
        (
            C("task_id", "id", "id", "the scheduled task"),
            C("task_name", "name", "text", "its name; the source_name of its activities"),
            C("description", "description", "text", "what was noted about it"),
            C("enabled", "enabled", "boolean", "it will run again"),
            C("created_at", "created", "time", "when it was made"),
            C("last_run_at", "lastRun", "time", "when it last ran; missing if never"),
            C("run_count", "runCount", "integer", "how often it ran"),
        ),
    ),
    Table(
        "automation_scripts", "/v2/automation/scripts", "none",
        "the scripts that technicians, tasks and conditions can run", ("script_id",),
        (
            C("script_id", "id", "id", "the script"),
            C("script_name", "name", "text", "its name"),
            C("description", "description", "text", "what was noted about it"),
            C("active", "active", "boolean", "can be run"),
            C("language", "language", "category", "e.g. powershell, batchfile or sh"),
            C("architectures", "architecture", "texts", "32 or 64 bit"),
            C("operating_systems", "operatingSystems", "texts", "where it can run"),
            C("script_parameters", "scriptParameters", "texts", "sets of parameters to choose from"),
            C(
                "script_variables", "scriptVariables", "rows", "what it asks for when it is run", "",
                (
                    C("variable_uid", "id", "text", "the variable"),
                    C("variable_name", "name", "text", "its name"),
                    C("description", "description", "text", "what was noted about it"),
                    C("type", "type", "category", "kind of value, e.g. CHECKBOX or TEXT"),
                    C("source", "source", "category", "LITERAL or OTHER"),
                    C("default_value", "defaultValue", "text", "the value where none is given"),
                    C("required", "required", "boolean", "must be given"),
                    C("choices", "valueList", "texts", "what can be chosen"),
                ),
            ),
            C("created_by", "createdBy", "text", "who wrote it, by name"),
            C("updated_by", "lastUpdatedBy", "text", "who changed it last, by name"),
            C("created_at", "createdOn", "time", "when it was written"),
            C("updated_at", "updatedOn", "time", "when it was last changed"),
        ),
    ),
    Table(
        "software_products", "/v2/software-products", "none",
        "the programs that NinjaOne can patch", ("product_uid",),
        (
            C("product_uid", "id", "text", "the product"),
            C("vendor_name", "vendorName", "text", "who makes it"),
            C("product_name", "productName", "text", "its name"),
            C("installable", "installable", "boolean", "can be installed, not only updated"),
            C("active", "active", "boolean", "still patched"),
        ),
    ),
    Table(
        "notification_channels", "/v2/notification-channels", "none",
        "where notifications can go", ("channel_id",), CHANNEL,
    ),
    Table(
        "notification_channels_enabled", "/v2/notification-channels/enabled", "none",
        "where notifications go now", ("channel_id",), CHANNEL,
    ),
    Table(
        "policy_custom_field_conditions", "/v2/policies/{policy_id}/condition/custom-fields", "none",
        "the conditions on custom fields that a policy has", ("policy_id", "condition_id"),
        (
            *CONDITION,
            C("match_all", "matchAll", "rows", "comparisons that must all hold", "", MATCH),
            C("match_any", "matchAny", "rows", "comparisons of which one must hold", "", MATCH),
        ),
        per=("policy_id",), scope="management", known="unknown",
    ),
    Table(
        "policy_windows_event_conditions", "/v2/policies/{policy_id}/condition/windows-event", "none",
        "the conditions on the Windows event log that a policy has", ("policy_id", "condition_id"),
        (
            *CONDITION,
            C("event_source", "source", "text", "which source in the event log"),
            C("event_ids", "eventIds", "json", "the numbers of the events, as Windows has them"),
            C("text_values", "text.values", "texts", "words in the event"),
            C("text_condition", "text.condition", "category", "CONTAINS or NOT_CONTAINS"),
            C("text_include", "text.include", "category", "ALL of the words or ANY"),
            C("occurrence_enabled", "occurrence.enabled", "boolean", "only when it happens often"),
            C("occurrence_threshold", "occurrence.threshold", "integer", "how often"),
            C("occurrence_duration", "occurrence.duration", "integer", "within which time; the unit is undocumented"),
        ),
        per=("policy_id",), scope="management", known="unknown",
    ),
    Table(
        "device_scripting_options", "/v2/device/{device_id}/scripting/options", "none",
        "which scripts and built-in actions can be run on a device, and as whom", ("device_id",),
        (
            C("device_id", "@device_id", "id", "the device asked for"),
            C("categories", "categories", "rows", "the categories of the scripts", columns=(
                C("category_id", "id", "id", "the category"),
                C("name", "name", "text", "its name"),
                C("internal", "internal", "boolean", "NinjaOne's own"),
            )),
            C("scripts", "scripts", "rows", "what can be run", columns=_SCRIPT_OPTION),
            C("credential_roles", "credentials.roles", "texts", "as whom without credentials, e.g. system"),
            C("credentials", "credentials.credentials", "rows", "stored credentials that can be used, by name", columns=(
                C("credential_id", "id", "id", "the credential"),
                C("name", "name", "text", "its name; never what it holds"),
                C("type", "type", "category", "e.g. BASIC or SNMPV3"),
            )),
        ),
        per=("device_id",), answer="row", rows_per_device=1, scope="management", known="unknown",
    ),
)  # fmt: skip
