"""The report patch_backlog: what is missing, how old it is, and what keeps failing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.periods import Period, period_of
from ninja_analytics.reports.about import About, since_period
from ninja_analytics.reports.actions import grouped, to_do
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.observed import observed
from ninja_analytics.reports.patching import backlog_charts as patch_backlog_charts
from ninja_analytics.reports.patching import backlog_tables as patch_backlog_tables
from ninja_analytics.reports.patching import failures as failing
from ninja_analytics.reports.patching import patches
from ninja_analytics.reports.patching.patches import EVIDENCE_DAYS, EXCEPTED, LEFT_OUT, OPEN, Rules
from ninja_analytics.reports.population import COMPUTERS, Names, utc
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings


def _reach(now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp:
    """Since when installations are needed: for the period, and as evidence."""
    now = utc(now)
    return min(now - pd.Timedelta(EVIDENCE_DAYS, "D"), since_period(now, parameters))


ABOUT = About(
    name="patch_backlog",
    title="Patch backlog",
    question="What is missing, how old is it, and what keeps failing?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "os_patches": "open patches and their ages are unknown",
            "os_patch_installs": "failures are unknown, and of devices without an open patch more are",
        }
    ),
    events=("os_patch_installs",),
    reach=_reach,
    since_when=MappingProxyType({"os_patches": "open_os_patches"}),
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the tables, KPIs and actions are made of.

    `opened` are the open patches with their ages, `tried` the attempts of the period, `undated`
    those without a time, `failed` the failures of the period, `pairs` what is open or failed for
    good, `devices` the computers with what stands out about each.
    """

    devices: pd.DataFrame
    listed: pd.DataFrame
    opened: pd.DataFrame
    tried: pd.DataFrame
    undated: pd.DataFrame
    failed: pd.DataFrame
    pairs: pd.DataFrame
    by_patch: pd.DataFrame


def patch_backlog(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    period: str | Period = "30d",
    tz: str = "UTC",
    min_severity: str | None = None,
    excluded_types: Names = LEFT_OUT,
    open_statuses: Names = OPEN,
    excepted_statuses: Names = EXCEPTED,
    critical_days: float = 14,
    important_days: float = 30,
    min_devices: float = 5,
    min_failure_share: float = 0.1,
) -> Report:
    """The open patches of servers and workstations: how old, how grave, and which keep failing.

    Critical patches are due after *critical_days*, important ones after *important_days*. A patch
    keeps failing that failed in the *period* (in days of *tz*) on *min_devices* or more, and on more
    than *min_failure_share* of those that tried it. The other parameters are those of
    patch_compliance. Raises UnknownNameError for a name that nobody has, UsageError for a number, a
    period or a status that cannot be.
    """
    rules = patches.rules_of(
        excluded_types=excluded_types,
        min_severity=min_severity,
        open_statuses=open_statuses,
        excepted_statuses=excepted_statuses,
    )
    due = {
        "critical": _number("critical_days", critical_days),
        "important": _number("important_days", important_days),
    }
    many = {
        "min_devices": _number("min_devices", min_devices),
        "min_share": _number("min_failure_share", min_failure_share),
    }
    window = period_of(period, now=utc(now), tz=tz)
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        period=f"{window.label} ({window.tz})",
        min_severity=min_severity or "none",
        excluded_types=list(rules.excluded_types) or "none",
        open_statuses=list(rules.open_statuses),
        excepted_statuses=list(rules.excepted_statuses) or "none",
        critical_days=critical_days,
        important_days=important_days,
        min_devices=min_devices,
        min_failure_share=min_failure_share,
    )
    found = _backlog(ask, rules, window, due=due, many=many)
    tables = patch_backlog_tables.tables(found)
    return made(
        ask,
        kpis=_kpis(ask, found),
        tables=tables,
        captions=patch_backlog_tables.captions(due, window.label, many),
        charts=patch_backlog_charts.charts(found, tables, window.label),
        to_do=_to_do(tables),
        notes=[
            *_notes(found),
            *observed(
                patches.install_times(frames), window, now=ask.now, log="os_patch_installs"
            ).notes,
        ],
        unmatched=patches.unheard_of(frames, ("os_patches", "os_patch_installs"), rules),
    )


