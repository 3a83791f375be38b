"""Several tables at once, what a pull will cost, and pages larger than NinjaOne takes."""

from __future__ import annotations

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import (
    AnswerError,
    FilterError,
    IncompleteError,
    NotAvailableError,
    UnknownNameError,
    UnreachableError,
)
from tests.pulls import SOFTWARE, asked, assert_whole, connected

NAMES = ["volumes", "organizations", "alerts", "devices", "locations"]


@pytest.fixture
def tenant(fresh_sandbox):
    return fresh_sandbox(devices=60, seed=7)


@pytest.fixture
def quick(monkeypatch):
    """Waits between tries that are no wait."""
    monkeypatch.setattr("ninja_analytics.retries.random.uniform", lambda *_: 0.004)


# --- tables_at_once


def test_tables_at_once_are_those_asked_for_in_their_order(ninja, sandbox):
    frames = ninja.tables_at_once([*NAMES, "volumes"])

    assert list(frames) == NAMES
    assert len(frames) == len(NAMES)
    assert frames.problems == {}
    for name in NAMES:
        assert_whole(frames[name], sandbox, name)
    assert list(ninja.tables_at_once("roles")) == ["roles"]


@pytest.mark.usefixtures("quick")
def test_what_fails_costs_the_others_nothing_and_is_told(tenant):
    tenant.switch(page_size=20)
    tenant.fault("403", path="/v2/alerts", times=50)
    tenant.fault("500", path="/v2/queries/volumes", after=2, times=50)
    tenant.fault("drop", path="/v2/locations", times=50)
    tenant.fault("html", path="/v2/roles", times=50)

    frames = connected(tenant).tables_at_once([*NAMES, "roles"])

    assert list(frames) == ["volumes", "organizations", "devices"]
    kinds = {name: type(error) for name, error in frames.problems.items()}
    assert kinds == {
        "volumes": IncompleteError, "alerts": NotAvailableError, "locations": UnreachableError,
        "roles": AnswerError,
    }  # fmt: skip
    assert_whole(frames["devices"], tenant, "devices")
    assert 0 < len(frames["volumes"]) < len(tenant.truth("volumes"))
    assert "INCOMPLETE" in repr(frames["volumes"])
    with pytest.raises(NotAvailableError):
        frames["alerts"]
    with pytest.raises(KeyError):
        frames["software"]
    shown = repr(frames) + frames._repr_html_()
    assert shown.count("INCOMPLETE") == 2
    assert shown.count("not there") == 6
    tenant.switch(faults=[])
    assert_whole(frames.problems["volumes"].resume(), tenant, "volumes")


@pytest.mark.usefixtures("quick")
def test_where_nothing_answers_that_is_raised(tenant):
    conn = connected(tenant)
    tenant.fault("drop", times=500)

    with pytest.raises(UnreachableError):
        conn.tables_at_once(["organizations", "roles"])


def test_options_hold_for_all_tables_and_wrong_names_are_refused_before(ninja, sandbox):
    home = sandbox.truth("organizations")[0]["id"]

    frames = ninja.tables_at_once(
        ["volumes", "devices"], where=na.device.organization == home, names=["organization"]
    )

    assert set(frames["devices"]["organization_id"]) == {home}
    assert frames["volumes"]["organization_name"].notna().any()
    with pytest.raises(UnknownNameError, match="Did you mean 'devices'"):
        ninja.tables_at_once(["volumes", "device"])
    with pytest.raises(FilterError):
        ninja.tables_at_once(["volumes", "organizations"], where="online")


# --- estimate


@pytest.mark.parametrize("name", ["software", "os_patches", "devices_detailed", "volumes"])
def test_an_estimate_is_about_what_the_pull_then_takes(fresh_sandbox, name):
    tenant = fresh_sandbox(devices=300, seed=7)
    conn = connected(tenant)
    told = conn.estimate([name]).set_index("table")

    tenant.forget_requests()
    frame = conn.table(name)

    took = len(asked(tenant, na.catalog.TABLES[name].path))
    assert took / 2 <= told.loc[name, "requests"] <= took * 2
    assert told.loc["all", "requests"] == told.loc[name, "requests"]
    assert told.loc[name, "minutes"] > 0
    again = conn.estimate(name).set_index("table").loc[name]
    assert again["basis"] == ("counted" if name == "devices_detailed" else "last pull")
    assert abs(again["rows"] - len(frame)) <= 0.1 * len(frame)


