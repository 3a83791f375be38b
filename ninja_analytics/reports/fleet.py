"""The report fleet_overview: what do we manage, and is it healthy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.reports import fleet_charts, fleet_tables
from ninja_analytics.reports.fleet_tables import HEALTH_STATES
from ninja_analytics.reports.kpis import DEFINITIONS, Kpi
from ninja_analytics.reports.population import (
    COMPUTERS,
    Names,
    Population,
    population,
    several,
    utc,
)
from ninja_analytics.reports.quality import panel, sources
from ninja_analytics.reports.report import Report

NAME = "fleet_overview"
TITLE = "Fleet overview"
QUESTION = "What do we manage, and is it healthy?"
TABLES = (
    "organizations",
    "locations",
    "devices",
    "operating_systems",
    "device_health",
    "alerts",
)
DEGRADES = MappingProxyType(
    {
        "organizations": "organizations are shown by id, and those without devices are left out",
        "locations": "locations are shown by id",
        "devices": "devices cannot be counted, so nothing below can",
        "operating_systems": "operating systems and pending restarts are unknown",
        "device_health": "health is unknown, and devices in need cannot be named",
        "alerts": "active alerts are not counted, and reasons come without their subjects",
    }
)


def fleet_overview(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
) -> Report:
    """The fleet: how many devices of which kind, where, how healthy, and which need somebody.

    *organizations* and *exclude_organizations* are ids or names, *node_classes* are NinjaOne's
    words or a group such as "servers". A device counts as active when it was seen in the last
    *active_days*. Raises UnknownNameError for a name that nobody has.
    """
    now = utc(now)
    people = population(
        frames,
        now=now,
        active_days=active_days,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
    )
    devices = fleet_tables.with_findings(people.devices, frames)
    tables = fleet_tables.tables(devices, frames, every=organizations is None)
    return Report(
        name=NAME,
        title=TITLE,
        question=QUESTION,
        created_at=now,
        kpis=_kpis(devices, frames),
        tables=tables,
        charts=fleet_charts.charts(devices, tables),
        sources=sources(frames, TABLES),
        quality=_quality(frames, people, now),
        parameters={
            "organizations": several(organizations) or "all",
            "exclude_organizations": several(exclude_organizations) or "none",
            "node_classes": several(node_classes) or "all",
            "active_days": active_days,
            "now": now,
        },
        version=version("ninja-analytics"),
        captions=fleet_tables.captions(active_days),
        notes=_notes(people),
    )


def _kpis(devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> tuple[Kpi, ...]:
    """The headline numbers; a KPI whose table is missing has no numerator."""
    managed = devices[devices["managed"]]
    eligible = devices[devices["active"]]
    health = eligible["health"].value_counts().reindex(list(HEALTH_STATES), fill_value=0)
    in_need = int(health["needs_attention"] + health["unhealthy"])
    computers = eligible[eligible["class_group"].isin(COMPUTERS)]
    contact_known = int(managed["contact_days"].notna().sum())
    restart_known = int(computers["needs_reboot"].notna().sum())
    unapproved = ~devices["managed"] & devices["approval_status"].notna()
    maintenance = int((eligible["maintenance_status"] == "IN_MAINTENANCE").sum())
    counted: dict[str, dict[str, Any]] = {
        "devices_managed": {
            "numerator": len(managed),
            "unknown": int(devices["approval_status"].isna().sum()),
            "exceptions": int(unapproved.sum()),
            "note": "pending, staged or decommissioned" if unapproved.any() else "",
        },
        "devices_active": {
            "numerator": int(managed["active"].sum()),
            "denominator": contact_known,
            "unknown": len(managed) - contact_known,
        },
        "devices_healthy": {
            "numerator": int(health["healthy"]),
            "denominator": int(health["healthy"]) + in_need,
            "unknown": int(health["unknown"]),
            "note": f"{maintenance:,} in maintenance, counted in" if maintenance else "",
        },
        "devices_in_need": {
            "numerator": in_need,
            "denominator": int(health["healthy"]) + in_need,
            "unknown": int(health["unknown"]),
            "note": f"{health['unhealthy']:,} unhealthy" if in_need else "",
        },
        "restart_pending": {
            "numerator": int(computers["needs_reboot"].sum()),
            "denominator": restart_known,
            "unknown": len(computers) - restart_known,
        },
        "devices_alerting": {
            "numerator": int((eligible["alerts"] > 0).sum()),
            "denominator": len(eligible),
        },
    }
    return tuple(_kpi(key, numbers, frames) for key, numbers in counted.items())


def _kpi(key: str, numbers: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Kpi:
    definition = DEFINITIONS[key]
    if any(table not in frames for table in definition.tables):
        return Kpi(definition, None)
    return Kpi(definition, **numbers)


def _quality(
    frames: Mapping[str, pd.DataFrame], people: Population, now: pd.Timestamp
) -> pd.DataFrame:
    eligible = people.eligible
    computers = eligible[eligible["class_group"].isin(COMPUTERS)]
    every = frames.get("devices")
    return panel(
        frames,
        sources(frames, TABLES),
        now=now,
        device_ids=people.devices["device_id"] if every is None else every["device_id"],
        expected={"operating_systems": computers, "device_health": eligible},
        degrades=DEGRADES,
    )


def _notes(people: Population) -> tuple[str, ...]:
    devices = people.devices
    notes = [
        (
            f"Eligible devices are approved and were seen in the last {people.active_days:g} days: "
            f"{len(people.eligible):,} of {len(people.managed):,} managed devices."
        )
    ]
    orphans = int((devices["managed"] & devices["organization_name"].isna()).sum())
    if orphans:
        notes.append(f"Managed devices whose organization has no name here: {orphans:,}.")
    if people.duplicates:
        notes.append(
            f"Repeated device rows, left out for the one with the latest contact: {people.duplicates:,}."
        )
    return tuple(notes)
