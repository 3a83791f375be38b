"""The tickets, and what ticketing is made of; a ticket is worked out from its number when asked for."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.asked import Asked, Row, number_of, word_of
from ninja_analytics.sandbox.contacts import contact_rows, technician_uids, uid_of
from ninja_analytics.sandbox.fleet import APPROVED, ORPHAN, Fleet
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.writings import (
    ATTRIBUTES,
    BOARDS,
    FORMS,
    REPLIES,
    STATUSES,
    SUBJECTS,
)

FIRST_ID = 1001
LOG_TYPES = ("DESCRIPTION", "COMMENT", "CONDITION", "SAVE", "DELETE", "PRODUCT", "INFO")
_TYPES = ("PROBLEM", "QUESTION", "INCIDENT", "TASK")
_SOURCES = ("EMAIL", "TECHNICIAN", "END_USER", "CONDITION")
_GRAVE = (("NONE", "NONE"), ("LOW", "MINOR"), ("MEDIUM", "MODERATE"), ("HIGH", "CRITICAL"))
_LAST_SYSTEM_FORM = 1


def ticket_ids(fleet: Fleet) -> range:
    """The numbers of all tickets: some hundreds at most, however large the fleet is."""
    return range(FIRST_ID, FIRST_ID + 12 + min(len(fleet) // 3, 400))


def ticket_row(fleet: Fleet, ticket_id: str) -> Row | None:
    """The answer of /v2/ticketing/ticket/{id}; None if there is no such ticket."""
    number = number_of(ticket_id)
    return _ticket(fleet, number, contact_rows(fleet)) if number in ticket_ids(fleet) else None


def log_rows(fleet: Fleet, ticket_id: str, asked: Asked) -> list[Row] | None:
    """The log entries of a ticket, oldest first; None if there is no such ticket."""
    ticket, kind = ticket_row(fleet, ticket_id), word_of(asked, "type", LOG_TYPES)
    if ticket is None:
        return None
    return [row for row in _log(fleet, ticket) if kind in (None, row["type"])]


def status_rows() -> list[Row]:
    """The rows of /v2/ticketing/statuses."""
    return [_status(row) for row in STATUSES]


def attribute_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/ticketing/attributes."""
    return [_attribute(fleet, *row) for row in ATTRIBUTES]


def form_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/ticketing/ticket-form, with their fields."""
    fields = {row["id"]: row for row in attribute_rows(fleet)}
    return [
        {
            "id": form_id,
            "name": name,
            "content": {
                "fields": list(taken),
                "timerSettings": {"enabled": form_id == 1, "mode": "AUTO_START"},
            },
            "active": active,
            "default": default,
            "createTime": stamp(fleet.now - 900 * DAY),
            "fields": [fields[one] for one in taken],
        }
        | ({"description": f"For: {name.lower()}"} if form_id != _LAST_SYSTEM_FORM else {})
        for form_id, name, taken, default, active in FORMS
    ]


def board_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/ticketing/trigger/boards; each counts the tickets that are on it."""
    contacts = contact_rows(fleet)
    every = (_ticket(fleet, number, contacts) for number in ticket_ids(fleet))
    states = [ticket["status"]["name"] for ticket in every if not ticket["deleted"]]
    return [
        {
            "id": board_id,
            "uid": uid_of(fleet.dice("board", board_id)),
            "name": name,
            "conditions": {"any": [_is(state) for state in shown], "all": []},
            "createTime": stamp(fleet.now - 1000 * DAY),
            "system": system,
            "columns": ["id", "subject", "status", "assignedAppUser", "createTime"],
            "sortBy": [{"createTime": {"direction": "DESC"}}],
            "ticketCount": sum(state in shown or not shown for state in states),
        }
        for board_id, name, shown, system in BOARDS
    ]


def _is(state: str) -> Row:
    return {"field": "status", "operator": "is", "value": state, "params": {"repeat": False}}


def _status(row: tuple[int, str, str, int | None, int]) -> Row:
    status_id, name, shown, parent, _ = row
    found: Row = {"statusId": status_id, "name": name, "displayName": shown}
    return found | ({} if parent is None else {"parentId": parent})


def _attribute(
    fleet: Fleet,
    number: int,
    kind: str,
    name: str,
    options: tuple[str, ...],
    system: bool,
    active: bool,
) -> Row:
    dice = fleet.dice("ticket attribute", number)
    values = [
        {"id": uid_of(dice), "name": option, "active": True, "system": system} for option in options
    ]
    limits: Row = {"maxCharacters": 200} if kind == "TEXT" else {}
    if kind == "NUMERIC":
        limits = {"numericRange": {"min": 0, "max": 500}}
    return {
        "id": number,
        "attributeType": kind,
        "name": name,
        "customizeForEndUser": False,
        "endUserOption": "EDITABLE" if system else "NONE",
        "technicianOption": "EDITABLE" if active else "READ_ONLY",
        "content": {"values": values, "required": number == 1, "advancedSettings": limits},
        "system": system,
        "active": active,
        "createTime": stamp(fleet.now - 1000 * DAY),
    }


