"""Every KPI of patch_backlog a second time: in SQL over rows as NinjaOne sends them."""

from __future__ import annotations

import pytest

from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW
from tests.patch_sql import SHARED, raw, ready
from tests.patched_frames import patched

ASKED = """
    , ages as (select *, max((:now - released) / 86400.0, 0) as days from open),
    silent as (
        select id from computers where id not in (select deviceId from os_patches where deviceId > 0)
        except select deviceId from os_patch_installs
            where installedAt between :now - 35 * 86400 and :now),
    failures as (
        select device, item, count(*) as times, max(at) as last from lately
        where status = 'FAILED' group by device, item),
    installed as (
        select device, item, max(case when at <= :now then at end) as at, max(at is null) as undated
        from tries where status = 'INSTALLED' group by device, item),
    left_over as (
        select l.device, l.item, count(*) as times, coalesce(max(i.undated), 0) as undated
        from lately l left join installed i on i.device = l.device and i.item = l.item
        where l.status = 'FAILED' and (i.at is null or l.at >= i.at) group by l.device, l.item),
    held as (select device, item, max(cycles(released, :now)) as cycles from open group by device, item),
    pairs as (
        select device, item from held union select device, item from left_over),
    judged as (
        select p.*, h.device is not null as listed, h.cycles, coalesce(f.times, 0) as times,
            coalesce(f.undated, 0) as undated
        from pairs p left join held h on h.device = p.device and h.item = p.item
            left join left_over f on f.device = p.device and f.item = p.item),
    verdicts as (
        select *, coalesce(cycles, 0) >= 2 or (times >= 3 and (listed or not undated)) as stuck
        from judged),
    doubts as (
        select *, not stuck and ((listed and cycles is null) or (times >= 3 and undated)) as doubt
        from verdicts),
    tried_items as (
        select item, count(distinct device) as tried,
            count(distinct case when status = 'FAILED' then device end) as failed
        from lately group by item)
"""


def states(critical, important, least):
    """Which device has a patch older than allowed, and which might."""
    return f"""(
        select id, case
            when exists (select 1 from ages a where a.device = c.id and
                ((grave = 0 and days > {critical}) or (grave = 1 and days > {important}))) then 'fail'
            when exists (select 1 from ages a where a.device = c.id and
                ((grave in (0, 1) and days is null)
                    or (grave = 5 and coalesce(days, 1e9) > {least}))) then 'unknown'
            when id in (select id from silent) then 'unknown' else 'pass' end as state
        from computers c)"""


# numerator, denominator, unknown, exceptions, amount
SQL = {
    "open_patches": """
        select (select count(*) from open), null, (select count(*) from (
            select distinct device, patch from counting where status not in
                ('APPROVED', 'MANUAL', 'PENDING', 'FAILED', 'REJECTED', 'DELAYED', 'INSTALLED')
            except select device, patch from open except select device, patch from refused)),
            (select count(*) from refused), null""",
    "median_patch_age": """
        select count(days), count(*), count(*) - count(days), 0,
            (select avg(days) from (
                select days, row_number() over (order by days) as place, count(*) over () as n
                from ages where days is not null) where place in ((n + 1) / 2, (n + 2) / 2))
        from ages""",
    "patch_sla": f"""
        select sum(state = 'pass'), sum(state <> 'unknown'), sum(state = 'unknown'), 0, null
        from {states(14, 30, 14)}""",
    "devices_with_old_patches": f"""
        select sum(state = 'fail'), sum(state <> 'unknown'), sum(state = 'unknown'), 0, null
        from {states(30, 30, 30)}""",
    "patches_that_keep_failing": """
        select sum(failed >= 5 and failed * 10 > tried), count(*), (select count(*) from (
            select item from tries where at is null except select item from lately)), 0, null
        from tried_items""",
    "stuck_patches": """
        select sum(stuck), sum(not doubt), sum(doubt), 0, null from doubts""",
    "broken_agents": """
        select (select count(*) from (
                select device from failures group by device having count(*) >= 3)),
            (select count(distinct device) from lately),
            (select count(*) from computers where id not in (select device from lately)), 0, null""",
}
TWICE = set(SQL)


def same(report, base, now):
    assert {kpi.key for kpi in report.kpis} == TWICE
    for kpi in report.kpis:
        query = SHARED + ASKED + SQL[kpi.key]
        *counts, amount = base.execute(query, {"now": now.timestamp()}).fetchone()
        told = [kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions]
        expected = [one or 0 for one in counts]
        assert [one or 0 for one in told] == expected, kpi.key
        assert kpi.amount == (amount if amount is None else pytest.approx(amount)), kpi.key


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kpi_is_what_sql_over_the_rows_of_a_fleet_says(seed):
    one = fleet(seed)
    one.sql("select 1", "devices", "os_patches", "os_patch_installs")
    report = one.report("patch_backlog")

    same(report, ready(one.base), one.now)

    assert report.kpi("open_patches").numerator
    assert report.kpi("median_patch_age").numerator


@pytest.mark.parametrize(
    ("devices", "organizations", "seed"), [(1, 1, 4), (60, 6, 1), (400, 20, 2)]
)
def test_every_kpi_is_what_sql_over_dirtier_rows_says(devices, organizations, seed):
    frames = patched(devices, organizations, seed)
    report = REPORTS["patch_backlog"].build(frames, now=NOW)

    same(report, raw(frames), NOW)

    if devices == 400:
        assert all(kpi.numerator for kpi in report.kpis)
        assert all(kpi.unknown for kpi in report.kpis if kpi.key != "patches_that_keep_failing")
