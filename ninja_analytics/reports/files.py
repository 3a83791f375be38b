"""A report as files: a page, a workbook, a star schema, charts, a PDF, and a manifest of them all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.errors import UnknownNameError
from ninja_analytics.exports import (
    csv_bytes,
    parquet_bytes,
    pdf_bytes,
    pdf_printer,
    workbook_bytes,
    write_file,
)
from ninja_analytics.exports.cells import plain
from ninja_analytics.reports import manifest
from ninja_analytics.reports.page import definition_frame, kpi_frame, page
from ninja_analytics.reports.report import FORMATS, Report, heading
from ninja_analytics.reports.star import star


def save(
    report: Report, folder: Path, formats: str | Iterable[str], *, neutralize: bool
) -> dict[str, tuple[Path, ...]]:
    """The files of a report by format, and the manifest, which is written last; see Report.save."""
    asked = [formats] if isinstance(formats, str) else list(dict.fromkeys(formats))
    for name in asked:
        if name not in FORMATS:
            raise UnknownNameError.among("format of a report", name, FORMATS)
    if "pdf" in asked:
        pdf_printer()  # that there is none shows before anything is written
    saved, entries = {}, []
    for name in asked:
        paths = []
        for file, data in _WRITERS[name](report, neutralize):
            paths.append(write_file(folder / file, data))
            entries.append(manifest.entry(name, file, data))
        saved[name] = tuple(paths)
    beside = folder / f"{report.stem}_manifest.json"
    new = {one["name"] for one in entries}
    before = [one for one in manifest.kept(report, beside) if one["name"] not in new]
    saved["manifest"] = (write_file(beside, manifest.manifest(report, [*before, *entries])),)
    return saved


Files = Iterable[tuple[str, bytes]]


def _html(report: Report, _: bool) -> Files:
    yield f"{report.stem}.html", page(report).encode()


def _pdf(report: Report, _: bool) -> Files:
    yield f"{report.stem}.pdf", pdf_bytes(page(report), created=report.created_at)


def _xlsx(report: Report, neutralize: bool) -> Files:
    data = workbook_bytes(
        {heading(name): frame for name, frame in sheets(report).items()},
        title=report.title,
        created=report.created_at,
        neutralize=neutralize,
        warning=warning(report),
    )
    yield f"{report.stem}.xlsx", data


def _csv(report: Report, neutralize: bool) -> Files:
    for name, frame in star(report).items():
        data = csv_bytes(frame, incomplete=warning(report), neutralize=neutralize)
        yield f"{report.stem}_{name}.csv", data


def _parquet(report: Report, _: bool) -> Files:
    for name, frame in star(report).items():
        yield f"{report.stem}_{name}.parquet", parquet_bytes(frame)


def _png(report: Report, _: bool) -> Files:
    for name, chart in report.charts.items():
        yield f"{report.stem}_{name}.png", kinds.png(chart.draw, title=chart.title)


def _svg(report: Report, _: bool) -> Files:
    for name, chart in report.charts.items():
        drawn = kinds.svg_file(chart.draw, title=chart.title, alt=chart.alt)
        yield f"{report.stem}_{name}.svg", drawn


_WRITERS: Mapping[str, Callable[[Report, bool], Files]] = {
    "html": _html,
    "xlsx": _xlsx,
    "csv": _csv,
    "parquet": _parquet,
    "png": _png,
    "svg": _svg,
    "pdf": _pdf,
}


def sheets(report: Report) -> dict[str, pd.DataFrame]:
    """The sheets of the workbook by name: what is to be read first comes first."""
    actions = {"actions": report.actions} if len(report.actions) else {}
    return {
        "summary": kpi_frame(report.kpis),
        **actions,
        **report.tables,
        "definitions": definition_frame(report.definitions),
        "data_quality": report.quality,
        "parameters": parameter_frame(report),
    }


def parameter_frame(report: Report) -> pd.DataFrame:
    """What the report was made with."""
    told = {
        "report": report.name,
        "question": report.question,
        "instance": report.instance or "not known",
        "time": report.created_at,
        "times are in": "UTC",
        **report.parameters,
        "version": f"ninja_analytics {report.version}",
        **{f"note {number}": note for number, note in enumerate(report.notes, start=1)},
    }
    rows = [(name, plain(value)) for name, value in told.items()]
    return pd.DataFrame(rows, columns=["what", "value"], dtype="str")


def warning(report: Report) -> str:
    """The sentence that the files of a partial report carry; "" for a whole one."""
    return f"INCOMPLETE: {' '.join(report.warnings)}" if report.partial else ""
