"""Every number of alert_noise, computed a second time: by SQL over raw rows, and the median by hand."""

from __future__ import annotations

import random
import sqlite3

import pandas as pd
import pytest

from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed

SPEC = REPORTS["alert_noise"]
# Each step is a table of its own, with what it is looked up by.
STEPS = {
    "one": (
        """select *, row_number() over (
            partition by id order by lastContact is null, lastContact desc) as place from devices""",
        "id",
    ),
    "eligible": (
        """select id from one where place = 1 and approvalStatus = 'APPROVED'
            and :now - lastContact <= 30 * 86400""",
        "id",
    ),
    "log": (
        """select id, min(activityTime) as at, min(deviceId) as device, min(statusCode) as code,
            min(seriesUid) as series, min(coalesce(sourceConfigUid, sourceName)) as condition
        from activities where activityTime <= :now
            and statusCode in ('TRIGGERED', 'RESET', 'ACKNOWLEDGED')
        group by coalesce(id, -rowid)""",
        "series, code, at",
    ),
    "raised": (
        """select * from log where code = 'TRIGGERED' and at >= :start and at < :now
            and (:every or device in (select id from devices))""",
        "device, condition, at",
    ),
    "judged": (
        """select series, at, ended,
            exists (select 1 from alerts where uid = series) as standing,
            exists (select 1 from log a where a.series = s.series and a.code = 'ACKNOWLEDGED'
                and a.at >= s.at and (ended is null or a.at <= ended)) as seen
        from (select series, min(at) as at,
                (select min(e.at) from log e where e.series = r.series and e.code = 'RESET'
                    and e.at >= min(r.at)) as ended
            from raised r where series is not null group by series) s""",
        "series",
    ),
    "told": (
        """select *, case
            when ended is null and not standing then 'unknown'
            when ended - at < 900 and not seen then 'yes'
            when ended is null and :now - at < 900 and not seen then 'unknown'
            else 'no' end as healed
        from judged""",
        "healed",
    ),
    "pairs": (
        """select device, condition, max(near) as most from (
            select r.device, r.condition, (select count(*) from raised o where o.device = r.device
                and o.condition = r.condition and o.at between r.at and r.at + 86400) as near
            from raised r where r.device is not null and r.condition is not null)
        group by 1, 2""",
        "device",
    ),
    "loud": (
        """select count(*) as n from raised where condition is not null
            group by condition order by 1 desc limit 5""",
        "n",
    ),
}
APART = "(select count(*) from raised where series is null)"
# key -> numerator, denominator, unknown, exceptions
SQL = {
    "alerts_per_device_week": (
        "select count(*) from raised where device in (select id from eligible)",
        "select count(*) from eligible",
        "select count(*) from raised where device is null or device not in (select id from devices)",
        """select count(*) from raised where device in (select id from devices)
            and device not in (select id from eligible)""",
    ),
    "alert_median_hours": (
        "select count(ended) from judged",
        "select count(*) from judged where ended is not null or standing",
        f"select count(*) + {APART} from judged where ended is null and not standing",
        "select 0",
    ),
    "alerts_self_healed": (
        "select count(*) from told where healed = 'yes'",
        "select count(*) from told where healed in ('yes', 'no')",
        f"select count(*) + {APART} from told where healed = 'unknown'",
        "select 0",
    ),
    "alerts_of_top_conditions": (
        "select coalesce(sum(n), 0) from loud",
        "select count(condition) from raised",
        "select count(*) from raised where condition is null",
        "select 0",
    ),
    "alerts_flapping": (
        "select count(*) from pairs where most >= 3",
        "select count(*) from pairs",
        "select count(*) from raised where device is null or condition is null",
        "select 0",
    ),
    "alerts_active": (
        "select count(*) from alerts where :every or deviceId in (select id from devices)",
        None,
        """select count(*) from alerts where (:every or deviceId in (select id from devices))
            and (deviceId is null or deviceId not in (select id from devices))""",
        "select 0",
    ),
}
TWICE = set(SQL)


def product_limit(rows, now):
    """The Kaplan-Meier median in hours, by hand: rows are (begin, end or None)."""
    lasted = [((now if end is None else end) - begin, end is not None) for begin, end in rows]
    alive = 1.0
    for moment in sorted({length for length, over in lasted if over}):
        at_risk = sum(length >= moment for length, _ in lasted)
        alive *= 1 - sum(over and length == moment for length, over in lasted) / at_risk
        if alive <= 0.5 + 1e-9:
            return moment / 3600
    return None


