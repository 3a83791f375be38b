"""Device filters as Python expressions, turned into the text that NinjaOne's `df` parameter takes.

    device.organization == 7                              org = 7
    device.node_class.isin(["MAC", "LINUX_SERVER"])       class in (MAC, LINUX_SERVER)
    device.offline & (device.location != 3)               offline AND loc != 3
    device.created > "2026-01-01"                         created > 2026-01-01T00:00:00.000Z

NinjaOne joins clauses by AND only. There is no OR and there are no parentheses; what cannot be said
is refused here, because NinjaOne itself ignores what it does not understand.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ninja_analytics.errors import FilterError

_WORD = re.compile(r"[A-Z][A-Z0-9_]*")
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Clause:
    """One condition, and the text of its opposite where NinjaOne has one."""

    text: str
    opposite: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Filter:
    """A device filter: conditions that must all hold. `str()` gives NinjaOne's text."""

    clauses: tuple[_Clause, ...]

    def __str__(self) -> str:
        return " AND ".join(clause.text for clause in self.clauses)

    def __repr__(self) -> str:
        return f"Filter({str(self)!r})"

    def __and__(self, other: object) -> Filter:
        if not isinstance(other, Filter):
            msg = (
                f"A device filter cannot be joined with {other!r}. Python reads & before == and >: "
                "put each comparison in parentheses, as in (device.organization == 7) & device.online."
            )
            raise FilterError(msg)
        return Filter(self.clauses + other.clauses)

    __rand__ = __and__

    def __or__(self, other: object) -> Filter:
        msg = (
            "NinjaOne's device filter has no OR. For values of one field use .isin([...]); "
            "otherwise pull each filter on its own and join the frames with pd.concat([...])."
        )
        raise FilterError(msg)

    __ror__ = __or__

    def __invert__(self) -> Filter:
        if len(self.clauses) != 1 or self.clauses[0].opposite is None:
            msg = (
                f"NinjaOne has no opposite of {str(self)!r}. Negate single comparisons "
                "(!=, ~device.organization.isin([...])), or pull without it and drop rows in pandas."
            )
            raise FilterError(msg)
        clause = self.clauses[0]
        return Filter((_Clause(clause.opposite or "", clause.text),))

    def __bool__(self) -> bool:
        msg = (
            "A device filter is neither true nor false: join with & instead of `and`, negate with ~ "
            "instead of `not`, and use .isin([...]) instead of `or` or `in`."
        )
        raise FilterError(msg)


def _filter(text: str, opposite: str | None = None) -> Filter:
    return Filter((_Clause(text, opposite),))


class _Ids:
    """A field that holds ids: `==`, `!=` and `.isin([...])` with whole numbers."""

    __hash__ = object.__hash__

    def __init__(self, word: str, title: str) -> None:
        self._word, self._title = word, title

    def __eq__(self, value: object) -> Filter:  # type: ignore[override]
        text = self._text(value)
        return _filter(f"{self._word} = {text}", f"{self._word} != {text}")

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]
        return ~(self == value)

    def isin(self, values: Iterable[object]) -> Filter:
        """The devices whose field is one of *values*."""
        texts = list(dict.fromkeys(self._text(value) for value in _listed(values)))
        if not texts:
            msg = f"isin([]) on the {self._title} fits no device. Give at least one value."
            raise FilterError(msg)
        if len(texts) == 1:
            return _filter(f"{self._word} = {texts[0]}", f"{self._word} != {texts[0]}")
        listed = f"({', '.join(texts)})"
        return _filter(f"{self._word} in {listed}", f"{self._word} notin {listed}")

    def _text(self, value: object) -> str:
        try:
            if isinstance(value, bool):
                raise TypeError
            return str(operator.index(value))  # type: ignore[arg-type]
        except TypeError as error:
            msg = (
                f"A device filter knows the {self._title} by its id, a whole number, not by {value!r}. "
                'Ids are in the frames, e.g. ninja.table("organizations").'
            )
            raise FilterError(msg) from error


def _listed(values: object) -> Iterable[object]:
    """*values* as a list of values; one text is a list of one."""
    if isinstance(values, str):
        return [values]
    if not isinstance(values, Iterable):
        msg = f"isin({values!r}) takes a list. For one value write isin([{values!r}]) or ==."
        raise FilterError(msg)
    return values


class _Words(_Ids):
    """A field that holds one of NinjaOne's upper-case words."""

    __hash__ = object.__hash__

    def _text(self, value: object) -> str:
        word = value.strip().upper() if isinstance(value, str) else ""
        if not _WORD.fullmatch(word):
            msg = f"The {self._title} is a word like WINDOWS_SERVER, not {value!r}."
            raise FilterError(msg)
        return word


class _Status(_Words):
    """The approval status, which NinjaOne compares with one word only."""

    __hash__ = object.__hash__

    def isin(self, values: Iterable[object]) -> Filter:
        """The devices in this status; NinjaOne takes one at a time."""
        values = list(_listed(values))
        if len(values) > 1:
            msg = (
                "NinjaOne compares the approval status with one word only. "
                "Pull each status on its own and join the frames with pd.concat([...])."
            )
            raise FilterError(msg)
        return super().isin(values)


class _Created:
    """The time of enrollment: `>`, `>=`, `<`, `<=` with a text, date, datetime or Timestamp, in UTC."""

    __hash__ = object.__hash__

    def __eq__(self, value: object) -> Filter:  # type: ignore[override]
        msg = (
            "The enrollment is a moment, so compare it with > and <, as in "
            '(device.created >= "2026-01-31") & (device.created < "2026-02-01").'
        )
        raise FilterError(msg)

    __ne__ = __eq__  # type: ignore[assignment]

    def __gt__(self, value: object) -> Filter:
        return self._than(_moment(value))

    def __ge__(self, value: object) -> Filter:
        return self._than(_moment(value) - _MILLISECOND)

    def __lt__(self, value: object) -> Filter:
        return ~self._than(_moment(value) - _MILLISECOND)

    def __le__(self, value: object) -> Filter:
        return ~self._than(_moment(value))

    @staticmethod
    def _than(moment: datetime) -> Filter:
        # NinjaOne counts milliseconds, so "not after t" is "before t plus one".
        after, before = _iso(moment), _iso(moment + _MILLISECOND)
        return _filter(f"created > {after}", f"created < {before}")


class _Group:
    """A device group (a saved search): `==` with its id."""

    __hash__ = object.__hash__

    def __eq__(self, value: object) -> Filter:  # type: ignore[override]
        return _filter(f"group {_Ids('group', 'group')._text(value)}")

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]
        msg = (
            "NinjaOne can ask for the devices of a group, not for all others. Drop them in pandas."
        )
        raise FilterError(msg)


def _moment(value: object) -> datetime:
    """*value* as a UTC time; what has no time zone is taken as UTC."""
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
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


class Device:
    """The fields of a device that NinjaOne can filter by; use the ready-made `device`."""

    def __init__(self) -> None:
        self.id = _Ids("id", "device")
        self.organization = _Ids("org", "organization")
        self.location = _Ids("loc", "location")
        self.role = _Ids("role", "role")
        self.group = _Group()
        self.node_class = _Words("class", "node class")
        self.approval_status = _Status("status", "approval status")
        self.created = _Created()
        self.online = _filter("online", "offline")
        self.offline = _filter("offline", "online")

    def __repr__(self) -> str:
        return f"device, with the fields {', '.join(sorted(vars(self)))}"


device = Device()
