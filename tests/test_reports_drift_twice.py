"""Every number of fleet_drift, computed a second time by SQL."""

from __future__ import annotations

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.drift.kinds import KINDS
from tests import drift_sql
from tests.conftest import api_services
from tests.made_frames import NOW
from tests.moved_frames import two_snapshots

SPEC = REPORTS["fleet_drift"]


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("devices", "organizations", "asked"),
    [(0, 0, None), (1, 1, None), (60, 5, None), (60, 5, [1, 3]), (250, 12, None), (250, 12, [2])],
)
def test_every_kpi_and_count_is_what_sql_over_the_rows_says(seed, devices, organizations, asked):
    opening, closing = two_snapshots(devices, organizations, seed)
    report = SPEC.build(closing, opening=opening, now=NOW, organizations=asked)
    agree(report, opening, closing, asked)


def agree(report, opening, closing, asked=None):
    """Every kind of change and every KPI of the report is what SQL says."""
    base = drift_sql.database(opening, closing, asked)
    assert {kpi.key for kpi in report.kpis} == set(drift_sql.KPIS)
    for name, question in drift_sql.KINDS.items():
        key = "product" if name.startswith("software") else "device_id"
        found = sorted(row[0] for row in base.execute(question))
        if asked is None:
            assert sorted(report.tables[name][key]) == found, name
        assert len(report.tables[name]) == len(found), name
    for kpi in report.kpis:
        expected = [drift_sql.number(base, question) for question in drift_sql.KPIS[kpi.key]]
        assert [kpi.numerator, kpi.denominator, kpi.unknown] == expected, kpi.key
    silent = report.kpi("drift_not_observed")
    assert len(report.tables["not_observed"]) == silent.numerator
    assert report.tables["ledger"]["devices"].iloc[:-1].sum() == report.kpi("drift_closing").value
    base.close()


def test_every_kind_of_change_occurs_in_what_is_compared():
    counts = dict.fromkeys(drift_sql.KINDS, 0)
    for seed in (1, 2, 3, 7):
        opening, closing = two_snapshots(250, 12, seed)
        report = SPEC.build(closing, opening=opening, now=NOW)
        for name in counts:
            counts[name] += len(report.tables[name])
    assert all(counts.values()), counts


TWICE = set(drift_sql.KPIS)


def test_every_kind_has_a_second_computation():
    assert set(KINDS) < set(drift_sql.KINDS)


def test_a_fleet_that_the_sandbox_moved_on_is_told_as_sql_tells_it(
    fresh_sandbox, tmp_path, monkeypatch
):
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path / "history"))
    sandbox = fresh_sandbox(devices=150, seed=23, now="2026-11-23T17:00:00Z")
    ninja = na.connect(**api_services(sandbox))
    opening = {name: ninja.table(name, **asked) for name, asked in SPEC.tables.items()}
    recorded = ninja.record(list(SPEC.tables))
    now = pd.Timestamp(sandbox.advance(days=21))
    closing = {name: ninja.table(name, **asked) for name, asked in SPEC.tables.items()}
    report = SPEC.build(closing, opening=opening, now=now)
    agree(report, opening, closing)
    assert report.kpi("drift_changed").numerator > 0
    assert not report.partial

    since = ninja.report("fleet_drift", since=recorded.id, now=now)
    assert [kpi.detail for kpi in since.kpis] == [kpi.detail for kpi in report.kpis]
