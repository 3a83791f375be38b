"""When a job starts, in cron's words: read, checked, and said to systemd and to Windows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ninja_analytics.errors import UsageError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

# The fields of a line: name, least, most, and the names of the values that have some.
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, ("", *_MONTHS)),
    ("weekday", 0, 7, _WEEKDAYS),
)
_SHORT = MappingProxyType(
    {
        "@hourly": "0 * * * *",
        "@daily": "0 0 * * *",
        "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    }
)
_SAY = (
    "Write minute, hour, day of the month, month and weekday, e.g. 0 6 1 * * for six o'clock on "
    "the first of every month, or @daily"
)


@dataclass(frozen=True, slots=True)
class CronTime:
    """The values at which it starts, field by field, in order; None is any. Sunday is 0."""

    text: str
    minutes: tuple[int, ...] | None
    hours: tuple[int, ...] | None
    days: tuple[int, ...] | None
    months: tuple[int, ...] | None
    weekdays: tuple[int, ...] | None


def cron_time(text: str) -> CronTime:
    """The start times that *text* says, as crontab(5) reads it; UsageError for what says none."""
    plain = _SHORT.get(text.strip().lower(), text).upper()
    fields = plain.split()
    if len(fields) != len(_FIELDS):
        raise UsageError(f"at = {text!r} is no time of cron. {_SAY}.")
    found = [_values(field, *about) for field, about in zip(fields, _FIELDS, strict=True)]
    minutes, hours, days, months, weekdays = found
    if weekdays is not None:  # 7 is Sunday, too
        weekdays = tuple(sorted({day % 7 for day in weekdays}))
        weekdays = None if len(weekdays) == 7 else weekdays
    return CronTime(" ".join(fields), minutes, hours, days, months, weekdays)


def _values(
    field: str, name: str, least: int, most: int, named: Sequence[str]
) -> tuple[int, ...] | None:
    values: set[int] = set()
    for part in field.split(","):
        found = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part, re.ASCII)
        if not found or (found[1] == "*" and found[2]) or found[3] == "0":
            raise _wrong(part, name, least, most)
        low, high, step = found.groups()
        first = least if low == "*" else _number(low, part, name, least, most, named)
        last = most if low == "*" or (step and not high) else first
        if high:
            last = _number(high, part, name, least, most, named)
        if first > last:
            raise _wrong(part, name, least, most)
        values |= set(range(first, last + 1, int(step or 1)))
    return None if len(values) == most - least + 1 else tuple(sorted(values))


def _number(word: str, part: str, name: str, least: int, most: int, named: Sequence[str]) -> int:
    if word in named and word:
        return list(named).index(word)
    if not word.isdecimal() or not least <= int(word) <= most:
        raise _wrong(part, name, least, most)
    return int(word)


def _wrong(part: str, name: str, least: int, most: int) -> UsageError:
    return UsageError(f"{part!r} is no {name} of cron, which goes from {least} to {most}. {_SAY}.")


def on_calendar(time: CronTime) -> str:
    """*time* as systemd.time(7) writes a calendar event; UsageError where it has no words for it."""
    _refuse_either_day(time, "systemd")
    weekdays = ",".join(_WEEKDAYS[day].title() for day in time.weekdays or ())
    date = f"*-{_listed(time.months)}-{_listed(time.days)}"
    clock = f"{_listed(time.hours)}:{_listed(time.minutes)}:00"
    return " ".join(filter(None, (weekdays, date, clock)))


def _listed(values: tuple[int, ...] | None) -> str:
    return "*" if values is None else ",".join(f"{value:02d}" for value in values)


def _refuse_either_day(time: CronTime, whose: str) -> None:
    if time.days is not None and time.weekdays is not None:
        raise UsageError(
            f"at = {time.text!r} means this day of the month or that weekday, which {whose} cannot "
            "say. Leave one of them *, or make two jobs."
        )


def schtasks(time: CronTime) -> list[str]:
    """*time* as the options of Windows' schtasks; UsageError where it has no words for it."""
    _refuse_either_day(time, "schtasks")
    every = _repeated(time)
    if every:
        return every
    if time.hours is None or time.minutes is None or len(time.hours) * len(time.minutes) > 1:
        raise _beyond(time)
    start = ["/ST", f"{time.hours[0]:02d}:{time.minutes[0]:02d}"]
    months = ["/M", ",".join(_MONTHS[month - 1] for month in time.months or ())]
    if time.days is not None:
        if len(time.days) > 1:
            raise _beyond(time)
        when = ["/SC", "MONTHLY", "/D", str(time.days[0])]
        return [*when, *(months if time.months else []), *start]
    if time.months is not None:
        raise _beyond(time)
    if time.weekdays is not None:
        days = ",".join(_WEEKDAYS[day] for day in time.weekdays)
        return ["/SC", "WEEKLY", "/D", days, *start]
    return ["/SC", "DAILY", *start]


def _repeated(time: CronTime) -> list[str]:
    """The options for every so many minutes or hours of every day; none if *time* is not that."""
    if time.days or time.months or time.weekdays:
        return []
    if time.hours is None:
        minutes = tuple(range(60)) if time.minutes is None else time.minutes
        step = _step(minutes, 60)
        if step == 60:
            return ["/SC", "HOURLY", "/ST", f"00:{minutes[0]:02d}"]
        return ["/SC", "MINUTE", "/MO", str(step), "/ST", f"00:{minutes[0]:02d}"] if step else []
    if time.minutes is not None and len(time.minutes) == 1 and len(time.hours) > 1:
        step = _step(time.hours, 24)
        start = f"{time.hours[0]:02d}:{time.minutes[0]:02d}"
        return ["/SC", "HOURLY", "/MO", str(step), "/ST", start] if step else []
    return []


def _step(values: tuple[int, ...], whole: int) -> int:
    """The distance between *values* if it is the same all around the clock, else 0."""
    step = whole // len(values)
    even = whole % len(values) == 0 and values == tuple(range(values[0], whole, step))
    return step if even else 0


def _beyond(time: CronTime) -> UsageError:
    return UsageError(
        f"at = {time.text!r} has no words in schtasks, which knows one time of each day, of some "
        "weekdays, or of one day of the month, and every so many minutes or hours. Simplify it, or "
        "make several jobs."
    )
