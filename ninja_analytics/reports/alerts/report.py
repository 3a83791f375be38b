"""The report alert_noise: which conditions make the noise, and which should be tuned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.periods import Period, period_of
from ninja_analytics.reports.about import About, since_period
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.alerts import charts as alert_charts
from ninja_analytics.reports.alerts import tables as alert_tables
from ninja_analytics.reports.alerts.events import CODES, Alerts, alerts, flapping, healed
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.intervals import median_time
from ninja_analytics.reports.kpis import Kpi, share_text
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.observed import Observed, noted, observed
from ninja_analytics.reports.population import Names, read
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

TOP = 5
"""How many conditions the concentration is about."""
OPEN_DAYS = 7
"""After how many days an open alert should be settled; a convention."""
_NAMED = 25


ABOUT = About(
    name="alert_noise",
    title="Alert noise",
    question="Which conditions make the noise, and which should be tuned?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "alerts are not told per device, and devices are shown by id",
            "activities": "alerts that were raised are unknown, so nothing below can be told",
            "alerts": "active alerts are not counted, and an alert that nothing ended counts as open",
        }
    ),
    events=("activities",),
    reach=since_period,
    narrowed=MappingProxyType({"activities": tuple({"status": code} for code in CODES)}),
)


@dataclass(frozen=True, slots=True)
class Noise:
    """The alerts of the period, the pairs of device and condition, and what they are judged by.

    `seen` is the part of the period that is over and that the log tells of.
    """

    alerts: Alerts
    pairs: pd.DataFrame
    healed: pd.Series
    period: Period
    seen: Observed
    short_hours: float
    flap_h: float

    @property
    def weeks(self) -> float:
        """How many weeks alerts were counted for."""
        return self.seen.days / 7


def alert_noise(
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
    flap_n: int = 3,
    flap_h: float = 24,
    heal_minutes: float = 15,
    short_hours: float = 1,
) -> Report:
    """The alerts that were raised in the *period*: how many, how long, which flap, which heal.

    A device flaps with a condition that is raised *flap_n* times within *flap_h* hours. An alert heals
    itself when it ends within *heal_minutes* and nobody acknowledged it. A condition is short where
    half of its alerts are over within *short_hours*. Hours of the day are those of *tz*. Raises
    UnknownNameError for a name that nobody has, UsageError for a period or a number of no use.
    """
    _check(flap_n=flap_n, flap_h=flap_h, heal_minutes=heal_minutes, short_hours=short_hours)
    ask = asked(
        ABOUT, frames, now=now, settings=settings, organizations=organizations,
        exclude_organizations=exclude_organizations, node_classes=node_classes,
        active_days=active_days, period=str(getattr(period, "label", period)), tz=tz,
        flap_n=flap_n, flap_h=flap_h, heal_minutes=heal_minutes, short_hours=short_hours,
    )  # fmt: skip
    every = organizations is None and exclude_organizations is None and node_classes is None
    span = period_of(period, now=ask.now, tz=tz)
    devices = ask.people.devices
    found = alerts(frames, span, now=ask.now, device_ids=None if every else devices["device_id"])
    noise = Noise(
        found,
        flapping(found.raised, times=flap_n, hours=flap_h),
        healed(found.series, minutes=heal_minutes),
        span, _seen(ask, span), short_hours, flap_h,
    )  # fmt: skip
    tables = alert_tables.tables(noise, devices)
    return made(
        ask,
        kpis=_kpis(ask, noise),
        tables=tables,
        captions=alert_tables.captions(noise, flap_n, heal_minutes),
        charts=alert_charts.charts(noise, tables["conditions"]),
        to_do=_to_do(tables, noise),
        notes=(*_notes(every), *noise.seen.notes),
    )


def _seen(ask: Asked, period: Period) -> Observed:
    """The part of the period that is over and in the log; raises UsageError where none is over.

    Activities of any kind and device tell when the log begins.
    """
    if not period.start < ask.now:
        raise UsageError(f"The period {period.label} has not begun. Give one that has.")
    times = read(ask.frames, "activities", {"activity_at": "datetime64[us, UTC]"})["activity_at"]
    return observed(times, period, now=ask.now, log="activities")


def _check(**numbers: Any) -> None:
    """Raise UsageError for a number that is none, or of no use."""
    for name, number in numbers.items():
        least = 2 if name == "flap_n" else 0
        right = bool(pd.api.types.is_number(number)) and not isinstance(number, bool)
        if not right or not (number >= least if least else number > 0):
            bound = f"at least {least}" if least else "above 0"
            raise UsageError(f"{name} is {number!r}, but must be a number {bound}.")


def _kpis(ask: Asked, noise: Noise) -> tuple[Kpi, ...]:
    """The headline numbers."""
    raised, series, pairs = noise.alerts.raised, noise.alerts.series, noise.pairs
    listed = ask.people.devices["device_id"]
    eligible = raised["device_id"].isin(ask.eligible["device_id"].dropna())
    known = raised["device_id"].isin(listed.dropna())
    state, cured = series["state"].value_counts(), noise.healed.value_counts()
    apart = len(raised) - int(raised["series_uid"].notna().sum())
    told = series[series["state"] != "lost"]
    counts = raised["condition"].value_counts()
    loud = pairs.loc[pairs["flaps"], "alerts"].sum()
    active = noise.alerts.active
    per_week = len(ask.eligible) * noise.weeks
    return (
        ask.kpi(
            "alerts_per_device_week",
            numerator=int(eligible.sum()),
            denominator=len(ask.eligible),
            unknown=int((~known).sum()),
            exceptions=int((known & ~eligible).sum()),
            amount=float(eligible.sum() / per_week) if per_week else None,
            note=noted(
                f"{int(eligible.sum()):,} alerts on {plural(len(ask.eligible), 'device')}, "
                f"{noise.period.label}",
                noise.seen.note,
            ),
        ),
        ask.kpi(
            "alert_median_hours",
            numerator=int(state.get("ended", 0)),
            denominator=len(told),
            unknown=int(state.get("lost", 0)) + apart,
            amount=median_time(told["hours"], told["state"] == "ended"),
            note=f"{state.get('open', 0):,} still open, counted in as longer than yet",
        ),
        ask.kpi(
            "alerts_self_healed",
            numerator=int(cured.get("yes", 0)),
            denominator=int(cured.get("yes", 0) + cured.get("no", 0)),
            unknown=int(cured.get("unknown", 0)) + apart,
        ),
        ask.kpi(
            "alerts_of_top_conditions",
            numerator=int(counts.head(TOP).sum()),
            denominator=int(counts.sum()),
            unknown=len(raised) - int(counts.sum()),
            note=f"{len(counts):,} conditions raised alerts" if len(counts) else "",
        ),
        ask.kpi(
            "alerts_flapping",
            numerator=int(pairs["flaps"].sum()),
            denominator=len(pairs),
            unknown=int(raised[["device_id", "condition"]].isna().any(axis=1).sum()),
            note=noted(
                f"{share_text(loud / len(raised))} of all alerts" if loud else "", noise.seen.note
            ),
        ),
        ask.kpi(
            "alerts_active",
            numerator=len(active),
            unknown=int((~active["device_id"].isin(listed.dropna())).sum()),
        ),
    )  # fmt: skip


def _notes(every: bool) -> tuple[str, ...]:
    """What a reader should know about how alerts were counted."""
    told = "The typical duration counts alerts that are open: they last longer than yet (Kaplan-Meier)."
    if every:
        return (told, "Alerts of devices that nobody lists any more are counted, but in no rate.")
    return (told,)


def _to_do(tables: Mapping[str, pd.DataFrame], noise: Noise) -> tuple[pd.DataFrame, ...]:
    """What flaps now, what to tune next, and what has been open for long."""
    flaps, slow = tables["flapping"].head(_NAMED), tables["slow_alerts"]
    tune = alert_tables.to_tune(tables["conditions"], noise.short_hours).head(_NAMED)
    waits = slow[(slow["state"] == "open") & (slow["hours"] > OPEN_DAYS * 24)].head(_NAMED)
    often = (
        flaps["condition"]
        + ": "
        + flaps["most"].astype("str")
        + f" times in {noise.flap_h:g} hours"
    )
    count = tune["alerts"].astype("str") + " alerts on " + tune["devices"].astype("str")
    half = (tune["median_hours"] * 60).round().astype("Int64").astype("str")
    since = (waits["hours"] // 24).astype("int64").astype("str")
    return (
        to_do("fix now", "Repair what makes the alert come and go", flaps, why=often),
        to_do("plan", "Tune the condition", tune,
              why=tune["condition"] + ": " + count + " devices, half over within " + half + " minutes"),
        to_do("watch", "Settle the alert", waits,
              why=waits["condition"] + " for " + since + " days"),
    )  # fmt: skip
