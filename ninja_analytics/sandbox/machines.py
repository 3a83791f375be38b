"""The device rows: a device's place and state, and in detail its system, hardware and last user."""

from __future__ import annotations

import random
from typing import Any

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.fleet import APPROVAL, Fleet
from ninja_analytics.sandbox.people import owner_uid
from ninja_analytics.sandbox.places import location_row, organization_row, policy_row, role_row
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.volumes import GIB, volumes_of

_PLACES = ("Conference room", "Kitchen", "Warehouse", "Second floor", "Training")
_BUILDS = {"windows-10": "10.0.{}", "windows-11": "10.0.{}", "windows-server": "10.0.{}"}


def device_row(fleet: Fleet, index: int, *, expand: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A row of /v2/devices; *expand* names the references to include."""
    dice = fleet.chance(index, 40)
    name = fleet.system_name(index)
    row = {
        "id": int(fleet.ids[index]),
        "uid": fleet.uid(index),
        "organizationId": fleet.home(index).id,
        "locationId": int(fleet.location[index]),
        "nodeClass": fleet.class_name(index),
        "nodeRoleId": int(fleet.role[index]),
        "rolePolicyId": int(fleet.role_policy[index]),
        "approvalStatus": APPROVAL[fleet.status[index]],
        "offline": bool(fleet.offline[index]),
        "systemName": name,
        "created": stamp(fleet.created[index]),
        "lastContact": stamp(fleet.last_contact[index]),
        "lastUpdate": stamp(fleet.collected[index]),
    }
    row |= _names(fleet, index, name, dice)
    if fleet.parent[index]:
        row["parentDeviceId"] = int(fleet.parent[index])
    if fleet.policy[index]:
        row["policyId"] = int(fleet.policy[index])
    owner = owner_uid(fleet, index)
    if owner:
        row["assignedOwnerUid"] = owner
    row |= _notes(fleet, index, dice)
    references = _references(fleet, index, expand, dice)
    return row | ({"references": references} if references else {})


def detailed_row(
    fleet: Fleet, index: int, *, expand: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """A row of /v2/devices-detailed: the shape depends on the kind of device."""
    row = device_row(fleet, index, expand=expand)
    dice = fleet.chance(index, 41)
    site = fleet.location[index] % 250
    address = f"10.{site}.{index // 250 % 250}.{index % 250 + 2}"
    row["ipAddresses"] = [address, *([f"192.168.{site}.7"] if dice.random() < 0.1 else [])]
    row["macAddresses"] = [":".join(f"{dice.randrange(256):02X}" for _ in range(6))]
    row["publicIP"] = f"198.51.100.{site}"
    row["deviceType"] = _device_type(fleet, index)
    if dice.random() < 0.03:
        row["notes"] = [{"text": "Waits for a new battery"}]
    if fleet.system_of(index) is not None:
        row |= _agent_details(fleet, index, dice)
    elif row["deviceType"] == "VMHost":
        row |= _host_details(fleet, index)
    return row


def operating_system_rows(fleet: Fleet, index: int) -> list[dict[str, Any]]:
    """The row of queries/operating-systems of one device, if its agent ever told."""
    if not fleet.software_rows[index]:
        return []
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    return [_operating_system(fleet, index) | known]


def computer_system_rows(fleet: Fleet, index: int) -> list[dict[str, Any]]:
    """The row of queries/computer-systems of one device: the system of its detailed row."""
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    system = detailed_row(fleet, index).get("system") if fleet.software_rows[index] else None
    return [system | known] if system else []


def processor_rows(fleet: Fleet, index: int) -> list[dict[str, Any]]:
    """The rows of queries/processors of one device, one per socket."""
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    return [one | known for one in detailed_row(fleet, index).get("processors", ())]


def _device_type(fleet: Fleet, index: int) -> str:
    name = fleet.class_name(index)
    if name in vocabulary.AGENT_CLASSES:
        return "AgentDevice"
    return vocabulary.DEVICE_TYPES.get(name, "NMSTarget")


def _names(fleet: Fleet, index: int, name: str, dice: random.Random) -> dict[str, Any]:
    found: dict[str, Any] = {}
    windows = fleet.class_name(index).startswith("WINDOWS")
    if windows:
        found["netbiosName"] = name[:15].upper()
        joined = f".{fleet.home(index).prefix.lower()}.example" if _in_domain(fleet, index) else ""
        found["dnsName"] = name.lower() + joined
    if dice.random() < 0.13:
        found["displayName"] = f"{dice.choice(('Front desk', 'Reception', 'Spare', 'Lab'))} {name}"
    if number := int(fleet.life.renamed[index]):
        place = _PLACES[int(len(_PLACES) * fleet.fraction(index, 302, number))]
        found["displayName"] = f"{place} {number} {name}"
    return found


def _in_domain(fleet: Fleet, index: int) -> bool:
    return len(fleet.home(index).locations) > 1 or fleet.home(index).id % 3 == 0


def _notes(fleet: Fleet, index: int, dice: random.Random) -> dict[str, Any]:
    """What technicians put on a device: tags, data of their own, maintenance."""
    found: dict[str, Any] = {}
    if dice.random() < 0.12:
        found["tags"] = sorted(dice.sample(vocabulary.TAGS, dice.choice((1, 1, 2))))
    if dice.random() < 0.04:
        found["userData"] = {"assetTag": f"A-{dice.randrange(10_000):05d}"}
    if dice.random() < 0.015:
        start = fleet.born - dice.random() * DAY
        found["maintenance"] = {
            "status": "IN_MAINTENANCE",
            "start": stamp(start),
            "end": stamp(start + 2 * DAY),
            "reasonMessage": "Planned work",
        }
        if not start + 2 * DAY > fleet.now or fleet.created[index] > fleet.born:
            del found["maintenance"]
    return found


def _references(
    fleet: Fleet, index: int, expand: frozenset[str], dice: random.Random
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "organization" in expand:
        found["organization"] = organization_row(fleet.home(index))
    if "location" in expand:
        places = {place.id: place for place in fleet.home(index).locations}
        found["location"] = location_row(places[int(fleet.location[index])])
    if "role" in expand:
        found["role"] = role_row(int(fleet.role[index]), fleet.born)
    if "rolePolicy" in expand:
        found["rolePolicy"] = policy_row(int(fleet.role_policy[index]), fleet.born)
    if "policy" in expand and fleet.policy[index]:
        found["policy"] = policy_row(int(fleet.policy[index]), fleet.born)
    if "warranty" in expand and fleet.model[index] >= 0 and dice.random() < 0.85:
        found["warranty"] = _warranty(fleet, index)
    return found


def warranty_of(fleet: Fleet, index: int) -> tuple[float, float] | None:
    """The first and last moment of a device's warranty; None where the maker does not tell."""
    dice = fleet.chance(index, 42)
    if dice.random() < 0.06:
        return None
    start = fleet.first.since[index] - dice.uniform(5, 200) * DAY
    return float(start), float(start + dice.choice((3, 3, 5)) * 365 * DAY)


def _warranty(fleet: Fleet, index: int) -> dict[str, Any]:
    """Three or five years from about the day of enrollment; zero where it is unknown."""
    known = warranty_of(fleet, index)
    if known is None:
        return {"startDate": 0, "endDate": 0}
    return {"startDate": stamp(known[0]), "endDate": stamp(known[1])}


def _operating_system(fleet: Fleet, index: int) -> dict[str, Any]:
    system = fleet.system_of(index)
    assert system is not None  # noqa: S101 - only devices with an agent come here
    dice = fleet.chance(index, 43)
    # Newer agents write the whole version, older ones the build alone.
    form = _BUILDS.get(system.family, "{}") if dice.random() < 0.4 else "{}"
    locale, language = dice.choices(vocabulary.LOCALES, (8, 1, 1))[0]
    row: dict[str, Any] = {
        "name": system.name,
        "manufacturer": system.manufacturer,
        "architecture": "arm64" if system.family == "macos" else "64-bit",
        "buildNumber": form.format(system.build),
        "lastBootTime": stamp(fleet.last_boot[index]),
        "needsReboot": bool(fleet.needs_reboot[index]),
    }
    if system.release:
        row["releaseId"] = system.release
    if system.family.startswith("windows"):
        row |= {"servicePackMajorVersion": 1 if system.build == "7601" else 0}
        row |= {"servicePackMinorVersion": 0, "locale": locale, "language": language}
    return row


def _agent_details(fleet: Fleet, index: int, dice: random.Random) -> dict[str, Any]:
    if not fleet.software_rows[index]:
        return {}
    maker, model, processor, cores, fit = vocabulary.MODELS[fleet.model[index]]
    serial = "".join(dice.choices("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", k=7))
    memory = dice.choice((32, 64, 128) if fit == "server" else (8, 16, 16, 32)) * GIB
    memory <<= int(fleet.life.memory[index])
    sockets = 2 if fit == "server" and cores > 8 else 1
    found: dict[str, Any] = {
        "os": _operating_system(fleet, index),
        "system": {
            "name": fleet.system_name(index),
            "manufacturer": maker,
            "model": model,
            "biosSerialNumber": serial,
            "serialNumber": serial if dice.random() < 0.94 else "Default string",
            "domain": f"{fleet.home(index).prefix.lower()}.example"
            if _in_domain(fleet, index)
            else "WORKGROUP",
            "domainRole": "Member Server" if fit == "server" else "Member Workstation",
            "numberOfProcessors": sockets,
            "totalPhysicalMemory": memory,
            "virtualMachine": model in vocabulary.VIRTUAL_MODELS,
            "chassisType": {"laptop": "LAPTOP", "mac-laptop": "LAPTOP", "desktop": "DESKTOP"}.get(
                fit, "UNKNOWN"
            ),
        },
        "memory": {"capacity": memory},
        "processors": [_processor(processor, cores, maker)] * sockets,
        "volumes": volumes_of(fleet, index),
    }
    if fit != "server" or dice.random() < 0.6:
        person = f"{dice.choice(vocabulary.FIRST_NAMES)[0]}.{dice.choice(vocabulary.LAST_NAMES)}"
        found["lastLoggedInUser"] = f"{fleet.home(index).prefix}\\{person}"
    return found


def _processor(name: str, cores: int, maker: str) -> dict[str, Any]:
    clock = 2_100_000_000 + 100_000_000 * (cores % 7)
    return {
        "architecture": "arm64" if maker == "Apple Inc." else "x64",
        "maxClockSpeed": clock,
        "clockSpeed": clock - 300_000_000,
        "name": name,
        "numCores": cores,
        "numLogicalCores": cores if maker == "Apple Inc." else cores * 2,
    }


def _host_details(fleet: Fleet, index: int) -> dict[str, Any]:
    return {
        "cpuModel": "Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz",
        "cpuMhz": 2100,
        "cpuCores": 20,
        "cpuThreads": 40,
        "memorySize": 384 * GIB,
        "vendor": "HPE",
        "model": "ProLiant DL380 Gen10",
        "releaseName": "VMware ESXi",
        "version": "8.0.3",
        "buildNumber": "24674464",
        "lastBootTime": stamp(fleet.last_boot[index]),
    }
