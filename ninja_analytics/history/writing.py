"""Rows into one Parquet file of the history: in an order of their own, in groups that suit every engine.

NinjaOne is asked in parts, in whatever order pays. The file has the devices in ascending order and
the rows of each as they came, so that the same rows are the same bytes, and an unchanged table is
recognized.
"""

from __future__ import annotations

import hashlib
import mmap
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ninja_analytics.errors import HistoryError
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.snapshots import File

ROWS_PER_GROUP = 250_000
_PIECE = 4 * 1024 * 1024


class Draft:
    """A Parquet file that nobody sees yet: it is gone with this process unless it is kept.

    Every page in it has a checksum. Raises HistoryError where this machine has no room for it.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.rows = 0
        self._groups = 0
        with _room():
            self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._writer = pq.ParquetWriter(
            self._file, schema, compression="zstd", write_page_checksum=True
        )

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # on a disk that is full even its end has no room
            self._writer.close()
        self._file.close()

    def write(self, rows: pa.Table) -> tuple[int, ...]:
        """Add *rows*; answers in which row groups they are, which no other rows share."""
        with _room():
            self._writer.write_table(rows.cast(self.schema), row_group_size=ROWS_PER_GROUP)
        before = self._groups
        self._groups += max(1, -(-rows.num_rows // ROWS_PER_GROUP))
        self.rows += rows.num_rows
        return tuple(range(before, self._groups))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the file, to which nothing can be added from now on."""
        with _room():
            self._writer.close()
            self._file.flush()
            return digest(self._file)

    def into(self, folder: Folder, path: str) -> File:
        """The file, kept in *folder* under *path*."""
        whole = self.digest
        folder.copy_in(self._file, path)
        return File(path, self.rows, self._file.seek(0, 2), whole, form_of(self.schema))


@contextmanager
def drafted(rows: Iterable[pa.RecordBatch], schema: pa.Schema, order: str = "") -> Iterator[Draft]:
    """All of *rows* as a draft, by the column of integers *order*; "" leaves them as they come."""
    with Draft(schema) as draft, _spooled(rows, plain(schema)) as spool:
        for batches in _grouped(_in_order(spool, order)):
            draft.write(pa.Table.from_batches(batches).combine_chunks())
        yield draft


def path_of(table: str, taken_at: datetime, name: str) -> str:
    """Where the rows of a *table* have their place that a snapshot of that time brings."""
    return f"table={table}/date={taken_at:%Y-%m-%d}/{name}.parquet"


def digest(file: IO[bytes]) -> str:
    """The SHA-256 of all of a file, in hexadecimal."""
    file.seek(0)
    found = hashlib.sha256()
    while data := file.read(_PIECE):
        found.update(data)
    return found.hexdigest()


def plain(schema: pa.Schema) -> pa.Schema:
    """*schema* with words as plain strings: every batch has a dictionary of its own."""
    return pa.schema(
        one.with_type(one.type.value_type) if pa.types.is_dictionary(one.type) else one
        for one in schema
    )


def form_of(schema: pa.Schema) -> str:
    """A short text that tells *schema* from others."""
    return f"{zlib.crc32(schema.to_string().encode()):08x}"


@contextmanager
def _room() -> Iterator[None]:
    """That this machine's disk does not take a file as one sentence; other errors as they are."""
    try:
        yield
    except OSError as error:
        msg = (
            f"A file of the history could not be made in {tempfile.gettempdir()} ({error.strerror or error}). "
            "Make room there, or set TMPDIR to another folder; then run this again."
        )
        raise HistoryError(msg) from error


@contextmanager
def _spooled(rows: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[list[pa.RecordBatch]]:
    """The rows on the disk, as batches that take no memory until they are looked at."""
    with _room(), tempfile.TemporaryFile() as file:
        with pa.ipc.new_file(file, schema) as writer:
            for batch in rows:
                if batch.num_rows:
                    writer.write_batch(batch.cast(schema))
        file.flush()
        # Not closed here: it is in use as long as somebody holds a batch.
        seen = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        reader = pa.ipc.open_file(pa.py_buffer(seen))
        yield [reader.get_batch(number) for number in range(reader.num_record_batches)]


def _in_order(batches: list[pa.RecordBatch], order: str) -> Iterator[pa.RecordBatch]:
    """The rows of *batches* by the column *order*, those without a value last, else as they come."""
    if not order or order not in (batches[0].schema.names if batches else ()):
        yield from batches
        return
    keys = [_keys(batch[order]) for batch in batches]
    if _ascend(keys):
        yield from batches
        return
    runs = []
    for number, key in enumerate(keys):
        starts = np.flatnonzero(np.diff(key, prepend=key[0] - 1))
        ends = np.append(starts[1:], len(key))
        runs.append(np.stack([key[starts], np.full(len(starts), number), starts, ends]))
    found = np.concatenate(runs, axis=1)
    for place in np.argsort(found[0], kind="stable"):
        _, number, start, end = found[:, place].tolist()
        yield batches[number].slice(start, end - start)


def _keys(column: pa.Array) -> np.ndarray:
    """The values of a column of integers; what is missing comes last."""
    last = np.iinfo(np.int64).max
    return np.asarray(column.fill_null(last).to_numpy(zero_copy_only=False), dtype=np.int64)


def _ascend(keys: list[np.ndarray]) -> bool:
    whole = np.concatenate(keys) if keys else np.empty(0)
    return bool(np.all(whole[1:] >= whole[:-1]))


def _grouped(rows: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """The rows, so many together as one group has; so the file does not tell how they arrived."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in rows:
        rest = batch
        while count + rest.num_rows >= ROWS_PER_GROUP:
            cut = ROWS_PER_GROUP - count
            yield [*held, rest.slice(0, cut)]
            rest, held, count = rest.slice(cut), [], 0
        if rest.num_rows:
            held.append(rest)
            count += rest.num_rows
    if held:
        yield held
