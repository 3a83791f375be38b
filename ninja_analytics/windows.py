"""Windows of time: from when until when, as a person says it, and the time zones they say it in."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ninja_analytics.errors import UnknownNameError, UsageError

_SPAN = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(min|h|d|w)", re.IGNORECASE)
_SECONDS = {"min": 60, "h": 3600, "d": 86400, "w": 604800}
_SAY = (
    "Give a day or time like 2026-01-31 or 2026-01-31T08:00, a date or datetime, or how far back "
    "from now, like 7d, 36h, 90min, 2w or a timedelta"
)


@dataclass(frozen=True, slots=True)
class Window:
    """From `since`, which is within, until `until`, which is not, in UTC; None: no bound."""

    since: datetime | None = None
    until: datetime | None = None


def window(
    since: object = None, until: object = None, *, now: datetime, zone: tzinfo = UTC
) -> Window:
    """The window that *since* and *until* say, each a text, date, datetime, Timestamp or timedelta.

    A timedelta, or a text like "7d", "36h", "90min" or "2w", goes back from *now*. A day is its
    midnight; what has no time zone is taken in *zone*. Raises UsageError for what is no time, for a
    *since* that is not yet, and for a window that has no room.
    """
    start, end = (_bound(*one, now, zone) for one in (("since", since), ("until", until)))
    if start and start >= now:
        msg = f"since={_shown(since)} lies in the future: nothing can have happened. Give a past time."
        raise UsageError(msg)
    if start and end and start >= end:
        msg = (
            f"since={_shown(since)} is not before until={_shown(until)}: the window from {_iso(start)} "
            f"to {_iso(end)} has no room. Exchange them, or widen it."
        )
        raise UsageError(msg)
    return Window(start, end)


def at(name: str, value: object, *, now: datetime, zone: tzinfo = UTC) -> datetime:
    """The time that *value* says, in UTC: as the bounds of `window`. *name* is what it is given as."""
    found = _bound(name, value, now, zone)
    if found is None:
        raise UsageError(f"{name}=None is not a time. {_SAY}.")
    return found


def length(name: str, value: object) -> timedelta:
    """How long *value* is: a timedelta, seconds, or a text like "90min", "1h" or "7d".

    *name* is what it is given as. Raises UsageError for anything else, and for less than nothing.
    """
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = timedelta(seconds=value)
        found = _span(value)
        if found is None:
            raise TypeError
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"{name}={_shown(value)} is no length of time. Give seconds, or a text like 1h or 7d."
        raise UsageError(msg) from error
    return found


def time_zone(name: object) -> zoneinfo.ZoneInfo:
    """The time zone called *name*, e.g. "Europe/Berlin"; UnknownNameError with the nearest one."""
    if isinstance(name, zoneinfo.ZoneInfo):
        return name
    known = zoneinfo.available_timezones()
    if not isinstance(name, str) or name not in known:
        raise UnknownNameError.among("time zone", name, known | {"UTC"})
    return zoneinfo.ZoneInfo(name)


def _bound(name: str, value: object, now: datetime, zone: tzinfo) -> datetime | None:
    if value is None:
        return None
    try:
        span = _span(value)
        moment = now - span if span is not None else _moment(value, zone)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise UsageError(f"{name}={_shown(value)} is not a time. {_SAY}.") from error


def _span(value: object) -> timedelta | None:
    """How far *value* goes back from now; None if it is a time of its own."""
    if isinstance(value, str):
        found = _SPAN.fullmatch(value.strip())
        if found is None:
            return None
        value = timedelta(seconds=float(found[1]) * _SECONDS[found[2].lower()])
    if not isinstance(value, timedelta):
        return None
    if not value > timedelta(0):  # NaT is not, either
        raise ValueError
    return timedelta(seconds=value.total_seconds())


def _moment(value: object, zone: tzinfo) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime) or value != value:  # NaT differs from itself
        raise TypeError
    plain = datetime.combine(value.date(), value.time(), value.tzinfo)  # also of a Timestamp
    return plain if plain.tzinfo else plain.replace(tzinfo=zone)


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
