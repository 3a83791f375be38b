"""Two snapshots of an invented fleet: an opening, and a closing with changes of every kind."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pandas as pd

from tests.made_frames import NOW, TRADES, WORDS, typed

OPENING = NOW - pd.Timedelta(days=10)
Rows = dict[str, list[dict[str, Any]]]
PROGRAMS = [
    ("Google Chrome", ["141.0.1", "142.0.7444.176", "142.0.7444.9", None]),
    ("7-Zip 24.09 (x64)", ["24.09", "24.9"]),
    ("7-Zip 23.01 (x64)", ["23.01"]),
    ("Tool", ["1.0", "1.0.0", "2.0-beta", "2.0"]),
    ("Zoom", ["6.2", "10.1"]),
    ("Old Reader", ["9.5"]),
    ("libfoo", ["2.39-4ubuntu9", "2.39-12ubuntu1"]),
]
SYSTEMS = [
    ("Windows 11 Pro", "24H2", "26100"),
    ("Microsoft Windows 11 Pro", "24H2", "10.0.26100"),
    ("Windows 11 Pro", "23H2", "10.0.22631"),
    ("macOS Sequoia", "15.7.1", "24G222"),
    (None, None, None),
]


def snapshot(rows: Rows, taken_at: pd.Timestamp) -> dict[str, pd.DataFrame]:
    """The rows as typed frames that know when they were pulled."""
    return {
        name: typed(name, found, pulled_at=taken_at.isoformat()) for name, found in rows.items()
    }


def opening_rows(devices: int, organizations: int, seed: int) -> Rows:
    """The rows of the tables of fleet_drift, with the dirt that real ones have."""
    chance = random.Random(seed)
    names = [f"{chance.choice(WORDS)} {chance.choice(TRADES)}" for _ in range(organizations)]
    rows: Rows = {
        "organizations": [
            {"organization_id": at, "organization_name": f"{name} {at}"}
            for at, name in enumerate(names, 1)
        ],
        "locations": [
            {"location_id": at * 10 + one, "organization_id": at, "location_name": f"Site {one}"}
            for at in range(1, organizations + 1)
            for one in (0, 1)
        ],
        "policies": [{"policy_id": at, "policy_name": f"Policy {at}"} for at in (1, 2)],
        "devices_detailed": [],
        "volumes": [],
        "antivirus_status": [],
        "software": [],
    }
    for number in range(1, devices + 1):
        _enroll(rows, chance, number, chance.randint(1, max(organizations, 1)), OPENING)
    if devices > 10:
        rows["devices_detailed"][2]["organization_id"] = 777
        rows["devices_detailed"].append(dict(rows["devices_detailed"][4], system_name="stale copy",
                                             last_contact_at=None))  # fmt: skip
        rows["devices_detailed"].append(dict(rows["devices_detailed"][0], device_id=None))
        rows["antivirus_status"].append(
            {"device_id": 99_999, "product_name": "Guard", "product_state": "ON"}
        )
        rows["software"].append({"device_id": 99_999, "name": "Orphan", "version": "1"})
        rows["software"].append(dict(rows["software"][0]))
    return rows


def _enroll(
    rows: Rows, chance: random.Random, number: int, organization: int, by: pd.Timestamp
) -> None:
    """A device with its volumes, antivirus and programs."""
    created = by - pd.Timedelta(days=chance.uniform(0, 900))
    system = chance.choice(SYSTEMS)
    rows["devices_detailed"].append(
        {
            "device_id": number,
            "organization_id": organization,
            "location_id": organization * 10 + chance.randint(0, 1),
            "node_class": chance.choice(["WINDOWS_WORKSTATION", "WINDOWS_SERVER", "MAC"]),
            "approval_status": "APPROVED",
            "system_name": chance.choice([f"PC-{number:04}"] * 9 + [None]),
            "display_name": chance.choice([None] * 4 + ["Front desk"]),
            "created_at": created,
            "last_contact_at": by - pd.Timedelta(hours=chance.uniform(0, 50)),
            "last_update_at": chance.choice([by - pd.Timedelta(hours=number % 7)] * 15 + [None]),
            "policy_id": chance.choice([None] * 5 + [1, 2]),
            "serial_number": chance.choice(
                [f"SN{number:05}"] * 8 + ["Default string", " ", None, "00000000", "CLONE1"]
            ),
            "bios_serial_number": chance.choice(
                [None, f"BIOS{number:05}", "To be filled by O.E.M."]
            ),
            "memory_bytes": chance.choice([8 * 2**30, 16 * 2**30, None]),
            "os_name": system[0],
            "os_release_id": system[1],
            "os_build_number": system[2],
        }
    )
    for name in ["C:", "D:"][: chance.choice([0, 1, 1, 2])]:
        rows["volumes"].append(
            {
                "device_id": number,
                "name": name,
                "drive_letter": name,
                "device_type": chance.choice(["Local Disk"] * 6 + ["Removable Disk"]),
                "capacity_bytes": chance.choice([256 * 10**9, 512 * 10**9, 256 * 10**9, None]),
                "bitlocker_protection_status": chance.choice(
                    ["PROTECTED"] * 5 + ["UNPROTECTED", "UNKNOWN", None]
                ),
            }
        )
    for name in ["Defender", "Guard"][: chance.choice([0, 1, 1, 1, 2])]:
        state = chance.choice(["ON"] * 6 + ["OFF", "EXPIRED", "UNKNOWN", None])
        rows["antivirus_status"].append(
            {"device_id": number, "product_name": name, "product_state": state}
        )
    for name, versions in chance.sample(PROGRAMS, chance.randint(1, len(PROGRAMS))):
        rows["software"].append(
            {
                "device_id": number,
                "name": name,
                "version": chance.choice(versions[:2]),
                "publisher": chance.choice(["Maker", None]),
                "installed_on": chance.choice([None, created.floor("D")]),
            }
        )


def closing_rows(opening: Rows, seed: int, share: float = 0.25) -> Rows:
    """The rows ten days later: about *share* of the devices changed in some way, others came and went."""
    chance = random.Random(seed + 1_000)
    rows: Rows = {name: [dict(row) for row in found] for name, found in opening.items()}
    devices = rows["devices_detailed"]
    ids = sorted({row["device_id"] for row in devices if row["device_id"] is not None})
    organizations = [row["organization_id"] for row in rows["organizations"]] or [1]
    gone = {one for one in ids if chance.random() < share / 4}
    new = {one: 5_000 + one for one in ids if one not in gone and chance.random() < share / 5}
    for name in ("devices_detailed", "volumes", "antivirus_status", "software"):
        rows[name] = [row for row in rows[name] if row["device_id"] not in gone]
        for row in rows[name]:
            row["device_id"] = new.get(row["device_id"], row["device_id"])
            _change(name, row, chance, share, organizations)
    for number in range(len(ids) // 12):
        _enroll(rows, chance, 9_000 + number, chance.choice(organizations), NOW)
    for row in rows["devices_detailed"]:
        if row["device_id"] and row["device_id"] > 4_000:
            row["created_at"] = NOW - pd.Timedelta(days=chance.uniform(0, 12))
    some = [row["device_id"] for row in rows["devices_detailed"] if chance.random() < 0.1]
    rows["software"] = [row for row in rows["software"] if row["name"] != "Old Reader"]
    rows["software"] += [
        {
            "device_id": one,
            "name": "New Suite 2.1",
            "version": "2.1",
            "installed_on": NOW.floor("D"),
        }
        for one in some
    ]
    chance.shuffle(rows["devices_detailed"])
    return rows


def _change(
    name: str, row: dict[str, Any], chance: random.Random, share: float, organizations: list[int]
) -> None:
    """One row of the closing, perhaps with another value or without a known one."""
    if name == "devices_detailed" and row["last_update_at"] is not None and chance.random() < 0.8:
        row["last_update_at"] = NOW - pd.Timedelta(hours=1)
    if chance.random() > share:
        return
    other = chance.choice(organizations)
    system = dict(
        zip(("os_name", "os_release_id", "os_build_number"), chance.choice(SYSTEMS), strict=True)
    )
    choices: dict[str, list[dict[str, Any]]] = {
        "devices_detailed": [
            {"organization_id": other, "location_id": other * 10},
            {"location_id": None},
            {"system_name": "RENAMED"},
            {"system_name": None},
            {"display_name": "Back office"},
            {"display_name": None},
            {"policy_id": 2},
            {"policy_id": None},
            {"memory_bytes": 32 * 2**30},
            {"memory_bytes": 16 * 2**30 - 2**20},
            {"last_update_at": None},
            system,
        ],
        "volumes": [
            {"capacity_bytes": 10**12},
            {"capacity_bytes": 256 * 10**9 + 10**6},
            {"bitlocker_protection_status": "UNPROTECTED"},
            {"bitlocker_protection_status": "UNKNOWN"},
            {"name": "E:", "drive_letter": "E:"},
        ],
        "antivirus_status": [{"product_state": one} for one in ("OFF", "ON", "UNKNOWN", "snoozed", None)],
        "software": [
            {"version": chance.choice(dict(PROGRAMS).get(row.get("name", ""), ["1"]))},
            {"version": None},
        ],
    }  # fmt: skip
    row.update(chance.choice(choices[name]))


@cache
def two_snapshots(
    devices: int = 60, organizations: int = 5, seed: int = 7
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """The frames of the opening and of the closing; copy what you change."""
    before = opening_rows(devices, organizations, seed)
    after = closing_rows(before, seed)
    return snapshot(before, OPENING), snapshot(after, NOW)
