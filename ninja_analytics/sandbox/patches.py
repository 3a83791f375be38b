"""OS patches: what Microsoft, Apple and the Linux distributions published, and what devices did.

The rows have the dirt that real ones have: types that say nothing, severities in two vocabularies,
MANUAL for what waits, drivers among the pending, installations without a date or from 2010.
"""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, months_back, patch_tuesday, stamp
from ninja_analytics.sandbox.vocabulary import SYSTEMS, System

MONTHS = 24
OPEN_MONTHS = 3  # what is older is superseded
DEFENDER = "KB2267602"
_VAGUE = ("UNKNOWN", "UNKNOWN", "UNKNOWN", "UNSPECIFIED", "UNSPECIFIED")
_GRAVE = ("CRITICAL", "critical", "IMPORTANT", "security", "IMPORTANT", "unknown")
_MILD = ("OPTIONAL", "optional", "NONE", "unknown", "recommended", "LOW", "MODERATE")
_WAITING = (("MANUAL", 0.62), ("APPROVED", 0.22), ("REJECTED", 0.1), ("DELAYED", 0.05), ("", 0.01))
_DRIVERS = (
    "Intel Corporation - Display - {}.0.101.{}", "Intel - net - {}.10.{}.2",
    "Dell, Inc. - Firmware - 1.{}.{}", "Realtek Semiconductor Corp. - MEDIA - 6.0.{}.{}",
    "HP Inc. - Firmware - {}.{}.0", "Lenovo Ltd. - Firmware - 1.{}.{}",
    "Intel Corporation - SoftwareComponent - {}.7.{}", "Logitech - HIDClass - {}.{}.33.0",
    "Synaptics - Mouse - 19.{}.{}", "INTEL - System - {}.1.{}", "NVIDIA - Display - {}.0.15.{}",
)  # fmt: skip
_PACKAGES = (
    "openssl",
    "libc6",
    "linux-image",
    "curl",
    "sudo",
    "openssh-server",
    "python3",
    "libxml2",
)


_MONTH_OR_NUMBER = re.compile(r"^\d{4}-\d\d | \(.*$| - v.*$| [\d.]+$")


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch that was published at a time (epoch seconds); its id is the same on every device."""

    id: str
    name: str
    severity: str | None
    type: str
    kb: str | None
    published: float

    @property
    def line(self) -> str:
        """What the updates of later months supersede: the name without month and number."""
        return _MONTH_OR_NUMBER.sub("", self.name)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one device did with one patch, or has still to do (`at` None: no time is known)."""

    patch: Patch
    status: str
    at: float | None = None


