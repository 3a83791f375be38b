"""What happened and happens: activities, alerts, jobs and tasks."""

from __future__ import annotations

from ninja_analytics.catalog.columns import DEVICE_ID
from ninja_analytics.catalog.shapes import C, Parameter, Table

TABLES = (
    Table(
        "activities", "/v2/activities", "older_than",
        "the activity log, newest first; ask with after", ("activity_id",),
        (
            C("activity_id", "id", "id", "the activity"),
            C("activity_at", "activityTime", "time", "when it happened"),
            C("device_id", "deviceId", "id", "the device; missing for the tenant's own activities"),
            C("activity_type", "activityType", "category", "family, e.g. CONDITION or PATCH_MANAGEMENT"),
            C("status_code", "statusCode", "category", "what happened, e.g. TRIGGERED or NODE_CREATED"),
            C("status", "status", "text", "the same in words"),
            C("activity_result", "activityResult", "category", "SUCCESS, FAILURE, UNSUPPORTED or UNCOMPLETED"),
            C("severity", "severity", "category", "NONE, MINOR, MODERATE, MAJOR or CRITICAL"),
            C("priority", "priority", "category", "NONE, LOW, MEDIUM or HIGH"),
            C("subject", "subject", "text", "what it is about"),
            C("message", "message", "text", "what the log says"),
            C("type", "type", "text", "the family in words"),
            C("user_id", "userId", "id", "who did it"),
            C("series_uid", "seriesUid", "text", "the alert or job to which it belongs"),
            C("source_config_uid", "sourceConfigUid", "text", "the condition or script behind it"),
            C("source_name", "sourceName", "text", "the name of that condition or script"),
            C("data", "data", "json", "details, as NinjaOne has them"),
        ),
        (
            Parameter("after", "after", "iso_time", "only activities after this time"),
            Parameter("before", "before", "iso_time", "only activities before this time"),
            Parameter("activity_class", "class", "text", "whose activities", ("ALL", "DEVICE", "SYSTEM", "USER")),
            Parameter("type", "type", "text", "only this activity type"),
            Parameter("status", "status", "text", "only this status code"),
            Parameter("user", "user", "text", "only by this user"),
            Parameter("series_uid", "seriesUid", "text", "only of this alert or job"),
            Parameter("newer_than", "newerThan", "integer", "only ids above this activity id (not a time)"),
        ),
        True, page_size=1000, page_size_range=(10, 1000), rows_in="activities",
    ),
    Table(
        "alerts", "/v2/alerts", "none",
        "alerts that are active now; the past is in activities", ("alert_uid",),
        (
            C("alert_uid", "uid", "text", "the alert; the series_uid of its activities"),
            DEVICE_ID,
            C("severity", "severity", "category", "NONE, MINOR, MODERATE, MAJOR or CRITICAL (newer instances)"),
            C("priority", "priority", "category", "NONE, LOW, MEDIUM or HIGH (newer instances)"),
            C("source_type", "sourceType", "category", "which kind of condition raised it"),
            C("source_name", "sourceName", "text", "the name of that condition"),
            C("source_config_uid", "sourceConfigUid", "text", "that condition"),
            C("condition_name", "conditionName", "text", "the condition (newer instances)"),
            C("condition_health_status", "conditionHealthStatus", "category", "what the condition says about health"),
            C("use_global_health_status", "useGlobalHealthStatus", "boolean", "health follows the tenant's rule"),
            C("subject", "subject", "text", "what it is about"),
            C("message", "message", "text", "what the alert says"),
            C("created_at", "createTime", "time", "when it was raised"),
            C("updated_at", "updateTime", "time", "when it last changed"),
            C("user_id", "userId", "id", "who acknowledged or changed it"),
            C("psa_ticket_id", "psaTicketId", "json", "the ticket in the PSA"),
            C("ticket_template_id", "ticketTemplateId", "id", "the template of that ticket"),
            C("data", "data", "json", "details, as NinjaOne has them"),
            C("device", "device", "json", "the device row, where NinjaOne sends it"),
        ),
        (
            Parameter("source_type", "sourceType", "text", "only alerts of this kind of condition"),
            Parameter("lang", "lang", "text", "language of the messages, e.g. en"),
            Parameter("tz", "tz", "text", "time zone of times in messages"),
        ),
        True,
    ),
)  # fmt: skip
