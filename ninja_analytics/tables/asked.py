"""What was asked of a table, checked before anything is requested: parameters, ids, window, names."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from numbers import Real
from typing import Any

import pandas as pd

from ninja_analytics.catalog import TABLES, Parameter, Table
from ninja_analytics.errors import FilterError, UnknownNameError, UsageError
from ninja_analytics.filters import Filter
from ninja_analytics.frames import lists_of
from ninja_analytics.naming import NAMED

SHAPES = ("wide", "long")
_MILLISECONDS_FROM = 1e11  # epoch numbers from here on cannot be seconds


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to NinjaOne, in its own words.

    `params` are sent, `said` are the same by our names; `ids` are the parts of the path, one mapping
    for each time that it is asked (a table without such parts is asked once); `filters` are texts of
    device filters, each asked by itself. What is older than `edge` (epoch seconds) or has no higher
    id than `newer_than` is not asked for.
    """

    table: Table
    params: Mapping[str, object]
    said: Mapping[str, object]
    ids: tuple[Mapping[str, object], ...] = field(default=({},), repr=False)
    filters: tuple[str, ...] = ("",)
    edge: float | None = None
    newer_than: int | None = None


def ask(name: str, **parameters: object) -> Ask:
    """The checked question for table *name*; None among *parameters* counts as not given.

    Raises UnknownNameError and UsageError for what the table does not have or take.
    """
    table = known(name)
    given = {key: value for key, value in parameters.items() if value is not None}
    ids = _ids(table, {part: given.pop(part, None) for part in table.per})
    sent = {_parameter(table, key): _sent(table, key, value) for key, value in given.items()}
    return Ask(
        table,
        {parameter.api: value for parameter, value in sent.items()},
        {parameter.name: value for parameter, value in sent.items()},
        ids,
    )


def known(name: str) -> Table:
    """The table *name*; UnknownNameError if there is none."""
    if not isinstance(name, str) or name not in TABLES:
        raise UnknownNameError.among("table", name, TABLES)
    return TABLES[name]


def _parameter(table: Table, name: str) -> Parameter:
    found = {parameter.name: parameter for parameter in table.parameters}
    if name not in found:
        raise UnknownNameError.among(f"parameter of {table.name}", name, [*found, *table.per])
    return found[name]


def _sent(table: Table, name: str, value: object) -> object:
    """*value* as NinjaOne takes it for this parameter."""
    parameter = _parameter(table, name)
    match parameter.kind:
        case "time":
            return int(moment(name, value).timestamp())
        case "iso_time":
            return f"{moment(name, value):%Y-%m-%dT%H:%M:%SZ}"
        case "boolean" if isinstance(value, bool):
            return str(value).lower()
        case "integer" if _is_whole(value):
            return int(str(value))
        case "text" if isinstance(value, str) and value:
            return _chosen(table, parameter, value)
        case "texts" if texts := _listed(value, str):
            return ",".join(_chosen(table, parameter, text) for text in texts)
        case "integers" if numbers := _listed(value, object):
            if all(map(_is_whole, numbers)):
                return ",".join(map(str, numbers))
    msg = (
        f"{name}={value!r} of {table.name} must be {_CALLED[parameter.kind]}: {parameter.meaning}."
    )
    raise UsageError(msg)


_CALLED = {
    "boolean": "True or False", "integer": "a whole number", "text": "one text",
    "texts": "a text or a list of texts", "integers": "an id or a list of ids",
}  # fmt: skip


def _is_whole(value: object) -> bool:
    return not isinstance(value, bool) and bool(re.fullmatch(r"-?\d{1,18}", str(value)))


