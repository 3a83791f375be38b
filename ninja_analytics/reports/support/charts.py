"""The charts of os_lifecycle, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import plural, rows
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.population import COMPUTERS
from ninja_analytics.reports.report import Chart
from ninja_analytics.reports.support.tables import STATES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 15
AHEAD = pd.DateOffset(years=4)
"""How far the projection looks: about as long as a release of Windows is supported."""
_MARKS = {**kinds.SUPPORT, "extended_only": kinds.OUTCOME["exception"]}
_NOTHING = "No eligible computer reports an operating system that is known"


def charts(
    devices: pd.DataFrame, tables: Mapping[str, pd.DataFrame], now: pd.Timestamp
) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "support_ends": ends(tables["support_by_release"], now),
        "unsupported_ahead": ahead(devices, now),
        "support_by_organization": by_organization(tables["support_by_organization"]),
    }


def ends(table: pd.DataFrame, now: pd.Timestamp) -> Chart:
    """When the support of the releases with the most devices ends."""
    counted = table.groupby(["system", "edition"], as_index=False, sort=False).agg(
        at=("eol_on", "first"), count=("devices", "sum")
    )
    most = counted.sort_values("count", ascending=False, kind="stable").head(LIMIT).index
    shown, rest = counted.loc[sorted(most)], counted.drop(index=most)
    edition = shown["edition"].str.replace(", Education", "", regex=False)
    names = shown["system"] + (", " + edition).where(edition != "", "")
    data = shown[["at", "count"]].set_axis(kinds.shorts(list(names)), axis=0)
    more = ""
    if len(rest):
        more = f"+ {plural(len(rest), 'other release')} with {plural(int(rest['count'].sum()), 'device')}"

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.timeline(
            data, now=now, xlabel="Last day of support", footnote=more, nothing=_NOTHING, ax=ax
        )

    alt = f"{_NOTHING}."
    if len(counted):
        over = counted[counted["at"] < now.floor("D")]
        most_of = over.sort_values("count", ascending=False, kind="stable").head(3)
        each = zip(most_of["system"], most_of["edition"], most_of["count"], strict=True)
        named = ", ".join(f"{f'{one} {edition}'.strip()} ({n:,})" for one, edition, n in each)
        alt = (
            f"Lines from today to the last day of support, by release. Over for "
            f"{plural(int(over['count'].sum()), 'device')} of {int(counted['count'].sum()):,}"
            f"{': ' + named if named else ''}. {more}"
        ).strip()
    return Chart("When support ends", alt, draw)


def ahead(devices: pd.DataFrame, now: pd.Timestamp) -> Chart:
    """How many computers will be unsupported, if nothing is done."""
    data = projected(devices, now)
    bought = int((devices["state"] == "extended_only").sum())
    more = (
        f"{plural(bought, 'device')} of today may have extended support; NinjaOne does not tell."
        if bought
        else ""
    )

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.steps(
            data, ylabel="Unsupported computers", marks=kinds.CLASS_GROUP, footnote=more,
            nothing="No computer loses its support in the next four years", ax=ax,
        )  # fmt: skip

    total = data.sum(axis=1)
    told = [
        f"{int(total[: now.floor('D') + pd.DateOffset(months=months)].iloc[-1]):,} {when}"
        for months, when in ((0, "today"), (12, "in a year"), (24, "in two years"))
    ]
    alt = (
        f"Stairs of computers whose usual support is over, if nothing is done: {', '.join(told)}, "
        f"of {len(devices):,}. {more}"
    ).strip()
    return Chart("Unsupported computers, if nothing is done", alt, draw)


def projected(devices: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """Computers whose usual support is over, by class group, from today and each later end on."""
    today = now.floor("D")
    over_from = devices["eol_on"] + pd.Timedelta(days=1)
    at = over_from.where(over_from > today, today).where(over_from.notna())
    there = at <= today + AHEAD
    groups = pd.Categorical(devices.loc[there, "class_group"], categories=list(COMPUTERS))
    counts = pd.crosstab(at[there], groups, dropna=False)
    counts = counts.reindex(columns=list(COMPUTERS), fill_value=0)
    days = pd.DatetimeIndex([today, *counts.index, today + AHEAD]).unique().sort_values()
    return counts.reindex(days, fill_value=0).cumsum()


def by_organization(table: pd.DataFrame) -> Chart:
    """The state of support of all computers and of the organizations with the most unsupported."""
    states = [*reversed(STATES[:-1]), "unknown"]
    total, data = table[states].sum(), rows(table, states)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.share_bars(
            data, marks=_MARKS, xlabel="Share of eligible computers",
            nothing="No eligible computers", ax=ax,
        )  # fmt: skip

    count, alt = int(total.sum()), "No eligible computers."
    if count:
        parts = ", ".join(
            f"{share_text(total[state] / count)} {state.replace('_', ' ')}" for state in states
        )
        alt = (
            f"Stacked bars of the state of support per organization. Of {plural(count, 'computer')}: "
            f"{parts}. {kinds.short(table['organization'].iloc[0], 60)} has the most that are "
            f"unsupported: {table['ended'].iloc[0]:,}."
        )
    return Chart("Support by organization", alt, draw)
