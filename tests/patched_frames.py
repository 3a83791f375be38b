"""Frames of patches made by hand: an invented, seeded fleet with more dirt than the sandbox has."""

from __future__ import annotations

import random

import pandas as pd

from tests.made_frames import NOW, fleet, typed

TUESDAY = pd.Timestamp("2026-11-10T17:00:00Z")
_DAY = pd.Timedelta(1, "D")
_SEVERITIES = ["CRITICAL", "critical", "IMPORTANT", "security", "Moderate", "optional", "unknown"]
_SEVERITIES += ["LOW", "NONE", "recommended", "GHASTLY", None]
_STATUSES = ["MANUAL"] * 6 + ["APPROVED"] * 3 + ["FAILED", "REJECTED", "DELAYED", "pending", None]
_STATUSES += ["INSTALLED", "HELD"]
_TYPES = ["UNKNOWN"] * 8 + [
    "UNSPECIFIED",
    "SECURITY_UPDATES",
    "Driver_Updates",
    "FEATURE_UPDATES",
    None,
]
_IMPACTS = ["CRITICAL", "critical", "RECOMMENDED", "optional", "DREADFUL", None]


def patched(devices: int = 40, organizations: int = 6, seed: int = 7) -> dict[str, pd.DataFrame]:
    """The tables of the patch reports; one device in thirty cannot install anything."""
    chance = random.Random(seed)
    frames = fleet(devices, organizations, seed)
    known = patches(chance)
    programs = [(f"p{n}", f"Program {n}", chance.choice(_IMPACTS)) for n in range(12)]
    opened, tried, waiting, updated, scans = [], [], [], [], []
    for row in frames["devices"].itertuples():
        habit = random.Random(f"{seed} {row.organization_id}").random()
        stubborn = chance.random() < 0.04
        for patch in chance.sample(known, 6):
            if chance.random() < 0.1 + 0.4 * habit or stubborn:
                opened.append(
                    {"device_id": row.device_id, **patch, "status": chance.choice(_STATUSES)}
                )
            tried += _tries(chance, row.device_id, patch, stubborn=stubborn)
        if chance.random() < 0.3:
            opened.append({"device_id": row.device_id, **_driver(chance)})
        for program in chance.sample(programs, 2):
            waiting += _program(chance, row.device_id, program, _STATUSES, 0.3)
            updated += _program(chance, row.device_id, program, ["INSTALLED", "FAILED"], 0.5)
        if chance.random() < 0.4:
            scans.append(_scan(chance, row.device_id))
    if devices > 10:
        opened += [
            dict(opened[0]),
            {**opened[1], "device_id": 99_999},
            {**opened[2], "device_id": None},
        ]
        tried += [dict(tried[0]), {**tried[1], "device_id": None}]
    made = {"os_patches": opened, "os_patch_installs": tried, "software_patches": waiting}
    made |= {"software_patch_installs": updated, "activities": scans}
    return {**frames, **{name: typed(name, rows) for name, rows in made.items()}}


def patches(chance: random.Random) -> list[dict[str, object]]:
    """Sixteen patches: updates of four months, others without a month, a KB number or a name."""
    found = [
        _patch(
            chance,
            f"2026-{month:02} Cumulative Update for Windows {version} (KB50{month:02}{version})",
        )
        for month in (8, 9, 10, 11)
        for version in ("10", "11")
    ]
    found += [
        _patch(chance, f"2026-{month:02} .NET Framework Cumulative Update (KB60{month:02})")
        for month in (10, 11)
    ]
    found += [_patch(chance, "2026-11 Security Update (KB700011) (26100.7171)")]
    found += [
        _patch(chance, name) for name in ("openssl (12-26.11)", "macOS 15.7.1", "2026-12 early")
    ]
    found += [_patch(chance, "Security Intelligence Update - KB2267602")]
    return [*found, {**_patch(chance, ""), "name": None}]


def _patch(chance: random.Random, name: str) -> dict[str, object]:
    kb = name.partition("KB")[2].partition(")")[0]
    return {
        "patch_id": f"{chance.getrandbits(64):016x}" if chance.random() < 0.95 else None,
        "name": name,
        "kb_number": f"KB{kb}" if kb else None,
        "severity": chance.choice(_SEVERITIES),
        "type": chance.choice(_TYPES),
    }


def _driver(chance: random.Random) -> dict[str, object]:
    number = chance.randint(1, 9)
    return {"patch_id": f"d{number}", "name": f"Intel - Display - {number}", "status": "MANUAL",
            "severity": "optional", "type": "DRIVER_UPDATES"}  # fmt: skip


def _tries(
    chance: random.Random, device: object, patch: dict[str, object], *, stubborn: bool
) -> list[dict[str, object]]:
    """Failures of the last weeks, and mostly an installation after them, now and then undated."""
    failures = chance.choice([3, 4]) if stubborn else chance.choice([0] * 12 + [1, 3])
    begin = NOW - chance.uniform(0, 45) * _DAY
    found = [
        {"device_id": device, **patch, "status": "FAILED", "installed_at": begin + n * _DAY / 2}
        for n in range(failures)
    ]
    if chance.random() < (0.1 if stubborn else 0.8):
        at = chance.choice(
            [begin + 3 * _DAY] * 8 + [None, begin - _DAY, pd.Timestamp("2010-07-01T00:00Z")]
        )
        found.append({"device_id": device, **patch, "status": "INSTALLED", "installed_at": at})
    return found


def _program(
    chance: random.Random, device: object, program: tuple[str, str, str | None],
    words: list[str | None], share: float,
) -> list[dict[str, object]]:  # fmt: skip
    if chance.random() > share:
        return []
    number, title, impact = program
    at = NOW - chance.uniform(0, 70) * _DAY
    return [{"device_id": device, "patch_id": number, "title": title, "impact": impact,
             "status": chance.choice(words), "type": "PATCH", "installed_at": at}]  # fmt: skip


def _scan(chance: random.Random, device: object) -> dict[str, object]:
    word = chance.choice(["", "SOFTWARE_"]) + "PATCH_MANAGEMENT_SCAN_"
    return {
        "activity_id": chance.getrandbits(40),
        "device_id": device,
        "activity_at": NOW - chance.uniform(0, 60) * _DAY,
        "status_code": word + chance.choice(["COMPLETED", "COMPLETED", "STARTED"]),
    }
