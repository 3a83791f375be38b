"""The volumes of the fleet: system, data, recovery and boot volumes, with BitLocker where asked for."""

from __future__ import annotations

import math
import random
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import stamp
from ninja_analytics.sandbox.vocabulary import LAPTOP_ROLES, MODELS, VIRTUAL_MODELS

GIB = 1024**3
SUSPENDED, RESUMED = 1, 2  # what may have happened to BitLocker
_DISKS = (118, 237, 237, 475, 475, 952)
_DATA = ("C:", "D:", "E:", "/", "/System/Volumes/Data")
_OFF = {
    "conversionStatus": "FULLY_DECRYPTED",
    "encryptionMethod": "NONE",
    "protectionStatus": "UNPROTECTED",
    "lockStatus": "UNLOCKED",
    "initializedForProtection": False,
}
_ON = {
    "conversionStatus": "FULLY_ENCRYPTED",
    "encryptionMethod": "XTS_AES_128",
    "protectionStatus": "PROTECTED",
    "lockStatus": "UNLOCKED",
    "initializedForProtection": True,
}


def volumes_of(
    fleet: Fleet, index: int, *, bitlocker: bool = False, first: bool = False
) -> list[dict[str, Any]]:
    """The volumes of one device, without the device's id; fields without a value are left out.

    *first* gives them as they were at first, before the sandbox moved on.
    """
    system = fleet.system_of(index)
    if system is None or not fleet.software_rows[index]:
        return []
    dice = fleet.chance(index, 30)
    if system.family.startswith("windows"):
        found = _windows(fleet, index, dice, bitlocker)
    else:
        make = _mac if system.family == "macos" else _linux
        found = make(fleet, index, dice)
    if not first and (fleet.life.filled[index] or fleet.life.swapped[index]):
        _fill(fleet, index, found)
    return found


def first_free(fleet: Fleet, index: int) -> float:
    """The share of the main volume of a device that was free at first; nan if it has none."""
    kept = _of_data(volumes_of(fleet, index, first=True))
    return float(kept[-1]["freeSpace"] / kept[-1]["capacity"]) if kept else math.nan


