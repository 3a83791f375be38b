"""The report hardware_refresh: what is out of warranty, old or too weak, and what to replace when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.hardware import charts as hardware_charts
from ninja_analytics.reports.hardware import tables as hardware_tables
from ninja_analytics.reports.hardware.tables import CAPTIONS, SOON, VIRTUAL, with_hardware
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

ABOUT = About(
    name="hardware_refresh",
    title="Hardware refresh",
    question="What is out of warranty, old or too weak, and what to replace when?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "devices_detailed": "warranties are unknown, and ages are by enrollment",
            "computer_systems": "models and memory are unknown, and virtual machines are not told "
            "from others",
        }
    ),
    # Not in NinjaOne's specification: an instance may ignore it, and then no warranty is known.
    parameters=MappingProxyType({"devices_detailed": {"expand": "warranty"}}),
)
PLANNED = 180
"""Days ahead for which a replacement is to be planned now; a convention."""


def hardware_refresh(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    refresh_years: Sequence[float] = (4, 5),
    min_ram: float = 8,
) -> Report:
    """The fleet's computers by warranty, age and memory, and which to replace in which quarter.

    *refresh_years* are the ages at which workstations and servers are to be replaced, *min_ram* is
    the least memory of a workstation in GiB. The other parameters are those of fleet_overview.
    Raises UnknownNameError for a name that nobody has, UsageError for numbers that make no sense.
    """
    years, memory = _years(refresh_years), _memory(min_ram)
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        refresh_years=list(years),
        min_ram=memory,
    )
    devices = with_hardware(
        ask.people.devices, frames, now=ask.now, refresh_years=years, min_ram=memory
    )
    tables = hardware_tables.tables(devices, ask.now)
    computers = ask.eligible[ask.eligible["class_group"].isin(COMPUTERS)]
    return made(
        ask,
        kpis=_kpis(ask, devices),
        tables=tables,
        captions=CAPTIONS,
        charts=hardware_charts.charts(devices, tables),
        to_do=_to_do(devices, ask.now, memory),
        notes=_notes(ask, devices, years, memory),
        expected={"devices_detailed": computers, "computer_systems": computers},
    )


def _years(asked_for: Sequence[float]) -> tuple[float, float]:
    """The ages of refresh of workstations and servers."""
    told = list(asked_for) if isinstance(asked_for, Sequence) else []
    right = len(told) == 2 and all(_is_number(one) and 0 < one <= 50 for one in told)
    if not right:
        raise UsageError(
            f"refresh_years is {asked_for!r}, but must be two numbers of years, of workstations and "
            "of servers, e.g. [4, 5]."
        )
    return float(told[0]), float(told[1])


def _memory(asked_for: float) -> float:
    if not (_is_number(asked_for) and asked_for >= 0):
        raise UsageError(f"min_ram is {asked_for!r}, but must be a number of GiB, e.g. 8.")
    return float(asked_for)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kpis(ask: Asked, devices: pd.DataFrame) -> tuple[Kpi, ...]:
    """The headline numbers."""
    physical = devices[~devices["virtual"]]
    state = devices["warranty"].value_counts()
    valid, soon, expired = (int(state.get(one, 0)) for one in ("valid", "expiring", "expired"))
    virtual, unknown = int(state.get(VIRTUAL, 0)), int(state.get("unknown", 0))
    told = (physical["age_by"] == "warranty") | physical["overdue"]
    at_least = physical["overdue"] & (physical["age_by"] == "enrollment")
    workstations = physical[physical["class_group"] == "workstations"]
    memory = int(workstations["memory_gib"].notna().sum())
    return (
        ask.kpi(
            "warranty_covered",
            numerator=valid + soon,
            denominator=valid + soon + expired,
            unknown=unknown,
            exceptions=virtual,
            note="the exceptions are virtual" if virtual else "",
        ),
        ask.kpi(
            "warranty_expiring",
            numerator=soon,
            denominator=valid + soon,
            unknown=unknown,
            exceptions=virtual,
        ),
        ask.kpi(
            "hardware_past_refresh",
            numerator=int(physical["overdue"].sum()),
            denominator=int(told.sum()),
            unknown=len(physical) - int(told.sum()),
            exceptions=virtual,
            note=f"{int(at_least.sum()):,} by the day of enrollment" if at_least.any() else "",
        ),
        ask.kpi(
            "memory_weak",
            numerator=int(workstations["weak"].sum()),
            denominator=memory,
            unknown=len(workstations) - memory,
        ),
    )


def _to_do(devices: pd.DataFrame, now: pd.Timestamp, min_ram: float) -> tuple[pd.DataFrame, ...]:
    """What to replace now, what to plan, and which warranties to watch; each device once."""
    expired, over = devices["warranty"] == "expired", devices["overdue"]
    at_least = pd.Series("", index=devices.index).mask(
        devices["age_by"] == "enrollment", "at least "
    )
    age = at_least + devices["age_years"].map("{:.1f}".format).astype("str") + " years old"
    ends = "warranty ended " + devices["warranty_end_at"].dt.strftime("%Y-%m-%d")
    will = "warranty ends " + devices["warranty_end_at"].dt.strftime("%Y-%m-%d")
    due = "due for refresh " + devices["due_at"].dt.strftime("%Y-%m-%d")
    near = (devices["due_at"] <= now + pd.Timedelta(days=PLANNED)).fillna(False).astype(bool)
    memory = devices["memory_gib"].astype("str") + f" GiB of memory, less than {min_ram:g}"
    now_, soon = over & expired, near & ~(over & expired)
    weak = devices["weak"] & ~now_ & ~soon
    watched = (devices["warranty"] == "expiring") & ~now_ & ~soon & ~weak
    return (
        to_do("fix now", "Replace the computer", devices[now_], why=(age + ", " + ends)[now_]),
        to_do("plan", "Plan the replacement", devices[soon], why=(age + ", " + due)[soon]),
        to_do("plan", "Add memory or replace the computer", devices[weak], why=memory[weak]),
        to_do("watch", "Extend the warranty or plan without", devices[watched], why=will[watched]),
    )


def _notes(
    ask: Asked, devices: pd.DataFrame, years: tuple[float, float], min_ram: float
) -> tuple[str, ...]:
    """What a reader should know about ages and warranties."""
    physical = devices[~devices["virtual"]]
    told = [
        (
            f"Refresh: workstations at {years[0]:g} years, servers at {years[1]:g}, counted from the "
            "beginning of the warranty, else from enrollment, which is the latest that it can be. "
            f"Expiring: in {SOON} days. Weak: a workstation with less than {min_ram:g} GiB of memory."
        ),
        "No price is known, so units are counted.",
    ]
    if len(physical) and physical["warranty_end_at"].isna().all() and ask.has("devices_detailed"):
        told.append(
            "NinjaOne sent no warranty of any device: it is not kept there, or this instance does not "
            "know expand=warranty, which is not documented, or the snapshot was recorded without it."
        )
    return tuple(told)
