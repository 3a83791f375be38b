"""The report patch_compliance: which devices are fully patched, and where they are not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.periods import Period, period_of
from ninja_analytics.reports.about import About, since_period
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.kpis import Kpi, share_text
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.observed import Observed, noted, observed
from ninja_analytics.reports.patching import compliance_charts as patch_compliance_charts
from ninja_analytics.reports.patching import compliance_tables as patch_compliance_tables
from ninja_analytics.reports.patching import patches
from ninja_analytics.reports.patching.patches import EVIDENCE_DAYS, EXCEPTED, LEFT_OUT, OPEN, Rules
from ninja_analytics.reports.patching.states import (
    SCANNED,
    SOFTWARE_SCANNED,
    judged,
    month_update,
    with_families,
)
from ninja_analytics.reports.population import COMPUTERS, Names, utc
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

ROLL_OUT_DAYS = 14
"""Days after a Patch Tuesday in which the month's update is still on its way; a convention."""


def _reach(now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp:
    """Since when installs and scans are needed: for the evidence, the period and the month's cycle."""
    now = utc(now)
    evidence = now - pd.Timedelta(EVIDENCE_DAYS, "D")
    return min(evidence, since_period(now, parameters), patches.cycle_of(now)[1])


ABOUT = About(
    name="patch_compliance",
    title="Patch compliance",
    question="Which devices are fully patched, and where are they not?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "operating_systems": "the families of operating systems are not reported",
            "os_patches": "open patches are unknown, and so is every state",
            "os_patch_installs": "installations are not known, so more devices are unknown and the "
            "month's update cannot be told",
            "software_patches": "open software patches are unknown",
            "software_patch_installs": "of devices without an open software patch more are unknown",
            "activities": "scans are not known, so more devices are unknown",
        }
    ),
    events=("os_patch_installs", "software_patch_installs", "activities"),
    reach=_reach,
    narrowed=MappingProxyType(
        {"activities": tuple({"status": code} for code in (SCANNED, SOFTWARE_SCANNED))}
    ),
)


def patch_compliance(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    period: str | Period = "30d",
    tz: str = "UTC",
    min_severity: str | None = None,
    excluded_types: Names = LEFT_OUT,
    open_statuses: Names = OPEN,
    excepted_statuses: Names = EXCEPTED,
) -> Report:
    """Compliance of servers and workstations: a device passes when no patch that counts is open on it.

    Patches milder than *min_severity* ("critical" to "optional") and those of *excluded_types* do not
    count; one of unknown severity does. *open_statuses* and *excepted_statuses* are NinjaOne's words
    for what is open and for what somebody decided against. *period*, in days of *tz*, is that of the
    installations. The other parameters are those of fleet_overview. Raises UnknownNameError for a
    name that nobody has, UsageError for a period or a status that cannot be.
    """
    rules = patches.rules_of(
        excluded_types=excluded_types,
        min_severity=min_severity,
        open_statuses=open_statuses,
        excepted_statuses=excepted_statuses,
    )
    window = period_of(period, now=utc(now), tz=tz)
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        period=f"{window.label} ({window.tz})",
        min_severity=min_severity or "none",
        excluded_types=list(rules.excluded_types) or "none",
        open_statuses=list(rules.open_statuses),
        excepted_statuses=list(rules.excepted_statuses) or "none",
    )
    computers = _computers(ask, rules)
    seen = observed(patches.install_times(frames), window, now=ask.now, log="os_patch_installs")
    tables = patch_compliance_tables.tables(computers, ask, rules)
    told = ("os_patches", "os_patch_installs", "software_patches", "software_patch_installs")
    return made(
        ask,
        kpis=_kpis(ask, computers, rules, window, seen),
        tables=tables,
        captions=patch_compliance_tables.CAPTIONS,
        charts=patch_compliance_charts.charts(tables),
        to_do=_to_do(ask, tables["devices"], tables["compliance_by_organization"]),
        notes=(*_notes(tables["compliance_by_organization"]), *seen.notes),
        expected={"operating_systems": computers},
        unmatched=patches.unheard_of(frames, told, rules),
    )


