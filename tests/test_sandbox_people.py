"""The sandbox's people, groups and scripts: what tables say of them agrees, and is as untidy as real."""

from __future__ import annotations

from collections import Counter

import pytest

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker

NEW = (
    "organizations_detailed", "organization_devices", "organization_locations",
    "organization_end_users", "groups", "group_device_ids", "node_roles", "users", "technicians",
    "end_users", "contacts", "user_roles", "tasks", "automation_scripts", "software_products",
    "notification_channels", "notification_channels_enabled", "policy_custom_field_conditions",
    "policy_windows_event_conditions",
)  # fmt: skip


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=400, seed=11, now="2026-11-23T17:00:00Z") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.fixture(scope="module")
def users(town):
    return {row["id"]: row for row in town.truth("users", includeRoles="true")}


@pytest.fixture(scope="module")
def devices(town):
    return {row["id"]: row for row in town.truth("devices")}


# people


def test_the_owner_of_a_device_is_an_end_user_of_its_organization(users, devices):
    by_uid = {row["uid"]: row for row in users.values()}
    owned = {row["id"]: row for row in devices.values() if "assignedOwnerUid" in row}

    assert len(owned) > len(devices) / 10
    for number, device in owned.items():
        owner = by_uid[device["assignedOwnerUid"]]
        assert owner["organizationId"] == device["organizationId"]
        assert number in owner["assignedDeviceIds"]
    assert sum(len(row["assignedDeviceIds"]) for row in users.values()) == len(owned)


def test_who_may_reach_a_device_reaches_the_own_ones_and_only_those_of_the_organization(
    users, devices
):
    more = 0
    for row in users.values():
        reached = set(row["deviceIds"])
        assert set(row["assignedDeviceIds"]) <= reached <= set(devices)
        assert {devices[number]["organizationId"] for number in reached} <= {
            row.get("organizationId")
        }
        more += len(reached) > len(row["assignedDeviceIds"])
    assert more


def test_every_list_of_people_tells_the_same_of_a_person(town, users):
    same = (
        "uid",
        "firstName",
        "lastName",
        "email",
        "enabled",
        "mfaConfigured",
        "assignedDeviceIds",
    )
    listed = town.truth("technicians") + town.truth("end_users")

    assert {row["id"] for row in listed} == set(users)
    for row in listed:
        assert {key: row.get(key) for key in same} == {
            key: users[row["id"]].get(key) for key in same
        }


def test_the_end_users_of_organizations_are_those_of_the_tenant(town, users):
    found = [
        row
        for one in town.truth("organizations")
        for row in town.truth("organization_end_users", organization_id=one["id"])
    ]

    everybody = [row for row in users.values() if row["userType"] == "END_USER"]
    assert found == [{k: v for k, v in row.items() if k != "roles"} for row in everybody]


def test_the_members_of_roles_are_the_users_that_name_them(town, users):
    named = {(role, number) for number, row in users.items() for role in row["roles"]}
    roles = town.truth("user_roles")

    assert {(role["name"], one["id"]) for role in roles for one in role["members"]} == named
    assert any(not role["members"] for role in roles)


def test_people_are_as_untidy_as_real_ones(town, users):
    names = Counter((row["firstName"], row["lastName"]) for row in users.values())
    mails = [row["email"].lower() for row in users.values() if "email" in row]
    contacts = town.truth("contacts")

    assert max(names.values()) > 1
    assert len(set(mails)) == len(mails) < len(users)
    assert any(row["email"] != row["email"].lower() for row in users.values() if "email" in row)
    assert any(not row["enabled"] for row in users.values())
    assert any(row["lastName"] != row["lastName"].strip() for row in users.values())
    for row in users.values():
        assert row["mustChangePw"] == (row["invitationStatus"] != "REGISTERED")
    assert {"REGISTERED", "PENDING", "EXPIRED"} <= {r["invitationStatus"] for r in users.values()}
    assert any("email" not in row for row in contacts)
    assert {row.get("email") for row in contacts} & {row.get("email") for row in users.values()}


def test_whoever_did_something_is_a_user(town, users):
    seen = {row["userId"] for row in town.truth("activities", **{"class": "USER"})}

    assert len(seen) > 1
    assert seen <= set(users)


# places and groups


def test_an_organization_in_detail_is_the_same_organization(town):
    plain = {row["id"]: row for row in town.truth("organizations")}
    locations = town.truth("locations")
    policies = {(row["nodeRoleId"], row["rolePolicyId"]) for row in town.truth("devices")}

    for row in town.truth("organizations_detailed"):
        assert plain[row["id"]].items() <= row.items()
        own = [one for one in locations if one["organizationId"] == row["id"]]
        assert [one | {"organizationId": row["id"]} for one in row["locations"]] == own
        assert row["locations"] == town.truth("organization_locations", organization_id=row["id"])
        assert policies <= {(one["nodeRoleId"], one["policyId"]) for one in row["policies"]}


