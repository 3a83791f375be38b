"""Every number of backup_health, computed a second time by SQL over what NinjaOne sent."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.fleets import SEEDS, fleet

WITH = """
    with one as (
        select *, row_number() over (
            partition by id order by lastContact is null, lastContact desc) as place
        from devices),
    scope as (
        select id, nodeClass, case
            when nodeClass in ('WINDOWS_SERVER', 'LINUX_SERVER', 'MAC_SERVER') then 24
            when nodeClass in ('WINDOWS_WORKSTATION', 'LINUX_WORKSTATION', 'MAC') then 72
            end as target,
            :now - lastContact <= 30 * 86400 as active
        from one where place = 1 and approvalStatus = 'APPROVED'
            and (:every or nodeClass in ('WINDOWS_SERVER', 'LINUX_SERVER', 'MAC_SERVER'))),
    mine as (
        select *, coalesce(jobEndTime, jobStartTime) as at, coalesce(planGuid, planName) as plan
        from backup_jobs where deviceId in (select id from scope)),
    eligible as (
        select *,
            (select count(*) from mine where deviceId = id and at between :now - 2592000 and :now)
                as jobs,
            exists (select 1 from mine where deviceId = id and jobStatus = 'COMPLETED'
                and at between :now - 2592000 and :now) as covered,
            max(coalesce((select max(at) from mine where deviceId = id
                    and jobStatus = 'COMPLETED' and at <= :now), 0),
                coalesce((select "references.backupUsage.lastSuccessfulBackupJob"
                    from backup_usage u where u.id = scope.id
                    and "references.backupUsage.lastSuccessfulBackupJob" <= :now), 0)) as last
        from scope where active),
    inside as (select * from mine where at >= :start and at < :now),
    pairs as (
        select deviceId, plan,
            max(case when jobStatus = 'FAILED' then at end) as bad,
            max(case when jobStatus = 'COMPLETED' then at end) as good
        from inside group by 1, 2),
    images as (
        select id,
            (select jobStatus from integrity_check_jobs c where c.deviceId = id
                and jobStatus in ('COMPLETED', 'FAILED')
                and coalesce(jobEndTime, jobStartTime) between :now - 2592000 and :now
                order by coalesce(jobEndTime, jobStartTime) desc limit 1) as finished,
            (select count(*) from integrity_check_jobs c where c.deviceId = id
                and jobStatus in ('RUNNING', 'PROCESSING')
                and coalesce(jobEndTime, jobStartTime) between :now - 2592000 and :now) as begun
        from scope where active and exists (select 1 from mine where deviceId = id
            and planType = 'IMAGE' and jobStatus = 'COMPLETED'
            and at between :now - 2592000 and :now)),
    space as (
        select s.id, "references.backupUsage.cloudTotalSize" as cloud,
            "references.backupUsage.localTotalSize" as site
        from scope s left join backup_usage u on u.id = s.id)
"""
# key -> numerator, denominator, unknown, exceptions, amount
SQL = {
    "backup_coverage": (
        "select sum(covered) from eligible", "select count(*) from eligible",
        "select 0", "select 0", None,
    ),
    "backup_success": (
        "select count(*) from inside where jobStatus = 'COMPLETED'",
        "select count(*) from inside where jobStatus in ('COMPLETED', 'FAILED')",
        "select count(*) from inside where jobStatus in ('RUNNING', 'PROCESSING')",
        "select count(*) from inside where jobStatus = 'CANCELED'", None,
    ),
    "backup_rpo_met": (
        "select count(*) from eligible where jobs and :now - last <= target * 3600",
        "select count(*) from eligible where jobs and target is not null",
        "select count(*) from eligible where jobs and target is null", "select 0", None,
    ),
    "backup_plans_failing": (
        "select count(*) from pairs where bad > coalesce(good, 0)",
        "select count(*) from pairs where coalesce(good, bad) is not null",
        "select count(*) from pairs where coalesce(good, bad) is null", "select 0", None,
    ),
    "backup_images_checked": (
        "select count(*) from images where finished = 'COMPLETED'",
        "select count(*) from images where finished is not null or not begun",
        "select count(*) from images where finished is null and begun", "select 0", None,
    ),
    "backup_storage": (
        "select count(*) from space where coalesce(cloud, 0) + coalesce(site, 0) > 0",
        "select count(*) from space where coalesce(cloud, site) is not null",
        "select count(*) from space where coalesce(cloud, site) is null", "select 0",
        "select coalesce(sum(coalesce(cloud, 0) + coalesce(site, 0)), 0) from space",
    ),
}  # fmt: skip
TWICE = set(SQL)
TABLES = ("devices", "backup_jobs", "integrity_check_jobs", "backup_usage")
# All node classes or servers only, days of the period, hours before the sandbox's own time.
CASES = [(False, 30, 0), (True, 30, 0), (True, 7, 0), (True, 2, 50), (True, 14, 200)]


def both(seed, every, days, back):
    """The KPIs by the report and by SQL."""
    one = fleet(seed)
    now = one.now - pd.Timedelta(hours=back)
    from ninja_analytics.reports import REPORTS

    asked = {"node_classes": None} if every else {}
    report = REPORTS["backup_health"].build(
        one.of("backup_health"), now=now, period=f"{days}d", **asked
    )
    told = {
        kpi.key: [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions, kpi.amount]
        for kpi in report.kpis
    }
    values = {"now": now.timestamp(), "every": every, "start": now.timestamp() - days * 86_400}
    counted = {
        key: [
            None if question is None else one.count(WITH + question, *TABLES, **values)
            for question in questions
        ]
        for key, questions in SQL.items()
    }
    return told, counted


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("every", "days", "back"), CASES)
def test_every_kpi_is_what_sql_over_the_raw_rows_says(seed, every, days, back):
    told, counted = both(seed, every, days, back)
    assert told == counted


def test_the_fleets_have_what_the_kpis_tell_apart():
    found = [both(seed, *case)[1] for seed in SEEDS for case in CASES]
    for key in SQL:
        assert any(0 < one[key][0] < one[key][1] for one in found), key
    assert any(one["backup_success"][2] and one["backup_success"][3] for one in found)
