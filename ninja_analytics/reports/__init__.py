"""The reports, by name: frames in, an answer out. They never see the network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import drift, fleet
from ninja_analytics.reports.kpis import DEFINITIONS, Definition, Kpi
from ninja_analytics.reports.quality import Source
from ninja_analytics.reports.report import FORMATS, Chart, Report

__all__ = [
    "DEFINITIONS",
    "FORMATS",
    "REPORTS",
    "Chart",
    "Definition",
    "Kpi",
    "Report",
    "ReportSpec",
    "Source",
]


_NO_PARAMETERS = ("now", "opening", "opening_at")


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """A report that can be made: its question, and the tables that it reads with their parameters.

    One that `compares` needs the same tables of an earlier time as well.
    """

    name: str
    question: str
    tables: Mapping[str, Mapping[str, Any]]
    make: Callable[..., Report]
    compares: bool = False

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that `build` takes beside frames, now and what the opening is."""
        named = inspect.signature(self.make).parameters.values()
        return tuple(
            one.name
            for one in named
            if one.kind is inspect.Parameter.KEYWORD_ONLY and one.name not in _NO_PARAMETERS
        )

    def build(
        self,
        frames: Mapping[str, pd.DataFrame],
        *,
        now: pd.Timestamp,
        opening: Mapping[str, pd.DataFrame] | None = None,
        opening_at: pd.Timestamp | None = None,
        **parameters: Any,
    ) -> Report:
        """The report about *frames* (by table name; a table that could not be read is left out).

        *now* is the time that the report speaks of. A report that compares takes the earlier frames
        as *opening*, and their time as *opening_at* if they do not know it themselves. The same
        frames, times and parameters give the same report. Raises UnknownNameError for a parameter
        that this report does not have, UsageError for an opening that is missing or of no use.
        """
        self.check(parameters)
        if not self.compares:
            if opening is not None or opening_at is not None:
                raise UsageError(f"The report {self.name} compares nothing: leave opening out.")
            return self.make(frames, now=now, **parameters)
        if opening is None:
            raise UsageError(
                f"The report {self.name} compares two snapshots and needs the earlier one: say "
                f'since when, e.g. report("{self.name}", since="2026-01-31").'
            )
        return self.make(frames, now=now, opening=opening, opening_at=opening_at, **parameters)

    def check(self, parameters: Iterable[str]) -> None:
        """Raise UnknownNameError if one of *parameters* is none of this report's."""
        for name in parameters:
            if name not in self.parameters:
                what = f"parameter of the report {self.name}"
                raise UnknownNameError.among(what, name, self.parameters)


REPORTS: Mapping[str, ReportSpec] = MappingProxyType(
    {
        spec.name: spec
        for spec in (
            ReportSpec(
                fleet.NAME,
                fleet.QUESTION,
                {table: MappingProxyType({}) for table in fleet.TABLES},
                fleet.fleet_overview,
            ),
            ReportSpec(drift.NAME, drift.QUESTION, drift.TABLES, drift.fleet_drift, compares=True),
        )
    }
)
