"""The seeded fleet: what every device is, as columns; its details are worked out when asked for.

The columns are a few numbers per device, so a fleet of 50,000 is there at once. Everything with
many rows per device (software, patches, activities) is derived from them and the seed, a device
or a day at a time, and is the same whenever it is asked for.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.draws import fraction
from ninja_analytics.sandbox.life import HOUR, First, Life, unmoved
from ninja_analytics.sandbox.tenants import Organization, organizations_of
from ninja_analytics.sandbox.times import DAY

Numbers = NDArray[Any]

PENDING, APPROVED, ORPHAN = 0, 1, 2
APPROVAL = ("PENDING", "APPROVED", "DECOMMISSIONED")
CLASS_NAMES = tuple(row[0] for row in vocabulary.CLASSES)
AGENT = np.array([name in vocabulary.AGENT_CLASSES for name in CLASS_NAMES])
STALE_SHARE = 0.07

_MODEL_FITS = {
    1: "server", 14: "server", 2: "desktop", 3: "laptop", 4: "mac-desktop", 5: "mac-laptop",
    6: "server", 7: "desktop",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fleet:
    """The tenant's organizations and devices; every array has one entry per device, by id.

    Times are epoch seconds. `system` and `model` index vocabulary.SYSTEMS and MODELS (-1: none),
    `kind` indexes CLASS_NAMES, `status` is PENDING, APPROVED or ORPHAN. An orphan was removed:
    its data are still in queries and activities, but it is no longer in the list of devices.
    `born` is when the sandbox began. A device's dice are those of its `identity`, the first id that
    its hardware had. `first` is what it was at first, `life` what has happened to it since.
    """

    seed: int
    born: float
    now: float
    organizations: tuple[Organization, ...]
    ids: Numbers
    identity: Numbers
    status: Numbers
    organization: Numbers
    location: Numbers
    kind: Numbers
    role: Numbers
    role_policy: Numbers
    policy: Numbers
    parent: Numbers
    offline: Numbers
    created: Numbers
    last_contact: Numbers
    collected: Numbers
    system: Numbers
    model: Numbers
    needs_reboot: Numbers
    last_boot: Numbers
    low_disk: Numbers
    threats: Numbers
    software_rows: Numbers
    first: First
    life: Life

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def agents(self) -> Numbers:
        """Which devices run the agent, and so have software, patches and volumes."""
        found: Numbers = AGENT[self.kind] & (self.status != PENDING)
        return found

    def chance(self, index: int, salt: int) -> random.Random:
        """The dice of one device for one purpose, always the same."""
        return random.Random((self.seed << 72) ^ (salt << 56) ^ int(self.identity[index]))

    def chance_of(self, index: int, salt: int, number: int) -> random.Random:
        """The dice of one device for one purpose and a day, a patch or the like, always the same."""
        return random.Random(f"{self.seed} {salt} {int(self.identity[index])} {number}")

    def fraction(self, index: int, salt: int, number: int) -> float:
        """One number from 0 up to 1, as from `chance_of`, but quickly."""
        return fraction(self.seed, salt, int(self.identity[index]), number)

    def dice(self, what: str, number: int) -> random.Random:
        """The dice of anything that is no device, by what it is and its number; always the same."""
        return random.Random(f"{self.seed} {what} {number}")

    def uid(self, index: int, salt: int = 0) -> str:
        """An identifier that belongs to one device and one purpose."""
        dice = random.Random((self.seed << 72) ^ ((1000 + salt) << 56) ^ int(self.ids[index]))
        return str(uuid.UUID(int=dice.getrandbits(128), version=4))

    def hardware_uid(self, index: int, salt: int) -> str:
        """An identifier of a part of one device, which stays when it is enrolled again."""
        return str(uuid.UUID(int=self.chance(index, 1000 + salt).getrandbits(128), version=4))

    def home(self, index: int) -> Organization:
        """The organization of a device."""
        return self.organizations[int(self.organization[index])]

    def first_home(self, index: int) -> Organization:
        """The organization for which a device was set up: it has its name and habits from there."""
        return self.organizations[int(self.first.home[index])]

    def place_at(self, index: int, moment: float) -> tuple[Organization, int]:
        """The organization of a device and the id of its location at a time."""
        for until, home, location in self.life.places.get(index, ()):
            if moment < until:
                return self.organizations[home], location
        return self.home(index), int(self.location[index])

    def after_absence(self, index: int, moment: float) -> float:
        """*moment*, or, if the device was away for days then, some hours after it came back."""
        for gone, back in self.life.absences.get(index, ()):
            if gone < moment < back:
                return back + HOUR * (1 + 20 * (moment - gone) / (back - gone))
        return moment

    @property
    def step(self) -> int:
        """How many hours the sandbox has moved on."""
        return round((self.now - self.born) / HOUR)

    def class_name(self, index: int) -> str:
        """The node class of a device."""
        return CLASS_NAMES[int(self.kind[index])]

    def system_of(self, index: int) -> vocabulary.System | None:
        """The operating system of a device, if it has an agent to tell."""
        return vocabulary.SYSTEMS[self.system[index]] if self.system[index] >= 0 else None

    def system_name(self, index: int) -> str:
        """The name that a device gives itself; Macs are named after people, so they repeat."""
        if self.class_name(index) == "MAC":
            owner = self.chance(index, 1).choice(vocabulary.FIRST_NAMES).title()
            return f"{owner}s-{'iMac' if self.role[index] == 4 else 'MacBook-Pro'}"
        letters = vocabulary.CLASSES[int(self.kind[index])][2]
        return f"{self.first_home(index).prefix}-{letters}{int(self.identity[index]):04d}"


def build(devices: int, *, organizations: int | None, seed: int, now: float) -> Fleet:
    """The fleet of *devices* approved devices; a few pending and removed ones come on top."""
    dice = np.random.default_rng((seed, devices, organizations or 0))
    tenants = organizations_of(devices, organizations, dice)
    status = _statuses(devices, dice)
    total = len(status)
    kind = _kinds(total, dice)
    created, last_contact, offline = _contacts(status, kind, now, dice)
    home, location = _homes(tenants, devices, total, dice)
    role = roles_of(kind, dice)
    ids = np.cumsum(1 + dice.geometric(0.7, total)) + 8
    agent = AGENT[kind] & (status != PENDING)
    mean_uptime = np.where(np.isin(kind, indexes("SERVER")), 35.0, 6.0)
    policy = policies_of(kind, role, dice)
    parent = _parents(ids, kind, status, dice)
    collected = np.maximum(created, last_contact - dice.uniform(0, 0.8 * DAY, total))
    system = np.where(agent, systems_of(kind, dice), -1)
    model = np.where(agent, models_of(role, dice), -1)
    needs_reboot = agent & (dice.random(total) < 0.13)
    last_boot = last_contact - 600 - dice.exponential(mean_uptime * DAY)
    low_disk = agent & (dice.random(total) < 0.05)
    return Fleet(
        seed=seed,
        born=now,
        now=now,
        organizations=tenants,
        ids=ids,
        identity=ids,
        status=status,
        organization=home,
        location=location,
        kind=kind,
        role=role,
        role_policy=role_policies_of(kind),
        policy=policy,
        parent=parent,
        offline=offline,
        created=created,
        last_contact=last_contact,
        collected=collected,
        system=system,
        model=model,
        needs_reboot=needs_reboot,
        last_boot=last_boot,
        low_disk=low_disk,
        threats=np.where(agent, dice.binomial(3, 0.01, total), 0),
        software_rows=software_rows_of(kind, agent, dice),
        first=First(status, home, collected, last_contact, low_disk, system, created),
        life=unmoved(total),
    )


def indexes(part: str) -> list[int]:
    """The numbers of the node classes with *part* in their names."""
    return [index for index, name in enumerate(CLASS_NAMES) if part in name]


def _statuses(devices: int, dice: np.random.Generator) -> Numbers:
    """Approved devices with a few removed ones among them; the pending ones enrolled last."""
    orphans = max(2, round(devices * 0.012)) if devices else 0
    pending = max(1, round(devices * 0.01)) if devices else 0
    status = np.full(devices + orphans, APPROVED, dtype=np.int8)
    if orphans:
        status[dice.choice(devices + orphans, orphans, replace=False)] = ORPHAN
    return np.concatenate([status, np.full(pending, PENDING, dtype=np.int8)])


def _kinds(total: int, dice: np.random.Generator) -> Numbers:
    """Node classes by their shares; the common ones are there in a small fleet too."""
    shares = np.array([row[1] for row in vocabulary.CLASSES])
    counts = np.floor(shares * total).astype(int)
    rare_too = np.arange(len(shares)) < (8 if total >= 30 else 4)
    counts = np.where(rare_too & (total >= 10), np.maximum(counts, 1), counts)
    counts[0] += total - counts.sum()
    return dice.permutation(np.repeat(np.arange(len(shares)), np.maximum(counts, 0)))[:total]


def _contacts(
    status: Numbers, kind: Numbers, now: float, dice: np.random.Generator
) -> tuple[Numbers, Numbers, Numbers]:
    """When devices were enrolled and last heard of, and which are offline."""
    total = len(status)
    created = np.sort(now - 2.0 * DAY - 5.5 * 365 * DAY * dice.beta(0.9, 1.6, total))
    created[status == PENDING] = now - dice.uniform(0.05, 1.9, int((status == PENDING).sum())) * DAY
    created.sort()
    away = np.where(np.isin(kind, indexes("WORKSTATION") + indexes("MAC")), 0.28, 0.035)
    offline = dice.random(total) < away
    stale = (dice.random(total) < STALE_SHARE) & (away > 0.2)
    gone = np.where(stale, 31 + dice.exponential(70, total), dice.exponential(1.6, total) + 0.02)
    gone = np.where(status == ORPHAN, 12 + dice.exponential(60, total), gone)
    offline |= stale | (status == ORPHAN)
    silent = np.where(offline, gone * DAY, dice.uniform(5, 280, total))
    last_contact = np.maximum(now - silent, created + 60)
    return np.round(created, 3), np.round(last_contact, 3), offline


def _homes(
    tenants: tuple[Organization, ...], devices: int, total: int, dice: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """The index of the organization and the id of the location of every device."""
    sizes = [tenant.devices for tenant in tenants]
    home = np.repeat(np.arange(len(tenants)), sizes)
    home = np.concatenate([home, dice.choice(home, total - devices)]) if devices else home
    home = dice.permutation(home)
    first = np.array([tenant.locations[0].id for tenant in tenants])
    count = np.array([len(tenant.locations) for tenant in tenants])
    # The first location of an organization is its main office and holds most devices.
    return home, first[home] + np.floor(count[home] * dice.random(total) ** 2.2).astype(int)


def roles_of(kind: Numbers, dice: np.random.Generator) -> Numbers:
    """A role for every device of these node classes."""
    first = np.array([row[4][0] for row in vocabulary.CLASSES])
    last = np.array([row[4][-1] for row in vocabulary.CLASSES])
    share = np.where(np.isin(kind, indexes("SERVER")), 0.12, 0.62)
    return np.where(dice.random(len(kind)) < share, last[kind], first[kind])


def role_policies_of(kind: Numbers) -> Numbers:
    """The policy of the role of every device."""
    default = {row[2]: row[0] for row in vocabulary.POLICIES if row[3]}
    return np.array([default[name] for name in CLASS_NAMES])[kind]


def policies_of(kind: Numbers, role: Numbers, dice: np.random.Generator) -> Numbers:
    """Policies assigned to single devices, over that of the role; 0 for none."""
    draw = dice.random(len(kind))
    policy = np.where(np.isin(kind, indexes("WINDOWS_WORKSTATION")) & (draw < 0.04), 104, 0)
    policy = np.where((role == 3) & (draw > 0.9), 105, policy)
    return np.where(np.isin(kind, indexes("WINDOWS_SERVER")) & (draw < 0.1), 102, policy)


def _parents(ids: Numbers, kind: Numbers, status: Numbers, dice: np.random.Generator) -> Numbers:
    """The host of every virtual machine that is managed through its host; 0 for none."""
    hosts = ids[np.isin(kind, indexes("VM_HOST")) & (status == APPROVED)]
    parent = np.zeros(len(ids), dtype=np.int64)
    guests = np.isin(kind, indexes("VM_GUEST"))
    if len(hosts):
        parent[guests] = dice.choice(hosts, int(guests.sum()))
    return parent


def systems_of(kind: Numbers, dice: np.random.Generator) -> Numbers:
    """An operating system for every device with an agent, by their shares."""
    system = np.full(len(kind), -1)
    for index, name in enumerate(CLASS_NAMES):
        rows = [n for n, row in enumerate(vocabulary.SYSTEMS) if name in row.classes]
        if rows:
            weight = np.array([vocabulary.SYSTEMS[n].weight for n in rows])
            here = kind == index
            system[here] = dice.choice(rows, int(here.sum()), p=weight / weight.sum())
    return system


def models_of(role: Numbers, dice: np.random.Generator) -> Numbers:
    """A model that fits the role of every device."""
    model = np.full(len(role), -1)
    for number, fit in _MODEL_FITS.items():
        rows = [n for n, row in enumerate(vocabulary.MODELS) if row[4] == fit]
        here = role == number
        model[here] = dice.choice(rows, int(here.sum()))
    return model


def software_rows_of(kind: Numbers, agent: Numbers, dice: np.random.Generator) -> Numbers:
    """How many programs a device has; a few agents never reported any."""
    mean = np.array([row[3] for row in vocabulary.CLASSES])[kind]
    rows = np.round(mean * np.clip(dice.lognormal(-0.03, 0.25, len(kind)), 0.4, 1.9)).astype(int)
    return np.where(agent & (dice.random(len(kind)) > 0.006), rows, 0)