def _ticket(fleet: Fleet, number: int, contacts: list[Row]) -> Row:
    dice = fleet.dice("ticket", number)
    asker = dice.choice(contacts) if contacts else {}
    at = fleet.now - dice.uniform(0.1, 400) * DAY
    priority, severity = dice.choice(_GRAVE)
    status = dice.choices(STATUSES, [row[4] for row in STATUSES])[0]
    row: Row = {
        "id": number,
        "version": dice.randrange(1, 9),
        "subject": dice.choice(SUBJECTS),
        "status": _status(status),
        "type": dice.choice(_TYPES),
        "priority": priority,
        "severity": severity,
        "source": dice.choice(_SOURCES),
        "ticketFormId": dice.choice([form[0] for form in FORMS]),
        "tags": dice.sample(vocabulary.TAGS, dice.choice((0, 0, 1))),
        "ccList": {"uids": [], "emails": []},
        "createTime": stamp(at),
        "deleted": dice.random() < 0.03,
        "additionalAssignedTechnicianIds": [],
        "attributeValues": [],
    }
    if asker:
        row |= {"requesterUid": asker["uid"], "clientId": asker["clientId"]}
    if "email" in asker and dice.random() < 0.2:
        row["ccList"] = {"uids": [asker["uid"]], "emails": [asker["email"]]}
    if status[1] != "NEW":
        technicians = [user_id for user_id, _ in vocabulary.TECHNICIANS]
        row["assignedAppUserId"] = dice.choice(technicians)
        others = sorted({*technicians} - {row["assignedAppUserId"]})
        row["additionalAssignedTechnicianIds"] = dice.sample(others, dice.choice((0, 0, 0, 1)))
    if dice.random() < 0.2:
        row["followupTime"] = stamp(fleet.now + dice.uniform(-3, 9) * DAY)
    row["attributeValues"] = _values(fleet, row["ticketFormId"], number)
    return row | _device(fleet, row.get("clientId"), dice)


def _device(fleet: Fleet, organization_id: int | None, dice: random.Random) -> Row:
    """The device of a ticket, one of its organization; it may have been removed since."""
    home = np.array([one.id == organization_id for one in fleet.organizations])
    there = np.isin(fleet.status, (APPROVED, ORPHAN)) & home[fleet.organization]
    found = np.flatnonzero(there)
    if not len(found) or dice.random() < 0.3:
        return {}
    index = int(found[dice.randrange(len(found))])
    return {"nodeId": int(fleet.ids[index]), "locationId": int(fleet.location[index])}


def _values(fleet: Fleet, form_id: int, number: int) -> list[Row]:
    """What was entered: the specification wants objects, so only choices are shown."""
    fields = next(form[2] for form in FORMS if form[0] == form_id)
    dice = fleet.dice("ticket values", number)
    found = []
    for attribute in (row for row in attribute_rows(fleet) if row["id"] in fields):
        if options := attribute["content"]["values"]:
            option = dice.choice(options)
            value = {"id": option["id"], "name": option["name"]}
            found.append(
                {
                    "id": number * 10 + attribute["id"],
                    "attributeId": attribute["id"],
                    "value": value,
                }
            )
    return found


def _log(fleet: Fleet, ticket: Row) -> list[Row]:
    """A description, then comments and changes, the last of which gave the ticket its status."""
    dice = fleet.dice("ticket log", ticket["id"])
    opened = float(bytes(ticket["createTime"]))
    steps = sorted(dice.uniform(opened, fleet.now) for _ in range(ticket["version"]))
    rows = [_entry(fleet, ticket, 0, opened, "DESCRIPTION", dice)]
    for number, at in enumerate(steps, 1):
        kind = "SAVE" if number == len(steps) else dice.choice(("COMMENT", "COMMENT", "SAVE"))
        rows.append(_entry(fleet, ticket, number, at, kind, dice))
    if ticket["version"] > 1:
        after = {"status": {"new": ticket["status"]["statusId"], "old": 1000}}
        rows[-1]["changeDiff"] = after
    return rows


def _entry(
    fleet: Fleet, ticket: Row, number: int, at: float, kind: str, dice: random.Random
) -> Row:
    row: dict[str, Any] = {
        "id": ticket["id"] * 100 + number,
        "type": kind,
        "publicEntry": kind != "SAVE",
        "system": False,
        "createTime": stamp(at),
        "technicianTagged": [],
    }
    technician = ticket.get("assignedAppUserId")
    if kind == "DESCRIPTION" and "requesterUid" in ticket:
        row |= {"appUserContactUid": ticket["requesterUid"], "appUserContactType": "CONTACT"}
    elif technician:
        row |= {
            "appUserContactUid": technician_uids(fleet)[technician],
            "appUserContactId": technician,
            "appUserContactType": "TECHNICIAN",
        }
    if kind != "SAVE":
        text = ticket["subject"] if kind == "DESCRIPTION" else dice.choice(REPLIES)
        row |= {"body": text, "htmlBody": f"<p>{text}</p>", "emailResponse": dice.random() < 0.2}
    if kind == "COMMENT" and technician:
        row["timeTracked"] = dice.choice((0, 300, 900, 2700))
    return row | (_time_entry(row, at) if row.get("timeTracked") else {})


def _time_entry(row: Row, at: float) -> Row:
    return {
        "ticketTimeEntry": {
            "ticketLogEntryId": row["id"],
            "startDate": int((at - row["timeTracked"]) * 1000),
            "remote": True,
            "timeTracked": row["timeTracked"],
            "inHours": {
                "price": 140.0,
                "timeTracked": row["timeTracked"],
                "billing": "BILLABLE",
                "billingStatus": "PENDING",
            },
        }
    }
