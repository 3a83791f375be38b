"""Pages of JSON into one typed DataFrame, with the dtypes that the catalogue promises.

Pages are gathered to batches and decoded by a few threads while the caller goes on fetching; one
pass at the end makes pandas columns, one at a time, so that little is held twice. An empty answer
has the same columns and dtypes as a full one.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ninja_analytics.catalog import Column, Kind, Table
from ninja_analytics.frames.decode import POOL, Decoded, Decoder
from ninja_analytics.frames.kinds import READ, STORED, FieldPath, stored
from ninja_analytics.frames.parts import members_of, part_of

Result = TypeVar("Result")

_BATCH_BYTES = 2_000_000  # measured: 1 to 4 MB keep two threads busy; larger ones only cost memory
_WORKERS = 2
_IN_FLIGHT = 4  # batches that wait or are decoded, of all that is pulled at once

_DTYPES: Mapping[str, Any] = {
    "id": pd.Int64Dtype(),
    "integer": pd.Int64Dtype(),
    "number": pd.Float64Dtype(),
    "boolean": pd.BooleanDtype(),
    "text": pd.StringDtype("pyarrow", na_value=np.nan),
    "json": pd.StringDtype("pyarrow", na_value=np.nan),
    "texts": pd.ArrowDtype(STORED["texts"]),
    "ids": pd.ArrowDtype(STORED["ids"]),
}

# What a column of an unknown field becomes, if all its values are of these types.
_UNKNOWN_KINDS: tuple[tuple[Kind, set[type]], ...] = (
    ("boolean", {bool}),
    ("integer", {int}),
    ("number", {int, float}),
)


@dataclass(frozen=True, slots=True)
class Drift:
    """Where an answer departs from the catalogue.

    `unknown` names the column of each field that the catalogue does not have; `retyped` counts, per
    field, the values of another type: mended where that was certain, missing where not. `inside`
    are unknown fields of objects in lists, which have no column there.
    """

    unknown: dict[str, str] = field(default_factory=dict)
    retyped: dict[str, dict[str, int]] = field(default_factory=dict)
    inside: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.unknown or self.retyped or self.inside)

    def to_dict(self) -> dict[str, Any]:
        """The drift as plain data."""
        told: dict[str, Any] = {"unknown": self.unknown, "retyped": self.retyped}
        return told | ({"inside": list(self.inside)} if self.inside else {})


def frame(table: Table, pages: Iterable[bytes]) -> tuple[pd.DataFrame, Drift]:
    """The rows of *pages* as a frame typed as *table* says, and where they depart from that.

    A page is the JSON text of a bare array of rows, or of an object with the rows under
    `table.rows_in`. Rows keep their order; none is dropped. Unknown fields come as columns after
    the known ones.
    """
    decoder = Decoder(table)
    with Decoding() as pool:
        parts = list(decoded(decoder, pages, pool))
    return assembled(table, parts, decoder)


class Decoding:
    """The threads that decode, shared by all that is pulled at once; use it with `with`.

    Few batches are in flight at a time: who comes with another one waits, and so fetches no more.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="decode")
        self._room = threading.Semaphore(_IN_FLIGHT)

    def __enter__(self) -> Decoding:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def submit(self, work: Callable[..., Result], *arguments: object) -> Future[Result]:
        """Have *work* done with these *arguments*, once there is room for it."""
        self._room.acquire()
        try:
            future = self._pool.submit(work, *arguments)
        except BaseException:
            self._room.release()
            raise
        future.add_done_callback(lambda _: self._room.release())
        return future


def decoded(
    decoder: Decoder,
    pages: Iterable[bytes],
    pool: Decoding,
    given: Mapping[str, object] | None = None,
) -> Iterator[Decoded]:
    """*pages* decoded, in order; few at a time, so that fetching cannot run away from decoding."""
    waiting: deque[Future[list[Decoded]]] = deque()
    for batch in _batches(pages):
        waiting.append(pool.submit(decoder.decode, batch, given))
        while len(waiting) >= _IN_FLIGHT or (waiting and waiting[0].done()):
            yield from waiting.popleft().result()
    for future in waiting:
        yield from future.result()


def assembled(
    table: Table, parts: list[Decoded], decoder: Decoder, *, part: str | None = None
) -> tuple[pd.DataFrame, Drift]:
    """One frame of all *parts*, which are emptied on the way, and what departed from the catalogue.

    With *part*, the members of the lists in that column are the rows.
    """
    inside = sorted({name for one in parts for name in one.inside()})
    if part is not None:
        parts[:] = [members_of(table, part, one) for one in parts]
        table = part_of(table, part)
    data, unknown = _finish(table, parts)
    return data, Drift(unknown, retyped(decoder), () if part else tuple(inside))


