"""The sandbox's custom fields: every table tells the same, and only what the API may show."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker

DAY = 86_400
NOW = 1_795_453_200.0  # 2026-11-23 17:00 UTC
ENTITIES = {
    "ORGANIZATION": ("organization_custom_fields", "organizations"),
    "END_USER": ("end_user_custom_fields", "end_users"),
}
KINDS = {
    "CHECKBOX": bool, "NUMERIC": int, "DECIMAL": float, "MONETARY": float, "DATE": int,
    "DATE_TIME": int, "TIME": int, "MULTI_SELECT": list, "ATTACHMENT": dict, "WYSIWYG": dict,
    "NODE_DROPDOWN": dict, "NODE_MULTI_SELECT": dict, "CLIENT_DROPDOWN": dict,
    "CLIENT_MULTI_SELECT": dict, "CLIENT_LOCATION_DROPDOWN": dict,
    "CLIENT_LOCATION_MULTI_SELECT": dict,
}  # fmt: skip
# types that no value can have here: secure ones, and those that point at documents
UNSEEN = {"TEXT_ENCRYPTED", "TOTP", "CLIENT_DOCUMENT_DROPDOWN", "CLIENT_DOCUMENT_MULTI_SELECT"}
ALL_TYPES = set(KINDS) | UNSEEN | {
    "DROPDOWN", "TEXT", "TEXT_MULTILINE", "EMAIL", "PHONE", "IP_ADDRESS", "URL", "IDENTIFIER",
}  # fmt: skip


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=400, seed=11, now="2026-11-23T17:00:00Z") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.fixture(scope="module")
def definitions(town):
    return {row["name"]: row for row in town.truth("custom_field_definitions_paged")}


@pytest.fixture(scope="module")
def of_devices(town):
    return {row["deviceId"]: row["fields"] for row in town.truth("custom_fields")}


@pytest.fixture(scope="module")
def scoped(town):
    found = defaultdict(dict)
    for row in town.truth("scoped_custom_fields"):
        found[row["scope"]][row["entityId"]] = row["fields"]
    return found


def options_of(definition):
    return {one["id"]: one["name"] for one in definition["content"].get("values", ())}


# definitions


def test_a_field_of_every_type_is_defined(definitions):
    assert {row["type"] for row in definitions.values()} == ALL_TYPES
    assert all(row["label"] != row["name"] for row in definitions.values())
    assert any(name != name.lower() for name in definitions)
    assert any(name == name.lower() for name in definitions)


def test_the_list_for_devices_leaves_out_what_only_end_users_have(town, definitions):
    rows = town.truth("custom_field_definitions")

    left_out = set(definitions) - {row["name"] for row in rows}
    assert left_out == {
        n for n, row in definitions.items() if row["definitionScope"] == ["END_USER"]
    }
    assert all(row == definitions[row["name"]] for row in rows)


def test_definitions_can_be_asked_for_by_scope(ask):
    rows = ask.rows("custom_field_definitions", scopes="location,organization")

    assert rows
    assert all({"LOCATION", "ORGANIZATION"} & set(row["definitionScope"]) for row in rows)
    assert ask.table("custom_field_definitions", scopes="planet").status_code == 400


# values


def test_a_value_is_of_a_defined_field_of_that_scope_that_the_api_may_show(scoped, definitions):
    seen = set()
    for scope, entities in scoped.items():
        for fields in entities.values():
            assert fields
            for name in fields:
                definition = definitions[name]
                assert scope in definition["definitionScope"]
                assert definition["apiPermission"] in ("READ_ONLY", "READ_WRITE")
                seen.add(definition["type"])
    assert seen == ALL_TYPES - UNSEEN


def test_values_have_the_type_of_their_definition_but_for_a_few(scoped, definitions):
    odd, even = Counter(), Counter()
    for entities in scoped.values():
        for name, value in ((n, v) for fields in entities.values() for n, v in fields.items()):
            definition = definitions[name]
            options = options_of(definition)
            fits = type(value) is KINDS.get(definition["type"], str)
            if options:
                fits &= {*value} <= set(options) if isinstance(value, list) else value in options
            (even if fits else odd)[definition["type"]] += 1

    assert 0 < odd.total() < even.total() / 25
    assert {"CHECKBOX", "DROPDOWN"} <= set(odd)


def test_what_an_entity_points_at_is_there(town, scoped):
    there = {
        "NODE": {row["id"] for row in town.truth("devices")},
        "CLIENT": {row["id"] for row in town.truth("organizations")},
        "CLIENT_LOCATION": {row["id"] for row in town.truth("locations")},
    }
    seen = Counter()
    for entities in scoped.values():
        for value in (value for fields in entities.values() for value in fields.values()):
            if isinstance(value, dict) and "type" in value:
                ids = value.get("entityIds", [value.get("entityId")])
                assert ids
                assert set(ids) <= there[value["type"]]
                seen[value["type"]] += 1
    assert set(seen) == set(there)


def test_fields_agree_with_what_other_tables_say_of_the_device(town, of_devices, definitions):
    users = {row["uid"]: row for row in town.truth("users")}
    devices = {row["id"]: row for row in town.truth("devices", expand="warranty")}
    protected = {
        row["deviceId"]
        for row in town.truth("volumes", include="bl")
        if row.get("driveLetter") == "C:"
        and row["bitLockerStatus"]["protectionStatus"] == "PROTECTED"
    }
    checked = Counter()
    for number, fields in of_devices.items():
        device = devices.get(number)
        if "primaryUserEmail" in fields:
            assert users[device["assignedOwnerUid"]]["email"] == fields["primaryUserEmail"]
            checked["owner"] += 1
        if fields.get("bitlockerEscrowed") is True:
            assert number in protected
            checked["escrow"] += 1
        warranty = (device or {}).get("references", {}).get("warranty")
        if warranty and isinstance(fields.get("warrantyEnd"), int):
            assert fields["warrantyEnd"] == warranty["endDate"] // DAY * DAY * 1000
            checked["warranty"] += 1
        mac = device and device["nodeClass"] == "MAC"
        assert mac or not {"filevaultstatus", "localadminreport"} & set(fields)
    assert min(checked[name] for name in ("owner", "escrow", "warranty")) > 20


def test_windows_11_has_a_tpm_unless_it_is_virtual(town, of_devices):
    rows = town.truth("devices_detailed")
    newest = [row for row in rows if "Windows 11" in row.get("os", {}).get("name", "")]

    states = [of_devices[row["id"]].get("tpmPresent") for row in newest]
    assert states.count(True) > 100
    assert False not in states


def test_local_administrators_are_written_in_several_ways(of_devices):
    texts = [f["localAdministrators"] for f in of_devices.values() if "localAdministrators" in f]

    assert any("\r\n" in text for text in texts)
    assert any(text.startswith("[") for text in texts)
    assert any(re.search(r"Administrator, ", text) for text in texts)


def test_removed_devices_still_have_fields_and_some_devices_have_none(town, of_devices):
    listed = {row["id"] for row in town.truth("devices")}

    assert set(of_devices) - listed
    assert listed - set(of_devices)


# the same in every table


def test_both_shapes_and_both_queries_tell_the_same(town, of_devices, scoped):
    assert scoped["NODE"] == of_devices
    detailed = town.truth("custom_fields_detailed")
    assert {
        row["entityId"]: {one["name"]: one["value"] for one in row["fields"]} for row in detailed
    } == of_devices
    every = town.truth("scoped_custom_fields_detailed")
    assert [row for row in every if row["scope"] == "NODE"] == [
        {"scope": "NODE", "entityId": row["entityId"], "fields": row["fields"]} for row in detailed
    ]


@pytest.mark.parametrize("scope", ENTITIES)
def test_an_entity_asked_for_by_id_has_its_fields(town, scoped, scope):
    table, listed = ENTITIES[scope]
    (part,) = {"organizations": ["organization_id"], "end_users": ["user_id"]}[listed]
    some = town.truth(listed)[:12]

    for row in some:
        assert town.truth(table, **{part: row["id"]}) == [scoped[scope].get(row["id"], {})]


def test_a_location_has_its_fields_in_its_own_organization_only(town, ask, scoped):
    first, *_, last = town.truth("locations")
    parts = {"organization_id": first["organizationId"], "location_id": first["id"]}

    found = town.truth("location_custom_fields", **parts)
    assert found == [scoped["LOCATION"].get(first["id"], {})]
    parts["location_id"] = last["id"]
    assert ask.table("location_custom_fields", **parts).status_code == 404


def test_a_device_inherits_where_it_has_no_value(town, of_devices, scoped, definitions):
    inherits = 0
    for device in town.truth("devices")[:40]:
        own = of_devices.get(device["id"], {})
        assert town.truth("device_custom_fields", device_id=device["id"]) == [own]
        (every,) = town.truth(
            "device_custom_fields", device_id=device["id"], withInheritance="true"
        )
        above = scoped["ORGANIZATION"].get(device["organizationId"], {})
        above = above | scoped["LOCATION"].get(device["locationId"], {})
        expected = {n: v for n, v in above.items() if "NODE" in definitions[n]["definitionScope"]}
        assert every == expected | own
        inherits += every != own
    assert inherits


# asking


def test_only_the_fields_that_are_named_come(ask, of_devices):
    rows = ask.rows("custom_fields", fields="assetTag,costCenter,none")

    names = Counter(name for row in rows for name in row["fields"])
    assert names == Counter(
        name
        for fields in of_devices.values()
        for name in fields
        if name in ("assetTag", "costCenter")
    )


@pytest.mark.parametrize("table", ["custom_fields_detailed", "scoped_custom_fields_detailed"])
def test_only_values_that_were_set_after_a_time_come(ask, table):
    bound = NOW - 30 * DAY
    every = [one for row in ask.rows(table) for one in row["fields"]]

    found = [
        one for row in ask.rows(table, updatedAfter="2026-10-24T17:00:00Z") for one in row["fields"]
    ]

    assert found == [one for one in every if one["updateTime"] > bound] != []
    assert all(one["updateTime"] <= NOW for one in every)
    assert ask.table(table, updatedAfter="soon").status_code == 400


def test_only_the_scopes_that_are_named_come(ask):
    rows = ask.rows("scoped_custom_fields", scopes="location,end_user")

    assert {row["scope"] for row in rows} == {"LOCATION", "END_USER"}


def test_who_set_a_value_is_a_technician_where_a_person_did(town, ask):
    technicians = {row["id"]: row.get("email") for row in town.truth("technicians")}
    writers = [
        one["updatedBy"] for row in ask.rows("custom_fields_detailed") for one in row["fields"]
    ]

    assert {one["source"] for one in writers} == {"API", "USER", "SCRIPT", "SYSTEM"}
    for one in writers:
        assert ("user" in one) == (one["source"] == "USER")
        if "user" in one:
            assert technicians[one["user"]["id"]] == one["user"].get("email")


def test_older_instances_name_device_and_time_otherwise(fresh_sandbox):
    sandbox = fresh_sandbox(devices=30, old_field_details=True)

    row = sandbox.truth("custom_fields_detailed")[0]

    assert set(row) == {"deviceId", "fields"}
    assert set(row["fields"][0]) == {"name", "value", "updated"}


@pytest.mark.parametrize("number", ["999999", "none"])
@pytest.mark.parametrize(
    "table", ["device_custom_fields", *(table for table, _ in ENTITIES.values())]
)
def test_fields_of_what_there_is_not_are_not_found(ask, table, number):
    part = {"device": "device_id", "organization": "organization_id", "end": "user_id"}

    assert ask.table(table, **{part[table.split("_")[0]]: number}).status_code == 404
