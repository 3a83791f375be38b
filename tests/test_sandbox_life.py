"""The fleet lives on while the sandbox moves on: every kind of change in 400 devices and a month."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict

import pytest

from ninja_analytics.sandbox import Sandbox

AT_NOW = "2026-11-23T17:00:00Z"
NOW = dt.datetime.fromisoformat(AT_NOW).timestamp()
DAY = 86_400
PARAMETERS = {"volumes": {"include": "bl"}, "activities": {"after": AT_NOW}}
SEEN = (
    "devices", "organizations", "locations", "activities", "alerts", "os_patches",
    "os_patch_installs", "software", "software_patches", "software_patch_installs", "volumes",
    "disks", "computer_systems", "operating_systems", "antivirus_status", "backup_jobs",
    "integrity_check_jobs", "custom_fields_detailed", "device_health",
)  # fmt: skip


def seen(sandbox):
    return {name: sandbox.truth(name, **PARAMETERS.get(name, {})) for name in SEEN}


@pytest.fixture(scope="module")
def month():
    """What a fleet of 400 was and is after 30 days: (before, after)."""
    with Sandbox(devices=400, seed=23, now=AT_NOW) as sandbox:
        before = seen(sandbox)
        sandbox.advance(days=30)
        return before, seen(sandbox)


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


def test_devices_come_and_go_and_say_so_in_the_log(month):
    before, after = ({row["id"] for row in rows["devices"]} for rows in month)
    new = {row["id"] for row in month[1]["devices"] if row["created"] > NOW}
    log = by(month[1]["activities"], "statusCode")
    logged = {
        code: {row.get("deviceId") for row in log[code,]}
        for code in ("NODE_CREATED", "NODE_DELETED")
    }

    assert len(new) >= 5
    assert len(before - after) >= 5
    assert min(new) > max(before)
    assert new <= logged["NODE_CREATED"]
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
        if field["updatedBy"]["source"] == "USER" and field["updateTime"] > NOW
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
