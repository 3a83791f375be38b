"""The report activity_audit: who did what, and what failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.periods import Period, period_of
from ninja_analytics.reports.about import About, since_period
from ninja_analytics.reports.actions import grouped, to_do
from ninja_analytics.reports.audit import charts as audit_charts
from ninja_analytics.reports.audit import tables as audit_tables
from ninja_analytics.reports.audit.log import Log, log
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.observed import Observed, noted, observed
from ninja_analytics.reports.population import Names, read
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

CHANGED = ("policy", "permission", "configuration")
"""The kinds of changes that are counted; devices come and go by themselves."""
OFTEN, LOGINS = 3, 5
"""From how many failures and failed logins on somebody should look; conventions."""
_NAMED = 25


ABOUT = About(
    name="activity_audit",
    title="Activity audit",
    question="Who did what, and what failed?",
    degrades=MappingProxyType(
        {
            "organizations": "organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices are shown by id",
            "activities": "nobody knows what was done, so nothing below can be told",
            "technicians": "technicians are named only where the table users has them",
            "users": "end users who did something are shown by id",
        }
    ),
    events=("activities",),
    reach=since_period,
)


def activity_audit(
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
    families: Mapping[str, Iterable[str]] | None = None,
) -> Report:
    """The activities of the *period*: by whom, of which family, what failed and what was changed.

    Days and hours are those of *tz*. *families* puts status codes (* stands for any end) into
    families of one's own, before those of the package. Where organizations or node classes are
    chosen, only the activities of their devices count. Raises UnknownNameError for a name that nobody
    has, UsageError for a period or families of no use.
    """
    own = _own(families)
    ask = asked(
        ABOUT, frames, now=now, settings=settings, organizations=organizations,
        exclude_organizations=exclude_organizations, node_classes=node_classes,
        active_days=active_days, period=str(getattr(period, "label", period)), tz=tz,
        families=", ".join(own) or "packaged",
    )  # fmt: skip
    every = organizations is None and exclude_organizations is None and node_classes is None
    span = period_of(period, now=ask.now, tz=tz)
    devices = ask.people.devices
    found = log(frames, span, device_ids=None if every else devices["device_id"], families=own)
    times = read(frames, "activities", {"activity_at": "datetime64[us, UTC]"})["activity_at"]
    seen = observed(times, span, now=ask.now, log="activities")
    bad = audit_tables.failures(frames, found, devices)
    tables = audit_tables.tables(frames, found, devices, span, bad)
    return made(
        ask,
        kpis=_kpis(ask, found, seen),
        tables=tables,
        captions=audit_tables.captions(span),
        charts=audit_charts.charts(found, tables, span, bad),
        to_do=_to_do(tables, bad),
        notes=(*_notes(found), *seen.notes),
        unmatched={"activities": found.strange},
    )


def _own(families: object) -> dict[str, tuple[str, ...]]:
    """The user's own families; raises UsageError for what are none."""
    if families is None:
        return {}
    told = families if isinstance(families, Mapping) else {"": None}
    found = {
        str(name): (codes,) if isinstance(codes, str) else tuple(codes or ())
        for name, codes in told.items()
    }
    if not all(name and codes for name, codes in found.items()):
        raise UsageError(
            f"families={families!r} has no families. Give names with status codes, e.g. "
            'families={"logins": ["APP_USER_LOGGED_*"]}.'
        )
    return found


def _kpis(ask: Asked, found: Log, seen: Observed) -> tuple[Kpi, ...]:
    """The headline numbers."""
    rows = found.rows
    outcome, person = rows["outcome"].value_counts(), rows["user_id"].notna()
    count = {name: int(outcome.get(name, 0)) for name in ("failed", "succeeded")}
    unnamed = int((person & ~rows["user_id"].isin(found.people.index)).sum())
    runs = rows[found.of("automation")].dropna(subset=["device_id"])
    ended = {
        name: set(runs.loc[runs["outcome"] == name, "device_id"])
        for name in ("failed", "succeeded", "unknown")
    }
    judged = ended["failed"] | ended["succeeded"]
    kinds = {kind: int(found.of("changes", kind).sum()) for kind in CHANGED}
    missed = int(found.of("access", "failed login").sum())
    begun = int((found.of("access", "login") & rows["code"].str.endswith("_IN")).sum())
    return (
        ask.kpi("activities_logged", numerator=len(rows), unknown=found.undated, note=seen.note),
        ask.kpi(
            "activities_by_people",
            numerator=int(person.sum()),
            denominator=len(rows),
            note=f"{unnamed:,} by users that nobody lists" if unnamed else "",
        ),
        ask.kpi(
            "actions_failed",
            numerator=count["failed"],
            denominator=count["failed"] + count["succeeded"],
            unknown=int(outcome.get("unknown", 0)),
            exceptions=int(outcome.get("exception", 0)),
        ),
        ask.kpi(
            "devices_automation_failed",
            numerator=len(ended["failed"]),
            denominator=len(judged),
            unknown=len(ended["unknown"] - judged),
        ),
        ask.kpi(
            "changes_made",
            numerator=sum(kinds.values()),
            note=noted(
                ", ".join(f"{number:,} {kind}" for kind, number in kinds.items() if number),
                seen.note,
            ),
        ),
        ask.kpi("logins_failed", numerator=missed, denominator=missed + begun, note=seen.note),
    )


def _notes(found: Log) -> tuple[str, ...]:
    """What a reader should know about what was counted."""
    told = ["An activity without a user is the system's; a completed one may have failed: its result counts."]  # fmt: skip
    if found.left_out:
        told.append(
            f"Activities left out, since they are of other devices or of none: {found.left_out:,}."
        )
    return tuple(told)


def _to_do(tables: Mapping[str, pd.DataFrame], bad: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """Automations that keep failing on a device now, and people whose logins fail."""
    runs = bad[(bad["family"] == "automation") & (bad["failures"] >= OFTEN)].head(_NAMED)
    others = bad[(bad["family"] != "automation") & (bad["failures"] >= OFTEN)].head(_NAMED)
    who = tables["actors"]
    missed = who[who["failed_logins"] >= LOGINS].head(_NAMED)
    return (
        to_do("fix now", "Repair the automation on the device", runs, why=_often(runs)),
        to_do("plan", "Find out why it fails", others, why=_often(others)),
        to_do("watch", "Ask about the failed logins", missed,
              why=missed["actor"] + ": " + grouped(missed["failed_logins"]) + " failed logins"),
    )  # fmt: skip


def _often(rows: pd.DataFrame) -> pd.Series:
    often: pd.Series = rows["what"] + " failed " + grouped(rows["failures"]) + " times"
    return often
