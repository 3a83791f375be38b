"""Questions in SQL over everything recorded and the tables of now, answered by DuckDB, read-only.

`software_history` is every snapshot of software, with snapshot_at and snapshot; of an event table it
is every event once. `software` is the table pulled now. Nothing else can be read or written: DuckDB is
not let out to the disk or the network.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import HistoryError, UnknownNameError, UsageError
from ninja_analytics.history import reading
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.recorded_tables import EVENTS
from ninja_analytics.history.snapshots import Snapshot

SUFFIX = "_history"
_DAY = 86_400_000_000_000  # nanoseconds
_RECORDED = "_recorded"  # of an event table: every recording, before the last of each is chosen
_DTYPES: Mapping[pa.DataType, str] = {
    pa.int8(): "Int64", pa.int16(): "Int64", pa.int32(): "Int64", pa.int64(): "Int64",
    pa.uint8(): "Int64", pa.uint16(): "Int64", pa.uint32(): "Int64", pa.uint64(): "UInt64",
    pa.float32(): "Float64", pa.float64(): "Float64", pa.bool_(): "boolean",
}  # fmt: skip
_PANDAS = {kind: pd.api.types.pandas_dtype(name) for kind, name in _DTYPES.items()}


def names(recorded: Collection[str], live: Collection[str]) -> tuple[str, ...]:
    """The names that a query can have: of the tables *recorded*, and of those that can be pulled."""
    return (*sorted(f"{name}{SUFFIX}" for name in recorded), *sorted(live))


def answer(
    query: str,
    folder: Folder,
    snapshots: Sequence[Snapshot],
    live: Callable[[str], pd.DataFrame] | None,
    *,
    possible: Collection[str],
) -> pd.DataFrame:
    """The rows that *query* gives; numbers are Int64 and Float64, times in UTC.

    *live* pulls a table of now (None: there is no connection), *possible* are those that it can.
    Raises UsageError for what is not one SELECT, and for what DuckDB cannot do of it,
    UnknownNameError for a table that is not there, and what a pull raises.
    """
    import duckdb

    if not isinstance(query, str):
        raise UsageError(f"The query is a text, not {query!r}.")
    with duckdb.connect() as engine:
        engine.execute("set enable_external_access = false; set timezone = 'UTC'")
        engine.execute("set python_enable_replacements = false; set lock_configuration = true")
        asked = _asked(engine, query)
        for name in asked:
            _give(engine, name, folder, snapshots, live, possible)
        try:
            found = engine.execute(query).to_arrow_table()
        except duckdb.Error as error:
            if "arrow_scan" in str(error):
                raise _of_files(asked, folder, snapshots, error) from error
            raise UsageError(f"The query does not work: {_first(error)}") from error
    return _frame(found)


def _of_files(
    asked: Iterable[str], folder: Folder, snapshots: Sequence[Snapshot], error: Exception
) -> HistoryError:
    """The error for the file that could not be read when the tables *asked* were."""
    tables = [TABLES[name.removesuffix(SUFFIX)] for name in asked if name.endswith(SUFFIX)]
    found = {table: reading.pieces(snapshots, table.name) for table in tables}
    return reading.damaged_one(folder, found, error)


def _asked(engine: Any, query: str) -> list[str]:
    """The names of the tables that *query* reads, in lower case; UsageError if it is not one SELECT."""
    told = json.loads(engine.execute("select json_serialize_sql(?)", [query]).fetchone()[0])
    if told.get("error"):
        if told.get("error_type") == "parser":
            raise UsageError(f"The query is no SQL: {told['error_message']}.")
        raise UsageError("Only SELECT is possible: the history is not changed by a query.")
    if len(told["statements"]) != 1:
        raise UsageError("Give one SELECT, without a second statement after it.")
    own = {one["key"].lower() for node in _nodes(told) for one in _common(node)}
    found = [
        node["table_name"].lower() for node in _nodes(told) if node.get("type") == "BASE_TABLE"
    ]
    return [name for name in dict.fromkeys(found) if name not in own]


def _common(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The tables that a WITH in *node* makes."""
    told = node.get("cte_map")
    return list(told.get("map", ())) if isinstance(told, dict) else []


