"""The report fleet_overview: what do we manage, and is it healthy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.fleet import charts as fleet_charts
from ninja_analytics.reports.fleet import tables as fleet_tables
from ninja_analytics.reports.fleet.tables import HEALTH_STATES
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

ABOUT = About(
    name="fleet_overview",
    title="Fleet overview",
    question="What do we manage, and is it healthy?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id, and those without devices are left out",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "operating_systems": "operating systems and pending restarts are unknown",
            "device_health": "health is unknown, and devices in need cannot be named",
            "alerts": "active alerts are not counted, and reasons come without their subjects",
        }
    ),
)
LONG_STALE = 90
"""Days of silence after which a device is more likely gone than asleep; a convention."""


def fleet_overview(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
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
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
    )
    devices = fleet_tables.with_findings(ask.people.devices, frames)
    tables = fleet_tables.tables(devices, frames, every=organizations is None)
    eligible = ask.eligible
    computers = eligible[eligible["class_group"].isin(COMPUTERS)]
    return made(
        ask,
        kpis=_kpis(ask, devices),
        tables=tables,
        captions=fleet_tables.captions(active_days),
        charts=fleet_charts.charts(devices, tables),
        to_do=_to_do(tables),
        expected={"operating_systems": computers, "device_health": eligible},
    )


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Unhealthy devices now, those that need attention soon, the long silent ones after that."""
    bad, silent = tables["problem_devices"], tables["stale_devices"]
    worst = (bad["health"] == "unhealthy") | (bad["active_threats"] > 0)
    gone = silent[silent["days_silent"].fillna(0) > LONG_STALE]
    days = "last seen " + gone["days_silent"].astype("str") + " days ago"
    return (
        to_do("fix now", "Repair the device", bad[worst], why=bad["why"]),
        to_do("plan", "See to what NinjaOne reports", bad[~worst], why=bad["why"]),
        to_do("watch", "Find the device or retire it", gone, why=days),
    )


def _kpis(ask: Asked, devices: pd.DataFrame) -> tuple[Kpi, ...]:
    """The headline numbers."""
    managed = devices[devices["managed"]]
    eligible = devices[devices["active"]]
    health = eligible["health"].value_counts().reindex(list(HEALTH_STATES), fill_value=0)
    in_need = int(health["needs_attention"] + health["unhealthy"])
    computers = eligible[eligible["class_group"].isin(COMPUTERS)]
    contact_known = int(managed["contact_days"].notna().sum())
    restart_known = int(computers["needs_reboot"].notna().sum())
    unapproved = ~devices["managed"] & devices["approval_status"].notna()
    maintenance = int((eligible["maintenance_status"] == "IN_MAINTENANCE").sum())
    return (
        ask.kpi(
            "devices_managed",
            numerator=len(managed),
            unknown=int(devices["approval_status"].isna().sum()),
            exceptions=int(unapproved.sum()),
            note="pending, staged or decommissioned" if unapproved.any() else "",
        ),
        ask.kpi(
            "devices_active",
            numerator=int(managed["active"].sum()),
            denominator=contact_known,
            unknown=len(managed) - contact_known,
        ),
        ask.kpi(
            "devices_healthy",
            numerator=int(health["healthy"]),
            denominator=int(health["healthy"]) + in_need,
            unknown=int(health["unknown"]),
            note=f"{maintenance:,} in maintenance, counted in" if maintenance else "",
        ),
        ask.kpi(
            "devices_in_need",
            numerator=in_need,
            denominator=int(health["healthy"]) + in_need,
            unknown=int(health["unknown"]),
            note=f"{health['unhealthy']:,} unhealthy" if in_need else "",
        ),
        ask.kpi(
            "restart_pending",
            numerator=int(computers["needs_reboot"].sum()),
            denominator=restart_known,
            unknown=len(computers) - restart_known,
        ),
        ask.kpi(
            "devices_alerting",
            numerator=int((eligible["alerts"] > 0).sum()),
            denominator=len(eligible),
        ),
    )
