"""The report os_lifecycle: what falls out of support when, and what runs unsupported today."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.lifecycle import age_days, stale_warning
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings
from ninja_analytics.reports.support import charts as os_lifecycle_charts
from ninja_analytics.reports.support import tables as os_lifecycle_tables
from ninja_analytics.reports.support.tables import CAPTIONS, HORIZONS, SOON, with_support

ABOUT = About(
    name="os_lifecycle",
    title="Operating system lifecycle",
    question="What falls out of support when, and what runs unsupported today?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "operating_systems": "operating systems are unknown, so nothing below can be told",
            "computer_systems": "memory is unknown, so no device can be called ready for Windows 11",
            "volumes": "drives are unknown, so no device can be called ready for Windows 11",
            "processors": "processors are unknown, so no device can be called ready for Windows 11",
            "custom_fields": "TPM and Secure Boot are unknown, so no device can be called ready for "
            "Windows 11",
            "custom_field_definitions": "choices in custom fields cannot be read",
        }
    ),
)


def os_lifecycle(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
) -> Report:
    """The support of the fleet's operating systems: what is over, what ends next, who can move on.

    The dates are those of the table of support dates in *settings*. Which custom fields tell of TPM
    and Secure Boot is said there too. The other parameters are those of fleet_overview. Raises
    UnknownNameError for a name that nobody has.
    """
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
    )
    dates = settings.support_dates()
    devices = with_support(ask.people.devices, frames, dates, ask.now)
    tables = os_lifecycle_tables.tables(devices, frames, settings.custom_fields)
    unmatched = tables["unmatched_systems"]["system"]
    computers = ask.eligible[ask.eligible["class_group"].isin(COMPUTERS)]
    return made(
        ask,
        kpis=_kpis(ask, devices, tables["windows_11_readiness"], dates),
        tables=tables,
        captions=CAPTIONS,
        charts=os_lifecycle_charts.charts(devices, tables, ask.now),
        to_do=_to_do(tables["device_support"]),
        notes=_notes(ask, devices, dates),
        expected=dict.fromkeys(
            ("operating_systems", "computer_systems", "volumes", "processors"), computers
        ),
        unmatched={"operating_systems": unmatched[unmatched != "not reported"]},
    )


def _kpis(
    ask: Asked, devices: pd.DataFrame, older: pd.DataFrame, dates: pd.DataFrame
) -> tuple[Kpi, ...]:
    """The headline numbers."""
    state, left = devices["state"], devices["days_left"]
    supported = state.isin(("supported", "ends_soon"))
    dated = supported & left.notna()
    count = state.value_counts()
    bought = int(count.get("extended_only", 0))
    verdict = older["readiness"].value_counts()
    ready, fails = int(verdict.get("ready", 0)), int(verdict.get("fails", 0))
    newest = (devices["product"] == "windows") & devices["release"].str.startswith("11")
    return (
        ask.kpi(
            "os_supported",
            numerator=int(supported.sum()),
            denominator=int(supported.sum()) + int(count.get("ended", 0)),
            unknown=int(count.get("unknown", 0)),
            exceptions=bought,
            note="the exceptions have extended support at most" if bought else "",
        ),
        *(
            ask.kpi(
                f"os_ending_{days}",
                numerator=int((dated & (left <= days)).sum()),
                denominator=int(dated.sum()),
                unknown=int((supported & left.isna()).sum()) + int(count.get("unknown", 0)),
            )
            for days in HORIZONS
        ),
        ask.kpi(
            "windows_11_ready",
            numerator=ready,
            denominator=ready + fails,
            unknown=int(verdict.get("cannot_tell", 0)),
            note=f"{int(newest.fillna(False).sum()):,} run Windows 11 already",
        ),
        ask.kpi("support_dates_age", numerator=len(dates), amount=float(age_days(dates, ask.now))),
    )


def _to_do(devices: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """What is unsupported now, what will be in half a year, and what in a year."""
    left = devices["days_left"]
    day = devices["eol_on"].dt.strftime("%Y-%m-%d")
    why = devices["system"] + ": support "
    over, ends = why + "ended " + day, why + "ends " + day
    bought = over + ", extended until " + devices["extended_until"].dt.strftime("%Y-%m-%d")
    watched = (devices["state"] == "supported") & (left <= HORIZONS[-1]).fillna(False).astype(bool)
    ended, may_be_bought = devices["state"] == "ended", devices["state"] == "extended_only"
    soon = devices["state"] == "ends_soon"
    return (
        to_do("fix now", "Upgrade or replace the system", devices[ended], why=over[ended]),
        to_do(
            "fix now",
            "Upgrade, or see that it has the extended support",
            devices[may_be_bought],
            why=bought[may_be_bought],
        ),
        to_do("plan", "Plan the upgrade", devices[soon], why=ends[soon]),
        to_do("watch", "Upgrade within a year", devices[watched], why=ends[watched]),
    )


def _notes(ask: Asked, devices: pd.DataFrame, dates: pd.DataFrame) -> tuple[str, ...]:
    """What a reader should know about the dates and the matches."""
    told = [
        (
            f"A device is supported up to the last day of its release; ends soon: in {SOON} days. "
            "The day of the last update is not known, so nothing is said of it."
        )
    ]
    if warning := stale_warning(dates, ask.now):
        told.append(warning)
    doubtful = int(devices["basis"].str.startswith("edition unknown").sum())
    if doubtful:
        told.append(
            f"Devices whose edition of Windows is not told, judged by the earlier date: {doubtful:,}."
        )
    inferred = int(((devices["eol_kind"] == "inferred") & devices["eol_on"].notna()).sum())
    if inferred:
        told.append(f"Devices whose vendor gives no dates, judged by inferred ones: {inferred:,}.")
    missing = [name for name in ("tpm", "secure_boot") if name not in ask.settings.custom_fields]
    if missing:
        told.append(
            "NinjaOne does not tell of TPM and Secure Boot: name your custom fields under "
            f"[custom_fields] in ninja-analytics.toml ({', '.join(missing)})."
        )
    return tuple(told)
