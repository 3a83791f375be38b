"""The fields of a device that a filter can ask for, as `na.device.organization == 7`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import values
from ninja_analytics.filters.filter import Filter
from ninja_analytics.filters.tree import FIELDS, MILLISECOND, Leaf, Operator, Value

Reader = Callable[[object, str], Value]


class Choice:
    """A field that is one of several: `==`, `!=` and `.isin([...])`; *read* makes its values."""

    __hash__ = object.__hash__

    def __init__(self, name: str, read: Reader) -> None:
        self._field, self._read = FIELDS[name], read

    def __eq__(self, value: object) -> Filter:  # type: ignore[override]
        return Filter(Leaf(self._field.name, "in", (self._read(value, self._field.title),)))

    def __ne__(self, value: object) -> Filter:  # type: ignore[override]
        return ~(self == value)

    def isin(self, values_: Iterable[object], /) -> Filter:
        """The devices whose field is one of the values."""
        found = [self._read(value, self._field.title) for value in values.listed(values_)]
        if not found:
            msg = f"isin([]) on the {self._field.title} fits no device. Give at least one value."
            raise FilterError(msg)
        return Filter(Leaf(self._field.name, "in", tuple(dict.fromkeys(found))))

    def __repr__(self) -> str:
        return f"device.{self._field.name}, the {self._field.title}: ==, !=, .isin([...])"


class Created:
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
        return _than(">", values.moment(value))

    def __ge__(self, value: object) -> Filter:
        return _than(">", values.moment(value) - MILLISECOND)

    def __lt__(self, value: object) -> Filter:
        return _than("<", values.moment(value))

    def __le__(self, value: object) -> Filter:
        return _than("<", values.moment(value) + MILLISECOND)

    def __repr__(self) -> str:
        return "device.created, the time of enrollment: >, >=, <, <="


def _than(operator: Operator, moment: datetime) -> Filter:
    return Filter(Leaf("created", operator, (moment,)))


class Device:
    """The fields of a device that can be filtered by; use the ready-made `device`."""

    def __init__(self) -> None:
        self.id = Choice("id", values.whole_number)
        self.organization = Choice("organization", values.id_or_name)
        self.location = Choice("location", values.id_or_name)
        self.role = Choice("role", values.id_or_name)
        self.group = Choice("group", values.id_or_name)
        self.node_class = Choice("node_class", values.word)
        self.approval_status = Choice("approval_status", values.word)
        self.created = Created()
        self.online = Filter(Leaf("offline", "in", (0,)))
        self.offline = Filter(Leaf("offline", "in", (1,)))

    def __repr__(self) -> str:
        return f"device, with the fields {', '.join(sorted(vars(self)))}"


device = Device()