def retyped(decoder: Decoder) -> dict[str, dict[str, int]]:
    """How many values of another type than expected *decoder* met, by field."""
    found: dict[str, dict[str, int]] = {}
    for name, met, count in decoder.odd():
        found.setdefault(name, {})[met] = count
    return found


def _batches(pages: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for page in pages:
        batch.append(page)
        size += len(page)
        if size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _finish(table: Table, parts: list[Decoded]) -> tuple[pd.DataFrame, dict[str, str]]:
    """One frame of all *parts*, and the column name of each unknown field."""
    POOL.release_unused()  # what downloading and decoding took, before more is needed
    rows = [part.rows for part in parts]
    stacks = [deque(part.known) for part in parts]
    unknown = [part.unknown for part in parts]
    parts.clear()
    columns: dict[str, Any] = {}
    for column in table.columns:
        # Taken from the stacks, so that each Arrow column is freed as soon as pandas has it.
        chunks = [stack.popleft() for stack in stacks]
        columns[column.name] = _pandas(column, chunks)
    names = _unknown_names(columns, unknown)
    for path, name in names.items():
        columns[name] = _unknown_column(path, rows, unknown)
    data = pd.DataFrame(columns, index=pd.RangeIndex(sum(rows)), copy=False)
    return data, {".".join(path): name for path, name in names.items()}


def _pandas(column: Column, chunks: list[pa.Array]) -> Any:
    """One pandas column from the *chunks* of an Arrow column; the list is emptied."""
    kind = column.kind
    array = pa.chunked_array(chunks, stored(column))
    chunks.clear()
    if kind == "rows":
        return pd.arrays.ArrowExtensionArray(array)
    if kind == "category":
        return _categorical(array)
    if kind in ("time", "date"):
        times = array.to_numpy().astype("datetime64[us]", copy=False)
        return pd.DatetimeIndex(times, copy=False).tz_localize("UTC")
    return _DTYPES[kind].__from_arrow__(array)


def _strings(array: pa.Array) -> Any:
    return _DTYPES["text"].__from_arrow__(pa.chunked_array([array]))


def _categorical(array: pa.ChunkedArray) -> pd.Categorical:
    """A category column whose words stand in alphabetical order, whatever order they came in."""
    array = array.unify_dictionaries()
    words = array.chunk(0).dictionary if array.num_chunks else pa.array([], pa.string())
    order = pc.sort_indices(words).to_numpy()
    place = np.empty(len(order) + 1, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    place[-1] = -1  # index -1 stands for missing
    codes = [pc.fill_null(chunk.indices, -1).to_numpy() for chunk in array.chunks]
    indices = np.concatenate(codes) if codes else np.empty(0, dtype=np.int32)
    categories = pd.Index(_strings(words.take(pa.array(order))))
    return pd.Categorical.from_codes(place[indices], categories=categories)


def _unknown_names(
    known: dict[str, Any], parts: list[dict[FieldPath, pa.Array]]
) -> dict[FieldPath, str]:
    """A column name for each unknown field that holds a value: snake case, unless that is taken."""
    names: dict[FieldPath, str] = {}
    for path in sorted({path for part in parts for path in part}):
        if all(part[path].null_count == len(part[path]) for part in parts if path in part):
            continue
        name = (
            re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^0-9A-Za-z]+", "_", "_".join(path)).lower().strip("_")
        )
        while name in known or name in names.values():
            name += "_"
        names[path] = name
    return names


def _unknown_column(
    path: FieldPath, rows: list[int], parts: list[dict[FieldPath, pa.Array]]
) -> Any:
    """The column of an unknown field, typed by all its values; mixed ones and objects stay JSON text."""
    texts: list[str | None] = []
    for count, part in zip(rows, parts, strict=True):
        texts += part[path].to_pylist() if path in part else [None] * count
    values = [None if text is None else _plain(text) for text in texts]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {str}:
        return _strings(pa.array(values, pa.string()))
    for kind, allowed in _UNKNOWN_KINDS:
        if kinds and kinds <= allowed and (kind != "number" or all(map(_is_exact, values))):
            return _DTYPES[kind].__from_arrow__(pa.array(values, READ[kind]))
    return _strings(pa.array(texts, pa.string()))


def _is_exact(number: int | float | None) -> bool:
    """Whether *number* survives as a float; a long id beside a float would not."""
    return not isinstance(number, int) or abs(number) <= 2**53


def _plain(text: str) -> Any:
    try:
        value = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return object()
    return object() if isinstance(value, int) and not -(2**63) <= value < 2**63 else value
