"""The review composes what other reports say: the same numbers, no action twice, sections by name."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.qbr import CHARTS, SECTIONS
from tests.fleets import fleet
from tests.made_frames import NOW, typed
from tests.made_overview import devices

REVIEW = REPORTS["qbr_pack"]


@pytest.fixture(scope="module")
def review():
    return fleet(3).report("qbr_pack")


@pytest.mark.parametrize("name", SECTIONS)
def test_a_review_says_of_each_kpi_what_its_own_report_says(review, name):
    spec, quarter = REPORTS[name], {"period": "previous-quarter"}
    given = quarter if "period" in spec.parameters else {}
    alone = spec.build(fleet(3).of("qbr_pack"), now=fleet(3).now, **given)
    for key in SECTIONS[name].kpis:
        assert review.kpi(key) == alone.kpi(key)
    for table in SECTIONS[name].tables:
        if table in alone.tables:
            pd.testing.assert_frame_equal(review.tables[f"{name}_{table}"], alone.tables[table])


def test_what_two_sections_find_is_to_be_done_once():
    silent = {"last_contact_at": NOW - pd.Timedelta(days=120)}
    frames = {"devices": devices({}, silent)}
    parts = [
        REPORTS[name].build(frames, now=NOW).actions for name in ("fleet_overview", "availability_hygiene")
    ]  # fmt: skip
    found = "Find the device or retire it"
    assert all(list(part["action"]).count(found) == 1 for part in parts)

    told = REVIEW.build(frames, now=NOW).actions

    assert list(told["action"]).count(found) == 1


def test_what_one_section_says_of_two_things_of_a_device_stays():
    disk = {"device_id": 1, "name": "C", "status": "Pred Fail"}
    frames = {"devices": devices({}), "disks": typed("disks", [disk, disk])}

    told = REVIEW.build(frames, now=NOW).actions

    assert list(told["action"]).count("Save the data and replace what fails") == 2


def test_only_the_sections_asked_for_are_in_the_review():
    asked = ["storage", "fleet_overview"]
    told = fleet(3).report("qbr_pack", sections=asked)
    keys = [key for name, one in SECTIONS.items() if name in asked for key in one.kpis]
    assert [kpi.key for kpi in told.kpis] == keys
    assert all(name.startswith(tuple(asked)) for name in told.tables)


def test_a_section_that_nobody_has_is_refused_with_a_hint():
    with pytest.raises(UnknownNameError, match="'storage'"):
        REVIEW.build({}, now=NOW, sections="storrage")


def test_a_review_shows_no_more_charts_than_anybody_looks_at(review):
    assert 2 < len(review.charts) < CHARTS