def agree(report, base, now, days):
    """Every KPI of the report is what is counted here."""
    values = {"now": now.timestamp(), "start": now.timestamp() - days * 86_400, "every": True}
    assert {kpi.key for kpi in report.kpis} == set(SQL)
    for name, (question, by) in STEPS.items():
        base.execute(f"drop table if exists temp.{name}")
        base.execute(f"create temp table {name} as {question}", values)
        base.execute(f"create index temp.by_{name} on {name} ({by})")
    for kpi in report.kpis:
        expected = [
            None if question is None else base.execute(question, values).fetchone()[0]
            for question in SQL[kpi.key]
        ]
        told = [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions]
        assert told == expected, kpi.key
    rate = report.kpi("alerts_per_device_week")
    if rate.denominator:
        assert rate.amount == pytest.approx(rate.numerator / rate.denominator / (days / 7))
    rows = base.execute(
        "select at, ended from judged where ended is not null or standing"
    ).fetchall()
    assert report.kpi("alert_median_hours").amount == pytest.approx(
        product_limit(rows, now.timestamp())
    )


def named(base):
    """The base of a fleet whose conditions have no identifiers, with a column for them."""
    columns = {row[1] for row in base.execute("pragma table_info(activities)")}
    if "sourceConfigUid" not in columns:
        base.execute("alter table activities add column sourceConfigUid")
    return base


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("days", "back"), [(30, 0), (7, 0), (2, 300)])
def test_every_kpi_is_what_the_raw_rows_of_a_fleet_say(seed, days, back):
    one = fleet(seed, devices=20)  # the log of a larger one takes long to read twice
    now = one.now - pd.Timedelta(hours=back)
    report = SPEC.build(one.of("alert_noise"), now=now, period=f"{days}d")
    one.count("select 0", "devices", "activities", "alerts")
    agree(report, named(one.base), now, days)


def log_of(seed):
    """An invented log with all that can be odd about alerts, as rows by NinjaOne's names."""
    chance = random.Random(seed)
    rows, active, number = [], [], 0
    end = NOW.timestamp()

    def note(at, code, device, uid, name, series):
        nonlocal number
        number += 1
        row = {"id": number, "activityTime": at, "statusCode": code, "deviceId": device}
        rows.append(row | {"seriesUid": series, "sourceConfigUid": uid, "sourceName": name})

    for alert in range(160):
        uid, name = chance.choice([("c1", "Disk"), ("c2", "Disk"), (None, "CPU"), (None, None)])
        device = chance.choice([1, 1, 1, 2, 3, 4, 77, None])
        series = None if chance.random() < 0.1 else f"series {alert}"
        begin = round(end - chance.choice([600, 4e4, 6e5, 3e6]) * chance.random(), 3)
        for again in range(chance.choice([1, 1, 1, 2])):
            note(begin + 60 * again, "TRIGGERED", device, uid, name, series)
        fate = chance.random()
        if fate < 0.2:
            note(begin + 30, "ACKNOWLEDGED", device, uid, name, series)
        if fate < 0.7:
            note(
                begin + chance.choice([-5, 200, 899, 900, 9e4]), "RESET", device, uid, name, series
            )
        elif fate < 0.9 and series:
            active.append({"uid": series, "deviceId": device})
    rows += chance.sample(rows, 15)
    return rows, active


@pytest.mark.parametrize("seed", range(6))
def test_every_kpi_is_what_the_rows_of_an_odd_log_say(seed):
    rows, active = log_of(seed)
    old = NOW - pd.Timedelta(days=40)
    people = [
        {"device_id": at, "approval_status": state, "last_contact_at": seen}
        for at, (state, seen) in enumerate(
            [("APPROVED", NOW), ("APPROVED", NOW), ("PENDING", NOW), ("APPROVED", old)], 1
        )
    ]
    frames = {
        "devices": typed("devices", people),
        "alerts": typed(
            "alerts", [{"alert_uid": row["uid"], "device_id": row["deviceId"]} for row in active]
        ),
        "activities": typed("activities", [as_frame(row) for row in rows]),
    }
    base = sqlite3.connect(":memory:")
    pd.DataFrame(rows).astype({"deviceId": "object"}).to_sql("activities", base, index=False)
    pd.DataFrame(active).to_sql("alerts", base, index=False)
    listed = [
        (one["device_id"], one["approval_status"], one["last_contact_at"].timestamp())
        for one in people
    ]
    base.execute("create table devices (id, approvalStatus, lastContact)")
    base.executemany("insert into devices values (?, ?, ?)", listed)
    agree(SPEC.build(frames, now=NOW, period="30d"), base, NOW, 30)
    base.close()


def as_frame(row):
    """A raw row under the names of the table's columns."""
    return {
        "activity_id": row["id"],
        "activity_at": pd.Timestamp(row["activityTime"], unit="s", tz="UTC").round("ms"),
        "device_id": row["deviceId"],
        "status_code": row["statusCode"],
        "series_uid": row["seriesUid"],
        "source_config_uid": row["sourceConfigUid"],
        "source_name": row["sourceName"],
    }


def test_the_median_of_alerts_that_are_open_is_no_median_of_those_that_ended():
    rows = [(0, 3600), (0, 7200), (0, None), (0, None), (0, 9 * 3600)]
    assert product_limit(rows, 8 * 3600) == 9
    assert product_limit([(0, 3600), (0, None), (0, None)], 7200) is None
