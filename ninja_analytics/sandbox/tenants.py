"""The tenant's organizations and their locations: very different in size, habits and age."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ninja_analytics.sandbox import vocabulary

ANTIVIRUS = (
    "Microsoft Defender Antivirus",
    "Bitdefender Endpoint Security Tools",
    "SentinelOne Agent",
)

USERS_PER_DEVICE = 0.4
FIRST_USER, USER_STEP = 1001, 2  # ids of technicians are below, and not every id is in use


@dataclass(frozen=True, slots=True)
class Location:
    """A place of an organization; `since` is when it was added, if that was lately."""

    id: int
    name: str
    address: str | None
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class Organization:
    """A customer: its size, the letters in its device names and how well it is looked after.

    `patch_days` is the mean number of days until it installs an update; `antivirus` its product.
    It has `users` end users, whose ids begin with `first_user`. `since` is when it was added, if that
    was while the sandbox moved on in time.
    """

    id: int
    name: str
    description: str | None
    approval_mode: str
    prefix: str
    devices: int
    patch_days: float
    antivirus: str
    locations: tuple[Location, ...]
    users: int
    first_user: int
    since: float = 0.0


def organizations_of(
    devices: int, count: int | None, dice: np.random.Generator
) -> tuple[Organization, ...]:
    """The organizations among whom *devices* are shared: one large, many small, one still empty."""
    sizes = _sizes(devices, count or _usual_count(devices), dice)
    names = _names(len(sizes), dice)
    numbers = itertools.count(11)
    ids = np.cumsum(1 + dice.geometric(0.6, len(sizes)))
    users = np.where(sizes > 2, np.ceil(USERS_PER_DEVICE * sizes), 0).astype(int)
    return tuple(
        Organization(
            id=int(ids[n]),
            name=name,
            description=f"Customer since {2015 + int(dice.integers(0, 11))}" if n % 3 else None,
            approval_mode=str(dice.choice(["AUTOMATIC", "MANUAL"], p=[0.8, 0.2])),
            prefix=_prefix(name, n),
            devices=int(sizes[n]),
            patch_days=float(np.clip(dice.lognormal(2.35, 0.5), 3, 50)),
            antivirus=str(dice.choice(ANTIVIRUS, p=[0.45, 0.35, 0.2])),
            locations=_locations(int(sizes[n]), numbers, dice),
            users=int(users[n]),
            first_user=FIRST_USER + USER_STEP * int(users[:n].sum()),
        )
        for n, name in enumerate(names)
    )


def another_organization(
    known: tuple[Organization, ...], dice: np.random.Generator, *, at: float
) -> Organization:
    """A customer that comes at a time: small, with one office, ids above those there are."""
    number, last = len(known), known[-1]
    used = {one.name for one in known}
    names = _names(number + 1, np.random.default_rng(number))
    name = next(one for one in names if one not in used)
    location = 1 + max(place.id for one in known for place in one.locations)
    return Organization(
        id=last.id + 1 + int(dice.integers(0, 3)),
        name=name,
        description=f"Customer since {dt.datetime.fromtimestamp(at, dt.UTC).year}",
        approval_mode="AUTOMATIC",
        prefix=_prefix(name, number),
        devices=int(dice.integers(2, 6)),
        patch_days=float(np.clip(dice.lognormal(2.35, 0.5), 3, 50)),
        antivirus=str(dice.choice(ANTIVIRUS, p=[0.45, 0.35, 0.2])),
        locations=(Location(location, vocabulary.PLACES[0], _address(dice), at),),
        users=int(dice.integers(2, 6)),
        first_user=FIRST_USER + USER_STEP * sum(one.users for one in known),
        since=at,
    )


def _usual_count(devices: int) -> int:
    return max(3, min(260, round(1.6 * math.pow(devices, 0.47))))


def _sizes(devices: int, count: int, dice: np.random.Generator) -> Any:
    """Devices per organization, Zipf-like; the smallest have one to four, with eight one has none."""
    used = count - 1 if count >= 8 else count
    used = min(used, max(devices, 1))
    weight = 1.0 / (np.arange(used) + 0.6) ** 1.12
    sizes = dice.multinomial(max(devices - used, 0), weight / weight.sum())
    sizes += np.arange(used) < devices
    small = used // 5
    kept = np.minimum(sizes[used - small :], dice.integers(1, 5, small))
    sizes[0] += (sizes[used - small :] - kept).sum()
    sizes[used - small :] = kept
    return dice.permutation(np.concatenate([sizes, np.zeros(count - used, dtype=sizes.dtype)]))


def _names(count: int, dice: np.random.Generator) -> list[str]:
    plain = [vocabulary.ORGANIZATIONS[n] for n in dice.permutation(len(vocabulary.ORGANIZATIONS))]
    more = (f"{name} {kind}" for kind in vocabulary.ORGANIZATION_KINDS for name in plain)
    numbered = (f"{name} {n}" for n in itertools.count(2) for name in plain)
    return list(itertools.islice(itertools.chain(plain, more, numbered), count))


def _prefix(name: str, number: int) -> str:
    letters = "".join(word[0] for word in name.split() if word[0].isalpha()).upper()[:3]
    return f"{letters}{number:02d}"


def _locations(
    size: int, numbers: itertools.count[int], dice: np.random.Generator
) -> tuple[Location, ...]:
    count = min(len(vocabulary.PLACES), 1 + int(dice.binomial(size, 0.04)) + size // 60)
    others = dice.permutation(np.arange(1, len(vocabulary.PLACES)))[: count - 1]
    return tuple(
        Location(next(numbers), vocabulary.PLACES[place], _address(dice)) for place in (0, *others)
    )


def _address(dice: np.random.Generator) -> str | None:
    if dice.random() < 0.3:
        return None
    street, town = dice.choice(vocabulary.STREETS), dice.choice(vocabulary.TOWNS)
    return f"{int(dice.integers(1, 240))} {street}, {town}"
