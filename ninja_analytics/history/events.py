"""Events, of which several recordings tell: which rows are new, and which recording counts."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

_PLACE = "place of the row"


def last_of_each(rows: pa.Table, key: Sequence[str]) -> pa.Table:
    """*rows* with the last one of every *key*, in their order; missing parts of a key are alike."""
    if rows.num_rows < 2:
        return rows
    numbered = rows.select(list(key)).append_column(_PLACE, pa.array(range(rows.num_rows)))
    last = f"select max({_quoted(_PLACE)}) as n from numbered group by {_names(key)} order by n"  # noqa: S608  # names of the catalogue's columns
    places = _asked(last, numbered=numbered)["n"]
    return rows if len(places) == rows.num_rows else rows.take(places)


def news(
    fresh: pa.Table, known: pa.Table, key: Sequence[str], *, without: Sequence[str]
) -> pa.Table:
    """The rows of *fresh* that *known* does not have as they are, leaving columns *without* aside."""
    fresh = last_of_each(fresh, key)
    if not known.num_rows or not fresh.num_rows:
        return fresh
    compared = [_quoted(name) for name in fresh.column_names if name not in without]
    same = " and ".join(f"f.{one} is not distinct from k.{one}" for one in compared)
    query = f"""
        select f.{_quoted(_PLACE)} as n from fresh f anti join known k on {same} order by n
    """  # noqa: S608  # names of the catalogue's columns
    numbered = fresh.append_column(_PLACE, pa.array(range(fresh.num_rows)))
    return fresh.take(_asked(query, fresh=numbered, known=known)["n"])


def _asked(query: str, **tables: pa.Table) -> pa.Table:
    import duckdb

    with duckdb.connect() as engine:
        for name, table in tables.items():
            engine.register(name, _plain(table))
        return engine.execute(query).to_arrow_table()


def _plain(table: pa.Table) -> pa.Table:
    """*table* with words as plain strings: dictionaries differ, words do not."""
    fields = [
        pa.field(one.name, one.type.value_type if pa.types.is_dictionary(one.type) else one.type)
        for one in table.schema
    ]
    return table.cast(pa.schema(fields))


def _names(columns: Sequence[str]) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
