"""The recorded rows of a table: as Arrow data sets for engines, and as typed frames.

A file that lacks a column of today's catalogue has it as missing; one that has a column more has it
among the unknown fields. So a snapshot outlives the catalogue by which it was taken.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import HistoryError, UnknownNameError
from ninja_analytics.frames import Decoded, Decoder, assembled, batches
from ninja_analytics.frames.kinds import TIME
from ninja_analytics.history.events import last_of_each
from ninja_analytics.history.folder import Folder, shown
from ninja_analytics.history.recorded_tables import EVENTS
from ninja_analytics.history.snapshots import Snapshot

AT, SNAPSHOT = "snapshot_at", "snapshot"
_FORMAT = ds.ParquetFileFormat()


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one table that one snapshot brought: a file, or some row groups of it."""

    path: str
    groups: tuple[int, ...] | None
    snapshot: str
    snapshot_at: datetime
    rows: int


def pieces(
    snapshots: Iterable[Snapshot],
    name: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Piece, ...]:
    """What *snapshots* have of table *name*, oldest first: taken from *since* on and before *until*."""
    return tuple(
        Piece(one.file.path, one.file.groups, taken.id, taken.taken_at, one.file.rows)
        for taken in snapshots
        if (since is None or taken.taken_at >= since) and (until is None or taken.taken_at < until)
        if (one := taken.tables.get(name)) and one.file
    )


def plain_schema(table: Table) -> pa.Schema:
    """The schema of `dataset`: words as plain strings, since every file has its own dictionary."""
    fields = [pa.field(one.name, _plain(one.type)) for one in batches.schema(table)]
    return pa.schema([pa.field(AT, TIME), *fields, pa.field(SNAPSHOT, pa.string())])


def dataset(folder: Folder, table: Table, found: Sequence[Piece]) -> ds.Dataset:
    """All rows of the pieces *found*, with `snapshot_at` and `snapshot` as partitions of them."""
    schema = plain_schema(table)
    fragments = [_fragment(folder, one) for one in found]
    return ds.FileSystemDataset(fragments, schema, _FORMAT, folder.arrow_files)


def frame(
    folder: Folder, table: Table, found: Sequence[Piece], columns: Collection[str] | None = None
) -> pd.DataFrame:
    """All rows of the pieces *found*, typed as the catalogue says, with `snapshot_at` in front.

    *columns* are those wanted of the table (None: all, and the unknown fields).
    """
    wanted = table if columns is None else chosen(table, columns)
    parts = [decoded(folder, wanted, one, unknown=columns is None) for one in found]
    rows = [part.rows for part in parts]
    data, _ = assembled(wanted, parts, Decoder(wanted))
    times = pd.DatetimeIndex([one.snapshot_at for one in found], dtype="datetime64[us, UTC]")
    data.insert(0, AT, times.repeat(rows))
    return data


def chosen(table: Table, columns: Collection[str]) -> Table:
    """*table* with those of its columns alone; UnknownNameError for one that it does not have."""
    known = [one.name for one in table.columns]
    for name in columns:
        if name not in known:
            raise UnknownNameError.among(f"column of {table.name}", name, known)
    return replace(table, columns=tuple(one for one in table.columns if one.name in columns))


def decoded(folder: Folder, table: Table, piece: Piece, *, unknown: bool = True) -> Decoded:
    """The rows of a piece as what a pull decodes: so the same frame can be made of them."""
    rows = rows_of(folder, table, piece)
    return as_decoded(table, rows, unknown=unknown)


def as_decoded(table: Table, rows: pa.Table, *, unknown: bool = True) -> Decoded:
    """The rows of a table that `rows_of` gave, as what a pull decodes."""
    rows = rows.combine_chunks()
    known = tuple(_one(rows[column.name]) for column in table.columns)
    others = _unknown(rows[batches.OTHERS]) if unknown else {}
    return Decoded(rows.num_rows, known, others)


def events(folder: Folder, table: Table, found: Sequence[Piece]) -> pa.Table:
    """The events that the pieces *found* tell of: of each the last recording."""
    parts = [rows_of(folder, table, one) for one in found]
    whole = pa.concat_tables(parts) if parts else batches.schema(table).empty_table()
    return last_of_each(whole.unify_dictionaries(), EVENTS[table.name].key)


