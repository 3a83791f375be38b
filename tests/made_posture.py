"""Frames made by hand about security, storage and hygiene: an invented, seeded fleet of any size."""

from __future__ import annotations

import json
import random

import pandas as pd

from tests.made_frames import NOW, fleet, typed

GIB = 1024**3
ROLES = ((1, "WINDOWS_WORKSTATION", "DESKTOP"), (2, "WINDOWS_WORKSTATION", "LAPTOP"),
         (3, "WINDOWS_SERVER", "UNKNOWN"), (4, "MAC", "LAPTOP"))  # fmt: skip
_BITLOCKER = (
    ("FULLY_ENCRYPTED", "PROTECTED"), ("FULLY_ENCRYPTED", "UNPROTECTED"),
    ("ENCRYPTION_IN_PROGRESS", "PENDING"), ("FULLY_DECRYPTED", "UNPROTECTED"),
    ("DECRYPTION_PAUSED", "UNPROTECTED"), ("UNKNOWN", "UNKNOWN"), (None, None),
)  # fmt: skip
_PEOPLE = ("f.novak", "k.lind", "b.osei", "r.tanaka", "m.duval")


def posture(devices: int = 40, organizations: int = 6, seed: int = 7) -> dict[str, pd.DataFrame]:
    """The tables of security_posture, storage and availability_hygiene, with their dirt."""
    frames = fleet(devices, organizations, seed)
    chance = random.Random(seed * 31 + devices)
    rows = frames["devices"][["device_id", "node_class", "system_name"]].drop_duplicates(
        "device_id"
    )
    rows = [(int(at), str(kind), str(name)) for at, kind, name in rows.itertuples(index=False)]
    role = {kind: at for at, kind, chassis in ROLES if chassis != "LAPTOP" or kind == "MAC"}
    held = {
        at: 2 if kind == "WINDOWS_WORKSTATION" and at % 2 else role.get(kind)
        for at, kind, _ in rows
    }
    frames["devices"] = frames["devices"].assign(
        role_id=frames["devices"]["device_id"].map(held).astype("Int64"),
        role_policy_id=(frames["devices"]["device_id"] % 4 + 1).astype("Int64"),
    )
    frames["roles"] = typed(
        "roles",
        [{"role_id": at, "node_class": kind, "chassis_type": one} for at, kind, one in ROLES],
    )
    computers = [one for one in rows if one[1] in ("WINDOWS_WORKSTATION", "WINDOWS_SERVER", "MAC", "LINUX_SERVER")]  # fmt: skip
    return (
        frames | _security(chance, computers) | _hardware(chance, computers) | _rest(chance, rows)
    )


def _security(
    chance: random.Random, computers: list[tuple[int, str, str]]
) -> dict[str, pd.DataFrame]:
    antivirus, threats, fields = [], [], []
    for at, kind, name in computers:
        if (kind == "WINDOWS_WORKSTATION" and chance.random() < 0.95) or chance.random() < 0.3:
            antivirus += [
                {"device_id": at, "product_name": product, **_state(chance)}
                for product in chance.sample(("Defender", "Rampart", "Bulwark"), chance.choice((1, 1, 2)))
            ]  # fmt: skip
        if chance.random() < 0.02:
            threats.append({"device_id": at, "name": "EICAR", "level": "HIGH", "status": chance.choice(("active", "ACTIVE", "blocked"))})  # fmt: skip
        if chance.random() < 0.9:
            told = {"admins": _admins(chance, name), "other": 4711}
            if kind == "WINDOWS_WORKSTATION":
                told |= {"tpm": chance.choice((True, True, "2.0", "1.2", False, "?")), "boot": chance.choice(("id-on", "id-on", "id-off", ""))}  # fmt: skip
            if kind == "MAC":
                told["vault"] = chance.choice(("On", "Encrypting", "FileVault is Off.", "On"))
            fields.append({"device_id": at, "fields": json.dumps(told)})
    options = [{"option_uid": "id-on", "option_name": "On"}, {"option_uid": "id-off", "option_name": "Off"}]  # fmt: skip
    definitions = [{"field_name": one} for one in ("admins", "tpm", "vault")]
    definitions.append({"field_name": "boot", "label": "Secure Boot", "options": options})
    people = [
        {"user_id": 1, "first_name": "Morgan", "enabled": True, "mfa_configured": True, "auth_type": "NATIVE"},
        {"user_id": 2, "first_name": "Kim", "enabled": True, "mfa_configured": False, "auth_type": "SSO"},
        {"user_id": 3, "first_name": "Jo", "enabled": True, "mfa_configured": False, "auth_type": "NATIVE", "administrator": True},
        {"user_id": 4, "first_name": "Gone", "enabled": False, "mfa_configured": False},
        {"user_id": 5, "email": "who@northlight.example", "enabled": None, "mfa_configured": None},
    ]  # fmt: skip
    return {
        "antivirus_status": typed("antivirus_status", antivirus),
        "antivirus_threats": typed("antivirus_threats", threats),
        "custom_fields": typed("custom_fields", fields),
        "custom_field_definitions": typed("custom_field_definitions", definitions),
        "technicians": typed("technicians", people),
    }


def _state(chance: random.Random) -> dict[str, object]:
    state = chance.choices(
        ("ON", "OFF", "SNOOZED", "UNKNOWN", "on", "DREAMING"), (80, 10, 3, 3, 3, 1)
    )
    status = chance.choices(("Up-to-Date", "Out-of-Date", "Unknown", None), (85, 8, 5, 2))
    return {"product_state": state[0], "definition_status": status[0]}


