"""The report storage: where disk space is low now, and which disks fail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.exports.cells import bytes_text
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.kpis import Kpi, share_text
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import COMPUTERS, Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings
from ninja_analytics.reports.storage import charts as storage_charts
from ninja_analytics.reports.storage import tables as storage_tables
from ninja_analytics.reports.storage.volumes import GIB, Rule, by_device, parts, volumes

ABOUT = About(
    name="storage",
    title="Storage",
    question="Where is disk space low now, and which disks fail?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "volumes": "disk space is unknown everywhere",
            "disks": "failing disks are not seen",
            "raid_drives": "failing drives behind RAID controllers are not seen",
            "raid_controllers": "RAID controllers in need are not seen",
        }
    ),
    parameters=MappingProxyType({"volumes": {"include": "bl"}}),
)


def storage(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    low_share: float = 0.10,
    low_bytes: float = 20 * GIB,
    server_low_share: float = 0.15,
    server_low_bytes: float = 50 * GIB,
    critical_share: float = 0.05,
    critical_bytes: float = 5 * GIB,
) -> Report:
    """Volumes that are short of space, by a rule of two conditions, and disks that say that they fail.

    A volume is low when less than *low_share* and less than *low_bytes* are free: a tenth of a large
    volume is plenty. On servers *server_low_share* and *server_low_bytes* count. It is critical when
    less than *critical_share* or less than *critical_bytes* are free. Shares are from 0 to 1. The
    other parameters are those of every report. Raises UnknownNameError for a name that nobody has,
    UsageError for a number out of range.
    """
    rule = Rule(
        low_share, low_bytes, server_low_share, server_low_bytes, critical_share, critical_bytes
    )
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        **{name: getattr(rule, name) for name in rule.__slots__},
    )
    computers = ask.eligible[ask.eligible["class_group"].isin(COMPUTERS)]
    found, kinds = volumes(frames, computers, rule)
    disks, words = parts(frames, computers)
    devices = by_device(computers, found)
    tables = storage_tables.tables(found, devices, disks)
    return made(
        ask,
        kpis=_kpis(ask, found, devices, disks),
        tables=tables,
        captions=storage_tables.CAPTIONS,
        charts=storage_charts.charts(found, tables, rule),
        to_do=_to_do(tables),
        notes=(_rule_text(rule),),
        expected={"volumes": computers, "disks": computers},
        unmatched={"volumes": kinds, **words},
    )


def _rule_text(rule: Rule) -> str:
    """The rule that was asked for, in words."""
    low, server, critical = (
        f"{share_text(share)} {word} {bytes_text(size)}"
        for share, word, size in (
            (rule.low_share, "and", rule.low_bytes),
            (rule.server_low_share, "and", rule.server_low_bytes),
            (rule.critical_share, "or", rule.critical_bytes),
        )
    )
    return (
        f"A volume is low with less than {low} free, on servers with less than {server}; it is "
        f"critical with less than {critical} free."
    )


def _kpis(
    ask: Asked, found: pd.DataFrame, devices: pd.DataFrame, disks: pd.DataFrame
) -> tuple[Kpi, ...]:
    """The headline numbers."""
    states = devices["state"].value_counts()
    critical, low = int(states.get("critical", 0)), int(states.get("low", 0))
    unknown = int(states.get("unknown", 0))
    known = found[found["state"] != "unknown"]
    outcome = disks["outcome"].value_counts()
    failing = int(outcome.get("fail", 0))
    missing = [name for name in ("raid_drives", "raid_controllers") if not ask.has(name)]
    sizes = {
        "numerator": len(known),
        "denominator": len(found),
        "unknown": len(found) - len(known),
    }
    return (
        ask.kpi(
            "devices_low",
            numerator=critical + low,
            denominator=len(devices) - unknown,
            unknown=unknown,
        ),
        ask.kpi(
            "devices_critical",
            numerator=critical,
            denominator=len(devices) - unknown,
            unknown=unknown,
        ),
        ask.kpi("volumes_unknown", numerator=len(found) - len(known), denominator=len(found)),
        ask.kpi(
            "disks_failing",
            numerator=failing,
            denominator=failing + int(outcome.get("pass", 0)),
            unknown=int(outcome.get("unknown", 0)),
            note=f"without {' and '.join(missing)}" if missing else "",
        ),
        ask.kpi("storage_capacity", amount=float(known["capacity_bytes"].sum()), **sizes),
        ask.kpi("storage_free", amount=float(known["free_bytes"].sum()), **sizes),
    )


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Failing disks and critical volumes now, low ones soon."""
    short, bad = tables["low_volumes"], tables["failing_disks"]
    critical = short["state"] == "critical"
    free = short["free_bytes"].astype("float64").map(bytes_text)
    share = short["free_share"].astype("float64").map(share_text)
    why = short["volume"].astype("str") + " has " + free.astype("str") + " free (" + share.astype("str") + ")"  # fmt: skip
    disk = bad["part"] + " " + (bad["name"] + " ").fillna("") + "says " + bad["says"]
    return (
        to_do("fix now", "Save the data and replace what fails", bad, why=disk),
        to_do("fix now", "Free disk space", short[critical], why=why),
        to_do("plan", "Clean the volume up or enlarge it", short[~critical], why=why),
    )
