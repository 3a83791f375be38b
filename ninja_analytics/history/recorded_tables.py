"""Which tables a snapshot has unless told otherwise, how they are asked for, and which are events.

A state table says how things are; it is recorded as of a time. An event table says what happened; it
grows by what is new since the last time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from ninja_analytics.catalog import TABLES

# What the reports need, the small ones that give names first.
DEFAULT = (
    "organizations", "locations", "roles", "policies", "devices", "devices_detailed",
    "operating_systems", "computer_systems", "processors", "device_health", "alerts", "volumes",
    "disks", "raid_drives", "raid_controllers", "antivirus_status", "antivirus_threats", "software",
    "os_patches", "software_patches", "policy_overrides", "custom_fields",
    "custom_field_definitions", "backup_usage", "technicians", "users",
    "os_patch_installs", "software_patch_installs", "backup_jobs", "integrity_check_jobs",
    "activities",
)  # fmt: skip

# With which parameters a table is recorded: those that say more, and nothing that says less.
PARAMETERS: Mapping[str, Mapping[str, object]] = MappingProxyType(
    {
        "devices_detailed": {"expand": "warranty"},
        "volumes": {"include": "bl"},
        "backup_usage": {"include_last_job_times": True},
    }
)


@dataclass(frozen=True, slots=True)
class Events:
    """How an event table grows.

    `key` is what makes two rows one event; of several recordings of it the last one counts. `at` is
    its time. `overlap` is how far before the last recording it is asked for again, since events
    arrive late: a laptop tells of its patches when it is back. `whole_every` is after how long all of
    it is asked for (None: never), for events without a time, which no window has; `first` is how far
    the first recording goes back (None: to the beginning). `asks` is the parameter for the window,
    where the table has no other.
    """

    key: tuple[str, ...]
    at: str
    overlap: timedelta
    whole_every: timedelta | None = None
    first: timedelta | None = None
    asks: str = ""

    def parameters(self, since: datetime | None) -> dict[str, object]:
        """What to ask for, to have all that happened from *since* on."""
        if since is None:
            return {}
        if self.asks:
            return {self.asks: f"startTime after {since:%Y-%m-%dT%H:%M:%SZ}"}
        return {"since": since}


_MONTH = timedelta(days=30)
_TRIED = ("device_id", "patch_id", "status", "installed_at")

EVENTS: Mapping[str, Events] = MappingProxyType(
    {
        "activities": Events(("activity_id",), "activity_at", timedelta(days=1), first=_MONTH),
        "os_patch_installs": Events(_TRIED, "installed_at", timedelta(days=35), _MONTH),
        "software_patch_installs": Events(_TRIED, "installed_at", timedelta(days=35), _MONTH),
        "backup_jobs": Events(
            ("job_id",), "started_at", timedelta(days=7), _MONTH, asks="start_time_filter"
        ),
        "integrity_check_jobs": Events(
            ("job_id",), "started_at", timedelta(days=7), _MONTH, asks="start_time_filter"
        ),
    }
)

# Tables that a snapshot can have: those that are asked for without an id.
POSSIBLE = tuple(name for name, table in TABLES.items() if not table.per)
