"""What both patch reports count, a second time: in SQL over rows as NinjaOne sends them."""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
import sqlite3

import pandas as pd

from ninja_analytics.catalog import TABLES

COMPUTERS = """(
    'WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER', 'LINUX_SERVER', 'MAC_SERVER'
)"""

# Devices that count, patches that count with how they stand and how grave they are, and attempts.
SHARED = f"""
    with computers as (
        select distinct d.id, d.nodeClass from devices d
        where d.nodeClass in {COMPUTERS} and d.approvalStatus = 'APPROVED'
            and d.lastContact >= :now - 30 * 86400
            and d.lastContact = (select max(lastContact) from devices o where o.id = d.id)),
    counting as (
        select deviceId as device, coalesce(id, kbNumber, name, '?') as patch,
            coalesce(kbNumber, name, id, '?') as item, name, upper(coalesce(status, '')) as status,
            case lower(severity) when 'critical' then 0 when 'important' then 1
                when 'moderate' then 2 when 'low' then 3 when 'optional' then 4
                when 'recommended' then 4 when 'none' then 4 else 5 end as grave
        from os_patches
        where upper(coalesce(type, '')) not in
                ('DRIVER_UPDATES', 'DEFINITION_UPDATES', 'FEATURE_UPDATES')
            and coalesce(kbNumber, '') <> 'KB2267602' and deviceId in (select id from computers)),
    open as (
        select device, patch, min(item) as item, min(grave) as grave, released(min(name)) as released
        from counting where status in ('APPROVED', 'MANUAL', 'PENDING', 'FAILED')
        group by device, patch),
    refused as (
        select distinct device, patch from counting where status in ('REJECTED', 'DELAYED')
        except select device, patch from open),
    tries as (
        select distinct deviceId as device, coalesce(id, kbNumber, name, '?') as patch,
            coalesce(kbNumber, name, id, '?') as item, upper(status) as status, installedAt as at
        from os_patch_installs
        where upper(coalesce(type, '')) not in
                ('DRIVER_UPDATES', 'DEFINITION_UPDATES', 'FEATURE_UPDATES')
            and coalesce(kbNumber, '') <> 'KB2267602' and deviceId in (select id from computers)
            and upper(status) in ('INSTALLED', 'FAILED')),
    lately as (
        select * from tries where at >= :now - 30 * 86400 and at < :now)
"""


def second_tuesday(year: int, month: int) -> float:
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    tuesdays = [week[1] for week in weeks if week[1].month == month]
    return dt.datetime.combine(tuesdays[1], dt.time(17), dt.UTC).timestamp()


def released(name: str | None) -> float | None:
    """The Patch Tuesday of the month in a name."""
    for year, month in re.findall(r"(?<!\w)(20\d\d)-(\d\d)(?!\w)", name or ""):
        if 1 <= int(month) <= 12:
            return second_tuesday(int(year), int(month))
    return None


def cycles(since: float | None, now: float) -> int | None:
    """How many Patch Tuesdays there were since then."""
    if since is None:
        return None
    tuesdays = [second_tuesday(year, month) for year in range(2000, 2031) for month in range(1, 13)]
    return sum(since < one <= now for one in tuesdays)


def ready(base: sqlite3.Connection) -> sqlite3.Connection:
    base.create_function("released", 1, released, deterministic=True)
    base.create_function("cycles", 2, cycles, deterministic=True)
    return base


def raw(frames: dict[str, pd.DataFrame]) -> sqlite3.Connection:
    """Typed frames in SQLite as NinjaOne sends them: its fields, and times as epoch seconds."""
    base = sqlite3.connect(":memory:")
    for name, frame in frames.items():
        plain = pd.DataFrame(index=frame.index)
        for column in TABLES[name].columns:
            values = frame[column.name]
            if str(values.dtype).startswith("datetime64"):
                values = (values - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
            told = values.astype(object).where(values.notna(), None)
            plain[column.field] = [
                json.dumps(one) if isinstance(one, list) else one for one in told
            ]
        plain.to_sql(name, base, index=False)
    return ready(base)
