"""What a frame can do itself."""

from __future__ import annotations

import gc
import subprocess
import sys

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics import connections
from ninja_analytics.errors import IncompleteError, UnknownNameError, UsageError
from tests.conftest import api_services


@pytest.fixture(scope="module")
def volumes(ninja):
    return ninja.table("volumes")


@pytest.fixture
def own(sandbox):
    """A connection of the test's own, which nothing was asked of yet."""
    return na.connect("own", **api_services(sandbox))


def test_a_frame_tells_where_it_came_from(volumes, sandbox):
    source = volumes.ninja.source

    assert source["table"] == "volumes"
    assert dict(source) == volumes.attrs["ninja"]
    assert "table       volumes\n" in repr(source)
    assert f"instance    {sandbox.base_url}\n" in repr(source)
    assert "complete    yes" in repr(source)
    assert "<th" in source._repr_html_()
    assert ".with_names" in repr(volumes.ninja)


def test_a_frame_of_unknown_origin_says_so():
    with pytest.raises(UsageError, match="does not know where it came from"):
        _ = pd.DataFrame({"a": [1]}).ninja.source


def test_names_come_with_no_more_than_the_frame(volumes, ninja):
    named = volumes.ninja.with_names()
    joined = ninja.table("volumes", names=["organization", "location", "device"])

    added = [name for name in named if name not in volumes]
    assert added == ["organization_name", "location_name", "device_name"]
    pd.testing.assert_frame_equal(named, joined[named.columns], check_names=True)
    assert volumes.ninja.source["table"] == named.ninja.source["table"]
    assert "organization_name" not in volumes


def test_names_are_pulled_once_for_a_while(own, sandbox):
    rows = own.table("volumes")
    rows.ninja.with_names()
    before = len(sandbox.requests())

    rows.ninja.with_names("device")
    rows.ninja.by("location")

    assert len(sandbox.requests()) == before


def test_roles_and_policies_are_named_where_their_ids_are(ninja):
    devices = ninja.table("devices").ninja.with_names()
    policies = ninja.table("policies").set_index("policy_id")["policy_name"]
    roles = ninja.table("roles").set_index("role_id")["role_name"]

    assert devices["role_name"].tolist() == devices["role_id"].map(roles).tolist()
    effective = devices["policy_id"].fillna(devices["role_policy_id"])
    assert devices["policy_name"].tolist() == effective.map(policies).tolist()
    assert devices["device_name"].notna().all()


def test_rows_of_a_policy_are_named_by_it(ninja):
    policies = ninja.table("policies").set_index("policy_id")["policy_name"]
    conditions = ninja.table("policy_windows_event_conditions", policy_id=policies.index.tolist())

    named = conditions.ninja.with_names()

    assert len(named) > 0
    assert named["policy_name"].tolist() == named["policy_id"].map(policies).tolist()


def test_a_row_without_an_owner_stays_and_none_is_doubled(ninja, volumes):
    odd = pd.concat([volumes.head(2), volumes.head(1).assign(device_id=pd.array([10**9], "Int64"))])

    named = odd.ninja.with_names("organization", "role", ninja=ninja)

    assert named.index.tolist() == odd.index.tolist()
    assert named["organization_name"].isna().tolist() == [False, False, True]
    assert named["role_name"].notna().tolist() == [True, True, False]


def test_a_name_that_cannot_be_had_is_refused(volumes, ninja):
    with pytest.raises(UnknownNameError, match="'organization'"):
        volumes.ninja.with_names("organisation")
    with pytest.raises(UsageError, match="neither organization_id nor device_id"):
        ninja.table("policies").ninja.with_names("organization")
    with pytest.raises(UnknownNameError, match="Did you mean 'organization'"):
        volumes.ninja.by("organisation")


def test_a_frame_whose_connection_is_gone_takes_another(volumes, ninja):
    stray = volumes.copy()
    stray.attrs["ninja"] = {**stray.attrs["ninja"], "connection": "acme at https://nowhere"}

    with pytest.raises(UsageError, match=r"with_names\(ninja=ninja\)"):
        stray.ninja.with_names()
    assert "device_name" in stray.ninja.with_names("device", ninja=ninja)
    assert len(stray.ninja.by("organization", ninja=ninja)) > 1


