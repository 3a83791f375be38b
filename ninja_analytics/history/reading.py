"""The recorded rows of a table: as Arrow data sets for engines, and as typed frames.

A snapshot outlives the catalogue by which it was taken: its rows are in the columns of `today`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from ninja_analytics.catalog import Table
from ninja_analytics.errors import HistoryError, UnknownNameError
from ninja_analytics.frames import Decoded, Decoder, assembled, batches
from ninja_analytics.frames.kinds import TIME
from ninja_analytics.history import today
from ninja_analytics.history.events import last_of_each
from ninja_analytics.history.folder import Folder, shown
from ninja_analytics.history.recorded_tables import EVENTS
from ninja_analytics.history.snapshots import Snapshot
from ninja_analytics.history.writing import digest, form_of, plain

AT, SNAPSHOT = "snapshot_at", "snapshot"
_FORMAT = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
)


@dataclass(frozen=True, slots=True)
class Piece:
    """The rows of one table that one snapshot brought: a file, or some row groups of it.

    `digest` is the SHA-256 of all of the file, `form` tells its schema; "" says that it is not known.
    """

    path: str
    groups: tuple[int, ...] | None
    snapshot: str
    snapshot_at: datetime
    rows: int
    digest: str = ""
    form: str = ""


def pieces(
    snapshots: Iterable[Snapshot],
    name: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Piece, ...]:
    """What *snapshots* have of table *name*, oldest first: taken from *since* on and before *until*."""
    return tuple(
        Piece(
            one.file.path, one.file.groups, taken.id, taken.taken_at, one.file.rows,
            one.file.digest, one.file.form,
        )
        for taken in snapshots
        if (since is None or taken.taken_at >= since) and (until is None or taken.taken_at < until)
        if (one := taken.tables.get(name)) and one.file
    )  # fmt: skip


def plain_schema(table: Table) -> pa.Schema:
    """The schema of `dataset`: words as plain strings, since every file has its own dictionary."""
    return pa.schema(
        [pa.field(AT, TIME), *plain(batches.schema(table)), pa.field(SNAPSHOT, pa.string())]
    )


def dataset(folder: Folder, table: Table, found: Sequence[Piece]) -> ds.Dataset:
    """All rows of the pieces *found*, with `snapshot_at` and `snapshot` as partitions of them.

    Those of a file by another catalogue, whose columns are not what they are today, are in memory.
    HistoryError if one of those is missing or damaged.
    """
    schema, form = plain_schema(table), form_of(batches.schema(table))
    others = [one for one in found if one.form != form and not _fits(folder, table, one)]
    fragments = [_fragment(folder, one) for one in found if one not in others]
    whole = ds.FileSystemDataset(fragments, schema, _FORMAT, folder.arrow_files)
    if not others:
        return whole
    rows = [_with_snapshot(rows_of(folder, table, one), one, schema) for one in others]
    return ds.dataset([whole, ds.dataset(rows)])


def _fits(folder: Folder, table: Table, piece: Piece) -> bool:
    """Whether the file of a piece has columns of today alone, of the kinds that they are today."""
    with _read(folder, piece):
        return today.fits(_fragment(folder, piece).physical_schema, table)


def _with_snapshot(rows: pa.Table, piece: Piece, schema: pa.Schema) -> pa.Table:
    """*rows* in terms of `plain_schema`."""
    at = pa.repeat(pa.scalar(piece.snapshot_at, TIME), rows.num_rows)
    told = pa.repeat(pa.scalar(piece.snapshot, pa.string()), rows.num_rows)
    return (
        rows.append_column(AT, at).append_column(SNAPSHOT, told).select(schema.names).cast(schema)
    )


def frame(
    folder: Folder, table: Table, found: Sequence[Piece], columns: Collection[str] | None = None
) -> pd.DataFrame:
    """All rows of the pieces *found*, typed as the catalogue says, with `snapshot_at` in front.

    *columns* are those wanted of the table (None: all, and the unknown fields).
    """
    wanted = table if columns is None else chosen(table, columns)
    unknown = columns is None
    parts = [as_decoded(wanted, rows_of(folder, wanted, one), unknown=unknown) for one in found]
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


def decoded(folder: Folder, table: Table, piece: Piece) -> Decoded:
    """The rows of a piece as what a pull decodes: so the same frame can be made of them.

    HistoryError if its file is missing or not as it was written, to the last byte.
    """
    undamaged(folder, [piece])
    return as_decoded(table, rows_of(folder, table, piece))


def as_decoded(table: Table, rows: pa.Table, *, unknown: bool = True) -> Decoded:
    """The rows of a table that `rows_of` gave, as what a pull decodes."""
    rows = rows.combine_chunks()
    known = tuple(_one(rows[column.name]) for column in table.columns)
    others = today.unknown(rows[batches.OTHERS]) if unknown else {}
    return Decoded(rows.num_rows, known, others)


def events(folder: Folder, table: Table, found: Sequence[Piece]) -> pa.Table:
    """The events that the pieces *found* tell of: of each the last recording.

    HistoryError if a file is missing or not as it was written.
    """
    undamaged(folder, found)
    parts = [rows_of(folder, table, one) for one in found]
    whole = pa.concat_tables(parts) if parts else batches.schema(table).empty_table()
    return last_of_each(whole.unify_dictionaries(), EVENTS[table.name].key)


def rows_of(folder: Folder, table: Table, piece: Piece) -> pa.Table:
    """The rows of a piece, in the columns of *table* and one for what it does not have.

    HistoryError if its file is missing or damaged.
    """
    # One group at a time: Arrow does not keep the order in which they are named.
    apart = [replace(piece, groups=(one,)) for one in piece.groups or ()] or [piece]
    with _read(folder, piece):
        return pa.concat_tables([today.rows_of(_fragment(folder, one), table) for one in apart])


def undamaged(folder: Folder, found: Iterable[Piece]) -> None:
    """Raise HistoryError if a file of the pieces *found* is missing or not as it was written.

    Every byte is read, once.
    """
    for path, written in {one.path: one.digest for one in found}.items():
        try:
            with folder.opened(path) as file:
                if written and digest(file) != written:
                    raise damaged(folder, path)
        except FileNotFoundError as error:
            raise damaged(folder, path, error) from error


def damaged(folder: Folder, path: str, error: Exception | None = None) -> HistoryError:
    """The error for a data file that cannot be read, because of *error* or of what is in it."""
    where = f"the history at {shown(folder.url)}"
    if error is not None and not _is_of_the_file(error):
        why = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
        return HistoryError(
            f"{path} cannot be read from {where} ({why}). Check that it can be reached, and the "
            "credentials in your environment; then run this again."
        )
    what = "is missing from" if isinstance(error, FileNotFoundError) else "is damaged in"
    return HistoryError(
        f"{path} {what} {where}. Bring it back from a backup, or leave out its snapshot; "
        "history.verify() names every file that is not as it was written."
    )


def _is_of_the_file(error: Exception) -> bool:
    """Whether *error* is about the file, and not about the way to it; Arrow's own have no number."""
    arrows = type(error) is OSError and error.errno is None
    return arrows or isinstance(error, (FileNotFoundError, pa.ArrowException, ValueError))


