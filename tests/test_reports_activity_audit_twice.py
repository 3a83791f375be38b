"""Every number of activity_audit, computed a second time by SQL over the raw rows."""

from __future__ import annotations

import random
import sqlite3

import pandas as pd
import pytest

from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed

SPEC = REPORTS["activity_audit"]
WITH = """
    with log as (
        select id, min(activityTime) as at, min(deviceId) as device, min(userId) as person,
            min(activityType) as kind, min(statusCode) as code, min(activityResult) as result
        from activities group by coalesce(id, -rowid)),
    inside as (
        select *, case
            when result = 'FAILURE' then 'failed'
            when result = 'SUCCESS' then 'succeeded'
            when result in ('UNSUPPORTED', 'UNCOMPLETED', 'AGENT_OFFLINE') then 'exception'
            when result is not null then 'unknown'
            when code glob '*_FAILED' or code glob '*_FAILURE' then 'failed'
            when code = 'COMPLETED' or code glob '*_COMPLETED' then 'unknown'
            end as outcome,
            code in ('START_REQUESTED', 'STARTED', 'IN_PROCESS', 'COMPLETED', 'CANCEL_REQUESTED',
                'CANCELLED', 'BLOCKED')
            and kind in ('ACTION', 'ACTIONSET', 'CONDITION_ACTION', 'CONDITION_ACTIONSET',
                'SCHEDULED_TASK', 'SCRIPTING') as automation
        from log where at >= :start and at < :now
            and (:organization is null
                or device in (select id from devices where organizationId = :organization))),
    runs as (
        select device, sum(outcome = 'failed') as bad, sum(outcome = 'succeeded') as good,
            sum(outcome = 'unknown') as odd
        from inside where automation and device is not null group by device)
"""
CHANGED = """
    code in ('POLICY_CREATED', 'POLICY_UPDATED', 'POLICY_DELETED', 'TECHNICIAN_PERMISSIONS_CHANGED',
        'APP_USER_CREATED', 'CREDENTIAL_UPDATED', 'LOCATION_UPDATED', 'SCRIPT_UPDATED')
"""
# key -> numerator, denominator, unknown, exceptions
SQL = {
    "activities_logged": (
        "select count(*) from inside", None, "select count(*) from log where at is null",
        "select 0",
    ),
    "activities_by_people": (
        "select count(*) from inside where person > 0", "select count(*) from inside",
        "select 0", "select 0",
    ),
    "actions_failed": (
        "select count(*) from inside where outcome = 'failed'",
        "select count(*) from inside where outcome in ('failed', 'succeeded')",
        "select count(*) from inside where outcome = 'unknown'",
        "select count(*) from inside where outcome = 'exception'",
    ),
    "devices_automation_failed": (
        "select count(*) from runs where bad", "select count(*) from runs where bad or good",
        "select count(*) from runs where odd and not bad and not good", "select 0",
    ),
    "changes_made": (
        f"select count(*) from inside where {CHANGED}", None, "select 0", "select 0",
    ),
    "logins_failed": (
        "select count(*) from inside where code glob '*_AUDIT_FAILED_LOGIN'",
        """select count(*) from inside where code glob '*_AUDIT_FAILED_LOGIN'
            or code in ('APP_USER_LOGGED_IN', 'END_USER_LOGGED_IN')""",
        "select 0", "select 0",
    ),
}  # fmt: skip
TWICE = set(SQL)