def test_a_connection_does_not_live_on_for_its_frames(sandbox):
    ninja = na.connect("brief", **api_services(sandbox))
    rows = ninja.table("roles")
    rows.ninja.with_names()
    assert connections.of(rows) is ninja

    del ninja
    gc.collect()

    assert connections.of(rows) is None
    assert "client_secret" not in str(rows.attrs)
    assert sandbox.clients["api-services"].client_secret not in str(rows.attrs)


def test_what_had_arrived_of_a_broken_pull_knows_its_connection_too(fresh_sandbox):
    sandbox = fresh_sandbox(devices=20, seed=3, page_size=500)
    ninja = na.connect("broken", **api_services(sandbox))
    sandbox.fault("500", path="/v2/queries/software", times=50, after=1)

    with pytest.raises(IncompleteError) as broken:
        ninja.table("software")

    assert connections.of(broken.value.partial) is ninja


def test_rows_are_grouped_by_name(volumes, ninja):
    free = volumes.ninja.by("organization")["free_bytes"].sum()
    named = ninja.table("volumes", names=["organization"])

    expected = named.fillna({"organization_name": "(unknown)"}).groupby("organization_name")
    assert free.index.name == "organization"
    assert free.to_dict() == expected["free_bytes"].sum().to_dict()
    assert "(unknown)" in free  # devices that were removed, whose volumes are still there
    told = volumes.ninja.by("device").agg(rows=("name", "size"), devices=("device_id", "nunique"))
    assert told["rows"].sum() == len(volumes)
    assert set(told["devices"].drop("(unknown)")) == {1}


def test_rows_are_grouped_by_what_their_device_is(volumes, ninja):
    counts = volumes.ninja.by("node_class").size()
    devices = ninja.table("devices").set_index("device_id")["node_class"]

    expected = volumes["device_id"].map(devices.astype("str")).fillna("(unknown)").value_counts()
    assert counts.to_dict() == expected.to_dict()
    assert volumes.ninja.by("role").ngroups > 1


def test_equal_names_of_different_places_are_told_apart(ninja):
    locations = ninja.table("locations")
    sizes = locations.ninja.by("location").size()

    repeated = locations["location_name"].duplicated(keep=False)
    assert repeated.any()
    assert set(sizes) == {1}
    organizations = ninja.table("organizations").set_index("organization_id")["organization_name"]
    first = locations[repeated].iloc[0]
    assert f"{first.location_name} ({organizations[first.organization_id]})" in sizes


def test_rows_of_which_nothing_is_known_are_a_group(volumes, ninja):
    odd = volumes.head(2).assign(device_id=pd.array([10**9, None], "Int64"))

    assert odd.ninja.by("organization", ninja=ninja).size().to_dict() == {"(unknown)": 2}


def test_a_frame_is_written_to_a_file(volumes, tmp_path):
    written = volumes.ninja.export(tmp_path / "volumes.parquet")

    assert len(pd.read_parquet(written)) == len(volumes)


def test_times_read_in_another_zone_and_stay_the_same_moments(ninja, tmp_path):
    software = ninja.table("software")
    there = software.ninja.in_tz("Europe/Berlin")

    assert str(there["collected_at"].dt.tz) == "Europe/Berlin"
    assert (there["collected_at"] == software["collected_at"]).all()
    assert there["installed_on"].dtype == software["installed_on"].dtype
    assert there.ninja.source["tz"] == "Europe/Berlin"
    assert "tz" not in software.attrs["ninja"]
    assert software["collected_at"].dt.tz is not there["collected_at"].dt.tz
    with pytest.raises(UnknownNameError, match="Europe/Berlin"):
        software.ninja.in_tz("Europe/Berln")
    there.head(3).ninja.export(tmp_path / "there.csv")
    software.head(3).ninja.export(tmp_path / "here.csv")
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()


def test_the_accessor_is_there_once_the_package_is_imported():
    code = "import ninja_analytics, pandas as pd; print(pd.DataFrame().ninja)"

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "unknown origin" in run.stdout
