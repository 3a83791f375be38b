"""The tables of patch_compliance: states by organization, system and class, devices, exceptions."""

from __future__ import annotations

import pandas as pd

from ninja_analytics.reports.making import Asked
from ninja_analytics.reports.patching import patches
from ninja_analytics.reports.patching.patches import Rules
from ninja_analytics.reports.patching.states import by_group

_CHANCE = (
    "Low and high: Wilson, 95 %. The shrunken share gives the order, the lowest first. Beyond "
    "chance: outside of what ordinary chance allows a group of its size around the share of all."
)
CAPTIONS = {
    "compliance_by_organization": f"Eligible computers by state. {_CHANCE}",
    "compliance_by_location": f"Eligible computers by state and location. {_CHANCE}",
    "compliance_by_system": f"Eligible computers by state and operating system. {_CHANCE}",
    "compliance_by_class": f"Eligible computers by state and node class. {_CHANCE}",
    "software_by_organization": f"Eligible computers by the state of their software patches. {_CHANCE}",
    "devices": "Every eligible computer: failing ones first, the gravest on top. Month update: "
    "Windows' cumulative update of the last Patch Tuesday.",
    "exceptions": "Patches that somebody rejected or delayed, each on each device.",
}
_ORGANIZATION = ("organization", "organization_id")
_LOCATION = ("location", "organization", "location_id", "organization_id")


def tables(computers: pd.DataFrame, ask: Asked, rules: Rules) -> dict[str, pd.DataFrame]:
    """The tables of the report."""
    software = computers.assign(state=computers["software_state"])
    return {
        "compliance_by_organization": _last(by_group(computers, _ORGANIZATION)),
        "compliance_by_location": _last(by_group(computers, _LOCATION)),
        "compliance_by_system": by_group(computers, ("os_family",)).rename(
            columns={"os_family": "operating_system"}
        ),
        "compliance_by_class": by_group(computers, ("node_class",)),
        "software_by_organization": _last(by_group(software, _ORGANIZATION)),
        "devices": devices(computers),
        "exceptions": exceptions(computers, ask, rules),
    }


def _last(table: pd.DataFrame) -> pd.DataFrame:
    """The table with its id as the last column."""
    ids = [name for name in table if str(name).endswith("_id")]
    return table[[*(name for name in table if name not in ids), *ids]]


def devices(computers: pd.DataFrame) -> pd.DataFrame:
    """Every computer with its state and why: what fails first, then unknown, exception and pass."""
    rank = {state: place for place, state in enumerate(("fail", "unknown", "exception", "pass"))}
    grave = patches.graveness(computers["worst_severity"].fillna("unknown"))
    found = computers.assign(rank=computers["state"].map(rank), grave=grave).sort_values(
        ["rank", "grave", "failed_patches", "open_patches", "organization", "device", "device_id"],
        ascending=[True, True, False, False, True, True, True],
        kind="stable",
        ignore_index=True,
    )
    columns = ["device", "organization", "location", "node_class", "os_family", "state"]
    counts = ["open_patches", "failed_patches", "exceptions", "worst_severity", "why"]
    more = ["month_update", "software_state", "open_software_patches", "last_contact_at"]
    return found[[*columns, *counts, *more, "device_id", "organization_id"]]


def exceptions(computers: pd.DataFrame, ask: Asked, rules: Rules) -> pd.DataFrame:
    """Each patch that was rejected or delayed on a computer, the gravest first."""
    listed = patches.listed(ask.frames, "os_patches", computers["device_id"], rules)
    found = listed[listed["stands"] == "exception"].rename(columns={"name": "patch_name"})
    names = computers[["device_id", "device", "organization", "location", "organization_id"]]
    found = found.merge(names, how="left", on="device_id")
    found["grave"] = patches.graveness(found["severity"])
    found = found.sort_values(
        ["grave", "organization", "device", "patch_name", "device_id", "patch"],
        kind="stable",
        ignore_index=True,
    )
    columns = ["device", "organization", "location", "patch_name", "kb_number", "severity"]
    return found[[*columns, "status", "device_id", "organization_id"]]
