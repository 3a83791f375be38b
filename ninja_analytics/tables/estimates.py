"""What a pull will cost, told before it is begun: requests, rows and minutes."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

import pandas as pd

from ninja_analytics.catalog import Table
from ninja_analytics.tables.asked import known
from ninja_analytics.tables.sources import Source

_SECONDS = 0.5  # of a request to NinjaOne, as long as none was measured
_ACTIVITIES_PER_DEVICE = 7.0  # in a day, on a busy tenant

COLUMNS = {
    "table": "str", "rows": "Int64", "requests": "Int64", "minutes": "Float64", "basis": "str",
}  # fmt: skip


def estimate(
    source: Source, names: Iterable[str], *, days: float | None = None, seconds: float | None = None
) -> pd.DataFrame:
    """About how many rows, requests and minutes each of the tables *names* will take, and their sum.

    *days* is the length of the window for activities and the like; *seconds* is what a request takes
    (default: a rule of thumb). `basis` says where a number comes from: "counted" for the devices,
    "last pull" where this connection has pulled the table whole, else "rule of thumb"; "not known"
    where only the pull itself tells.
    """
    names = [names] if isinstance(names, str) else list(names)
    devices = len(source.lookups.frame("devices", source.get))
    rows = [_row(source, known(name), devices, days, seconds or _SECONDS) for name in names]
    found = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    total = {
        "table": "all",
        "rows": found["rows"].sum(),
        "requests": found["requests"].sum(),
        "minutes": found["minutes"].sum(),
        "basis": "at least" if found["rows"].isna().any() else "sum",
    }
    return pd.concat([found, pd.DataFrame([total]).astype(COLUMNS)], ignore_index=True)


def _row(
    source: Source, table: Table, devices: int, days: float | None, seconds: float
) -> tuple[str, int | None, int, float, str]:
    rows, basis = _rows(source, table, devices, days)
    size = source.page_size(table.name)
    requests = 1 if rows is None or table.paging == "none" else ceil(rows / size) + 1
    at_once = min(source.parallel, max(1, requests // 2)) if table.device_filter else 1
    return table.name, rows, requests, round(requests * seconds / at_once / 60, 2), basis


def _rows(source: Source, table: Table, devices: int, days: float | None) -> tuple[int | None, str]:
    if table.name in ("devices", "devices_detailed"):
        return devices, "counted"
    if table.name == "activities":
        if days is None:
            return None, "not known without days="
        return round(devices * _ACTIVITIES_PER_DEVICE * days), "rule of thumb"
    if table.name in source.rates:
        return round(devices * source.rates[table.name]), "last pull"
    if table.rows_per_device and not table.per:
        return round(devices * table.rows_per_device), "rule of thumb"
    return None, "not known"
