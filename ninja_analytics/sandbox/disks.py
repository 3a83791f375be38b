"""The drives of the fleet: what systems see, and the RAID controllers of physical servers behind it."""

from __future__ import annotations

import random
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.vocabulary import MODELS, VIRTUAL_MODELS
from ninja_analytics.sandbox.volumes import GIB, volumes_of

Row = dict[str, Any]

# Sizes in which drives are sold; the volumes of a device fit into the smallest that holds them.
_SOLD = (
    128_035_676_160, 251_000_193_024, 256_060_514_304, 500_277_790_720, 512_110_190_592,
    1_000_555_581_440, 1_024_209_543_168, 2_000_398_934_016, 4_000_787_030_016,
)  # fmt: skip
_NVME = (
    "SAMSUNG MZVL2{}",
    "KXG60ZNV{} TOSHIBA",
    "PC SN730 NVMe WDC {}",
    "SKHynix_HFS{}",
    "Micron_3400_{}",
)
_SATA = ("ST1000DM010-{}", "WDC WD10EZEX-{}", "Samsung SSD 860 EVO {}", "CT500MX500SSD1 {}")  # fmt: skip
_VIRTUAL = {"VMware, Inc.": "VMware Virtual disk SCSI Disk Device", "Microsoft Corporation": "Msft Virtual Disk"}  # fmt: skip
# model of the server: maker, model, family and cache of its controller, and the virtual drive it shows
_CONTROLLERS = {
    "PowerEdge R740": ("Dell", "PERC H740P Mini", "PERC 10", 8, "DELL PERC H740P Mini SCSI Disk Device"),
    "PowerEdge R650": ("Dell", "PERC H755 Front", "PERC 11", 8, "DELL PERC H755 Front SCSI Disk Device"),
    "ProLiant DL380 Gen10": ("HPE", "HPE Smart Array P408i-a SR Gen10", "Smart Array Gen10", 2, "HPE LOGICAL VOLUME SCSI Disk Device"),
}  # fmt: skip
_BAYS = ("ST1200MM0099", "AL15SEB120N", "EG001200JWJNQ", "KPM5XVUG960G")


def disk_rows(fleet: Fleet, index: int) -> list[Row]:
    """The rows of queries/disks of one device; the volumes of the device lie on them."""
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    dice = fleet.chance(index, 200)
    fixed, sticks = _spread(fleet, index)
    rows = [_disk(fleet, index, number, part, dice) for number, part in enumerate(fixed)]
    rows += [_stick(len(fixed) + number) for number in range(sticks)]
    return [row | known for row in rows]


def raid_controller_rows(fleet: Fleet, index: int) -> list[Row]:
    """The row of queries/raid-controllers of a physical server."""
    made = _controller(fleet, index)
    if made is None:
        return []
    maker, model, family, cache, _ = made
    dice, drives = fleet.chance(index, 201), raid_drive_rows(fleet, index)
    low = dice.random() < 0.04
    row: Row = {
        "controllerIndex": 0,
        "manufacturer": maker,
        "model": model,
        "family": family,
        "slot": "Integrated" if maker == "Dell" else "Slot 0",
        "systemHealthStatus": _health({drive["status"] for drive in drives}, low),
        "physicalDriveCount": len(drives),
        "virtualDriveCount": len(_spread(fleet, index)[0]),
        "backupBatteryStatus": "Low" if low else dice.choice(("Ready", "OK", "Charging", "Ready")),
        "cacheSize": cache * GIB,
        "driverName": "megasas2.sys" if maker == "Dell" else "SmartPqi.sys",
        "driverVersion": f"{dice.randint(6, 7)}.{dice.randint(700, 730)}.{dice.randint(1, 30)}.0",
        "firmwareVersion": f"{dice.randint(50, 52)}.{dice.randint(10, 21)}.0-{dice.randint(2000, 5000)}",
        "hardwareRevision": dice.choice("AB"),
        "deviceId": int(fleet.ids[index]),
        "timestamp": stamp(fleet.collected[index]),
    }
    if dice.random() < 0.7:
        row["batteryTemperature"] = dice.randint(24, 46)
    if maker == "Dell":  # the others leave it out; zero is unknown
        made_at = fleet.first.since[index] - dice.uniform(60, 400) * DAY
        row["manufacturingDate"] = stamp(made_at if dice.random() < 0.4 else 0)
        row["biosVersion"] = f"7.{dice.randint(10, 26)}.00.0"
    return [row]


def raid_drive_rows(fleet: Fleet, index: int) -> list[Row]:
    """The rows of queries/raid-drives of a physical server: two for the system, four per data drive."""
    if _controller(fleet, index) is None:
        return []
    dice = fleet.chance(index, 202)
    groups = [group for group in range(len(_spread(fleet, index)[0])) for _ in range(2 if group == 0 else 4)]  # fmt: skip
    spare = dice.random() < 0.5
    model = dice.choice(_BAYS)
    weak = dice.randrange(len(groups)) if dice.random() < 0.12 else -1
    state = dice.choice(("Failed", "Predictive Failure"))
    rows = [
        _drive(bay, model, dice) | {"status": state if bay == weak else "Online", "driveGroup": str(group)}
        for bay, group in enumerate(groups)
    ]  # fmt: skip
    if spare:
        rows.append(_drive(len(groups), model, dice) | {"status": "Hot Spare"})
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    return [row | known for row in rows]


