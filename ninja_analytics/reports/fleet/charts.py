"""The charts of fleet_overview, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import plural, rows
from ninja_analytics.reports.fleet.tables import HEALTH_STATES, NOT_REPORTED
from ninja_analytics.reports.hygiene.charts import silence
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.population import CLASS_GROUPS
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 15


def charts(devices: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "devices_by_organization": by_organization(tables["devices_by_organization"]),
        "health_by_organization": health(tables["health_by_organization"]),
        "last_contact": silence(devices[devices["managed"]]),
        "operating_systems": operating_systems(tables["operating_systems"]),
    }


def by_organization(table: pd.DataFrame) -> Chart:
    """Devices of the largest organizations, by class group."""
    table = table[table["devices"] > 0]
    shown, rest = table.head(LIMIT), table.iloc[LIMIT:]
    groups = [group for group in CLASS_GROUPS if group in table and table[group].sum()]
    data = shown[groups].set_axis(kinds.shorts(list(shown["organization"])), axis=0)
    more = _others(len(rest), "organization", int(rest["devices"].sum()))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.stacked_bars(
            data, marks=kinds.CLASS_GROUP, xlabel="Managed devices", footnote=more,
            nothing="No managed devices", ax=ax,
        )  # fmt: skip

    alt = "No managed devices."
    if len(table):
        first, total = shown.iloc[0], int(table["devices"].sum())
        kinds_of = ", ".join(f"{int(table[group].sum()):,} {group}" for group in groups)
        alt = (
            f"Horizontal bars of managed devices per organization. {plural(total, 'device')} in "
            f"{plural(len(table), 'organization')}: {kinds_of}. The largest is "
            f"{kinds.short(first['organization'], 60)} with {first['devices']:,}. {more}"
        ).strip()
    return Chart("Devices by organization", alt, draw)


def health(table: pd.DataFrame) -> Chart:
    """Health of all eligible devices and of those of the largest organizations."""
    states = list(HEALTH_STATES)
    total, data = table[states].sum(), rows(table, states)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.share_bars(
            data, marks=kinds.HEALTH, xlabel="Share of eligible devices",
            nothing="No eligible devices", ax=ax,
        )  # fmt: skip

    count = int(total.sum())
    alt = "No eligible devices."
    if count:
        parts = ", ".join(
            f"{share_text(total[state] / count)} {state.replace('_', ' ')}" for state in states
        )
        alt = f"Stacked bars of health per organization. Of {plural(count, 'eligible device')}: {parts}."
        worst = table[(table["eligible"] >= 5) & table["healthy_share"].notna()]
        if len(worst) > 1:
            last = worst.sort_values("healthy_share", kind="stable").iloc[0]
            alt += (
                f" Lowest of those with 5 or more: {kinds.short(last['organization'], 60)}, "
                f"{share_text(float(last['healthy_share']))} healthy where known."
            )
    return Chart("Health by organization", alt, draw)


def operating_systems(table: pd.DataFrame) -> Chart:
    """The most frequent operating systems with their releases."""
    # The release tells Windows clients apart; elsewhere it is a patch level or says nothing new.
    client = table["operating_system"].str.fullmatch(r"Windows [\d.]+")
    names = table["operating_system"] + " " + table["release"].where(client, "")
    counts = table["devices"].groupby(names.str.strip()).sum()
    counts = counts.sort_values(ascending=False, kind="stable")
    unknown = counts[counts.index == NOT_REPORTED]
    told = counts[counts.index != NOT_REPORTED]
    shown, rest = told.head(LIMIT - 3), told.iloc[LIMIT - 3 :]
    data = pd.concat([shown, unknown])
    data.index = kinds.shorts(list(data.index))
    more = _others(len(rest), "system", int(rest.sum()))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.bars(
            data, xlabel="Managed devices", unknown=(NOT_REPORTED,), footnote=more,
            nothing="No operating systems reported", ax=ax,
        )  # fmt: skip

    alt = "No operating systems reported."
    if len(told):
        first = ", ".join(f"{name} {count:,}" for name, count in shown.head(3).items())
        alt = (
            f"Bars of managed devices per operating system and release. {len(told):,} different; "
            f"the most frequent: {first}. Not reported: {int(unknown.sum()):,}. {more}"
        ).strip()
    return Chart("Operating systems", alt, draw)


def _others(count: int, what: str, devices: int) -> str:
    """What is told instead of drawn, since one bar for many would dwarf the others."""
    if not count:
        return ""
    return f"+ {plural(count, 'other ' + what)} with {plural(devices, 'device')}, not drawn"