def rows_of(folder: Folder, table: Table, piece: Piece) -> pa.Table:
    """The rows of a piece, in the columns of *table* and one for what it does not have.

    HistoryError if its file is missing or damaged.
    """
    schema = batches.schema(table)
    fragment = _fragment(folder, piece)
    try:
        there = fragment.physical_schema
        try:
            rows = fragment.to_table(schema=schema)
        except pa.ArrowInvalid:  # a column is of another kind today
            rows = _by_column(fragment, schema)
        more = [name for name in there.names if name not in _TODAY.get(table.name, schema.names)]
        if more:
            rows = _with_more(rows, fragment.to_table(columns=more))
    except (OSError, pa.ArrowException) as error:
        raise damaged(folder, piece.path, error) from error
    return rows


# What the whole table has today: a column that is left out of a choice is not unknown.
_TODAY = {
    name: frozenset([*(one.name for one in table.columns), batches.OTHERS])
    for name, table in TABLES.items()
}


def damaged(folder: Folder, path: str, error: Exception) -> HistoryError:
    """The error for a data file that cannot be read."""
    what = "is missing from" if isinstance(error, FileNotFoundError) else "is damaged in"
    return HistoryError(
        f"{path} {what} the history at {shown(folder.url)}. Bring it back from a backup, or leave out "
        "its snapshot; history.verify() names every file that is not as it was written."
    )


def damaged_one(folder: Folder, found: Sequence[Piece], error: Exception) -> HistoryError:
    """The error for the file among those of *found* that cannot be read."""
    path = next((one.path for one in found if one.path in str(error)), found[0].path)
    return damaged(folder, path, error)


def _fragment(folder: Folder, piece: Piece) -> Any:
    told = ds.field(AT) == pa.scalar(piece.snapshot_at, TIME)
    told &= ds.field(SNAPSHOT) == piece.snapshot
    groups = None if piece.groups is None else list(piece.groups)
    return _FORMAT.make_fragment(
        folder.path(piece.path), folder.arrow_files, told, row_groups=groups
    )


def _by_column(fragment: Any, schema: pa.Schema) -> pa.Table:
    """The rows, where a column cannot be what it is today: it is missing then, its text unknown."""
    arrays, texts = [], {}
    for one in schema:
        try:
            arrays.append(fragment.to_table(schema=pa.schema([one]))[one.name])
        except pa.ArrowInvalid:
            raw = fragment.to_table(columns=[one.name])[one.name]
            texts[one.name] = raw
            arrays.append(pa.chunked_array([pa.nulls(len(raw), one.type)]))
    rows = pa.table(arrays, schema=schema)
    return _with_more(rows, pa.table(texts))


def _with_more(rows: pa.Table, more: pa.Table) -> pa.Table:
    """*rows* with the columns of *more* among their unknown fields."""
    known = rows[batches.OTHERS].to_pylist()
    texts = []
    for text, values in zip(known, more.to_pylist(), strict=True):
        there = {name: value for name, value in values.items() if value is not None}
        whole = (json.loads(text) if text else {}) | there
        texts.append(json.dumps(whole, default=str) if whole else None)
    place = rows.schema.get_field_index(batches.OTHERS)
    return rows.set_column(place, batches.OTHERS, pa.array(texts, pa.string()))


def _unknown(others: pa.ChunkedArray) -> dict[tuple[str, ...], pa.Array]:
    """The unknown fields of each row, apart: as JSON texts by field."""
    if others.null_count == len(others):
        return {}
    rows = [json.loads(text) if text else {} for text in others.to_pylist()]
    names = sorted({name for row in rows for name in row})
    return {
        (name,): pa.array(
            [json.dumps(row[name]) if name in row else None for row in rows], pa.string()
        )
        for name in names
    }


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _one(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, also when it is empty."""
    if column.num_chunks == 1:
        return column.chunk(0)
    if column.num_chunks == 0:
        return (
            pa.array([], column.type)
            if not pa.types.is_dictionary(column.type)
            else pa.nulls(0, column.type)
        )
    return (
        pc.dictionary_encode(column).combine_chunks()
        if pa.types.is_dictionary(column.type)
        else column.combine_chunks()
    )
