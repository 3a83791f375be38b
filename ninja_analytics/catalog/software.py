"""Installed software, its patches and those of operating systems, and Windows services."""

from __future__ import annotations

from ninja_analytics.catalog.columns import (
    COLLECTED_AT,
    COLLECTED_SINCE,
    DEVICE_ID,
    INSTALLED_AFTER,
    INSTALLED_BEFORE,
)
from ninja_analytics.catalog.parts import OS_PATCH, PROGRAM, SERVICE, SOFTWARE_PATCH
from ninja_analytics.catalog.shapes import Parameter, Table, Window

STATUS = Parameter("status", "status", "text", "only patches with this status")
TYPE = Parameter("type", "type", "text", "only patches of this type")
SEVERITY = Parameter("severity", "severity", "text", "only patches of this severity")
IMPACT = Parameter("impact", "impact", "text", "only patches of this impact")
PRODUCT = Parameter("product_id", "productIdentifier", "text", "only patches of this product")
SERVICE_NAME = Parameter("name", "name", "text", "only the service of this name")
SERVICE_STATE = Parameter(
    "state", "state", "text", "only services in this state",
    ("UNKNOWN", "STOPPED", "START_PENDING", "RUNNING", "STOP_PENDING", "PAUSE_PENDING", "PAUSED", "CONTINUE_PENDING"),
)  # fmt: skip

TRIED = Window("installed_after", "installed_before", "installed_at")

TABLES = (
    Table(
        "software", "/v2/queries/software", "cursor",
        "every program installed on every device", ("device_id", "name", "version", "product_code", "path"),
        (DEVICE_ID, *PROGRAM, COLLECTED_AT), (INSTALLED_AFTER, INSTALLED_BEFORE), True,
        page_size=5000, rows_in="results", rows_per_device=100, known="seen",
        window=Window("installed_after", "installed_before", "installed_on"),
    ),
    Table(
        "os_patches", "/v2/queries/os-patches", "cursor",
        "OS patches that wait, failed or were rejected, per device", ("device_id", "patch_id"),
        (DEVICE_ID, *OS_PATCH, COLLECTED_AT), (STATUS, TYPE, SEVERITY, COLLECTED_SINCE), True,
        page_size=5000, rows_in="results", rows_per_device=2, filter_ignores=("node_class",),
        known="seen",
    ),
    Table(
        "os_patch_installs", "/v2/queries/os-patch-installs", "cursor",
        "attempts to install OS patches, good and bad; ask with since", ("device_id", "patch_id", "installed_at"),
        (DEVICE_ID, *OS_PATCH, COLLECTED_AT), (STATUS, INSTALLED_AFTER, INSTALLED_BEFORE), True,
        page_size=5000, rows_in="results", rows_per_device=35, filter_ignores=("node_class",),
        window=TRIED, known="seen",
    ),
    Table(
        "software_patches", "/v2/queries/software-patches", "cursor",
        "updates of other makers' software that wait, failed or were rejected, per device", ("device_id", "patch_id"),
        (DEVICE_ID, *SOFTWARE_PATCH, COLLECTED_AT), (STATUS, TYPE, IMPACT, PRODUCT, COLLECTED_SINCE),
        True, page_size=5000, rows_in="results", rows_per_device=0.5,
        filter_ignores=("node_class",), known="seen",
    ),
    Table(
        "software_patch_installs", "/v2/queries/software-patch-installs", "cursor",
        "attempts to update other makers' software, good and bad; ask with since", ("device_id", "patch_id", "installed_at"),
        (DEVICE_ID, *SOFTWARE_PATCH, COLLECTED_AT),
        (STATUS, TYPE, IMPACT, PRODUCT, INSTALLED_AFTER, INSTALLED_BEFORE), True,
        page_size=5000, rows_in="results", rows_per_device=33, filter_ignores=("node_class",),
        window=TRIED, known="seen",
    ),
    Table(
        "windows_services", "/v2/queries/windows-services", "cursor",
        "the services of every Windows device and their state", ("device_id", "name"),
        (DEVICE_ID, *SERVICE, COLLECTED_AT), (SERVICE_NAME, SERVICE_STATE), True,
        page_size=10_000, page_size_range=(10, 10_000), rows_in="results", rows_per_device=50,
        known="seen",
    ),
)  # fmt: skip
