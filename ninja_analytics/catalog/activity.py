"""What happened and happens: activities, alerts, jobs and tasks."""

from __future__ import annotations

from ninja_analytics.catalog.columns import DEVICE_ID
from ninja_analytics.catalog.shapes import C, Parameter, Table, Window

ACTIVITY = (
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
)  # fmt: skip

ALERT = (
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
)  # fmt: skip

JOB = (
    C("job_uid", "uid", "text", "the job; the series_uid of its activities"),
    DEVICE_ID,
    C("job_type", "jobType", "category", "its family, e.g. PATCH_MANAGEMENT or SCRIPTING"),
    C("job_status", "jobStatus", "category", "START_REQUESTED, STARTED, IN_PROCESS, WAITING_FOR_USER_RESPONSE, …"),
    C("job_result", "jobResult", "category", "SUCCESS, FAILURE, …; missing while it runs"),
    C("source_type", "sourceType", "category", "what started it"),
    C("source_name", "sourceName", "text", "the name of that task, script or condition"),
    C("source_config_uid", "sourceConfigUid", "text", "that task, script or condition"),
    C("subject", "subject", "text", "what it is about"),
    C("message", "message", "text", "what it says of itself"),
    C("created_at", "createTime", "time", "when it began"),
    C("updated_at", "updateTime", "time", "when it was last heard of"),
    C("user_id", "userId", "id", "who started it, if it was a person"),
    C("psa_ticket_id", "psaTicketId", "json", "the ticket in the PSA"),
    C("ticket_template_id", "ticketTemplateId", "id", "the template of that ticket"),
    C("data", "data", "json", "details, as NinjaOne has them"),
    C("device", "device", "json", "the device row, where NinjaOne sends it"),
)  # fmt: skip

TABLES = (
    Table(
        "activities", "/v2/activities", "older_than",
        "the activity log, newest first; ask with since", ("activity_id",),
        ACTIVITY,
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
        window=Window("after", "before", "activity_at"), rows_per_device=500, known="seen",
    ),
    Table(
        "alerts", "/v2/alerts", "none",
        "alerts that are active now; the past is in activities", ("alert_uid",),
        ALERT,
        (
            Parameter("source_type", "sourceType", "text", "only alerts of this kind of condition"),
            Parameter("lang", "lang", "text", "language of the messages, e.g. en"),
            Parameter("tz", "tz", "text", "time zone of times in messages"),
        ),
        True, rows_per_device=0.15, known="seen",
    ),
    Table(
        "jobs", "/v2/jobs", "none",
        "jobs that are under way now; what is over is in activities", ("job_uid",),
        JOB, (Parameter("job_type", "jobType", "text", "only jobs of this family"),), True,
        rows_per_device=0.06,
    ),
)  # fmt: skip
