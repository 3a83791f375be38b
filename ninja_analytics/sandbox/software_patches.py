"""Patches of other makers' software: what waits on a device, and what was tried on it.

They follow the programs of the device: what waits would bring an outdated one to its newest version,
and what was installed led to the version that is there.
"""

from __future__ import annotations

import random
import uuid
import zlib
from functools import cached_property
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.health import counts_of
from ninja_analytics.sandbox.patches import Patches
from ninja_analytics.sandbox.software import VERSIONS, Installed, Software
from ninja_analytics.sandbox.times import DAY, stamp

Row = dict[str, Any]

_IMPACTS = ("CRITICAL", "critical", "RECOMMENDED", "recommended", "OPTIONAL", "RECOMMENDED")
_FAMILIES = ("windows", "mac")  # Linux packages are patches of the operating system
_KEPT = 5  # versions of a program whose attempts are remembered
_OWN = "Ninja"  # NinjaOne's own programs update themselves


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
        behind = sum(one.back > 0 for one in self._managed(index))
        waiting = min(told.pending_software, behind)
        return waiting, min(told.failed_software, behind - waiting)

    def open_rows(self, index: int) -> list[Row]:
        """The rows of software-patches of one device: pending, failed and rejected."""
        waiting, failed = self.counts(index)
        dice = self._fleet.chance(index, 216)
        behind = [one for one in self._managed(index) if one.back]
        chosen = dice.sample(behind, len(behind))
        states = [dice.choice(("MANUAL", "MANUAL", "APPROVED")) for _ in range(waiting)]
        states += ["FAILED"] * failed
        if len(behind) > len(states) and dice.random() < 0.15:
            states.append(dice.choice(("REJECTED", "REJECTED", "")))
        return [
            self._row(index, one, 0) | ({"status": status} if status else {})
            for one, status in zip(chosen, states, strict=False)
        ]

    def install_rows(self, index: int) -> list[Row]:
        """The rows of software-patch-installs of one device: attempts, good and bad, oldest first."""
        fleet, dice = self._fleet, self._fleet.chance(index, 217)
        first, last = float(fleet.created[index]), float(fleet.collected[index])
        tried: list[tuple[float, str, Installed, int]] = []
        for one in self._managed(index):
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
        ]

    def _tried(self, index: int, one: Installed, back: int, dice: random.Random) -> float:
        """When a version was installed: on the day that the program tells, if it is that version."""
        wait = dice.expovariate(1 / self._fleet.home(index).patch_days)
        hour = dice.uniform(0, 0.5) * DAY
        if back == one.back and one.on is not None:
            return one.on + hour
        return self._software.published(one.number, back) + min(wait, 20) * DAY + hour

    @cached_property
    def _numbers(self) -> frozenset[int]:
        """The products that NinjaOne updates, everywhere the same."""
        return frozenset(
            number
            for number, product in enumerate(self._software.products)
            if product.days
            and product.family in _FAMILIES
            and not product.name.startswith(_OWN)
            and zlib.crc32(product.name.encode()) % 4 == 0
        )

    def _managed(self, index: int) -> list[Installed]:
        """The programs of one device that NinjaOne updates."""
        return [one for one in self._software.installed(index) if one.number in self._numbers]

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
