"""The people of the tenant: technicians, the end users of each organization, contacts and roles.

Which end user a device is assigned to follows from the seed and the device alone, so a device can
name its owner without a list of all people.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.directory import MAIL_OF_THE_HOUSE, STAFF, Staff
from ninja_analytics.sandbox.fleet import APPROVED, Fleet
from ninja_analytics.sandbox.tenants import USER_STEP, Organization

_SALT = 140
_OWNED = ("WINDOWS_WORKSTATION", "LINUX_WORKSTATION", "MAC")
_NAMES = len(vocabulary.FIRST_NAMES) * len(vocabulary.LAST_NAMES)


@dataclass(frozen=True, slots=True)
class Person:
    """An end user: a name, an account, and the organization."""

    id: int
    uid: str
    first: str
    last: str
    email: str | None
    phone: str | None
    enabled: bool
    invitation: str
    sso: bool
    portal: bool
    mfa: bool
    place: int
    organization: Organization

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


def person(fleet: Fleet, place: int, number: int) -> Person:
    """The end user of this *number* in the organization at this *place* of the fleet's."""
    organization = fleet.organizations[place]
    user_id = organization.first_user + number * USER_STEP
    dice = _dice(fleet, user_id)
    uid = _uid(dice)
    first, last, email = _named(organization, number, dice)
    invitation = dice.choices(("REGISTERED", "PENDING", "EXPIRED"), (80, 14, 6))[0]
    return Person(
        id=user_id,
        uid=uid,
        first=first,
        last=last,
        email=email,
        phone=f"+1 555 {dice.randrange(10_000):04d}" if dice.random() < 0.2 else None,
        enabled=dice.random() < 0.92,
        invitation=invitation,
        sso=organization.id % 3 == 0,
        portal=dice.random() < 0.08,
        mfa=invitation == "REGISTERED" and dice.random() < 0.6,
        place=place,
        organization=organization,
    )


def owner_number(fleet: Fleet, index: int) -> int | None:
    """Which end user of its organization a device is assigned to, if it is to anybody."""
    count = fleet.home(index).users
    if not count or fleet.status[index] != APPROVED or fleet.class_name(index) not in _OWNED:
        return None
    dice = fleet.chance(index, _SALT)
    return dice.randrange(count) if dice.random() < 0.4 else None


def owner_of(fleet: Fleet, index: int) -> Person | None:
    """The end user to whom a device is assigned, if it is to anybody."""
    number = owner_number(fleet, index)
    return None if number is None else person(fleet, int(fleet.organization[index]), number)


def owner_uid(fleet: Fleet, index: int) -> str | None:
    """The identifier of the end user to whom a device is assigned, if it is to anybody."""
    number = owner_number(fleet, index)
    if number is None:
        return None
    return _uid(_dice(fleet, fleet.home(index).first_user + number * USER_STEP))


class People:
    """Everybody in a tenant, worked out when first asked for."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def end_users(self, place: int | None = None) -> Iterator[Person]:
        """The end users of the organization at *place*, or of all, by id."""
        places = range(len(self._fleet.organizations)) if place is None else (place,)
        for one in places:
            for number in range(self._fleet.organizations[one].users):
                yield person(self._fleet, one, number)

    def end_user(self, user_id: str) -> Person | None:
        """The end user of this id, as the path has it; None if there is none."""
        if not user_id.isdecimal():
            return None
        for place, one in enumerate(self._fleet.organizations):
            number, between = divmod(int(user_id) - one.first_user, USER_STEP)
            if not between and 0 <= number < one.users:
                return person(self._fleet, place, number)
        return None

    def devices_of(self, one: Person) -> list[int]:
        """The ids of the devices that are assigned to an end user."""
        return self._owned.get(one.id, [])

    def reached_by(self, one: Person) -> list[int]:
        """The ids of the devices that an end user may reach: the own ones and sometimes others."""
        own = self.devices_of(one)
        if not one.portal:
            return own
        fleet = self._fleet
        there = (fleet.organization == one.place) & (fleet.status == APPROVED)
        shared: list[int] = fleet.ids[there][: 3 + one.id % 5].tolist()
        return sorted({*own, *shared})

    @cached_property
    def _owned(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for index in np.flatnonzero(self._fleet.status == APPROVED).tolist():
            number = owner_number(self._fleet, index)
            if number is not None:
                owner = self._fleet.home(index).first_user + number * USER_STEP
                found[owner].append(int(self._fleet.ids[index]))
        return dict(found)


def staff_uid(fleet: Fleet, one: Staff) -> str:
    """The identifier of a technician."""
    return _uid(_dice(fleet, one.id))


def staff_email(one: Staff) -> str | None:
    """The e-mail address of a technician, if there is one; namesakes have their number in it."""
    namesakes = [other.id for other in STAFF if other.name == one.name]
    number = "" if one.id == namesakes[0] else str(namesakes.index(one.id) + 1)
    word = one.name.lower().replace(" ", ".")
    return f"{word}{number}@{MAIL_OF_THE_HOUSE}" if one.email else None


def _dice(fleet: Fleet, user_id: int) -> random.Random:
    return random.Random((fleet.seed << 72) ^ ((_SALT + 1) << 56) ^ user_id)


def _uid(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def _named(
    organization: Organization, number: int, dice: random.Random
) -> tuple[str, str, str | None]:
    """A name and an address: names repeat between organizations, and in large ones too."""
    place = (organization.id * 29 + number * 67) % _NAMES
    last, first = divmod(place, len(vocabulary.FIRST_NAMES))
    words = vocabulary.FIRST_NAMES[first], vocabulary.LAST_NAMES[last]
    again = str(number // _NAMES + 1) if number >= _NAMES else ""
    host = f"{organization.prefix.lower()}.example"
    address: str | None = f"{words[0]}.{words[1]}{again}@{host}"
    draw = dice.random()
    if draw < 0.06:
        address = None
    elif draw < 0.1:
        address = f"{words[0].title()}.{words[1].title()}{again}@{host}"
    typed = (words[0], words[1]) if draw > 0.97 else (words[0].title(), words[1].title())
    return typed[0], typed[1] + (" " if 0.95 < draw < 0.97 else ""), address