def _controller(fleet: Fleet, index: int) -> tuple[str, str, str, int, str] | None:
    """The controller of a device, if it is a physical server that told of its hardware."""
    if fleet.model[index] < 0 or not fleet.software_rows[index]:
        return None
    return _CONTROLLERS.get(MODELS[fleet.model[index]][1])


def _health(states: set[str], low: bool) -> str:
    if "Failed" in states:
        return "Degraded"
    return "Needs Attention" if low or "Predictive Failure" in states else "Optimal"


def _drive(bay: int, model: str, dice: random.Random) -> Row:
    flash = model == "KPM5XVUG960G"
    return {
        "controllerIndex": 0,
        "driveId": f"0:1:{bay}",
        "interfaceType": "SAS",
        "location": f"Port 1I Box 1 Bay {bay + 1}",
        "mediaType": "SSD" if flash else "HDD",
        "model": model,
        "selfEncrypted": False,
        "serial": "".join(dice.choices("0123456789ABCDEFGHKLMNPRSTVWXYZ", k=8)),
        "size": 960_197_124_096 if flash else 1_200_243_695_616,
        "spun": not flash,
    }


def _spread(fleet: Fleet, index: int) -> tuple[list[list[Row]], int]:
    """The volumes of a device by the fixed drive that they lie on, and how many sticks it has."""
    volumes = [volume for volume in volumes_of(fleet, index) if "capacity" in volume]
    fixed = [volume for volume in volumes if volume["deviceType"] == "Local Disk"]
    others = [volume for volume in fixed if volume.get("driveLetter") in ("D:", "E:")]
    first = [volume for volume in fixed if volume not in others]
    drives = [first, *([volume] for volume in others)] if first else []
    return drives, len(volumes) - len(fixed)


def _disk(fleet: Fleet, index: int, number: int, part: list[Row], dice: random.Random) -> Row:
    maker, model = MODELS[fleet.model[index]][:2]
    controller, virtual = _controller(fleet, index), model in VIRTUAL_MODELS
    system = fleet.system_of(index)
    family = system.family if system else ""
    need = sum(volume["capacity"] for volume in part)
    if family == "macos":  # its volumes share one container
        need = max(volume["capacity"] for volume in part)
    row = _about(maker, MODELS[fleet.model[index]][4], dice)
    if controller or virtual:
        title = controller[4] if controller else _VIRTUAL[maker]
        row = {"model": title, "interfaceType": "SCSI", "mediaType": "Unspecified"}
        row["size"] = -(-need // (10 * GIB)) * 10 * GIB
    else:
        row["size"] = next(size for size in _SOLD if size >= need)
        row["serialNumber"] = "".join(dice.choices("0123456789ABCDEF_", k=14))
        if number == 0 and fleet.life.swapped[index]:  # another drive than the first
            new = fleet.chance(index, 204)
            row |= {"serialNumber": "".join(new.choices("0123456789ABCDEF_", k=14))}
    name = {"macos": "disk{}", "linux": "/dev/sd{}"}.get(family, "\\\\.\\PHYSICALDRIVE{}")
    row["name"] = name.format("abcdef"[number] if family == "linux" else number)
    if family.startswith("windows"):
        row |= {"manufacturer": "(Standard disk drives)", "description": "Disk drive"}
    weak = dice.random() < 0.012 and not (controller or virtual)
    row["status"] = "Pred Fail" if weak else "OK" if family != "linux" else "Unknown"
    row |= {"bytesPerSector": 4096 if family == "macos" else 512, "partitionCount": len(part)}
    return row | {"smartCapable": not (controller or virtual)}


def _about(maker: str, fit: str, dice: random.Random) -> Row:
    """What a drive of a machine of this kind says of itself."""
    number = "".join(dice.choices("0123456789ABCDEFGH", k=6))
    if maker == "Apple Inc.":
        return {"model": f"APPLE SSD AP{number[:4]}", "interfaceType": "Apple Fabric", "mediaType": "SSD"}  # fmt: skip
    if fit == "desktop" and dice.random() < 0.5:
        model = dice.choice(_SATA)
        kind = "SSD" if "SSD" in model else dice.choice(("HDD", "Fixed hard disk media"))
        return {"model": model.format(number), "interfaceType": "IDE", "mediaType": kind}
    kind = dice.choice(("SSD", "SSD", "Fixed hard disk media"))
    return {"model": dice.choice(_NVME).format(number), "interfaceType": "SCSI", "mediaType": kind}


def _stick(number: int) -> Row:
    return {
        "name": f"\\\\.\\PHYSICALDRIVE{number}", "model": "SanDisk Ultra USB Device", "interfaceType": "USB",
        "manufacturer": "(Standard disk drives)", "description": "Disk drive", "mediaType": "Removable Media",
        "size": 31_457_280_000, "status": "OK", "bytesPerSector": 512, "partitionCount": 1,
        "smartCapable": False,
    }  # fmt: skip
