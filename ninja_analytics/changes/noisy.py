"""Columns that move by themselves, as data: times of contact, free space, counters of every day."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ninja_analytics.catalog import Table

# In every table that has such a column.
NOISY = (
    "collected_at",
    "last_contact_at",
    "last_update_at",
    "offline",
    "parent_offline",
    "last_boot_at",
    "os_last_boot_at",
    "vm_last_boot_at",
    "logged_on_at",
    "updated_at",
    "evaluated_at",
    "last_run_at",
    "free_bytes",
    "last_success_at",
    "last_failure_at",
)

_BACKUP_SIZES = (
    "cloud_bytes", "local_bytes", "revisions_bytes", "revisions_current_bytes",
    "revisions_previous_bytes", "revisions_deleted_bytes", "cloud_image_bytes",
    "cloud_image_v2_bytes", "cloud_file_bytes", "cloud_network_share_bytes", "local_image_bytes",
    "local_image_v2_bytes", "local_file_bytes",
)  # fmt: skip

# In one table only: elsewhere the name means something that does not move by itself.
NOISY_IN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # The lists hold free space and clock rates; the tables volumes and processors tell of them.
        "devices_detailed": (
            "volumes", "processors", "last_logged_in_user", "vm_snapshot_count",
            "vm_snapshot_bytes", "backup_usage_reference",
        ),
        "devices": ("backup_usage_reference",),
        "organization_devices": ("backup_usage_reference",),
        "device_health": (
            "alert_count", "active_job_count", "pending_os_patches_count",
            "pending_software_patches_count",
        ),
        "processors": ("clock_speed",),
        "device_processors": ("clock_speed",),
        "raid_controllers": ("battery_temperature",),
        "software": ("size_bytes",),
        "device_software": ("size_bytes",),
        "backup_usage": _BACKUP_SIZES,
        "organization_backup_usage": _BACKUP_SIZES,
        "groups": ("device_count",),
        "tags": ("asset_count",),
        "tasks": ("run_count",),
        "ticket_boards": ("ticket_count",),
        "software_licenses": ("used", "days_to_expire"),
    }
)  # fmt: skip

# The time at which a row was collected, where it is not called collected_at.
OBSERVED_BY: Mapping[str, str] = MappingProxyType(
    {
        "devices": "last_update_at",
        "devices_detailed": "last_update_at",
        "organization_devices": "last_update_at",
        "backup_usage": "last_update_at",
    }
)


def noisy_columns(table: Table) -> tuple[str, ...]:
    """The columns of *table* that a comparison leaves out unless it is told otherwise."""
    listed = {*NOISY, *NOISY_IN.get(table.name, ())} - set(table.row_key)
    return tuple(column.name for column in table.columns if column.name in listed)


def observed_column(table: Table) -> str:
    """The column that says when a row of *table* was collected; "" when it has none."""
    if any(column.name == "collected_at" for column in table.columns):
        return "collected_at"
    return OBSERVED_BY.get(table.name, "")
