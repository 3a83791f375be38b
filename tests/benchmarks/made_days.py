"""Software of a fleet day by day: what the sandbox gives first, and then a few changes a day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

FIRST = datetime(2026, 9, 1, 2, tzinfo=UTC)
UPDATED = 0.02  # of the rows have another version the next day
MOVED = 0.005  # of the rows are gone the next day, or back


@dataclass(frozen=True)
class Day:
    """The rows of a day as a stream, as `Ninja.rows_to_record` gives one."""

    rows: pa.Table
    about: dict[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        yield from self.rows.to_batches(max_chunksize=5000)


def days(first: pa.Table, count: int, *, seed: int = 1) -> Iterator[tuple[datetime, Day]]:
    """*count* days of the rows *first*: some updated, some gone or back, all collected anew."""
    dice = np.random.default_rng(seed)
    versions = first["version"].combine_chunks().dictionary_encode()
    code = versions.indices.fill_null(-1).to_numpy(zero_copy_only=False).copy()
    texts = versions.dictionary.to_pylist()
    place = {text: number for number, text in enumerate(texts)}
    device = first["device_id"].to_numpy()
    there = dice.random(first.num_rows) > MOVED
    for number in range(count):
        at = FIRST + timedelta(days=number)
        if number:
            updated = (dice.random(first.num_rows) < UPDATED) & (code >= 0)
            code[updated] = _bumped(texts, place)[code[updated]]
            there ^= dice.random(first.num_rows) < MOVED / 2
        rows = _with(first, "version", _texts(code, texts))
        rows = _with(rows, "collected_at", _collected(device, at, dice))
        yield at, Day(rows.filter(pa.array(there)))


def _bumped(texts: list[str], place: dict[str, int]) -> np.ndarray:
    """Which text follows each of *texts*; new ones are appended."""
    following = []
    for text in texts[:]:
        after = re.sub(r"\d+(?=\D*$)", lambda met: str(int(met[0]) + 1), text)
        if after not in place:
            place[after] = len(texts)
            texts.append(after)
        following.append(place[after])
    return np.array(following)


def _texts(code: np.ndarray, texts: list[str]) -> pa.Array:
    return pa.array(texts, pa.string()).take(pa.array(code, mask=code < 0))


def _collected(device: np.ndarray, at: datetime, dice: np.random.Generator) -> pa.Array:
    """A time in the day before *at* for each device, and so for all of its rows."""
    before = dice.integers(0, 86_400_000_000, int(device.max()) + 1)
    micros = int(at.timestamp()) * 1_000_000 - before[device]
    return pa.array(micros).cast(pa.timestamp("us", "UTC"))


def _with(rows: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), values)
