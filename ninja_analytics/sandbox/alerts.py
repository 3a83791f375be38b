"""The alerts that are active now, and what they say about the health of their devices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ninja_analytics.sandbox.fleet import APPROVED, CLASS_NAMES, Fleet, Numbers
from ninja_analytics.sandbox.times import DAY, stamp


@dataclass(frozen=True, slots=True)
class Condition:
    """What raises an alert; severity and priority are set by hand and do not follow each other."""

    source_type: str
    name: str
    severity: str
    priority: str
    health: str
    message: str


CONDITIONS = (
    Condition("AGENT_OFFLINE", "Server offline", "CRITICAL", "HIGH", "UNHEALTHY", "Device {name} is offline."),
    Condition("CONDITION_PING", "No answer to ping", "CRITICAL", "MEDIUM", "UNHEALTHY", "{name} does not answer."),
    Condition("CONDITION_AGENT_DISK_FREE_SPACE", "Disk free space", "MODERATE", "LOW", "NEEDS_ATTENTION", "A volume of {name} is nearly full."),
    Condition("CONDITION_SYSTEM_UPTIME", "Long uptime", "NONE", "NONE", "HEALTHY", "{name} has not been restarted for more than 60 days."),
    Condition("CONDITION_PENDING_REBOOT", "Reboot pending", "MINOR", "LOW", "NEEDS_ATTENTION", "{name} waits for a restart."),
    Condition("CONDITION_WINDOWS_SERVICE_STATE_CHANGED", "Service stopped", "MAJOR", "MEDIUM", "NEEDS_ATTENTION", "Service 'Print Spooler' stopped on {name}."),
    Condition("CONDITION_AGENT_CPU", "High CPU", "MODERATE", "MEDIUM", "NEEDS_ATTENTION", "CPU of {name} above 95 % for 30 minutes."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alert:
    """One condition that is met on one device since a time (epoch seconds)."""

    device: int
    condition: Condition
    uid: str
    at: float


class Alerts:
    """The active alerts of a fleet, by device."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        met = _met(fleet)
        self.by_device = {
            int(index): self._of(int(index), np.flatnonzero(met[:, index]))
            for index in np.flatnonzero(met.any(axis=0))
        }

    def of(self, index: int) -> list[Alert]:
        """The active alerts of one device."""
        return self.by_device.get(index, [])

    def row(self, alert: Alert) -> dict[str, Any]:
        """A row of /v2/alerts."""
        condition = alert.condition
        source = f"{sum(map(ord, condition.name)):08x}-0000-4000-8000-00000000c0de"
        row = {
            "uid": alert.uid,
            "deviceId": int(self._fleet.ids[alert.device]),
            "message": condition.message.format(name=self._fleet.system_name(alert.device)),
            "createTime": stamp(alert.at),
            "sourceType": condition.source_type,
            "sourceConfigUid": source,
            "sourceName": condition.name,
            "subject": condition.name,
            "conditionHealthStatus": condition.health,
            "data": {
                "message": {
                    "code": condition.source_type.lower(),
                    "params": {"trigger_date": int(alert.at * 1000)},
                }
            },
        }
        if sum(alert.uid.encode()) % 6:  # some conditions were made without them
            row |= {"severity": condition.severity, "priority": condition.priority}
        if sum(alert.uid.encode()) % 5 == 0:
            row["updateTime"] = stamp(min(alert.at + 3600, self._fleet.now))
        return row

    def _of(self, index: int, numbers: Numbers) -> list[Alert]:
        fleet = self._fleet
        found = []
        for number in numbers.tolist():
            condition = CONDITIONS[number]
            dice = fleet.chance(index, 50 + number)
            seen = fleet.last_contact[index]
            at = seen + 300 if number < 2 else seen - dice.expovariate(1 / 6) * DAY
            at = min(max(at, fleet.created[index] + 60), fleet.now - 1)
            found.append(Alert(index, condition, fleet.uid(index, 50 + number), float(at)))
        return found


def _met(fleet: Fleet) -> Numbers:
    """Which condition (rows) is met on which device (columns); only approved devices are watched."""
    draw = np.random.default_rng((fleet.seed, 55)).random((len(CONDITIONS), len(fleet)))
    names = np.array(CLASS_NAMES)[fleet.kind]
    server = np.isin(names, ["WINDOWS_SERVER", "LINUX_SERVER"])
    network = np.char.startswith(names, "NMS_") | (names == "CLOUD_MONITOR_TARGET")
    uptime = fleet.last_contact - fleet.last_boot
    met: Numbers = np.array(
        [
            fleet.offline & server,
            fleet.offline & network,
            fleet.low_disk & (draw[2] < 0.8),
            fleet.agents & (uptime > 60 * DAY) & (draw[3] < 0.7),
            fleet.needs_reboot & (draw[4] < 0.3),
            (names == "WINDOWS_SERVER") & (draw[5] < 0.05),
            fleet.agents & (draw[6] < 0.008),
        ]
    )
    met &= (fleet.status == APPROVED) & (fleet.now - fleet.created > 120)
    return met
