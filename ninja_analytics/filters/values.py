"""Values of a device filter, read from what a person gives: ids, names, words and moments."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from ninja_analytics.errors import FilterError

_WORD = re.compile(r"[A-Z][A-Z0-9_]*")


def listed(values: object) -> Iterable[object]:
    """*values* as a list of values; one text is a list of one."""
    if isinstance(values, str):
        return [values]
    if not isinstance(values, Iterable):
        msg = f"isin({values!r}) takes a list. For one value write isin([{values!r}]) or ==."
        raise FilterError(msg)
    return values


def whole_number(value: object, title: str) -> int:
    """*value* as an id of a *title*."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError as error:
        msg = (
            f"A device filter knows the {title} by its id, a whole number, not by {value!r}. "
            f"Ids are in the frames, e.g. ninja.table({title + 's'!r})."
        )
        raise FilterError(msg) from error


def id_or_name(value: object, title: str) -> int | str:
    """*value* as an id of a *title*, or as its name, which is looked up at the pull."""
    if isinstance(value, str):
        if value.strip():
            return value.strip()
        raise FilterError(f"The name of the {title} is empty. Give its name or its id.")
    try:
        return whole_number(value, title)
    except FilterError as error:
        msg = f"A {title} is given by its id, a whole number, or by its name, not by {value!r}."
        raise FilterError(msg) from error


def word(value: object, title: str) -> str:
    """*value* as one of NinjaOne's upper-case words."""
    said = value.strip().upper() if isinstance(value, str) else ""
    if not _WORD.fullmatch(said):
        msg = f"The {title} is a word like {_LIKE.get(title, 'APPROVED')}, not {value!r}."
        raise FilterError(msg)
    return said


_LIKE = {"node class": "WINDOWS_SERVER"}


def moment(value: object) -> datetime:
    """*value* as a UTC time of whole milliseconds; what has no time zone is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError as error:
            msg = f"{value!r} is not a time. Write it as 2026-01-31 or 2026-01-31T08:00:00Z."
            raise FilterError(msg) from error
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime) or value != value:  # NaT differs from itself
        msg = f"{value!r} is not a time. Give a text like 2026-01-31, a date or a datetime."
        raise FilterError(msg)
    aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    # A plain datetime, also of a Timestamp: its nanoseconds are nothing that NinjaOne knows.
    return datetime(
        aware.year, aware.month, aware.day, aware.hour, aware.minute, aware.second,
        aware.microsecond // 1000 * 1000, tzinfo=UTC,
    )  # fmt: skip
