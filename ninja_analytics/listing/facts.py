"""The sentences about a table: how it is asked, what it needs, what its columns are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ninja_analytics.catalog import Certainty, Column, Kind, Paging, Parameter, Table

DTYPES: Mapping[Kind, str] = {
    "id": "Int64",
    "integer": "Int64",
    "number": "Float64",
    "text": "str",
    "category": "category",
    "boolean": "boolean",
    "time": "datetime64[us, UTC]",
    "date": "datetime64[us, UTC]",
    "texts": "list<string>[pyarrow]",
    "ids": "list<int64>[pyarrow]",
    "rows": "list<struct>[pyarrow]",
    "json": "str",
}

_PAGED: Mapping[Paging, str] = {
    "none": "as a whole",
    "after": "in pages, by the last id",
    "cursor": "in pages, by a cursor",
    "older_than": "in pages, newest first",
    "anchor": "in pages, by the last row",
    "cursor_name": "in pages, by a cursor",
}
SURE: Mapping[Certainty, str] = {
    "seen": "seen to be enough",
    "documented": "as documented",
    "unknown": "whether that is enough is not known",
}
_VAGUE = "NinjaOne does not document its rows: columns may be missing, and others may come"


def asked_by(table: Table) -> str:
    """How a pull is asked for, in few words: by id, in pages, as a whole."""
    ids = f"by {' and '.join(table.per)}" if table.per else ""
    return ", ".join(word for word in (ids, "" if ids else _PAGED[table.paging]) if word)


def facts(table: Table) -> Iterator[tuple[str, str]]:
    """What is to be known of a table beside its columns, as (what, how it is)."""
    yield "path", table.path
    yield "row key", ", ".join(table.row_key)
    if table.per:
        yield "asked", f"by id: {_example(table)}; {_PAGED[table.paging]}"
    else:
        yield (
            "asked",
            f"{_PAGED[table.paging]}, {table.page_size:,} rows each"
            if (table.paging != "none")
            else "as a whole, in one request",
        )
    if table.window:
        bounds = f"{table.window.since} and {table.window.until}"
        yield "window", f"{bounds} bound {table.window.column}"
    yield "filter", device_filter(table)
    if table.rows_per_device:
        yield "rows", f"about {table.rows_per_device:g} per device"
    yield "needs", f"{needs(table)} ({SURE[table.known]})"
    if not table.shape_known:
        yield "note", _VAGUE


def device_filter(table: Table) -> str:
    """Whether `where=` reaches NinjaOne, and what of it is passed over there."""
    if not table.device_filter:
        return "none"
    ignored = " and ".join(table.filter_ignores)
    return f"device filter, but not by {ignored}" if ignored else "device filter"


def needs(table: Table) -> str:
    """The scope and the licence that a table needs, as far as known."""
    return f"scope {table.scope}" + (f", license {table.licence}" if table.licence else "")


def meaning(one: Column | Parameter) -> str:
    """What a column or parameter means, with its unit or its choices."""
    if isinstance(one, Column):
        return one.meaning + (f" [{one.unit}]" if one.unit else "")
    return one.meaning + (f": {', '.join(one.choices)}" if one.choices else "")


def walked(columns: tuple[Column, ...], depth: int = 0) -> Iterator[tuple[int, Column]]:
    """The columns with those of the rows within them, each with how deep it lies."""
    for column in columns:
        yield depth, column
        yield from walked(column.columns, depth + 1)


def dtypes(table: Table) -> str:
    """Which dtype the kinds of this table's columns become, for those where it is no guess."""
    kinds = {column.kind: None for column in table.columns}
    return ", ".join(f"{kind} {DTYPES[kind]}" for kind in kinds if kind != DTYPES[kind])


def _example(table: Table) -> str:
    parts = [f"{part}=…" for part in table.per]
    what = "one or a list" if len(parts) == 1 else "one of each, or lists of one length"
    return f"{', '.join(parts)}, {what}"
