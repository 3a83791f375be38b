"""What technicians and scripts wrote into the custom fields of a device, by field name.

It agrees with what the other tables say: the owner's e-mail address, BitLocker, the warranty, the
operating system. Hidden fields are here too; who answers for the API leaves them out.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.definitions import BY_NAME, option_uid
from ninja_analytics.sandbox.field_words import COST_CENTERS
from ninja_analytics.sandbox.fleet import APPROVED, PENDING, Fleet
from ninja_analytics.sandbox.machines import warranty_of
from ninja_analytics.sandbox.people import owner_of
from ninja_analytics.sandbox.times import DAY
from ninja_analytics.sandbox.volumes import SUSPENDED, volumes_of

Values = dict[str, Any]
# Makes the value of a field for a subject: the index of a device, a location, a user, …
Maker = Callable[[Fleet, Any, random.Random], Any]

_SALT = 145
_OLD_MODELS = frozenset({"OptiPlex 3050"})


def drawn(
    makers: Mapping[str, tuple[float, Maker]], fleet: Fleet, subject: Any, dice: random.Random
) -> Values:
    """The values that *subject* happens to have: each by its share, if there is one to make."""
    made = {
        name: make(fleet, subject, dice)
        for name, (share, make) in makers.items()
        if dice.random() < share
    }
    return {name: value for name, value in made.items() if value is not None}


def device_values(fleet: Fleet, index: int) -> Values:
    """Every value that a device has, hidden ones included; none before it is approved.

    A target that is only watched is not a thing that people keep an inventory of.
    """
    name = fleet.class_name(index)
    if fleet.status[index] == PENDING or name == "CLOUD_MONITOR_TARGET":
        return {}
    dice = fleet.chance(index, _SALT)
    found = drawn(_NOTED, fleet, index, dice)
    if name in vocabulary.AGENT_CLASSES:
        found["inventorynumber"] = f"INV-{int(fleet.ids[index]):05d}"
    if name in ("WINDOWS_SERVER", "LINUX_SERVER", "VMWARE_VM_HOST") or name.startswith("NMS_"):
        found |= drawn(_INFRASTRUCTURE, fleet, index, dice)
    if not fleet.software_rows[index]:  # no script ever ran there
        return found
    if name.startswith("WINDOWS"):
        return found | _windows(fleet, index, dice)
    return found | (_mac(dice) if name == "MAC" else {})


def option(name: str, choice: str) -> str:
    """The identifier of a choice of the field *name*."""
    return option_uid(BY_NAME[name], choice)


def attachment(number: int) -> Values:
    """What the API tells of a file."""
    return {"fileId": 7000 + number, "fileName": f"rack-{number}.jpg", "fileSize": 180_000 + number}


def _asset_tag(fleet: Fleet, index: int, dice: random.Random) -> str:
    tag = f"{fleet.first_home(index).prefix}-{int(fleet.identity[index]):05d}"
    return tag if dice.random() < 0.97 else "TBD"


def _owner_email(fleet: Fleet, index: int, _dice: random.Random) -> str | None:
    owner = owner_of(fleet, index)
    return owner.email if owner else None


def _warranty_end(fleet: Fleet, index: int, _dice: random.Random) -> int | None:
    """The last day in milliseconds; 0 where the maker does not tell; nothing without a model."""
    if fleet.model[index] < 0:
        return None
    known = warranty_of(fleet, index)
    return int(known[1] // DAY * DAY * 1000) if known else 0


def _last_checked(fleet: Fleet, index: int, dice: random.Random) -> int:
    since = fleet.first.seen[index] - fleet.first.since[index]
    return int(fleet.first.since[index] + dice.random() * since) * 1000


def _scopes(_fleet: Fleet, _index: int, dice: random.Random) -> list[str]:
    some = dice.sample(BY_NAME["compliance"].options, dice.choice((1, 2)))
    return [option("compliance", one) for one in some]


def _management_address(_fleet: Fleet, index: int, dice: random.Random) -> str:
    return (
        f"fd00::{index + 2:x}"
        if dice.random() < 0.1
        else f"10.99.{index // 250 % 250}.{index % 250 + 2}"
    )


def _backed_up_by(fleet: Fleet, index: int, dice: random.Random) -> Values | None:
    servers = _servers_beside(fleet, index)
    return {"entityId": dice.choice(servers), "type": "NODE"} if servers else None


def _depends_on(fleet: Fleet, index: int, dice: random.Random) -> Values | None:
    servers = _servers_beside(fleet, index)
    some = sorted(dice.sample(servers, min(len(servers), 2)))
    return {"entityIds": some, "type": "NODE"} if some else None


def _served(fleet: Fleet, index: int, _dice: random.Random) -> Values | None:
    if not fleet.class_name(index).startswith("NMS_"):
        return None
    places = [place.id for place in fleet.home(index).locations]
    return {"entityIds": places, "type": "CLIENT_LOCATION"}


def _servers_beside(fleet: Fleet, index: int) -> list[int]:
    """The ids of the other Windows servers of a device's organization, when this was written."""
    server = fleet.kind == [row[0] for row in vocabulary.CLASSES].index("WINDOWS_SERVER")
    here = server & (fleet.first.home == fleet.first.home[index])
    here &= (fleet.first.status == APPROVED) & (fleet.created <= fleet.born)
    here[index] = False
    ids: list[int] = fleet.ids[np.flatnonzero(here)].tolist()
    return ids


