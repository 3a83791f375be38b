"""The whole way of a filter: looked up, sent, checked, and done here where that is asked for."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import FilterError, FilterWarning, IncompleteError, UnknownNameError
from ninja_analytics.filters import as_filter, device, ready
from tests.conftest import api_services


def nothing(what: str) -> pd.DataFrame:
    raise AssertionError(f"{what} was looked up")


@pytest.fixture
def own(fresh_sandbox):
    """A sandbox to be switched, and a connection to it."""
    sandbox = fresh_sandbox(devices=40, seed=5)
    return sandbox, na.connect("own", **api_services(sandbox))


def test_nothing_to_filter_by_is_none():
    assert ready(None, nothing) is None
    assert ready(" ", nothing) is None


def test_what_cannot_be_asked_is_refused_before_anything_is_looked_up():
    either = (device.organization == "Heron Ltd") | device.offline

    with pytest.raises(FilterError, match="in_pandas=True"):
        ready(either, nothing)
    with pytest.raises(FilterError, match="passes over the node class"):
        ready(device.node_class == "MAC", nothing, ignores=("class",))


def test_a_groups_name_that_several_have_is_refused_once_that_is_known():
    def groups(_: str) -> pd.DataFrame:
        return pd.DataFrame({"group_id": [1, 2], "group_name": ["Old", "Old"]})

    with pytest.raises(FilterError, match="one group at a time"):
        ready(device.group == "Old", groups)


def test_the_devices_of_a_group_are_asked_for_where_that_can_be_done():
    others = ready(device.group != 5, nothing, in_pandas=True, members=lambda one: {one * 2})
    rows = pd.DataFrame({"device_id": pd.array([9, 10], "Int64")})
    fleet = rows.assign(offline=False)

    assert others.groups == {5: {10}}
    assert others.held(rows, fleet, table="software").rows["device_id"].tolist() == [9]
    checked = ready(device.group == 5, nothing, members=lambda one: {one * 2})
    assert checked.held(rows, fleet, table="software").rows["device_id"].tolist() == [10]


@pytest.mark.parametrize("made", [device.group != 5, device.online | as_filter("foo = 1")])
def test_what_cannot_be_done_here_either_is_refused_before_the_pull(made):
    with pytest.raises(FilterError, match="cannot be done here"):
        ready(made, nothing, in_pandas=True)


def test_a_filter_says_what_the_list_of_devices_is_needed_for_and_how_to_pull_it():
    pending = ready((device.approval_status == "PENDING") & device.offline, nothing)

    assert str(pending.status) == "status = PENDING"
    assert ready(device.offline, nothing).status is None
    by_id = ready(device.id.isin([1, 2]), nothing)
    assert not by_id.needs_devices(["device_id", "name"])
    assert pending.needs_devices(["device_id", "offline"])


def test_a_long_list_is_sent_in_several_pulls():
    texts = ready(device.id.isin(range(5)), nothing).texts(most=2)

    assert texts == ["id in (0, 1)", "id in (2, 3)", "id = 4"]


def test_an_organization_is_asked_for_by_its_name(ninja):
    organizations = ninja.table("organizations")
    name = organizations["organization_name"].iloc[0]

    rows = ninja.table("software", where=device.organization == name.upper(), names="organization")

    assert set(rows["organization_name"]) == {name}
    told = rows.ninja.source
    assert told["where"] == f"org = {organizations['organization_id'].iloc[0]}"
    assert told["filter"]["checked"]
    with pytest.raises(UnknownNameError, match=f"Did you mean '{name}'"):
        ninja.table("software", where=device.organization == name[:-1])


def test_a_location_is_asked_for_by_a_name_that_several_have(ninja):
    rows = ninja.table("volumes", where=device.location == "main office", names="location")

    assert set(rows["location_name"].dropna()) == {"Main Office"}
    assert rows["location_name"].isna().sum() == rows.ninja.source["filter"]["unknown"]
    assert rows.ninja.source["where"].startswith("loc in (")


def test_an_or_is_done_here_when_asked_and_the_rest_by_ninjaone(ninja):
    fleet = ninja.table("devices")
    role = int(fleet["role_id"].mode()[0])
    either = device.online & ((device.role == role) | (device.created > "2025-01-01"))

    rows = ninja.table("volumes", where=either, in_pandas=True)

    fit = fleet[
        ~fleet["offline"] & ((fleet["role_id"] == role) | (fleet["created_at"] > "2025-01-01"))
    ]
    every = ninja.table("volumes")
    assert set(rows["device_id"]) == set(fit["device_id"]) & set(every["device_id"])
    told = rows.ninja.source
    assert told["where"] == "online"
    assert told["filter"]["in_pandas"].startswith(f"role = {role} OR created > 2025-01-01")
    assert told["filter"]["left_out"] > 0
    assert told["rows"] == len(rows)
    assert rows.index.tolist() == list(range(len(rows)))
    with pytest.raises(FilterError, match="no OR"):
        ninja.table("volumes", where=either)


def test_several_statuses_are_done_here_when_asked(ninja):
    both = device.approval_status.isin(["PENDING", "APPROVED"])

    rows = ninja.table("devices", where=both, in_pandas=True)

    pending = ninja.table("devices", where=device.approval_status == "PENDING")
    assert set(rows["approval_status"]) == {"PENDING", "APPROVED"}
    assert len(rows) == len(pending) + len(ninja.table("devices"))


def test_a_pull_in_several_parts_gives_each_row_once(ninja, monkeypatch):
    from ninja_analytics.filters import filter as filters

    fleet = ninja.table("devices")["device_id"].tolist()
    whole = ninja.table("volumes", where=device.id.isin(fleet))
    monkeypatch.setattr(filters.Filter.chunks, "__defaults__", (7,))
    monkeypatch.setattr(ready(device.id == 1, nothing).texts.__func__, "__defaults__", (7,))

    parts = ninja.table("volumes", where=device.id.isin(fleet))

    keys = ["device_id", "name", "serial_number"]
    pd.testing.assert_frame_equal(
        parts.sort_values(keys, ignore_index=True)[keys],
        whole.sort_values(keys, ignore_index=True)[keys],
    )
    assert parts.ninja.source["requests"] > whole.ninja.source["requests"]


def test_a_filter_that_ninjaone_passes_over_is_noticed_and_said(own):
    sandbox, ninja = own
    fleet = ninja.table("devices").set_index("device_id")["node_class"].astype("str")
    sandbox.switch(device_filter="ignore")

    with pytest.warns(FilterWarning, match="volumes: NinjaOne did not keep to the filter") as said:
        rows = ninja.table("volumes", where=device.node_class == "WINDOWS_SERVER")

    assert said[0].filename == __file__
    told = rows.ninja.source["filter"]
    assert told["ignored"]
    assert told["dropped"] > 0
    assert told["unknown"] == (~rows["device_id"].isin(fleet.index)).sum()
    assert set(rows["device_id"].map(fleet).dropna()) == {"WINDOWS_SERVER"}


def test_a_filter_that_ninjaone_is_known_to_pass_over_is_refused(own):
    sandbox, ninja = own
    sandbox.forget_requests()

    with pytest.raises(FilterError, match="passes over the node class"):
        ninja.table("os_patches", where=device.node_class == "WINDOWS_SERVER")

    assert not [one for one in sandbox.requests() if one["path"].startswith("/v2")]


def test_text_that_cannot_be_read_is_sent_and_marked_as_unchecked(own):
    sandbox, ninja = own
    sandbox.switch(unknown_filter="ignore")

    rows = ninja.table("volumes", where="deviceId = 5")

    assert rows.ninja.source["where"] == "deviceId = 5"
    assert not rows.ninja.source["filter"]["checked"]


def test_rows_that_could_not_be_checked_do_not_pass_for_checked_ones(own):
    sandbox, ninja = own
    sandbox.fault("500", path="/v2/devices", times=50)

    with pytest.raises(IncompleteError, match="hold them against") as broken:
        ninja.table("volumes", where=device.online)

    assert len(broken.value.partial) > 0
    assert broken.value.partial.attrs["ninja"]["filter"] is None


def test_a_million_rows_are_held_against_a_filter():
    count = 1_000_000
    fleet = pd.DataFrame(
        {
            "device_id": pd.array(np.arange(10_000), "Int64"),
            "organization_id": pd.array(np.arange(10_000) % 100, "Int64"),
            "node_class": pd.Categorical(["MAC"] * 10_000),
        }
    )
    rows = pd.DataFrame({"device_id": pd.array(np.arange(count) % 10_000, "Int64")})
    asked = ready(device.organization.isin([1, 2]) & (device.node_class == "MAC"), nothing)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        held = asked.held(rows, fleet, table="software")

    assert len(held.rows) == count // 50
    assert "980000 of 1000000" in held.warning
