"""Decoded rows as Arrow record batches: to keep them on the disk, and to hand them out one by one."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ninja_analytics.catalog import Table
from ninja_analytics.frames.decode import POOL, Decoded
from ninja_analytics.frames.kinds import FieldPath, stored

_UNKNOWN = "?"  # before the path of an unknown field, in the name of its column
_NESTED = "?[]"  # the same for the objects in a list: the column and the path follow
OTHERS = "unknown_fields"


def to_batch(table: Table, decoded: Decoded) -> pa.RecordBatch:
    """*decoded* as one record batch from which `from_batch` makes it again."""
    arrays = {
        column.name: array for column, array in zip(table.columns, decoded.known, strict=True)
    }
    for path, array in decoded.unknown.items():
        arrays[_UNKNOWN + json.dumps(path)] = array
    for name, fields in decoded.nested.items():
        for path, array in fields.items():
            offsets = arrays[name].offsets
            arrays[_NESTED + json.dumps([name, *path])] = pa.ListArray.from_arrays(offsets, array)
    names = list(arrays)
    return pa.RecordBatch.from_arrays([_one(arrays[name]) for name in names], names)


def from_batch(table: Table, batch: pa.RecordBatch) -> Decoded:
    """What `to_batch` made *batch* of."""
    unknown: dict[FieldPath, pa.Array] = {}
    nested: dict[str, dict[FieldPath, pa.Array]] = {
        column.name: {} for column in table.columns if column.kind == "rows"
    }
    for name in batch.schema.names[len(table.columns) :]:
        if name.startswith(_NESTED):
            column, *path = json.loads(name.removeprefix(_NESTED))
            nested[column][tuple(path)] = pc.list_flatten(batch[name])
        else:
            unknown[tuple(json.loads(name.removeprefix(_UNKNOWN)))] = batch[name]
    known = tuple(batch.columns[: len(table.columns)])
    return Decoded(batch.num_rows, known, unknown, nested)


class Spool:
    """Decoded rows, held in memory up to *most* bytes and beyond that in a file that nobody else sees."""

    def __init__(self, table: Table, *, most: int = 8_000_000) -> None:
        self._table = table
        self._most = most
        self.clear()

    def clear(self) -> None:
        """Hold nothing."""
        self._bytes = self._count = 0
        self._held: list[Decoded] = []
        self._file: Any = None

    def append(self, part: Decoded) -> None:
        """Hold *part*, too; raises OSError if the disk is full."""
        batch = to_batch(self._table, part)
        self._count += 1
        self._bytes += batch.nbytes
        if self._file is None and self._bytes <= self._most:
            self._held.append(part)
            return
        self._file = self._file or tempfile.TemporaryFile()  # noqa: SIM115  # closed with the spool
        with pa.ipc.new_stream(pa.PythonFile(self._file, "w"), batch.schema) as writer:
            writer.write_batch(batch)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Decoded]:
        yield from self._held
        if self._file is not None:
            self._file.seek(0)
            source = pa.PythonFile(self._file, "r")
            for _ in range(self._count - len(self._held)):
                with pa.ipc.open_stream(source) as reader:
                    for batch in reader:
                        yield from_batch(self._table, batch)


def release() -> None:
    """Give back to the system what decoding took and no longer needs, the bodies of pages included."""
    POOL.release_unused()


def packed(table: Table, decoded: Decoded) -> pa.Buffer:
    """*decoded* as bytes of which `unpacked` makes it again."""
    batch = to_batch(table, decoded)
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def unpacked(table: Table, data: Any) -> Decoded:
    """What `packed` made *data* of; they must be exactly what it gave."""
    with pa.ipc.open_stream(pa.py_buffer(data)) as reader:
        return from_batch(table, reader.read_next_batch())


def schema(table: Table) -> pa.Schema:
    """The schema of the batches that `handed_out` makes: the columns of *table*, and one for the rest."""
    fields = [pa.field(column.name, stored(column)) for column in table.columns]
    return pa.schema([*fields, pa.field(OTHERS, pa.string())])


def handed_out(table: Table, decoded: Decoded) -> pa.RecordBatch:
    """*decoded* as a batch of `schema(table)`: what the catalogue does not know is a JSON object."""
    arrays = [_one(array) for array in decoded.known]
    return pa.RecordBatch.from_arrays([*arrays, _others(decoded)], schema=schema(table))


def _others(decoded: Decoded) -> pa.Array:
    """The unknown fields of each row as one JSON object; missing where a row has none."""
    if not decoded.unknown:
        return pa.nulls(decoded.rows, pa.string())
    lists = {".".join(path): array.to_pylist() for path, array in decoded.unknown.items()}
    return pa.array([_object(lists, place) for place in range(decoded.rows)], pa.string())


def _object(lists: dict[str, list[Any]], place: int) -> str | None:
    members = [
        f"{json.dumps(name)}:{values[place]}"
        for name, values in lists.items()
        if values[place] is not None
    ]
    return "{" + ",".join(members) + "}" if members else None


def _one(array: Any) -> pa.Array:
    """*array* in one piece."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def device_ids(decoded: Iterable[Decoded], table: Table) -> Any:
    """The ids of the devices that the rows belong to, each once, as a numpy array."""
    names = [column.name for column in table.columns]
    place = names.index("device_id")
    chunks = [pc.unique(part.known[place]) for part in decoded]
    found = pc.unique(pa.chunked_array(chunks, pa.int64())).drop_null()
    return found.to_numpy()