def test_the_devices_of_an_organization_are_those_that_the_filter_finds(town, ask):
    size = Counter(row["organizationId"] for row in town.truth("devices"))
    largest = size.most_common(1)[0][0]

    found = ask.rows("organization_devices", organization_id=largest, pageSize=7)

    assert found == ask.rows("devices", df=f"org = {largest}")
    assert len(found) == size[largest] > 14


def test_a_group_has_the_devices_that_the_filter_finds(town, ask):
    counts = {}
    for group in town.truth("groups"):
        ids = town.truth("group_device_ids", group_id=group["id"])
        assert ids == [row["id"] for row in ask.rows("devices", df=f"group {group['id']}")]
        assert group.get("deviceCount", len(ids)) == len(ids)
        counts[group["name"]] = group.get("deviceCount")

    assert None in counts.values()
    assert 0 in counts.values()
    assert 0 < counts["Windows servers that are offline"] < counts["All Windows servers"]


# scripts, tasks, channels and conditions


def test_what_activities_name_as_their_source_is_listed(town):
    sources = {
        kind: {row["sourceName"] for row in town.truth("activities", type=kind)}
        for kind in ("ACTION", "SCHEDULED_TASK")
    }

    assert sources["ACTION"] <= {row["name"] for row in town.truth("automation_scripts")}
    assert sources["SCHEDULED_TASK"] <= {row["name"] for row in town.truth("tasks")}


def test_tasks_run_as_often_as_they_can_have(town):
    for row in town.truth("tasks"):
        assert ("lastRun" in row) == (row["runCount"] > 0)
        assert row["created"] < row.get("lastRun", 2e9)


def test_conditions_name_channels_scripts_fields_and_options_that_there_are(town):
    channels = {row["id"] for row in town.truth("notification_channels")}
    scripts = {row["id"] for row in town.truth("automation_scripts")}
    fields = {row["name"]: row for row in town.truth("custom_field_definitions")}
    rows = [
        (policy["id"], row)
        for table in ("policy_custom_field_conditions", "policy_windows_event_conditions")
        for policy in town.truth("policies")
        for row in town.truth(table, policy_id=policy["id"])
    ]

    assert len({row["id"] for _, row in rows}) == len(rows) > 8
    for policy, row in rows:
        assert set(row["channels"]) <= channels
        assert {one["scriptId"] for one in row["scripts"]} <= scripts
        assert row["inheritance"].get("sourcePolicyId", 0) != policy
        for one in [*row.get("matchAll", ()), *row.get("matchAny", ())]:
            options = fields[one["fieldName"]]["content"].get("values", ())
            assert not options or one["value"] in {option["id"] for option in options}
    assert any(row["inheritance"]["inherited"] for _, row in rows)


def test_enabled_channels_are_those_that_are_enabled(town):
    every = town.truth("notification_channels")

    enabled = town.truth("notification_channels_enabled")
    assert enabled == [row for row in every if row["enabled"]] != every


# asking


@pytest.mark.parametrize(
    ("table", "parameters", "holds"),
    [
        ("users", {"userType": "END_USER"}, lambda row: row["userType"] == "END_USER"),
        ("users", {"userType": "TECHNICIAN"}, lambda row: row["userType"] == "TECHNICIAN"),
        ("user_roles", {"roleType": "END_USER"}, lambda row: row["type"] == "END_USER"),
        ("node_roles", {"isAssignable": "true"}, lambda row: row["isAssignable"]),
        ("users", {}, lambda row: "roles" not in row),
    ],
)
def test_a_parameter_does_what_it_says(ask, table, parameters, holds):
    every = ask.rows(table, includeRoles="true")

    found = ask.rows(table, **parameters)

    assert found
    assert all(map(holds, found))
    assert len(found) < len(every) or not parameters


@pytest.mark.parametrize(("table", "name"), [("users", "userType"), ("user_roles", "roleType")])
def test_a_kind_of_user_that_there_is_not_is_refused(ask, table, name):
    assert ask.table(table, **{name: "ROBOT"}).status_code == 400


@pytest.mark.parametrize("table", [name for name in NEW if catalog.TABLES[name].per])
@pytest.mark.parametrize("number", ["999999", "none"])
def test_what_there_is_not_is_answered_with_404(ask, table, number):
    parts = dict.fromkeys(catalog.TABLES[table].per, number)

    assert ask.table(table, **parts).status_code == 404


def test_conditions_may_need_the_scope_management(fresh_sandbox):
    sandbox = fresh_sandbox(devices=30)
    ask = Asker(sandbox, "monitoring")
    asked = {"policy_id": 103}

    assert ask.table("policy_custom_field_conditions", **asked).status_code == 200
    sandbox.switch(guard_scopes=True)
    assert ask.table("policy_custom_field_conditions", **asked).status_code == 403
    assert ask.table("users").status_code == 200


def test_the_same_seed_gives_the_same_people(town):
    with Sandbox(devices=400, seed=11, now="2026-11-23T17:00:00Z") as again:
        for table in (name for name in NEW if not catalog.TABLES[name].per):
            assert again.truth(table) == town.truth(table), table
