"""Every number of fleet_drift, computed a second time by SQL."""

from __future__ import annotations

import pytest

from ninja_analytics.reports import DEFINITIONS, REPORTS
from ninja_analytics.reports.drift_kinds import KINDS
from tests import drift_sql
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


def test_every_definition_and_kind_has_a_second_computation():
    assert {key for key in DEFINITIONS if key.startswith("drift_")} == set(drift_sql.KPIS)
    assert set(KINDS) < set(drift_sql.KINDS)
