"""Every KPI of software_inventory, computed a second time by SQL: over raw rows and made ones."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace

import pandas as pd
import pytest

from ninja_analytics.reports import REPORTS, Settings
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed
from tests.made_frames import fleet as made_fleet
from tests.plain_names import place, product

SPEC = REPORTS["software_inventory"]
LISTS = replace(
    Settings(),
    denied_software=("*torrent*", "AnyDesk", "CCleaner*", "Tool"),
    allowed_software=("*a*", "*e*", "7-Zip", "Git"),
    seats=pd.DataFrame(
        {"product": ["Adobe Acrobat*", "Visio*", "Microsoft 365*", "7-Zip", "?lpha"],
         "seats": [10, 3, 80, 20, 1]}
    ),
)  # fmt: skip
# over device(id, class, approval, contact) and soft(device, name, version, dated, system)
BASE = """
    create table managed as select *, contact >= :now - 30 * 86400 and class in (
        'WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER', 'LINUX_SERVER',
        'MAC_SERVER') as counted,
        substr(class, 1, instr(class || '_', '_') - 1) as platform
        from device where approval = 'APPROVED';
    create table program as select s.*, product(name) as product, place(nullif(trim(version), '')) as at,
        m.platform, coalesce(m.counted, 0) as counted
        from soft s join managed m on m.id = s.device where name is not null;
    create table install as select product, platform, device, max(at) as at, max(dated) as dated
        from program where counted group by product, platform, device
        having min(coalesce(system, 0)) = 0;
    create table usual as select product, platform, at from install where at is not null
        group by product, platform, at having count(*) >= 3;
    create table judged as select i.*, (select max(u.at) from usual u
        where u.product = i.product and u.platform = i.platform) as newest from install i;
    create table forbidden as select distinct device from program p where counted and (
        exists (select 1 from denied where p.name like pattern or p.product like pattern)
        or (select count(*) from allowed) and not coalesce(system, 0)
            and not exists (select 1 from allowed where p.name like pattern or p.product like pattern));
    create table used as select pattern, seats, count(distinct device) as devices
        from seat left join program p on p.name like pattern or p.product like pattern
        group by pattern, seats;
