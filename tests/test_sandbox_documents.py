"""Tickets, documents and articles of the sandbox agree with its fleet."""

from __future__ import annotations

from collections import Counter

import pytest

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import FIRST_TICKET, Asker, parts_of

DAY = 86_400
NOW = 1_795_453_200.0  # 2026-11-23 17:00 UTC
AT_NOW = "2026-11-23T17:00:00Z"
SUBJECTS = ("ticketing", "documents", "knowledge base", "assets", "licensing")
TABLES = [table for subject in SUBJECTS for table in catalog.SUBJECTS[subject]]
BY_ID = [table for table in TABLES if table.per]


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=200, seed=13, now=AT_NOW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.fixture(scope="module")
def devices(town):
    return {row["id"]: row for row in town.truth("devices")}


@pytest.fixture(scope="module")
def organizations(town):
    return {row["id"]: row["name"] for row in town.truth("organizations")}


@pytest.fixture(scope="module")
def tickets(ask):
    found = []
    while (answer := ask.table("tickets", ticket_id=FIRST_TICKET + len(found))).status_code == 200:
        found.append(answer.json())
    return found


@pytest.fixture(scope="module")
def related(town):
    return town.truth("related_items")


# what all of them have


@pytest.mark.parametrize("table", BY_ID, ids=lambda table: table.name)
@pytest.mark.parametrize("wrong", ["999999999", "0", "x", "-1"])
def test_what_is_not_there_is_not_found(ask, table, wrong):
    last = table.per[-1]
    answer = ask.table(table.name, **{**parts_of(ask.sandbox, table), last: wrong})

    if table.name.startswith("entity_") and wrong.isdecimal():
        assert answer.json() == []  # nothing hangs on it
    else:
        assert answer.status_code == 404
        assert table.name in answer.json()["errorMessage"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_row_key_tells_rows_apart(town, table):
    parts = parts_of(town, table)
    rows = town.truth(table.name, **parts)
    keys = [
        tuple(str(parts.get(name) or row[table.column(name).field]) for name in table.row_key)
        for row in rows
    ]

    assert len(set(keys)) == len(keys) > 0


def test_what_can_be_run_on_a_device_is_among_the_scripts_for_its_system(town, devices):
    scripts = {row["id"]: row for row in town.truth("automation_scripts")}
    counts = {}
    for row in devices.values():
        (options,) = town.truth("device_scripting_options", device_id=row["id"])
        found = [one for one in options["scripts"] if one["type"] == "SCRIPT"]
        counts[row["nodeClass"]] = len(options["scripts"])
        for one in found:
            assert scripts[one["id"]]["name"] == one["name"]
            assert scripts[one["id"]]["active"]
    assert counts["WINDOWS_SERVER"] > counts["MAC"] > 0
    assert counts["NMS_SWITCH"] == 0


# tickets


def test_a_ticket_is_about_a_device_of_its_organization_that_is_or_was_there(
    town, tickets, devices, organizations
):
    removed = {row["deviceId"] for row in town.truth("volumes")} - set(devices)
    about = [row for row in tickets if "nodeId" in row]

    assert len(about) > len(tickets) / 3
    for row in about:
        assert row["nodeId"] in devices or row["nodeId"] in removed
        if row["nodeId"] in devices:
            assert devices[row["nodeId"]]["organizationId"] == row["clientId"]
            assert devices[row["nodeId"]]["locationId"] == row["locationId"]
    assert {row["clientId"] for row in tickets} <= set(organizations)


def test_who_asks_is_a_contact_and_who_helps_is_a_technician(town, tickets):
    people = {row["uid"]: row for row in town.truth("ticketing_people")}
    technicians = {row["id"] for row in people.values() if row["userType"] == "TECHNICIAN"}

    for row in tickets:
        assert people[row["requesterUid"]]["clientId"] == row["clientId"]
        helpers = {row.get("assignedAppUserId"), *row["additionalAssignedTechnicianIds"]}
        assert helpers - {None} <= technicians
    assert {row["uid"] for row in town.truth("ticketing_contacts")} <= set(people)


def test_statuses_forms_and_fields_of_tickets_exist_and_boards_count_them(town, tickets):
    statuses = {row["statusId"]: row for row in town.truth("ticket_statuses")}
    forms = {row["id"]: row for row in town.truth("ticket_forms")}
    for row in tickets:
        assert row["status"] == statuses[row["status"]["statusId"]]
        fields = forms[row["ticketFormId"]]["content"]["fields"]
        assert {value["attributeId"] for value in row["attributeValues"]} <= set(fields)

    there = [row for row in tickets if not row["deleted"]]
    boards = {row["name"]: row for row in town.truth("ticket_boards")}
    assert boards["All tickets"]["ticketCount"] == len(there) < len(tickets)
    closed = sum(row["status"]["name"] == "CLOSED" for row in there)
    assert boards["Closed tickets"]["ticketCount"] == closed > 0


def test_a_log_begins_with_the_description_and_ends_with_what_gave_the_status(town, tickets):
    for ticket in tickets[:20]:
        log = town.truth("ticket_log_entries", ticket_id=ticket["id"])
        assert log[0]["type"] == "DESCRIPTION"
        assert log[0]["body"] == ticket["subject"]
        times = [row["createTime"] for row in log]
        assert times == sorted(times)
        assert ticket["createTime"] == times[0] <= times[-1] <= NOW
        changes = [row["changeDiff"]["status"]["new"] for row in log if "changeDiff" in row]
        assert changes in ([], [ticket["status"]["statusId"]])


def test_time_worked_is_in_seconds_and_its_beginning_in_milliseconds(town, tickets):
    worked = [
        row
        for ticket in tickets
        for row in town.truth("ticket_log_entries", ticket_id=ticket["id"])
        if "ticketTimeEntry" in row
    ]

    assert worked
    for row in worked:
        begun = row["ticketTimeEntry"]["startDate"]
        assert begun > 1e12
        assert begun / 1000 + row["timeTracked"] == pytest.approx(row["createTime"], abs=1)


# documents and checklists


def test_the_documents_of_one_organization_are_its_rows_of_the_whole_list(town, organizations):
    whole = town.truth("documents")
    templates = {row["id"]: row["name"] for row in town.truth("document_templates")}

    assert len({row["documentName"] for row in whole}) < len(whole) / 2  # names repeat
    for row in whole:
        assert templates[row["documentTemplateId"]] == row["documentTemplateName"]
    for one in organizations:
        own = town.truth("organization_documents", organization_id=one)
        assert own == [row for row in whole if row["organizationId"] == one]


def test_no_secret_field_of_a_document_has_a_value(town):
    secret = {
        field["fieldName"]
        for row in town.truth("document_templates")
        for field in row["fields"]
        if field.get("fieldType") == "TEXT_ENCRYPTED"
    }

    assert secret
    for row in town.truth("documents"):
        assert not secret & {field["name"] for field in row["fields"]}


def test_devices_in_documents_are_those_of_the_organization(town, devices):
    named = [
        (row["organizationId"], field["value"])
        for row in town.truth("documents")
        for field in row["fields"]
        if field["value"].get("type") == "NODE"
    ]

    assert named
    for organization, value in named:
        assert devices[value["entityId"]]["organizationId"] == organization
        assert devices[value["entityId"]]["systemName"] == value["name"]


def test_the_counts_of_a_checklist_are_those_of_its_tasks(town, organizations):
    rows = town.truth("checklists", includeArchived="true")

    for row in rows:
        done = sum(task["completed"] for task in row["tasks"])
        assert (row["completedTaskCount"], row["totalTaskCount"]) == (done, len(row["tasks"]))
        assert row["completed"] == (done == len(row["tasks"])) == ("completedOn" in row)
        assert row["clientName"] == organizations[row["organizationId"]]
    assert {row["completed"] for row in rows} == {True, False}
    assert any(row.get("assignedTo", {}).get("deleted") for row in rows)


ASKED = [
    ("documents", {"organizationIds": "{org}"}, lambda row, org: row["organizationId"] == org),
    ("documents", {"templateIds": "12,13"}, lambda row, _: row["documentTemplateId"] in (12, 13)),
    ("documents", {"templateName": "Site access"}, lambda row, _: row["documentTemplateId"] == 13),
    ("documents", {"documentName": "Till 9000"}, lambda row, _: row["documentName"] == "Till 9000"),
    ("document_templates", {"templateName": "Backup plan"}, lambda row, _: row["id"] == 14),
    ("checklists", {"completed": "true"}, lambda row, _: row["completed"]),
    ("checklists", {"required": "false"}, lambda row, _: not row["required"]),
    ("checklists", {"organizationIds": "{org}"}, lambda row, org: row["organizationId"] == org),
    ("checklists", {"assignedToUserId": "4"}, lambda row, _: row.get("assignedTo", {}).get("id") == 4),
    ("checklists", {"checklistName": "New customer"}, lambda row, _: row["name"] == "New customer"),
    ("checklist_templates", {"checklistTemplateIds": "21,22"}, lambda row, _: row["id"] in (21, 22)),
    ("checklist_templates", {"checklistTemplateName": "New customer"}, lambda row, _: row["id"] == 21),
    ("checklist_templates", {"required": "true"}, lambda row, _: row["required"]),
    ("global_articles", {"articleName": "Who to call"}, lambda row, _: row["id"] == 301),
    ("organization_articles", {"organizationIds": "{org}"}, lambda row, org: row["organizationId"] == org),
    ("ticketing_people", {"userType": "CONTACT"}, lambda row, _: row["userType"] == "CONTACT"),
    ("ticketing_people", {"clientId": "{org}"}, lambda row, org: row.get("clientId") == org),
    ("ticketing_people", {"searchCriteria": "AVERY"}, lambda row, _: row["firstName"] == "Avery"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "asked", "has"),
    ASKED,
    ids=[f"{name}-{next(iter(asked))}" for name, asked, _ in ASKED],
)
def test_a_parameter_keeps_the_rows_that_have_what_it_says(town, table, asked, has):
    whole = town.truth(table)
    homes = (row.get("organizationId", row.get("clientId")) for row in whole)
    org = next((home for home in homes if home), None)
    asked = {name: value.format(org=org) for name, value in asked.items()}

    found = town.truth(table, **asked)
    assert found == [row for row in whole if has(row, org)]
    assert 0 < len(found) < len(whole)


@pytest.mark.parametrize("table", ["checklists", "checklist_templates", "global_articles"])
def test_what_was_put_away_comes_only_when_it_is_asked_for(town, table):
    flag = "isArchived" if table == "global_articles" else "archived"
    usual, every = town.truth(table), town.truth(table, includeArchived="true")

    assert not any(row[flag] for row in usual)
    assert [row for row in every if not row[flag]] == usual
    assert len(every) > len(usual)


@pytest.mark.parametrize(
    ("table", "asked"),
    [
        ("checklists", {"completed": "perhaps"}),
        ("documents", {"organizationIds": "1,two"}),
        ("ticketing_people", {"userType": "ROBOT"}),
        ("ticket_log_entries", {"type": "SONG"}),
        ("entity_related_items", {"scope": "SOME"}),
    ],
)
def test_a_bad_value_of_a_parameter_is_refused(ask, table, asked):
    assert ask.table(table, **asked).status_code == 400


# the knowledge base, and what is linked


def test_articles_lie_in_the_folders_that_hold_them(town):
    articles = town.truth("global_articles", includeArchived="true")
    folders = {row["parentFolderId"] for row in articles if "parentFolderId" in row}

    held = Counter()
    for folder_id in folders:
        asked = {"folder_id": folder_id, "includeArchived": "true"}
        (folder,) = town.truth("article_folders", **asked)
        for item in folder["content"]:
            assert item["parentFolderId"] == folder_id
            held[item["id"]] += not item["isFolder"]
    assert held == Counter(row["id"] for row in articles if "parentFolderId" in row)
    assert any("content" not in row for row in articles)  # an uploaded file


def test_links_lead_to_devices_documents_and_contacts_that_exist(town, related, devices):
    there = {
        "NODE": set(devices),
        "DOCUMENT": {row["documentId"] for row in town.truth("documents")},
        "CONTACT": {row["id"] for row in town.truth("ticketing_contacts")},
        "ORGANIZATION": {row["id"] for row in town.truth("organizations")},
        "KB_DOCUMENT": {row["id"] for row in town.truth("global_articles", includeArchived="true")},
    }

    for row in related:
        assert row["entityId"] in there[row["entityType"]]
        if row["type"] == "ENTITY":
            assert row["relEntityId"] in there[row["relEntityType"]]
        else:
            assert "relEntityId" not in row
    assert {row["type"] for row in related} == {"ENTITY", "VALUE"}


@pytest.mark.parametrize("scope", ["ALL", "HOSTING", "HOSTED_BY", ""])
def test_the_links_of_one_thing_are_its_rows_of_the_whole_list(town, related, scope):
    hosted = {row.get("relEntityId") for row in related if row.get("relEntityType") == "NODE"}
    node = next(row["entityId"] for row in related if row["entityId"] in hosted)
    hosting = [row for row in related if (row["entityType"], row["entityId"]) == ("NODE", node)]
    hosted_by = [
        row for row in related if (row["relEntityType"], row.get("relEntityId")) == ("NODE", node)
    ]
    expected = {"HOSTING": hosting, "HOSTED_BY": hosted_by}.get(scope, hosting + hosted_by)

    asked = {"of_entity_type": "NODE", "of_entity_id": node, "scope": scope}
    found = town.truth("entity_related_items", **asked)
    assert sorted(row["id"] for row in found) == sorted(row["id"] for row in expected) != []


def test_a_large_fleet_has_these_tables_at_once(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3000, now=AT_NOW)

    for table in TABLES:
        if not table.per:
            assert 0 < len(sandbox.truth(table.name)) < 5000, table.name
