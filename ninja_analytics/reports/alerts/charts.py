"""The charts of alert_noise, each with the sentence that says what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.alerts.events import clock
from ninja_analytics.reports.alerts.tables import average, to_tune
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ninja_analytics.reports.alerts.report import Noise

LIMIT = 15
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CORNERS = ("Rare, long", "Often, long: repair", "Rare, short", "Often, short: tune")
_NONE = "No alerts were raised"


def charts(noise: Noise, conditions: pd.DataFrame) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "loudest_conditions": loudest(conditions, len(noise.alerts.raised)),
        "alerts_by_hour": by_hour(noise),
        "what_to_tune": what_to_tune(conditions, noise.short_hours),
    }


def loudest(table: pd.DataFrame, total: int) -> Chart:
    """The conditions that raised most alerts, and the share of all that they make."""
    shown = table.head(LIMIT)
    data = shown["alerts"].set_axis(kinds.shorts(list(shown["condition"])))
    rest = total - int(data.sum())
    more = f"+ {rest:,} alerts of other conditions, not drawn" if rest else ""

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.pareto(
            data, xlabel="Alerts raised", total=total, footnote=more, nothing=_NONE, ax=ax
        )

    alt = f"{_NONE}."
    if total:
        first = ", ".join(f"{name} {count:,}" for name, count in data.head(3).items())
        five = share_text(int(data.head(5).sum()) / total)
        alt = (
            f"Bars of alerts per condition with the share so far. {plural(total, 'alert')}; the loudest: "
            f"{first}. The first {min(5, len(data))} make {five}. {more}"
        ).strip()
    return Chart("Alerts by condition", alt, draw)


def by_hour(noise: Noise) -> Chart:
    """When alerts are raised: weekday by hour."""
    zone, raised = noise.period.tz, noise.alerts.raised
    data = clock(raised, noise.seen.span or noise.seen.period, _WEEK)

    def draw(ax: Axes | None = None) -> Axes:
        shown = data if len(raised) else data.iloc[:0]
        return kinds.heat_map(
            shown, xlabel=f"Hour of the day ({zone})", unit="alerts an hour", nothing=_NONE, ax=ax
        )

    alt = f"{_NONE}."
    if len(raised):
        day, hour = divmod(int(data.fillna(0).to_numpy().argmax()), 24)
        local = raised["at"].dt.tz_convert(zone).dt
        office = (local.day_of_week < 5) & local.hour.between(8, 17)
        alt = (
            f"Cells of alerts an hour by weekday and hour in {zone}. The most, "
            f"{data.fillna(0).to_numpy().max():,.1f} an hour, are on {_WEEK[day]} from {hour:02}:00; "
            f"{share_text(float(office.mean()))} are raised from Monday to Friday between 8:00 and "
            "18:00."
        )
    return Chart("Alerts by weekday and hour", alt, draw)


def what_to_tune(table: pd.DataFrame, short_hours: float) -> Chart:
    """How often each condition raises alerts, and how long they last."""
    known = table[table["median_hours"].notna()]
    data = known[["alerts", "median_hours"]].astype("float64")
    data = data.set_axis(kinds.shorts(list(known["condition"])), axis=0)
    left = len(table) - len(known)
    more = (
        f"{plural(left, 'condition')} of which not half of the alerts ended, not drawn"
        if left
        else ""
    )

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.quadrants(
            data, x="alerts", y="median_hours", x_split=average(table), y_split=short_hours,
            corners=_CORNERS, xlabel="Alerts raised", ylabel="Typical hours until they end",
            log_x=True, log_y=True, footnote=more, nothing="No alerts that ended", ax=ax,
        )  # fmt: skip

    alt = "No alerts that ended."
    if len(data):
        tune = to_tune(table, short_hours)
        names = ", ".join(kinds.shorts(list(tune["condition"].head(5)))) or "none"
        alt = (
            f"Points of {plural(len(data), 'condition')} by alerts and typical hours until they end, in "
            f"four fields. More than the average of {average(table):,.0f} alerts and half over within "
            f"{short_hours:g} h, so to be tuned: {len(tune):,} ({names}). {more}"
        ).strip()
    return Chart("Which conditions to tune", alt, draw)
