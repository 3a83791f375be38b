"""Periods of a report: a month, a quarter, the last 30 days, as a person or a schedule names them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.windows import length, time_zone

_DAY = pd.Timedelta(days=1)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_SAY = (
    "Give one like previous-month, this-month, previous-quarter, previous-week, 30d, 12h, 2026-10, "
    "2026-Q3, 2026-W41, 2026 or 2026-10-01..2026-10-31"
)
_RELATIVE = re.compile(r"(previous|last|this)[-_ ](day|week|month|quarter|year)")
_SPANS = MappingProxyType({"min": "minute", "h": "hour", "d": "day", "w": "week"})


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, which is within, until `end`, which is not, both in UTC.

    `label` names it as people read it; `tz` is the zone whose days it counts.
    """

    start: pd.Timestamp
    end: pd.Timestamp
    label: str
    tz: str = "UTC"

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise UsageError(
                f"The period from {self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC has "
                "no room. Exchange its ends, or widen it."
            )

    @property
    def days(self) -> float:
        """How many days: those of the calendar where it begins and ends at midnight, else of 24 h."""
        ends = (self.start, self.end)
        days = [one.tz_convert(self.tz).tz_localize(None).normalize() for one in ends]
        # Where the clock goes forward at midnight, a day begins an hour later.
        begins = [
            day.tz_localize(self.tz, nonexistent="shift_forward", ambiguous=True) for day in days
        ]
        whole = all(one == begin for one, begin in zip(ends, begins, strict=True))
        return (days[1] - days[0] if whole else self.end - self.start) / _DAY

    def complete_at(self, now: pd.Timestamp | datetime) -> bool:
        """Whether all of it is past at the moment *now*."""
        return bool(self.end <= pd.Timestamp(now))

    def contains(self, times: pd.Series) -> pd.Series:
        """Whether each of *times* (UTC) lies within; a missing one does not."""
        return (times >= self.start) & (times < self.end)


def period_of(asked: object, *, now: pd.Timestamp | datetime, tz: str = "UTC") -> Period:
    """The period that *asked* names, its days those of the time zone *tz*.

    It may be a calendar period, "2026-10", "2026-Q3", "2026-W41" (ISO 8601), "2026" or
    "2026-10-05"; one beside *now*, "previous-month" or "this-week"; several in a row,
    "2026-10-01..2026-10-31", whose end is within; or how far back from *now*, "30d" or "12h". A
    Period is answered as it is. Raises UsageError for what names none, and UnknownNameError for a
    zone that is not there.
    """
    if isinstance(asked, Period):
        return asked
    zone, name = time_zone(tz), str(tz)
    text = asked.strip() if isinstance(asked, str) else ""
    moment = pd.Timestamp(now).to_pydatetime(warn=False)
    try:
        days = _days(text, moment.astimezone(zone).date())
        if days is not None:
            first, last, label = days
            return Period(_midnight(first, zone), _midnight(last, zone), label, name)
        back = length("period", text)
        return Period(_utc(moment - back), _utc(moment), _ago(text), name)
    except (UsageError, ValueError, OverflowError) as error:
        if isinstance(error, UsageError) and "has no room" in str(error):
            raise
        raise UsageError(f"period={asked!r} is not a period. {_SAY}.") from error


Days = tuple[date, date, str]
"""The first day within, the first day after, and what the days are called."""


def _days(text: str, today: date) -> Days | None:
    """The days that *text* names; None if it names none."""
    relative = _RELATIVE.fullmatch(text.lower())
    if relative:
        which, unit = relative.groups()
        holding = _HOLDING[unit]
        now = holding(today)
        return now if which == "this" else holding(now[0] - timedelta(days=1))
    first, dots, last = text.partition("..")
    if not dots:
        return _calendar(text)
    begin, end = _calendar(first.strip()), _calendar(last.strip())
    if begin is None or end is None:
        return None
    return begin[0], end[1], f"{begin[0]} to {end[1] - timedelta(days=1)}"


def _calendar(text: str) -> Days | None:
    """The days of a year, quarter, month, week or day, written as 2026, 2026-Q3 and so on."""
    for pattern, day_in, unit in _WRITTEN:
        found = re.fullmatch(pattern, text, re.IGNORECASE)
        if found:
            return _HOLDING[unit](day_in(*(int(part) for part in found.groups())))
    return None


_WRITTEN: tuple[tuple[str, Callable[..., date], str], ...] = (
    (r"(\d{4})", lambda year: date(year, 1, 1), "year"),
    (r"(\d{4})-?Q([1-4])", lambda year, quarter: date(year, 3 * quarter - 2, 1), "quarter"),
    (r"(\d{4})-(\d\d)", lambda year, month: date(year, month, 1), "month"),
    (r"(\d{4})-?W(\d\d)", lambda year, week: date.fromisocalendar(year, week, 1), "week"),
    (r"(\d{4})-(\d\d)-(\d\d)", date, "day"),
)


def _day(day: date) -> Days:
    return day, day + timedelta(days=1), f"{day}"


def _week(day: date) -> Days:
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return monday, monday + timedelta(days=7), f"Week {week} of {year}"


def _month(day: date) -> Days:
    first = day.replace(day=1)
    return first, _months_on(first, 1), f"{_MONTHS[day.month - 1]} {day.year}"


def _quarter(day: date) -> Days:
    quarter = (day.month + 2) // 3
    first = date(day.year, 3 * quarter - 2, 1)
    return first, _months_on(first, 3), f"Q{quarter} {day.year}"


def _year(day: date) -> Days:
    return date(day.year, 1, 1), date(day.year + 1, 1, 1), f"{day.year}"


def _months_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


_HOLDING: MappingProxyType[str, Callable[[date], Days]] = MappingProxyType(
    {"day": _day, "week": _week, "month": _month, "quarter": _quarter, "year": _year}
)


def _midnight(day: date, zone: tzinfo) -> pd.Timestamp:
    """The first moment of *day* in *zone*: where a clock change skips midnight, the change itself."""
    return _utc(datetime.combine(day, time(), zone))


def _utc(moment: datetime) -> pd.Timestamp:
    return pd.Timestamp(moment.astimezone(UTC))


def _ago(text: str) -> str:
    """How a span like "30d" reads: "last 30 days"."""
    found = re.fullmatch(r"([\d.]+)\s*(\w+)", text)
    number, unit = (found[1], _SPANS[found[2].lower()]) if found else (text, "")
    return f"last {number} {unit}s" if number != "1" else f"last {unit}"
