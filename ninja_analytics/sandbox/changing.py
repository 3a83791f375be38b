"""What changes on devices from day to day: disks, places, names, policies, systems, protection."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ninja_analytics.sandbox.field_values import REWRITTEN
from ninja_analytics.sandbox.fleet import APPROVED, CLASS_NAMES, Fleet, Numbers
from ninja_analytics.sandbox.health import DEFINITIONS, STATES
from ninja_analytics.sandbox.times import DAY
from ninja_analytics.sandbox.vocabulary import MODELS, POLICIES, SYSTEMS, VIRTUAL_MODELS
from ninja_analytics.sandbox.volumes import RESUMED, SUSPENDED, first_free

# Per day, the share of devices on which it happens.
_MOVES, _RENAMES, _POLICIES, _UPGRADES = 0.0006, 0.0005, 0.0006, 0.0008
_MEMORY, _SWAPS, _FIELDS, _THREATS = 0.0005, 0.0004, 0.003, 0.0004
_LOST, _OUTDATED, _SUSPENDED = 0.001, 0.002, 0.0015
_MENDED = 0.15  # of what is wrong
_BURSTS, _CLEAN_UPS = 0.006, 0.045  # the latter of volumes that are nearly full
_FULL, _LOW = 0.012, 0.08  # free shares: at least, and what counts as low
_ROOMIEST = 0.92

_WINDOWS = np.array([name.startswith("WINDOWS") for name in CLASS_NAMES])
_DESK = np.array(["WORKSTATION" in name or name == "MAC" for name in CLASS_NAMES])
_VIRTUAL = np.array([row[1] in VIRTUAL_MODELS for row in MODELS])
_OTHERS = [
    [row[0] for row in POLICIES if row[2] == name and not row[3] and row[0] < 199]
    for name in CLASS_NAMES
]


def _next_system(number: int) -> int:
    """The operating system to which devices with this one are upgraded; -1 if to none."""
    system = SYSTEMS[number]
    title = system.name.replace("Windows 10", "Windows 11")
    later = [
        n
        for n, one in enumerate(SYSTEMS)
        if n > number
        and one.family.split("-")[0] == system.family.split("-")[0]
        and one.classes == system.classes
        and (one.name == title or system.family in ("macos", "linux"))
        and one.manufacturer == system.manufacturer
    ]
    wanted = later if system.family in ("macos", "linux") else later[::-1]
    return wanted[0] if wanted and "Server" not in system.name else -1


_NEXT = np.array([_next_system(number) for number in range(len(SYSTEMS))] + [-1])


def day(fleet: Fleet, dice: np.random.Generator) -> None:
    """Let happen what happens in a day; those that tell of themselves are in contact now."""
    look_up_free(fleet)
    told = fleet.agents & (fleet.software_rows > 0) & (fleet.status == APPROVED)
    for change in _CHANGES:
        change(fleet, told & ~fleet.offline, dice)


def look_up_free(fleet: Fleet) -> None:
    """Find out how much of their main volumes was free at first, of those that tell for the first time."""
    new = np.isnan(fleet.life.free) & fleet.agents & (fleet.software_rows > 0)
    for index in np.flatnonzero(new).tolist():
        fleet.life.free[index] = first_free(fleet, index)


def _some(able: Numbers, share: float, dice: np.random.Generator) -> list[int]:
    found: list[int] = np.flatnonzero(able & (dice.random(len(able)) < share)).tolist()
    return found


def _fill(fleet: Fleet, there: Numbers, dice: np.random.Generator) -> None:
    """Volumes fill slowly, sometimes at once, and are cleaned up when there is hardly any room."""
    life, total = fleet.life, len(fleet)
    there = there & ~np.isnan(life.free)
    free = np.where(there, life.free * np.exp(life.filled), 1.0)
    before = free.copy()
    habit = 0.012 * (fleet.identity * 0.618 % 1) ** 6  # few are filled within months
    free -= habit + dice.normal(0, 0.0012, total)
    bursts = dice.random(total) < _BURSTS
    free -= np.where(bursts, dice.uniform(0.02, 0.2, total), 0)
    cleaned = (dice.random(total) < np.where(before < 0.1, _CLEAN_UPS, 0.001)) & there
    free = np.where(cleaned, np.maximum(free, dice.uniform(0.2, 0.55, total)), free)
    free = np.clip(free, np.minimum(before, _FULL), np.maximum(before, _ROOMIEST))
    life.filled[there] = np.log(free / np.where(there, life.free, 1.0))[there]
    fleet.low_disk[there] = free[there] < _LOW


def _move(fleet: Fleet, _there: Numbers, dice: np.random.Generator) -> None:
    """To another location of the organization if it has one, else to another organization."""
    able = (fleet.status == APPROVED) & (fleet.parent == 0)
    for index in _some(able, _MOVES, dice):
        home, place = int(fleet.organization[index]), int(fleet.location[index])
        others = [one.id for one in fleet.organizations[home].locations if one.id != place]
        new = home
        if not others or dice.random() < 0.3:
            new = int(dice.integers(0, len(fleet.organizations)))
            others = [one.id for one in fleet.organizations[new].locations if one.id != place]
        if not others:
            continue
        before = fleet.life.places.get(index, ())
        fleet.life.places[index] = (*before, (fleet.now, home, place))
        fleet.organization[index], fleet.location[index] = new, dice.choice(others)


def _rename(fleet: Fleet, _there: Numbers, dice: np.random.Generator) -> None:
    for index in _some(fleet.status == APPROVED, _RENAMES, dice):
        fleet.life.renamed[index] += 1


def _assign(fleet: Fleet, _there: Numbers, dice: np.random.Generator) -> None:
    """A policy of the device's own, or back to that of its role."""
    for index in _some(fleet.status == APPROVED, _POLICIES, dice):
        others = [one for one in (0, *_OTHERS[fleet.kind[index]]) if one != fleet.policy[index]]
        if others:
            fleet.policy[index] = others[-1 - int(dice.integers(0, len(others))) % len(others)]


