"""What is asked by id, and what is done to rows after they came: names, zones, filters in pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import FilterError, IncompleteError, NotAvailableError, UsageError
from ninja_analytics.naming import device_names
from tests.pulls import connected, rows, typed


@pytest.fixture(scope="module")
def ids(sandbox):
    """Devices that have volumes."""
    return list(dict.fromkeys(row["deviceId"] for row in sandbox.truth("volumes")))[:12]


@pytest.mark.parametrize(
    "given",
    [
        list, tuple, set, pd.Series, np.array, lambda some: pd.array(some, "Int64"),
        lambda some: pd.Series(some, dtype="Int64"), lambda some: [np.int32(one) for one in some],
        lambda some: [str(one) for one in some], lambda some: [*some, *some, None, pd.NA],
        lambda some: (one for one in some),
    ],
)  # fmt: skip
def test_ids_are_taken_from_whatever_holds_them(ninja, sandbox, ids, given):
    expected = [row for row in sandbox.truth("volumes") if row["deviceId"] in ids]

    frame = ninja.table("device_volumes", device_id=given(ids))

    assert len(frame) == len(expected)
    assert set(frame["device_id"]) == set(ids)
    assert str(frame["device_id"].dtype) == "Int64"
    assert frame.attrs["ninja"]["requests"] == len(ids)
    assert "absent" not in frame.attrs["ninja"]


def test_ids_are_asked_for_side_by_side_and_each_part_brings_its_own_rows(fresh_sandbox, ids):
    tenant = fresh_sandbox(devices=60, seed=7)
    tenant.switch(latency=0.05)

    frame = connected(tenant).table("device_software", device_id=ids)

    expected = [row for row in tenant.truth("software") if row["deviceId"] in ids]
    assert rows(frame[["device_id", "name", "version"]]) == rows(
        typed("software", expected)[["device_id", "name", "version"]]
    )
    inside = max(one["inside"] for one in tenant.requests() if "software" in one["path"])
    assert inside >= 2


def test_ids_that_are_not_there_are_told_and_cost_the_others_nothing(ninja, sandbox, ids):
    frame = ninja.table("device_volumes", device_id=[999_998, *ids, 999_999])

    expected = [row for row in sandbox.truth("volumes") if row["deviceId"] in ids]
    assert len(frame) == len(expected)
    assert frame.attrs["ninja"]["absent"] == [{"device_id": 999_998}, {"device_id": 999_999}]
    assert frame.attrs["ninja"]["complete"] is True


@pytest.mark.parametrize("unknown", [999_998, [999_998, 999_999]])
def test_nothing_of_what_was_asked_for_is_there(ninja, unknown):
    with pytest.raises(NotAvailableError, match="device/99999"):
        ninja.table("device_volumes", device_id=unknown)
    with pytest.raises(NotAvailableError):
        list(ninja.stream("device_volumes", device_id=unknown))


def test_a_stream_steps_over_ids_that_are_not_there(ninja, ids):
    stream = ninja.stream("device_volumes", device_id=[*ids, 999_999])

    came = sum(batch.num_rows for batch in stream)

    assert came == len(ninja.table("device_volumes", device_id=ids))
    assert stream.about["absent"] == [{"device_id": 999_999}]


def test_paths_of_two_parts_go_pair_by_pair_or_one_for_all(ninja, sandbox):
    locations = sandbox.truth("locations")
    home = locations[0]["organizationId"]
    here = [row["id"] for row in locations if row["organizationId"] == home]
    pairs = [(row["organizationId"], row["id"]) for row in locations[:6]]

    one = ninja.table("location_custom_fields", organization_id=home, location_id=here)
    many = ninja.table(
        "location_custom_fields",
        organization_id=[pair[0] for pair in pairs], location_id=[pair[1] for pair in pairs],
    )  # fmt: skip

    assert set(one["location_id"]) <= set(here)
    assert set(one["organization_id"]) == {home}
    assert set(zip(many["organization_id"], many["location_id"], strict=True)) <= set(pairs)
    assert len(many) == len(pairs)
    with pytest.raises(UsageError, match="lists of one length"):
        ninja.table("location_custom_fields", organization_id=[1, 2], location_id=[1, 2, 3])


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("device_volumes", {}, r"is asked by id: give device_id=…, one or a list of them"),
        ("location_custom_fields", {"organization_id": 1}, r"give location_id=…"),
        ("device_volumes", {"device_id": []}, "must be an id or a list of ids"),
        ("device_volumes", {"device_id": [[1, 2], [3]]}, "must be an id or a list of ids"),
        ("device_volumes", {"device_id": "../users"}, "must be an id or a list of ids"),
        ("device_volumes", {"device_id": 1.5}, "must be an id or a list of ids"),
        ("device_volumes", {"device_id": True}, "must be an id or a list of ids"),
    ],
)
def test_what_is_no_id_is_refused_in_a_sentence(ninja, name, given, said):
    with pytest.raises(UsageError, match=said):
        ninja.table(name, **given)


def test_a_500_for_the_backup_usage_of_one_place_is_stepped_over(fresh_sandbox):
    tenant = fresh_sandbox(devices=60, seed=7)
    places = [row["id"] for row in tenant.truth("organizations")]
    path = na.catalog.TABLES["organization_backup_usage"].path
    tenant.fault("500", path=path.format(organization_id=places[1]), times=3)

    frame = connected(tenant).table("organization_backup_usage", organization_id=places[:4])

    assert frame.attrs["ninja"]["absent"] == [{"organization_id": places[1]}]
    assert set(frame["organization_id"]) <= set(places[:4]) - {places[1]}
    assert len(frame)


def test_a_500_for_one_id_of_any_other_table_is_a_break_and_no_absence(fresh_sandbox):
    tenant = fresh_sandbox(devices=60, seed=7)
    devices = [row["id"] for row in tenant.truth("devices")][:4]
    path = na.catalog.TABLES["device_volumes"].path
    tenant.fault("500", path=path.format(device_id=devices[1]), times=3)

    with pytest.raises(IncompleteError) as caught:
        connected(tenant).table("device_volumes", device_id=devices)

    assert "absent" not in caught.value.partial.attrs["ninja"]
    there = [row for device in devices for row in tenant.truth("device_volumes", device_id=device)]
    assert len(caught.value.resume()) == len(there) > 0


# --- what is done to the rows


def test_what_ninjaone_cannot_be_asked_is_done_to_the_rows(ninja, sandbox):
    one, other = [row["id"] for row in sandbox.truth("organizations")[:2]]
    either = (na.device.organization == one) | (na.device.offline)
    with pytest.raises(FilterError):
        ninja.table("volumes", where=either)

    frame = ninja.table("volumes", where=either & (na.device.organization != other), in_pandas=True)

    devices = {row["id"]: row for row in sandbox.truth("devices")}
    wanted = {
        number
        for number, row in devices.items()
        if (row["organizationId"] == one or row["offline"]) and row["organizationId"] != other
    }
    expected = [row for row in sandbox.truth("volumes") if row["deviceId"] in wanted]
    assert rows(frame) == rows(typed("volumes", expected))
    assert frame.attrs["ninja"]["filter"]["left_out"] > 0


def test_a_zone_changes_how_times_read_and_nothing_else(ninja):
    plain = ninja.table("devices")

    moved = ninja.table("devices", tz="America/New_York")

    times = [name for name, kind in plain.dtypes.items() if isinstance(kind, pd.DatetimeTZDtype)]
    assert times
    for name in times:
        zone = "UTC" if name.endswith("_on") else "America/New_York"
        assert str(moved[name].dt.tz) == zone
        assert (moved[name].dropna() == plain[name].dropna()).all()
    assert moved.attrs["ninja"]["tz"] == "America/New_York"
    others = [name for name in plain if name not in times]
    pd.testing.assert_frame_equal(moved[others], plain[others])
    with pytest.raises(UsageError, match="Europe/Berlin"):
        ninja.table("devices", tz="Europe/Berln")


@pytest.mark.parametrize("name", ["devices", "volumes"])
def test_names_are_those_of_the_ids(ninja, sandbox, name):
    frame = ninja.table(name, names=["organization", "location", "device", "role", "policy"])

    devices = ninja.table("devices").set_index("device_id")
    called = device_names(devices)
    tables = {"organization": "organizations", "location": "locations", "role": "roles"}
    names = {what: _named(ninja, table, what) for what, table in tables.items()}
    policies = _named(ninja, "policies", "policy")
    known = frame[frame["device_id"].isin(devices.index)]
    assert len(known) > 20
    for row in known.to_dict("records"):
        device = devices.loc[row["device_id"]]
        assert row["device_name"] == called[row["device_id"]]
        for what, found in names.items():
            assert row[f"{what}_name"] == found[device[f"{what}_id"]]
        policy = device["policy_id"]
        policy = device["role_policy_id"] if pd.isna(policy) else policy
        assert pd.isna(policy) or row["policy_name"] == policies[policy]
    assert len(frame) == len(ninja.table(name))


def _named(ninja, table, what):
    found = ninja.table(table)
    return dict(zip(found[f"{what}_id"], found[f"{what}_name"], strict=True))