def _of_data(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The volumes that people fill; the last one is the main one, which may be nearly full."""
    return [one for one in found if one.get("driveLetter", one["name"]) in _DATA]


def _fill(fleet: Fleet, index: int, found: list[dict[str, Any]]) -> None:
    """Let the volumes have the free space, and after a new drive the size, that they have by now."""
    factor, size = math.exp(fleet.life.filled[index]), 1 + int(fleet.life.swapped[index])
    data = _of_data(found)
    for volume in data:
        main = volume is data[-1] or volume["name"].startswith("/")
        free = volume["freeSpace"] / volume["capacity"] * (factor if main else factor**0.4)
        volume["capacity"] *= size
        volume["freeSpace"] = int(volume["capacity"] * min(free, 0.97)) // 4096 * 4096


def volume_rows(fleet: Fleet, index: int, *, bitlocker: bool = False) -> list[dict[str, Any]]:
    """The rows of queries/volumes of one device."""
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    return [volume | known for volume in volumes_of(fleet, index, bitlocker=bitlocker)]


def _windows(
    fleet: Fleet, index: int, dice: random.Random, bitlocker: bool
) -> list[dict[str, Any]]:
    server = fleet.class_name(index) == "WINDOWS_SERVER"
    letters = ["C:", *(["D:", "E:"][: dice.choice((0, 1, 1, 2))] if server else [])]
    found = []
    for letter in letters:
        size = dice.choice((99, 149, 299, 999) if server else _DISKS) * GIB
        low = letter == letters[-1] and bool(fleet.first.low[index])
        found.append(
            _volume(letter, size, _free(low, dice), "NTFS", dice, driveLetter=letter)
            | ({"label": "Windows" if letter == "C:" else "Data"} if dice.random() < 0.6 else {})
        )
    hidden = f"\\\\?\\Volume{{{fleet.hardware_uid(index, 31)}}}\\"
    found.append(_volume(hidden, 990 * 1024**2, 0.25, "NTFS", dice) | {"label": "Recovery"})
    if dice.random() < 0.8:
        efi = f"\\\\?\\Volume{{{fleet.hardware_uid(index, 32)}}}\\"
        found.append(_volume(efi, 100 * 1024**2, 0.7, "FAT32", dice))
    if dice.random() < 0.06:
        stick = _volume("F:", 29 * GIB, 0.5, "exFAT", dice, driveLetter="F:")
        found.append(stick | {"deviceType": "Removable Disk"})
    if MODELS[fleet.model[index]][1] in VIRTUAL_MODELS:
        found.append({"name": "Z:", "driveLetter": "Z:", "deviceType": "Compact Disc"})
    if bitlocker:
        _protect(fleet, index, found, dice)
    return found


def _protect(fleet: Fleet, index: int, found: list[dict[str, Any]], dice: random.Random) -> None:
    """Say of every volume how BitLocker stands; laptops are mostly encrypted, servers rarely."""
    share = 0.86 if fleet.role[index] in LAPTOP_ROLES else 0.35
    share = 0.06 if fleet.class_name(index) == "WINDOWS_SERVER" else share
    draw = dice.random()
    state = _ON if draw < share else _OFF
    if draw < share * 0.03:
        state = _ON | {"protectionStatus": "UNPROTECTED"}  # suspended, e.g. for a firmware update
    elif draw < share * 0.05:
        state = _ON | {"conversionStatus": "ENCRYPTION_IN_PROGRESS", "protectionStatus": "PENDING"}
    if fleet.life.bitlocker[index] and state["protectionStatus"] in ("PROTECTED", "UNPROTECTED"):
        suspended = fleet.life.bitlocker[index] == SUSPENDED
        told = state["initializedForProtection"] and not suspended
        state = state | {"protectionStatus": "PROTECTED" if told else "UNPROTECTED"}
    for volume in found:
        if volume["deviceType"] == "Local Disk":
            encrypted = volume.get("driveLetter") in ("C:", "D:", "E:")
            volume["bitLockerStatus"] = dict(state if encrypted else _OFF)


def _mac(fleet: Fleet, index: int, dice: random.Random) -> list[dict[str, Any]]:
    size = dice.choice((233, 465, 931)) * GIB
    free = _free(bool(fleet.first.low[index]), dice)
    system = _volume("/", size, free, "APFS", dice) | {"label": "Macintosh HD"}
    data = _volume("/System/Volumes/Data", size, free, "APFS", dice) | {"label": "Data"}
    return [system, data]


def _linux(fleet: Fleet, index: int, dice: random.Random) -> list[dict[str, Any]]:
    low = bool(fleet.first.low[index])
    found = [_volume("/", dice.choice((29, 59, 118)) * GIB, _free(low, dice), "ext4", dice)]
    found.append(_volume("/boot", 2 * GIB, 0.8 - 0.4 * dice.random(), "ext4", dice))
    if dice.random() < 0.7:
        found.append(_volume("/boot/efi", 1 * GIB, 0.98, "vfat", dice))
    if dice.random() < 0.3:
        found.append(_volume("/var", dice.choice((59, 199)) * GIB, _free(False, dice), "xfs", dice))
    return found


def _free(low: bool, dice: random.Random) -> float:
    """The free share of a volume."""
    return 0.004 + 0.06 * dice.random() if low else 0.13 + 0.8 * dice.betavariate(1.6, 1.6)


def _volume(
    name: str, size: int, free: float, kind: str, dice: random.Random, **more: Any
) -> dict[str, Any]:
    volume = {"name": name, **more, "deviceType": "Local Disk", "fileSystem": kind}
    volume |= {"autoMount": True, "compressed": False, "capacity": size}
    volume |= {"freeSpace": int(size * free) // 4096 * 4096}
    serial = dice.getrandbits(32)
    return volume | ({"serialNumber": f"{serial:08X}"} if serial % 10 else {})
