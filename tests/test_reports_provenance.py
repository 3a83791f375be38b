"""What a report tells of where its rows came from, and of what it could not read."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.made_frames import NOW, fleet, typed
from tests.made_overview import SPEC, devices, healths, overview


@pytest.mark.parametrize("lost", list(SPEC.tables))
def test_a_table_that_could_not_be_read_is_told_with_what_it_costs(lost):
    frames = fleet(60, 5)
    del frames[lost]
    report = overview(frames)
    assert report.partial
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith(f"{lost} could not be read: ")
    assert "PARTIAL" in repr(report)
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (lost in kpi.definition.tables)


def test_all_tables_missing_still_gives_a_report_that_says_so():
    report = overview({})
    assert len(report.warnings) == len(SPEC.tables)
    assert all(kpi.text == "–" for kpi in report.kpis)


def test_an_incomplete_table_makes_the_report_partial():
    frames = fleet(30, 3)
    frames["devices"].attrs["ninja"]["complete"] = False
    report = overview(frames)
    assert report.partial
    assert "devices is partial" in report.warnings[0]


def test_devices_of_no_organization_stay_in_the_tables_and_are_told():
    frames = {
        "devices": devices({"organization_id": 99}, {"organization_id": None}),
        "device_health": healths("HEALTHY", "UNHEALTHY"),
    }
    report = overview(frames)
    for table in ("devices_by_organization", "health_by_organization"):
        assert set(report.tables[table]["organization"]) == {"organization 99", "no organization"}
    assert "Managed devices whose organization has no name here: 2." in report.notes


def test_frames_made_by_hand_need_no_provenance():
    frames = fleet(30, 3)
    for frame in frames.values():
        frame.attrs.clear()
    report = overview(frames)
    assert not report.partial
    assert set(report.quality["complete"]) == {"not known"}
    assert report.instance == ""


def test_the_quality_panel_counts_covered_devices_and_orphan_rows():
    frames = {"devices": devices({}, {}, {"node_class": "NMS_SWITCH"})}
    frames["device_health"] = typed("device_health", [{"device_id": 1}, {"device_id": 77}])
    day = {"device_id": 2, "collected_at": NOW - pd.Timedelta(days=2)}
    frames["operating_systems"] = typed("operating_systems", [day], drift={"unknown": {"x": "x"}})
    panel = overview(frames).quality.set_index("table")
    assert panel.loc["device_health", ["devices_covered", "devices_expected"]].tolist() == [1, 3]
    assert panel.loc["device_health", "orphan_rows"] == 1
    assert panel.loc["operating_systems", "devices_expected"] == 2
    assert panel.loc["operating_systems", "median_age_days"] == 2
    assert panel.loc["operating_systems", "note"] == "new fields: x"


def test_the_quality_panel_tells_of_a_filter_and_of_a_clock_that_is_ahead():
    early = {"device_id": 1, "collected_at": NOW + pd.Timedelta(hours=2)}
    filtered = typed("operating_systems", [early], where="org = 1")
    panel = overview({"devices": devices({}), "operating_systems": filtered}).quality
    row = panel.set_index("table").loc["operating_systems"]
    assert row["note"] == "only devices where org = 1"
    assert row["median_age_days"] == 0


def test_building_a_report_leaves_its_frames_alone():
    frames = fleet(50, 4)
    before = {name: frame.copy() for name, frame in frames.items()}
    overview(frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
        assert frame.attrs == before[name].attrs


def test_the_text_of_a_report_names_question_numbers_and_denominators():
    frames = {"devices": devices({}, {}), "device_health": healths("HEALTHY", "UNHEALTHY")}
    text = repr(overview(frames))
    assert "What do we manage" in text
    assert "1 of 2" in text
    assert "50.0 %" in text
