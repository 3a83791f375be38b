"""What becomes of the columns of a frame: shown, replaced, or left out."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from ninja_analytics.catalog import TABLES, Column, Table
from ninja_analytics.frames import lists_of, part_of
from ninja_analytics.sharing.about import FREE_TEXT, PLAIN, about

NUMBER, MEASURED = "number", "measured"

_MEASURED = ("integer", "number", "boolean", "time", "date")
_JOINED = {f"{what}_name" for what in ("organization", "location", "device", "role", "policy")}


def fate(of: str, name: str) -> str | None:
    """What becomes of a column of the catalogue: a NUMBER for an id, else what it is about.

    MEASURED is a number or time, which stays. *of* is a table, or a list of one: "devices.tags".
    A column that it does not have, e.g. of two merged frames, is taken as the strictest of its
    namesakes; None for one that no table has, or about which nothing is known. Where nobody knows
    what a table has, its words cannot be called plain.
    """
    own = _fates().get(of, {})
    if name in own:
        known = TABLES[of.partition(".")[0]].shape_known
        return own[name] if known or own[name] != PLAIN else FREE_TEXT
    namesakes = [fates[name] for fates in _fates().values() if name in fates]
    return min(namesakes, key=_strictness) if namesakes else None


def of_frame(told: Mapping[str, Any]) -> str:
    """What the rows of a frame with this provenance are of: a table, or a list of one."""
    table, part = str(told.get("table", "")), told.get("part")
    return f"{table}.{part}" if part else table


def is_foreign(told: Mapping[str, Any], name: str) -> bool:
    """Whether a column is the tenant's own or one that NinjaOne has added, whatever its name.

    So are the custom fields of a frame in which each has a column.
    """
    if name in told.get("drift", {}).get("unknown", {}).values():
        return True
    return told.get("shape") == "wide" and name not in _JOINED.union(
        _fates().get(of_frame(told), ())
    )


@functools.cache
def _fates() -> Mapping[str, Mapping[str, str | None]]:
    """The fate of each column of each table, and of each list of one."""
    found = {
        table.name: {column.name: _fate(table.name, column) for column in table.columns}
        for table in TABLES.values()
    }
    lists = [(table, name) for table in TABLES.values() for name in lists_of(table)]
    return found | {
        f"{table.name}.{name}": _of_list(table, name, found[table.name]) for table, name in lists
    }


def _of_list(table: Table, name: str, own: Mapping[str, str | None]) -> dict[str, str | None]:
    """The fates of the members of a list; what tells whose they are is a column of the table."""
    return {
        column.name: own[column.name]
        if column in table.columns
        else _fate(f"{table.name}.{name}", column)
        for column in part_of(table, name).columns
    }


def _fate(of: str, column: Column) -> str | None:
    if column.kind in ("json", "rows"):
        return FREE_TEXT
    if column.kind in ("id", "ids") or (column.kind == "integer" and column.name.endswith("_id")):
        return NUMBER
    return MEASURED if column.kind in _MEASURED else about(of, column.name)


def _strictness(answer: str | None) -> int:
    return {None: 0, FREE_TEXT: 1, NUMBER: 3, PLAIN: 4, MEASURED: 4}.get(answer, 2)
