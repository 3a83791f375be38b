"""The report qbr_pack: for a customer's quarterly review, the heads of the other reports and what to do."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UnknownNameError
from ninja_analytics.reports.about import About
from ninja_analytics.reports.actions import actions
from ninja_analytics.reports.alerts import report as alerts
from ninja_analytics.reports.backup import report as backup
from ninja_analytics.reports.fleet import report as fleet
from ninja_analytics.reports.hardware import report as hardware_refresh
from ninja_analytics.reports.hygiene import report as hygiene
from ninja_analytics.reports.making import asked, made
from ninja_analytics.reports.patching import backlog as patch_backlog
from ninja_analytics.reports.patching import compliance as patch_compliance
from ninja_analytics.reports.population import Names, several
from ninja_analytics.reports.quality import Source
from ninja_analytics.reports.report import Chart, Report
from ninja_analytics.reports.security import report as security
from ninja_analytics.reports.settings import PACKAGED, Settings
from ninja_analytics.reports.storage import report as storage
from ninja_analytics.reports.support import report as os_lifecycle

CHARTS = 8
"""More charts than that nobody looks at in a review; one of them is left for a pack's."""


@dataclass(frozen=True, slots=True)
class Section:
    """What a review shows of another report: some KPIs, tables and one chart or two, by name."""

    about: About
    make: Callable[..., Report]
    kpis: tuple[str, ...]
    tables: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that its report takes."""
        return tuple(inspect.signature(self.make).parameters)


SECTIONS: Mapping[str, Section] = MappingProxyType(
    {
        section.about.name: section
        for section in (
            Section(
                fleet.ABOUT,
                fleet.fleet_overview,
                ("devices_managed", "devices_active", "devices_healthy"),
                ("problem_devices", "stale_devices"),
            ),
            Section(
                patch_compliance.ABOUT,
                patch_compliance.patch_compliance,
                ("patch_compliance", "software_patch_compliance"),
                ("compliance_by_system", "exceptions"),
                ("states_by_system",),
            ),
            Section(
                patch_backlog.ABOUT,
                patch_backlog.patch_backlog,
                ("patch_sla",),
                ("ageing", "devices"),
                ("ageing",),
            ),
            Section(
                security.ABOUT,
                security.security_posture,
                ("antivirus_protected", "os_volume_encrypted", "active_threats"),
                ("without_antivirus", "not_encrypted", "active_threats", "unauthorized_admins"),
            ),
            Section(
                os_lifecycle.ABOUT,
                os_lifecycle.os_lifecycle,
                ("os_supported", "os_ending_180"),
                ("support_by_release", "windows_11_readiness"),
                ("support_ends",),
            ),
            Section(
                hardware_refresh.ABOUT,
                hardware_refresh.hardware_refresh,
                ("warranty_covered", "hardware_past_refresh"),
                ("refresh_plan",),
                ("refresh_by_quarter",),
            ),
            Section(
                storage.ABOUT,
                storage.storage,
                ("devices_low",),
                ("low_volumes", "failing_disks"),
            ),
            Section(
                hygiene.ABOUT,
                hygiene.availability_hygiene,
                ("restart_pending",),
                ("duplicates", "long_uptime"),
            ),
            Section(
                backup.ABOUT,
                backup.backup_health,
                ("backup_coverage", "backup_rpo_met"),
                ("uncovered_devices", "rpo_breaches", "failing_runs"),
                ("worst_devices",),
            ),
            Section(
                alerts.ABOUT,
                alerts.alert_noise,
                ("alerts_per_device_week",),
                ("conditions",),
                ("loudest_conditions",),
            ),
        )
    }
)


def _degrades() -> dict[str, str]:
    """What each table costs, by all sections that read it."""
    found: dict[str, list[str]] = {}
    for section in SECTIONS.values():
        for table, cost in section.about.degrades.items():
            found.setdefault(table, [])
            found[table] += [cost] if cost not in found[table] else []
    return {table: "; ".join(costs) for table, costs in found.items()}


def _parameters() -> dict[str, dict[str, Any]]:
    """What the sections ask of each table; all of its rows, since another section may need them."""
    found: dict[str, dict[str, Any]] = {}
    for section in SECTIONS.values():
        for table, given in section.about.parameters.items():
            told = {name: value for name, value in given.items() if name != "where"}
            found[table] = found.get(table, {}) | told
    return found


def _reach(now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp:
    """The earliest that any section asks events from."""
    reaches = (section.about.reach for section in SECTIONS.values())
    return min((reach(now, parameters) for reach in reaches if reach is not None), default=now)


def _narrowed() -> dict[str, tuple[Mapping[str, Any], ...]]:
    """The parts of a table that are asked for, where every section that reads it needs parts only."""
    found: dict[str, tuple[Mapping[str, Any], ...]] = {}
    for table in dict.fromkeys(name for one in SECTIONS.values() for name in one.about.narrowed):
        readers = [one.about for one in SECTIONS.values() if table in one.about.tables]
        if all(table in about.narrowed for about in readers):
            parts = [part for about in readers for part in about.narrowed[table]]
            found[table] = tuple(one for at, one in enumerate(parts) if one not in parts[:at])
    return found


ABOUT = About(
    name="qbr_pack",
    title="Business review",
    question="How is this customer doing, and what is to be done next?",
    degrades=MappingProxyType(_degrades()),
    parameters=MappingProxyType(_parameters()),
    events=tuple(
        dict.fromkeys(name for section in SECTIONS.values() for name in section.about.events)
    ),
    reach=_reach,
    narrowed=MappingProxyType(_narrowed()),
)


def qbr_pack(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    period: str = "previous-quarter",
    tz: str = "UTC",
    sections: str | Iterable[str] | None = None,
) -> Report:
    """The heads of the other reports for a review with a customer, and one list of what to do.

    *organizations* says whose (by default all together). *sections* are names of reports (default:
    all that a review knows). *period* and *tz* go to those that look back. Each section is made with
    the user's settings for it. Raises UnknownNameError for a name that nobody has.
    """
    wanted = _sections(sections)
    common: dict[str, Any] = {
        "organizations": organizations,
        "exclude_organizations": exclude_organizations,
        "node_classes": node_classes,
        "active_days": active_days,
    }
    ask = asked(
        ABOUT, frames, now=now, settings=settings, **common,
        period=period, tz=tz, sections=[section.about.name for section in wanted],
    )  # fmt: skip
    parts = [
        _part(section, frames, now=ask.now, settings=settings,
              given={**common, "period": period, "tz": tz})
        for section in wanted
    ]  # fmt: skip
    report = made(
        ask,
        kpis=[kpi for section, part in parts for kpi in part.kpis if kpi.key in section.kpis],
        tables=_tables(parts),
        captions=_captions(parts),
        charts=_charts(parts),
        to_do=[_to_do(parts)],
        notes=_notes(parts),
    )
    return _with_quality(report, parts)


def _sections(asked_for: str | Iterable[str] | None) -> list[Section]:
    if asked_for is None:
        return list(SECTIONS.values())
    names = several(asked_for)
    for name in names:
        if name not in SECTIONS:
            raise UnknownNameError.among("section of a review", name, SECTIONS)
    return [section for name, section in SECTIONS.items() if name in names]


Parts = list[tuple[Section, Report]]


def _part(
    section: Section,
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp,
    settings: Settings,
    given: Mapping[str, Any],
) -> tuple[Section, Report]:
    """A section's report: with what the review was asked for, else what the user's file says for it."""
    known = section.parameters
    own = {name: value for name, value in given.items() if name in known and value is not None}
    defaults = settings.defaults(section.about.name, known)
    only = {name: frames[name] for name in section.about.tables if name in frames}
    return section, section.make(only, now=now, settings=settings, **{**defaults, **own})


def _tables(parts: Parts) -> dict[str, pd.DataFrame]:
    return {
        f"{section.about.name}_{name}": part.tables[name]
        for section, part in parts
        for name in section.tables
        if name in part.tables
    }


def _captions(parts: Parts) -> dict[str, str]:
    return {
        f"{section.about.name}_{name}": part.captions[name]
        for section, part in parts
        for name in section.tables
        if name in part.captions
    }


def _to_do(parts: Parts) -> pd.DataFrame:
    """What the sections say is to be done; what a section repeats of an earlier one is left out."""
    told = pd.concat([part.actions.assign(section=at) for at, (_, part) in enumerate(parts)])
    same = told.groupby(list(actions().columns), dropna=False)["section"]
    return told[told["section"] == same.transform("first")].drop(columns="section")


def _charts(parts: Parts) -> dict[str, Chart]:
    """The charts of the sections, each once, and no more than anybody looks at."""
    found = {
        f"{section.about.name}_{name}": part.charts[name]
        for section, part in parts
        for name in section.charts
        if name in part.charts
    }
    return dict(list(found.items())[: CHARTS - 1])


def _notes(parts: Parts) -> list[str]:
    """What the sections say about how they count, each sentence once."""
    first = set(parts[0][1].notes[:1]) if parts else set()
    told = dict.fromkeys(note for _, part in parts for note in part.notes)
    return [note for note in told if note not in first]


def _with_quality(report: Report, parts: Parts) -> Report:
    """The report with the sections' own panels, a row for each table, and their sources."""
    told = [part.quality for _, part in parts]
    panel = pd.concat(told, ignore_index=True).drop_duplicates("table", ignore_index=True)
    sources: dict[str, Source] = {one.table: one for _, part in parts for one in part.sources}
    return replace(report, quality=panel, sources=tuple(sources.values()))