def _computers(ask: Asked, rules: Rules) -> pd.DataFrame:
    """The eligible computers with their states: of OS patches, of software, of the month's update."""
    eligible = ask.eligible[
        ask.eligible["class_group"].isin(COMPUTERS) & ask.eligible["device_id"].notna()
    ]
    computers = with_families(eligible.reset_index(drop=True), ask.frames)
    found = judged(computers, ask.frames, "os_patches", now=ask.now, rules=rules)
    software = judged(computers, ask.frames, "software_patches", now=ask.now, rules=rules)
    month, _ = patches.cycle_of(ask.now)
    return found.assign(
        software_state=software["state"],
        open_software_patches=software["open_patches"],
        software_why=software["why"],
        month_update=month_update(computers, ask.frames, month=month, rules=rules),
    )


def _kpis(
    ask: Asked, computers: pd.DataFrame, rules: Rules, window: Period, seen: Observed
) -> tuple[Kpi, ...]:
    """The headline numbers."""
    return (
        ask.kpi("patch_compliance", **_states(computers["state"])),
        _month_kpi(ask, computers),
        ask.kpi("software_patch_compliance", **_states(computers["software_state"])),
        _success(ask, computers, rules, window, seen),
    )


def _states(states: pd.Series) -> dict[str, int]:
    """A share of devices out of their states."""
    passed, failed = int((states == "pass").sum()), int((states == "fail").sum())
    return {
        "numerator": passed,
        "denominator": passed + failed,
        "unknown": int((states == "unknown").sum()),
        "exceptions": int((states == "exception").sum()),
    }


def _month_kpi(ask: Asked, computers: pd.DataFrame) -> Kpi:
    month, began = patches.cycle_of(ask.now)
    day = (ask.now.normalize() - began.normalize()).days
    note = f"{month}, day {day} after Patch Tuesday"
    if day < ROLL_OUT_DAYS:
        note += f": the first {ROLL_OUT_DAYS} days are for the roll-out"
    return ask.kpi("month_update_installed", **_states(computers["month_update"]), note=note)


def _success(
    ask: Asked, computers: pd.DataFrame, rules: Rules, window: Period, seen: Observed
) -> Kpi:
    """How many attempts of the period went well; those without a time are unknown."""
    tried = patches.attempts(ask.frames, "os_patch_installs", computers["device_id"], rules)
    within = tried[window.contains(tried["at"])]
    undated = int(tried["at"].isna().sum())
    share = share_text(undated / len(tried)) if undated else ""
    return ask.kpi(
        "patch_install_success",
        numerator=int((within["status"] == "INSTALLED").sum()),
        denominator=len(within),
        unknown=undated,
        note=noted(
            window.label, f"{share} of the attempts have no time" if share else "", seen.note
        ),
    )


def _to_do(ask: Asked, devices: pd.DataFrame, table: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """Grave and failed patches now, the others soon; then what nobody knows or somebody decided."""
    failing = devices[devices["state"] == "fail"]
    gravest = failing["worst_severity"].eq("critical") | (failing["failed_patches"] > 0)
    now, soon = failing[gravest], failing[~gravest]
    # Without the table every device is unknown, and none of them is to blame.
    unknown = devices[(devices["state"] == "unknown") & ask.has("os_patches")]
    excepted = devices[devices["state"] == "exception"]
    low = table[table["beyond_chance"].str.startswith("below")]
    chance = "fewer devices pass than chance allows for its size: " + low["beyond_chance"]
    return (
        to_do("fix now", "Install the open patches", now, why=now["why"]),
        to_do("plan", "Look at how the organization is patched", low, why=chance),
        to_do("plan", "Install the open patches", soon, why=soon["why"]),
        to_do("watch", "Find out whether the device is patched", unknown, why=unknown["why"]),
        to_do("watch", "Confirm the exception", excepted, why=excepted["why"]),
    )


def _notes(table: pd.DataFrame) -> list[str]:
    """What a reader should know about the order and about chance."""
    beyond = int((table["beyond_chance"] != "").sum())
    told = ["Only servers and workstations are counted: no other class has OS patches."]
    if len(table) > 1:
        told.append(
            "Organizations are in the order of their shrunken share, which draws small ones towards "
            f"the share of all. Beyond ordinary chance for their size: {beyond:,} of {len(table):,}."
        )
    return told
