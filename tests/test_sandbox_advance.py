"""The sandbox moves on in time: life goes on, and what was before stays as it was."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter, defaultdict

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
PARAMETERS = {"backup_jobs": ALL, "integrity_check_jobs": ALL, "volumes": {"include": "bl"}}
SEEN = (
    "devices", "organizations", "locations", "activities", "alerts", "os_patches",
    "os_patch_installs", "software", "software_patches", "software_patch_installs", "volumes",
    "disks", "computer_systems", "operating_systems", "antivirus_status", "backup_jobs",
    "integrity_check_jobs", "custom_fields_detailed", "device_health",
)  # fmt: skip
# An event table, what tells its rows apart, when they happened, and what may not have ended yet.
EVENTS = {
    "activities": (("id",), "activityTime"),
    "os_patch_installs": (("deviceId", "id", "installedAt", "status"), "installedAt"),
    "software_patch_installs": (("deviceId", "id", "installedAt", "status"), "installedAt"),
    "backup_jobs": (("jobId",), "jobStartTime"),
    "integrity_check_jobs": (("jobId",), "jobStartTime"),
}
REACH = {"activities": 90 * DAY, "backup_jobs": 30 * DAY, "integrity_check_jobs": 30 * DAY}


def seen(sandbox, tables=SEEN):
    return {name: sandbox.truth(name, **PARAMETERS.get(name, {})) for name in tables}


@pytest.fixture(scope="module")
def month():
    """What a fleet of 400 was and is after 30 days: (before, after)."""
    with Sandbox(devices=400, seed=23, now=AT_NOW) as sandbox:
        before = seen(sandbox)
        assert sandbox.advance(days=30) == NOW + dt.timedelta(days=30)
        return before, seen(sandbox)


@pytest.fixture(scope="module")
def week():
    """The events of a fleet of 150 that was already moved on, and those a week later."""
    with Sandbox(devices=150, seed=24, now=AT_NOW) as sandbox:
        sandbox.advance(days=12, hours=5)
        before = seen(sandbox, ("devices", *EVENTS))
        now = sandbox.advance(days=7).timestamp()
        return before, seen(sandbox, ("devices", *EVENTS)), now


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


def one_by(rows, field):
    return {row[field]: row for row in rows}


def both(month, table, field):
    """The rows of devices that were there before and are after: pairs."""
    before, after = (one_by(rows[table], field) for rows in month)
    return [(before[key], after[key]) for key in before.keys() & after.keys()]


def changed(month, field, table="devices", key="id"):
    return [pair for pair in both(month, table, key) if pair[0].get(field) != pair[1].get(field)]


# the same, however it comes about


def test_many_small_advances_lead_to_what_one_large_one_does(fresh_sandbox):
    steps, leap = (fresh_sandbox(devices=90, seed=31, now=AT_NOW) for _ in range(2))
    for _ in range(30):
        steps.advance(days=1)
    for hours in (6, 18, 1, 23):
        last = steps.advance(hours=hours)

    assert leap.advance(days=32) == last
    for table in TABLES.values():
        assert truth_of(steps, table) == truth_of(leap, table), table.name


def test_a_sandbox_that_moves_on_was_the_same_as_one_that_does_not(fresh_sandbox):
    moving, still = (fresh_sandbox(devices=50, seed=32, now=AT_NOW) for _ in range(2))
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
def test_new_events_are_later_than_what_was_known(month, table):
    fields, at = EVENTS[table]
    known = {tuple(row.get(field) for field in fields) for row in month[0][table]}
    new = [row for row in month[1][table] if tuple(row.get(f) for f in fields) not in known]

    assert len(new) > 20
    heard = {row["id"]: row["lastUpdate"] for row in month[0]["devices"]}
    dated = [row for row in new if row.get(at, 0) > 1.5e9]
    assert all(row[at] > heard.get(row.get("deviceId"), NOW.timestamp()) - DAY for row in dated)
    if table == "activities":
        assert min(row["id"] for row in new) > max(row["id"] for row in month[0][table])
        assert min(row[at] for row in new) > NOW.timestamp() - 1


def without(rows):
    """The rows without the time at which they were collected, which moves on."""
    return [{name: value for name, value in row.items() if name != "timestamp"} for row in rows]


def goes_on(row):
    states = (row.get("jobStatus"), row.get("upsyncJob", {}).get("status"))
    return bool({"RUNNING", "PROCESSING"} & set(states))


def test_ids_and_times_of_creation_stay(month):
    assert not changed(month, "created")
    assert not changed(month, "uid")
    assert not changed(month, "systemName")


def test_a_program_that_was_not_updated_keeps_its_day_and_versions_only_rise(month):
    before, after = (by(rows["software"], "deviceId", "name") for rows in month)
    pairs = [(before[key][0], after[key][0]) for key in before.keys() & after.keys()]
    same = [(old, new) for old, new in pairs if old["version"] == new["version"]]
    risen = [(old, new) for old, new in pairs if old["version"] != new["version"]]

    assert all(old.get("installDate") == new.get("installDate") for old, new in same)
    assert len(risen) > 1000
    assert all(numbers(old["version"]) < numbers(new["version"]) for old, new in risen)
    assert all("2026-08" < new["installDate"] <= "2026-12-23" for _, new in risen)


def numbers(version):
    return [int(word) for word in re.findall(r"\d+", version)]


# life goes on


def test_devices_come_and_go_and_say_so_in_the_log(month):
    before, after = ({row["id"] for row in rows["devices"]} for rows in month)
    new = {row["id"] for row in month[1]["devices"] if row["created"] > NOW.timestamp()}
    log = by(month[1]["activities"], "statusCode")
    logged = {
        code: {row.get("deviceId") for row in log[code,]}
        for code in ("NODE_CREATED", "NODE_DELETED")
    }

    assert len(new) >= 5
    assert len(before - after) >= 5
    known = {row["deviceId"] for row in month[0]["activities"] if "deviceId" in row}
    assert min(new) > max(before | known)
    assert after - before <= logged["NODE_CREATED"]
    assert before - after <= logged["NODE_DELETED"]


def test_a_device_is_enrolled_again_with_its_serial_number_and_a_new_id(month):
    before, after = (by(rows["computer_systems"], "biosSerialNumber") for rows in month)
    there = {row["id"] for row in month[1]["devices"]}
    again = [
        (before[serial][0]["deviceId"], new)
        for serial, rows in after.items()
        for new in [max(row["deviceId"] for row in rows)]
        if serial in before and new != before[serial][0]["deviceId"]
    ]

    assert len(again) >= 2
    assert all(new in there and old not in there for old, new in again)


CHANGES = {
    "a move to another location": ("devices", "locationId", 2),
    "another display name": ("devices", "displayName", 2),
    "another policy": ("devices", "policyId", 2),
    "going offline or coming back": ("devices", "offline", 20),
    "a contact": ("devices", "lastContact", 300),
    "a report": ("devices", "lastUpdate", 300),
    "a restart": ("operating_systems", "lastBootTime", 100),
    "a restart that is pending, or is no more": ("operating_systems", "needsReboot", 20),
    "another operating system": ("operating_systems", "buildNumber", 2),
    "more memory": ("computer_systems", "totalPhysicalMemory", 1),
}


@pytest.mark.parametrize("change", CHANGES)
def test_devices_change_in_every_way(month, change):
    table, field, least = CHANGES[change]
    key = "id" if table == "devices" else "deviceId"

    assert len(changed(month, field, table, key)) >= least


def test_an_organization_is_added_with_devices_of_its_own(month):
    before, after = ({row["id"] for row in rows["organizations"]} for rows in month)

    assert before < after
    homes = Counter(row["organizationId"] for row in month[1]["devices"])
    assert all(homes[new] for new in after - before)


def test_patches_are_published_installed_and_superseded(month):
    before, after = (by(rows["os_patches"], "deviceId", "id") for rows in month)
    kept = {row["id"] for row in month[1]["devices"]}
    gone = [key for key in before.keys() - after.keys() if key[0] in kept]
    done = {
        (row["deviceId"], row["id"])
        for row in month[1]["os_patch_installs"]
        if row["status"] == "INSTALLED"
    }

    assert sum(key in done for key in gone) > 30  # drained
    assert sum(key not in done for key in gone) > 10  # superseded
    assert any("2026-12" in row["name"] for row in month[1]["os_patches"])
    assert not any("2026-12" in row["name"] for row in month[0]["os_patch_installs"])
    tuesday = dt.datetime(2026, 12, 8, 17, tzinfo=dt.UTC).timestamp()
    december = [row for row in month[1]["os_patch_installs"] if "2026-12" in row["name"]]
    assert len(december) > 50
    assert all(
        row.get("installedAt", tuesday) >= tuesday or row["installedAt"] < 1.3e9 for row in december
    )


def test_programs_come_and_go(month):
    before, after = (Counter(row["name"] for row in rows["software"]) for rows in month)

    assert [name for name in after if name not in before and after[name] > 3]
    assert [name for name in before if before[name] > 10 and after[name] < before[name] / 2]


def test_disks_fill_slowly_and_some_become_low(month):
    before, after = (by(rows["volumes"], "deviceId", "name") for rows in month)
    moved = [
        (old[0]["freeSpace"] - after[key][0]["freeSpace"]) / old[0]["capacity"]
        for key, old in before.items()
        if key in after and old[0].get("driveLetter") == "C:"
        and old[0]["capacity"] == after[key][0]["capacity"]
    ]  # fmt: skip

    assert sum(0 < share < 0.05 for share in moved) > 100
    assert any(share > 0.05 for share in moved)  # bursts
    assert any(share < -0.1 for share in moved)  # clean-ups
    low = [
        {key for key, rows in found.items() if share_free(rows[0]) < 0.08}
        for found in (before, after)
    ]
    assert low[1] - low[0]


def share_free(volume):
    return volume["freeSpace"] / volume["capacity"] if "capacity" in volume else 1.0


def test_drives_are_replaced_by_larger_ones(month):
    before, after = (by(rows["disks"], "deviceId", "name") for rows in month)
    larger = [
        key
        for key in before.keys() & after.keys()
        if before[key][0]["size"] < after[key][0]["size"]
        and before[key][0].get("serialNumber") != after[key][0].get("serialNumber")
    ]
    assert larger


def test_protection_is_lost_and_mended(month):
    before, after = (by(rows["antivirus_status"], "deviceId", "productName") for rows in month)
    pairs = [(before[key][0], after[key][0]) for key in before.keys() & after.keys()]

    assert any(old["productState"] == "ON" != new["productState"] for old, new in pairs)
    assert any(old["definitionStatus"] != new["definitionStatus"] for old, new in pairs)
    bitlocker = [by(rows["volumes"], "deviceId", "name") for rows in month]
    states = [
        {
            key: rows[0].get("bitLockerStatus", {}).get("protectionStatus")
            for key, rows in one.items()
        }
        for one in bitlocker
    ]
    assert any(
        state == "PROTECTED" and states[1].get(key) == "UNPROTECTED"
        for key, state in states[0].items()
    )


def test_alerts_are_raised_and_cleared_in_the_log_too(month):
    before, after = ({row["uid"] for row in rows["alerts"]} for rows in month)
    log = by(month[1]["activities"], "seriesUid", "statusCode")
    there = {row["id"] for row in month[1]["devices"]}
    homes = {row["uid"]: row["deviceId"] for row in month[0]["alerts"]}

    assert before - after
    assert after - before
    assert all(log[uid, "TRIGGERED"] for uid in after - before)
    assert all(log[uid, "RESET"] for uid in before - after if homes[uid] in there)


def test_backups_run_each_night(month):
    nights = Counter(row["jobStartTime"] // DAY for row in month[1]["backup_jobs"])
    usual = sorted(nights.values())[len(nights) // 2]

    assert len(nights) >= 30
    assert usual > 10
    assert sum(count > usual / 2 for count in nights.values()) >= 29


def test_custom_fields_are_written(month):
    before, after = (one_by(rows["custom_fields_detailed"], "entityId") for rows in month)
    written = [
        field
        for device in before.keys() & after.keys()
        for field in after[device]["fields"]
        if field["updatedBy"]["source"] == "USER" and field["updateTime"] > NOW.timestamp()
    ]
    assert len(written) >= 5


def test_a_new_device_has_rows_as_any_other(month):
    new = {row["id"] for row in month[1]["devices"]} - {row["id"] for row in month[0]["devices"]}
    for table in (
        "software",
        "volumes",
        "disks",
        "operating_systems",
        "device_health",
        "os_patches",
    ):
        assert new & {row["deviceId"] for row in month[1][table]}, table


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


def test_moving_on_is_quick(fresh_sandbox):
    sandbox = fresh_sandbox(devices=400, seed=42, now=AT_NOW)
    begun = time.perf_counter()
    sandbox.advance(days=30)

    assert time.perf_counter() - begun < 5  # a machine that does other things may be slow
