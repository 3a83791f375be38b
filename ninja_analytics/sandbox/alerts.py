"""The alerts that are active now, and what they say about the health of their devices."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np

from ninja_analytics.sandbox.fleet import APPROVED, CLASS_NAMES, Fleet, Numbers
from ninja_analytics.sandbox.happened import ALERTED, RESET, Event
from ninja_analytics.sandbox.life import HOUR
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


# The share of devices on which each is watched; of the last two, on which it is met just now.
WATCHED = (1.1, 1.1, 0.8, 0.7, 0.3, 0.05, 0.008)
# What is watched is met when its cause is there; but these two come and go, by their shares per hour.
_BEGINS = np.array([0, 0, 0, 0, 0, 0.001, 0.0004])
_ENDS = np.array([0, 0, 0, 0, 0, 0.02, 0.06])
_WINDOWS_SERVER = np.array([name == "WINDOWS_SERVER" for name in CLASS_NAMES])
_SERVER = np.array([name in ("WINDOWS_SERVER", "LINUX_SERVER") for name in CLASS_NAMES])
_NETWORK = np.array([name.startswith(("NMS_", "CLOUD_MONITOR")) for name in CLASS_NAMES])
_LATER = 1 << 47  # marks the series of alerts that were raised after the start


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
        moved = fleet.now > fleet.born
        met = ~np.isnan(fleet.life.raised).T if moved else _met(fleet)
        make = self._raised if moved else self._of
        self.by_device = {
            int(index): make(int(index), np.flatnonzero(met[:, index]))
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

    def _raised(self, index: int, numbers: Numbers) -> list[Alert]:
        """The alerts that are written down in the fleet's life; those of the start keep their uids."""
        fleet, found = self._fleet, []
        for number in numbers.tolist():
            at = float(fleet.life.raised[index, number])
            uid = fleet.uid(index, 50 + number)
            if at > fleet.born:
                uid = series_uid(fleet.seed, alert_series(index, number, at - fleet.born))
            found.append(Alert(index, CONDITIONS[number], uid, at))
        return found


def alert_series(index: int, number: int, since: float) -> int:
    """The number of the series of an alert that was raised so many seconds after the start."""
    hour = int(since // HOUR) + 1 if since > 0 else 0
    return _LATER | number << 44 | hour << 22 | index


def raised_at_first(series: int) -> tuple[int, int] | None:
    """The device and condition of a series, if it is one of an alert of the start."""
    there = series & _LATER and not series >> 22 & 0x3FFFFF
    return (series & 0x3FFFFF, series >> 44 & 7) if there else None


def condition_of(series: int) -> Condition | None:
    """The condition of a series, if it is one of an alert that was raised after the start."""
    return CONDITIONS[series >> 44 & 7] if series & _LATER else None


def series_uid(seed: int, series: int) -> str:
    """The identifier of a series of activities."""
    word = f"{series ^ series_mask(seed):032x}"
    return f"{word[:8]}-{word[8:12]}-{word[12:16]}-{word[16:20]}-{word[20:]}"


def series_mask(seed: int) -> int:
    """What the numbers of series are hidden behind."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"series of {seed}").int


def _met(fleet: Fleet) -> Numbers:
    """Which condition (rows) is met on which device (columns); only approved devices are watched."""
    draw = np.random.default_rng((fleet.seed, 55)).random((len(CONDITIONS), len(fleet)))
    met: Numbers = causes(fleet) & (draw < np.array(WATCHED)[:, None])
    met &= (fleet.status == APPROVED) & (fleet.now - fleet.created > 120)
    return met


def watched(fleet: Fleet) -> Numbers:
    """Which condition (columns) is watched on which device (rows) when the sandbox begins."""
    draw = np.random.default_rng((fleet.seed, 55)).random((len(CONDITIONS), len(fleet)))
    found: Numbers = (draw < np.array(WATCHED)[:, None]).T
    return found


def causes(fleet: Fleet) -> Numbers:
    """Which condition (rows) could be met on which device (columns), whether it is watched or not."""
    server, network = _SERVER[fleet.kind], _NETWORK[fleet.kind]
    uptime = fleet.last_contact - fleet.last_boot
    return np.array(
        [
            fleet.offline & server,
            fleet.offline & network,
            fleet.low_disk,
            fleet.agents & (uptime > 60 * DAY),
            fleet.needs_reboot,
            _WINDOWS_SERVER[fleet.kind],
            fleet.agents,
        ]
    )


def change(fleet: Fleet, dice: np.random.Generator) -> list[Event]:
    """Raise and clear alerts in the hour that ends now."""
    raised, cause = fleet.life.raised, causes(fleet).T
    draw, quiet = dice.random(raised.shape), dice.random(raised.shape)
    active = ~np.isnan(raised)
    begins = cause & np.where(_BEGINS, draw < _BEGINS, fleet.life.watched)
    begins &= ~active & ((fleet.status == APPROVED) & (fleet.now - fleet.created > HOUR))[:, None]
    ends = active & (~cause | (draw < _ENDS))
    at = np.round(fleet.now - 1 - (HOUR - 2) * quiet, 3)
    seen = np.round(np.minimum(fleet.last_contact + 300, fleet.now - 1), 3)[:, None]
    at[:, :2] = np.where(seen > fleet.now - HOUR, seen, at[:, :2])
    events = []
    for index, number in np.argwhere(begins).tolist():
        raised[index, number] = at[index, number]
        since = float(at[index, number]) - fleet.born
        series = alert_series(index, number, since)
        events.append(Event(float(at[index, number]), ALERTED, index, series))
    for index, number in np.argwhere(ends).tolist():
        since = float(raised[index, number]) - fleet.born
        series = alert_series(index, number, since)
        raised[index, number] = np.nan
        events.append(Event(float(at[index, number]), RESET, index, series))
    return events
