"""The reports, by name: frames in, an answer out. They never see the network."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UnknownNameError
from ninja_analytics.reports import fleet
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


@dataclass(frozen=True, slots=True)
class ReportSpec:
    """A report that can be made: its question, and the tables that it reads with their parameters."""

    name: str
    question: str
    tables: Mapping[str, Mapping[str, Any]]
    make: Callable[..., Report]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters that `build` takes beside frames and now."""
        keyword_only = inspect.Parameter.KEYWORD_ONLY
        named = inspect.signature(self.make).parameters.values()
        return tuple(one.name for one in named if one.kind is keyword_only and one.name != "now")

    def build(
        self, frames: Mapping[str, pd.DataFrame], *, now: pd.Timestamp, **parameters: Any
    ) -> Report:
        """The report about *frames* (by table name; a table that could not be read is left out).

        *now* is the time that the report speaks of. The same frames, now and parameters give the
        same report. Raises UnknownNameError for a parameter that this report does not have.
        """
        self.check(parameters)
        return self.make(frames, now=now, **parameters)

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
        )
    }
)
