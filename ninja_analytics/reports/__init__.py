"""The reports, by name: frames in, an answer out. They never see the network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import qbr
from ninja_analytics.reports.about import About, Tables
from ninja_analytics.reports.alerts import report as alerts
from ninja_analytics.reports.audit import report as audit
from ninja_analytics.reports.backup import report as backup
from ninja_analytics.reports.billing import report as billing
from ninja_analytics.reports.drift import report as drift
from ninja_analytics.reports.fleet import report as fleet
from ninja_analytics.reports.hardware import report as hardware_refresh
from ninja_analytics.reports.hygiene import report as hygiene
from ninja_analytics.reports.kpis import DEFINITIONS, Definition, Kpi
from ninja_analytics.reports.patching import backlog as patch_backlog
from ninja_analytics.reports.patching import compliance as patch_compliance
from ninja_analytics.reports.population import Names, organization_ids
from ninja_analytics.reports.quality import Source
from ninja_analytics.reports.report import FORMATS, USUAL, Chart, Report
from ninja_analytics.reports.security import report as security
from ninja_analytics.reports.settings import PACKAGED, Settings, found_settings
from ninja_analytics.reports.software import report as software
from ninja_analytics.reports.storage import report as storage
from ninja_analytics.reports.support import report as os_lifecycle
from ninja_analytics.sharing import mentions, without_others

__all__ = [
    "DEFINITIONS",
    "FORMATS",
    "REPORTS",
    "USUAL",
    "About",
    "Chart",
    "Definition",
    "Kpi",
    "Report",
    "ReportSpec",
    "Settings",
    "Source",
    "found_settings",
]


_NO_PARAMETERS = ("now", "opening", "opening_at", "settings")


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """A report that can be made: what it is about, and what makes it.

    Of one that `compares` the same tables of an earlier time are needed ("must"), or tell more if
    they are there ("may").
    """

    about: About
    make: Callable[..., Report]
    compares: Literal["no", "may", "must"] = "no"

    @property
    def name(self) -> str:
        """By which it is asked for."""
        return self.about.name

    @property
    def question(self) -> str:
        """The question that it answers."""
        return self.about.question

    @property
    def tables(self) -> Tables:
        """The tables that it reads, with the parameters that each is asked for with."""
        return self.about.tables

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that `build` takes beside frames, times and settings."""
        named = inspect.signature(self.make).parameters.values()
        return tuple(
            one.name
            for one in named
            if one.kind is inspect.Parameter.KEYWORD_ONLY and one.name not in _NO_PARAMETERS
        )

    def resolved(self, parameters: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
        """The *parameters*, and those of the user's settings for what they leave open.

        Raises UnknownNameError for one that this report does not have.
        """
        self.check(parameters)
        defaults = settings.defaults(self.name, self.parameters)
        self.check(defaults, where=f" in {settings.file}")
        return {**defaults, **parameters}

    def whole(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters as the report will have them: *parameters*, and its own defaults."""
        named = inspect.signature(self.make).parameters
        return {
            name: parameters.get(name, named[name].default)
            for name in self.parameters
            if name in parameters or named[name].default is not inspect.Parameter.empty
        }

    def reach(self, now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp | None:
        """Since when the report tells of what happened; None for one that tells of a moment."""
        look_back = self.about.reach
        return None if look_back is None else look_back(now, self.whole(parameters))

    def build(
        self,
        frames: Mapping[str, pd.DataFrame],
        *,
        now: pd.Timestamp,
        settings: Settings = PACKAGED,
        opening: Mapping[str, pd.DataFrame] | None = None,
        opening_at: pd.Timestamp | None = None,
        **parameters: Any,
    ) -> Report:
        """The report about *frames* (by table name; a table that could not be read is left out).

        *now* is the time that the report speaks of, *settings* have the thresholds and the defaults
        of *parameters*. A report that compares takes the earlier frames as *opening*, and their time
        as *opening_at* if they do not know it themselves; one that may can do without. The same
        frames, times, settings and parameters give the same report. Raises UnknownNameError for a parameter that this report
        does not have, UsageError for an opening that is missing or of no use.

        Where *organizations* are asked for, texts that anybody may have written name no other.
        """
        told = self.resolved(parameters, settings)
        if told.get("organizations") is not None:
            frames, opening = self._apart(frames, opening, told["organizations"])
        if self.compares == "no":
            if opening is not None or opening_at is not None:
                raise UsageError(f"The report {self.name} compares nothing: leave opening out.")
            return self.make(frames, now=now, settings=settings, **told)
        if self.compares == "must" and opening is None:
            raise UsageError(
                f"The report {self.name} compares two snapshots and needs the earlier one: say "
                f'since when, e.g. report("{self.name}", since="2026-01-31").'
            )
        return self.make(
            frames, now=now, settings=settings, opening=opening, opening_at=opening_at, **told
        )

    def _apart(
        self,
        frames: Mapping[str, pd.DataFrame],
        opening: Mapping[str, pd.DataFrame] | None,
        organizations: Names,
    ) -> tuple[Mapping[str, pd.DataFrame], Mapping[str, pd.DataFrame] | None]:
        """The frames for a reader who is to see these *organizations* only."""
        then: Mapping[str, pd.DataFrame] = opening or {}
        lists = {"organizations": ("organizations",), "devices": ("devices", "devices_detailed")}
        found = {
            name: [one[table] for table in tables for one in (frames, then) if table in one]
            for name, tables in lists.items()
        }
        tables = {name: pd.concat(some) for name, some in found.items() if some}
        ids, names = organization_ids(tables, organizations), mentions(frames, then)
        now = without_others(frames, ids, names, places=self.compares == "must")
        if opening is None:
            return now, None
        return now, without_others(opening, ids, names, places=True)

    def check(self, parameters: Iterable[str], *, where: str = "") -> None:
        """Raise UnknownNameError if one of *parameters* is none of this report's."""
        for name in parameters:
            if name not in self.parameters:
                what = f"parameter of the report {self.name}{where}"
                raise UnknownNameError.among(what, name, self.parameters)


REPORTS: Mapping[str, ReportSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            ReportSpec(fleet.ABOUT, fleet.fleet_overview),
            ReportSpec(patch_compliance.ABOUT, patch_compliance.patch_compliance),
            ReportSpec(patch_backlog.ABOUT, patch_backlog.patch_backlog),
            ReportSpec(security.ABOUT, security.security_posture),
            ReportSpec(os_lifecycle.ABOUT, os_lifecycle.os_lifecycle),
            ReportSpec(hardware_refresh.ABOUT, hardware_refresh.hardware_refresh),
            ReportSpec(storage.ABOUT, storage.storage),
            ReportSpec(hygiene.ABOUT, hygiene.availability_hygiene),
            ReportSpec(software.ABOUT, software.software_inventory),
            ReportSpec(backup.ABOUT, backup.backup_health),
            ReportSpec(alerts.ABOUT, alerts.alert_noise),
            ReportSpec(audit.ABOUT, audit.activity_audit),
            ReportSpec(billing.ABOUT, billing.billing_reconciliation, compares="may"),
            ReportSpec(drift.ABOUT, drift.fleet_drift, compares="must"),
            ReportSpec(qbr.ABOUT, qbr.qbr_pack),
        )
    }
)
