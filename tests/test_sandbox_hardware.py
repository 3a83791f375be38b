"""What the sandbox tells of its devices in many tables agrees, and is as dirty as real data."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter, defaultdict

import pytest

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker

DAY = 86_400
NOW = "2026-11-23T17:00:00Z"
PLACE = {"deviceId", "timestamp"}
OF_QUERY = {
    name: name.removeprefix("device_")
    for name, table in catalog.TABLES.items()
    if table.per == ("device_id",)
    and table.answer == "rows"
    and name.removeprefix("device_") in catalog.TABLES
}


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=500, seed=14, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.fixture(scope="module")
def rows(town):
    """The rows of a table, asked for once."""
    return functools.cache(town.truth)


@pytest.fixture(scope="module")
def by_device(rows):
    """The rows of a table, by the id of their device."""

    @functools.cache
    def grouped(table):
        found = defaultdict(list)
        for row in rows(table):
            found[row["deviceId"]].append(row)
        return found

    return grouped


@pytest.fixture(scope="module")
def detailed(rows):
    return {row["id"]: row for row in rows("devices_detailed")}


def bare(row):
    return {name: value for name, value in row.items() if name not in PLACE}


# hardware


@pytest.mark.parametrize(
    ("table", "field"), [("computer_systems", "system"), ("operating_systems", "os")]
)
def test_a_query_says_of_a_device_what_its_row_says(by_device, detailed, table, field):
    found = {device: [bare(row) for row in part] for device, part in by_device(table).items()}

    told = {device: [row[field]] for device, row in detailed.items() if field in row}
    assert told
    assert {device: found[device] for device in told} == told


@pytest.mark.parametrize("table", ["processors", "volumes"])
def test_a_query_says_of_a_devices_parts_what_its_row_says(by_device, detailed, table):
    for device, row in detailed.items():
        assert [bare(part) for part in by_device(table)[device]] == row.get(table, [])


def test_a_device_has_a_row_per_processor_socket(by_device, rows):
    for system in rows("computer_systems"):
        assert len(by_device("processors")[system["deviceId"]]) == system["numberOfProcessors"]
    assert {system["numberOfProcessors"] for system in rows("computer_systems")} == {1, 2}


def test_volumes_fit_on_the_drives_of_their_device(by_device, detailed):
    for device, volumes in by_device("volumes").items():
        held = [one["capacity"] for one in volumes if "capacity" in one]
        shared = detailed.get(device, {}).get("nodeClass") == "MAC"  # one container
        drives = by_device("disks")[device]
        if device in detailed:
            assert (max(held) if shared else sum(held)) <= sum(one["size"] for one in drives)
            assert len(held) == sum(one["partitionCount"] for one in drives)


def test_some_drives_are_about_to_fail_and_words_for_their_kind_are_mixed(rows):
    disks = rows("disks")

    assert any(one["status"] == "Pred Fail" for one in disks)
    assert {"SSD", "HDD", "Fixed hard disk media", "Unspecified"} <= {d["mediaType"] for d in disks}
    assert any("serialNumber" not in one for one in disks)
    assert any(one["interfaceType"] == "USB" for one in disks)


def test_raid_controllers_know_their_drives_and_how_they_are(by_device, rows):
    states = set()
    for controller in rows("raid_controllers"):
        device = controller["deviceId"]
        drives = by_device("raid_drives")[device]
        fixed = [one for one in by_device("disks")[device] if one["interfaceType"] != "USB"]
        failed = any(drive["status"] == "Failed" for drive in drives)
        states.add(controller["systemHealthStatus"])

        assert controller["physicalDriveCount"] == len(drives)
        assert controller["virtualDriveCount"] == len(fixed)
        assert len({drive["driveGroup"] for drive in drives if "driveGroup" in drive}) == len(fixed)
        assert failed == (controller["systemHealthStatus"] == "Degraded")
    assert {"Optimal", "Degraded"} <= states
    assert set(by_device("raid_drives")) == set(by_device("raid_controllers"))


def test_only_physical_servers_have_raid_controllers(rows):
    systems = {row["deviceId"]: row for row in rows("computer_systems")}

    assert all(not systems[row["deviceId"]]["virtualMachine"] for row in rows("raid_controllers"))


def test_interfaces_have_the_addresses_of_their_device(by_device, detailed):
    for device, interfaces in by_device("network_interfaces").items():
        if device not in detailed:
            continue
        addresses = [a for one in interfaces for a in one.get("ipAddress", ())]
        outside = [a for a in addresses if ":" not in a and not a.startswith("127.")]
        hardware = [a for one in interfaces for a in one.get("macAddress", ())]
        indexes = [one["interfaceIndex"] for one in interfaces]

        assert outside == detailed[device]["ipAddresses"]
        assert hardware == detailed[device]["macAddresses"]
        assert len(set(indexes)) == len(indexes)


def test_who_signed_in_last_is_the_same_everywhere(by_device, detailed):
    users = {device: part[0]["userName"] for device, part in by_device("logged_on_users").items()}

    told = {i: row["lastLoggedInUser"] for i, row in detailed.items() if "lastLoggedInUser" in row}
    assert {device: users[device] for device in told} == told
    times = {i: part[0].get("logonTime") for i, part in by_device("logged_on_users").items()}
    assert {None, 0} <= set(times.values())
    assert all((times[device] or 0) <= detailed[device]["lastContact"] for device in told)


# health, jobs, threats, services


def test_health_counts_the_jobs_threats_and_software_patches_that_are_there(rows, by_device):
    totals = Counter()
    for health in rows("device_health"):
        device = health["deviceId"]
        states = Counter(row["status"].upper() for row in by_device("antivirus_threats")[device])
        patches = Counter(row.get("status") for row in by_device("software_patches")[device])
        found = {
            "activeJobCount": len(by_device("jobs")[device]),
            "activeThreatsCount": states["ACTIVE"],
            "quarantinedThreatsCount": states["QUARANTINED"],
            "blockedThreatsCount": states["BLOCKED"],
            "pendingSoftwarePatchesCount": patches["MANUAL"] + patches["APPROVED"],
            "failedSoftwarePatchesCount": patches["FAILED"],
        }
        totals.update(found)
        assert {name: health[name] for name in found} == found
    assert min(totals.values()) > 0


def test_the_print_spooler_is_stopped_where_an_alert_says_so(by_device, rows):
    alarmed = {row["deviceId"] for row in rows("alerts") if "Print Spooler" in row["message"]}
    services = by_device("windows_services")

    states = {device: {s["name"]: s["state"] for s in services[device]} for device in alarmed}
    assert states
    assert {state["Spooler"] for state in states.values()} == {"STOPPED"}
    assert sum(row["name"] == "Spooler" and row["state"] == "RUNNING" for row in rows("windows_services")) > 300  # fmt: skip


def test_defender_runs_where_it_is_the_antivirus_that_is_on(by_device, rows):
    defender = {
        row["deviceId"]: row["productState"]
        for row in rows("antivirus_status")
        if row["productName"] == "Microsoft Defender Antivirus"
    }
    for device, services in by_device("windows_services").items():
        state = next(one["state"] for one in services if one["name"] == "WinDefend")
        if device in defender:
            assert (state == "RUNNING") == (defender[device] == "ON")


def test_a_service_of_a_program_is_there_where_the_program_is(by_device, rows):
    having = {row["deviceId"] for row in rows("software") if row["name"] == "NinjaRMMAgent"}
    serving = {
        row["deviceId"] for row in rows("windows_services") if row["name"] == "NinjaRMMAgent"
    }

    assert serving == having & set(by_device("windows_services"))
    assert serving


# software patches


@pytest.fixture(scope="module")
def programs(by_device):
    """The titles of the programs of each device, with the day of installation."""
    return {
        device: {f"{row['name']} {row['version']}": row.get("installDate") for row in part}
        for device, part in by_device("software").items()
    }


def test_an_open_software_patch_is_for_a_program_that_is_outdated(rows, programs):
    names = {device: {t.rsplit(" ", 1)[0] for t in titles} for device, titles in programs.items()}

    for patch in rows("software_patches"):
        device, title = patch["deviceId"], patch["title"]
        assert title not in programs[device]
        assert any(title.startswith(name) for name in names[device])


def test_an_installed_version_was_installed_on_the_day_that_the_program_tells(rows, programs):
    seen = 0
    for patch in rows("software_patch_installs"):
        day = programs[patch["deviceId"]].get(patch["title"])
        if day and patch["status"] == "INSTALLED":
            moment = dt.datetime.fromtimestamp(patch["installedAt"], dt.UTC)
            assert moment.strftime("%Y-%m-%d") == day
            seen += 1
    assert seen > 500


def test_the_words_of_software_patches_are_mixed_and_some_attempts_failed(rows):
    patches = [*rows("software_patches"), *rows("software_patch_installs")]
    states = Counter(row.get("status") for row in patches)

    assert {"CRITICAL", "critical", "OPTIONAL"} <= {row["impact"] for row in patches}
    assert {"MANUAL", "APPROVED", "REJECTED", "FAILED", "INSTALLED"} <= set(states)
    assert 0.02 < states["FAILED"] / states["INSTALLED"] < 0.07
    ids = {row["id"]: row["title"] for row in patches}
    assert len(set(ids.values())) == len(ids) < len(patches) / 10


# by id


@pytest.mark.parametrize("table", OF_QUERY)
def test_a_device_asked_by_its_id_has_the_rows_of_the_query(ask, by_device, table):
    if table == "device_activities":
        asked = ask.rows("activities", after="2026-11-20")
        device = next(row["deviceId"] for row in asked if "deviceId" in row)
        expected = [row for row in asked if row.get("deviceId") == device]
        found = ask.table(table, device_id=device, pageSize=1000).json()["activities"]
        assert found[: len(expected)] == expected
        return
    listed = {row["id"] for row in ask.rows("devices")}
    device = next(one for one in by_device(OF_QUERY[table]) if one in listed)
    expected = by_device(OF_QUERY[table])[device]
    answer = ask.table(table, device_id=device).json()

    if table not in ("device_alerts", "device_jobs"):
        expected = [bare(row) for row in expected]
    assert answer == expected


def test_a_device_has_one_last_user_and_one_list_of_overrides(ask, by_device, detailed):
    users, overrides = by_device("logged_on_users"), by_device("policy_overrides")
    for device in list(detailed)[:25]:
        user = ask.table("device_last_logged_on_user", device_id=device).json()
        sections = ask.table("device_policy_overrides", device_id=device).json()

        assert user == (bare(users[device][0]) if users[device] else {})
        assert sections == (bare(overrides[device][0]) if overrides[device] else {"overrides": []})


@pytest.mark.parametrize(
    "table",
    # what an entity has may be nothing, whether there is such an entity or not
    [name for name, t in catalog.TABLES.items() if t.per and "of_entity_id" not in t.per],
)
@pytest.mark.parametrize("number", ["2000000001", "0", "99999999", "no-number"])
def test_an_id_of_nothing_is_not_found(ask, table, number):
    parts = dict.fromkeys(catalog.TABLES[table].per, number)
    answer = ask.table(table, **parts)

    assert answer.status_code == 404
    assert answer.json()["resultCode"] == "NOT_FOUND"


def test_a_removed_device_is_in_queries_and_not_found_by_its_id(ask, by_device, detailed):
    removed = set(by_device("disks")) - set(detailed)

    assert removed
    for device in removed:
        assert ask.table("device_disks", device_id=device).status_code == 404
        assert by_device("windows_services").get(device) or by_device("computer_systems")[device]


# parameters


@pytest.mark.parametrize(
    ("table", "parameter", "field"),
    [
        ("windows_services", "state", "state"), ("windows_services", "name", "name"),
        ("software_patches", "impact", "impact"), ("software_patches", "type", "type"),
        ("software_patches", "productIdentifier", "productIdentifier"),
        ("software_patch_installs", "status", "status"), ("jobs", "jobType", "jobType"),
    ],
)  # fmt: skip
def test_a_parameter_lets_only_those_rows_pass_that_have_the_word(
    town, rows, table, parameter, field
):
    word = rows(table)[0][field]
    found = town.truth(table, **{parameter: word})

    assert found == [row for row in rows(table) if row[field].upper() == word.upper()]
    assert 0 < len(found) < len(rows(table))


@pytest.mark.parametrize(
    "table", ["disks", "processors", "computer_systems", "raid_drives", "software_patches"]
)
def test_rows_can_be_asked_for_since_a_time_of_collection(town, rows, table):
    since = sorted(row["timestamp"] for row in rows(table))[len(rows(table)) // 2]
    found = town.truth(table, ts=since)

    assert found == [row for row in rows(table) if row["timestamp"] >= since]


@pytest.mark.parametrize("table", ["software_patch_installs", "device_software_patch_installs"])
def test_attempts_can_be_asked_for_in_a_window(ask, town, by_device, table):
    part = max(by_device("software_patch_installs").values(), key=len)
    low, high = part[2]["installedAt"], part[-2]["installedAt"]
    asked = {"installedAfter": low, "installedBefore": high}
    asked |= {"device_id": part[0]["deviceId"]} if table.startswith("device_") else {}
    times = [row["installedAt"] for row in town.truth(table, **asked)]

    assert len(times) >= 2
    assert all(low <= at < high for at in times)


@pytest.mark.parametrize("counts", [False, True])
def test_software_patches_pass_over_the_class_in_a_filter_as_os_patches_do(fresh_sandbox, counts):
    sandbox = fresh_sandbox(devices=60, now=NOW, class_in_patch_filter=counts)
    classes = {row["id"]: row["nodeClass"] for row in sandbox.truth("devices")}
    found = sandbox.truth("software_patch_installs", df="class = MAC")

    assert ({classes.get(row["deviceId"], "MAC") for row in found} == {"MAC"}) == counts


# rows


@pytest.mark.parametrize(
    "table",
    [n for n, t in catalog.TABLES.items() if t.rows_per_device and not t.per and n != "activities"],
)
def test_a_device_has_about_as_many_rows_as_the_catalogue_says(rows, table):
    found = len(rows(table)) / len(rows("devices"))

    assert 0.4 < found / catalog.TABLES[table].rows_per_device < 2.5
