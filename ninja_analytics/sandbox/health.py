"""Antivirus products and the health of devices, consistent with their alerts and patches."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ninja_analytics.sandbox.alerts import Alerts
from ninja_analytics.sandbox.fleet import PENDING, Fleet
from ninja_analytics.sandbox.patches import Patches
from ninja_analytics.sandbox.times import stamp

if TYPE_CHECKING:
    from ninja_analytics.sandbox.software_patches import SoftwarePatches

_DEFENDER = "Microsoft Defender Antivirus"
_VERSIONS = {
    _DEFENDER: "4.18.25100.9008",
    "Bitdefender Endpoint Security Tools": "7.9.22.537",
    "SentinelOne Agent": "24.2.3.471",
    "McAfee VirusScan": "16.0.54",
}
_INSTALLED_BY_NINJA = {
    "Bitdefender Endpoint Security Tools": "BITDEFENDER",
    "SentinelOne Agent": "SENTINEL_ONE",
}
# What may have happened to an antivirus since; the first is nothing.
STATES = ("", "OFF", "ON", "SNOOZED")
DEFINITIONS = ("", "Out-of-Date", "Up-to-Date")
_REASONS = ("Windows Update", "Pending file rename operations", "Component Based Servicing")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a device's health counts and other tables have as rows; of software patches, how many at most."""

    jobs: int
    quarantined: int
    blocked: int
    pending_software: int
    failed_software: int


def shift_of(fleet: Fleet) -> int:
    """How often six hours have passed: jobs that are under way now are other ones then."""
    return fleet.step // 6


def counts_of(fleet: Fleet, index: int, pending: int) -> Counts:
    """The counts of one device on which *pending* OS patches wait."""
    return _drawn(fleet, index, pending, fleet.chance(index, 61))


def _drawn(fleet: Fleet, index: int, pending: int, dice: random.Random) -> Counts:
    drawn = [int(dice.random() < share) for share in (0.06, 0.03, 0.02)]
    if shift := shift_of(fleet):
        drawn[0] = int(fleet.fraction(index, 303, shift) < 0.06)
    software = int(dice.expovariate(0.8)) if pending else 0
    failed = int(dice.random() < 0.02)
    if not fleet.software_rows[index]:  # no agent that could find or patch anything
        return Counts(drawn[0], 0, 0, 0, 0)
    return Counts(drawn[0], drawn[1], drawn[2], software, failed)


def antivirus_rows(fleet: Fleet, index: int) -> list[dict[str, Any]]:
    """The rows of queries/antivirus-status of one device: several are normal, servers often have none."""
    known = {"deviceId": int(fleet.ids[index]), "timestamp": stamp(fleet.collected[index])}
    return [
        {"productName": name, "productState": state, "definitionStatus": definitions}
        | ({"version": _VERSIONS[name]} if name in _VERSIONS else {})
        | known
        for name, state, definitions in _products(fleet, index)
    ]


def _products(fleet: Fleet, index: int) -> list[tuple[str, str, str]]:
    """Name, state and definitions of the antivirus products of one device."""
    name, dice, house = (
        fleet.class_name(index),
        fleet.chance(index, 60),
        fleet.home(index).antivirus,
    )
    if not fleet.software_rows[index] or name.startswith("LINUX"):
        return []
    if name == "MAC":
        return [(house, "ON", "Unknown")] if house != _DEFENDER and dice.random() < 0.7 else []
    # Servers have no security center to ask: the product is known only if it tells by itself.
    if name == "WINDOWS_SERVER" and (house == _DEFENDER or dice.random() < 0.4):
        return []
    found = [(house, _state(dice.random()), _definitions(dice.random()))]
    found = [_by_now(fleet, index, one) for one in found]
    if house != _DEFENDER:
        missing = dice.random() < 0.05
        defender = (_DEFENDER, "ON" if missing else "OFF", _definitions(dice.random()))
        found = [defender] if missing else [*found, defender]
    if dice.random() < 0.03:
        found.append(("McAfee VirusScan", "EXPIRED", "Out-of-Date"))
    return found


