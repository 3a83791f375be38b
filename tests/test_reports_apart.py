"""A report about one customer names no other, whatever people have written into alerts and activities."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.star import star
from ninja_analytics.sharing import owned_by, owners, without_others, written
from ninja_analytics.sharing.mentions import mentions
from tests.fleets import fleet
from tests.foreign_names import foreign, owners_of
from tests.made_frames import typed


@pytest.fixture(scope="module")
def tenant():
    return fleet(7)


@pytest.fixture(scope="module")
def whose(tenant):
    return owners_of(tenant.ninja)


@pytest.fixture(scope="module")
def two(tenant):
    """The customer with the most devices, and a sentence about another and its things."""
    devices = tenant.ninja.table("devices")
    own, other = map(int, devices["organization_id"].value_counts().index[:2])
    names = tenant.ninja.table("organizations").set_index("organization_id")["organization_name"]
    theirs = devices.loc[devices["organization_id"] == other, "system_name"].dropna().iloc[0]
    return own, f"Copied from {names[other]}, {theirs}"


def planted(frames, sentence):
    """The frames with the sentence in every text that anybody may have written."""
    made = {}
    for name, frame in frames.items():
        columns = [column for column in written(name, frame) if not column.endswith("_id")]
        made[name] = frame.assign(**{c: frame[c].fillna("") + f" {sentence}" for c in columns})
        made[name].attrs = dict(frame.attrs)
    return made


def told(report):
    """All that the files of a report have as text."""
    parts = [frame.to_csv() for frame in star(report).values()]
    parts += [*report.notes, *(chart.alt for chart in report.charts.values())]
    return "\n".join([*parts, *report.captions.values(), *(kpi.note for kpi in report.kpis)])


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_about_one_customer_names_no_other(name, tenant, whose, two):
    own, sentence = two
    spec, frames = REPORTS[name], planted(tenant.of(name), sentence)
    opening = {"opening": frames, "opening_at": tenant.now} if spec.compares == "must" else {}

    report = spec.build(frames, now=tenant.now, organizations=[own], **opening)

    assert foreign(told(report), whose, own) == []


def test_the_search_would_find_what_was_planted(tenant, whose, two):
    own, sentence = two
    frames = planted(tenant.of("activity_audit"), sentence)

    whole = REPORTS["activity_audit"].build(frames, now=tenant.now)
    one = REPORTS["activity_audit"].build(frames, now=tenant.now, organizations=[own])

    assert len(foreign(sentence, whose, own)) == 2
    assert sentence in told(whole)
    assert "(another organization), (another device)" in told(one)


def test_a_report_about_all_customers_leaves_the_texts_as_they_are(tenant):
    frames = tenant.of("alert_noise")

    whole = tenant.report("alert_noise")
    same = REPORTS["alert_noise"].build(frames, now=tenant.now, organizations=None)

    assert told(whole) == told(same)


def frames():
    """Two customers with a device each, and what somebody wrote about the other's."""
    return {
        "organizations": typed(
            "organizations",
            [{"organization_id": 1, "organization_name": "Oakline Architects"},
             {"organization_id": 2, "organization_name": "Quillon Press"}],
        ),
        "devices": typed(
            "devices",
            [{"device_id": 1, "organization_id": 1, "system_name": "OA-WS01"},
             {"device_id": 2, "organization_id": 2, "system_name": "QP-SRV01"}],
        ),
        "activities": typed(
            "activities",
            [{"activity_id": 1, "device_id": 1, "message": "Like QP-SRV01"},
             {"activity_id": 2, "device_id": 2, "message": "Like OA-WS01"},
             {"activity_id": 3, "message": "QP-SRV01 and OA-WS01"}],
        ),
    }  # fmt: skip


def test_rows_stay_and_only_those_that_a_reader_may_see_are_told_without_others():
    whole = frames()
    apart = without_others(whole, [1], mentions(whole))

    assert apart["activities"]["message"].to_list() == [
        "Like (another device)", "Like OA-WS01", "(another device) and OA-WS01",
    ]  # fmt: skip
    assert apart["organizations"]["organization_name"].to_list()[1] == "Quillon Press"
    assert whole["activities"]["message"].iloc[0] == "Like QP-SRV01"
    assert {name: frame.attrs for name, frame in apart.items()} == {
        name: frame.attrs for name, frame in whole.items()
    }


def test_customers_asked_for_together_may_be_named_to_each_other():
    apart = without_others(frames(), [1, 2], mentions(frames()))

    assert apart["activities"]["message"].to_list() == frames()["activities"]["message"].to_list()


def test_places_of_others_have_no_name_where_a_report_tells_where_a_device_was():
    moved = frames()
    moved["devices"] = moved["devices"].assign(organization_id=pd.array([2, 2], dtype="Int64"))

    report = REPORTS["fleet_drift"].build(
        frames(), now=pd.Timestamp("2026-11-23", tz="UTC"), organizations=["Oakline Architects"],
        opening=moved, opening_at=pd.Timestamp("2026-11-01", tz="UTC"),
    )  # fmt: skip

    assert len(report.tables["moved"]) == 1
    assert "Quillon" not in told(report)
    assert "(another organization)" in told(report)


def test_the_owner_of_a_row_is_its_organization_or_else_that_of_its_device():
    owner = owners(frames())

    assert owned_by(frames()["activities"], owner).to_list() == [1, 2, pd.NA]
    assert owned_by(frames()["organizations"], owner).to_list() == [1, 2]
    assert owners({}).empty
