"""Every KPI of patch_compliance a second time, and the trend over time as a third opinion."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pytest

from ninja_analytics.history.formulas import compliance
from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW
from tests.patch_sql import SHARED, raw, ready
from tests.patched_frames import patched

TABLES = (
    "devices", "os_patches", "os_patch_installs", "software_patches", "software_patch_installs",
    "activities",
)  # fmt: skip
# Each question gives the states: pass, fail, exception, unknown.
STATES = """
    select sum(state = 'pass'), sum(state = 'fail'), sum(state = 'exception'), sum(state = 'unknown')
"""
SQL = {
    "patch_compliance": f"""{STATES} from (
        select case
            when id in (select device from open) then 'fail'
            when id in (select device from refused) then 'exception'
            when id in (select deviceId from os_patches where deviceId is not null) then 'pass'
            when exists (select 1 from os_patch_installs i where i.deviceId = c.id
                and i.installedAt between :now - 35 * 86400 and :now) then 'pass'
            when exists (select 1 from activities a where a.deviceId = c.id
                and a.statusCode = 'PATCH_MANAGEMENT_SCAN_COMPLETED'
                and a.activityTime between :now - 35 * 86400 and :now) then 'pass'
            else 'unknown' end as state
        from computers c)""",
    "software_patch_compliance": f"""{STATES} from (
        select case
            when id in (select deviceId from software_patches where upper(status) in
                ('APPROVED', 'MANUAL', 'PENDING', 'FAILED')) then 'fail'
            when id in (select deviceId from software_patches where upper(status) in
                ('REJECTED', 'DELAYED')) then 'exception'
            when id in (select deviceId from software_patches) then 'pass'
            when exists (select 1 from software_patch_installs i where i.deviceId = c.id
                and i.installedAt between :now - 35 * 86400 and :now) then 'pass'
            when exists (select 1 from activities a where a.deviceId = c.id
                and a.statusCode = 'SOFTWARE_PATCH_MANAGEMENT_SCAN_COMPLETED'
                and a.activityTime between :now - 35 * 86400 and :now) then 'pass'
            else 'unknown' end as state
        from computers c)""",
    "month_update_installed": f"""{STATES} from (
        select case
            when max(source = 'tried' and status = 'INSTALLED') then 'pass'
            when max(source = 'tried' and status = 'FAILED') then 'fail'
            when max(source = 'waits' and status in ('APPROVED', 'MANUAL', 'PENDING', 'FAILED'))
                then 'fail'
            when max(source = 'waits' and status in ('REJECTED', 'DELAYED')) then 'exception'
            else 'unknown' end as state
        from computers c left join (
            select deviceId, name, upper(status) as status, 'tried' as source from os_patch_installs
            union all select deviceId, name, upper(status), 'waits' from os_patches) p
            on p.deviceId = c.id and p.name not like '%.NET%' and
            (p.name like '2026-11%Cumulative Update%' or p.name like '2026-11%Security Update (KB%')
        where nodeClass like 'WINDOWS%' group by c.id)""",
    "patch_install_success": """
        select (select count(*) from lately where status = 'INSTALLED'),
            (select count(*) from lately where status = 'FAILED'), 0,
            (select count(*) from tries where at is null)""",
}
TWICE = set(SQL)


def same(report, base, now):
    assert {kpi.key for kpi in report.kpis} == TWICE
    for kpi in report.kpis:
        found = base.execute(SHARED + SQL[kpi.key], {"now": now.timestamp()}).fetchone()
        told = (kpi.passed, kpi.failed, kpi.exceptions, kpi.unknown)
        assert told == tuple(one or 0 for one in found), kpi.key


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kpi_is_what_sql_over_the_rows_of_a_fleet_says(seed):
    one = fleet(seed)
    one.sql("select 1", *TABLES)
    report = one.report("patch_compliance")

    same(report, ready(one.base), one.now)

    assert all(kpi.denominator for kpi in report.kpis)
    assert report.kpi("patch_compliance").failed


@pytest.mark.parametrize(
    ("devices", "organizations", "seed"), [(1, 1, 4), (60, 6, 1), (300, 20, 2)]
)
def test_every_kpi_is_what_sql_over_dirtier_rows_says(devices, organizations, seed):
    frames = patched(devices, organizations, seed)

    same(REPORTS["patch_compliance"].build(frames, now=NOW), raw(frames), NOW)


def trend(frames, now, **asked):
    """The same counts by the formula of the trend, by organization."""
    plain = {}
    for name in ("devices", "os_patches", "os_patch_installs", "activities"):
        frame = frames[name].assign(snapshot_at=now)
        words = {one: "str" for one in frame if str(frame[one].dtype) == "category"}
        plain[name] = nw.from_native(frame.astype(words)).lazy()
    found = compliance(plain, **asked).collect().to_pandas()
    columns = ["eligible", "passed", "failed", "exceptions", "unknown"]
    return {
        int(row["organization_id"]): tuple(int(row[one]) for one in columns)
        for _, row in found.iterrows()
    }


def states(report):
    table = report.tables["compliance_by_organization"]
    columns = ["organization_id", "eligible", "pass", "fail", "exception", "unknown"]
    return {row[0]: tuple(row[1:]) for row in table[columns].itertuples(index=False)}


@pytest.mark.parametrize("severity", [None, "low", "Important", "CRITICAL"])
def test_the_trend_over_time_and_the_report_count_the_same_states(severity):
    dirty = {name: frame.drop_duplicates() for name, frame in _hashable(patched(300, 9, 5)).items()}
    live = fleet(SEEDS[0])
    for frames, now in ((dirty, NOW), (live.of("patch_compliance"), live.now)):
        report = REPORTS["patch_compliance"].build(frames, now=now, min_severity=severity)

        assert states(report) == trend(frames, now, severity=severity)


def _hashable(frames):
    return {name: frame.drop(columns=["tags"], errors="ignore") for name, frame in frames.items()}
