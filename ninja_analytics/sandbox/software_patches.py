"""Patches of other makers' software: what waits on a device, and what was tried on it.

They follow the programs of the device: what waits would bring an outdated one to its newest version,
and what was installed led to the version that is there.
"""

from __future__ import annotations

import random
import uuid
import zlib
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.health import counts_of
from ninja_analytics.sandbox.patches import Patches
from ninja_analytics.sandbox.software import VERSIONS, Installed, Software
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.versions import is_managed

Row = dict[str, Any]

_IMPACTS = ("CRITICAL", "critical", "RECOMMENDED", "recommended", "OPTIONAL", "RECOMMENDED")
_STATES = ("MANUAL", "MANUAL", "APPROVED")
_KEPT = 5  # versions of a program whose attempts are remembered


class SoftwarePatches:
    """The software patches of a fleet, by device."""

    def __init__(self, fleet: Fleet, software: Software, patches: Patches) -> None:
        self._fleet = fleet
        self._software = software
        self._patches = patches

    def counts(self, index: int) -> tuple[int, int]:
        """How many software patches of one device are pending, and how many failed."""
        told = counts_of(self._fleet, index, self._patches.counts(index)[0])
        if not (told.pending_software or told.failed_software):
            return 0, 0
        return self._counts(index, sum(one.back > 0 for one in self._managed(index)))

    def _counts(self, index: int, behind: int) -> tuple[int, int]:
        told = counts_of(self._fleet, index, self._patches.counts(index)[0])
        waiting = min(told.pending_software, behind)
        return waiting, min(told.failed_software, behind - waiting)

    def open_rows(self, index: int) -> list[Row]:
        """The rows of software-patches of one device: pending, failed and rejected."""
        if self._fleet.now == self._fleet.born:
            behind = {one.number: one for one in self._managed_at_first(index) if one.back}
            told = self._open_at_first(index, list(behind.values()))
            return [self._open_row(index, behind[number], status) for number, status in told]
        waiting, failed = self.counts(index)
        left = {"waiting": waiting, "FAILED": failed}
        found = []
        for one, status in self._asked_for(index):
            kind = status if status in ("FAILED", "REJECTED", "") else "waiting"
            if left.get(kind, 1):
                left[kind] = left.get(kind, 1) - 1
                found.append(self._open_row(index, one, status))
        return found

    def _open_row(self, index: int, one: Installed, status: str) -> Row:
        return self._row(index, one, 0) | ({"status": status} if status else {})

    def _asked_for(self, index: int) -> list[tuple[Installed, str]]:
        """What is outdated on a device: first what was open at first, then what became so since."""
        behind = {one.number: one for one in self._managed(index) if one.back}
        first = [one for one in self._managed_at_first(index) if one.back > 0]
        told = self._open_at_first(index, first)
        found = [(behind.pop(number), status) for number, status in told if number in behind]
        drawn = sorted((self._fleet.fraction(index, 309, number), number) for number in behind)
        return found + [(behind[number], _STATES[int(draw * 1000) % 3]) for draw, number in drawn]

    def _open_at_first(self, index: int, behind: list[Installed]) -> list[tuple[int, str]]:
        """The numbers of the products that were open on a device at first, and how they stood."""
        waiting, failed = self._counts(index, len(behind))
        dice = self._fleet.chance(index, 216)
        chosen = dice.sample(behind, len(behind))
        states = [dice.choice(_STATES) for _ in range(waiting)]
        states += ["FAILED"] * failed
        if len(behind) > len(states) and dice.random() < 0.15:
            states.append(dice.choice(("REJECTED", "REJECTED", "")))
        return [(one.number, status) for one, status in zip(chosen, states, strict=False)]

    def install_rows(self, index: int) -> list[Row]:
        """The rows of software-patch-installs of one device: attempts, good and bad, oldest first."""
        fleet, dice = self._fleet, self._fleet.chance(index, 217)
        first, last = float(fleet.first.since[index]), float(fleet.first.seen[index])
        tried: list[tuple[float, str, Installed, int]] = []
        for one in self._managed_at_first(index):
            tried += self._tried_since(index, one)
            if first > fleet.born:  # it came with what it had
                continue
            for back in range(one.back, min(one.back + _KEPT, VERSIONS)):
                at, missed = self._tried(index, one, back, dice), dice.random() < 0.04
                known = back > one.back and one.version(back) == one.version(back - 1)
                if known or not first <= at <= last:
                    continue
                if missed and at - DAY >= first:
                    tried.append((at - DAY, "FAILED", one, back))
                tried.append((at, "INSTALLED", one, back))
        return [
            self._row(index, one, back) | {"status": status, "installedAt": stamp(at)}
            for at, status, one, back in sorted(tried, key=lambda attempt: attempt[0])
            if at >= fleet.created[index]
        ]

    def _tried_since(
        self, index: int, one: Installed
    ) -> Iterator[tuple[float, str, Installed, int]]:
        """The attempts to install what a device took up since the start."""
        if self._fleet.now == self._fleet.born:
            return
        for version, at in self._software.taken_up(index, one.number):
            if self._fleet.fraction(index, 310, one.number * 1000 + version) < 0.04:
                yield at - DAY, "FAILED", one, -version
            yield at, "INSTALLED", one, -version

    def _tried(self, index: int, one: Installed, back: int, dice: random.Random) -> float:
        """When a version was installed: on the day that the program tells, if it is that version."""
        wait = dice.expovariate(1 / self._fleet.first_home(index).patch_days)
        hour = dice.uniform(0, 0.5) * DAY
        if back == one.back and one.on is not None:
            return one.on + hour
        return self._software.published(one.number, back) + min(wait, 20) * DAY + hour

    @cached_property
    def _numbers(self) -> frozenset[int]:
        """The products that NinjaOne updates."""
        return frozenset(n for n, one in enumerate(self._software.products) if is_managed(one))

    def _managed(self, index: int) -> list[Installed]:
        """The programs of one device that NinjaOne updates."""
        return self._software.installed(index, among=self._numbers)

    def _managed_at_first(self, index: int) -> list[Installed]:
        """The same as they were at first."""
        return self._software.installed_at_first(index, among=self._numbers)

    def _row(self, index: int, one: Installed, back: int) -> Row:
        title = f"{one.product.name} {one.version(back)}"
        draw = zlib.crc32(title.encode())
        return {
            "id": str(uuid.uuid5(uuid.NAMESPACE_OID, title)),
            "productIdentifier": str(uuid.uuid5(uuid.NAMESPACE_OID, one.product.name)),
            "title": title,
            "impact": _IMPACTS[draw % len(_IMPACTS)],
            "type": "INSTALLER" if draw % 4 == 0 else "PATCH",
            "deviceId": int(self._fleet.ids[index]),
            "timestamp": stamp(self._fleet.collected[index]),
        }