def _nodes(told: Any) -> Iterator[dict[str, Any]]:
    if isinstance(told, dict):
        yield told
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            yield from _nodes(one)


def _give(
    engine: Any,
    name: str,
    folder: Folder,
    snapshots: Sequence[Snapshot],
    live: Callable[[str], pd.DataFrame] | None,
    possible: Collection[str],
) -> None:
    """Let a query have the table *name*."""
    table = name.removesuffix(SUFFIX)
    recorded = {one for taken in snapshots for one in taken.tables}
    if name.endswith(SUFFIX) and table in recorded and table in TABLES:
        found = reading.dataset(folder, TABLES[table], reading.pieces(snapshots, table))
        if table not in EVENTS:
            engine.register(name, found)
            return
        engine.register(f"{table}{_RECORDED}", found)
        key = ", ".join(f'"{one}"' for one in EVENTS[table].key)
        last = (
            f"row_number() over (partition by {key} order by snapshot_at desc, snapshot desc) = 1"
        )
        whole = f'select * from "{table}{_RECORDED}" qualify {last}'  # noqa: S608  # the catalogue's names
        engine.execute(f'create view "{name}" as {whole}')
    elif name in possible and live is not None:
        engine.register(name, _plain(live(name)))
    else:
        raise UnknownNameError.among("table", name, names(recorded, possible if live else ()))


def _plain(data: pd.DataFrame) -> pa.Table:
    """A frame for DuckDB, with words as plain strings."""
    table = pa.Table.from_pandas(data, preserve_index=False)
    fields = [
        pa.field(one.name, one.type.value_type if pa.types.is_dictionary(one.type) else one.type)
        for one in table.schema
    ]
    return table.replace_schema_metadata(None).cast(pa.schema(fields))


def _frame(found: pa.Table) -> pd.DataFrame:
    """What DuckDB answered, in the dtypes of every other frame here."""
    columns: dict[str, Any] = {}
    for field, column in zip(found.schema, found.columns, strict=True):
        name = field.name
        while name in columns:  # of a join of two that have it
            name += "_"
        columns[name] = _series(field.type, column)
    return pd.DataFrame(columns, index=pd.RangeIndex(found.num_rows))


def _series(kind: pa.DataType, column: pa.ChunkedArray) -> Any:
    if pa.types.is_decimal(kind):
        return _number(kind, column)
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).to_pandas().dt.tz_localize("UTC")
    if pa.types.is_timestamp(kind):
        times = column.cast(pa.timestamp("us", kind.tz)).to_pandas()
        return times if kind.tz is None else times.dt.tz_convert("UTC")
    if pa.types.is_interval(kind):
        return _lengths(column)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series(column.to_pandas(), dtype="str")
    if pa.types.is_nested(kind):
        return pd.arrays.ArrowExtensionArray(column)
    return column.to_pandas(types_mapper=_PANDAS.get)


def _number(kind: Any, column: pa.ChunkedArray) -> Any:
    """A sum and the like: whole numbers as such, but for those that are too large for that."""
    if kind.scale == 0:
        try:
            return column.cast(pa.int64()).to_pandas(types_mapper=_PANDAS.get)
        except pa.ArrowInvalid:
            pass
    return column.cast(pa.float64()).to_pandas(types_mapper=_PANDAS.get)


def _lengths(column: pa.ChunkedArray) -> Any:
    """How long something took, as timedeltas; as it is where months are in it, which have no length."""
    values = column.to_pylist()
    if any(one is not None and one.months for one in values):
        return column.to_pandas()
    spans = [
        None if one is None else pd.Timedelta(one.days * _DAY + one.nanoseconds) for one in values
    ]
    return pd.Series(spans, dtype="timedelta64[us]")


def _first(error: Exception) -> str:
    """The first line of DuckDB's message, without its kind."""
    return str(error).splitlines()[0].split(": ", 1)[-1].rstrip(".!") + "."
