"""A snapshot taken while the fleet changes: whole, without doubles, and it says what moved."""

from __future__ import annotations

import threading

import pytest

import ninja_analytics as na
from tests.conftest import api_services

TABLES = [
    "organizations",
    "devices",
    "volumes",
    "software",
    "os_patches",
    "device_health",
    "activities",
]


@pytest.fixture
def moving(fresh_sandbox, tmp_path, monkeypatch):
    """A sandbox of its own and a connection, with requests that take a while."""
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path))
    sandbox = fresh_sandbox(devices=120, seed=5)
    return sandbox, na.connect(**api_services(sandbox))


@pytest.mark.slow
def test_a_snapshot_is_whole_though_the_fleet_moves_on_meanwhile(moving):
    sandbox, ninja = moving
    sandbox.switch(latency=0.03)
    over = threading.Event()

    def live() -> None:
        while not over.wait(0.4):
            sandbox.advance(hours=12)

    meanwhile = threading.Thread(target=live)
    meanwhile.start()
    try:
        taken = ninja.record(TABLES, now="2026-12-01", since="3d")
    finally:
        over.set()
        meanwhile.join()

    assert taken.problems == {}
    assert set(taken.tables) == set(TABLES)
    assert set(taken.moved) == {"came", "went", "moved"}
    past = ninja.as_of()
    assert past.table("devices")["device_id"].is_unique
    assert past.table("activities")["activity_id"].is_unique
    assert not past.table("software").duplicated(["device_id", "name", "version", "path"]).any()
    assert ninja.history.verify().empty


def test_a_device_that_moved_since_it_was_looked_up_costs_no_table(moving):
    sandbox, ninja = moving
    ninja.table("devices", names=["organization"])
    ninja.table("software")
    lookups = ninja._source.lookups.frame("devices", ninja._get)
    homes = lookups.set_index("device_id")["organization_id"]
    sandbox.advance(days=200)
    now = {row["id"]: row["organizationId"] for row in sandbox.truth("devices")}
    moved = [one for one in now if one in homes.index and now[one] != homes[one]]
    assert moved

    taken = ninja.record(["devices", "software"], now=sandbox.now)

    assert taken.problems == {}
    assert taken.tables["devices"].rows == len(now)
    assert taken.tables["software"].rows == len(sandbox.truth("software"))


def test_what_came_and_went_while_it_was_taken_is_counted(moving, monkeypatch):
    sandbox, ninja = moving
    before = {row["id"] for row in sandbox.truth("devices")}
    whole = ninja.rows_to_record

    def and_time_goes_by(name, **options):
        if name == "roles":
            sandbox.advance(days=45)
        return whole(name, **options)

    monkeypatch.setattr(ninja, "rows_to_record", and_time_goes_by)

    taken = ninja.record(["devices", "roles"], now="2026-12-01")

    after = {row["id"] for row in sandbox.truth("devices")}
    assert taken.moved["came"] == len(after - before) > 0
    assert taken.moved["went"] == len(before - after) > 0
