"""OS patches: what is open on a device, and what was tried on it.

The rows have the dirt that real ones have: MANUAL for what waits, drivers among the pending,
installations without a date or from 2010. When a device installs what is drawn once: for what was
published before the sandbox began from one sequence, newest first; for what came later from dice of
the device and the patch. So what was installed stays as it was, however long the sandbox moves on.
"""

from __future__ import annotations

import math
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.published import Patch, definitions, drivers, of_month
from ninja_analytics.sandbox.times import DAY, months_back, patch_tuesday, stamp
from ninja_analytics.sandbox.vocabulary import SYSTEMS, System

MONTHS = 24
OPEN_MONTHS = 3  # what is older is superseded
_STUBBORN_MONTHS = 2  # a device that cannot install patches could still install older ones
_DEFINITION_DAYS = 21
_TOO_OLD = 200 * DAY  # what was published so long before a device came is in it already
_WAITING = (("MANUAL", 0.62), ("APPROVED", 0.22), ("REJECTED", 0.1), ("DELAYED", 0.05), ("", 0.01))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one device did with one patch, or has still to do (`at` None: no time is known)."""

    patch: Patch
    status: str
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What one device does with one patch: when it installs it, and how that goes.

    Until then it waits in `status`. `missed` says that a first attempt fails; `told` is the time that
    is reported, if one is; `failures` are the vain attempts of a device that `never` installs it.
    """

    at: float
    status: str
    missed: bool
    told: float | None
    failures: tuple[float, ...] = ()
    never: bool = False