"""
NONE, ZERO = "select null", "select 0"
SILENT = """select count(*) from managed where class in ('WINDOWS_WORKSTATION', 'MAC',
    'LINUX_WORKSTATION', 'WINDOWS_SERVER', 'LINUX_SERVER', 'MAC_SERVER')
    and id not in (select device from program)"""
NOTHING = "select count(*) from used where devices = 0"
REPORTED = "select count(distinct device) from program where counted"
# key -> numerator, denominator, unknown, exceptions
SQL = {
    "software_reported": (REPORTED, "select count(*) from managed where counted", ZERO, ZERO),
    "software_products": (
        "select count(distinct product) from install", NONE, ZERO,
        """select count(distinct product) from program
           where counted and product not in (select product from install)""",
    ),
    "software_unauthorized": (
        "select count(*) from forbidden", REPORTED,
        "select count(*) from managed where counted and id not in (select device from program)", ZERO,
    ),
    "software_behind": (
        "select count(*) from judged where at < newest",
        "select count(*) from judged where at is not null and newest is not null",
        "select count(*) from judged where at is null or newest is null", ZERO,
    ),
    "software_seats_missing": (
        "select coalesce(sum(devices - seats), 0) from used where devices > seats", NONE, SILENT, NOTHING,
    ),
    "software_seats_unused": (
        "select coalesce(sum(seats - devices), 0) from used where devices < seats", NONE, SILENT, NOTHING,
    ),
    "software_undated": (
        "select count(*) from install where not dated", "select count(*) from install", ZERO, ZERO,
    ),
}  # fmt: skip
TWICE = set(SQL)


def agree(report, base, now):
    """Every number of every KPI is what SQL says."""
    base.create_function("product", 1, product)
    base.create_function("place", 1, place)
    for name, patterns in (("denied", LISTS.denied_software), ("allowed", LISTS.allowed_software)):
        base.execute(f"create table {name} (pattern)")
        base.executemany(f"insert into {name} values (?)", [[like(one)] for one in patterns])
    base.execute("create table seat (pattern, seats)")
    for name, seats in LISTS.seats.itertuples(index=False):
        base.execute("insert into seat values (?, ?)", [like(name), seats])
    base.executescript(BASE.replace(":now", repr(now.timestamp())))
    assert {kpi.key for kpi in report.kpis} == set(SQL)
    for kpi in report.kpis:
        expected = [base.execute(question).fetchone()[0] for question in SQL[kpi.key]]
        found = [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions]
        assert found == expected, kpi.key


def like(pattern: str) -> str:
    return pattern.replace("*", "%").replace("?", "_")


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kpi_is_what_sql_over_the_raw_rows_says(seed):
    told = fleet(seed)
    report = told.report(SPEC.name, settings=LISTS)
    base = sqlite3.connect(":memory:")
    for name, columns, query in (
        ("device", "id, class, approval, contact",
         "select id, nodeClass, approvalStatus, lastContact from devices"),
        ("soft", "device, name, version, dated, system",
         """select deviceId, name, version, coalesce(installDate between '1980-01-01'
            and strftime('%Y-%m-%d', :now, 'unixepoch'), 0), isSystemComponent from software"""),
    ):  # fmt: skip
        rows = told.sql(query, "devices", "software")
        base.execute(f"create table {name} ({columns})")
        base.executemany(
            f"insert into {name} values ({', '.join('?' * (columns.count(',') + 1))})", rows
        )
    agree(report, base, told.now)
    for kpi in report.kpis:
        assert kpi.numerator, kpi.key
    base.close()


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
@pytest.mark.parametrize("devices", [0, 1, 30, 250])
def test_every_kpi_is_what_sql_over_made_rows_says(seed, devices):
    frames = made_fleet(devices, 5, seed)
    rows = frames["devices"].drop_duplicates("device_id", ignore_index=True)
    frames["software"] = typed("software", programs(seed, list(rows["device_id"])))
    report = SPEC.build(frames, now=NOW, settings=LISTS)

    base = sqlite3.connect(":memory:")
    contact = (rows["last_contact_at"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
    plain = rows.assign(contact=contact)[["device_id", "node_class", "approval_status", "contact"]]
    plain.columns = ["id", "class", "approval", "contact"]
    plain.astype(object).where(plain.notna(), None).to_sql("device", base, index=False)
    soft = frames["software"]
    at = soft["installed_on"]
    dated = at.notna() & (at <= NOW) & (at.dt.year >= 1980)
    plain = soft.assign(dated=dated.astype("int64"))
    plain = plain[["device_id", "name", "version", "dated", "system_component"]]
    plain.columns = ["device", "name", "version", "dated", "system"]
    plain.astype(object).where(plain.notna(), None).to_sql("soft", base, index=False)
    agree(report, base, NOW)
    base.close()


def programs(seed: int, ids: list[int]) -> list[dict[str, object]]:
    """Programs on most devices, doubled, without versions and dates, and of devices nobody knows."""
    chance = random.Random(seed)
    names = ["Alpha {} (x64)", "Alpha", "7-Zip {} (64-bit)", "Tool v{}", "Bit (en-US)", "Git", "uTorrent",
             "Driver Kit", "Microsoft 365 Apps - de-de", None]  # fmt: skip
    versions = ["1.0", "1.0.0", "1.2-beta", "1.2", "1.10", "2.0", "", None]
    rows = []
    for device in [*ids, 99_999]:
        if chance.random() < 0.15:
            continue
        for name in chance.choices(names, k=chance.randint(1, 8)):
            version = chance.choice(versions)
            days = chance.choice([-3, 5, 500, 400 * 50, None])
            rows.append(
                {
                    "device_id": device,
                    "name": name and name.format(version or "3.1"),
                    "version": version,
                    "installed_on": None if days is None else NOW - pd.Timedelta(days=days),
                    "system_component": name == "Driver Kit" or chance.choice([None, False, True]),
                }
            )
    return rows