def agree(report, base, now, days, organization=None):
    """Every KPI of the report, and the sums of its tables, are what SQL says."""
    values = {"now": now.timestamp(), "start": now.timestamp() - days * 86_400}
    values["organization"] = organization
    assert {kpi.key for kpi in report.kpis} == set(SQL)
    for kpi in report.kpis:
        expected = [
            None if question is None else base.execute(WITH + question, values).fetchone()[0]
            for question in SQL[kpi.key]
        ]
        told = [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions]
        assert told == expected, kpi.key
    by_code = base.execute(
        WITH + "select outcome, count(*) from inside group by 1", values
    ).fetchall()
    failed = dict(by_code).get("failed", 0)
    tables = report.tables
    assert tables["actors"]["activities"].sum() == report.kpi("activities_logged").numerator
    assert tables["families_by_day"]["activities"].sum() == tables["actors"]["activities"].sum()
    assert tables["failures"]["failures"].sum() == failed


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("days", "back", "chosen"), [(30, 0, False), (9, 400, False), (30, 0, True)]
)
def test_every_kpi_is_what_the_raw_rows_of_a_fleet_say(seed, days, back, chosen):
    one = fleet(seed, devices=20)  # the log of a larger one takes long to read twice
    now = one.now - pd.Timedelta(hours=back)
    ids = one.sql("select organizationId from devices group by 1 order by count(*) desc", "devices")
    asked = {"organizations": [ids[0][0]]} if chosen else {}
    one.count("select 0", "activities")
    report = SPEC.build(one.of("activity_audit"), now=now, period=f"{days}d", **asked)
    agree(report, one.base, now, days, ids[0][0] if chosen else None)


CODES = [
    "POLICY_UPDATED", "TECHNICIAN_PERMISSIONS_CHANGED", "APP_USER_CREATED", "CREDENTIAL_UPDATED",
    "LOCATION_UPDATED", "SCRIPT_UPDATED", "APP_USER_LOGGED_IN", "END_USER_LOGGED_IN",
    "END_USER_AUDIT_FAILED_LOGIN", "APP_USER_AUDIT_FAILED_LOGIN", "NODE_UPDATED", "TRIGGERED",
    "PATCH_MANAGEMENT_INSTALL_FAILED", "PATCH_MANAGEMENT_FAILURE", "NEVER_HEARD_OF", None,
    *["COMPLETED", "STARTED"] * 8,
]  # fmt: skip
TYPES = ["ACTION", "SCRIPTING", "SCHEDULED_TASK", "CONDITION", "PATCH_MANAGEMENT", "NEW", None]
RESULTS = ["SUCCESS", "FAILURE", "UNSUPPORTED", "UNCOMPLETED", "AGENT_OFFLINE", "MAYBE", None, None]


def log_of(seed):
    """An invented log with every way to end and all that can be missing, by NinjaOne's names."""
    chance = random.Random(seed)
    rows = [
        {
            "id": number,
            "activityTime": None
            if chance.random() < 0.03
            else round(NOW.timestamp() - 3e6 * chance.random(), 3),
            "deviceId": chance.choice([*range(1, 30), 999, None]),
            "userId": chance.choice([1, 2, 55, 0, None, None]),
            "activityType": chance.choice(TYPES),
            "statusCode": chance.choice(CODES),
            "activityResult": chance.choice(RESULTS),
        }
        for number in range(600)
    ]
    return rows + chance.sample(rows, 20)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("organization", [None, 2])
def test_every_kpi_is_what_the_rows_of_an_odd_log_say(seed, organization):
    rows = log_of(seed)
    people = [{"device_id": at, "organization_id": at % 3} for at in range(1, 30)]
    frames = {
        "devices": typed("devices", people),
        "technicians": typed("technicians", [{"user_id": 1, "first_name": "Ada"}]),
        "users": typed("users", [{"user_id": 2, "email": "bo@example.com"}]),
        "activities": typed("activities", [as_frame(row) for row in rows]),
    }
    base = sqlite3.connect(":memory:")
    pd.DataFrame(rows).astype({"deviceId": "object", "userId": "object"}).to_sql(
        "activities", base, index=False
    )
    base.execute("create table devices (id, organizationId)")
    base.executemany("insert into devices values (:device_id, :organization_id)", people)
    asked = {} if organization is None else {"organizations": organization}
    agree(SPEC.build(frames, now=NOW, period="30d", **asked), base, NOW, 30, organization)
    base.close()


def as_frame(row):
    """A raw row under the names of the table's columns."""
    at = row["activityTime"]
    return {
        "activity_id": row["id"],
        "activity_at": at and pd.Timestamp(at, unit="s", tz="UTC").round("ms"),
        "device_id": row["deviceId"],
        "user_id": row["userId"],
        "activity_type": row["activityType"],
        "status_code": row["statusCode"],
        "activity_result": row["activityResult"],
    }