def _admins(chance: random.Random, machine: str) -> object:
    names = [f"{machine}\\Administrator", "ACME\\Domain Admins"]
    if chance.random() < 0.3:
        names.append(f"ACME\\{chance.choice(_PEOPLE)}")
    form = chance.choice(("lines", "commas", "json", "objects", "rich", "empty"))
    return {
        "lines": "\r\n".join(names),
        "commas": ", ".join(names),
        "json": json.dumps(names),
        "objects": [{"Name": one, "SID": "S-1-5"} for one in names],
        "rich": {"text": "\n".join(names), "html": "<ul></ul>"},
        "empty": "",
    }[form]


def _hardware(
    chance: random.Random, computers: list[tuple[int, str, str]]
) -> dict[str, pd.DataFrame]:
    volumes, disks, drives, controllers = [], [], [], []
    for at, kind, _ in computers:
        if chance.random() < 0.04:
            continue
        windows = kind.startswith("WINDOWS")
        for letter in ["C:", *(["D:"] if chance.random() < 0.2 else [])]:
            size = chance.choice((118, 237, 475, 952, 3800)) * GIB
            free = chance.choice((chance.random() * 0.12, chance.random(), chance.random()))
            crypt = chance.choice(_BITLOCKER) if windows else (None, None)
            name = letter if windows else {"C:": "/", "D:": "/var"}[letter]
            volumes.append(
                {"device_id": at, "name": name, "drive_letter": letter if windows else None,
                 "device_type": "Local Disk", "file_system": "NTFS" if windows else "APFS",
                 "capacity_bytes": size, "free_bytes": int(size * free) if chance.random() < 0.97 else None,
                 "bitlocker_conversion_status": crypt[0], "bitlocker_protection_status": crypt[1]}
            )  # fmt: skip
        if windows:
            volumes.append({"device_id": at, "name": "Recovery", "device_type": "Local Disk", "capacity_bytes": GIB, "free_bytes": 1})  # fmt: skip
            volumes.append({"device_id": at, "name": "N:", "drive_letter": "N:", "device_type": "Network Drive", "capacity_bytes": 9 * GIB, "free_bytes": 1})  # fmt: skip
        elif chance.random() < 0.5:
            volumes.append(volumes[-1] | {"name": "/System/Volumes/Data"})
        status = chance.choices(("OK", "Unknown", "Pred Fail", "Error", "Purring", None), (90, 4, 2, 1, 1, 2))  # fmt: skip
        disks.append({"device_id": at, "name": "disk0", "model": "Fastdrive 900", "status": status[0], "smart_capable": True})  # fmt: skip
        if kind == "WINDOWS_SERVER":
            health = chance.choice(("Optimal", "Optimal", "Degraded", "Needs Attention"))
            controllers.append({"device_id": at, "controller_index": 0, "model": "RC 8", "system_health_status": health})  # fmt: skip
            drives += [
                {"device_id": at, "controller_index": 0, "drive_id": f"0:{bay}", "model": "Platter 12",
                 "status": chance.choices(("Online", "Hot Spare", "Failed", "Predictive Failure", "Rebuild"), (80, 10, 4, 4, 2))[0]}
                for bay in range(4)
            ]  # fmt: skip
    return {
        "volumes": typed("volumes", volumes),
        "disks": typed("disks", disks),
        "raid_drives": typed("raid_drives", drives),
        "raid_controllers": typed("raid_controllers", controllers),
    }


def _rest(chance: random.Random, rows: list[tuple[int, str, str]]) -> dict[str, pd.DataFrame]:
    """What availability_hygiene reads beside: serial numbers, boots, policies, enrollments."""
    computers, systems, health, activities, pending = [], [], [], [], []
    for at, kind, _ in rows:
        serial = chance.choices((f"SN{at:05}", f"SN{at // 2:05}", "Default string", None, "00000"), (85, 8, 4, 2, 1))[0]  # fmt: skip
        computers.append({"device_id": at, "serial_number": serial})
        restart = chance.choice((True, False, False, False, None))
        boot = (
            NOW - pd.Timedelta(days=chance.expovariate(1 / 12)) if chance.random() < 0.97 else None
        )
        if kind in ("WINDOWS_WORKSTATION", "WINDOWS_SERVER", "MAC", "LINUX_SERVER"):
            systems.append({"device_id": at, "name": "Windows 11 Pro", "needs_reboot": restart, "last_boot_at": boot})  # fmt: skip
        why = (
            chance.choice(("Windows Update", "Component Based Servicing", None))
            if restart
            else None
        )
        health.append({"device_id": at, "health_status": "HEALTHY", "active_threats_count": chance.choice((0,) * 60 + (1, None)), "pending_reboot_reason": why})  # fmt: skip
        for _ in range(chance.choices((0, 1, 2, 3), (92, 4, 3, 1))[0]):
            when = NOW - pd.Timedelta(days=chance.uniform(0, 45))
            activities.append({"activity_id": len(activities), "device_id": at, "status_code": "NODE_RE_ENROLLED", "activity_at": when})  # fmt: skip
    for at in range(min(len(rows), 5)):
        waits = {"device_id": 900_000 + at, "organization_id": 1, "approval_status": "PENDING"}
        when = NOW - pd.Timedelta(days=4.5 * at)
        pending.append(waits | {"node_class": "MAC", "created_at": when if at != 3 else None})
    policies = [{"policy_id": at, "policy_name": f"Policy {at}", "parent_policy_id": 7 if at == 2 else None} for at in range(1, 9)]  # fmt: skip
    return {
        "computer_systems": typed("computer_systems", computers),
        "operating_systems": typed("operating_systems", systems),
        "device_health": typed("device_health", health),
        "activities": typed("activities", activities),
        "devices_detailed": typed("devices_detailed", pending),
        "policies": typed("policies", policies),
    }