def damaged_one(
    folder: Folder, found: Mapping[Table, Sequence[Piece]], error: Exception
) -> HistoryError:
    """The error for the file among those of *found* that cannot be read, which is looked for."""
    for table, pieces_of_it in found.items():
        for piece in pieces_of_it:
            try:
                rows_of(folder, table, piece)
            except HistoryError as one:
                return one
    names = ", ".join(one.name for one in found)
    return HistoryError(
        f"{names} cannot be read from the history at {shown(folder.url)}: {error}. Run this again."
    )


@contextmanager
def _read(folder: Folder, piece: Piece) -> Iterator[None]:
    """What Arrow says of a file that it cannot read, as the error for it."""
    try:
        yield
    except Exception as error:  # every store raises errors of its own, and Arrow lets them pass
        raise damaged(folder, piece.path, error) from error


def _fragment(folder: Folder, piece: Piece) -> Any:
    told = ds.field(AT) == pa.scalar(piece.snapshot_at, TIME)
    told &= ds.field(SNAPSHOT) == piece.snapshot
    groups = None if piece.groups is None else list(piece.groups)
    return _FORMAT.make_fragment(
        folder.path(piece.path), folder.arrow_files, told, row_groups=groups
    )


def _one(column: pa.ChunkedArray) -> pa.Array:
    """A column in one piece, also when it is empty."""
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.nulls(0, column.type) if column.num_chunks == 0 else column.combine_chunks()