def test_only_a_pull_of_everything_says_what_the_next_one_takes(tenant):
    conn = connected(tenant)
    conn.lookup("devices")
    conn.table("os_patch_installs", since="1d")
    conn.table("device_volumes", device_id=tenant.truth("devices")[0]["id"])
    conn.table("volumes", where=na.device.organization == 1)

    told = conn.estimate(["os_patch_installs", "device_volumes", "volumes", "activities"])

    assert told.set_index("table")["basis"].to_dict() == {
        "os_patch_installs": "rule of thumb", "device_volumes": "not known",
        "volumes": "rule of thumb", "activities": "not known without days=", "all": "at least",
    }  # fmt: skip
    week = conn.estimate("activities", days=7).set_index("table").loc["activities"]
    truth = len(conn.table("activities", since="7d"))
    assert truth / 2 < week["rows"] < truth * 2


def test_an_estimate_of_what_there_is_not_is_refused(ninja):
    with pytest.raises(UnknownNameError, match="Did you mean 'volumes'"):
        ninja.estimate(["volume"])
    dtypes = ninja.estimate([]).dtypes.astype(str).to_dict()
    assert dtypes["rows"] == dtypes["requests"] == "Int64"


# --- large pages


LARGE = ["os_patch_installs", "software_patch_installs", "custom_fields", "custom_fields_detailed"]


@pytest.mark.parametrize("name", LARGE)
def test_a_large_page_that_is_refused_is_asked_for_once(tenant, name):
    tenant.switch(largest_page=1000)
    conn = connected(tenant)
    path = na.catalog.TABLES[name].path

    first = conn.table(name)
    second = conn.table(name)

    assert_whole(first, tenant, name)
    pd.testing.assert_frame_equal(first, second)
    sizes = [one["query"]["pageSize"] for one in asked(tenant, path)]
    assert sizes[0] == str(na.catalog.TABLES[name].page_size) != "1000"
    assert set(sizes[1:]) == {"1000"}


@pytest.mark.parametrize("name", ["os_patch_installs", "custom_fields"])
@pytest.mark.parametrize("end", ["empty-name", "empty-page"])
def test_fewer_rows_than_asked_for_are_not_the_end(tenant, name, end):
    tenant.switch(largest_page=20, larger_page="fewer", cursor_end=end)

    frame = connected(tenant).table(name)

    assert_whole(frame, tenant, name)
    sizes = {one["query"]["pageSize"] for one in asked(tenant, na.catalog.TABLES[name].path)}
    assert sizes == {str(na.catalog.TABLES[name].page_size)}


def test_what_is_refused_for_another_reason_is_raised_and_not_blamed_on_the_page(tenant, quick):
    conn = connected(tenant)
    tenant.fault("403", path=SOFTWARE, times=10)

    with pytest.raises(NotAvailableError):
        conn.table("software")

    assert conn._source.page_sizes == {}


def test_parts_of_a_table_are_put_together_and_each_row_comes_once(ninja):
    codes = ("TRIGGERED", "RESET")
    parts = tuple({"status": code, "since": "30d"} for code in (*codes, "RESET"))

    frames = ninja.frames({"activities": parts, "devices": {}})

    whole = ninja.table("activities", since="30d")
    wanted = whole.loc[whole["status_code"].isin(codes), "activity_id"]
    told = frames["activities"].attrs["ninja"]
    assert sorted(frames["activities"]["activity_id"]) == sorted(wanted)
    assert told["complete"] is True
    assert told["rows"] == len(wanted) > 0
    assert len(frames["devices"]) == len(ninja.table("devices"))
