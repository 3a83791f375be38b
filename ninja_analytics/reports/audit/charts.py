"""The charts of activity_audit, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.periods import Period
from ninja_analytics.reports.audit.log import Log
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 15
FAMILY = MappingProxyType(
    {
        "automation": kinds.CLASS_GROUP["workstations"],
        "alerts": kinds.CLASS_GROUP["mobile"],
        "access": kinds.CLASS_GROUP["cloud"],
        "changes": kinds.CLASS_GROUP["network"],
        "patching": kinds.CLASS_GROUP["servers"],
        "protection": kinds.CLASS_GROUP["virtual"],
        "monitoring": kinds.Mark("#5c6a7d"),
        "services": kinds.Mark("#d59bf6", "...."),
        "other": kinds.CLASS_GROUP["other"],
    }
)
_OWN = (kinds.Mark("#2f9e8f"), kinds.Mark("#dd8030"), kinds.Mark("#b8322a"))
_NONE = "No activities"


def charts(
    found: Log, tables: Mapping[str, pd.DataFrame], period: Period, bad: pd.DataFrame
) -> dict[str, Chart]:
    """The charts of the report, by name; *bad* is all that failed."""
    return {
        "activities_by_day": by_day(tables["families_by_day"], period.tz),
        "actors_by_hour": by_hour(found, tables["actors"], period.tz),
        "what_fails": what_fails(bad),
    }


def by_day(table: pd.DataFrame, zone: str) -> Chart:
    """Activities per day, by family."""
    begins = pd.to_datetime(table["day"]).dt.tz_localize(
        zone, ambiguous=True, nonexistent="shift_forward"
    )
    families = [str(name) for name in table.columns if name not in ("day", "activities")]
    mine = [name for name in families if name not in FAMILY]
    own = {name: _OWN[at % len(_OWN)] for at, name in enumerate(mine)}
    data = table[families].set_axis(pd.DatetimeIndex(begins.dt.tz_convert("UTC")), axis=0)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.counts_over_time(
            data, every="1D", marks={**FAMILY, **own}, ylabel="Activities per day", nothing=_NONE,
            ax=ax,
        )  # fmt: skip

    alt = f"{_NONE}."
    if len(table):
        sums = data.sum().sort_values(ascending=False, kind="stable")
        parts = ", ".join(f"{int(count):,} {name}" for name, count in sums.items())
        busy = table.iloc[int(table["activities"].to_numpy().argmax())]
        alt = (
            f"Upright bars of activities per day from {table['day'].iloc[0]} to "
            f"{table['day'].iloc[-1]} (days of {zone}): {parts}. The most are "
            f"{busy['activities']:,} on {busy['day']}."
        )
    return Chart("Activities by day and family", alt, draw)


def by_hour(found: Log, actors: pd.DataFrame, zone: str) -> Chart:
    """At which hours of the day the busiest people do something."""
    people = actors.dropna(subset=["user_id"])
    shown = people.head(LIMIT)
    rows = found.rows[found.rows["user_id"].isin(shown["user_id"])]
    hour = rows["at"].dt.tz_convert(zone).dt.hour
    data = pd.crosstab(rows["user_id"], hour).reindex(
        index=shown["user_id"], columns=range(24), fill_value=0
    )
    data = data.set_axis(kinds.shorts(list(shown["actor"]), 24), axis=0)
    data = data.set_axis([f"{at:02}" for at in range(24)], axis=1).astype("int64")
    left = len(people) - len(shown)
    more = f"+ {left:,} other people, not drawn; the system neither" if left else ""
    more = more or "What the system did is not drawn"

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.heat_map(
            data, xlabel=f"Hour of the day ({zone})", unit="activities", footnote=more,
            nothing="Nobody did anything", ax=ax,
        )  # fmt: skip

    alt = "Nobody did anything."
    if len(data):
        office = [f"{at:02}" for at in range(7, 19)]
        total = int(data.to_numpy().sum())
        outside = total - int(data[office].to_numpy().sum())
        alt = (
            f"Cells of activities by person and hour in {zone}, for {len(data):,} people. The busiest "
            f"is {data.index[0]} with {int(data.iloc[0].sum()):,}; "
            f"{share_text(outside / total)} are before 7:00 or after 19:00. {more}."
        )
    return Chart("Who is active when", alt, draw)


def what_fails(table: pd.DataFrame) -> Chart:
    """What fails most often."""
    total = int(table["failures"].sum())
    counts = table.groupby("what")["failures"].sum().sort_values(ascending=False, kind="stable")
    shown = counts.head(LIMIT)
    data = shown.set_axis(kinds.shorts(list(shown.index)))
    rest = total - int(data.sum())
    more = f"+ {rest:,} other failures, not drawn" if rest else ""

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.pareto(
            data, xlabel="Failures", total=total, footnote=more, nothing="Nothing failed", ax=ax
        )

    alt = "Nothing failed."
    if total:
        first = ", ".join(f"{name} {count:,}" for name, count in data.head(3).items())
        alt = (
            f"Bars of failures by what failed, with the share so far. {total:,} in all; the most "
            f"frequent: {first}. {more}"
        ).strip()
    return Chart("What fails", alt, draw)
