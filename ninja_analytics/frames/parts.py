"""Lists within rows as rows of their own: the volumes of a device, the addresses of an interface."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ninja_analytics.catalog import Column, Kind, Table
from ninja_analytics.frames.decode import Decoded
from ninja_analytics.frames.kinds import stored

# What one member of a list is, by the kind of the list.
_MEMBERS: dict[str, Kind] = {"texts": "text", "ids": "id"}
_PLACES = ("device_id", "organization_id", "location_id")


def lists_of(table: Table) -> tuple[str, ...]:
    """The columns of *table* that hold lists, each of which can be a table of its own."""
    kinds = ("rows", *_MEMBERS)
    return tuple(column.name for column in table.columns if column.kind in kinds)


def part_of(table: Table, name: str) -> Table:
    """The table of the lists in column *name*: what tells whose they are, and the members' columns."""
    keys = _keys(table, name)
    column = table.column(name)
    members = column.columns or (replace(column, kind=_MEMBERS[column.kind]),)
    taken = {key.name for key in keys}
    return replace(
        table,
        columns=(*keys, *(_renamed(member, name, taken) for member in members)),
        row_key=tuple(key.name for key in keys),
    )


def members_of(table: Table, name: str, decoded: Decoded) -> Decoded:
    """The members of the lists in column *name* of *decoded*, as rows of `part_of(table, name)`."""
    arrays = {
        column.name: array for column, array in zip(table.columns, decoded.known, strict=True)
    }
    lists = arrays[name]
    owner = pc.list_parent_indices(lists)
    flat = pc.list_flatten(lists)
    keys = [arrays[key.name].take(owner) for key in _keys(table, name)]
    inner = table.column(name).columns
    members = [_typed(pc.struct_field(flat, [one.name]), one) for one in inner] if inner else [flat]
    return Decoded(len(flat), (*keys, *members), decoded.nested.get(name, {}))


def _keys(table: Table, name: str) -> list[Column]:
    wanted = {*table.row_key, *_PLACES} - {name}
    return [column for column in table.columns if column.name in wanted]


def _renamed(member: Column, part: str, taken: set[str]) -> Column:
    return replace(member, name=f"{part}_{member.name}") if member.name in taken else member


def _typed(array: pa.Array, column: Column) -> pa.Array:
    """A member of the objects as a column: words of few values as a dictionary again."""
    return array.cast(stored(column)) if column.kind == "category" else array