class Patches:
    """The patches of a fleet: what is open on a device and what was tried on it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._months = months_back(fleet.now, MONTHS)

    @cached_property
    def _monthly(self) -> dict[System, list[list[tuple[Patch, str]]]]:
        """For each operating system the patches of every month and their lines, newest first."""
        return {
            system: [
                [(patch, patch.line) for patch in self._of(system, *month)]
                for month in self._months
            ]
            for system in SYSTEMS
        }

    @cached_property
    def _drivers(self) -> list[Patch]:
        dice = random.Random(4242)
        names = (
            dice.choice(_DRIVERS).format(dice.randint(2, 99), dice.randint(100, 9999))
            for _ in range(160)
        )
        return [
            _patch(name, "DRIVER_UPDATES" if dice.random() < 0.93 else "UNKNOWN",
                   dice.choice(_MILD), None, self._fleet.now - dice.uniform(3, 700) * DAY)
            for name in names
        ]  # fmt: skip

    @cached_property
    def _definitions(self) -> list[Patch]:
        """The last three weeks of Defender's definitions; all have the same KB number."""
        today = int(self._fleet.now // DAY)
        return [
            _patch(
                f"Security Intelligence Update for Microsoft Defender Antivirus - {DEFENDER} "
                f"(Version 1.{441 + day % 40}.{day % 997}.0) - Current Channel (Broad)",
                "DEFINITION_UPDATES" if day % 3 else "UNKNOWN", "unknown", DEFENDER, day * DAY,
            )
            for day in range(today, today - 21, -1)
        ]  # fmt: skip

    def open_rows(self, index: int) -> list[dict[str, Any]]:
        """The rows of os-patches of one device: pending, failed and rejected."""
        return [self._row(index, attempt) for attempt in self._open(index)]

    def install_rows(self, index: int) -> list[dict[str, Any]]:
        """The rows of os-patch-installs of one device: attempts, good and bad, oldest first."""
        system = self._fleet.system_of(index)
        if system is None or not self._fleet.software_rows[index]:
            return []
        tried = self._updates(index, system, MONTHS)[1]
        if system.family.startswith("windows"):
            tried += self._installed_otherwise(index)
        seen = self._fleet.collected[index]
        tried = [one for one in tried if one.at is None or one.at <= seen]
        return [self._row(index, one) for one in sorted(tried, key=lambda one: one.at or 0.0)]

    def counts(self, index: int) -> tuple[int, int]:
        """How many patches of one device are pending, and how many failed."""
        status = [attempt.status for attempt in self._open(index)]
        waiting = sum(one in ("MANUAL", "APPROVED") for one in status)
        return waiting, status.count("FAILED")

    def _open(self, index: int) -> list[Attempt]:
        """What is open on a device; older updates are superseded by newer ones."""
        system = self._fleet.system_of(index)
        if system is None or not self._fleet.software_rows[index]:
            return []
        waiting = self._updates(index, system, OPEN_MONTHS)[0]
        if system.family.startswith("windows"):
            waiting += self._waiting_drivers(index)
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
        self, index: int, system: System, months: int
    ) -> tuple[list[Attempt], list[Attempt]]:
        """The updates of the last months: those that are open, and the attempts to install.

        Newest first, so that fewer months give the same answers for the months they have.
        """
        dice = self._fleet.chance(index, 20)
        days = self._fleet.home(index).patch_days * (0.4 + 1.2 * dice.random())
        stubborn = dice.random() < 0.03
        seen, joined = float(self._fleet.collected[index]), float(self._fleet.created[index])
        waiting: list[Attempt] = []
        tried: list[Attempt] = []
        superseded: set[str] = set()
        for month, patches in enumerate(self._monthly[system][:months]):
            for patch, line in patches:
                at = patch.published + dice.expovariate(1 / days) * DAY
                if patch.published > seen or at < joined:
                    continue
                late = line in superseded
                superseded.add(line)
                if at > seen or (stubborn and month < 2):
                    if month < OPEN_MONTHS and not late:
                        waiting.append(Attempt(patch, "FAILED" if stubborn else _status(dice)))
                    if stubborn:
                        tried += _failures(patch, seen, dice)
                    continue
                if dice.random() < 0.04:
                    tried.append(Attempt(patch, "FAILED", max(at - DAY, patch.published)))
                tried.append(Attempt(patch, "INSTALLED", _dirty(at, dice)))
        return waiting, tried

    def _waiting_drivers(self, index: int) -> list[Attempt]:
        dice = self._fleet.chance(index, 21)
        count = min(14, int(dice.expovariate(1 / 2.1)))
        if self._fleet.class_name(index) == "WINDOWS_SERVER":
            count //= 3
        seen = self._fleet.collected[index]
        found = {patch.id: patch for patch in dice.sample(self._drivers, count)}
        return [Attempt(one, _status(dice)) for one in found.values() if one.published <= seen]

    def _installed_otherwise(self, index: int) -> list[Attempt]:
        """Definitions of the last weeks, and now and then a driver."""
        dice, joined = self._fleet.chance(index, 22), float(self._fleet.created[index])
        found = [
            Attempt(one, "INSTALLED" if dice.random() < 0.99 else "FAILED", one.published + 3600)
            for one in self._definitions
            if one.published >= joined and dice.random() < 0.2
        ]
        if dice.random() < 0.35:
            driver = dice.choice(self._drivers)
            first = max(driver.published, joined)
            at = first + dice.random() * max(float(self._fleet.collected[index]) - first, 0)
            found.append(Attempt(driver, "INSTALLED", at))
        return found

    def _of(self, system: System, year: int, month: int) -> list[Patch]:
        """What was published for *system* in a month."""
        when = patch_tuesday(year, month)
        if when > self._fleet.now:
            return []
        if system.family.startswith("windows"):
            return _microsoft(system, year, month, when)
        if system.family == "macos":
            name = f"{system.name} {system.release.split('.')[0]}.{month % 7}.{1 + year % 3}"
            return [_patch(name, "UNSPECIFIED", "recommended", None, when + 6 * DAY)]
        return [
            _patch(
                f"{package} ({system.release}-{year % 100}.{month})", "UNKNOWN",
                "security" if month % 2 else "unknown", None, when + 2 * DAY * place,
            )
            for place, package in enumerate(_PACKAGES)
            if (place + month) % 3 == 0
        ]  # fmt: skip


