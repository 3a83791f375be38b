"""The device filter as the sandbox's server understands it, asked over HTTP."""

from __future__ import annotations

import pytest

from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=300, seed=5, now="2026-11-23T17:00:00Z") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.fixture(scope="module")
def devices(town):
    return town.truth("devices")


def ids(rows):
    return [row["id"] for row in rows]


ORG, OTHER, LOC, ID = "{org}", "{other}", "{loc}", "{id}"
SERVER, WORKSTATION = "WINDOWS_SERVER", "WINDOWS_WORKSTATION"
MEANINGS = {
    f"org = {ORG}": lambda row, p: row["organizationId"] == p["org"],
    f"organization eq {ORG}": lambda row, p: row["organizationId"] == p["org"],
    f"org!={ORG}": lambda row, p: row["organizationId"] != p["org"],
    f"org <> {ORG}": lambda row, p: row["organizationId"] != p["org"],
    f"org neq {ORG}": lambda row, p: row["organizationId"] != p["org"],
    f"org in ({ORG}, {OTHER})": lambda row, p: row["organizationId"] in (p["org"], p["other"]),
    f"org in({ORG},{OTHER})": lambda row, p: row["organizationId"] in (p["org"], p["other"]),
    f"org notin ({ORG})": lambda row, p: row["organizationId"] != p["org"],
    f"org nin ({ORG})": lambda row, p: row["organizationId"] != p["org"],
    f"org !in ({ORG})": lambda row, p: row["organizationId"] != p["org"],
    f"loc = {LOC}": lambda row, p: row["locationId"] == p["loc"],
    f"location = {LOC}": lambda row, p: row["locationId"] == p["loc"],
    f"id = {ID}": lambda row, p: row["id"] == p["id"],
    "role in (1, 14)": lambda row, p: row["nodeRoleId"] in (1, 14),
    "class=WINDOWS_SERVER": lambda row, p: row["nodeClass"] == SERVER,
    "class in (MAC, LINUX_SERVER)": lambda row, p: row["nodeClass"] in ("MAC", "LINUX_SERVER"),
    "online": lambda row, p: not row["offline"],
    "OFFLINE": lambda row, p: row["offline"],
    "status eq APPROVED": lambda row, p: row["approvalStatus"] == "APPROVED",
    "group 1": lambda row, p: row["nodeClass"] == SERVER,
    "created after 2025-01-01": lambda row, p: row["created"] > 1_735_689_600,
    "created > 20250101": lambda row, p: row["created"] > 1_735_689_600,
    "created before 2025-01-01T00:00:00.000Z": lambda row, p: row["created"] < 1_735_689_600,
    f"org = {ORG} AND class = WINDOWS_WORKSTATION": lambda row, p: (
        row["organizationId"] == p["org"] and row["nodeClass"] == WORKSTATION
    ),
    f"org={ORG} && offline and class={WORKSTATION}": lambda row, p: (
        row["organizationId"] == p["org"] and row["offline"] and row["nodeClass"] == WORKSTATION
    ),
}


@pytest.mark.parametrize("text", MEANINGS)
def test_a_filter_lets_pass_what_it_says(ask, devices, text):
    largest = max(devices, key=lambda row: ids_of_home(devices, row))
    smallest = min(devices, key=lambda row: ids_of_home(devices, row))
    places = {
        "org": largest["organizationId"],
        "other": smallest["organizationId"],
        "loc": largest["locationId"],
        "id": largest["id"],
    }
    expected = [row["id"] for row in devices if MEANINGS[text](row, places)]

    assert expected, "a filter that nothing passes shows nothing"
    assert ids(ask.rows("devices", df=text.format(**places))) == expected
    if not text.startswith("status"):
        assert len(expected) < len(devices)


def ids_of_home(devices, row):
    return sum(other["organizationId"] == row["organizationId"] for other in devices)


def test_pending_devices_are_hidden_until_they_are_asked_for(ask, devices):
    pending = ask.rows("devices", df="status = PENDING")

    assert pending
    assert {row["approvalStatus"] for row in pending} == {"PENDING"}
    assert not set(ids(pending)) & set(ids(devices))
    both = ask.rows("devices", df="status in (PENDING, APPROVED)")
    assert len(both) == len(pending) + len(devices)


@pytest.mark.parametrize(
    "table",
    ["software", "volumes", "operating_systems", "antivirus_status", "os_patches", "alerts"],
)
def test_queries_and_alerts_take_the_filter_too(ask, devices, table):
    home = max(devices, key=lambda row: ids_of_home(devices, row))["organizationId"]
    members = {row["id"] for row in devices if row["organizationId"] == home}

    some = {row["deviceId"] for row in ask.rows(table, df=f"org = {home} AND status = APPROVED")}
    rest = {row["deviceId"] for row in ask.rows(table, df=f"org != {home}")}

    assert some
    assert rest
    assert some <= members
    assert not rest & members


def test_activities_of_some_devices_leave_out_the_tenants_own(ask):
    rows = ask.rows("activities", df="class = MAC", after="2026-11-16")

    macs = {row["id"] for row in ask.rows("devices", df="class = MAC")}
    assert len(rows) > 10
    assert {row.get("deviceId") for row in rows} <= macs | orphans(ask)


def orphans(ask):
    listed = {row["id"] for row in ask.rows("devices", df="status in (PENDING, APPROVED)")}
    return {row["deviceId"] for row in ask.rows("operating_systems")} - listed


@pytest.mark.parametrize(
    "text",
    [
        "deviceId = 5", "organizationId = 1", "nonsense", "org = 1 OR org = 2", "(org = 1)",
        "org in 1", "org = x", "class > 3", "created = soon", "id in (1,,2)", "org = 1 AND", "",
        "status = RETIRED", "online = 1", "org = ١",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_understood_breaks_the_query(ask, text):
    for table in ("operating_systems", "devices", "activities", "alerts"):
        answer = ask.table(table, df=text)
        assert answer.status_code == 500
        assert answer.json()["resultCode"] == "FAILURE"


def test_an_instance_may_pass_over_unknown_names_instead(fresh_sandbox):
    sandbox = fresh_sandbox(devices=40, unknown_filter="ignore")
    ask = Asker(sandbox)

    assert len(ask.rows("devices", df="deviceId = 5")) == 40
    servers = ask.rows("devices", df="deviceId = 5 AND class = WINDOWS_SERVER")
    assert 0 < len(servers) < 40


def test_patch_queries_pass_over_the_class_unless_told_otherwise(fresh_sandbox):
    sandbox = fresh_sandbox(devices=60, seed=5)
    ask = Asker(sandbox)
    servers = {row["id"] for row in ask.rows("devices", df="class = WINDOWS_SERVER")}

    def seen(table):
        rows = ask.rows(table, df="class = WINDOWS_SERVER AND status = APPROVED")
        return {row["deviceId"] for row in rows}

    assert seen("volumes") <= servers
    assert not seen("os_patch_installs") <= servers
    sandbox.switch(class_in_patch_filter=True)
    assert seen("os_patch_installs") <= servers
