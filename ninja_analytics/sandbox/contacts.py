"""The people who can be in a ticket: technicians, contacts, and the end users that the tenant has."""

from __future__ import annotations

import random
import uuid
from typing import Any

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.asked import Asked, Row, chosen, ids_of, word_of
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp

_JOBS = ("Office manager", "Head of IT", "Receptionist", "Plant manager", "owner", "Bookkeeper")
KINDS = ("TECHNICIAN", "END_USER", "CONTACT")


def uid_of(dice: random.Random) -> str:
    """An identifier out of *dice*."""
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def contact_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/ticketing/contact/contacts: one to three people of every organization."""
    return [row for place in range(len(fleet.organizations)) for row in contacts_at(fleet, place)]


def contacts_at(fleet: Fleet, place: int) -> list[Row]:
    """The contacts of the organization at *place* in the fleet's list."""
    count = 1 + fleet.dice("contacts", place).randrange(3)
    return [_contact(fleet, place, number) for number in range(count)]


def technician_uid(fleet: Fleet, user_id: int) -> str:
    """The identifier of a technician."""
    return uid_of(fleet.dice("technician", user_id))


def people_rows(fleet: Fleet, end_users: list[Row], asked: Asked) -> list[Row]:
    """The rows of /v2/ticketing/app-user-contact that are asked for, in the order of its anchor."""
    rows = [_technician(fleet, user_id, name) for user_id, name in vocabulary.TECHNICIANS]
    rows += [_end_user(row) for row in end_users]
    rows += [_of_contact(row) for row in contact_rows(fleet)]
    rows = [row | {"naturalId": str(number)} for number, row in enumerate(rows, 1)]
    kind, homes = word_of(asked, "userType", KINDS), ids_of(asked, "clientId")
    if homes is not None:
        rows = [row for row in rows if row.get("clientId") in homes]
    if text := asked.get("searchCriteria", "").lower():
        rows = [row for row in rows if text in _searched(row)]
    return chosen(rows, {"userType": kind or ""}, texts={"userType": "userType"})


def _contact(fleet: Fleet, place: int, number: int) -> Row:
    organization = fleet.organizations[place]
    contact_id = 500 + place * 3 + number
    dice = fleet.dice("contact", contact_id)
    first, last = dice.choice(vocabulary.FIRST_NAMES), dice.choice(vocabulary.LAST_NAMES)
    made = fleet.now - dice.uniform(20, 1500) * DAY
    row: dict[str, Any] = {
        "id": contact_id,
        "clientId": organization.id,
        "clientName": organization.name,
        "uid": uid_of(dice),
        "firstName": first.title() if dice.random() < 0.9 else first,
        "lastName": last.title(),
        "displayName": f"{first} {last}".title(),
        "createTime": stamp(made),
        "updateTime": stamp(made + dice.uniform(0, 15) * DAY),
    }
    if dice.random() < 0.9:
        row["email"] = f"{first}.{last}@{organization.prefix.lower()}.example"
    if dice.random() < 0.6:
        row["phone"] = f"+1 555 01{dice.randrange(100):02d}"
    if dice.random() < 0.5:
        row["jobTitle"] = dice.choice(_JOBS)
    return row


def _technician(fleet: Fleet, user_id: int, name: str) -> Row:
    first, last = name.split()
    return {
        "uid": technician_uid(fleet, user_id),
        "id": user_id,
        "firstName": first,
        "lastName": last,
        "email": f"{first}.{last}@desk.example".lower(),
        "userType": "TECHNICIAN",
    }


def _end_user(row: Row) -> Row:
    taken = ("uid", "id", "firstName", "lastName", "email")
    found = {name: row[name] for name in taken if name in row} | {"userType": "END_USER"}
    return found | ({"clientId": row["organizationId"]} if "organizationId" in row else {})


def _of_contact(row: Row) -> Row:
    taken = ("uid", "id", "clientId", "firstName", "lastName", "email")
    return {name: row[name] for name in taken if name in row} | {"userType": "CONTACT"}


def _searched(row: Row) -> str:
    return " ".join(row.get(name, "") for name in ("firstName", "lastName", "email")).lower()