def _listed(value: object, kind: type) -> list[Any]:
    """*value* as a list of one or more values of this *kind*; empty if it is none."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        value = [value]
    values = list(value)
    empty = any(isinstance(one, str) and one == "" for one in values)
    return values if not empty and all(isinstance(one, kind) for one in values) else []


def _chosen(table: Table, parameter: Parameter, value: str) -> str:
    if parameter.choices and value not in parameter.choices:
        what = f"value of {parameter.name} of {table.name}"
        raise UnknownNameError.among(what, value, parameter.choices)
    return value


def _ids(table: Table, given: Mapping[str, object]) -> tuple[Mapping[str, object], ...]:
    """The parts of the path for each time that *table* is asked, in the order given.

    Several parts go together pair by pair; a part that is given once stands for all.
    """
    if not table.per:
        return ({},)
    if missing := [part for part, value in given.items() if value is None]:
        example = ", ".join(f"{part}=…" for part in missing)
        msg = f"{table.name} is asked by id: give {example}, one or a list of them."
        raise UsageError(msg)
    lists = {part: _parts(table, part, value) for part, value in given.items()}
    most = max(map(len, lists.values()))
    if any(len(values) not in (1, most) for values in lists.values()):
        msg = f"{' and '.join(lists)} of {table.name} must be lists of one length, or single ids."
        raise UsageError(msg)
    columns = [values if len(values) == most else values * most for values in lists.values()]
    rows = dict.fromkeys(zip(*columns, strict=True))
    return tuple(dict(zip(lists, row, strict=True)) for row in rows)


def _parts(table: Table, part: str, value: object) -> list[int | str]:
    """The ids (numbers, or words where the part is no id) that *value* gives for a part of the path."""
    given = _listed(value, object)
    values = [one for one in given if not (pd.api.types.is_scalar(one) and pd.isna(one))]
    if part.endswith("_id") and all(map(_is_whole, values)):
        found: list[int | str] = [int(str(one)) for one in values]
    else:
        words = [one for one in values if isinstance(one, str)]
        found = [one for one in words if re.fullmatch(r"[\w-]{1,80}", one)]
    if not found or len(found) != len(values):
        msg = f"{part}={value!r} of {table.name} must be an id or a list of ids."
        raise UsageError(msg)
    return found


def moment(name: str, value: object) -> pd.Timestamp:
    """*value* as a UTC time: a text, date, datetime, Timestamp or epoch seconds."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | date | Real):
            raise TypeError
        if isinstance(value, Real):
            seconds = float(value)
            found = pd.Timestamp(seconds if seconds < _MILLISECONDS_FROM else math.nan, unit="s")
        else:
            found = pd.Timestamp(value)
        if pd.isna(found):
            raise ValueError
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"{name}={value!r} is not a time. Give a text like 2026-01-31, a date or a datetime."
        raise UsageError(msg) from error
    return found.tz_convert("UTC") if found.tzinfo else found.tz_localize("UTC")


def device_filter(table: Table, where: object) -> str:
    """The device filter as text; empty for none."""
    if where is None or (isinstance(where, str) and not where.strip()):
        return ""
    if not isinstance(where, Filter | str):
        msg = f"where={where!r} is no device filter. Write e.g. where=na.device.organization == 7."
        raise FilterError(msg)
    if not table.device_filter:
        msg = (
            f"{table.name} takes no device filter. Leave where= out and choose rows in pandas, "
            "e.g. frame[frame.organization_id == 7]."
        )
        raise FilterError(msg)
    return str(where).strip()


def names(table: Table, wanted: object) -> tuple[str, ...]:
    """The names to join, checked against what the rows of *table* carry."""
    if isinstance(wanted, str):
        wanted = (wanted,)
    if wanted is not None and not isinstance(wanted, Iterable):
        msg = f'names={wanted!r} is no list of names. Write e.g. names=["organization", "device"].'
        raise UsageError(msg)
    found = tuple(dict.fromkeys(wanted or ()))
    columns = {column.name for column in table.columns}
    for name in found:
        if name not in NAMED:
            raise UnknownNameError.among("name to join", name, NAMED)
        if not columns & {f"{name}_id", "device_id"}:
            msg = f"The rows of {table.name} belong to no {name}. Leave {name!r} out of names=."
            raise UsageError(msg)
    return found


def part(table: Table, wanted: str | None) -> str | None:
    """The column of lists whose members are to be the rows, checked."""
    if wanted is not None and wanted not in lists_of(table):
        if not lists_of(table):
            raise UsageError(f"{table.name} has no column of lists. Leave part= out.")
        raise UnknownNameError.among(f"column of lists in {table.name}", wanted, lists_of(table))
    return wanted


def shape(table: Table, wanted: str | None, part: str | None = None) -> str | None:
    """The shape in which custom fields are to come, checked; not together with *part*."""
    if wanted is None:
        return None
    if wanted not in SHAPES:
        raise UnknownNameError.among("shape", wanted, SHAPES)
    if not _has_custom_fields(table):
        raise UsageError(f"{table.name} has no custom fields. Leave shape= out.")
    if part is not None:
        raise UsageError(
            f"part= and shape= of {table.name} exclude each other. Leave one of them out."
        )
    return wanted


def _has_custom_fields(table: Table) -> bool:
    """Whether the rows of *table* carry values by the name of a custom field."""
    found = next((column for column in table.columns if column.name == "fields"), None)
    if found is None:
        return False
    return found.kind == "json" or {"name", "value"} <= {one.name for one in found.columns}


def all_known(names: str | Iterable[str]) -> list[str]:
    """The tables *names*, or the one of that name; raises UnknownNameError for a wrong one."""
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        refuse_unknown(name, {})
    return wanted


def refuse_unknown(name: str, parameters: Mapping[str, object]) -> None:
    """Raise UnknownNameError for a wrong *name* of a table, or *parameters* that it does not have."""
    table = known(name)
    has = {one.name for one in table.parameters} | set(table.per)
    for parameter in parameters:
        if parameter not in has:
            raise UnknownNameError.among(f"parameter of {name}", parameter, has)