def _upgrade(fleet: Fleet, there: Numbers, dice: np.random.Generator) -> None:
    """To the next operating system, once, with the restart that this takes."""
    able = there & (_NEXT[fleet.system] >= 0) & np.isinf(fleet.life.upgraded)
    for index in _some(able, _UPGRADES, dice):
        at = fleet.now - 1500
        if fleet.created[index] >= at:
            continue
        fleet.system[index] = _NEXT[fleet.system[index]]
        fleet.life.upgraded[index] = fleet.last_boot[index] = at
        fleet.needs_reboot[index] = False
        fleet.collected[index] = fleet.now - 300


def _rebuild(fleet: Fleet, there: Numbers, dice: np.random.Generator) -> None:
    """Memory is doubled, and a larger drive takes the place of the first."""
    desk = there & _DESK[fleet.kind]
    for index in _some(desk & (fleet.life.memory == 0), _MEMORY, dice):
        fleet.life.memory[index] = 1
    able = desk & (fleet.life.swapped == 0) & ~_VIRTUAL[fleet.model]
    for index in _some(able, _SWAPS, dice):
        fleet.life.swapped[index] = 1
        fleet.life.filled[index] += np.log(1.5)


def _protect(fleet: Fleet, there: Numbers, dice: np.random.Generator) -> None:
    """Antivirus and BitLocker are switched off and on again, definitions fall behind and catch up."""
    life, windows = fleet.life, there & _WINDOWS[fleet.kind]
    for state, share, wrong, right in (
        (life.antivirus, _LOST, (1, STATES.index("SNOOZED")), 2),
        (life.definitions, _OUTDATED, (1,), DEFINITIONS.index("Up-to-Date")),
        (life.bitlocker, _SUSPENDED, (SUSPENDED,), RESUMED),
    ):
        bad = np.isin(state, wrong)
        state[_some(windows & bad, _MENDED, dice)] = right
        hit = _some(windows & ~bad, share, dice)
        state[hit] = dice.choice(wrong, len(hit))


def _infect(fleet: Fleet, there: Numbers, dice: np.random.Generator) -> None:
    windows = there & _WINDOWS[fleet.kind]
    fleet.threats[_some(windows & (fleet.threats > 0), _MENDED, dice)] -= 1
    fleet.threats[_some(windows & (fleet.threats < 3), _THREATS, dice)] += 1


def _write(fleet: Fleet, _there: Numbers, dice: np.random.Generator) -> None:
    """Technicians write into custom fields."""
    able = (fleet.status == APPROVED) & np.array(
        [name != "CLOUD_MONITOR_TARGET" for name in CLASS_NAMES]
    )[fleet.kind]
    for index in _some(able, _FIELDS, dice):
        name = REWRITTEN[int(dice.integers(0, len(REWRITTEN)))]
        at = round(fleet.now - dice.uniform(60, 0.9 * DAY), 3)
        if at > fleet.created[index]:
            fleet.life.fields[index] = fleet.life.fields.get(index, {}) | {name: at}


_CHANGES: tuple[Callable[[Fleet, Numbers, np.random.Generator], None], ...] = (
    _fill, _move, _rename, _assign, _upgrade, _rebuild, _protect, _infect, _write,
)  # fmt: skip
