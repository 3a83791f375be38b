"""The values of custom fields of every kind of entity, and when and by whom they were written.

Some values look like another type than their definition: numbers and truths as text, an option by
the label that it once had. NinjaOne keeps what was written before a definition was changed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ninja_analytics.sandbox.definitions import BY_NAME, VISIBLE
from ninja_analytics.sandbox.device_values import (
    Maker,
    Values,
    attachment,
    device_values,
    drawn,
    option,
)
from ninja_analytics.sandbox.directory import DEPARTMENTS, STAFF, Staff
from ninja_analytics.sandbox.field_words import COST_CENTERS, OLD_OPTIONS
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.people import Person
from ninja_analytics.sandbox.tenants import Location, Organization
from ninja_analytics.sandbox.times import DAY, day_text

_SALT = {"device": 146, "location": 147, "organization": 148, "end_user": 149}
_ODD_SHARE = 0.02
_SCRIPTED = frozenset(
    {"localAdministrators", "localadminreport", "tpmPresent", "tpmversion", "secureBoot",
     "filevaultstatus", "bitlockerEscrowed"}
)  # fmt: skip
_WRITERS = tuple(one for one in STAFF if one.enabled and one.invitation == "REGISTERED")

# How a value of a type can look that was written before the field had this type.
_ODD: dict[str, Callable[[str, Any], Any]] = {
    "NUMERIC": lambda _, value: str(value),
    "DECIMAL": lambda _, value: str(value).replace(".", ","),
    "MONETARY": lambda _, value: f"$ {value}",
    "CHECKBOX": lambda _, value: "true" if value else "no",
    "DATE": lambda _, value: day_text(value / 1000) if value else value,
    "TEXT": lambda _, value: int(value) if value.isdecimal() else value,
    "DROPDOWN": lambda name, value: OLD_OPTIONS.get(name, value),
}


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one field of one entity: when it was written (epoch seconds), and by what."""

    name: str
    value: Any
    at: float
    source: str
    user: Staff | None


def plain(values: list[Value]) -> Values:
    """Only the values, by name."""
    return {one.name: one.value for one in values}


def of_device(fleet: Fleet, index: int) -> list[Value]:
    """The visible values of a device."""
    found = device_values(fleet, index)
    first, last = float(fleet.first.since[index]), float(fleet.first.seen[index])
    dice = fleet.chance(index, _SALT["device"])
    values = _written(found, first, last, dice, float(fleet.collected[index]))
    if index in fleet.life.fields:
        values = _rewritten(fleet, index, values)
    return values


def of_location(fleet: Fleet, place: Location) -> list[Value]:
    """The visible values of a location."""
    return _of(fleet, "location", place)


def of_organization(fleet: Fleet, one: Organization) -> list[Value]:
    """The visible values of an organization."""
    return _of(fleet, "organization", one)


def of_end_user(fleet: Fleet, one: Person) -> list[Value]:
    """The visible values of an end user; about a third have none."""
    return _of(fleet, "end_user", one)


def _of(fleet: Fleet, scope: str, subject: Location | Organization | Person) -> list[Value]:
    dice = random.Random((fleet.seed << 72) ^ (_SALT[scope] << 56) ^ subject.id)
    found = drawn(_MAKERS[scope], fleet, subject, dice)
    since = subject.organization.since if isinstance(subject, Person) else subject.since
    last = max(fleet.born - 60, since)
    return _written(found, max(fleet.born - 900 * DAY, since), last, dice, last)


def inherited(own: list[Value], above: list[Value], letter: str) -> list[Value]:
    """The *own* values and those from *above* of fields that can be set here, at scope *letter*."""
    names = {one.name for one in own}
    more = [one for one in above if one.name not in names and letter in BY_NAME[one.name].scopes]
    return own + more


def _rewritten(fleet: Fleet, index: int, values: list[Value]) -> list[Value]:
    """The *values* of a device with those in their places that a technician wrote since."""
    found = {one.name: one for one in values}
    for name, at in fleet.life.fields[index].items():
        dice = fleet.chance_of(index, 304, int(at))
        value = _REWRITTEN[name](fleet, index, dice)
        found[name] = Value(name, value, at, "USER", dice.choice(_WRITERS))
    return list(found.values())


