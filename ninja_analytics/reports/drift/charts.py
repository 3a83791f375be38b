"""The charts of fleet_drift, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as chart_kinds
from ninja_analytics.reports.drift.kinds import KINDS
from ninja_analytics.reports.report import Chart, heading

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 15
DATED = ("added", "reenrolled")
"""Kinds of change whose day is known: the day of enrollment."""


def charts(
    kinds: Mapping[str, pd.DataFrame],
    software: Mapping[str, pd.DataFrame],
    organizations: pd.DataFrame,
    since: pd.Timestamp | None,
    now: pd.Timestamp,
) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "changes_by_day": by_day(days(kinds, software, since, now), _all(kinds, software)),
        "changes_by_kind": by_kind(kinds, software),
        "changes_by_organization": by_organization(organizations),
    }


def days(
    kinds: Mapping[str, pd.DataFrame],
    software: Mapping[str, pd.DataFrame],
    since: pd.Timestamp | None,
    now: pd.Timestamp,
) -> pd.DataFrame:
    """Changes that have a day of their own between the snapshots: by day in UTC and group.

    Devices by their enrollment, new programs by their first installation.
    """
    installed = software["software_by_device"]
    first = installed[installed["change"] == "new"].groupby("product")["installed_on"].min()
    times = {
        "came_or_went": pd.concat([kinds[name]["created_at"] for name in DATED]),
        "software": first,
    }
    counts = {}
    for group, at in times.items():
        day = at.dropna().dt.tz_convert("UTC").dt.floor("D")
        within = day <= now if since is None else (day >= since.floor("D")) & (day <= now)
        counts[group] = day[within].value_counts()
    return pd.DataFrame(counts).fillna(0).astype("int64").sort_index()


def _all(kinds: Mapping[str, pd.DataFrame], software: Mapping[str, pd.DataFrame]) -> int:
    """How many changes of devices and programs there are."""
    devices = sum(len(found) for found in kinds.values())
    return devices + sum(len(software[name]) for name in _PROGRAMS)


_PROGRAMS = ("software_new", "software_gone", "software_upgraded")


def by_day(data: pd.DataFrame, changes: int) -> Chart:
    """Changes per day, of those that have one."""
    dated = int(data.to_numpy().sum())
    rest = f"{changes - dated:,} without a day of their own, not drawn" if changes > dated else ""

    def draw(ax: Axes | None = None) -> Axes:
        return chart_kinds.counts_over_time(
            data, every="1D", marks=chart_kinds.CHANGE, ylabel="Changes per day", footnote=rest,
            nothing="No changes with a day of their own", ax=ax,
        )  # fmt: skip

    apart = (
        f"{changes - dated:,} of {changes:,} have no day of their own: they came to pass between the "
        "snapshots and are in the chart by kind."
    )
    alt = f"No changes with a day of their own. {apart}"
    if dated:
        most = data.sum(axis=1)
        alt = (
            f"Upright bars of devices enrolled and programs first installed per day, from "
            f"{data.index.min():%Y-%m-%d} to {data.index.max():%Y-%m-%d} UTC. The most on one day "
            f"are {most.max():,} on {most.idxmax():%Y-%m-%d}. {apart}"
        )
    return Chart("Enrollments and new programs by day", alt, draw)


def by_kind(kinds: Mapping[str, pd.DataFrame], software: Mapping[str, pd.DataFrame]) -> Chart:
    """Changes of devices and programs by kind."""
    counts = {name: len(found) for name, found in kinds.items()}
    counts |= {name: len(software[name]) for name in _PROGRAMS}
    groups = {name: kind.group for name, kind in KINDS.items()}
    data = pd.DataFrame(0, index=list(counts), columns=list(chart_kinds.CHANGE))
    for name, count in counts.items():
        data.loc[name, groups.get(name, "software")] = count
    data = data.loc[:, data.sum() > 0] if data.to_numpy().sum() else data
    shown = data.set_axis([heading(name) for name in data.index], axis=0)

    def draw(ax: Axes | None = None) -> Axes:
        return chart_kinds.stacked_bars(
            shown, marks=chart_kinds.CHANGE, xlabel="Devices, or programs", nothing="No changes",
            ax=ax,
        )  # fmt: skip

    told = ", ".join(f"{heading(name).casefold()} {n:,}" for name, n in counts.items() if n)
    alt = f"Horizontal bars of changes by kind: {told}." if told else "No changes."
    return Chart("Changes by kind", alt, draw)


def by_organization(table: pd.DataFrame) -> Chart:
    """Changes of devices of the organizations with the most, by group of kinds."""
    shown, rest = table.head(LIMIT), table.iloc[LIMIT:]
    groups = {
        group: shown[[name for name, kind in KINDS.items() if kind.group == group]].sum(axis=1)
        for group in chart_kinds.CHANGE
        if group in {kind.group for kind in KINDS.values()}
    }
    data = pd.DataFrame({name: counts for name, counts in groups.items() if counts.sum()})
    data = data.reindex(shown.index).set_axis(
        chart_kinds.shorts(list(shown["organization"])), axis=0
    )
    more = ""
    if len(rest):
        more = f"+ {len(rest):,} others with {int(rest['changes'].sum()):,} changes, not drawn"

    def draw(ax: Axes | None = None) -> Axes:
        return chart_kinds.stacked_bars(
            data, marks=chart_kinds.CHANGE, xlabel="Changes of devices", footnote=more,
            nothing="No changes of devices", ax=ax,
        )  # fmt: skip

    alt = "No changes of devices."
    if len(table):
        first = shown.iloc[0]
        alt = (
            f"Horizontal bars of changes of devices per organization: {table['changes'].sum():,} in "
            f"{len(table):,}. The most: {chart_kinds.short(first['organization'], 60)} with "
            f"{first['changes']:,}. {more}"
        ).strip()
    return Chart("Changes by organization", alt, draw)
