"""The report fleet_drift: what changed between two snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import Bucket, actions, to_do
from ninja_analytics.reports.drift import charts as drift_charts
from ninja_analytics.reports.drift import quality as drift_quality
from ninja_analytics.reports.drift import tables as drift_tables
from ninja_analytics.reports.drift.controls import CONTROLS, with_controls
from ninja_analytics.reports.drift.devices import Frames, Sides, sides
from ninja_analytics.reports.drift.kinds import KINDS, found
from ninja_analytics.reports.drift.software import software
from ninja_analytics.reports.kpis import Definition, Kpi
from ninja_analytics.reports.population import Names, several, utc
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.serials import serials
from ninja_analytics.reports.settings import PACKAGED, Settings

ABOUT = About(
    name="fleet_drift",
    title="Fleet drift",
    question="What changed between two snapshots?",
    degrades=drift_quality.DEGRADES,
    parameters=MappingProxyType({"volumes": MappingProxyType({"include": "bl"})}),
)


def fleet_drift(
    frames: Frames,
    *,
    opening: Frames,
    now: pd.Timestamp | datetime | str,
    opening_at: pd.Timestamp | datetime | str | None = None,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    software_devices: int = 3,
) -> Report:
    """What changed from the *opening* to *frames*: devices, their systems and controls, programs.

    *opening_at* is the time of the opening (by default the latest time at which its tables were
    pulled, if they know it). A device counts if it was asked for in one of the two: *organizations*
    and *exclude_organizations* are ids or names, *node_classes* NinjaOne's words or a group such as
    "servers". A program is new or gone if it is on *software_devices* devices or was. Raises
    UnknownNameError for a name that nobody has.
    """
    now = utc(now)
    if not isinstance(software_devices, int) or software_devices < 1:
        raise UsageError(
            f"software_devices is {software_devices!r}, but must be a whole number from 1, e.g. 3."
        )
    both = sides(
        opening,
        frames,
        now=now,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
    )
    two = with_controls(both)
    since = drift_quality.time_of(opening, opening_at)
    told = {name: rows if _told(two, name) else rows.iloc[:0] for name, rows in found(two).items()}
    programs = software(two, software_devices)
    kept = drift_tables.observed(two, told)
    ledger = drift_tables.ledger(two)
    by_organization = drift_tables.by_organization(told)
    shown = {name: table.drop(columns="organization_id") for name, table in told.items()}
    return Report(
        name=ABOUT.name,
        title=ABOUT.title,
        question=ABOUT.question,
        created_at=now,
        kpis=_kpis(two, ledger, kept, settings.definitions),
        tables={
            "changes_by_organization": by_organization,
            "ledger": ledger.frame if two.known else ledger.frame.iloc[:0],
            **shown,
            **programs,
            "not_observed": drift_tables.not_observed(kept),
        },
        charts=drift_charts.charts(told, programs, by_organization, since, now),
        sources=drift_quality.all_sources(opening, frames, two),
        quality=drift_quality.quality(opening, frames, two, now),
        parameters={
            "organizations": several(organizations) or "all",
            "exclude_organizations": several(exclude_organizations) or "none",
            "node_classes": several(node_classes) or "all",
            "software_devices": software_devices,
            "opening_at": since if since is not None else "not known",
            "now": now,
        },
        version=version("ninja-analytics"),
        captions=drift_tables.captions(software_devices),
        notes=drift_quality.notes(two, ledger, kept, since, now),
        actions=_actions(told),
        dimensions=_dimensions(two),
    )


def _actions(told: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Controls that were lost come first, what is not where it was after that."""
    changed = {name: rows["before"] + " → " + rows["after"] for name, rows in told.items()
               if name in _TO_DO and "before" in rows}  # fmt: skip
    return actions(
        *(
            to_do(bucket, action, told[name], why=changed.get(name, why))
            for name, (bucket, action, why) in _TO_DO.items()
        )
    )


