"""Snapshots made of rows, written as the store writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from ninja_analytics.catalog import TABLES
from ninja_analytics.frames import batches
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.recorded_tables import EVENTS
from ninja_analytics.history.snapshots import LOG, Recorded, Snapshot, text_of
from ninja_analytics.history.writing import drafted, path_of

FIRST = datetime(2026, 3, 1, 2, tzinfo=UTC)


def at(day: float) -> datetime:
    """When the snapshot of that day is taken; day 0 is the first."""
    return FIRST + timedelta(days=day)


def snapshot(
    folder: Folder,
    when: datetime,
    tables: dict,
    *,
    without: tuple = (),
    other: dict[str, pa.DataType] | None = None,
) -> Snapshot:
    """A snapshot of *tables*, as lists of rows by name.

    Its files are those of an older catalogue: they lack the columns *without*, and have columns of
    *other* types.
    """
    name = f"{when:%Y%m%dT%H%M%S}Z"
    recorded = {}
    for table, rows in tables.items():
        schema = pa.schema(
            one.with_type((other or {}).get(one.name, one.type))
            for one in batches.schema(TABLES[table])
            if one.name not in without
        )
        told = [{key: value for key, value in row.items() if key not in without} for row in rows]
        with drafted(pa.Table.from_pylist(told, schema).to_batches(), schema) as draft:
            file = draft.into(folder, path_of(table, when, name))
        kind = "events" if table in EVENTS else "state"
        recorded[table] = Recorded(table, kind, file, len(rows), when.isoformat())
    return Snapshot(name, when, when, "made", "https://example.com", "0", recorded)


def commit(folder: Folder, snapshots: list) -> None:
    """Have *snapshots* in the log."""
    for one in snapshots:
        folder.put(f"{LOG}/{one.id}.json", text_of([one]))
