"""What every report keeps, whatever it is about: on several fleets, on none, and with half of the tables."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from ninja_analytics.catalog import TABLES
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.actions import BUCKETS
from ninja_analytics.reports.qbr import CHARTS
from tests.fleets import SEEDS, fleet
from tests.histories import connected
from tests.made_frames import NOW, typed
from tests.made_overview import devices

NAMES = list(REPORTS)


def made(name, people, **given):
    """The report on a fleet; one that compares, against the fleet itself."""
    spec, frames = REPORTS[name], people.of(name)
    opening = {"opening": frames, "opening_at": people.now} if spec.compares != "no" else {}
    return spec.build({**frames, **given}, now=people.now, **opening)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", NAMES)
def test_a_report_tells_what_every_report_tells(name, seed):
    report = made(name, fleet(seed))
    assert report.question.endswith("?")
    assert report.kpis
    assert 0 < len(report.charts) <= (CHARTS if name == "qbr_pack" else 4)
    assert set(report.tables) <= set(report.captions)
    assert list(report.quality["table"]) == [one.table for one in report.sources]
    assert set(report.actions["bucket"]) <= set(BUCKETS)
    assert not report.partial
    for kpi in report.kpis:
        assert kpi.numerator is not None or kpi.note, kpi.key
        assert kpi.unknown >= 0
        assert kpi.exceptions >= 0
        if kpi.unit == "share" and kpi.numerator is not None:
            assert 0 <= kpi.numerator <= kpi.denominator, kpi.key
    for title, table in report.tables.items():
        assert table.index.equals(pd.RangeIndex(len(table))), title


@pytest.mark.parametrize("silent_days", [0, 120])
@pytest.mark.parametrize("name", NAMES)
def test_a_row_about_a_device_names_one(name, silent_days):
    spec, seen = REPORTS[name], NOW - pd.Timedelta(days=silent_days)
    one = devices({"last_contact_at": seen, "organization_id": 1})
    frames = {table: typed(table, []) for table in spec.tables} | {"devices": one}
    opening = {"opening": frames, "opening_at": NOW} if spec.compares != "no" else {}
    report = spec.build(frames, now=NOW, **opening)
    for title, table in report.tables.items():
        if "device" in table:
            assert list(table["device"].dropna()) == list(table["device"]), title


@pytest.mark.parametrize("name", NAMES)
def test_the_charts_of_a_report_draw_and_say_what_they_show(name):
    for chart in made(name, fleet(SEEDS[0])).charts.values():
        assert chart.title
        assert len(chart.alt) > 8
        assert chart.draw().figure


@pytest.mark.parametrize("name", NAMES)
def test_the_same_frames_and_the_same_time_give_the_same_page(name):
    one, other = (made(name, fleet(SEEDS[1]))._repr_html_() for _ in range(2))
    assert one == other


@pytest.mark.parametrize("name", NAMES)
def test_a_tenant_without_a_device_gets_a_report_that_says_so(name):
    nobody = fleet(2, 0)
    report = made(name, nobody)
    assert len(report.actions) == 0 or report.actions["device_id"].isna().all()
    for kpi in report.kpis:
        assert kpi.value is None or kpi.value == 0 or math.isfinite(kpi.value)
        assert kpi.unit != "share" or kpi.text in ("–", "0.0 %", "100.0 %") or kpi.denominator
    assert report._repr_html_()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("half", [0, 1])
def test_without_half_of_its_tables_a_report_says_what_that_costs(name, half):
    people = fleet(SEEDS[0])
    lost = list(REPORTS[name].tables)[half::2]
    spec = REPORTS[name]
    frames = {table: frame for table, frame in people.of(name).items() if table not in lost}
    opening = {"opening": frames, "opening_at": people.now} if spec.compares == "must" else {}
    report = spec.build(frames, now=people.now, **opening)
    told = set(report.quality.loc[report.quality["complete"] == "not readable", "table"])
    assert {one.removesuffix(" (opening)") for one in told} <= set(lost)
    assert bool(told) == report.partial
    assert all(report.quality.set_index("table")["note"][list(told)])
    assert report._repr_html_()
    for kpi in report.kpis:
        if set(kpi.definition.tables) & set(lost):
            assert kpi.numerator is None or spec.compares == "must", kpi.key


@pytest.mark.parametrize("status", ["403", "404"])
def test_live_reports_are_made_where_half_of_the_tables_answer_no(fresh_sandbox, status):
    ninja = connected(fresh_sandbox(devices=6, seed=7))
    wanted = sorted({table for spec in REPORTS.values() for table in spec.tables} - {"devices"})
    lost = wanted[::2]
    for table in lost:
        ninja.sandbox.fault(status, path=TABLES[table].path, times=10_000)
    for name, spec in REPORTS.items():
        if spec.compares == "must":
            continue
        report = ninja.report(name)
        missing = {one.table for one in report.sources if one.missing}
        assert missing >= set(lost) & set(spec.tables) - {"devices_detailed"}, name
        assert len(report.warnings) == len(missing)


def test_what_is_pulled_reaches_back_as_far_as_the_report_looks_by_itself(ninja):
    now = pd.Timestamp("2026-11-26T04:00Z")
    spec = REPORTS["qbr_pack"]
    by_default = spec.about.asks(now, spec.whole({}))
    shorter = spec.about.asks(now, spec.whole({"period": "30d"}))
    assert spec.whole({})["period"] == "previous-quarter"
    assert by_default["os_patch_installs"]["since"].month <= 7
    assert shorter["os_patch_installs"]["since"].month == 10
