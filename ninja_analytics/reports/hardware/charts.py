"""The charts of hardware_refresh, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import plural, rows
from ninja_analytics.reports.hardware.tables import SOON, WARRANTY, ages
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.population import COMPUTERS
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTHING = "No physical eligible computers"


def charts(devices: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "refresh_by_quarter": refresh(tables["refresh_by_quarter"], tables["refresh_plan"]),
        "warranty_by_quarter": warranty(tables["warranty_by_quarter"]),
        "age": age(devices[~devices["virtual"]]),
        "warranty_by_organization": by_organization(tables["warranty_by_organization"]),
    }


def refresh(table: pd.DataFrame, plan: pd.DataFrame) -> Chart:
    """How many computers reach the age of refresh in which quarter."""
    guessed = int((plan["age_by"] == "enrollment").sum())
    more = (
        f"{plural(guessed, 'of them has', 'of them have')} no warranty that tells the age: due by the "
        "day of enrollment at the latest."
        if guessed
        else ""
    )
    alt = f"{_NOTHING}."
    if total := int(table["units"].sum()):
        units = table.set_index("quarter")["units"]
        coming = [name for name in units.index if " Q" in name]
        alt = (
            "Columns of computers by the quarter in which they reach the age of refresh. Of "
            f"{total:,}: {units['overdue']:,} are past it, {int(units[coming[:4]].sum()):,} reach it in "
            f"this and the next three quarters, {int(units[coming[4:]].sum()):,} in the four after "
            f"that. {more}"
        ).strip()
    return _columns("Due for refresh by quarter", alt, table.set_index("quarter"), "", more)


def warranty(table: pd.DataFrame) -> Chart:
    """How many warranties end in which quarter."""
    alt = f"{_NOTHING}."
    if total := int(table["units"].sum()):
        units = table.set_index("quarter")["units"]
        coming = [name for name in units.index if " Q" in name]
        alt = (
            f"Columns of computers by the quarter in which their warranty ends. Of {total:,}: "
            f"{units['expired']:,} expired, {int(units[coming[:4]].sum()):,} in this and the next "
            f"three quarters, {units['unknown']:,} unknown."
        )
    return _columns("Warranty ends by quarter", alt, table.set_index("quarter"), "", "")


def age(physical: pd.DataFrame) -> Chart:
    """How old the computers are, by class group."""
    data = ages(physical)
    known = physical.loc[physical["age_by"] == "warranty", "age_years"]
    alt = f"{_NOTHING}."
    if len(physical):
        middle = f"The median is {known.median():.1f} years. " if len(known) else ""
        alt = (
            f"Columns of computers by years since their warranty began. {len(known):,} of "
            f"{len(physical):,} are known. {middle}"
        ).strip()
    return _columns("Age by class", alt, data, "Years since the warranty began", "")


def _columns(title: str, alt: str, table: pd.DataFrame, xlabel: str, footnote: str) -> Chart:
    """A chart of columns of computers by class group."""
    there = [group for group in COMPUTERS if table[group].sum()]
    data = table[there or list(COMPUTERS)]

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.columns(
            data, marks=kinds.CLASS_GROUP, xlabel=xlabel, ylabel="Computers", footnote=footnote,
            nothing=_NOTHING, ax=ax,
        )  # fmt: skip

    return Chart(title, alt, draw)


def by_organization(table: pd.DataFrame) -> Chart:
    """The warranty of all physical computers and of the organizations with the most expired."""
    states = list(WARRANTY)
    table = table[table[states].sum(axis=1) > 0]
    total, data = table[states].sum(), rows(table, states)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.share_bars(
            data, marks=kinds.WARRANTY, xlabel="Share of physical eligible computers",
            nothing=_NOTHING, ax=ax,
        )  # fmt: skip

    count, alt = int(total.sum()), f"{_NOTHING}."
    if count:
        parts = ", ".join(f"{share_text(total[state] / count)} {state}" for state in states)
        alt = (
            f"Stacked bars of warranty per organization; expiring is in {SOON} days. Of "
            f"{plural(count, 'computer')}: {parts}. {kinds.short(table['organization'].iloc[0], 60)} has "
            f"the most expired: {table['expired'].iloc[0]:,}."
        )
    return Chart("Warranty by organization", alt, draw)