def _written(
    found: Values, first: float, last: float, dice: random.Random, seen: float
) -> list[Value]:
    """Each visible value with its past, which lies between two times; scripts ran until *seen*."""
    values = []
    for name, value in found.items():
        if name not in VISIBLE:
            continue
        odd = _ODD.get(BY_NAME[name].type)
        if odd and dice.random() < _ODD_SHARE:
            value = odd(name, value)
        source, user = _writer(name, dice)
        back = 3 * DAY if source == "SCRIPT" else 700 * DAY
        at = last - dice.random() * back
        if source == "SCRIPT":  # every third day
            at += (seen - last) // back * back
        at = max(first, at)
        values.append(Value(name, value, at, source, user))
    return values


def _writer(name: str, dice: random.Random) -> tuple[str, Staff | None]:
    if name in _SCRIPTED:
        return "SCRIPT", None
    if name == "inventorynumber":
        return "SYSTEM", None
    return ("API", None) if dice.random() < 0.2 else ("USER", dice.choice(_WRITERS))


def _seats(_fleet: Fleet, one: Organization, dice: random.Random) -> int:
    return max(1, round(one.devices * dice.uniform(0.85, 1.15)))


def _another(fleet: Fleet, one: Organization, dice: random.Random) -> int | None:
    others = [other.id for other in fleet.organizations if other is not one]
    return dice.choice(others) if others else None


def _billed_to(fleet: Fleet, one: Organization, dice: random.Random) -> Values | None:
    other = _another(fleet, one, dice)
    return {"entityId": other, "type": "CLIENT"} if other else None


def _partners(fleet: Fleet, one: Organization, dice: random.Random) -> Values | None:
    other = _another(fleet, one, dice)
    return {"entityIds": [other], "type": "CLIENT"} if other else None


def _usual_location(_fleet: Fleet, one: Person, dice: random.Random) -> Values:
    return {"entityId": dice.choice(one.organization.locations).id, "type": "CLIENT_LOCATION"}


def _first_day(fleet: Fleet, _one: Person, dice: random.Random) -> int:
    return int((fleet.born - dice.uniform(30, 3000) * DAY) // DAY * DAY) * 1000


def _compliance(_fleet: Fleet, _one: Organization, dice: random.Random) -> list[str]:
    return [option("compliance", dice.choice(BY_NAME["compliance"].options))]


# What technicians write into the fields of devices while the sandbox moves on in time.
_REWRITTEN: Mapping[str, Maker] = {
    "assetTag": lambda fleet, n, dice: f"{fleet.first_home(n).prefix}-{dice.randrange(10**5):05d}",
    "costCenter": lambda *how: how[-1].choice(COST_CENTERS),
    "compliance": lambda _, __, dice: [
        option("compliance", dice.choice(BY_NAME["compliance"].options))
    ],
}
REWRITTEN = tuple(_REWRITTEN)


# Per scope and field: the share of entities that have a value, and how it is made.
_MAKERS: Mapping[str, Mapping[str, tuple[float, Maker]]] = {
    "location": {
        "costCenter": (0.5, lambda *how: how[-1].choice(COST_CENTERS)),
        "helpdeskphone": (0.4, lambda _, place, __: f"+1 555 {200 + place.id % 700:04d}"),
        "uplinkmbps": (0.6, lambda *how: how[-1].choice((16.5, 50.0, 100.0, 250.0, 940.25))),
        "backupwindow": (0.3, lambda *how: how[-1].choice((20, 22)) * 3600),
        "rackphoto": (0.2, lambda _, place, __: attachment(place.id)),
    },
    "organization": {
        "contractSeats": (1.0, _seats),
        "monthlyprice": (1.0, lambda *how: how[-1].choice((2.75, 3.5, 4.2))),
        "vpntotp": (1.0, lambda *how: f"{how[-1].randrange(10**6):06d}"),
        "costCenter": (0.6, lambda *how: how[-1].choice(COST_CENTERS)),
        "helpdeskphone": (0.7, lambda _, one, __: f"+1 555 {100 + one.id % 900:04d}"),
        "runbook": (0.4, lambda _, one, __: f"https://wiki.northlight.example/organizations/{one.id}"),
        "compliance": (0.5, _compliance),
        "backupwindow": (0.5, lambda *_: 22 * 3600),
        "billedto": (0.25, _billed_to),
        "partners": (0.25, _partners),
        "internalNotes": (0.3, lambda *_: "Pays late."),
    },
    "end_user": {
        "department": (0.5, lambda *how: how[-1].choice(DEPARTMENTS)),
        "firstday": (0.3, _first_day),
        "usuallocation": (0.25, _usual_location),
    },
}  # fmt: skip
