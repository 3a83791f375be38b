"""What is asked of one device at a time: the same rows as the queries have, for a few devices."""

from __future__ import annotations

from ninja_analytics.catalog.activity import ACTIVITY, ALERT, JOB
from ninja_analytics.catalog.columns import (
    ASKED_DEVICE,
    INCLUDE,
    INSTALLED_AFTER,
    INSTALLED_BEFORE,
)
from ninja_analytics.catalog.parts import (
    DISK,
    NETWORK_INTERFACE,
    OS_PATCH,
    PROCESSOR,
    PROGRAM,
    SERVICE,
    SOFTWARE_PATCH,
    VOLUME,
)
from ninja_analytics.catalog.shapes import C, Parameter, Table
from ninja_analytics.catalog.software import (
    IMPACT,
    PRODUCT,
    SERVICE_NAME,
    SERVICE_STATE,
    SEVERITY,
    STATUS,
    TRIED,
    TYPE,
)

TABLES = (
    Table(
        "device_activities", "/v2/device/{device_id}/activities", "older_than",
        "the activity log of a device, newest first", ("activity_id",),
        ACTIVITY,
        (
            Parameter("type", "activityType", "text", "only this activity type"),
            Parameter("status", "status", "text", "only this status code"),
            Parameter("series_uid", "seriesUid", "text", "only of this alert or job"),
            Parameter("newer_than", "newerThan", "integer", "only ids above this activity id (not a time)"),
        ),
        page_size=1000, page_size_range=(10, 1000), rows_in="activities", per=("device_id",),
        rows_per_device=500,
    ),
    Table(
        "device_alerts", "/v2/device/{device_id}/alerts", "none",
        "alerts of a device that are active now", ("alert_uid",),
        ALERT, per=("device_id",), rows_per_device=0.15,
    ),
    Table(
        "device_jobs", "/v2/device/{device_id}/jobs", "none",
        "jobs under way on a device", ("job_uid",),
        JOB, per=("device_id",), rows_per_device=0.06,
    ),
    Table(
        "device_disks", "/v2/device/{device_id}/disks", "none",
        "the drives that a device's system sees", ("device_id", "name", "serial_number"),
        (ASKED_DEVICE, *DISK), per=("device_id",), rows_per_device=1.1,
    ),
    Table(
        "device_volumes", "/v2/device/{device_id}/volumes", "none",
        "the volumes of a device, with free space", ("device_id", "name", "drive_letter"),
        (ASKED_DEVICE, *VOLUME), (INCLUDE,), per=("device_id",), rows_per_device=3,
    ),
    Table(
        "device_processors", "/v2/device/{device_id}/processors", "none",
        "the processors of a device; equal ones have equal rows", ("device_id", "name"),
        (ASKED_DEVICE, *PROCESSOR), per=("device_id",), rows_per_device=1,
    ),
    Table(
        "device_network_interfaces", "/v2/device/{device_id}/network-interfaces", "none",
        "the network interfaces of a device, with their addresses", ("device_id", "interface_index"),
        (ASKED_DEVICE, *NETWORK_INTERFACE), per=("device_id",), rows_per_device=2.5,
    ),
    Table(
        "device_last_logged_on_user", "/v2/device/{device_id}/last-logged-on-user", "none",
        "who signed in last on a device, and when", ("device_id",),
        (
            ASKED_DEVICE,
            C("user_name", "userName", "text", "the account, mostly as DOMAIN\\name; missing if nobody did"),
            C("logged_on_at", "logonTime", "time", "when"),
        ),
        per=("device_id",), answer="row", rows_per_device=1,
    ),
    Table(
        "device_policy_overrides", "/v2/device/{device_id}/policy/overrides", "none",
        "which sections of its policy were changed on a device", ("device_id",),
        (ASKED_DEVICE, C("overrides", "overrides", "texts", "the sections; an empty list if none was changed")),
        per=("device_id",), answer="row", rows_per_device=1,
    ),
    Table(
        "device_software", "/v2/device/{device_id}/software", "none",
        "every program installed on a device", ("device_id", "name", "version", "product_code", "path"),
        (ASKED_DEVICE, *PROGRAM), per=("device_id",), rows_per_device=100,
    ),
    Table(
        "device_os_patches", "/v2/device/{device_id}/os-patches", "none",
        "OS patches that wait, failed or were rejected on a device", ("device_id", "patch_id"),
        (ASKED_DEVICE, *OS_PATCH), (STATUS, TYPE, SEVERITY), per=("device_id",), rows_per_device=2,
    ),
    Table(
        "device_os_patch_installs", "/v2/device/{device_id}/os-patch-installs", "none",
        "attempts to install OS patches on a device, good and bad", ("device_id", "patch_id", "installed_at"),
        (ASKED_DEVICE, *OS_PATCH), (STATUS, INSTALLED_AFTER, INSTALLED_BEFORE), per=("device_id",),
        window=TRIED, rows_per_device=35,
    ),
    Table(
        "device_software_patches", "/v2/device/{device_id}/software-patches", "none",
        "updates of other makers' software that wait, failed or were rejected on a device", ("device_id", "patch_id"),
        (ASKED_DEVICE, *SOFTWARE_PATCH), (STATUS, TYPE, IMPACT, PRODUCT), per=("device_id",),
        rows_per_device=0.5,
    ),
    Table(
        "device_software_patch_installs", "/v2/device/{device_id}/software-patch-installs", "none",
        "attempts to update other makers' software on a device, good and bad", ("device_id", "patch_id", "installed_at"),
        (ASKED_DEVICE, *SOFTWARE_PATCH),
        (STATUS, TYPE, IMPACT, PRODUCT, INSTALLED_AFTER, INSTALLED_BEFORE), per=("device_id",),
        window=TRIED, rows_per_device=33,
    ),
    Table(
        "device_windows_services", "/v2/device/{device_id}/windows-services", "none",
        "the services of a Windows device and their state", ("device_id", "name"),
        (ASKED_DEVICE, *SERVICE), (SERVICE_NAME, SERVICE_STATE), per=("device_id",),
        rows_per_device=50,
    ),
)  # fmt: skip
