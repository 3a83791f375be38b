"""The rows of users, technicians, end users, contacts and roles of users."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from ninja_analytics.sandbox.directory import JOB_TITLES, STAFF, USER_ROLES, Staff
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.people import People, Person, person, staff_email, staff_uid

Asked = Mapping[str, str]
Row = dict[str, Any]

_ROLE_NAMES = {row[0]: row[1] for row in USER_ROLES}
_CONTACTS = 144


def user_rows(fleet: Fleet, people: People, asked: Asked) -> list[Row]:
    """The rows of /v2/users: technicians and end users, by id."""
    kind, roles = _kind(asked, "userType"), _wants_roles(asked)
    staff = [] if kind == "END_USER" else [_staff_user(fleet, one, roles) for one in STAFF]
    if kind == "TECHNICIAN":
        return staff
    return staff + end_users_of(people, people.end_users(), roles=roles)


def organization_users(people: People, place: int | None, asked: Asked) -> list[Row] | None:
    """The rows of /v2/organization/{id}/end-users; None where there is no organization."""
    if place is None:
        return None
    return end_users_of(people, people.end_users(place), roles=_wants_roles(asked))


def end_users_of(people: People, found: Iterable[Person], *, roles: bool) -> list[Row]:
    """These end users as /v2/users has them."""
    rows = []
    for one in found:
        row = _account(one.id, one.uid, (one.first, one.last), one.email, one.phone) | {
            "enabled": one.enabled,
            "administrator": False,
            "permitAllClients": False,
            "notifyAllClients": False,
            "mustChangePw": one.invitation != "REGISTERED",
            "mfaConfigured": one.mfa,
            "userType": "END_USER",
            "invitationStatus": one.invitation,
            "organizationId": one.organization.id,
            "deviceIds": people.reached_by(one),
            "assignedDeviceIds": people.devices_of(one),
        }
        rows.append(row | ({"roles": [_ROLE_NAMES[_role_of(one)]]} if roles else {}))
    return rows


def technician_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/user/technicians."""
    left_out = ("permitAllClients", "deviceIds")
    return [
        {key: value for key, value in _staff_user(fleet, one, False).items() if key not in left_out}
        | {"scimUser": one.auth_type == "SSO", "authType": one.auth_type}
        for one in STAFF
    ]


def end_user_rows(people: People) -> list[Row]:
    """The rows of /v2/user/end-users."""
    return [
        _account(one.id, one.uid, (one.first, one.last), one.email, one.phone)
        | {
            "enabled": one.enabled,
            "organizationId": one.organization.id,
            "fullPortalAccess": one.portal,
            "mustChangePw": one.invitation != "REGISTERED",
            "mfaConfigured": one.mfa,
            "scimUser": one.sso,
            "authType": "SSO" if one.sso else "NATIVE",
            "invitationStatus": one.invitation,
            "assignedDeviceIds": people.devices_of(one),
            "accessibleDeviceIds": people.reached_by(one),
        }
        for one in people.end_users()
    ]


def contact_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/contacts: up to three of an organization, the first often an end user too."""
    rows: list[Row] = []
    for place, one in enumerate(fleet.organizations):
        dice = random.Random((fleet.seed << 72) ^ (_CONTACTS << 56) ^ one.id)
        # Numbers beyond those of the end users are of people without an account.
        numbers = [0, one.users + 3, one.users + 8][: dice.choice((0, 1, 1, 2, 3))]
        for number in numbers:
            who = person(fleet, place, number)
            uid = str(uuid.UUID(int=dice.getrandbits(128), version=4))
            row = _account(301 + 3 * len(rows), uid, (who.first, who.last), who.email, who.phone)
            row["organizationId"] = one.id
            if dice.random() < 0.7:
                row["jobTitle"] = dice.choice(JOB_TITLES)
            rows.append(row)
    return rows


def role_rows(people: People, asked: Asked) -> list[Row]:
    """The rows of /v2/user/roles, with their members."""
    wanted = _kind(asked, "roleType")
    rows = []
    for number, name, kind, description, members in USER_ROLES:
        if wanted not in ("", kind):
            continue
        row: Row = {"id": number, "name": name, "type": kind}
        if description:
            row["description"] = description
        row["members"] = (
            [_member(one.id, one.name, staff_email(one), one.auth_type == "SSO")
             for one in STAFF if one.id in members]
            if members is not None
            else [_member(one.id, one.name, one.email, one.sso)
                  for one in people.end_users() if _role_of(one) == number]
        )  # fmt: skip
        rows.append(row)
    return rows


def _role_of(one: Person) -> int:
    return 22 if one.portal else 21


def _member(number: int, name: str, email: str | None, synced: bool) -> Row:
    row: Row = {"id": number, "name": name, "source": "SCIM" if synced else "MANUAL"}
    return row | ({"email": email} if email else {})


def _account(
    number: int, uid: str, name: tuple[str, str], email: str | None, phone: str | None
) -> Row:
    row: Row = {"id": number, "uid": uid, "firstName": name[0], "lastName": name[1]}
    return row | {key: text for key, text in (("email", email), ("phone", phone)) if text}


def _staff_user(fleet: Fleet, one: Staff, roles: bool) -> Row:
    first, last = one.name.split(" ")
    row = _account(one.id, staff_uid(fleet, one), (first, last), staff_email(one), one.phone) | {
        "enabled": one.enabled,
        "administrator": one.administrator,
        "permitAllClients": one.administrator or one.id % 4 != 3,
        "notifyAllClients": one.administrator,
        "mustChangePw": one.invitation != "REGISTERED",
        "mfaConfigured": one.mfa,
        "userType": "TECHNICIAN",
        "invitationStatus": one.invitation,
        "deviceIds": [],
        "assignedDeviceIds": [],
    }
    if roles:
        row["roles"] = [role[1] for role in USER_ROLES if role[4] and one.id in role[4]]
    return row


def _wants_roles(asked: Asked) -> bool:
    return asked.get("includeRoles", "").lower() == "true"


def _kind(asked: Asked, parameter: str) -> str:
    """The kind of user that is asked for; "" for all."""
    kind = asked.get(parameter, "")
    if kind not in ("", "TECHNICIAN", "END_USER"):
        raise ValueError(f"{parameter} must be TECHNICIAN or END_USER")
    return kind