def _by_now(fleet: Fleet, index: int, one: tuple[str, str, str]) -> tuple[str, str, str]:
    """Name, state and definitions of a product after what happened to it since."""
    state, definitions = int(fleet.life.antivirus[index]), int(fleet.life.definitions[index])
    return one[0], STATES[state] or one[1], DEFINITIONS[definitions] or one[2]


def _state(draw: float) -> str:
    return (
        "ON" if draw < 0.955 else "OFF" if draw < 0.98 else "SNOOZED" if draw < 0.99 else "UNKNOWN"
    )


def _definitions(draw: float) -> str:
    return "Up-to-Date" if draw < 0.92 else "Out-of-Date" if draw < 0.98 else "Unknown"


def health_row(
    fleet: Fleet, index: int, alerts: Alerts, patches: Patches, software_patches: SoftwarePatches
) -> dict[str, Any]:
    """The row of queries/device-health of one device; its counts agree with the other tables."""
    dice = fleet.chance(index, 61)
    pending, failed = patches.counts(index)
    told = _drawn(fleet, index, pending, dice)
    waiting, refused = software_patches.counts(index)
    active = alerts.of(index)
    threats = int(fleet.threats[index])
    row: dict[str, Any] = {
        "deviceId": int(fleet.ids[index]),
        "healthStatus": _status(fleet, index, {one.condition.health for one in active}, failed),
        "offline": bool(fleet.offline[index]),
        "alertCount": len(active),
        "activeJobCount": told.jobs,
        "activeThreatsCount": threats,
        "quarantinedThreatsCount": told.quarantined,
        "blockedThreatsCount": told.blocked,
        "pendingOSPatchesCount": pending,
        "failedOSPatchesCount": failed,
        "pendingSoftwarePatchesCount": waiting,
        "failedSoftwarePatchesCount": refused,
    }
    if fleet.parent[index]:
        host = np.searchsorted(fleet.ids, fleet.parent[index])
        row |= {"parentDeviceId": int(fleet.parent[index])}
        row |= {"parentOffline": bool(fleet.offline[host])}
    if fleet.needs_reboot[index]:
        row["pendingRebootReason"] = dice.choice(_REASONS)
    row |= _installation(fleet, index)
    row["installationIssuesCount"] = int(row.get("avInstallStatus") == "INSTALL_FAILED")
    if fleet.class_name(index).startswith("WINDOWS"):
        row |= {
            "criticalVulnerabilityCount": pending // 3,
            "highVulnerabilityCount": pending,
            "mediumVulnerabilityCount": pending * 2,
            "lowVulnerabilityCount": int(dice.random() < 0.3),
        }
    return row


def _status(fleet: Fleet, index: int, told: set[str], failed: int) -> str:
    if fleet.status[index] == PENDING:
        return "UNKNOWN"
    if "UNHEALTHY" in told or fleet.threats[index]:
        return "UNHEALTHY"
    if "NEEDS_ATTENTION" in told or failed:
        return "NEEDS_ATTENTION"
    return "HEALTHY" if fleet.software_rows[index] or fleet.system[index] < 0 else "UNKNOWN"


def _installation(fleet: Fleet, index: int) -> dict[str, Any]:
    """How the installation of the antivirus that NinjaOne brings stands, where it brings one."""
    product = _INSTALLED_BY_NINJA.get(fleet.home(index).antivirus)
    if product is None or not fleet.software_rows[index]:
        return {}
    installed = any(row[0] == fleet.home(index).antivirus for row in _products(fleet, index))
    state = "INSTALLED" if installed else "INSTALL_FAILED"
    if fleet.class_name(index).startswith("LINUX"):
        return {}
    return {"avInstallStatus": state, "productsInstallationStatuses": {product: state}}
