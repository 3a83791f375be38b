"""A recorded table as a Dask DataFrame, read where the workers are.

Words are text here, not categories: every file has words of its own, and Dask would have to look at
all of them first. Ask for `frame.categorize()` where that pays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import UsageError
from ninja_analytics.history import reading
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.reading import AT, Piece
from ninja_analytics.history.recorded_tables import EVENTS

ROWS_PER_PARTITION = 500_000  # of software about 150 MB in pandas, which is what Dask likes
TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_ORDER = "order of recording"


def dask_frame(
    folder: Folder, table: Table, found: Sequence[Piece], columns: Collection[str] | None = None
) -> Any:
    """The rows of the pieces *found* as a Dask DataFrame, typed as the catalogue says, words as text.

    `snapshot_at` stands in front. *columns* are those wanted of the table (None: all). Only what is
    used in the end is read: Dask tells the reading which columns that are. Of an event table the last
    recording of each event counts, in no order of rows. Raises UsageError if Dask is not installed,
    UnknownNameError for a column that the table does not have.
    """
    dask = with_dask()
    wanted = table if columns is None else reading.chosen(table, columns)
    names = [AT, *(one.name for one in wanted.columns)]
    rows = _rows(dask, folder, table, found)
    if table.name not in EVENTS:
        return rows[names]
    key = EVENTS[table.name].key
    used = [*names, *(one for one in key if one not in names), _ORDER]
    return _last_of_each(rows[used], key)[names]


def with_dask() -> Any:
    """Dask with its data frames; UsageError if it is not installed."""
    try:
        import dask
        import dask.dataframe
    except ImportError as error:
        msg = 'This needs Dask, which is not installed: pip install "ninja-analytics[cluster]"'
        raise UsageError(msg) from error
    return dask


def plain_words(data: pd.DataFrame) -> pd.DataFrame:
    """*data* with text in place of categories."""
    words = [name for name, dtype in data.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    return data.astype(dict.fromkeys(words, TEXT))


@dataclass(frozen=True, slots=True)
class Part:
    """A partition: the row groups of a piece that are `number` modulo `of`; `order` is the piece's."""

    piece: Piece
    order: int
    number: int = 0
    of: int = 1


def read_part(part: Part, folder: Folder, name: str, *, columns: Sequence[str]) -> pd.DataFrame:
    """The *columns* of a partition of table *name*, read where this runs."""
    table = TABLES[name]
    piece = part.piece
    if part.of > 1:
        groups = _groups(folder, piece)[part.number :: part.of]
        piece = replace(piece, groups=groups)
    found = (piece,) if piece.groups != () else ()
    of_table = [one.name for one in table.columns if one.name in columns]
    data = plain_words(reading.frame(folder, table, found, of_table))
    if _ORDER in columns:
        data[_ORDER] = np.int64(part.order)
    return data[list(columns)]


def _rows(dask: Any, folder: Folder, table: Table, found: Sequence[Piece]) -> Any:
    """All rows of the pieces *found*, several partitions for a large one."""
    empty = plain_words(reading.frame(folder, table, (), [one.name for one in table.columns]))
    empty[_ORDER] = np.int64(0)
    parts = [part for order, piece in enumerate(found) for part in _parts(piece, order)]
    read = partial(read_part, folder=folder, name=table.name)
    with dask.config.set({"dataframe.convert-string": False}):  # the dtypes are as they should be
        if not parts:
            return dask.dataframe.from_pandas(empty, npartitions=1)
        names = list(empty.columns)
        return dask.dataframe.from_map(
            read, parts, columns=names, meta=empty, label=f"read-{table.name}"
        )


def _parts(piece: Piece, order: int) -> list[Part]:
    count = max(1, -(-piece.rows // ROWS_PER_PARTITION))
    return [Part(piece, order, number, count) for number in range(count)]


def _groups(folder: Folder, piece: Piece) -> tuple[int, ...]:
    """The numbers of the row groups that a piece is made of."""
    if piece.groups is not None:
        return piece.groups
    try:
        with folder.opened(piece.path) as file:
            return tuple(range(pq.ParquetFile(file).num_row_groups))
    except (OSError, pa.ArrowException) as error:
        raise reading.damaged(folder, piece.path, error) from error


def _last_of_each(rows: Any, key: Sequence[str]) -> Any:
    """Of each event in *rows*, a Dask DataFrame, the last recording."""
    together = rows.shuffle(on=list(key)) if rows.npartitions > 1 else rows
    return together.map_partitions(_last, list(key), meta=rows._meta)


def _last(data: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    return data.sort_values(_ORDER, kind="stable").drop_duplicates(key, keep="last")
