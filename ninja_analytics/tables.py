"""A table as it was asked for: its parameters checked, its rows in a frame that knows its origin.

`frame.attrs["ninja"]` says which table, filter, instance and time a frame comes from, how many
requests it took, whether it is complete, and where the answers departed from the catalogue.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from numbers import Real
from typing import Any

import pandas as pd

from ninja_analytics.catalog import TABLES, Parameter, Table
from ninja_analytics.errors import (
    DriftWarning,
    FilterError,
    IncompleteError,
    NinjaError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.frames import Drift, frame
from ninja_analytics.pages import Get, Page, pages
from ninja_analytics.progress import Collector
from ninja_analytics.progress import progress as open_progress

_NAMES = ("organization", "location", "device")
_MILLISECONDS_FROM = 1e11  # epoch numbers from here on cannot be seconds


def fetch(
    get: Get,
    name: str,
    *,
    where: Filter | str | None = None,
    names: Iterable[str] | None = (),
    progress: str | Collector | None = None,
    instance: str = "",
    now: datetime | None = None,
    **parameters: object,
) -> pd.DataFrame:
    """The rows of table *name*, typed as the catalogue says, also when there are none.

    *where* is a device filter; *names* adds the columns organization_name, location_name and
    device_name for any of "organization", "location" and "device"; *progress* is a kind of
    progress or an open collector; *parameters* are those of the table.

    Raises UnknownNameError and FilterError for what the table does not have, what `get` raises
    when nothing has arrived yet, and IncompleteError with `.partial` when a pull breaks later.
    """
    table = _known(name)
    wanted = _wanted(table, names)
    asked = {
        _parameter(table, key): _sent(table, key, value)
        for key, value in parameters.items()
        if value is not None
    }
    df = _device_filter(table, where)
    params = {parameter.api: value for parameter, value in asked.items()}
    pull = _Pull(get)
    with _collector(progress, name) as collector:
        data, drift = _rows(pull, table, {**params, "df": df} if df else params, collector)
        whole = pull.broken is None
        if whole:
            data = _with_names(pull, data, wanted)
    data.attrs["ninja"] = {
        "table": name,
        "path": table.path,
        "instance": instance,
        "where": df or None,
        "parameters": {parameter.name: value for parameter, value in asked.items()},
        "pulled_at": (now or datetime.now(UTC)).isoformat(),
        "requests": pull.requests,
        "rows": len(data),
        "complete": pull.broken is None,
        "drift": drift.to_dict(),
    }
    if drift:
        # 3: the line of the person who asked for the table, through Ninja.table
        warnings.warn(_drift_text(name, drift), DriftWarning, stacklevel=3)
    if pull.broken:
        raise _incomplete(name, data, pull.broken, whole=whole) from pull.broken
    return data


def _incomplete(
    name: str, data: pd.DataFrame, cause: NinjaError, *, whole: bool
) -> IncompleteError:
    msg = (
        f"All {len(data)} rows of {name} arrived, but not the names to join: {cause} "
        "The rows are in this error's .partial, without names."
        if whole
        else f"The pull of {name} broke off after {len(data)} rows: {cause} "
        "What had arrived is in this error's .partial; it is not the whole table."
    )
    return IncompleteError(msg, partial=data)


@dataclass
class _Pull:
    """One pull under way: counts its requests, and keeps the error that broke it off."""

    get: Get
    requests: int = 0
    broken: NinjaError | None = field(default=None, repr=False)

    def counted(self, path: str, params: Mapping[str, object]) -> bytes:
        self.requests += 1
        return self.get(path, params)


def _rows(
    pull: _Pull, table: Table, params: Mapping[str, object], collector: Collector
) -> tuple[pd.DataFrame, Drift]:
    return frame(table, _until_it_breaks(pull, _walk(pull, table, params), collector))


def _walk(pull: _Pull, table: Table, params: Mapping[str, object]) -> Iterator[Page]:
    return pages(
        pull.counted,
        table.path,
        params,
        paging=table.paging,
        page_size=table.page_size,
        rows_in=table.rows_in,
    )


def _until_it_breaks(pull: _Pull, walk: Iterator[Page], collector: Collector) -> Iterator[bytes]:
    """The bodies of the pages; an error after the first page ends them and is kept for later."""
    arrived = False
    try:
        for page in walk:
            arrived = True
            collector.advance(rows=page.rows, pages=1)
            yield page.body
    except NinjaError as error:
        if not arrived:
            raise
        pull.broken = error


def _known(name: str) -> Table:
    if not isinstance(name, str) or name not in TABLES:
        raise UnknownNameError.among("table", name, TABLES)
    return TABLES[name]


def _parameter(table: Table, name: str) -> Parameter:
    known = {parameter.name: parameter for parameter in table.parameters}
    if name not in known:
        raise UnknownNameError.among(f"parameter of {table.name}", name, known)
    return known[name]


def _sent(table: Table, name: str, value: object) -> object:
    """*value* as NinjaOne takes it for this parameter."""
    parameter = _parameter(table, name)
    match parameter.kind:
        case "time":
            return int(_moment(name, value).timestamp())
        case "iso_time":
            return f"{_moment(name, value):%Y-%m-%dT%H:%M:%SZ}"
        case "boolean" if isinstance(value, bool):
            return str(value).lower()
        case "integer" if re.fullmatch(r"-?\d{1,18}", str(value)):
            return int(str(value))
        case "text" if isinstance(value, str) and value:
            return _chosen(table, parameter, value)
    msg = (
        f"{name}={value!r} of {table.name} must be {_CALLED[parameter.kind]}: {parameter.meaning}."
    )
    raise UsageError(msg)


_CALLED = {"boolean": "True or False", "integer": "a whole number", "text": "one text"}


def _chosen(table: Table, parameter: Parameter, value: str) -> str:
    if parameter.choices and value not in parameter.choices:
        what = f"value of {parameter.name} of {table.name}"
        raise UnknownNameError.among(what, value, parameter.choices)
    return value


def _moment(name: str, value: object) -> pd.Timestamp:
    """*value* as a UTC time: a text, date, datetime, Timestamp or epoch seconds."""
    try:
        if isinstance(value, bool) or not isinstance(value, str | date | Real):
            raise TypeError
        if isinstance(value, Real):
            seconds = float(value)
            moment = pd.Timestamp(seconds if seconds < _MILLISECONDS_FROM else math.nan, unit="s")
        else:
            moment = pd.Timestamp(value)
        if pd.isna(moment):
            raise ValueError
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"{name}={value!r} is not a time. Give a text like 2026-01-31, a date or a datetime."
        raise UsageError(msg) from error
    return moment.tz_convert("UTC") if moment.tzinfo else moment.tz_localize("UTC")


def _device_filter(table: Table, where: object) -> str:
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


def _collector(progress: str | Collector | None, name: str) -> AbstractContextManager[Collector]:
    if progress is None or isinstance(progress, str):
        return open_progress(name, progress or "none")
    return nullcontext(progress)


def _drift_text(name: str, drift: Drift) -> str:
    said = []
    if drift.unknown:
        said.append(f"new fields ({', '.join(drift.unknown)}) are in columns at the end")
    if drift.retyped:
        said.append(f"values of another type than expected were met in {', '.join(drift.retyped)}")
    return f'{name}: {"; ".join(said)}. See frame.attrs["ninja"]["drift"].'


def _wanted(table: Table, names: object) -> tuple[str, ...]:
    """The names to join, checked against what the rows of *table* carry."""
    if isinstance(names, str):
        names = (names,)
    if names is not None and not isinstance(names, Iterable):
        msg = f'names={names!r} is no list of names. Write e.g. names=["organization", "device"].'
        raise UsageError(msg)
    wanted = tuple(dict.fromkeys(names or ()))
    columns = {column.name for column in table.columns}
    for name in wanted:
        if name not in _NAMES:
            raise UnknownNameError.among("name to join", name, _NAMES)
        if not columns & {f"{name}_id", "device_id"}:
            msg = f"The rows of {table.name} belong to no {name}. Leave {name!r} out of names=."
            raise UsageError(msg)
    return wanted


def _with_names(pull: _Pull, data: pd.DataFrame, wanted: tuple[str, ...]) -> pd.DataFrame:
    """*data* with a column per name; rows whose device or place is not known stay, unnamed."""
    missing = [name for name in wanted if f"{name}_name" not in data]
    if not missing:
        return data
    try:
        devices = _devices(pull, data, missing)
        named = {f"{name}_name": _names(pull, data, name, devices) for name in missing}
    except NinjaError as error:
        pull.broken = error
        return data
    return data.assign(**named)


def _devices(pull: _Pull, data: pd.DataFrame, names: list[str]) -> pd.DataFrame | None:
    """The devices, if they are needed to find a name for the rows of *data*."""
    if "device" not in names and all(f"{name}_id" in data for name in names):
        return None
    return data if "system_name" in data else _lookup(pull, "devices")


def _names(pull: _Pull, data: pd.DataFrame, name: str, devices: pd.DataFrame | None) -> Any:
    """The names of the organization, location or device to which each row of *data* belongs."""
    if name == "device" and devices is not None:
        return _look_up(data["device_id"], devices["device_id"], device_names(devices))
    ids = data.get(f"{name}_id")
    if ids is None and devices is not None:
        ids = _look_up(data["device_id"], devices["device_id"], devices[f"{name}_id"])
    named = _lookup(pull, f"{name}s")
    return _look_up(ids, named[f"{name}_id"], named[f"{name}_name"])


def device_names(devices: pd.DataFrame) -> pd.Series:
    """What to call each device: the name given to it, else the one that it or the network reports."""
    names = devices["display_name"]
    for column in ("system_name", "dns_name", "netbios_name"):
        names = names.where(names.notna() & (names != ""), devices[column])
    return names


def _look_up(ids: Any, keys: pd.Series, values: pd.Series) -> Any:
    """The value for each id, in order; one row each, whatever repeats, and missing if unknown."""
    table = values.set_axis(pd.Index(keys))
    table = table[table.index.notna() & ~table.index.duplicated()]
    return table.reindex(pd.Index(ids)).array


def _lookup(pull: _Pull, name: str) -> pd.DataFrame:
    """The whole table *name*, pulled to look up names in it."""
    table = TABLES[name]
    return frame(table, (page.body for page in _walk(pull, table, {})))[0]