_TO_DO: Mapping[str, tuple[Bucket, str, str]] = MappingProxyType(
    {
        "antivirus_lost": ("fix now", "Bring the antivirus back", ""),
        "encryption_suspended": ("fix now", "Resume the encryption", ""),
        "memory_changed": ("watch", "Ask why the memory changed", ""),
        "removed": ("watch", "Make sure that it was meant to go", "no longer in NinjaOne"),
    }
)


def _dimensions(two: Sides) -> dict[str, pd.DataFrame]:
    """The devices of either snapshot and their organizations, a row each."""
    devices = two.devices.dropna(subset=["device_id"]).drop_duplicates("device_id")
    keys = ["organization_id", "organization"]
    return {
        "organization": devices[keys].dropna(subset=["organization_id"])
        .drop_duplicates("organization_id").reset_index(drop=True),
        "device": devices[["device_id", "device", *keys[:1], "location", "fate"]]
        .reset_index(drop=True),
    }  # fmt: skip


def _told(two: Sides, kind: str) -> bool:
    """Whether both snapshots have what a kind of change is told by."""
    needs = [
        name for name in KINDS[kind].needs if not (two.detailed and name in drift_quality.INSTEAD)
    ]
    return two.known and all(map(two.has, needs))


def _kpis(
    two: Sides,
    ledger: drift_tables.Ledger,
    kept: pd.DataFrame,
    definitions: Mapping[str, Definition],
) -> tuple[Kpi, ...]:
    """The headline numbers; one that a table is missing for has no numerator."""
    state = kept["state"].value_counts()
    changed, same = int(state.get("changed", 0)), int(state.get("unchanged", 0))
    silent, timeless = int(state.get("not_observed", 0)), int(state.get("unknown", 0))
    lost, unknown, without = (
        np.column_stack([two.guarded[control] == word for control in CONTROLS])
        for word in ("lost", "unknown", "none")
    )
    lost_any, had = lost.any(axis=1), ~without.all(axis=1)
    not_known = unknown.any(axis=1) & ~lost_any
    entered = f"{ledger.entered:,} more moved among those asked for" if ledger.entered else ""
    left = f"{ledger.left:,} more moved from among those asked for" if ledger.left else ""
    counted: dict[str, dict[str, Any]] = {
        "drift_opening": {"numerator": ledger.opening},
        "drift_added": {
            "numerator": ledger.added, "denominator": ledger.closing, "note": entered,
        },
        "drift_removed": {
            "numerator": ledger.removed, "denominator": ledger.opening, "note": left,
        },
        "drift_reenrolled": {
            "numerator": ledger.reenrolled,
            "denominator": ledger.closing,
            "unknown": _serial_unknown(two),
        },
        "drift_closing": {
            "numerator": ledger.closing,
            "note": "" if ledger.balances else "does not balance: see the notes",
        },
        "drift_changed": {
            "numerator": changed, "denominator": changed + same, "unknown": silent + timeless,
        },
        "drift_not_observed": {
            "numerator": silent, "denominator": len(kept) - timeless, "unknown": timeless,
        },
        "drift_controls_lost": {
            "numerator": int(lost_any.sum()),
            "denominator": int((had & ~not_known).sum()),
            "unknown": int(not_known.sum()),
        },
    }  # fmt: skip
    lacking = {key for key in counted if not two.known}
    if not two.detailed and not two.has("computer_systems"):
        lacking.add("drift_reenrolled")
    if not (two.has("antivirus_status") and two.has("volumes")):
        lacking.add("drift_controls_lost")
    return tuple(
        Kpi(definitions[key], None) if key in lacking else Kpi(definitions[key], **numbers)
        for key, numbers in counted.items()
    )


def _serial_unknown(two: Sides) -> int:
    """Devices that came or went without a serial number that names them."""
    unknown = 0
    for fate, when in (("added", "after"), ("removed", "before")):
        rows = two.devices[two.devices["fate"] == fate]
        names = {f"{name}_{when}": name for name in ("serial_number", "bios_serial_number")}
        unknown += int(serials(rows[list(names)].rename(columns=names)).isna().sum())
    return unknown
