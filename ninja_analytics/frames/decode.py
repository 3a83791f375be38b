"""The fast path: batches of pages of JSON into Arrow columns, from several threads at once.

Arrow's JSON reader makes columns without a Python object per value, and lets other threads run. It
refuses a whole batch for one value of a wrong type; then the pages go one by one, and the page at
fault alone goes down the tolerant path. Free objects (kind `json`) and fields that the catalogue
does not know are lifted out by msgspec as JSON text, byte for byte. Lists of objects (kind `rows`)
are lifted too, and decoded as pages of their own.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from ninja_analytics.catalog import Column, Kind, Table
from ninja_analytics.frames import tolerant
from ninja_analytics.frames.kinds import LIFTED, READ, FieldPath, Retyped, store, stored

# Arrow's own pool keeps what reading a batch took; the system's gives it back when told to.
POOL = pa.system_memory_pool()


@dataclass(frozen=True, slots=True)
class Decoded:
    """Some rows as Arrow columns: one per column of the table, and JSON text per unknown field."""

    rows: int
    known: tuple[pa.Array, ...]
    unknown: dict[FieldPath, pa.Array] = field(default_factory=dict)
    # by the name of a column of lists: what its objects have beyond the known, an entry per object
    nested: dict[str, dict[FieldPath, pa.Array]] = field(default_factory=dict)

    def inside(self) -> Iterator[str]:
        """The fields that the objects in lists have beyond the known ones."""
        for column, fields in self.nested.items():
            for path, array in fields.items():
                if array.null_count < len(array):
                    yield f"{column}[].{'.'.join(path)}"


class RefusedError(Exception):
    """The fast path cannot decode these pages; it never leaves this module."""


class UnknownFieldsError(Exception):
    """Fields were met that the layout does not have; it never leaves this module."""

    def __init__(self, paths: list[FieldPath]) -> None:
        super().__init__(paths)
        self.paths = paths


class Decoder:
    """Decodes the pages of one pull; remembers unknown fields and counts what was odd."""

    def __init__(self, table: Table) -> None:
        self.retyped: Retyped = Counter()
        self._table = table
        self._layout = _Layout(table)
        self._lock = threading.Lock()
        self._inner = {
            column.name: Decoder(_table_of(column))
            for column in table.columns
            if column.kind == "rows"
        }

    def decode(
        self, pages: Sequence[bytes], given: Mapping[str, object] | None = None
    ) -> list[Decoded]:
        """The rows of *pages*, in order; *given* are the values of the columns that no row has."""
        try:
            return [self._fast(pages, given or {})]
        except RefusedError:
            if len(pages) == 1:
                return [self._tolerant(pages[0], given or {})]
        return [decoded for page in pages for decoded in self.decode([page], given)]

    def odd(self) -> Iterator[tuple[str, str, int]]:
        """What was odd: the field, what was met there, and how often."""
        for (name, met), count in sorted(self.retyped.items()):
            yield name, met, count
        for column, inner in self._inner.items():
            for name, met, count in inner.odd():
                yield f"{column}[].{name}", met, count

    def _fast(self, pages: Sequence[bytes], given: Mapping[str, object]) -> Decoded:
        layout = self._layout
        try:
            rows, arrays = layout.columns(pages)
        except UnknownFieldsError as met:
            self._learn(met.paths)
            return self._fast(pages, given)
        return self._stored(rows, arrays, given)

    def _tolerant(self, page: bytes, given: Mapping[str, object]) -> Decoded:
        layout = self._layout
        rows, arrays, retyped = tolerant.columns(page, layout.fields, layout.rows_in)
        self._learn([path for path in arrays if path not in layout.fields])
        self._count(retyped)
        return self._stored(rows, arrays, given)

    def _learn(self, paths: list[FieldPath]) -> None:
        """Have *paths* lifted out from now on, so that they do not slow down the pages to come."""
        with self._lock:
            known = self._layout.unknown
            new = [path for path in paths if path not in known and _can_be_lifted(path)]
            if new:
                self._layout = _Layout(self._table, (*known, *new))

    def _count(self, retyped: Retyped) -> None:
        with self._lock:
            self.retyped.update(retyped)

    def _stored(
        self, rows: int, arrays: dict[FieldPath, pa.Array], given: Mapping[str, object]
    ) -> Decoded:
        known, nested = [], {}
        for column in self._table.columns:
            if column.field.startswith("@"):
                part = _repeated(given.get(column.field[1:]), rows, READ[column.kind])
                known.append(store(column.kind, part)[0])
                continue
            path = tuple(column.field.split("."))
            array, odd = store(column.kind, arrays.pop(path))
            self._count(Counter({(column.field, what): n for what, n in odd.items()}))
            if column.kind == "rows":
                array, nested[column.name] = self._lists(column, array)
            known.append(array)
        return Decoded(rows, tuple(known), arrays, nested)

    def _lists(
        self, column: Column, texts: pa.Array
    ) -> tuple[pa.ListArray, dict[FieldPath, pa.Array]]:
        """The lists of objects that *texts* are, and what the objects have beyond the known."""
        lists = [_objects(text) for text in texts.to_pylist()]
        if odd := sum(one is None for one in lists) - texts.null_count:
            self._count(Counter({(column.field, "no list of objects"): odd}))
        offsets = np.cumsum([0, *(len(one or ()) for one in lists)])
        page = b"[" + b",".join(raw for one in lists for raw in one or ()) + b"]"
        (found,) = self._inner[column.name].decode([page])
        kind = stored(column)
        members = [
            array.cast(member.type)
            for array, member in zip(found.known, kind.value_type, strict=True)
        ]
        objects = pa.StructArray.from_arrays(members, fields=list(kind.value_type))
        missing = pa.array([one is None for one in lists], pa.bool_())
        array = pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), objects, type=kind, mask=missing
        )
        return array, found.unknown


def _table_of(column: Column) -> Table:
    """The objects in a *column* of lists, as a table of their own."""
    return Table(column.name, "", "none", column.meaning, (), column.columns)


def _objects(text: str | None) -> list[msgspec.Raw] | None:
    """The members of the list that *text* is; None for anything else."""
    try:
        return None if text is None else msgspec.json.decode(text, type=list[msgspec.Raw])
    except msgspec.MsgspecError:
        return None


def _repeated(value: object, rows: int, kind: pa.DataType) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), rows)


class _Layout:
    """How the rows of a table are read, given the unknown fields that were met so far."""

    def __init__(self, table: Table, unknown: tuple[FieldPath, ...] = ()) -> None:
        self.fields: dict[FieldPath, Kind] = {
            tuple(column.field.split(".")): column.kind
            for column in table.columns
            if not column.field.startswith("@")
        }
        self.unknown = unknown
        self.rows_in = table.rows_in or "results"
        self._lifted = [path for path, kind in self.fields.items() if kind in LIFTED]
        self._lifted += unknown
        self._read = [path for path, kind in self.fields.items() if kind not in LIFTED]
        self._row_type = _row_type({path: READ[self.fields[path]] for path in self._read})
        self._names: dict[FieldPath, tuple[str, ...]] = {}
        self._scan = self._scanner() if self._lifted else None

    def columns(self, pages: Sequence[bytes]) -> tuple[int, dict[FieldPath, pa.Array]]:
        """The rows of *pages*: how many, and a column per field.

        Raises RefusedError or UnknownFieldsError.
        """
        try:
            text = b"\n".join(_line(page, self.rows_in) for page in pages)
            if not text.isascii():
                text.decode()  # Arrow does not check UTF-8
            rows = self._parse(text)
            if self._scan is None and (paths := list(self._unknown_in(rows.type))):
                raise UnknownFieldsError(paths) if all(map(_can_be_lifted, paths)) else RefusedError
            arrays = {path: pc.struct_field(rows, list(path)) for path in self._read}
            return len(rows), arrays | self._lift(text)
        except (
            pa.ArrowException,
            msgspec.MsgspecError,
            UnicodeDecodeError,
            RecursionError,
        ) as error:
            raise RefusedError from error

    def _parse(self, text: bytes) -> pa.StructArray:
        """The rows in *text*, one page per line."""
        unexpected = "infer" if self._scan is None else "ignore"
        table = pyarrow.json.read_json(
            pa.BufferReader(text),
            pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
            pyarrow.json.ParseOptions(
                explicit_schema=pa.schema([(self.rows_in, pa.list_(self._row_type))]),
                unexpected_field_behavior=unexpected,
            ),
            POOL,
        )
        pages = table.column(self.rows_in)
        # All is in one chunk, of which `combine_chunks` would make a copy.
        return pc.list_flatten(pages.chunk(0) if pages.num_chunks == 1 else pages.combine_chunks())

    def _unknown_in(self, kind: pa.DataType, path: FieldPath = ()) -> Iterator[FieldPath]:
        """The fields of a row type as Arrow found it that are not in the catalogue."""
        for member in kind:
            found = (*path, member.name)
            if found in self.fields or pa.types.is_null(member.type):
                continue
            if any(known[: len(found)] == found for known in self.fields):
                yield from self._unknown_in(member.type, found)
            else:
                yield found

    def _scanner(self) -> msgspec.json.Decoder[Any]:
        """A decoder that keeps every field as text, and refuses rows with a field of another name."""
        row = self._struct((), [*self.fields, *self.unknown])
        rows: tuple[str, Any, Any] = ("rows", list[row | None] | None, None)  # type: ignore[valid-type]
        envelope = msgspec.defstruct("Answer", [rows], rename={"rows": self.rows_in})
        return msgspec.json.Decoder(envelope)

    def _struct(self, path: FieldPath, fields: list[FieldPath]) -> Any:
        members: list[tuple[str, Any, Any]] = []
        rename = {}
        depth = len(path)
        below = [found for found in fields if found[:depth] == path]
        for number, key in enumerate(dict.fromkeys(found[depth] for found in below)):
            name, child = f"f{number}", (*path, key)
            rename[name] = key
            self._names[child] = (*self._names.get(path, ()), name)
            if child in fields:
                members.append((name, msgspec.Raw, msgspec.Raw(b"null")))
            else:
                members.append((name, self._struct(child, below) | None, None))
        return msgspec.defstruct(
            "Fields", members, rename=rename, forbid_unknown_fields=True, gc=False
        )

    def _lift(self, text: bytes) -> dict[FieldPath, pa.Array]:
        """The JSON texts of the fields that are to stay JSON."""
        if self._scan is None:
            return {}
        answers = self._scan.decode_lines(text)
        rows = [row for answer in answers for row in answer.rows or ()]
        return {path: _texts(rows, self._names[path]) for path in self._lifted}


def _can_be_lifted(path: FieldPath) -> bool:
    """Whether msgspec can look for this field: it takes no name that JSON has to escape."""
    return not any(re.search(r'^$|[\x00-\x1f"\\]', key) for key in path)


def _row_type(fields: dict[FieldPath, pa.DataType]) -> pa.DataType:
    """The Arrow struct of a row with these *fields*, nested as their paths say."""
    members: dict[str, Any] = {}
    for path, kind in fields.items():
        if len(path) == 1:
            members[path[0]] = kind
        else:
            members.setdefault(path[0], {})[path[1:]] = kind
    return pa.struct(
        [
            (name, _row_type(member) if isinstance(member, dict) else member)
            for name, member in members.items()
        ]
    )


def _line(page: bytes, rows_in: str) -> bytes:
    """*page* as one line that is an object with its rows under *rows_in*."""
    page = page.strip()
    if b"\n" in page or b"\r" in page:
        page = msgspec.json.format(page, indent=-1)
    return b'{"' + rows_in.encode() + b'":' + page + b"}" if page[:1] == b"[" else page


def _texts(rows: list[Any], names: tuple[str, ...]) -> pa.Array:
    values = rows
    for name in names:
        values = [getattr(value, name, None) for value in values]
    texts = [None if value is None else bytes(value) for value in values]
    return pa.array([None if text == b"null" else text for text in texts], pa.binary()).cast(
        pa.string()
    )
