"""The report backup_health: what is backed up, how recently, and what fails."""

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
from ninja_analytics.reports.actions import to_do
from ninja_analytics.reports.backup import charts as backup_charts
from ninja_analytics.reports.backup import tables as backup_tables
from ninja_analytics.reports.backup.jobs import checked, job_times, jobs, plans, usage, with_backups
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.observed import Observed, noted, observed
from ninja_analytics.reports.population import Names
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

_MARGIN = pd.Timedelta(days=2)
"""How much earlier a job may have begun that ended within the time that is asked for."""


def _reach(now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp:
    """Since when jobs are needed."""
    days = max(
        _days(parameters.get(name, 30), name) for name in ("coverage_days", "integrity_days")
    )
    return min(since_period(now, parameters), now - pd.Timedelta(days=days)) - _MARGIN


ABOUT = About(
    name="backup_health",
    title="Backup health",
    question="What is backed up, how recently, and what fails?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "backup_jobs": "coverage, success, ages and failures are unknown; is NinjaOne Backup licensed?",
            "integrity_check_jobs": "nobody knows whether images can be restored",
            "backup_usage": "storage is unknown, and good backups before the pulled jobs are not seen",
        }
    ),
    parameters=MappingProxyType({"backup_usage": {"include_last_job_times": True}}),
    events=("backup_jobs", "integrity_check_jobs"),
    reach=_reach,
)
ONLY_NINJA = (
    "Only NinjaOne Backup is visible here: a device that another product backs up looks uncovered."
)
LONG_RUN = 3
"""Failures in a row after which nobody can call it chance; a convention."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the frames say about the backups of the devices that were asked for."""

    eligible: pd.DataFrame
    jobs: pd.DataFrame
    plans: pd.DataFrame
    images: pd.DataFrame
    usage: pd.DataFrame
    period: Period
    seen: Observed


def backup_health(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = "servers",
    active_days: float = 30,
    period: str | Period = "30d",
    tz: str = "UTC",
    coverage_days: float = 30,
    integrity_days: float = 30,
    rpo_server_hours: float = 24,
    rpo_workstation_hours: float = 72,
) -> Report:
    """The backups of the servers, or of the *node_classes* asked for: coverage, success, age, space.

    Jobs are counted in the *period*, whose days are those of *tz*; coverage and age are as of *now*.
    A device is covered by a completed job in the last *coverage_days*; its last good backup should be
    at most so many hours old as *rpo_server_hours* or *rpo_workstation_hours* say. Raises
    UnknownNameError for a name that nobody has, UsageError for a period or a number of no use.
    """
    ask = asked(
        ABOUT, frames, now=now, settings=settings, organizations=organizations,
        exclude_organizations=exclude_organizations, node_classes=node_classes,
        active_days=active_days, period=str(getattr(period, "label", period)), tz=tz,
        coverage_days=coverage_days, integrity_days=integrity_days,
        rpo_server_hours=rpo_server_hours, rpo_workstation_hours=rpo_workstation_hours,
    )  # fmt: skip
    targets = {
        "servers": _days(rpo_server_hours, "rpo_server_hours"),
        "workstations": _days(rpo_workstation_hours, "rpo_workstation_hours"),
    }
    span = period_of(period, now=ask.now, tz=tz)
    found = _found(
        ask,
        span,
        _days(coverage_days, "coverage_days"),
        _days(integrity_days, "integrity_days"),
        targets,
    )
    tables = backup_tables.tables(ask, found)
    return made(
        ask,
        kpis=_kpis(ask, found),
        tables=tables,
        captions=backup_tables.captions(found.period, coverage_days, integrity_days),
        charts=backup_charts.charts(ask, found, tables),
        to_do=_to_do(tables),
        notes=(ONLY_NINJA, *found.seen.notes),
        unmatched={"backup_jobs": _strange(found.jobs)},
    )


def _days(number: Any, name: str) -> float:
    """A length of time that is one."""
    if not bool(pd.api.types.is_number(number)) or not number > 0:
        raise UsageError(f"{name} is {number!r}, but must be a number above 0, e.g. 30.")
    return float(number)