def _number(name: str, value: object) -> float:
    """A parameter that is a number and not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise UsageError(f"{name} is {value!r}, but must be a number from 0 up.")
    return float(value)


def _backlog(
    ask: Asked,
    rules: Rules,
    window: Period,
    *,
    due: Mapping[str, float],
    many: Mapping[str, float],
) -> Backlog:
    eligible = ask.eligible
    counted = eligible["class_group"].isin(COMPUTERS) & eligible["device_id"].notna()
    computers = eligible[counted].reset_index(drop=True)
    listed = patches.listed(ask.frames, "os_patches", computers["device_id"], rules)
    opened = patches.aged(listed[listed["stands"] == "open"].reset_index(drop=True), ask.now)
    every = patches.attempts(ask.frames, "os_patch_installs", computers["device_id"], rules)
    tried, undated = every[window.contains(every["at"])], every[every["at"].isna()]
    failed = failing.failures(every, window=window, now=ask.now)
    table = failing.by_patch(opened, tried, failed)
    devices = failing.broken(computers, tried, failed)
    return Backlog(
        devices=patch_backlog_tables.with_backlog(devices, opened, ask, due),
        listed=listed,
        opened=opened,
        tried=tried,
        undated=undated,
        failed=failed,
        pairs=failing.pairs(opened, failed),
        by_patch=table.assign(keeps_failing=failing.keeps_failing(table, **many)),
    )


def _kpis(ask: Asked, found: Backlog) -> tuple[Kpi, ...]:
    """The headline numbers."""
    opened, devices, pairs = found.opened, found.devices, found.pairs
    stands = found.listed["stands"].value_counts()
    dated = opened["age_days"].dropna()
    known = int((~pairs["unknown"]).sum())
    tried = found.tried["item"].drop_duplicates()
    untimed = found.undated.loc[~found.undated["item"].isin(tried), "item"].nunique()
    return (
        ask.kpi(
            "open_patches",
            numerator=len(opened),
            unknown=int(stands.get("unclear", 0)),
            exceptions=int(stands.get("exception", 0)),
            note=f"on {opened['device_id'].nunique():,} of {len(devices):,} devices",
        ),
        ask.kpi(
            "median_patch_age",
            amount=float(dated.median()) if len(dated) else None,
            numerator=len(dated),
            denominator=len(opened),
            unknown=len(opened) - len(dated),
        ),
        ask.kpi("patch_sla", **_share(devices["due_state"], "pass")),
        ask.kpi("devices_with_old_patches", **_share(devices["old_state"], "fail")),
        ask.kpi(
            "patches_that_keep_failing",
            numerator=int(found.by_patch["keeps_failing"].sum()),
            denominator=len(tried),
            unknown=int(untimed),
        ),
        ask.kpi(
            "stuck_patches",
            numerator=int(pairs["stuck"].sum()),
            denominator=known,
            unknown=len(pairs) - known,
            note=f"on {plural(pairs.loc[pairs['stuck'], 'device_id'].nunique(), 'device')}",
        ),
        ask.kpi(
            "broken_agents",
            numerator=int(devices["broken"].sum()),
            denominator=int(devices["tried"].sum()),
            unknown=int((~devices["tried"]).sum()),
        ),
    )


def _share(states: pd.Series, counted: str) -> dict[str, int]:
    """How many devices are in the state that is *counted*, and of how many that is known."""
    known = states[states != "unknown"]
    return {
        "numerator": int((known == counted).sum()),
        "denominator": len(known),
        "unknown": len(states) - len(known),
    }


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """What is stuck or broken now, what is overdue soon, and the patches that fail in many places."""
    stuck, agents = tables["stuck_patches"], tables["broken_agents"]
    undecided = stuck["status"].isin(["MANUAL", "PENDING"])
    waiting, tried = stuck[undecided], stuck[~undecided]
    devices = tables["devices"]
    seen = set(stuck["device_id"].dropna()) | set(agents["device_id"].dropna())
    overdue = devices[(devices["overdue_patches"] > 0) & ~devices["device_id"].isin(seen)]
    kbs = tables["patches"]
    kbs = kbs[kbs["keeps_failing"]]
    fails = kbs["kb_number"].fillna(kbs["name"]) + " fails on " + grouped(kbs["failed_devices"])
    return (
        to_do("fix now", "Repair the agent or Windows Update", agents, why=agents["why"]),
        to_do("fix now", "Find out why the patch does not install", tried, why=tried["why"]),
        to_do("fix now", "Approve the patch or decide against it", waiting, why=waiting["why"]),
        to_do("plan", "Install the overdue patches", overdue, why=overdue["why"]),
        to_do(
            "watch",
            "Hold the patch back until it is known why it fails",
            kbs,
            why=fails + " of " + grouped(kbs["tried_devices"]) + " devices",
        ),
    )


def _notes(found: Backlog) -> list[str]:
    """By what ages are known, and how many attempts have no time."""
    basis = found.opened["basis"].value_counts()
    bound = int(found.opened["at_least"].sum())
    told = [
        (
            "Only servers and workstations are counted. NinjaOne gives no date of publication: the age "
            "of a patch counts from the Patch Tuesday of the month in its name "
            f"({basis.get('release_inferred', 0):,} patches), else from when a history first saw it "
            f"({basis.get('first_seen', 0):,}); of the others it is unknown ({basis.get('unknown', 0):,}). "
            "The time of collection is no age."
        )
    ]
    if bound:
        told.append(
            f"Patches that were there when the history began: {bound:,}. They are so old at least, and "
            "count as unknown until that is too old."
        )
    if len(found.undated):
        told.append(f"Attempts to install without a time, in no period: {len(found.undated):,}.")
    return told
