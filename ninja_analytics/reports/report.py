"""A report: a question, its answer in KPIs, tables and charts, and where the numbers came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics.reports.actions import actions
from ninja_analytics.reports.kpis import Definition, Kpi
from ninja_analytics.reports.quality import Source

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = ("html", "xlsx", "csv", "parquet", "png", "svg", "pdf")
USUAL = ("html", "xlsx", "csv", "png")
"""The formats that are saved when nobody says which."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: its title, what it says to those who cannot see it, and how it is drawn.

    `draw(ax=None)` draws on the given Axes or on a figure of its own, and returns the Axes.
    """

    title: str
    alt: str
    draw: Callable[..., Axes]

    def _repr_html_(self) -> str:
        from ninja_analytics.reports.page import chart_fragment

        return chart_fragment(self)


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """An answer with its evidence. Show it as the last line of a cell, or `save` it.

    `tables` are frames by name, `captions` one sentence for each. `actions` are what somebody should
    do: bucket ("fix now", "plan", "watch"), action, organization, device, why, organization_id,
    device_id. `dimensions` are the organizations and devices that it is about, a row each. `sources`
    and `quality` say where the rows came from; `warnings` are what a reader must not miss.
    """

    name: str
    title: str
    question: str
    created_at: pd.Timestamp
    kpis: tuple[Kpi, ...]
    tables: Mapping[str, pd.DataFrame]
    charts: Mapping[str, Chart]
    sources: tuple[Source, ...]
    quality: pd.DataFrame
    parameters: Mapping[str, object]
    version: str
    captions: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What a reader should know about how things were counted."""
    actions: pd.DataFrame = field(default_factory=actions)
    dimensions: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """What each KPI means."""
        return tuple(kpi.definition for kpi in self.kpis)

    @property
    def instance(self) -> str:
        """The NinjaOne instances that the rows came from, as one text; "" when nobody said."""
        return ", ".join(sorted({source.instance for source in self.sources if source.instance}))

    @property
    def partial(self) -> bool:
        """A table is missing, or a pull broke on its way."""
        return any(source.partial for source in self.sources)

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence for each table that is missing or partial, and what that means."""
        degraded = dict(zip(self.quality["table"], self.quality["note"], strict=True))
        return tuple(
            f"{source.table} {'could not be read' if source.missing else 'is partial'}: "
            f"{degraded[source.table]}."
            for source in self.sources
            if source.partial
        )

    @property
    def stem(self) -> str:
        """The beginning of the names of its files: the report's name and time, in UTC."""
        return f"{self.name}_{self.created_at:%Y-%m-%dT%H%M}Z"

    def kpi(self, key: str) -> Kpi:
        """The KPI named *key*; KeyError when there is none."""
        return {kpi.key: kpi for kpi in self.kpis}[key]

    def since(self, earlier: Report) -> Report:
        """The same report, whose KPIs tell how they have changed since an *earlier* one."""
        before = {kpi.key: kpi.value for kpi in earlier.kpis}
        at = earlier.created_at
        kpis = (
            replace(kpi, before=before.get(kpi.key), before_at=at) if kpi.key in before else kpi
            for kpi in self.kpis
        )
        return replace(self, kpis=tuple(kpis))

    def save(
        self,
        folder: str | Path,
        formats: str | Iterable[str] = USUAL,
        *,
        neutralize: bool = True,
    ) -> dict[str, tuple[Path, ...]]:
        """The files written to *folder*, by format, and under "manifest" what tells of them.

        html and pdf are one page, xlsx one workbook; csv and parquet are a star schema, a file per
        table; png and svg are a file per chart. pdf needs a Chromium, Chrome or Edge on this machine.
        File names begin with the report's name and time. The same report of the same time replaces
        its own files and no others; each file appears whole or not at all. `neutralize` puts an
        apostrophe before texts that a spreadsheet would take for a formula (csv and xlsx).
        Raises UnknownNameError for an unknown format, ExportError when a file cannot be written.
        """
        from ninja_analytics.reports.files import save

        return save(self, Path(folder), formats, neutralize=neutralize)

    def _repr_html_(self) -> str:
        from ninja_analytics.reports.page import fragment

        return fragment(self)

    def __repr__(self) -> str:
        width = max((len(kpi.label) for kpi in self.kpis), default=0)
        lines = [
            f"{self.title}: {self.question}",
            f"{self.created_at:%Y-%m-%d %H:%M} UTC{' · PARTIAL' if self.partial else ''}",
            *(
                f"  {kpi.label:<{width}}  {kpi.text:>8}  {' · '.join(filter(None, (kpi.detail, kpi.change)))}"
                for kpi in self.kpis
            ),
            *(f"  ! {warning}" for warning in self.warnings),
        ]
        return "\n".join(line.rstrip() for line in lines)


def heading(name: str) -> str:
    """A name as people read it: devices_by_organization is Devices by organization."""
    words = [_WRITTEN.get(word, word) for word in name.replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


_WRITTEN = {
    "filevault": "FileVault", "kb": "KB", "mfa": "MFA", "os": "OS", "rpo": "RPO", "tpm": "TPM",
    "windows": "Windows",
}  # fmt: skip
