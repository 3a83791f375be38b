"""Which patches Microsoft, Apple and the Linux distributions published for which system, and when.

The rows have the dirt that real ones have: types that say nothing, severities in two vocabularies.
"""

from __future__ import annotations

import hashlib
import random
import re
import uuid
from dataclasses import dataclass

from ninja_analytics.sandbox.times import DAY, patch_tuesday
from ninja_analytics.sandbox.vocabulary import System

DEFENDER = "KB2267602"
_VAGUE = ("UNKNOWN", "UNKNOWN", "UNKNOWN", "UNSPECIFIED", "UNSPECIFIED")
_GRAVE = ("CRITICAL", "critical", "IMPORTANT", "security", "IMPORTANT", "unknown")
_MILD = ("OPTIONAL", "optional", "NONE", "unknown", "recommended", "LOW", "MODERATE")
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


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A patch that was published at a time (epoch seconds); its id is the same on every device.

    Two are the same only if they are one: names, and so ids, of different months may be alike.
    """

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


def of_month(system: System, year: int, month: int, *, now: float) -> list[Patch]:
    """What was published for *system* in a month, up to *now*."""
    when = patch_tuesday(year, month)
    if when > now:
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


def drivers(now: float) -> list[Patch]:
    """The drivers that were published in two years up to *now*."""
    dice = random.Random(4242)
    names = (
        dice.choice(_DRIVERS).format(dice.randint(2, 99), dice.randint(100, 9999))
        for _ in range(160)
    )
    return [
        _patch(name, "DRIVER_UPDATES" if dice.random() < 0.93 else "UNKNOWN",
               dice.choice(_MILD), None, now - dice.uniform(3, 700) * DAY)
        for name in names
    ]  # fmt: skip


def definitions(day: int) -> Patch:
    """Defender's definitions of a day since 1970; all have the same KB number."""
    return _patch(
        f"Security Intelligence Update for Microsoft Defender Antivirus - {DEFENDER} "
        f"(Version 1.{441 + day % 40}.{day % 997}.0) - Current Channel (Broad)",
        "DEFINITION_UPDATES" if day % 3 else "UNKNOWN", "unknown", DEFENDER, day * DAY,
    )  # fmt: skip


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