class Patches:
    """The patches of a fleet: what is open on a device and what was tried on it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        known, now = months_back(fleet.born, MONTHS), months_back(fleet.now, 1)[0]
        since = (now[0] - known[0][0]) * 12 + now[1] - known[0][1]
        self._months = months_back(fleet.now, MONTHS + since)
        self._months_since = since

    @cached_property
    def _monthly(self) -> dict[System, list[list[tuple[Patch, str]]]]:
        """For each operating system the patches of every month and their lines, newest first."""
        return {
            system: [
                [(patch, patch.line) for patch in of_month(system, *month, now=self._fleet.now)]
                for month in self._months
            ]
            for system in SYSTEMS
        }

    @cached_property
    def _drivers(self) -> list[Patch]:
        return drivers(self._fleet.born)

    @cached_property
    def _definitions(self) -> list[Patch]:
        """Defender's definitions of the three weeks before the start, newest first."""
        today = int(self._fleet.born // DAY)
        return [definitions(day) for day in range(today, today - _DEFINITION_DAYS, -1)]

    @cached_property
    def _later_definitions(self) -> list[Patch]:
        """Those since the start, oldest first."""
        first = int(self._fleet.born // DAY) + 1
        return [definitions(day) for day in range(first, int(self._fleet.now // DAY) + 1)]

    def open_rows(self, index: int) -> list[dict[str, Any]]:
        """The rows of os-patches of one device: pending, failed and rejected."""
        return [self._row(index, attempt) for attempt in self._open(index)]

    def install_rows(self, index: int) -> list[dict[str, Any]]:
        """The rows of os-patch-installs of one device: attempts, good and bad, oldest first."""
        fleet, system = self._fleet, self._fleet.system_of(index)
        if system is None or not fleet.software_rows[index]:
            return []
        seen, joined = float(fleet.collected[index]), float(fleet.created[index])
        changed = float(fleet.life.upgraded[index])
        tried = self._updates(index, system, max(joined, changed if changed < seen else 0.0))[1]
        if changed < seen:  # and what it did with its first operating system
            before = SYSTEMS[fleet.first.system[index]]
            tried += self._updates(index, before, joined, until=changed)[1]
        if system.family.startswith("windows"):
            tried += self._installed_otherwise(index)
            tried += [one for one in self._driver_attempts(index) if one.status == "INSTALLED"]
        tried = [one for one in tried if one.at is None or one.at <= seen]
        return [self._row(index, one) for one in sorted(tried, key=lambda one: one.at or 0.0)]

    def counts(self, index: int) -> tuple[int, int]:
        """How many patches of one device are pending, and how many failed."""
        status = [attempt.status for attempt in self._open(index)]
        waiting = sum(one in ("MANUAL", "APPROVED") for one in status)
        return waiting, status.count("FAILED")

    def _open(self, index: int) -> list[Attempt]:
        """What is open on a device; older updates are superseded by newer ones."""
        fleet, system = self._fleet, self._fleet.system_of(index)
        if system is None or not fleet.software_rows[index]:
            return []
        changed = float(fleet.life.upgraded[index])
        joined = max(float(fleet.created[index]), changed if math.isfinite(changed) else 0.0)
        waiting = self._updates(index, system, joined, months=OPEN_MONTHS)[0]
        if system.family.startswith("windows"):
            waiting += [one for one in self._driver_attempts(index) if one.status != "INSTALLED"]
        return waiting

    def _row(self, index: int, attempt: Attempt) -> dict[str, Any]:
        patch = attempt.patch
        row = {
            "id": patch.id,
            "name": patch.name,
            "severity": patch.severity,
            "status": attempt.status or None,
            "type": patch.type,
            "installedAt": None if attempt.at is None else stamp(attempt.at),
            "deviceId": int(self._fleet.ids[index]),
            "timestamp": stamp(self._fleet.collected[index]),
            "kbNumber": patch.kb,
        }
        return {key: value for key, value in row.items() if value is not None}

    def _updates(
        self,
        index: int,
        system: System,
        joined: float,
        *,
        until: float = math.inf,
        months: int | None = None,
    ) -> tuple[list[Attempt], list[Attempt]]:
        """The updates of the last months: those that are open, and the attempts to install."""
        fleet = self._fleet
        seen, stubborn = min(float(fleet.collected[index]), until), self._habit(index)[1]
        monthly = self._monthly[system][:months]
        known = self._known(index, system, months)
        failing = self._months_since + _STUBBORN_MONTHS  # and all later ones
        waiting: list[Attempt] = []
        tried: list[Attempt] = []
        superseded: set[str] = set()
        for month, patches in enumerate(monthly):
            for patch, line in patches:
                fate = known.get(patch)
                if patch.published > seen or (not fate and patch.published < joined - _TOO_OLD):
                    continue
                fate = fate or self._drawn(index, patch)
                if fate.at < joined:
                    continue
                late = line in superseded
                superseded.add(line)
                if fate.never or fate.at > seen or (stubborn and month < failing):
                    if month < OPEN_MONTHS and not late:
                        waiting.append(Attempt(patch, "FAILED" if stubborn else fate.status))
                    tried += [Attempt(patch, "FAILED", at) for at in fate.failures if at <= seen]
                    continue
                if fate.missed:
                    tried.append(Attempt(patch, "FAILED", max(fate.at - DAY, patch.published)))
                tried.append(Attempt(patch, "INSTALLED", fate.told))
        return waiting, tried

    def _habit(self, index: int) -> tuple[float, bool, random.Random]:
        """The mean days until a device installs a patch, whether it never can, and its dice."""
        dice = self._fleet.chance(index, 20)
        days = self._fleet.first_home(index).patch_days * (0.4 + 1.2 * dice.random())
        return days, dice.random() < 0.03, dice

    def _known(self, index: int, system: System, months: int | None) -> dict[Patch, Fate]:
        """The fates of what was published before the sandbox began, if the device was there then.

        Newest first, so that fewer months give the same answers for the months they have.
        """
        fleet = self._fleet
        joined = float(fleet.first.since[index])
        if joined > fleet.born or system is not SYSTEMS[fleet.first.system[index]]:
            return {}
        days, stubborn, dice = self._habit(index)
        seen = float(fleet.first.seen[index])
        found: dict[Patch, Fate] = {}
        superseded: set[str] = set()
        for month, patches in enumerate(self._monthly[system][self._months_since : months]):
            if month == 0 and patch_tuesday(*self._months[self._months_since]) > fleet.born:
                continue  # nothing of that month was there
            for patch, line in patches:
                at = patch.published + dice.expovariate(1 / days) * DAY
                if at < joined:
                    found[patch] = Fate(at, "", missed=False, told=None)
                    continue
                if patch.published > seen:
                    found[patch] = self._drawn(index, patch, at)
                    continue
                late = line in superseded
                superseded.add(line)
                if at > seen or (stubborn and month < _STUBBORN_MONTHS):
                    shown = month < OPEN_MONTHS and not late and not stubborn
                    status = _status(dice) if shown else None
                    failures = _failures(patch, dice) if stubborn else ()
                    found[patch] = self._drawn(index, patch, at, status, failures)
                    continue
                found[patch] = Fate(at, "", dice.random() < 0.04, _dirty(at, dice))
        return found

    def _drawn(
        self,
        index: int,
        patch: Patch,
        at: float | None = None,
        status: str | None = None,
        failures: tuple[float, ...] = (),
    ) -> Fate:
        """The fate of a patch by dice of its own, as far as it is not given."""
        if at is not None and self._fleet.now == self._fleet.born:  # it is not asked how it goes on
            return Fate(at, status or "", missed=False, told=None, failures=failures)
        days, stubborn, _ = self._habit(index)
        number = zlib.crc32(f"{patch.id} {patch.published}".encode())
        dice = self._fleet.chance_of(index, 20, number)
        drawn = patch.published + dice.expovariate(1 / days) * DAY, _status(dice)
        if stubborn and not failures:
            failures = _failures(patch, dice)
        if status is None:  # most of what waits was not looked at yet
            status = "MANUAL" if drawn[1] == "REJECTED" and dice.random() < 0.75 else drawn[1]
        at = drawn[0] if at is None else at
        if at > self._fleet.first.seen[index]:
            at = self._fleet.after_absence(index, at)
        never = status == "REJECTED" or stubborn
        return Fate(at, status, dice.random() < 0.04, _dirty(at, dice), failures, never)

    def _driver_attempts(self, index: int) -> list[Attempt]:
        """The drivers that waited on a device at first; since then some were installed."""
        fleet, dice = self._fleet, self._fleet.chance(index, 21)
        count = min(14, int(dice.expovariate(1 / 2.1)))
        if fleet.class_name(index) == "WINDOWS_SERVER":
            count //= 3
        seen, first = float(fleet.collected[index]), float(fleet.first.seen[index])
        found = {patch.id: patch for patch in dice.sample(self._drivers, count)}
        attempts = []
        for patch in found.values():
            if patch.published <= first:
                attempts.append(Attempt(patch, _status(dice)))
            elif patch.published <= seen:
                attempts.append(Attempt(patch, "MANUAL"))
        if fleet.now == fleet.born:
            return attempts
        return [self._driver_by_now(index, one, seen) for one in attempts]

    def _driver_by_now(self, index: int, one: Attempt, seen: float) -> Attempt:
        fleet = self._fleet
        dice = fleet.chance_of(index, 21, zlib.crc32(one.patch.id.encode()))
        start = max(float(fleet.first.seen[index]), fleet.born)
        at = fleet.after_absence(index, start + dice.expovariate(1 / 60) * DAY)
        return one if at > seen or one.status == "REJECTED" else Attempt(one.patch, "INSTALLED", at)

    def _installed_otherwise(self, index: int) -> list[Attempt]:
        """Definitions of the last weeks, and now and then a driver."""
        fleet, dice = self._fleet, self._fleet.chance(index, 22)
        known, joined = float(fleet.first.since[index]), float(fleet.created[index])
        found = [
            Attempt(one, "INSTALLED" if dice.random() < 0.99 else "FAILED", one.published + 3600)
            for one in self._definitions
            if one.published >= known and dice.random() < 0.2
        ]
        found += self._definitions_since(index)
        if dice.random() < 0.35:
            driver = dice.choice(self._drivers)
            first = max(driver.published, known)
            at = first + dice.random() * max(float(fleet.first.seen[index]) - first, 0)
            found.append(Attempt(driver, "INSTALLED", at))
        return [one for one in found if one.at is None or one.at >= joined]

    def _definitions_since(self, index: int) -> Iterator[Attempt]:
        for patch in self._later_definitions:
            draw = self._fleet.fraction(index, 305, int(patch.published))
            if draw < 0.2:
                at = self._fleet.after_absence(index, patch.published + 3600)
                yield Attempt(patch, "INSTALLED" if draw < 0.198 else "FAILED", at)


def _status(dice: random.Random) -> str:
    return dice.choices([word for word, _ in _WAITING], [share for _, share in _WAITING])[0]


def _failures(patch: Patch, dice: random.Random) -> tuple[float, ...]:
    """When a device that cannot install *patch* tries it in vain, some days apart."""
    return tuple(patch.published + (2 + 4 * n + dice.random()) * DAY for n in range(4))


def _dirty(at: float, dice: random.Random) -> float | None:
    """The time of an installation as it is reported: one in eighty is missing, few are from 2010."""
    draw = dice.random()
    if draw < 0.012:
        return None
    return 1_277_942_400.0 + 900_000 * draw if draw < 0.0124 else at
