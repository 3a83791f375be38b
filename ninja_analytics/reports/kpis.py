"""What each KPI means: one row per definition, used by every report and printed on its last page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Unit = Literal["share", "count"]
State = Literal["good", "watch", "act", "none"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a KPI counts, in words that an auditor can check.

    `good` and `watch` are the thresholds: at least (or, where less is better, at most) `good` is
    good, `watch` is to be watched, beyond is to act upon; None means that there is no agreed one.
    """

    key: str
    label: str
    unit: Unit
    meaning: str
    numerator: str
    denominator: str
    unknown: str
    exceptions: str
    source: str
    tables: tuple[str, ...]
    less_is_better: bool = False
    good: float | None = None
    watch: float | None = None

    @property
    def formula(self) -> str:
        """The numerator over the denominator, in words."""
        return self.numerator if not self.denominator else f"{self.numerator} / {self.denominator}"

    @property
    def thresholds(self) -> str:
        """The thresholds in words, or that there are none."""
        if self.good is None or self.watch is None:
            return "none"
        sign = "≤" if self.less_is_better else "≥"
        return f"good {sign} {share_text(self.good)}, watch {sign} {share_text(self.watch)}"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One headline number with everything that it hides: of how many, and how many nobody knows.

    `numerator` is None when a table that it needs could not be read. `value` is a count, or a
    share from 0 to 1; it is None when there is nothing to divide by.
    """

    definition: Definition
    numerator: int | None
    denominator: int | None = None
    unknown: int = 0
    exceptions: int = 0
    note: str = ""

    @property
    def key(self) -> str:
        """The name of the KPI."""
        return self.definition.key

    @property
    def label(self) -> str:
        """The name as people read it."""
        return self.definition.label

    @property
    def unit(self) -> Unit:
        """Whether the value is a share or a count."""
        return self.definition.unit

    @property
    def value(self) -> float | None:
        """The number itself, not rounded."""
        if self.numerator is None:
            return None
        if self.unit == "count":
            return float(self.numerator)
        return self.numerator / self.denominator if self.denominator else None

    @property
    def text(self) -> str:
        """The value as shown: shares are floored to one decimal and never rounded up to 100 %."""
        if self.value is None:
            return "–"
        return share_text(self.value) if self.unit == "share" else f"{self.numerator:,}"

    @property
    def detail(self) -> str:
        """What stands beside the value: n of N, unknown and exceptions."""
        if self.numerator is None:
            return "could not be read"
        parts = []
        if self.denominator is not None:
            parts.append(f"{self.numerator:,} of {self.denominator:,}")
        if self.unknown or self.unit == "share":
            parts.append(f"{self.unknown:,} unknown")
        if self.exceptions:
            parts.append(f"{self.exceptions:,} exceptions")
        return " · ".join(parts)

    @property
    def state(self) -> State:
        """Where the value stands against the thresholds of its definition."""
        definition, value = self.definition, self.value
        if value is None or definition.good is None or definition.watch is None:
            return "none"
        sign = -1 if definition.less_is_better else 1
        if sign * value >= sign * definition.good:
            return "good"
        return "watch" if sign * value >= sign * definition.watch else "act"


def share_text(share: float, digits: int = 1) -> str:
    """A share as a percentage, floored: 0.99999 is 99.9 %, and what is above 0 never reads 0."""
    scale: int = 10**digits
    # 1e-9 takes back what binary fractions lose (0.29 * 100 = 28.999…); no count is that fine.
    floored = math.floor(share * 100 * scale + 1e-9) / scale
    if share > 0 and floored == 0:
        return f"<{1 / scale:.{digits}f} %"
    return f"{floored:.{digits}f} %"


_ELIGIBLE = "eligible devices (approved and seen in the last active_days)"
_HEALTH_KNOWN = "eligible devices whose health is HEALTHY, NEEDS_ATTENTION or UNHEALTHY"
_HEALTH_UNKNOWN = "eligible devices whose health is UNKNOWN, another word or not reported"

DEFINITIONS: Mapping[str, Definition] = MappingProxyType(
    {
        definition.key: definition
        for definition in (
            Definition(
                "devices_managed",
                "Devices managed",
                "count",
                "How many devices the tenant manages.",
                "devices whose approval status is APPROVED",
                "",
                "devices without an approval status",
                "devices that are pending, staged or decommissioned",
                "approvalStatus of the table devices",
                ("devices",),
            ),
            Definition(
                "devices_active",
                "Active",
                "share",
                "Which share of the managed devices was heard of lately. The measure is the last "
                "contact: offline is only a moment.",
                "approved devices seen in the last active_days",
                "approved devices with a known last contact",
                "approved devices without a last contact",
                "none",
                "lastContact of the table devices; 30 days by default, a convention",
                ("devices",),
            ),
            Definition(
                "devices_healthy",
                "Healthy",
                "share",
                "Which share of the eligible devices NinjaOne calls healthy.",
                "eligible devices whose health is HEALTHY",
                _HEALTH_KNOWN,
                _HEALTH_UNKNOWN,
                "none; devices in maintenance are counted in and told beside",
                "healthStatus of the table device_health; thresholds follow the excellent "
                "(95 %) and fair (80 %) marks that scorecards of managed services use",
                ("devices", "device_health"),
                good=0.95,
                watch=0.80,
            ),
            Definition(
                "devices_in_need",
                "Need attention",
                "count",
                "How many eligible devices somebody should look at.",
                "eligible devices whose health is NEEDS_ATTENTION or UNHEALTHY",
                _HEALTH_KNOWN,
                _HEALTH_UNKNOWN,
                "none",
                "healthStatus of the table device_health",
                ("devices", "device_health"),
                less_is_better=True,
            ),
            Definition(
                "restart_pending",
                "Restart pending",
                "share",
                "Which share of the eligible computers waits for a restart.",
                "eligible servers and workstations whose needsReboot is true",
                "eligible servers and workstations whose needsReboot is known",
                "eligible servers and workstations that do not report it",
                "none",
                "needsReboot of the table operating_systems",
                ("devices", "operating_systems"),
                less_is_better=True,
            ),
            Definition(
                "devices_alerting",
                "With active alerts",
                "share",
                "Which share of the eligible devices has at least one alert at this moment.",
                "eligible devices with one alert or more",
                _ELIGIBLE,
                "none: a device without a row has no alert",
                "none",
                "the table alerts, which holds what is active now and no history",
                ("devices", "alerts"),
                less_is_better=True,
            ),
            Definition(
                "drift_opening",
                "Devices before",
                "count",
                "How many devices the opening has, whatever their approval.",
                "different device ids in the opening, among the devices asked for",
                "",
                "none: rows without a device id are left out and told",
                "none",
                "the table devices_detailed, or devices where it is missing",
                ("devices_detailed",),
            ),
            Definition(
                "drift_added",
                "Added",
                "count",
                "How many devices are new.",
                "devices asked for whose id is not in the opening, without the re-enrolled ones",
                "devices of the closing",
                "none",
                "devices that moved among those asked for are in both snapshots and told beside",
                "the table devices_detailed, or devices where it is missing",
                ("devices_detailed",),
            ),
            Definition(
                "drift_removed",
                "Removed",
                "count",
                "How many devices are gone.",
                "devices asked for whose id is not in the closing, without the re-enrolled ones",
                "devices of the opening",
                "none",
                "devices that moved from among those asked for are in both snapshots and told beside",
                "the table devices_detailed, or devices where it is missing",
                ("devices_detailed",),
            ),
            Definition(
                "drift_reenrolled",
                "Re-enrolled",
                "count",
                "How many machines have a new id. They are neither added nor removed.",
                "pairs of a gone and a new id with one serial number that is once in each snapshot",
                "devices of the closing",
                "added and removed devices without a serial number, or with a placeholder of the maker",
                "none",
                "serialNumber, else biosSerialNumber, of the table devices_detailed or "
                "computer_systems",
                ("devices_detailed",),
            ),
            Definition(
                "drift_closing",
                "Devices now",
                "count",
                "How many devices the closing has. Before, plus added, minus removed, plus and minus "
                "what moved among and from among those asked for, must give it.",
                "different device ids in the closing, among the devices asked for",
                "",
                "none: rows without a device id are left out and told",
                "none",
                "the table devices_detailed, or devices where it is missing",
                ("devices_detailed",),
            ),
            Definition(
                "drift_changed",
                "Changed",
                "share",
                "Which share of the devices that stayed shows a change of any kind in the tables "
                "below.",
                "devices under the same id in both with a change of a kind other than added, removed "
                "and re-enrolled",
                "those, and devices under the same id in both without one whose data were collected "
                "again",
                "devices without a change whose data were not collected again, or at no known time",
                "none",
                "the tables of this report; lastUpdate of devices_detailed or devices",
                ("devices_detailed",),
            ),
            Definition(
                "drift_not_observed",
                "Not observed since",
                "count",
                "How many devices nobody looked at again: they are neither changed nor unchanged.",
                "devices under the same id in both without a change whose lastUpdate is the same",
                "devices under the same id in both, without the unknown ones",
                "devices without a change of which a snapshot has no lastUpdate",
                "none",
                "lastUpdate of the table devices_detailed, or devices where it is missing",
                ("devices_detailed",),
                less_is_better=True,
            ),
            Definition(
                "drift_controls_lost",
                "Control lost",
                "count",
                "How many devices lost their antivirus or their encryption.",
                "devices in both of which an antivirus product was ON and none is, or a volume was "
                "PROTECTED and is not",
                "devices in both of which one was on before, without the unknown ones",
                "devices that lost none and of which nobody knows now what was on before",
                "none; a re-enrolled device is in both",
                "productState of antivirus_status; bitLockerStatus.protectionStatus of volumes",
                ("antivirus_status", "volumes"),
                less_is_better=True,
            ),
        )
    }
)