def _microsoft(system: System, year: int, month: int, when: float) -> list[Patch]:
    """The cumulative updates of a month for one build of Windows."""
    if system.build in ("7601", "9600"):  # out of support, only the malicious software tool
        return [_tool(year, month, when)]
    title = system.name.split(" Pro")[0].split(" Ent")[0].split(" Home")[0].split(" Stand")[0]
    title = title.split(" Data")[0]
    version = f"{title} Version {system.release}" if "Server" not in title else (
        "Microsoft server operating system version 21H2" if system.build == "20348" else title
    )  # fmt: skip
    number = 5_030_000 + (year - 2023) * 12_000 + month * 900 + int(system.build) % 811
    kind = "SECURITY_UPDATES" if (month + int(system.build)) % 4 == 0 else None
    found = [
        _patch(
            f"{year}-{month:02d} Cumulative Update for {version} for x64-based Systems (KB{number})",
            kind, None, f"KB{number}", when,
        )
    ]  # fmt: skip
    if month % 2 == 0:
        name = f"{year}-{month:02d} .NET Framework 3.5 and 4.8.1 Cumulative Update for {version} (KB{number + 61})"
        found.append(_patch(name, None, None, f"KB{number + 61}", when))
    if month % 3 == 1:
        found.append(_tool(year, month, when))
    if month == 10 and title == "Windows 11" and system.build != "26200":
        name = f"Feature update to Windows 11, version 25H2 ({year})"
        found.append(_patch(name, "FEATURE_UPDATES", "optional", "KB5054156", when + 14 * DAY))
    return found


def _tool(year: int, month: int, when: float) -> Patch:
    name = (
        f"Windows Malicious Software Removal Tool x64 - v5.{(year * 12 + month) % 140} (KB890830)"
    )
    return _patch(f"{name} {year}-{month:02d}", None, "unknown", "KB890830", when)


def _patch(name: str, kind: str | None, severity: str | None, kb: str | None, when: float) -> Patch:
    """A patch whose id follows from its name; without a type or severity it gets a vague one."""
    digest = hashlib.md5(name.encode(), usedforsecurity=False).digest()
    return Patch(
        str(uuid.UUID(bytes=digest, version=4)),
        name,
        severity or _GRAVE[digest[0] % len(_GRAVE)],
        kind or _VAGUE[digest[1] % len(_VAGUE)],
        kb,
        when,
    )


def _status(dice: random.Random) -> str:
    return dice.choices([word for word, _ in _WAITING], [share for _, share in _WAITING])[0]


def _failures(patch: Patch, seen: float, dice: random.Random) -> list[Attempt]:
    """The vain attempts of a device that cannot install *patch*, some days apart."""
    times = (patch.published + (2 + 4 * n + dice.random()) * DAY for n in range(4))
    return [Attempt(patch, "FAILED", at) for at in times if at <= seen]


def _dirty(at: float, dice: random.Random) -> float | None:
    """The time of an installation as it is reported: one in eighty is missing, few are from 2010."""
    draw = dice.random()
    if draw < 0.012:
        return None
    return 1_277_942_400.0 + 900_000 * draw if draw < 0.0124 else at
