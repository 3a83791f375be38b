"""Which devices and organizations come and go: enrolled, approved, enrolled again, removed."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from ninja_analytics.sandbox.alerts import WATCHED
from ninja_analytics.sandbox.fleet import (
    AGENT,
    APPROVED,
    CLASS_NAMES,
    ORPHAN,
    PENDING,
    Fleet,
    Numbers,
    models_of,
    policies_of,
    role_policies_of,
    roles_of,
    software_rows_of,
    systems_of,
)
from ninja_analytics.sandbox.happened import CREATED, DELETED, Event
from ninja_analytics.sandbox.life import HOUR, First, Life, unmoved
from ninja_analytics.sandbox.tenants import another_organization
from ninja_analytics.sandbox.vocabulary import CLASSES

# Per hour, for each device that is there.
_NEW, _REMOVED, _AGAIN = 4e-5, 4e-5, 1.2e-5
_ORGANIZATIONS = 1 / (24 * 14)  # per hour: one in two weeks
_APPROVED = 1 / 30  # per hour, of those that wait
_AWAY_WEIGHT = 12  # who has not been heard of for weeks is removed rather than others
_STAYS = np.isin(CLASS_NAMES, ["VMWARE_VM_HOST", "VMWARE_VM_GUEST"])  # they go with each other
_COMES = np.array([0.0 if _STAYS[n] else row[1] for n, row in enumerate(CLASSES)])


def remove(fleet: Fleet, dice: np.random.Generator) -> list[Event]:
    """Remove some devices, those rather that are away for long."""
    able = np.flatnonzero((fleet.status == APPROVED) & ~_STAYS[fleet.kind])
    count = min(int(dice.poisson(len(able) * _REMOVED)), len(able))
    if not count:
        return []
    weight = np.where(fleet.life.away[able], _AWAY_WEIGHT, 1)
    gone = np.sort(dice.choice(able, count, replace=False, p=weight / weight.sum()))
    return [_without(fleet, index, fleet.now - HOUR * dice.random()) for index in gone.tolist()]


def _without(fleet: Fleet, index: int, at: float) -> Event:
    """Take one device out of the lists; what it told remains."""
    fleet.status[index], fleet.offline[index] = ORPHAN, True
    fleet.last_contact[index] = min(float(fleet.last_contact[index]), round(at, 3))
    fleet.collected[index] = min(fleet.collected[index], fleet.last_contact[index])
    fleet.life.raised[index] = np.nan
    return Event(round(at, 3), DELETED, index)


def approve(fleet: Fleet, dice: np.random.Generator) -> None:
    """Approve some of the devices that wait; from then on their agents tell of them."""
    waiting = np.flatnonzero(fleet.status == PENDING)
    chosen = waiting[dice.random(len(waiting)) < _APPROVED]
    if not len(chosen):
        return
    kind, agent = fleet.kind[chosen], AGENT[fleet.kind[chosen]]
    fleet.status[chosen] = APPROVED
    fleet.system[chosen] = np.where(agent, systems_of(kind, dice), -1)
    fleet.model[chosen] = np.where(agent, models_of(fleet.role[chosen], dice), -1)
    fleet.software_rows[chosen] = software_rows_of(kind, agent, dice)
    fleet.first.system[chosen] = fleet.system[chosen]
    fleet.collected[chosen] = fleet.last_contact[chosen]
    fleet.first.seen[chosen] = fleet.first.contact[chosen] = fleet.last_contact[chosen]


def arrive(fleet: Fleet, dice: np.random.Generator) -> tuple[Fleet, list[Event]]:
    """The fleet with the devices and organizations that came within the hour that ends now."""
    there = np.flatnonzero(fleet.status == APPROVED)
    if not len(there):
        return fleet, []
    new, again = dice.poisson(len(there) * _NEW), dice.poisson(len(there) * _AGAIN)
    homes = fleet.organization[dice.choice(there, new)]
    if dice.random() < _ORGANIZATIONS:
        came = another_organization(fleet.organizations, dice, at=fleet.now - HOUR * dice.random())
        fleet = replace(fleet, organizations=(*fleet.organizations, came))
        homes = np.concatenate([homes, np.full(came.devices, len(fleet.organizations) - 1)])
    able = there[AGENT[fleet.kind[there]] & ~fleet.offline[there]]
    able = able[(fleet.software_rows[able] > 0) & (fleet.created[able] < fleet.now - HOUR)]
    old = np.sort(dice.choice(able, min(int(again), len(able)), replace=False))
    events = [_without(fleet, index, fleet.now - 1800) for index in old.tolist()]
    if not len(homes) + len(old):
        return fleet, []
    total = len(fleet)
    if len(homes):
        fleet = _joined(fleet, _new_devices(fleet, homes, dice))
    if len(old):
        fleet = _joined(fleet, _enrolled_again(fleet, old, dice))
    came_in = range(total, len(fleet))
    return fleet, events + [Event(float(fleet.created[n]), CREATED, n) for n in came_in]


def _next_ids(fleet: Fleet, count: int, dice: np.random.Generator) -> Numbers:
    found: Numbers = fleet.ids[-1] + np.cumsum(1 + dice.geometric(0.7, count))
    return found


def _new_devices(fleet: Fleet, homes: Numbers, dice: np.random.Generator) -> dict[str, Any]:
    """The columns of devices that were never there before."""
    count = len(homes)
    ids = _next_ids(fleet, count, dice)
    created = np.round(np.sort(fleet.now - dice.uniform(900, 1700, count)), 3)
    seen = np.round(fleet.now - dice.uniform(5, 280, count), 3)
    kind = dice.choice(len(_COMES), count, p=_COMES / _COMES.sum())
    role = roles_of(kind, dice)
    manual = [fleet.organizations[home].approval_mode == "MANUAL" for home in homes]
    status = np.where(manual, PENDING, APPROVED).astype(np.int8)
    agent = AGENT[kind] & (status != PENDING)
    system = np.where(agent, systems_of(kind, dice), -1)
    places = [fleet.organizations[home].locations for home in homes]
    location = [place[int(len(place) * dice.random() ** 2.2)].id for place in places]
    life = unmoved(count)
    life.watched[:] = dice.random(life.watched.shape) < np.array(WATCHED)
    low = np.zeros(count, dtype=bool)
    return {
        "ids": ids, "identity": ids, "status": status, "organization": homes,
        "location": np.array(location), "kind": kind, "role": role,
        "role_policy": role_policies_of(kind), "policy": policies_of(kind, role, dice),
        "parent": np.zeros(count, dtype=np.int64), "offline": low, "created": created,
        "last_contact": seen, "collected": seen, "system": system,
        "model": np.where(agent, models_of(role, dice), -1), "needs_reboot": low,
        "last_boot": created - dice.uniform(600, 7200, count), "low_disk": low,
        "threats": np.zeros(count, dtype=np.int64),
        "software_rows": software_rows_of(kind, agent, dice),
        "first": First(status, homes, seen, seen, low, system, created), "life": life,
    }  # fmt: skip


def _enrolled_again(fleet: Fleet, old: Numbers, dice: np.random.Generator) -> dict[str, Any]:
    """The columns of devices whose agents were installed anew: the same hardware, new ids."""
    count, names = len(old), {one.name for one in fields(Fleet)}
    kept = names - {"seed", "born", "now", "organizations", "first", "life"}
    columns: dict[str, Any] = {name: getattr(fleet, name)[old].copy() for name in kept}
    columns["ids"] = _next_ids(fleet, count, dice)
    columns["status"] = np.full(count, APPROVED, dtype=np.int8)
    columns["offline"] = np.zeros(count, dtype=bool)
    columns["created"] = np.round(np.sort(fleet.now - dice.uniform(900, 1700, count)), 3)
    columns["last_contact"] = np.round(fleet.now - dice.uniform(5, 280, count), 3)
    columns["collected"] = columns["last_contact"]
    columns["first"] = First(
        **{one.name: getattr(fleet.first, one.name)[old] for one in fields(First)}
    )
    life: dict[str, Any] = {}
    for one in fields(Life):
        value = getattr(fleet.life, one.name)
        life[one.name] = value[old].copy() if isinstance(value, np.ndarray) else {}
    life["raised"][:], life["presence"][:], life["away"][:] = np.nan, 0, False
    columns["life"] = Life(**life)
    for place, index in enumerate(old.tolist()):
        if index in fleet.life.absences:
            fleet.life.absences[len(fleet) + place] = fleet.life.absences[index]
        if index in fleet.life.fields:
            fleet.life.fields[len(fleet) + place] = dict(fleet.life.fields[index])
    return columns


def _joined(fleet: Fleet, more: dict[str, Any]) -> Fleet:
    """The fleet with the columns of some more devices at its end."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(fleet, name), value])
        for name, value in more.items()
        if isinstance(value, np.ndarray)
    }
    first = {
        one.name: np.concatenate([getattr(fleet.first, one.name), getattr(more["first"], one.name)])
        for one in fields(First)
    }
    life: dict[str, Any] = {}
    for one in fields(Life):
        before, after = getattr(fleet.life, one.name), getattr(more["life"], one.name)
        rare = isinstance(before, dict)
        life[one.name] = before if rare else np.concatenate([before, after])
    return replace(fleet, **columns, first=First(**first), life=Life(**life))
