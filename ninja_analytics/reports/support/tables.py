"""The tables of os_lifecycle: the support of each release and device, organizations, Windows 11."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ninja_analytics.lifecycle import matched
from ninja_analytics.reports.population import COMPUTERS, read
from ninja_analytics.reports.support.readiness import readiness

HORIZONS = (90, 180, 365)
"""Days ahead in which the support of a device may end: to act, to plan, to watch; a convention."""
SOON = HORIZONS[1]
STATES = ("ended", "extended_only", "ends_soon", "supported", "unknown")
_READ = {
    "device_id": "Int64",
    "name": "str",
    "build_number": "str",
    "release_id": "str",
    "architecture": "str",
}
_EDITIONS = {"W": "Home, Pro", "E": "Enterprise, Education", "LTSC": "LTSC", "IoT LTSC": "IoT LTSC"}
_WORST_FIRST = {state: place for place, state in enumerate(STATES)}

CAPTIONS = {
    "support_by_release": "Eligible computers by release, the one whose support ends first on top. A "
    "release without a day is supported, or nobody knows.",
    "support_by_organization": "Eligible computers of each organization by the state of their "
    f"support, the most unsupported first. Ends soon: in {SOON} days.",
    "device_support": "Eligible computers with the last day of their support, the longest "
    "unsupported first.",
    "unmatched_systems": "What eligible computers report that fits no release of the table of "
    "support dates.",
    "windows_11_readiness": "Eligible workstations with an older Windows: whether they could run "
    "Windows 11. Nothing is said of a processor that is merely not known to be too old.",
}


def with_support(
    devices: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    dates: pd.DataFrame,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """The eligible computers with their system, the last day of its support, and its state.

    Beside the columns of `lifecycle.matched` there are days_left (negative: since when it is over),
    state (a word of `STATES`), reported (what the device says) and reports (whether it says so).
    """
    systems = read(frames, "operating_systems", _READ).dropna(subset=["device_id"])
    systems = systems.drop_duplicates("device_id")
    computers = devices[devices["active"] & devices["class_group"].isin(COMPUTERS)]
    found = computers.merge(
        systems.rename(columns={"name": "reported"}), how="left", on="device_id"
    )
    asked = found[["reported", "build_number", "release_id", "node_class"]]
    told = matched(asked.rename(columns={"reported": "name"}), dates)
    found = pd.concat([found, told], axis="columns")
    today = now.floor("D")
    left = (found["eol_on"] - today).dt.days.astype("Int64")
    more = (found["extended_until"] >= today).fillna(False)
    ended = (left < 0).fillna(False).astype(bool)
    state = pd.Series("supported", index=found.index, dtype="str")
    state = state.mask((left <= SOON).fillna(False).astype(bool), "ends_soon")
    state = state.mask(ended, "ended").mask(ended & more, "extended_only")
    found["state"] = state.mask(found["basis"] == "unmatched", "unknown")
    found["days_left"] = left
    found["edition"] = found["edition_group"].map(_EDITIONS).fillna("")
    return found


def tables(
    devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame], fields: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    """The tables of the report, from what `with_support` gives."""
    return {
        "support_by_release": by_release(devices),
        "support_by_organization": by_organization(devices),
        "device_support": of_devices(devices),
        "unmatched_systems": unmatched(devices),
        "windows_11_readiness": windows_11(devices, frames, fields),
    }


def by_release(devices: pd.DataFrame) -> pd.DataFrame:
    """The known releases with their devices and dates, what ends first on top."""
    known = devices[devices["state"] != "unknown"]
    keys = ["system", "edition", "eol_on", "days_left", "extended_until", "eol_kind"]
    counted = known.groupby(keys, dropna=False, as_index=False, observed=True).agg(
        devices=("device_id", "size"),
        organizations=("organization_id", "nunique"),
        state=("state", "first"),
    )
    shown = ["system", "edition", "devices", "organizations", "state", "eol_on", "days_left"]
    shown += ["extended_until", "eol_kind"]
    return counted.sort_values(
        ["eol_on", "devices", "system", "edition"], ascending=[True, False, True, True],
        na_position="last", ignore_index=True,
    )[shown]  # fmt: skip


def by_organization(devices: pd.DataFrame) -> pd.DataFrame:
    """The eligible computers of each organization by state, the most unsupported first."""
    keys = ["organization_id", "organization"]
    by_state = devices.groupby([*keys, "state"], dropna=False, observed=True).size()
    counts = by_state.unstack("state", fill_value=0).reindex(columns=list(STATES), fill_value=0)
    table = counts.rename_axis(columns=None).reset_index().astype(dict.fromkeys(STATES, "int64"))
    table["computers"] = table[list(STATES)].sum(axis=1).astype("int64")
    judged = table["supported"] + table["ends_soon"] + table["ended"]
    good = table["supported"] + table["ends_soon"]
    table["supported_share"] = (good / judged.where(judged > 0)).astype("Float64")
    shown = ["organization", "computers", *STATES, "supported_share", "organization_id"]
    return table.sort_values(
        ["ended", "extended_only", "computers", "organization"],
        ascending=[False, False, False, True], ignore_index=True,
    )[shown]  # fmt: skip


def of_devices(devices: pd.DataFrame) -> pd.DataFrame:
    """Every eligible computer with its state, the longest unsupported first."""
    shown = ["organization", "device", "location", "node_class", "system", "edition", "state"]
    shown += ["eol_on", "days_left", "extended_until", "basis", "reported", "organization_id"]
    shown += ["device_id"]
    order = devices["state"].map(_WORST_FIRST)
    sorted_ = devices.assign(order=order).sort_values(
        ["order", "days_left", "organization", "device", "device_id"], ignore_index=True
    )
    return sorted_[shown]


def unmatched(devices: pd.DataFrame) -> pd.DataFrame:
    """What devices report that fits no release, the most frequent first."""
    of = devices[devices["state"] == "unknown"]
    counted = of.groupby("system", as_index=False, observed=True).agg(
        devices=("device_id", "size"), organizations=("organization_id", "nunique")
    )
    return counted.sort_values(["devices", "system"], ascending=[False, True], ignore_index=True)


def windows_11(
    devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame], fields: Mapping[str, str]
) -> pd.DataFrame:
    """The workstations with an older Windows and whether they could run Windows 11."""
    old = (devices["product"] == "windows") & ~devices["release"].str.startswith("11").fillna(False)
    older = devices[old & (devices["class_group"] == "workstations")].reset_index(drop=True)
    found = pd.concat([older, readiness(older, frames, fields)], axis="columns")
    shown = ["organization", "device", "system", "readiness", "why", "memory_gib", "disk_gib"]
    shown += ["processor", "organization_id", "device_id"]
    return found.sort_values(
        ["readiness", "organization", "device", "device_id"], ignore_index=True,
        key=lambda one: one.map({"fails": 0, "ready": 1, "cannot_tell": 2})
        if one.name == "readiness" else one,
    )[shown]  # fmt: skip
