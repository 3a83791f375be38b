"""The people of ticketing: the contacts of /v2/contacts as it has them, and everybody in one list."""

from __future__ import annotations

import random
import uuid
from typing import Any

from ninja_analytics.sandbox import people_rows
from ninja_analytics.sandbox.asked import Asked, Row, chosen, ids_of, word_of
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp

KINDS = ("TECHNICIAN", "END_USER", "CONTACT")
_SAME = ("id", "uid", "firstName", "lastName", "email", "phone", "jobTitle")


def uid_of(dice: random.Random) -> str:
    """An identifier out of *dice*."""
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def contact_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/ticketing/contact/contacts."""
    names = {one.id: one.name for one in fleet.organizations}
    return [
        _contact(fleet, row, names[row["organizationId"]])
        for row in people_rows.contact_rows(fleet)
    ]


def technician_uids(fleet: Fleet) -> dict[int, str]:
    """The identifiers of the technicians, by their ids."""
    return {row["id"]: row["uid"] for row in people_rows.technician_rows(fleet)}


def everybody(fleet: Fleet, end_users: list[Row], asked: Asked) -> list[Row]:
    """The rows of /v2/ticketing/app-user-contact that are asked for, in the order of its anchor."""
    kind, homes = word_of(asked, "userType", KINDS), ids_of(asked, "clientId")
    found = {
        "TECHNICIAN": people_rows.technician_rows(fleet),
        "END_USER": end_users,
        "CONTACT": people_rows.contact_rows(fleet),
    }
    people = [_person(row, kind) for kind, rows in found.items() for row in rows]
    rows = [row | {"naturalId": str(number)} for number, row in enumerate(people, 1)]
    if homes is not None:
        rows = [row for row in rows if row.get("clientId") in homes]
    if text := asked.get("searchCriteria", "").lower():
        rows = [row for row in rows if text in _searched(row)]
    return chosen(rows, {"userType": kind or ""}, texts={"userType": "userType"})


def _contact(fleet: Fleet, known: Row, organization: str) -> Row:
    dice = fleet.dice("contact", known["id"])
    made = fleet.now - dice.uniform(20, 1500) * DAY
    row: dict[str, Any] = {name: known[name] for name in _SAME if name in known}
    return row | {
        "clientId": known["organizationId"],
        "clientName": organization,
        "displayName": f"{known['firstName']} {known['lastName']}",
        "createTime": stamp(made),
        "updateTime": stamp(made + dice.uniform(0, 15) * DAY),
    }


def _person(known: Row, kind: str) -> Row:
    row = {name: known[name] for name in _SAME[:5] if name in known} | {"userType": kind}
    return row | ({"clientId": known["organizationId"]} if "organizationId" in known else {})


def _searched(row: Row) -> str:
    return " ".join(row.get(name, "") for name in ("firstName", "lastName", "email")).lower()
