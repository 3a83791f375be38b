"""What each kind of column is while it travels: how Arrow reads it, and how it is stored for pandas.

The kinds are explained in `catalog/`. `store` turns what was read into what is kept: epoch numbers
and days into UTC times, words of few values into dictionaries.
"""

from __future__ import annotations

import functools
from collections import Counter
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ninja_analytics.catalog import Column, Kind

FieldPath = tuple[str, ...]
Retyped = Counter[tuple[str, str]]  # (field, what was met there) -> how many values

TIME = pa.timestamp("us", "UTC")

READ = MappingProxyType(
    {
        "id": pa.int64(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "text": pa.string(),
        "category": pa.string(),
        "boolean": pa.bool_(),
        "time": pa.float64(),
        "date": pa.string(),
        "texts": pa.list_(pa.string()),
        "ids": pa.list_(pa.int64()),
        "rows": pa.string(),
        "json": pa.string(),
    }
)

STORED = MappingProxyType(
    {**READ, "category": pa.dictionary(pa.int32(), pa.string()), "time": TIME, "date": TIME}
)

# What no reader makes columns of: it travels as the JSON text that it is.
LIFTED = ("json", "rows")


def stored(column: Column) -> pa.DataType:
    """The Arrow type in which the values of *column* are kept."""
    if column.kind != "rows":
        return STORED[column.kind]
    return pa.list_(pa.struct([(one.name, _member(one)) for one in column.columns]))


def _member(column: Column) -> pa.DataType:
    """The type of a member of an object in a list; words are plain texts there."""
    return pa.string() if column.kind == "category" else stored(column)


# Outside of these an epoch is a placeholder or a mistake: agents report 0, 1601 and 9999 for "never".
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2200, 1, 1, tzinfo=UTC).timestamp()


def store(kind: Kind, array: pa.Array) -> tuple[pa.Array, Counter[str]]:
    """*array*, read as `READ[kind]`, as `STORED[kind]`; and what was odd in it."""
    if kind == "time":
        return _times(array)
    if kind == "date":
        return _dates(array)
    if kind == "category":
        return pc.dictionary_encode(array), Counter()
    return array, Counter()


def seconds(epoch: np.ndarray) -> np.ndarray:
    """Epoch numbers in seconds; from 1e11 on they are milli-, micro- or nanoseconds."""
    if not np.any(epoch >= 1e11):
        return epoch
    for bound, unit in ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3)):
        epoch = np.where(epoch >= bound, epoch / unit, epoch)
    return epoch


def _times(array: pa.Array) -> tuple[pa.Array, Counter[str]]:
    epoch = seconds(array.to_numpy(zero_copy_only=False))
    good = (epoch >= _EARLIEST) & (epoch < _LATEST)
    odd = int(np.count_nonzero(~(good | (epoch == 0) | np.isnan(epoch))))
    micros = np.rint(np.where(good, epoch, 0) * 1e6).astype("datetime64[us]")
    return pa.array(micros, TIME, mask=~good), _odd("a time out of range", odd)


def _dates(array: pa.Array) -> tuple[pa.Array, Counter[str]]:
    encoded = pc.dictionary_encode(array)
    days = [_day(text) for text in encoded.dictionary.to_pylist()]
    odd_days = [i for i, day in enumerate(days) if day == "odd"]
    odd = pc.sum(pc.is_in(encoded.indices, pa.array(odd_days, pa.int32()))).as_py() or 0
    values = pa.array([day if isinstance(day, datetime) else None for day in days], TIME)
    return pc.take(values, encoded.indices), _odd("text that is no date", odd)


@functools.lru_cache(maxsize=65_536)  # the same few days, in every batch
def _day(text: str) -> datetime | str | None:
    """The day that *text* names, at midnight UTC; None for no day, "odd" for what is no date."""
    if not text or text.startswith(("1970-01-01", "0000-00-00")):
        return None
    try:
        day = datetime.fromisoformat(text.strip())
        if day.tzinfo:
            day = day.astimezone(UTC)
    except (ValueError, OverflowError):  # the latter beyond the years 1 and 9999
        return "odd"
    day = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
    return day if _EARLIEST <= day.timestamp() < _LATEST else "odd"


def _odd(what: str, count: int) -> Counter[str]:
    return Counter({what: int(count)} if count else {})
