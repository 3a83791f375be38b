"""The KPIs of availability_hygiene a second time: by SQL, over raw rows and over a fleet with every fault."""

from __future__ import annotations

from functools import cache

import pytest

from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW
from tests.made_posture import posture
from tests.sql_frames import base_of, one

# What is called what in the raw rows, and in frames.
RAW = """
    with managed as (
        select id, nodeClass as kind, lastContact as seen, "maintenance.status" as maintenance
        from devices where approvalStatus = 'APPROVED'),
    ran as (select deviceId as id, needsReboot as waits, lastBootTime as boot from operating_systems),
    numbers as (select deviceId as id, serialNumber as own, biosSerialNumber as bios
                from computer_systems),
    again as (select id as activity, deviceId as id, activityTime as at, statusCode as code
              from activities),
    followed as (select policyId as id from devices union select rolePolicyId from devices),
    rules as (select id, parentPolicyId as parent, coalesce(nodeClassDefault, 0) as standard
              from policies),
"""
FRAMES = """
    with managed as (
        select distinct device_id as id, node_class as kind, last_contact_at as seen,
               maintenance_status as maintenance
        from devices where approval_status = 'APPROVED'),
    ran as (select device_id as id, needs_reboot as waits, last_boot_at as boot
            from operating_systems),
    numbers as (select device_id as id, serial_number as own, bios_serial_number as bios
                from computer_systems),
    again as (select activity_id as activity, device_id as id, activity_at as at,
                     status_code as code from activities),
    followed as (select policy_id as id from devices union select role_policy_id from devices
                 union select role_policy_id from devices_detailed),
    rules as (select policy_id as id, parent_policy_id as parent,
                     coalesce(default_for_node_class, 0) as standard from policies),
"""
BODY = """
    computers as (
        select * from managed where kind in ('WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION',
                                             'WINDOWS_SERVER', 'LINUX_SERVER', 'MAC_SERVER')),
    told as (
        select id, case when upper(trim(own)) not in ('DEFAULT STRING', '00000') then upper(trim(own))
                        when upper(trim(bios)) <> 'DEFAULT STRING' then upper(trim(bios)) end as serial
        from numbers),
    machines as (select c.id, serial from computers c left join told t on t.id = c.id),
    running as (
        select c.id, waits, (:now - boot) / 86400.0 as up from computers c
        left join ran r on r.id = c.id where :now - seen <= 30 * 86400),
    often as (
        select id from again where code = 'NODE_RE_ENROLLED' and at > :now - 30 * 86400
        group by id having count(*) > 1)
"""
SEEN = "select count(seen) from managed"
NEVER = "select count(*) from managed where seen is null"
MANAGED = "select count(*) from managed"
KEPT = "(standard or id in (select parent from rules where parent is not null))"
FREE = "select count(*) from rules where id not in (select id from followed where id is not null)"
# key -> numerator, denominator, unknown, exceptions
SQL = {
    "devices_active": (
        "select count(*) from managed where :now - seen <= 30 * 86400",
        SEEN,
        NEVER,
        "select 0",
    ),
    "devices_stale": (
        "select count(*) from managed where :now - seen > 30 * 86400",
        SEEN,
        NEVER,
        "select 0",
    ),
    "restart_pending": (
        "select count(*) from running where waits",
        "select count(waits) from running",
        "select count(*) from running where waits is null",
        "select 0",
    ),
    "uptime_long": (
        "select count(*) from running where up > 30",
        "select count(up) from running",
        "select count(*) from running where up is null",
        "select 0",
    ),
    "devices_duplicated": (
        "select count(serial) - count(distinct serial) from machines",
        "select count(serial) from machines",
        "select count(*) from machines where serial is null",
        "select 0",
    ),
    "devices_enrolled_again": (
        "select count(*) from managed where id in (select id from often)",
        MANAGED,
        "select 0",
        "select 0",
    ),
    "policies_unused": (
        f"{FREE} and not {KEPT}",
        "select count(*) from rules",
        "select 0",
        f"{FREE} and {KEPT}",
    ),
    "devices_in_maintenance": (
        "select count(*) from managed where maintenance = 'IN_MAINTENANCE'",
        MANAGED,
        "select 0",
        "select 0",
    ),
}
TWICE = {*SQL, "approvals_pending"}
TABLES = ("devices", "operating_systems", "computer_systems", "activities", "policies")


@cache
def report(seed):
    return fleet(seed).report("availability_hygiene")


def told(kpi):
    return [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kpi_is_what_sql_over_the_raw_rows_says(seed):
    people = fleet(seed)
    assert {kpi.key for kpi in report(seed).kpis} == TWICE
    for key, questions in SQL.items():
        expected = [people.count(RAW + BODY + one, *TABLES) or 0 for one in questions]
        assert told(report(seed).kpi(key)) == expected, key


@pytest.mark.parametrize("seed", SEEDS)
def test_devices_that_wait_for_approval_are_those_that_the_sandbox_holds_back(seed):
    held_back = fleet(seed).sandbox.truth("devices", df="status = PENDING")
    assert report(seed).kpi("approvals_pending").numerator == len(held_back) > 0
    table = report(seed).tables["pending_approvals"]
    assert sorted(table["device_id"]) == sorted(row["id"] for row in held_back)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_kpi_is_what_sql_over_a_fleet_with_every_fault_says(seed):
    frames = posture(300, 9, seed)
    made = REPORTS["availability_hygiene"].build(frames, now=NOW)
    base = base_of({name: frames[name] for name in (*TABLES, "devices_detailed")})
    for key, questions in SQL.items():
        expected = [one(base, FRAMES + BODY + query, now=NOW.timestamp()) for query in questions]
        assert told(made.kpi(key)) == expected, key
        assert made.kpi(key).numerator, key
    waiting = one(
        base,
        "select count(*) from (select device_id from devices where approval_status = 'PENDING' "
        "union select device_id from devices_detailed where approval_status = 'PENDING')",
    )
    assert told(made.kpi("approvals_pending")) == [waiting, None, 0, 0]
    base.close()
