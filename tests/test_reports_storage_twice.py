"""The KPIs of storage a second time: by SQL, over raw rows and over a fleet that has every state."""

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
    with computers as (
        select id, nodeClass like '%SERVER' as server, nodeClass like 'WINDOWS%' as windows
        from devices where approvalStatus = 'APPROVED' and :now - lastContact <= 30 * 86400
        and nodeClass in ('WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER',
                          'LINUX_SERVER')),
    v as (select deviceId as id, name, driveLetter as letter, deviceType as type, fileSystem as fs,
                 capacity as cap, freeSpace as free from volumes),
    says as (select deviceId as id, status as word from disks
             union all select deviceId, status from raid_drives
             union all select deviceId, systemHealthStatus from raid_controllers),
"""
FRAMES = """
    with computers as (
        select distinct device_id as id, node_class like '%SERVER' as server,
               node_class like 'WINDOWS%' as windows
        from devices where approval_status = 'APPROVED' and :now - last_contact_at <= 30 * 86400
        and node_class in ('WINDOWS_WORKSTATION', 'MAC', 'WINDOWS_SERVER', 'LINUX_SERVER')),
    v as (select device_id as id, name, drive_letter as letter, device_type as type,
                 file_system as fs, capacity_bytes as cap, free_bytes as free from volumes),
    says as (select device_id as id, status as word from disks
             union all select device_id, status from raid_drives
             union all select device_id, system_health_status from raid_controllers),
"""
BODY = """
    fixed as (
        select v.*, server, row_number() over (
            partition by v.id, case when fs = 'APFS' then '' else name end, cap, free) as place
        from v join computers c on c.id = v.id
        where type = 'Local Disk' and (cap is null or cap >= 2147483648)
        and case when windows then letter is not null
            else not (name like '/boot%' or name like '/System/%' and name not like '%/Data') end),
    judged as (
        select id, cap, free, case
            when cap is null or free is null then 'unknown'
            when free * 20 < cap or free < 5368709120 then 'critical'
            when server and free * 100 < cap * 15 and free < 53687091200 then 'low'
            when not server and free * 10 < cap and free < 21474836480 then 'low'
            else 'enough' end as state
        from fixed where place = 1),
    each as (
        select c.id, sum(state = 'critical') as critical, sum(state = 'low') as low,
               sum(state = 'enough') as enough, count(state) as volumes
        from computers c left join judged j on j.id = c.id group by c.id),
    worded as (
        select case when lower(word) in ('ok', 'online', 'hot spare', 'optimal') then 1
                    when lower(word) in ('pred fail', 'predictive failure', 'failed', 'error',
                                         'degraded', 'needs attention', 'rebuild') then 0 end as well
        from says s join computers c on c.id = s.id)
"""
KNOWN = "select count(*) from each where critical or low or (volumes and enough = volumes)"
UNKNOWN = "select count(*) from each where not (coalesce(critical, 0) or coalesce(low, 0)) and enough is not volumes"  # fmt: skip
VOLUMES = "select count(*) from judged"
STRANGE = "select count(*) from judged where state = 'unknown'"
# key -> numerator, denominator, unknown, amount
SQL = {
    "devices_low": ("select count(*) from each where critical or low", KNOWN, UNKNOWN, None),
    "devices_critical": ("select count(*) from each where critical", KNOWN, UNKNOWN, None),
    "volumes_unknown": (STRANGE, VOLUMES, "select 0", None),
    "disks_failing": (
        "select count(*) from worded where well = 0",
        "select count(well) from worded",
        "select count(*) from worded where well is null",
        None,
    ),
    **{
        key: (
            "select count(*) from judged where state <> 'unknown'",
            VOLUMES,
            STRANGE,
            f"select sum({column}) from judged where state <> 'unknown'",
        )
        for key, column in {"storage_capacity": "cap", "storage_free": "free"}.items()
    },
}
TWICE = set(SQL)
TABLES = ("devices", "volumes", "disks", "raid_drives", "raid_controllers")


@cache
def report(seed):
    return fleet(seed).report("storage")


def told(kpi):
    return [kpi.numerator, kpi.denominator, kpi.unknown, kpi.amount]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("key", SQL)
def test_a_kpi_is_what_sql_over_the_raw_rows_says(seed, key):
    people = fleet(seed)
    expected = [
        None if question is None else people.count(RAW + BODY + question, *TABLES)
        for question in SQL[key]
    ]
    assert told(report(seed).kpi(key)) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_kpi_is_what_sql_over_a_fleet_with_every_state_says(seed):
    frames = posture(300, 9, seed)
    made = REPORTS["storage"].build(frames, now=NOW)
    base = base_of({name: frames[name] for name in TABLES})
    for key, questions in SQL.items():
        expected = [
            None if question is None else one(base, FRAMES + BODY + question, now=NOW.timestamp())
            for question in questions
        ]
        assert told(made.kpi(key)) == expected, key
        assert made.kpi(key).numerator, key
    base.close()
