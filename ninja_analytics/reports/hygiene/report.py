"""The report availability_hygiene: which devices are silent, wait for a restart, are double or forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.hygiene import charts as hygiene_charts
from ninja_analytics.reports.hygiene import checks
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

LONG_SILENT, LONG_WAITING = 90, 7
"""Days after which a device is more likely gone than asleep, and an approval forgotten; conventions."""
ENROLLED_DAYS = 30


def _reach(now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp:
    """Since when enrollments count."""
    days = parameters.get("enrolled_days", ENROLLED_DAYS)
    _check_days("enrolled_days", days)
    return now - pd.Timedelta(days=days)


def _check_days(name: str, value: Any) -> None:
    """Raise UsageError for what is no number of days."""
    if not bool(pd.api.types.is_number(value)) or not value > 0:
        raise UsageError(f"{name} is {value!r}, but must be a number above 0, e.g. 30.")


ABOUT = About(
    name="availability_hygiene",
    title="Availability and hygiene",
    question="Which devices are silent, waiting for a restart, duplicated or forgotten?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "policies": "policies without a device are not seen",
            "devices": "devices cannot be counted, so nothing below can",
            "devices_detailed": "devices that wait for approval are not seen",
            "operating_systems": "pending restarts and uptime are unknown",
            "device_health": "reasons for a restart are unknown",
            "computer_systems": "duplicates are not seen",
            "activities": "devices that were enrolled again and again are not seen",
        }
    ),
    # The list of devices has those that wait for approval only if they are asked for by name.
    parameters=MappingProxyType({"devices_detailed": {"where": "status = PENDING"}}),
    events=("activities",),
    reach=_reach,
    narrowed=MappingProxyType({"activities": ({"status": checks.ENROLLED_AGAIN},)}),
)

_CAPTIONS = {
    "silence": "Managed devices by how long they have been silent. The shares leave out those that were "
    "never seen.",
    "silent_devices": "Managed devices not seen in the last {stale:g} days, the longest silent first; "
    "those never seen come last.",
    "restart_pending": "Eligible computers that wait for a restart, with NinjaOne's reason, the longest "
    "running first.",
    "long_uptime": "Eligible computers that were started more than {uptime:g} days ago. Fast Startup of "
    "Windows makes uptime too long: shutting down does not count as a start.",
    "duplicates": "Managed computers that share a serial number. Keep the newest, the one with the "
    "latest contact.",
    "pending_approvals": "Devices that wait for approval, the longest waiting first.",
    "enrolled_again": "Managed devices that were enrolled again more than once in the last "
    "{enrolled:g} days.",
    "unused_policies": "Policies that no device of the instance follows; named only where no "
    "organizations are asked for.",
    "in_maintenance": "Managed devices in maintenance: their alerts are held back until it ends.",
}


def availability_hygiene(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    stale_days: float = 30,
    uptime_days: float = 30,
    enrolled_days: float = ENROLLED_DAYS,
) -> Report:
    """Silent devices, pending restarts, long uptimes, duplicates, approvals, and policies of no use.

    A device is stale when it was last seen more than *stale_days* ago; a computer has run long after
    *uptime_days*. Enrollments count in the last *enrolled_days*. The other parameters are those of
    every report. Raises UnknownNameError for a name that nobody has, UsageError for days below zero.
    """
    days: dict[str, Any] = {
        "stale_days": stale_days,
        "uptime_days": uptime_days,
        "enrolled_days": enrolled_days,
    }
    for name, value in days.items():
        _check_days(name, value)
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        **days,
    )
    computers, serials = checks.running(ask), checks.with_serials(ask)
    policies = checks.policies(frames)
    managed = ask.people.managed
    tables = {
        "silence": checks.silence(managed),
        "silent_devices": checks.silent(managed, stale_days),
        "restart_pending": checks.restarts(computers),
        "long_uptime": checks.long_running(computers, uptime_days),
        "duplicates": checks.duplicates(serials),
        "pending_approvals": checks.pending(
            ask, organizations, exclude_organizations, node_classes
        ),
        "enrolled_again": checks.enrolled_again(ask, enrolled_days),
        # A report about some customers goes to them; names of policies can be those of others.
        "unused_policies": checks.unused(policies if organizations is None else policies.iloc[:0]),
        "in_maintenance": checks.in_maintenance(ask),
    }
    return made(
        ask,
        kpis=_kpis(ask, computers, serials, policies, tables),
        tables=tables,
        captions={
            name: text.format(stale=stale_days, uptime=uptime_days, enrolled=enrolled_days)
            for name, text in _CAPTIONS.items()
        },
        charts=hygiene_charts.charts(managed, computers, tables["restart_pending"], stale_days),
        to_do=_to_do(tables),
        notes=_notes(ask),
        expected={
            "operating_systems": computers,
            "device_health": computers,
            "computer_systems": managed[managed["class_group"].isin(COMPUTERS)],
        },
    )


def _kpis(
    ask: Asked,
    computers: pd.DataFrame,
    serials: pd.DataFrame,
    policies: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[Kpi, ...]:
    """The headline numbers."""
    managed, stale_days = ask.people.managed, ask.parameters["stale_days"]
    seen, booted = (
        int(managed["contact_days"].notna().sum()),
        int(computers["uptime_days"].notna().sum()),
    )
    told = int(computers["needs_reboot"].notna().sum())
    with_serial = int(serials["serial"].notna().sum())
    copies, outcome = tables["duplicates"], policies["outcome"].value_counts()
    unknown = len(managed) - seen
    return (
        ask.kpi("devices_active", numerator=int(managed["active"].sum()), denominator=seen, unknown=unknown),
        ask.kpi("devices_stale", numerator=int((managed["contact_days"] > stale_days).sum()), denominator=seen, unknown=unknown),
        ask.kpi("restart_pending", numerator=len(tables["restart_pending"]), denominator=told, unknown=len(computers) - told),
        ask.kpi("uptime_long", numerator=len(tables["long_uptime"]), denominator=booted, unknown=len(computers) - booted),
        ask.kpi("devices_duplicated", numerator=int((~copies["newest"]).sum()), denominator=with_serial, unknown=len(serials) - with_serial),
        _approvals(ask, tables["pending_approvals"]),
        ask.kpi("devices_enrolled_again", numerator=len(tables["enrolled_again"]), denominator=len(managed)),
        ask.kpi("policies_unused", numerator=int(outcome.get("fail", 0)), denominator=len(policies), exceptions=int(outcome.get("exception", 0))),
        ask.kpi("devices_in_maintenance", numerator=len(tables["in_maintenance"]), denominator=len(managed)),
    )  # fmt: skip


def _approvals(ask: Asked, waiting: pd.DataFrame) -> Kpi:
    """How many devices wait for approval, where that can be known."""
    if not checks.pending_known(ask):
        return Kpi(ask.settings.definitions["approvals_pending"], None)
    days = waiting["days_waiting"].max()
    note = "" if pd.isna(days) else f"the oldest waits for {plural(int(days), 'day')}"
    return ask.kpi("approvals_pending", numerator=len(waiting), note=note)


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Restarts that are overdue now; copies, approvals and forgotten devices after that."""
    waits, copies, approvals = (
        tables[name] for name in ("restart_pending", "duplicates", "pending_approvals")
    )
    overdue = waits["device_id"].isin(tables["long_uptime"]["device_id"])
    running = (", running for " + _days(waits["uptime_days"])).fillna("")
    silent, again = tables["silent_devices"], tables["enrolled_again"]
    gone = silent[silent["days_silent"].fillna(0) > LONG_SILENT]
    older = copies[~copies["newest"]]
    forgotten = approvals[approvals["days_waiting"].fillna(0) > LONG_WAITING]
    policies = tables["unused_policies"]
    spare = policies[policies["kept_for"] == ""]
    days = "last seen " + _days(gone["days_silent"]) + " ago"
    return (
        to_do("fix now", "Restart the computer", waits[overdue], why=waits["reason"] + running),
        to_do("plan", "Restart the computer", waits[~overdue], why=waits["reason"] + running),
        to_do("plan", "Remove the older entry of the same machine", older, why="serial number " + older["serial"]),
        to_do("plan", "Approve the device or reject it", forgotten, why="waits for " + _days(forgotten["days_waiting"])),
        to_do("plan", "Find out why the agent is installed again and again", again, why=again["times"].astype("str") + " enrollments"),
        to_do("watch", "Find the device or retire it", gone, why=days),
        to_do("watch", "Delete the policy, if nobody needs it", spare, why=spare["policy_name"].fillna("a policy") + " has no device"),
    )  # fmt: skip


def _days(counts: pd.Series) -> pd.Series:
    """Counts of days in words."""
    words = counts.astype("str") + " days"
    return words.mask(counts.eq(1).fillna(False).astype(bool), "1 day")


def _notes(ask: Asked) -> Iterator[str]:
    """What a reader should know about how things were counted."""
    if not checks.pending_known(ask) and ask.has("devices"):
        yield (
            "Devices that wait for approval are not known: NinjaOne leaves them out of its lists unless "
            "they are asked for, and a snapshot is taken without them. Make the report live."
        )
    yield (
        "Uptime counts from the last start that Windows knows. With Fast Startup a shutdown is no end, "
        "so a laptop that is switched off every evening can seem to run for weeks."
    )
