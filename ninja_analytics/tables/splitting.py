"""Whether a question is split, and into how large parts, by what is known of the fleet."""

from __future__ import annotations

from ninja_analytics.catalog import Table
from ninja_analytics.errors import NinjaError
from ninja_analytics.pages import Get
from ninja_analytics.tables import shards
from ninja_analytics.tables.shards import Shard
from ninja_analytics.tables.sources import Source

_LONG = 100  # pages from which on a pull is split, so that a break costs a part of it only
_FEW = 4  # pages of a slow pull that is not worth to be split
_DEVICES = ("devices", "devices_detailed")
_PARTS_PER_WORKER = 4  # so that the last parts end at about the same time


def can_be_split(source: Source, table: Table) -> bool:
    """Whether *table* can be asked for in parts, side by side."""
    return (
        source.parallel > 1
        and table.device_filter
        and not table.per
        and table.paging in ("cursor", "after")
    )


def parts_of(
    source: Source,
    table: Table,
    shard: Shard,
    get: Get,
    *,
    most_rows: float | None = None,
    page_rows: int | None = None,
    slow: bool = True,
) -> list[Shard]:
    """*shard* as several of *most_rows* at most, if that pays.

    With *page_rows*, as many as a page was seen to have, it pays from some pages on: from few if
    requests are *slow*. It stays as it is where the fleet cannot be looked up: a pull may do without parts, and must not
    break off for want of what only makes it faster.
    """
    try:
        least = _FEW if slow else _LONG
        few = least * page_rows if page_rows and table.name not in _DEVICES else 0
        if few and _rows(source, table, get) < few:
            return [shard]
        return _split(source, table, shard, get, most_rows)
    except NinjaError:
        return [shard]


def _rows(source: Source, table: Table, get: Get) -> float:
    """About how many rows will come."""
    return len(source.lookups.frame("devices", get)) * _rate(source, table)


def _rate(source: Source, table: Table) -> float:
    return source.rates.get(table.name, table.rows_per_device or 1.0)


def _split(
    source: Source, table: Table, shard: Shard, get: Get, most_rows: float | None
) -> list[Shard]:
    """*shard* as several of about equal size, if it is a large one."""
    workers = source.parallel
    if table.name in _DEVICES:
        organizations = source.lookups.frame("organizations", get)
        ids = organizations["organization_id"].dropna().astype(int)
        return shards.evenly(shard, ids, 2 * workers)
    devices = source.lookups.frame("devices", get)
    rate = _rate(source, table)
    # A part of less than a page costs more than it brings.
    evenly = len(devices) / (workers * _PARTS_PER_WORKER)
    most = max(source.page_size(table.name) / rate, evenly)
    if most_rows is not None:
        most = min(most, most_rows / rate)
    return shards.split(shard, devices, most)
