from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.drift.kinds import KINDS
from tests.drifts import SPEC, changes, counts, drift, pair
from tests.made_frames import NOW
from tests.moved_frames import two_snapshots


def test_a_report_that_compares_needs_an_opening_and_another_one_takes_none():
    _, closing = pair([], [])
    with pytest.raises(UsageError, match="since="):
        SPEC.build(closing, now=NOW)
    with pytest.raises(UsageError, match="leave opening out"):
        REPORTS["fleet_overview"].build({}, now=NOW, opening=closing)
    compares = {name: spec.compares for name, spec in REPORTS.items() if spec.compares != "no"}
    assert compares == {"billing_reconciliation": "may", "fleet_drift": "must"}


def test_the_parameters_are_what_a_person_chooses():
    assert set(SPEC.parameters) == {
        "organizations", "exclude_organizations", "node_classes", "software_devices",
    }  # fmt: skip
    assert SPEC.tables["volumes"] == {"include": "bl"}


def test_a_name_is_known_if_one_of_the_snapshots_has_it():
    before = [{"device_id": 1, "organization_id": 5, "node_class": "BRAND_NEW"}]
    snapshots = pair(before, [{"device_id": 2, "organization_id": 6, "node_class": "MAC"}])
    assert counts(drift(*snapshots, organizations=5)) == (1, 0, 1, 0, 0)
    assert counts(drift(*snapshots, exclude_organizations=[5])) == (0, 1, 0, 0, 1)
    assert counts(drift(*snapshots, node_classes="brand_new")) == (1, 0, 1, 0, 0)
    assert counts(drift(*snapshots, node_classes=["workstations"])) == (0, 1, 0, 0, 1)
    for wrong in ({"organizations": 7}, {"node_classes": "WINDOWS_SERVERS"}, {"opening_ad": 1}):
        with pytest.raises(UnknownNameError):
            drift(*snapshots, **wrong)


@pytest.mark.parametrize("wrong", [0, 1.5, "3", None])
def test_software_devices_is_a_whole_number_from_one(wrong):
    with pytest.raises(UsageError, match="software_devices"):
        drift({}, {}, software_devices=wrong)


def test_the_time_of_the_opening_is_told_or_taken_from_its_frames():
    opening, closing = two_snapshots(20, 3, 1)
    assert drift(opening, closing).notes[0] == "From 2026-11-13 16:00 UTC to 2026-11-23 16:00 UTC."
    told = drift(opening, closing, opening_at="2026-11-12")
    assert told.notes[0].startswith("From 2026-11-12 00:00 UTC")
    plain = pd.DataFrame({"device_id": pd.Series([1], dtype="Int64")})
    assert "not known" in drift({"devices": plain}, {"devices": plain}).notes[0]


def test_the_same_snapshots_give_the_same_page_and_every_chart_says_what_it_shows():
    opening, closing = two_snapshots(60, 5, 3)
    one, two = (drift(opening, closing) for _ in range(2))
    assert one._repr_html_() == two._repr_html_()
    assert len(one.charts) <= 4
    kinds = sum(changes(one).values())
    assert f"of {kinds:,} have no day of their own" in one.charts["changes_by_day"].alt
    total = one.tables["changes_by_organization"]["changes"].sum()
    assert f"{total:,} in" in one.charts["changes_by_organization"].alt


def test_changes_by_organization_add_up_to_the_kinds():
    report = drift(*two_snapshots(60, 5, 3))
    table = report.tables["changes_by_organization"]
    for name in KINDS:
        assert table[name].sum() == len(report.tables[name]), name
    assert table["changes"].is_monotonic_decreasing
