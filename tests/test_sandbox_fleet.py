"""The sandbox's fleet: the same for the same seed, consistent in itself, and as dirty as real data."""

from __future__ import annotations

import calendar
import statistics
import time
from collections import Counter, defaultdict
from pathlib import Path

import psutil
import pytest

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker, parts_of

DAY = 86_400
NOW = 1_795_453_200.0  # 2026-11-23 17:00 UTC
AT_NOW = "2026-11-23T17:00:00Z"


@pytest.fixture(scope="module")
def town():
    """A sandbox large enough for shares to mean something."""
    with Sandbox(devices=700, seed=11, now=AT_NOW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def village():
    """A sandbox whose whole activity log can be read."""
    with Sandbox(devices=50, seed=11, now=AT_NOW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def devices(town):
    return town.truth("devices")


@pytest.fixture(scope="module")
def patches(town):
    return town.truth("os_patches")


@pytest.fixture(scope="module")
def installs(town):
    return town.truth("os_patch_installs")


# the same again


def test_the_same_seed_and_time_give_the_same_bytes(fresh_sandbox):
    settings = {"devices": 25, "seed": 3, "now": AT_NOW}
    pages = []
    for _ in range(2):
        ask = Asker(fresh_sandbox(**settings))
        pages.append([ask.table(name).content for name in catalog.TABLES])

    assert pages[0] == pages[1]


def test_another_seed_gives_another_fleet(fresh_sandbox):
    one, other = (fresh_sandbox(devices=25, seed=seed, now=AT_NOW) for seed in (3, 4))

    for table in ("organizations", "devices", "software", "activities"):
        assert one.truth(table) != other.truth(table)


def test_a_table_can_be_asked_for_twice_and_says_the_same(town):
    assert town.truth("device_health") == town.truth("device_health")


@pytest.mark.parametrize("devices", [0, 1, 2, 9, 30])
def test_small_fleets_have_as_many_devices_as_asked_for(fresh_sandbox, devices):
    sandbox = fresh_sandbox(devices=devices, now=AT_NOW)

    for name, table in catalog.TABLES.items():
        if table.per:
            if set(table.per) & {"role_id", "group_id"}:
                continue  # those are the same in every fleet
            assert sandbox.truth(name, **dict.fromkeys(table.per, 1)) == []
            continue
        rows = sandbox.truth(name)
        if name in ("devices", "devices_detailed", "backup_usage"):
            assert len(rows) == devices


# what it looks like


def test_organizations_are_of_very_different_size(town, devices):
    counts = Counter(row["organizationId"] for row in devices)
    sizes = sorted(counts.get(row["id"], 0) for row in town.truth("organizations"))

    assert sizes[0] == 0
    assert sum(1 <= size <= 4 for size in sizes) >= 3
    assert sizes[-1] > 150


def test_every_device_points_to_places_roles_and_policies_that_exist(town, devices):
    places = {row["id"]: row["organizationId"] for row in town.truth("locations")}
    roles = {row["id"]: row["nodeClass"] for row in town.truth("roles")}
    policies = {row["id"] for row in town.truth("policies")}

    for row in devices:
        assert places[row["locationId"]] == row["organizationId"]
        assert roles[row["nodeRoleId"]] == row["nodeClass"]
        assert {row["rolePolicyId"], row.get("policyId", row["rolePolicyId"])} <= policies
    assert any("policyId" in row for row in devices)


def test_ids_ascend_with_gaps(devices):
    ids = [row["id"] for row in devices]

    assert ids == sorted(set(ids))
    assert ids[-1] - ids[0] >= len(ids)


def test_there_are_servers_laptops_macs_linux_hosts_and_switches(devices):
    classes = Counter(row["nodeClass"] for row in devices)

    expected = {"WINDOWS_SERVER", "MAC", "LINUX_SERVER", "VMWARE_VM_HOST", "NMS_SWITCH"}
    assert expected <= set(classes)
    assert classes.most_common(1)[0][0] == "WINDOWS_WORKSTATION"
    assert set(classes) <= set(catalog.NODE_CLASSES)


def test_some_devices_are_stale_and_nobody_is_ahead_of_now(devices):
    silent = [NOW - row["lastContact"] for row in devices]

    assert min(silent) >= 0
    assert 0.02 < sum(age > 30 * DAY for age in silent) / len(silent) < 0.12
    assert all(row["created"] <= row["lastContact"] for row in devices)
    assert all(row["offline"] or NOW - row["lastContact"] < 600 for row in devices)


def test_builds_are_written_in_both_ways(town):
    builds = {row["buildNumber"] for row in town.truth("operating_systems")}

    assert {"19045", "10.0.19045", "10.0.26100", "26200"} <= builds


def test_warranty_comes_only_when_it_is_asked_for(town):
    plain, expanded = town.truth("devices"), town.truth("devices", expand="warranty")

    assert not any("references" in row for row in plain)
    ends = [row["references"]["warranty"]["endDate"] for row in expanded if "references" in row]
    assert len(ends) > len(plain) / 2
    assert 0 in ends


def test_bitlocker_comes_only_when_it_is_asked_for(town):
    assert not any("bitLockerStatus" in row for row in town.truth("volumes"))
    states = Counter(
        row["bitLockerStatus"]["protectionStatus"]
        for row in town.truth("volumes", include="bl")
        if "bitLockerStatus" in row
    )
    assert states["PROTECTED"] > 50
    assert states["UNPROTECTED"] > 50


def test_no_field_is_null_and_the_common_ones_are_mostly_missing(town, devices):
    rowed = (name for name, table in catalog.TABLES.items() if table.answer != "values")
    for table in rowed:
        parameters = parts_of(town, catalog.TABLES[table])
        parameters |= {"after": str(NOW - 2 * DAY)} if table == "activities" else {}
        assert not any(None in row.values() for row in town.truth(table, **parameters)), table
    assert sum("displayName" in row for row in devices) < len(devices) / 4


def test_servers_often_have_no_antivirus_and_others_several(town, devices):
    classes = {row["id"]: row["nodeClass"] for row in devices}
    products = Counter(row["deviceId"] for row in town.truth("antivirus_status"))
    servers = [i for i, name in classes.items() if name == "WINDOWS_SERVER"]

    assert sum(products[i] == 0 for i in servers) > len(servers) / 2
    assert max(products.values()) >= 3


def test_hidden_and_empty_volumes_are_there(town):
    rows = town.truth("volumes")

    assert any(row.get("label") == "Recovery" and "driveLetter" not in row for row in rows)
    assert any("capacity" not in row for row in rows)
    assert all(0 <= row["freeSpace"] <= row["capacity"] for row in rows if "capacity" in row)


# software


def test_a_device_has_about_a_hundred_programs(town, devices):
    counts = Counter(row["deviceId"] for row in town.truth("software"))

    assert 90 < statistics.fmean(counts[row["id"]] for row in devices) < 110


def test_versions_spread_and_nothing_is_installed_after_it_was_reported(town):
    versions = defaultdict(set)
    dated = 0
    for row in town.truth("software"):
        versions[row["name"]].add(row["version"])
        if "installDate" in row:
            dated += 1
            day = calendar.timegm(time.strptime(row["installDate"], "%Y-%m-%d"))
            assert day <= row["timestamp"]

    assert len(versions["Google Chrome"]) >= 5
    assert dated > 10_000


# patches


def test_most_of_what_waits_are_drivers(patches):
    waiting = [row for row in patches if row.get("status") in ("MANUAL", "APPROVED")]
    drivers = sum(row["type"] == "DRIVER_UPDATES" for row in waiting)

    assert 0.6 < drivers / len(waiting) < 0.82


def test_the_words_of_patches_are_mixed(patches, installs):
    severities = {row["severity"] for row in [*patches, *installs]}
    vague = sum(row["type"] in ("UNKNOWN", "UNSPECIFIED") for row in [*patches, *installs])

    assert {"CRITICAL", "critical", "OPTIONAL", "optional"} <= severities
    assert 0.72 < vague / (len(patches) + len(installs)) < 0.86
    assert {"MANUAL", "APPROVED", "REJECTED", "FAILED"} <= {row.get("status") for row in patches}
    assert not any(row.get("status") == "PENDING" for row in patches)
    assert any("status" not in row for row in patches)


def test_one_installation_in_eighty_has_no_time_and_the_first_is_from_2010(installs):
    done = [row for row in installs if row["status"] == "INSTALLED"]
    missing = sum("installedAt" not in row for row in done) / len(done)
    times = [row["installedAt"] for row in installs if "installedAt" in row]

    assert 0.008 < missing < 0.016
    assert 1_262_304_000 < min(times) < 1_293_840_000
    assert max(times) <= NOW


def test_a_patch_has_the_same_id_on_every_device(patches):
    ids = defaultdict(set)
    for row in patches:
        ids[row["name"]].add(row["id"])

    assert all(len(found) == 1 for found in ids.values())
    assert len(ids) < len({(row["deviceId"], row["id"]) for row in patches}) == len(patches)


def test_defender_definitions_are_among_the_installations(installs):
    assert any(row.get("kbNumber") == "KB2267602" for row in installs)


# consistency


def test_the_counts_of_health_add_up(town, patches):
    alerts = Counter(row["deviceId"] for row in town.truth("alerts"))
    waiting = Counter(r["deviceId"] for r in patches if r.get("status") in ("MANUAL", "APPROVED"))
    failed = Counter(row["deviceId"] for row in patches if row.get("status") == "FAILED")

    health = town.truth("device_health")
    assert sum(row["alertCount"] for row in health) == sum(alerts.values()) > 20
    for row in health:
        device = row["deviceId"]
        assert row["alertCount"] == alerts[device]
        assert row["pendingOSPatchesCount"] == waiting[device]
        assert row["failedOSPatchesCount"] == failed[device]


def test_health_and_the_list_of_devices_agree_on_who_is_offline(town, devices):
    offline = {row["id"]: row["offline"] for row in devices}

    assert {row["deviceId"]: row["offline"] for row in town.truth("device_health")} == offline


def test_health_follows_from_alerts_threats_and_failed_patches(town):
    alarmed = {
        row["deviceId"]
        for row in town.truth("alerts")
        if row["conditionHealthStatus"] == "UNHEALTHY"
    }
    states = {row["deviceId"]: row for row in town.truth("device_health")}

    assert alarmed
    assert all(states[device]["healthStatus"] == "UNHEALTHY" for device in alarmed)
    for row in states.values():
        calm = not (row["alertCount"] or row["activeThreatsCount"] or row["failedOSPatchesCount"])
        assert (row["healthStatus"] in ("HEALTHY", "UNKNOWN")) or not calm


def test_every_active_alert_has_its_activity(town):
    series = {
        row["seriesUid"]: row
        for row in town.truth("activities", type="CONDITION", status="TRIGGERED")
    }

    recent = [row for row in town.truth("alerts") if NOW - row["createTime"] < 90 * DAY]
    assert len(recent) > 20
    for alert in recent:
        activity = series[alert["uid"]]
        assert activity["deviceId"] == alert["deviceId"]
        assert activity["activityTime"] == alert["createTime"]


def test_activities_cover_ninety_days_and_lie_in_the_life_of_their_device(village):
    lives = {row["id"]: (row["created"], row["lastContact"]) for row in village.truth("devices")}
    times = []
    for row in village.truth("activities"):
        times.append(row["activityTime"])
        if row.get("deviceId") in lives and not row.get("seriesUid"):
            first, last = lives[row["deviceId"]]
            assert first <= row["activityTime"] <= last + 700

    assert max(times) <= NOW
    assert 89 * DAY < NOW - min(times) <= 90 * DAY


def test_what_was_removed_is_in_queries_and_activities_but_not_in_the_list(village):
    listed = {row["id"] for row in village.truth("devices_detailed")}
    assert listed == {row["id"] for row in village.truth("devices")}
    pending = {row["id"] for row in Asker(village).rows("devices", df="status = PENDING")}

    for table in ("software", "volumes", "os_patch_installs", "activities"):
        seen = {row["deviceId"] for row in village.truth(table) if "deviceId" in row}
        assert seen - listed - pending, table


# size


@pytest.mark.slow
def test_fifty_thousand_devices_are_there_at_once_and_their_software_is_not_held(fresh_sandbox):
    sandbox = fresh_sandbox(devices=50_000)
    server = psutil.Process(sandbox._process.pid)
    # seconds of computing, which other programs on the machine cannot stretch
    assert sum(server.cpu_times()[:2]) < 10

    ask = Asker(sandbox)
    rows = 0
    for envelope in ask.envelopes("software", pageSize=10_000):
        rows += len(envelope["results"])
        if rows >= 200_000:
            break
    assert ask.table("devices", pageSize=1000, after=envelope["results"][-1]["deviceId"]).json()
    status = Path(f"/proc/{sandbox._process.pid}/status")
    if status.exists():
        peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) < 400_000  # kB; a million rows alone would be 250,000
