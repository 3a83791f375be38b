"""Installed software, and the patches of operating systems and software."""

from __future__ import annotations

from ninja_analytics.catalog.columns import (
    COLLECTED_AT,
    COLLECTED_SINCE,
    DEVICE_ID,
    INSTALLED_AFTER,
    INSTALLED_BEFORE,
)
from ninja_analytics.catalog.shapes import C, Parameter, Table

OS_PATCH = (
    DEVICE_ID,
    C("patch_id", "id", "text", "the patch; the same on every device"),
    C("name", "name", "text", "the title of the patch"),
    C("kb_number", "kbNumber", "text", "the knowledge base article, e.g. KB5031356"),
    C("severity", "severity", "category", "how grave; two vocabularies in mixed case"),
    C("status", "status", "category", "MANUAL, APPROVED, REJECTED, INSTALLED, FAILED, …"),
    C("type", "type", "category", "the kind of update; often UNKNOWN or UNSPECIFIED"),
    C("installed_at", "installedAt", "time", "when it was tried; missing in about one attempt of a hundred"),
    COLLECTED_AT,
)  # fmt: skip

PATCH_PARAMETERS = (
    Parameter("status", "status", "text", "only patches with this status"),
    Parameter("type", "type", "text", "only patches of this type"),
    Parameter("severity", "severity", "text", "only patches of this severity"),
    COLLECTED_SINCE,
)

TABLES = (
    Table(
        "software", "/v2/queries/software", "cursor",
        "every program installed on every device", ("device_id", "name", "version", "product_code", "path"),
        (
            DEVICE_ID,
            C("name", "name", "text", "the program"),
            C("version", "version", "text", "its version, as it reports it"),
            C("publisher", "publisher", "category", "who publishes it"),
            C("installed_on", "installDate", "date", "the day of installation, often missing"),
            C("size_bytes", "size", "integer", "size on disk", "bytes"),
            C("path", "location", "text", "where it is installed"),
            C("product_code", "productCode", "text", "the installer's product code"),
            C("system_component", "isSystemComponent", "boolean", "part of the system (newer instances)"),
            COLLECTED_AT,
        ),
        (INSTALLED_AFTER, INSTALLED_BEFORE), True, rows_in="results",
        rows_per_device=100.0,
    ),
    Table(
        "os_patches", "/v2/queries/os-patches", "cursor",
        "OS patches that wait, failed or were rejected, per device", ("device_id", "patch_id"),
        OS_PATCH, PATCH_PARAMETERS, True, rows_in="results",
    ),
    Table(
        "os_patch_installs", "/v2/queries/os-patch-installs", "cursor",
        "attempts to install OS patches, good and bad; ask with installed_after", ("device_id", "patch_id", "installed_at"),
        OS_PATCH, (PATCH_PARAMETERS[0], INSTALLED_AFTER, INSTALLED_BEFORE), True, rows_in="results",
    ),
)  # fmt: skip
