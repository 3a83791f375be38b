"""Times as NinjaOne writes and reads them: epoch seconds with nine decimals; dates in many forms."""

from __future__ import annotations

import datetime as dt
import math

import msgspec

DAY = 86_400.0
_MILLISECONDS_FROM = 1e11
_FORMS = ("%Y%m%d", "%Y-%m-%d")


def stamp(seconds: float) -> msgspec.Raw:
    """*seconds* since 1970 as a JSON number with nine decimals, of which three mean something."""
    return msgspec.Raw(b"%.3f000000" % seconds)


def day_text(seconds: float) -> str:
    """The day of *seconds* since 1970, as yyyy-mm-dd in UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d")


def parse_time(text: str) -> float:
    """Seconds since 1970 out of epoch seconds, epoch milliseconds, a date or an ISO time.

    Raises ValueError for anything else.
    """
    try:
        number = float(text)
    except ValueError:
        return _parse_date(text)
    if len(text) == 8 and text.isdigit():
        return _parse_date(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is not a time")
    return number / 1000 if number >= _MILLISECONDS_FROM else number


def _parse_date(text: str) -> float:
    for form in _FORMS:
        try:
            return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).timestamp()
        except ValueError:
            continue
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def months_back(now: float, count: int) -> list[tuple[int, int]]:
    """The last *count* months up to that of *now*, newest first, as (year, month)."""
    today = dt.datetime.fromtimestamp(now, dt.UTC)
    months = (today.year * 12 + today.month - 1 - back for back in range(count))
    return [(month // 12, month % 12 + 1) for month in months]


def patch_tuesday(year: int, month: int) -> float:
    """Seconds since 1970 of the second Tuesday of a month at 17:00 UTC, when Microsoft publishes."""
    first = dt.datetime(year, month, 1, 17, tzinfo=dt.UTC)
    return (first + dt.timedelta(days=(1 - first.weekday()) % 7 + 7)).timestamp()
