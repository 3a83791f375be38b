"""Several processes at one history: whole snapshots, and no reader that fails."""

from __future__ import annotations

import json
import time

import pytest

from ninja_analytics.history import snapshots
from tests.histories import NOW, connected, elsewhere, ended, everything, leftovers

TABLES = ["organizations", "activities"]


@pytest.fixture
def shared(history_folder, fresh_sandbox):
    """A connection to a sandbox at which several processes record."""
    return connected(fresh_sandbox(devices=2, now=NOW.isoformat()))


def recording(ninja, times, tables=TABLES):
    """A process that records so often."""
    program = (
        "print(json.dumps([ninja.record(told[0], progress='none').id for _ in range(told[1])]))"
    )
    return elsewhere(program, ninja.sandbox, tables, times)


def test_recordings_at_once_are_snapshots_of_their_own_and_no_event_comes_twice(shared):
    running = [recording(shared, 3) for _ in range(3)]

    ids = [one for process in running for one in json.loads(ended(process))]

    assert sorted(ids) == shared.history.snapshots["snapshot"].tolist()
    assert len(set(ids)) == 9
    assert shared.history.verify().empty
    pulled = shared.table("activities", since=NOW.replace(month=10), progress="none")
    for events in (shared.history("activities"), shared.as_of().table("activities")):
        assert not events.duplicated("activity_id").any()
        assert set(pulled["activity_id"]) >= set(events["activity_id"])
    assert all(len(shared.as_of(one).table("organizations")) > 0 for one in ids)
    assert leftovers(shared) == []


KEEPS = """
import time
print("ready", flush=True)
end = time.monotonic() + told[0]
turns = 0
while time.monotonic() < end:
    ninja.history.compact(now="2030-01-01")
    ninja.history.prune({"days": 1, "months": 2})
    turns += 1
print(turns)
"""
LOOKS = """
import time
print("ready", flush=True)
end = time.monotonic() + told[0]
turns = 0
while time.monotonic() < end:
    newest = ninja.as_of()
    for name in newest.snapshot.tables:
        assert len(newest.table(name)) > 0
    assert not ninja.history("activities").duplicated("activity_id").any()
    (found,) = ninja.sql("select count(*) from activities_history").iloc[0]
    assert found >= told[1]
    old = ninja.history.snapshots["snapshot"].iloc[0]
    assert old == told[2]
    turns += 1
print(turns)
"""


def test_whoever_reads_while_others_record_and_clear_up_sees_whole_snapshots(shared):
    shared.sandbox.switch(late_activities=20)
    first = shared.record(TABLES, now="2026-08-01", since="2026-07-01", progress="none")
    events = len(shared.history("activities"))
    seconds = 4
    keeping = [elsewhere(KEEPS, shared.sandbox, seconds) for _ in range(2)]
    looking = [elsewhere(LOOKS, shared.sandbox, seconds, events, first.id) for _ in range(2)]
    for one in (*keeping, *looking):
        assert one.stdout.readline() == "ready\n"
    end = time.monotonic() + seconds
    taken = []
    while time.monotonic() < end:
        taken.append(shared.record(TABLES, progress="none").id)

    turns = [int(ended(one).split()[-1]) for one in (*keeping, *looking)]

    assert min(turns) > 1
    assert len(taken) > 1
    assert shared.history.verify().empty
    there = set(shared.history.snapshots["snapshot"])
    assert {first.id, taken[-1]} <= there
    everything(shared)
    whole = snapshots.read(shared.history.folder)
    assert {name for one in whole.snapshots if one.id == taken[-1] for name in one.tables} == set(
        TABLES
    )


def test_clearing_up_at_once_loses_no_snapshot(shared):
    for month in range(1, 9):
        shared.record(TABLES, now=f"2026-0{month}-01", since="2025-12-01", progress="none")
    events = set(shared.history("activities")["activity_id"])
    program = "print(ninja.history.compact(now='2030-01-01'), ninja.history.prune({'months': 4}, now='2026-09-01'))"

    for process in [elsewhere(program, shared.sandbox) for _ in range(4)]:
        ended(process)

    left = shared.history.snapshots["snapshot"]
    assert {f"20260{month}01" for month in range(5, 9)} <= {one[:8] for one in left}
    assert set(shared.history("activities")["activity_id"]) == events
    assert shared.history.verify().empty
    assert len(shared.history.prune({"months": 4}, now="2026-09-01")) == len(left) - 4
