"""Answers that are taken from the disk for a while, and what must not be taken for one."""

from __future__ import annotations

import re
import warnings

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import DriftWarning, UsageError
from tests.conftest import api_services
from tests.pulls import asked, assert_whole, connected, rows

VOLUMES = "/v2/queries/volumes"
PATCHES = "/v2/queries/os-patch-installs"
ACTIVITIES = "/v2/activities"


@pytest.fixture
def tenant(fresh_sandbox):
    return fresh_sandbox(devices=60, seed=7)


@pytest.fixture
def conn(tenant):
    return connected(tenant)


def test_the_second_time_nothing_is_asked_and_the_age_is_told(tenant, conn, caplog, capsys):
    caplog.set_level("INFO", "ninja_analytics")
    first = conn.table("volumes", max_age="1h")
    tenant.forget_requests()

    second = connected(tenant).table("volumes", max_age="1h")
    connected(tenant).table("volumes", max_age="1h", progress="widget")

    assert re.search(r"volumes: as it was \d+ s ago", caplog.text)
    assert re.search(r"volumes: as it was \d+ s ago", capsys.readouterr().out)

    assert not asked(tenant, VOLUMES)
    pd.testing.assert_frame_equal(first, second)
    told = second.attrs["ninja"]
    assert 0 <= told["age_seconds"] < 60
    assert told["requests"] == 0
    assert told["pulled_at"] == first.attrs["ninja"]["pulled_at"]
    assert_whole(second, tenant, "volumes")


def test_another_question_or_profile_does_not_get_that_answer(tenant, conn):
    conn.table("volumes", max_age="1h")
    others = [
        (conn, {"where": na.device.organization == 1}),
        (conn, {"include": "bl"}),
        (na.connect("somebody", **api_services(tenant)), {}),
    ]
    for ninja, options in others:
        tenant.forget_requests()

        ninja.table("volumes", max_age="1h", **options)

        assert asked(tenant, VOLUMES), options


def test_what_is_too_old_is_pulled_anew(tenant, conn):
    conn.table("volumes", max_age="1h")
    tenant.forget_requests()

    frame = conn.table("volumes", max_age=0.001)

    assert asked(tenant, VOLUMES)
    assert "age_seconds" not in frame.attrs["ninja"]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("volumes", {"names": ["organization", "role", "policy"]}),
        ("devices_detailed", {"part": "volumes"}),
        ("devices_detailed", {"part": "ip_addresses", "tz": "Asia/Tokyo"}),
        ("custom_fields", {"shape": "wide"}),
        ("custom_fields_detailed", {"shape": "long"}),
        ("os_patch_installs", {"since": "60d", "tz": "Europe/Berlin"}),
        ("activities", {"since": "5d"}),
    ],
)
def test_an_answer_from_the_disk_is_made_up_like_a_fresh_one(tenant, conn, name, options):
    bounded = {key: value for key, value in options.items() if key == "since"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DriftWarning)
        conn.table(name, max_age="1h", **bounded)
        fresh = conn.table(name, **options)
        tenant.forget_requests()

        found = conn.table(name, max_age="1h", **options)

    assert not asked(tenant, na.catalog.TABLES[name].path)
    assert "age_seconds" in found.attrs["ninja"]
    assert list(found.dtypes) == list(fresh.dtypes)
    assert rows(found) == rows(fresh)
    assert len(found)
    for told in ("part", "shape", "tz", "drift"):
        assert found.attrs["ninja"].get(told) == fresh.attrs["ninja"].get(told)


def test_a_part_that_was_asked_first_does_not_show_in_the_whole(tenant, conn):
    conn.table("devices_detailed", part="volumes", max_age="1h")
    tenant.forget_requests()

    frame = conn.table("devices_detailed", max_age="1h")

    assert not asked(tenant, "/v2/devices-detailed")
    assert "part" not in frame.attrs["ninja"]
    assert frame["device_id"].is_unique


def test_drift_is_told_of_an_answer_from_the_disk_too(tenant, conn):
    tenant.fault("unknown-field", path=VOLUMES)
    with pytest.warns(DriftWarning, match="newlyInvented"):
        first = conn.table("volumes", max_age="1h")

    with pytest.warns(DriftWarning, match="newlyInvented"):
        second = conn.table("volumes", max_age="1h")

    assert second.attrs["ninja"]["drift"] == first.attrs["ninja"]["drift"]
    assert second["newly_invented"].notna().sum() == 1


def test_values_of_another_type_are_still_told_of_an_answer_from_the_disk(tenant, conn):
    tenant.fault("wrong-type", path=VOLUMES)
    with pytest.warns(DriftWarning, match="another type"):
        first = conn.table("volumes", max_age="1h")

    with pytest.warns(DriftWarning, match="another type"):
        second = conn.table("volumes", max_age="1h")

    assert second.attrs["ninja"]["drift"]["retyped"] == first.attrs["ninja"]["drift"]["retyped"]


@pytest.mark.parametrize("pattern", ["whole.json", "plan.json", "0.json", "*.arrow"])
def test_a_damaged_answer_is_pulled_anew(tenant, conn, home, pattern):
    conn.table("volumes", max_age="1h")
    for path in (home / "pulls").glob(f"*/{pattern}"):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 2
        path.write_bytes(data)
    tenant.forget_requests()

    frame = conn.table("volumes", max_age="1h")

    assert asked(tenant, VOLUMES)
    assert_whole(frame, tenant, "volumes")


def test_what_is_new_is_not_taken_for_everything(tenant, conn):
    tenant.switch(late_activities=50)
    conn.table("activities", since="last", max_age="1h")
    tenant.switch(late_activities=0)
    new = conn.table("activities", since="last", max_age="1h")

    whole = conn.table("activities", max_age="1h", activity_class="USER")
    everything = conn.table("activities", max_age="1h")

    assert len(new) == 50
    assert_whole(whole, tenant, "activities", **{"class": "USER"})
    ids = [row["id"] for row in tenant.truth("activities")]
    assert everything["activity_id"].tolist() == ids


def test_an_answer_with_ids_that_are_not_there_is_remembered_too(tenant, conn):
    ids = [row["id"] for row in tenant.truth("devices")[:2]]
    first = conn.table("device_volumes", device_id=[*ids, 999_999], max_age="1h")
    tenant.forget_requests()

    second = conn.table("device_volumes", device_id=[*ids, 999_999], max_age="1h")

    assert not [one for one in tenant.requests() if one["path"].endswith("/volumes")]
    assert second.attrs["ninja"]["absent"] == first.attrs["ninja"]["absent"]
    assert rows(second) == rows(first)


@pytest.mark.parametrize("age", ["soon", True, -1, "0h", float("nan"), object(), "3 parsecs"])
def test_an_age_that_is_none_is_refused_before_anything_is_asked(tenant, conn, age):
    tenant.forget_requests()

    with pytest.raises(UsageError, match=r"max_age=.* is no length of time"):
        conn.table("volumes", max_age=age)

    assert not tenant.requests()
