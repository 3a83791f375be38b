"""Clocks that jump: no event is lost, and the past stays where it was."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from ninja_analytics.errors import HistoryError
from ninja_analytics.history import recorded_tables
from tests.histories import NOW, connected
from tests.pulls import asked

EVENTS = ["activities"]
EVENTS_OVERLAP = recorded_tables.EVENTS["activities"].overlap


@pytest.fixture
def late(history_folder, fresh_sandbox):
    """A connection to a sandbox of which half of the activities have not arrived yet."""
    sandbox = fresh_sandbox(devices=3, now=NOW.isoformat())
    sandbox.switch(late_activities=40)
    return connected(sandbox)


def all_of(ninja, since=NOW - timedelta(days=30)):
    """The ids of the activities that NinjaOne has from *since* on."""
    ninja.sandbox.switch(late_activities=0)
    return set(ninja.table("activities", since=since, progress="none")["activity_id"])


def recorded(ninja):
    data = ninja.history("activities")
    assert not data.duplicated("activity_id").any()
    return set(data["activity_id"])


@pytest.mark.parametrize(
    "times",
    [
        (NOW, "2025-11-20"),
        (NOW, "2036-01-01", NOW + timedelta(hours=1)),
        ("2036-01-01", NOW),
        (NOW, NOW),
        (NOW, NOW - timedelta(seconds=1)),
        ("2036-01-01", "2036-01-02", NOW),
        ("2026-11-20T01:00", "1990-01-01", NOW),
    ],
    ids=["back", "far ahead and back", "ahead at first", "the same instant", "a second back", "long ahead", "far back"],
)  # fmt: skip
def test_a_clock_that_jumps_loses_no_event(late, times):
    for when in times[:-1]:
        late.record(EVENTS, now=when, progress="none")
    expected = all_of(late)

    late.record(EVENTS, now=times[-1], progress="none")

    assert expected <= recorded(late)


def test_a_snapshot_of_the_far_future_does_not_move_the_window_of_those_that_follow(late):
    first = late.record(EVENTS, now=NOW - timedelta(hours=2), progress="none")
    late.sandbox.switch(late_activities=0)
    late.record(EVENTS, now="2036-01-01", progress="none")
    late.sandbox.forget_requests()

    late.record(EVENTS, now=NOW, progress="none")

    (after,) = {one["query"]["after"] for one in asked(late.sandbox, "/v2/activities")}
    reached = pd.Timestamp(first.tables["activities"].reached)
    assert pd.Timestamp(after) == (reached - EVENTS_OVERLAP).floor("s") - pd.Timedelta("1s")


def test_an_event_that_claims_to_be_of_the_future_does_not_move_the_window(
    history_folder, fresh_sandbox
):
    ahead = connected(fresh_sandbox(devices=3, now=(NOW + timedelta(days=400)).isoformat()))

    taken = ahead.record(EVENTS, now=NOW, since=NOW - timedelta(days=1), progress="none")

    assert taken.tables["activities"].reached <= NOW.isoformat()


def test_two_snapshots_of_one_instant_are_two(recorder):
    one = recorder.record(["organizations"], now=NOW, progress="none")
    other = recorder.record(["roles"], now=NOW, progress="none")

    assert one.id != other.id
    assert set(recorder.history.snapshots["snapshot"]) == {one.id, other.id}
    assert len(recorder.as_of(one.id).table("organizations")) > 0
    assert len(recorder.as_of(other.id).table("roles")) > 0


def test_as_of_picks_the_last_snapshot_at_or_before_a_time_whatever_the_order_of_recording(
    recorder,
):
    taken = {
        when: recorder.record(["organizations"], now=when, progress="none").id
        for when in ("2026-11-18", "2026-11-16", "2036-01-01", "2026-11-17T08:00:00.5")
    }

    assert recorder.as_of("2026-11-18").snapshot.id == taken["2026-11-18"]
    assert recorder.as_of("2026-11-17T23:59").snapshot.id == taken["2026-11-17T08:00:00.5"]
    assert recorder.as_of("2026-11-17T08:00").snapshot.id == taken["2026-11-16"]
    assert recorder.as_of("2026-12-31").snapshot.id == taken["2026-11-18"]
    assert recorder.as_of().snapshot.id == taken["2036-01-01"]
    with pytest.raises(HistoryError, match="oldest snapshot is of 2026-11-16"):
        recorder.as_of("2026-11-15")


def test_a_time_is_in_utc_unless_it_has_a_zone(recorder):
    taken = recorder.record(["organizations"], now="2026-03-29T01:30", progress="none")
    again = recorder.record(["organizations"], now="2026-03-29T03:30+02:00", progress="none")

    assert taken.taken_at == again.taken_at == pd.Timestamp("2026-03-29T01:30Z")


def test_a_machine_that_is_ahead_of_the_server_loses_nothing(late):
    late.sandbox.switch(clock_ahead=-7200)
    late.record(EVENTS, now=NOW + timedelta(hours=2), progress="none")
    expected = all_of(late, since=NOW - timedelta(days=29))

    late.record(EVENTS, now=NOW + timedelta(hours=3), progress="none")

    assert expected <= recorded(late)


def test_the_events_as_of_a_time_are_those_recorded_until_then(late):
    first = late.record(EVENTS, now=NOW - timedelta(hours=1), progress="none")
    before = recorded(late)
    late.sandbox.switch(late_activities=0)
    late.record(EVENTS, now=NOW, progress="none")

    then = late.as_of(first.taken_at).table("activities")

    assert set(then["activity_id"]) == before
    assert len(late.as_of(NOW).table("activities")) > len(then)
