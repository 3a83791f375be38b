"""Rows as they were recorded in the columns that their table has today, and nothing of them lost.

A file that lacks a column of today's catalogue has it as missing; one that has a column more, or a
value that the column's kind of today cannot hold, has it among the unknown fields.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.frames import batches
from ninja_analytics.history.writing import plain

# What the whole table has today: a column that is left out of a choice is not unknown.
_TODAY = {
    name: frozenset([*(one.name for one in table.columns), batches.OTHERS])
    for name, table in TABLES.items()
}


def fits(there: pa.Schema, table: Table) -> bool:
    """Whether the columns of a file are columns of *table*, of the kinds that they are today."""
    known = plain(batches.schema(table))
    return all(
        one.name in known.names and known.field(one.name).type == one.type for one in plain(there)
    )


def rows_of(fragment: Any, table: Table) -> pa.Table:
    """The rows of a file in the columns of *table*, and one for what it does not have."""
    schema, there = batches.schema(table), fragment.physical_schema
    if _castable(there, schema):
        rows = fragment.to_table(schema=schema)
    else:
        rows = _by_column(fragment, schema)
    more = [name for name in there.names if name not in _TODAY.get(table.name, schema.names)]
    return _with_more(rows, fragment.to_table(columns=more)) if more else rows


def unknown(others: pa.ChunkedArray) -> dict[tuple[str, ...], pa.Array]:
    """The unknown fields of each row, apart: as JSON texts by field."""
    if others.null_count == len(others):
        return {}
    rows = [_members(text) for text in others.to_pylist()]
    names = sorted({name for row in rows for name in row})
    return {
        (name,): pa.array(
            [bytes(row[name]).decode() if name in row else None for row in rows], pa.string()
        )
        for name in names
    }


def _castable(there: pa.Schema, schema: pa.Schema) -> bool:
    """Whether each column that a file has is of the type that it has today."""
    kinds = plain(there)
    return all(
        one.name not in kinds.names or kinds.field(one.name).type == one.type
        for one in plain(schema)
    )


def _by_column(fragment: Any, schema: pa.Schema) -> pa.Table:
    """The rows, where a column may not be what it is today: it is missing then, its text unknown."""
    there = fragment.physical_schema
    raw = fragment.to_table(columns=[one for one in there.names if one in schema.names])
    arrays, texts = [], {}
    for one in schema:
        if one.name not in raw.column_names:
            arrays.append(pa.nulls(raw.num_rows, one.type))
            continue
        try:
            arrays.append(_as(raw[one.name], one.type))
        except pa.ArrowException:
            texts[one.name] = raw[one.name]
            arrays.append(pa.nulls(raw.num_rows, one.type))
    rows = pa.table(arrays, schema=schema)
    return _with_more(rows, pa.table(texts)) if texts else rows


def _as(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """*column* as another type; raises ArrowException if a value cannot be that."""
    words = pa.types.is_dictionary(column.type)
    return (column.cast(column.type.value_type) if words else column).cast(kind)


def _with_more(rows: pa.Table, more: pa.Table) -> pa.Table:
    """*rows* with the columns of *more* among their unknown fields."""
    known = rows[batches.OTHERS].to_pylist()
    texts = []
    for text, values in zip(known, more.to_pylist(), strict=True):
        whole = _members(text) | {
            name: msgspec.Raw(msgspec.json.encode(value))
            for name, value in values.items()
            if value is not None
        }
        texts.append(msgspec.json.encode(whole).decode() if whole else None)
    place = rows.schema.get_field_index(batches.OTHERS)
    return rows.set_column(place, batches.OTHERS, pa.array(texts, pa.string()))


def _members(text: str | None) -> dict[str, msgspec.Raw]:
    """The members of a JSON object, each as the text that it is."""
    return msgspec.json.decode(text, type=dict[str, msgspec.Raw]) if text else {}
