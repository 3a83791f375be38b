"""The sandbox moves on in time: life goes on, and what was before stays as it was."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import psutil
import pytest

from ninja_analytics import catalog
from ninja_analytics.errors import SandboxError
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker, bearer, truth_of

AT_NOW = "2026-11-23T17:00:00Z"
NOW = dt.datetime.fromisoformat(AT_NOW)
DAY = 86_400
TABLES = catalog.TABLES
ALL = {"include": "all"}
# An event table, what tells its rows apart, when they happened, and what may not have ended yet.
EVENTS = {
    "activities": (("id",), "activityTime"),
    "os_patch_installs": (("deviceId", "id", "installedAt", "status"), "installedAt"),
    "software_patch_installs": (("deviceId", "id", "installedAt", "status"), "installedAt"),
    "backup_jobs": (("jobId",), "jobStartTime"),
    "integrity_check_jobs": (("jobId",), "jobStartTime"),
}
REACH = {"activities": 90 * DAY, "backup_jobs": 30 * DAY, "integrity_check_jobs": 30 * DAY}


def seen(sandbox):
    asked = {name: ALL if REACH.get(name) == 30 * DAY else {} for name in ("devices", *EVENTS)}
    return {name: sandbox.truth(name, **parameters) for name, parameters in asked.items()}


@pytest.fixture(scope="module")
def week():
    """The events of a fleet of 150 that was already moved on, and those a week later."""
    with Sandbox(devices=120, seed=24, now=AT_NOW) as sandbox:
        sandbox.advance(days=12, hours=5)
        before = seen(sandbox)
        now = sandbox.advance(days=7).timestamp()
        return before, seen(sandbox), now


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=60, seed=5, now=AT_NOW) as sandbox:
        sandbox.advance(days=3, hours=7)
        yield sandbox


def by(rows, *fields):
    found = defaultdict(list)
    for row in rows:
        found[tuple(row.get(field) for field in fields)].append(row)
    return found


# the same, however it comes about


def test_many_small_advances_lead_to_what_one_large_one_does(fresh_sandbox):
    steps, leap = (fresh_sandbox(devices=60, seed=31, now=AT_NOW) for _ in range(2))
    for _ in range(30):
        steps.advance(days=1)
    for hours in (6, 18, 1, 23):
        last = steps.advance(hours=hours)

    assert leap.advance(days=32) == last
    for table in TABLES.values():
        assert truth_of(steps, table) == truth_of(leap, table), table.name


def test_a_sandbox_that_moves_on_was_the_same_as_one_that_does_not(fresh_sandbox):
    moving, still = (fresh_sandbox(devices=30, seed=32, now=AT_NOW) for _ in range(2))
    before = {name: truth_of(still, table) for name, table in TABLES.items()}
    assert before == {name: truth_of(moving, table) for name, table in TABLES.items()}

    moving.advance(days=40)

    assert before == {name: truth_of(still, table) for name, table in TABLES.items()}


def test_a_fleet_of_nobody_moves_on_too(fresh_sandbox):
    sandbox = fresh_sandbox(devices=0, now=AT_NOW)

    assert sandbox.advance(days=30) == NOW + dt.timedelta(days=30)
    assert sandbox.truth("devices") == []


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "one hour at least"), ({"days": -1}, "one hour at least"), ({"hours": 0.25}, "one hour"),
        ({"days": 2, "hours": -1}, "one hour at least"), ({"hours": 1.5}, "whole hours"),
        ({"days": 1e9}, "366 days at most"), ({"days": float("nan")}, "numbers"),
        ({"days": "3"}, "numbers"), ({"days": True}, "numbers"),
    ],
)  # fmt: skip
def test_an_advance_that_cannot_be_is_refused_in_a_sentence(town, asked, said):
    before = town.truth("devices")

    with pytest.raises(SandboxError, match=said):
        town.advance(**asked)
    assert town.truth("devices") == before


# the past


@pytest.mark.parametrize("table", EVENTS)
def test_what_was_over_is_told_as_before(week, table):
    fields, at = EVENTS[table]
    before, after = (by(without(rows[table]), *fields) for rows in week[:2])
    until = week[2] - REACH.get(table, 1e9)

    over = {key: rows for key, rows in before.items() if rows[0].get(at, until) >= until}
    over = {key: rows for key, rows in over.items() if not any(map(goes_on, rows))}
    assert len(over) > 20
    assert {key: after.get(key) for key in over} == over


@pytest.mark.parametrize("table", EVENTS)
def test_new_events_are_later_than_what_was_known(week, table):
    fields, at = EVENTS[table]
    before, after, now = week
    known = by(before[table], *fields)
    new = [
        row for key, rows in by(after[table], *fields).items() if key not in known for row in rows
    ]

    assert len(new) > 5
    heard = {row["id"]: row["lastUpdate"] for row in before["devices"]}
    dated = [row for row in new if row.get(at, 0) > 1.5e9]  # some say 2010, or nothing
    assert all(row[at] > heard.get(row.get("deviceId"), now - 7 * DAY) - DAY for row in dated)
    if table == "activities":
        assert min(row["id"] for row in new) == 1 + max(row["id"] for row in before[table])
        assert min(row[at] for row in new) > now - 7 * DAY


def without(rows):
    """The rows without the time at which they were collected, which moves on."""
    return [{name: value for name, value in row.items() if name != "timestamp"} for row in rows]


def goes_on(row):
    states = (row.get("jobStatus"), row.get("upsyncJob", {}).get("status"))
    return bool({"RUNNING", "PROCESSING"} & set(states))


# while it is asked


def test_an_advance_in_the_middle_of_a_pull_expires_its_cursor(fresh_sandbox):
    sandbox = fresh_sandbox(devices=30, seed=41, now=AT_NOW)
    ask = Asker(sandbox)
    first = ask.table("volumes", pageSize=5).json()
    sandbox.advance(days=1)
    later = ask.table("volumes", pageSize=5, cursor=first["cursor"]["name"])

    assert (later.status_code, later.json()["resultCode"]) == (400, "INVALID_CURSOR")
    assert ask.rows("volumes") == sandbox.truth("volumes")
    assert bearer(sandbox)  # the clocks of tokens do not move


@pytest.mark.parametrize(
    "table", [one for one in TABLES.values() if not one.per], ids=lambda one: one.name
)
def test_the_api_answers_the_new_truth(town, table):
    assert Asker(town).rows(table.name) == town.truth(table.name)


def test_its_memory_does_not_grow_without_end():
    with Sandbox(devices=50, seed=42, now=AT_NOW) as sandbox:
        process = psutil.Process(sandbox._process.pid)
        sandbox.advance(days=120)
        sandbox.advance(days=1)
        before = process.memory_info().rss
        for _ in range(120):
            sandbox.advance(days=1)

        assert process.memory_info().rss - before < 15_000_000