def _windows(fleet: Fleet, index: int, dice: random.Random) -> Values:
    """What scripts find on Windows: administrators, TPM, Secure Boot, an escrowed recovery key."""
    found: Values = {}
    if dice.random() < 0.9:
        found["localAdministrators"] = _written(_administrators(fleet, index, dice), dice)
    if dice.random() < 0.88:
        found |= _start_up(fleet, index, dice)
    if _encrypted(fleet, index):
        found["bitlockerEscrowed"] = dice.random() < 0.93
        found["bitlockerrecoverykey"] = "-".join(f"{dice.randrange(10**6):06d}" for _ in range(8))
    elif dice.random() < 0.3:
        found["bitlockerEscrowed"] = False
    return found


def _start_up(fleet: Fleet, index: int, dice: random.Random) -> Values:
    """What secures the start of a Windows device; Windows 11 does not go without."""
    model, system = vocabulary.MODELS[fleet.model[index]][1], fleet.system_of(index)
    newest = system is not None and system.family == "windows-11"
    absent = model in vocabulary.VIRTUAL_MODELS or (not newest and dice.random() < 0.06)
    found: Values = {"tpmPresent": not absent}
    if not absent:
        found["tpmversion"] = "1.2" if model in _OLD_MODELS and not newest else "2.0"
    weights = (95, 5, 0) if newest else (60, 25, 15)
    state = dice.choices(("On", "Off", "Unsupported"), weights)[0]
    return found | {"secureBoot": option("secureBoot", state)}


def _encrypted(fleet: Fleet, index: int) -> bool:
    """Whether the system volume is protected by BitLocker, as the table volumes has it."""
    volumes = volumes_of(fleet, index, bitlocker=True)
    system = next(volume for volume in volumes if volume.get("driveLetter") == "C:")
    suspended = fleet.life.bitlocker[index] == SUSPENDED  # which lets the key where it is
    told = system["bitLockerStatus"]
    return bool(told["protectionStatus"] == "PROTECTED") or (
        suspended and told["initializedForProtection"]
    )


def _mac(dice: random.Random) -> Values:
    """What scripts find on a Mac: FileVault, and administrators in a report with marks."""
    found: Values = {}
    if dice.random() < 0.92:
        state = dice.choices(("On", "Off", "Encrypting"), (82, 15, 3))[0]
        found["filevaultstatus"] = option("filevaultstatus", state)
    if dice.random() < 0.7:
        names = ["root", "admin", *(["helpdesk"] if dice.random() < 0.4 else [])]
        lines = "".join(f"<li>{name}</li>" for name in names)
        found["localadminreport"] = {"text": "\n".join(names), "html": f"<ul>{lines}</ul>"}
    return found


def _administrators(fleet: Fleet, index: int, dice: random.Random) -> list[str]:
    machine, domain = fleet.system_name(index), fleet.home(index).prefix
    names = [f"{machine}\\Administrator", f"{domain}\\Domain Admins"]
    if dice.random() < 0.5:
        names.append(f"{machine}\\nl-support")
    if dice.random() < 0.18:  # somebody who should not be one
        first, last = dice.choice(vocabulary.FIRST_NAMES), dice.choice(vocabulary.LAST_NAMES)
        names.append(f"{domain}\\{first[0]}.{last}")
    return names


def _written(names: list[str], dice: random.Random) -> str:
    """The list as versions of the script wrote it: in lines, between commas, as JSON."""
    form = dice.choices(("lines", "commas", "json"), (86, 9, 5))[0]
    if form == "json":
        return json.dumps(names)
    return ", ".join(names) if form == "commas" else "\r\n".join(names)


# What people keep by hand: the share of devices that have it, and how it is made.
_NOTED: Mapping[str, tuple[float, Maker]] = {
    "assetTag": (0.6, _asset_tag),
    "costCenter": (0.15, lambda *how: how[-1].choice(COST_CENTERS)),
    "primaryUserEmail": (0.9, _owner_email),
    "warrantyEnd": (0.45, _warranty_end),
    "lastchecked": (0.2, _last_checked),
    "compliance": (0.06, _scopes),
    "internalNotes": (0.1, lambda *_: "Ask before restarting.\nThe key is at the front desk."),
    "scriptinput": (0.05, lambda *_: "--quiet"),
}
# The same for servers and the network: addresses, runbooks, photographs, dependencies.
_INFRASTRUCTURE: Mapping[str, tuple[float, Maker]] = {
    "criticality": (0.7, lambda *how: option("criticality", how[-1].choice(("High", "Medium", "Low")))),
    "managementAddress": (0.5, _management_address),
    "runbook": (0.3, lambda fleet, n, _: f"https://wiki.northlight.example/runbooks/{fleet.ids[n]}"),
    "rackphoto": (0.1, lambda fleet, n, _: attachment(int(fleet.ids[n]))),
    "backupwindow": (0.2, lambda *how: how[-1].choice((19, 21, 22, 23)) * 3600),
    "backedUpBy": (0.3, _backed_up_by),
    "dependson": (0.3, _depends_on),
    "servedlocations": (0.5, _served),
}  # fmt: skip
