"""Rows held against the filter they were asked by."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.filters import as_filter, checked, device

DEVICES = pd.DataFrame(
    {
        "device_id": pd.array([*range(1, 101), 100, None], "Int64"),
        "organization_id": pd.array([1] * 50 + [2] * 50 + [9, 1], "Int64"),
        "offline": pd.array([True] * 30 + [False] * 72, "boolean"),
    }
)


def rows(*devices: int | None, **more: list[object]) -> pd.DataFrame:
    return pd.DataFrame(
        {"device_id": pd.array(devices, "Int64"), **more}, index=range(7, 7 + len(devices))
    )


def test_rows_that_fit_are_kept_and_nothing_is_said():
    found = checked(rows(1, 1, 2), DEVICES, device.organization == 1)

    assert found.keeps.tolist() == [True] * 3
    assert found.told == {
        "checked": True, "ignored": False, "dropped": 0, "unknown": 0, "changed": 0,
    }  # fmt: skip
    assert found.warning(device.organization == 1, "software") == ""


def test_rows_of_other_devices_are_dropped_and_those_of_unknown_ones_kept_and_counted():
    asked = device.organization == 1
    some = rows(1, 60, 999, None, 100)

    found = checked(some, DEVICES, asked)

    assert some[found.keeps].device_id.tolist() == [1, 999, pd.NA]
    assert (found.told["ignored"], found.told["dropped"], found.told["unknown"]) == (True, 2, 2)
    assert found.warning(asked, "software") == (
        "software: NinjaOne did not keep to the filter 'org = 1': 2 of 5 rows did not fit and were "
        'dropped. See frame.attrs["ninja"]["filter"].'
    )


def test_a_row_is_believed_about_itself_before_the_list_of_devices():
    own = rows(1, 60, 999, 1, organization_id=pd.array([2, 2, 2, None], "Int64"))

    found = checked(own, DEVICES, device.organization == 2)

    assert found.fits.tolist() == [True, True, True, False]


def test_a_time_of_the_rows_own_is_not_that_of_the_device():
    alerts = rows(1, created_at=pd.to_datetime(["2026-05-01"], utc=True))
    fleet = DEVICES.assign(created_at=pd.Timestamp("2020-01-01", tz="UTC"))

    assert not checked(alerts, fleet, device.created > "2026-01-01").keeps.any()
    assert checked(alerts, fleet, device.created < "2026-01-01").keeps.all()


def test_an_or_with_one_side_known_can_be_told():
    asked = (device.id == 999) | (device.organization == 1)

    found = checked(rows(999, 998, 60, 1), DEVICES, asked)

    assert found.fits.fillna(False).tolist() == [True, False, False, True]
    assert found.fits.isna().tolist() == [False, True, False, False]


def test_a_few_devices_that_went_on_or_off_line_meanwhile_are_kept_and_counted():
    asked = device.offline
    some = rows(*range(1, 31), 31)

    found = checked(some, DEVICES, asked)

    assert found.keeps.all()
    assert (found.told["ignored"], found.told["changed"]) == (False, 1)


@pytest.mark.parametrize(("asked", "left"), [(device.offline, 30), (device.online, 70)])
def test_a_filter_on_the_connection_that_was_passed_over_is_noticed(asked, left):
    found = checked(rows(*range(1, 101)), DEVICES, asked)

    assert found.keeps.sum() == left
    assert found.told["ignored"]
    assert found.told["changed"] == 0


def test_what_the_row_says_of_the_connection_is_held_to_strictly():
    own = rows(1, 2, 3, offline=pd.array([True, False, None], "boolean"))

    assert checked(own, DEVICES, device.offline).fits.tolist() == [True, False, True]


def test_what_cannot_be_checked_is_said():
    asked = (device.group == 4) & (device.organization == 1)
    found = checked(rows(1, 60), DEVICES, asked)

    assert not found.told["checked"]
    assert found.unchecked == ("group 4",)
    assert found.keeps.tolist() == [True, False]
    assert checked(rows(1, 60), DEVICES, asked, {4: {60}}).keeps.tolist() == [False, False]
    assert not checked(rows(1), DEVICES, as_filter("foo = 1")).told["checked"]


def test_nothing_is_checked_without_harm():
    empty = rows()

    assert checked(empty, DEVICES, device.organization == 1).told["dropped"] == 0
    places = pd.DataFrame({"organization_id": pd.array([1, 2], "Int64")})
    assert checked(places, places, device.organization == 1).keeps.tolist() == [True, False]
    unknown = checked(rows(1), DEVICES.head(0), device.organization == 1)
    assert unknown.told["unknown"] == 1


@pytest.mark.parametrize("table", ["software", "alerts", "device_health", "volumes"])
def test_what_the_sandbox_sends_fits_and_what_it_sends_unasked_does_not(ninja, table):
    fleet = ninja.table("devices")
    first = int(fleet["organization_id"].iloc[0])
    asked = (device.organization == first) & device.online

    good = checked(ninja.table(table, where=asked), fleet, asked)
    whole = ninja.table(table)
    bad = checked(whole, fleet, asked)

    assert good.keeps.all()
    assert good.told["checked"]
    fitting = set(fleet.loc[asked.keeps(fleet), "device_id"])
    kept = set(whole.loc[bad.keeps & bad.fits.notna(), "device_id"])
    assert bad.told["ignored"]
    assert kept == fitting & set(whole["device_id"])
