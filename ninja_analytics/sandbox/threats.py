"""Threats that antivirus products found, as many as the health of each device counts."""

from __future__ import annotations

import random
from typing import Any

from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.health import antivirus_rows, counts_of
from ninja_analytics.sandbox.patches import Patches
from ninja_analytics.sandbox.times import stamp

Row = dict[str, Any]

_CODES = {"Bitdefender Endpoint Security Tools": "BITDEFENDER", "SentinelOne Agent": "SENTINEL_ONE", "Microsoft Defender Antivirus": "WINDOWS_DEFENDER"}  # fmt: skip
# name, type, category; the names are those of harmless test files and families that products invent
_FOUND = (
    ("EICAR-Test-File (not a virus)", "FILE", "TEST"),
    ("Gen:Variant.Tedy.258323", "FILE", "TROJAN"),
    ("Trojan:Win32/Wacatac.B!ml", "FILE", "TROJAN"),
    ("PUA:Win32/InstallCore", "FILE", "PUP"),
    ("Adware.GenericKD.6102", "FILE", "ADWARE"),
    ("HackTool:Win32/AutoKMS", "PROCESS", "HACKTOOL"),
    ("JS:Trojan.Cryxos.4572", "WEB", "PHISHING"),
)
_LEVELS = ("HIGH", "High", "severe", "MEDIUM", "low", "CRITICAL")
_STATES = {"active": ("ACTIVE", "active"), "held": ("QUARANTINED", "quarantined"), "blocked": ("BLOCKED",)}  # fmt: skip
_PLACES = ("Downloads\\setup_{}.exe", "AppData\\Local\\Temp\\{}.tmp", "Desktop\\invoice_{}.js")


def threat_rows(fleet: Fleet, index: int, patches: Patches) -> list[Row]:
    """The rows of queries/antivirus-threats of one device: active, quarantined, blocked."""
    active = int(fleet.threats[index])
    told = counts_of(fleet, index, patches.counts(index)[0])
    states = ["active"] * active + ["held"] * told.quarantined + ["blocked"] * told.blocked
    if not states:
        return []
    dice = fleet.chance(index, 214)
    products = [row["productName"] for row in antivirus_rows(fleet, index)]
    code = _CODES.get(products[0] if products else "", "UNKNOWN")
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    return [_threat(state, code, dice) | known for state in states]


def _threat(state: str, code: str, dice: random.Random) -> Row:
    name, kind, category = dice.choice(_FOUND)
    path = f"C:\\Users\\Public\\{dice.choice(_PLACES).format(dice.randrange(1000))}"
    row: Row = {
        "name": name,
        "productCode": code,
        "status": dice.choice(_STATES[state]),
        "type": kind,
        "category": category,
        "level": dice.choice(_LEVELS),
        "detectionSource": dice.choice(("ON_ACCESS", "ON_DEMAND", "BEHAVIOR")),
        "traceList": path if dice.random() < 0.8 else f"{path};{path}.lnk",
    }
    if dice.random() < 0.7:
        row["threatId"] = 2_147_483_648 + dice.randrange(1_000_000)
    if state == "held":
        row["quarantineId"] = f"{dice.getrandbits(64):016x}"
    return row