def _found(
    ask: Asked,
    period: Period,
    coverage_days: float,
    integrity_days: float,
    targets: Mapping[str, float],
) -> Found:
    """The devices, jobs, plans and images that the report tells of."""
    people, frames, now = ask.people, ask.frames, ask.now
    every, used = jobs(frames, people.managed), usage(frames)
    checks = jobs(frames, people.managed, table="integrity_check_jobs")
    eligible = with_backups(
        people.eligible, every, used, now=now, coverage_days=coverage_days, targets=targets
    )
    images = checked(
        eligible, every, checks, now=now, coverage_days=coverage_days, integrity_days=integrity_days
    )
    space = people.managed.merge(used.drop(columns="last_success_at"), how="left", on="device_id")
    seen = observed(job_times(frames), period, now=now, log="backup_jobs")
    return Found(eligible, every, plans(every, period), images, space, period, seen)


def _strange(every: pd.DataFrame) -> list[str]:
    """Statuses of jobs that nothing here knows."""
    odd = every.loc[every["state"] == "unknown", "job_status"]
    return [str(one) for one in odd.dropna().unique()]


def _kpis(ask: Asked, found: Found) -> tuple[Kpi, ...]:
    """The headline numbers."""
    eligible, images = found.eligible, found.images
    state = found.jobs.loc[found.period.contains(found.jobs["at"]), "state"].value_counts()
    count = {name: int(state.get(name, 0)) for name in ("completed", "failed", "canceled")}
    rpo, integrity = eligible["rpo"].value_counts(), images["integrity"].value_counts()
    finished = found.plans[found.plans["finished"] > 0]
    known = found.usage.dropna(subset=["cloud_bytes", "local_bytes"], how="all")
    size = known[["cloud_bytes", "local_bytes"]].sum(axis=1)
    return (
        ask.kpi(
            "backup_coverage",
            numerator=int(eligible["covered"].sum()),
            denominator=len(eligible),
        ),
        ask.kpi(
            "backup_success",
            numerator=count["completed"],
            denominator=count["completed"] + count["failed"],
            unknown=int(state.sum()) - sum(count.values()),
            exceptions=count["canceled"],
            note=noted(_apart(state), found.seen.note),
        ),
        ask.kpi(
            "backup_rpo_met",
            numerator=int(rpo.get("pass", 0)),
            denominator=int(rpo.get("pass", 0) + rpo.get("fail", 0)),
            unknown=int(rpo.get("unknown", 0)),
        ),
        ask.kpi(
            "backup_plans_failing",
            numerator=int((finished["failing"] > 0).sum()),
            denominator=len(finished),
            unknown=len(found.plans) - len(finished),
            note=noted(
                f"{finished['longest'].max():,} in a row at most" if len(finished) else "",
                found.seen.note,
            ),
        ),
        ask.kpi(
            "backup_images_checked",
            numerator=int(integrity.get("pass", 0)),
            denominator=int(integrity.get("pass", 0) + integrity.get("fail", 0)),
            unknown=int(integrity.get("unknown", 0)),
        ),
        ask.kpi(
            "backup_storage",
            numerator=int((size > 0).sum()),
            denominator=len(known),
            unknown=len(found.usage) - len(known),
            amount=float(size.sum()),
        ),
    )


def _apart(state: pd.Series) -> str:
    """The jobs that are neither good nor bad, in words."""
    told = [
        f"{state[name]:,} {word}"
        for name, word in (("canceled", "canceled"), ("running", "under way"))
        if state.get(name, 0)
    ]
    return ", ".join(told)


def _to_do(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Broken backups now, devices without any next, images that nobody has tried after that."""
    late, bare = tables["rpo_breaches"], tables["uncovered_devices"]
    runs, images = tables["failing_runs"], tables["unverified_images"]
    long = runs[(runs["failing"] >= LONG_RUN) & ~runs["device_id"].isin(late["device_id"])]
    return (
        to_do("fix now", "Make a backup that completes", late, why=late["why"]),
        to_do("fix now", "Repair the plan that keeps failing", long,
              why=long["plan"] + ": " + long["failing"].astype("str") + " failures in a row"),
        to_do("plan", "Back the device up, or note what else does", bare, why=bare["why"]),
        to_do("watch", "Check that the image can be restored", images,
              why="last integrity check: " + images["last_check"]),
    )  # fmt: skip
