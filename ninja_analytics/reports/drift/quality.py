"""Can the drift be trusted: the sources of both snapshots, and what is to be said about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.reports.drift.devices import Frames, Sides, listed
from ninja_analytics.reports.drift.tables import Ledger
from ninja_analytics.reports.population import utc
from ninja_analytics.reports.quality import Source, panel, sources

DEGRADES = MappingProxyType(
    {
        "devices_detailed": "devices cannot be compared, so nothing below can",
        "devices": "devices cannot be compared, so nothing below can",
        "operating_systems": "changes of operating systems cannot be told",
        "computer_systems": "re-enrolled devices count as removed and added, and changes of memory "
        "cannot be told",
        "organizations": "organizations are shown by id",
        "locations": "locations are shown by id",
        "policies": "policies are shown by id",
        "volumes": "suspended encryption and changes of disks cannot be told",
        "antivirus_status": "lost antivirus cannot be told",
        "software": "new, gone and upgraded programs cannot be told",
    }
)
# What every snapshot is asked for, and what stands in for the rest of devices_detailed.
_ALWAYS = ("organizations", "locations", "policies", "volumes", "antivirus_status", "software")
INSTEAD = ("operating_systems", "computer_systems")


def all_sources(opening: Frames, closing: Frames, two: Sides) -> tuple[Source, ...]:
    """The sources of the closing, then those of the opening."""
    before = (
        replace(one, table=_opening_name(one.table))
        for one in sources(opening, _tables(opening, two))
    )
    return (*sources(closing, _tables(closing, two)), *before)


def _tables(frames: Frames, two: Sides) -> tuple[str, ...]:
    """The tables of a snapshot that the report stands on."""
    instead = INSTEAD if two.known and not two.detailed else ()
    return (listed(frames, two.detailed), *instead, *_ALWAYS)


def _opening_name(table: str) -> str:
    return f"{table} (opening)"


def quality(opening: Frames, closing: Frames, two: Sides, now: pd.Timestamp) -> pd.DataFrame:
    """The data-quality panel of both snapshots, the closing first."""
    parts = []
    for frames in (closing, opening):
        devices = frames.get(listed(frames, two.detailed))
        part = panel(
            frames,
            sources(frames, _tables(frames, two)),
            now=now,
            device_ids=pd.Series(dtype="Int64") if devices is None else devices["device_id"],
            expected={},
            degrades=DEGRADES,
        )
        parts.append(part.drop(columns=["devices_covered", "devices_expected"]))
    parts[1]["table"] = parts[1]["table"].map(_opening_name).astype("str")
    return pd.concat(parts, ignore_index=True)


def time_of(opening: Frames, asked: pd.Timestamp | datetime | str | None) -> pd.Timestamp | None:
    """The time of the opening: as asked, else the latest time at which its tables were pulled."""
    if asked is not None:
        return utc(asked)
    times = [one.pulled_at for one in sources(opening, tuple(opening)) if one.pulled_at is not None]
    return max(times) if times else None


def notes(
    two: Sides,
    ledger: Ledger,
    kept: pd.DataFrame,
    since: pd.Timestamp | None,
    now: pd.Timestamp,
) -> tuple[str, ...]:
    """What a reader should know about how things were counted."""
    began = f"{since:%Y-%m-%d %H:%M} UTC" if since is not None else "a time that is not known"
    told = [f"From {began} to {now:%Y-%m-%d %H:%M} UTC."]
    if not ledger.balances:
        told.append(
            f"The ledger does not balance: {ledger.opening:,} + {ledger.added:,} added + "
            f"{ledger.entered:,} moved in − {ledger.removed:,} removed − {ledger.left:,} moved out "
            f"is not {ledger.closing:,}."
        )
    if two.known and not two.detailed:
        told.append(
            "devices_detailed is not in both snapshots: devices, operating_systems and "
            "computer_systems were compared instead, so memory is what each system sees."
        )
    if two.doubles:
        told.append(
            f"Repeated device rows, left out for the one with the latest contact: {two.doubles:,}."
        )
    if two.nameless:
        told.append(f"Rows of devices without an id, left out: {two.nameless:,}.")
    timeless = int((kept["state"] == "unknown").sum())
    if timeless:
        told.append(
            f"Devices without a change of which nobody knows whether they were looked at again: "
            f"{timeless:,}."
        )
    for when, frames, became in (
        ("opening", two.opening, "added or new"),
        ("closing", two.closing, "removed or gone"),
    ):
        told += _of_side(when, frames, became, two)
    return tuple(told)


def _of_side(when: str, frames: Frames, became: str, two: Sides) -> list[str]:
    """What is to be said about one snapshot: what did not arrive, what was not asked for."""
    told = [
        f"{one.table} of the {when} is partial: what did not arrive counts as {became}."
        for one in sources(frames, (listed(frames, two.detailed), "software"))
        if one.partial and not one.missing
    ]
    volumes, column = frames.get("volumes"), "bitlocker_protection_status"
    asked = volumes is None or (column in volumes and volumes[column].notna().any())
    if not asked and len(frames["volumes"]):
        told.append(
            f'No volume of the {when} tells of BitLocker: record volumes with include="bl".'
        )
    return told
