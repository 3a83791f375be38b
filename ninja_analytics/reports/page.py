"""A report as HTML: one file that needs nothing else, and a fragment for the notebook."""

from __future__ import annotations

import html
from typing import Any

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.exports import render, table_html
from ninja_analytics.exports.cells import plain
from ninja_analytics.reports.kpis import Definition, Kpi
from ninja_analytics.reports.report import Chart, Report, heading

PAGE_ROWS = 100
CELL_ROWS = 10
SIGNS = {"good": "●", "watch": "▲", "act": "■"}
"""States differ in shape as well as in color."""


def page(report: Report) -> str:
    """The report as one HTML file: light, dark, on a phone and on paper; no script, no request."""
    rest = "; all of them are in the xlsx and csv files"
    return str(render("report_page.html.j2", **_parts(report, PAGE_ROWS, rest)))


def fragment(report: Report) -> str:
    """The report for a notebook's cell, in the notebook's colors; tables are folded."""
    rest = f"; all of them: report.tables, or report.save({'out/'!r})"
    return str(render("report_cell.html.j2", **_parts(report, CELL_ROWS, rest)))


def chart_fragment(chart: Chart) -> str:
    """One chart for a notebook's cell."""
    return str(render("chart_cell.html.j2", chart=_figure("chart", chart)))


def kpi_frame(kpis: tuple[Kpi, ...]) -> pd.DataFrame:
    """The KPIs as a table; `value` is not rounded, `shown` is what people read."""
    rows = [
        {
            "kpi": kpi.key,
            "label": kpi.label,
            "unit": kpi.unit,
            "value": kpi.value,
            "shown": kpi.text,
            "numerator": kpi.numerator,
            "denominator": kpi.denominator,
            "unknown": kpi.unknown,
            "exceptions": kpi.exceptions,
            "state": "" if kpi.state == "none" else kpi.state,
            "note": kpi.note,
        }
        for kpi in kpis
    ]
    whole = dict.fromkeys(("numerator", "denominator", "unknown", "exceptions"), "Int64")
    return pd.DataFrame(rows).astype({"value": "Float64", **whole})


def definition_frame(definitions: tuple[Definition, ...]) -> pd.DataFrame:
    """The definitions as a table."""
    rows = [
        {
            "kpi": one.label,
            "meaning": one.meaning,
            "formula": one.formula,
            "unknown": one.unknown,
            "exceptions": one.exceptions,
            "thresholds": one.thresholds,
            "source": one.source,
        }
        for one in definitions
    ]
    return pd.DataFrame(rows, dtype="str")


def _parts(report: Report, rows: int, rest: str) -> dict[str, Any]:
    """What the templates of a report need."""
    return {
        "report": report,
        "about": about(report),
        "signs": SIGNS,
        "plain": plain,
        "charts": [_figure(f"{report.name}-{name}", c) for name, c in report.charts.items()],
        "tables": [
            {
                "name": name,
                "heading": heading(name),
                "caption": report.captions.get(name, ""),
                "rows": len(frame),
                "html": table_html(frame, limit=rows, rest=rest),
            }
            for name, frame in report.tables.items()
        ],
        "quality": table_html(report.quality),
    }


def about(report: Report) -> str:
    """When the report speaks and of which instance."""
    when = f"{report.created_at:%Y-%m-%d %H:%M} UTC"
    return f"{when} · {report.instance}" if report.instance else when


def _figure(salt: str, chart: Chart) -> dict[str, Any]:
    from markupsafe import Markup

    label = f'<svg role="img" aria-label="{html.escape(chart.alt)}"'
    svg = kinds.svg(chart.draw, salt=salt).replace("<svg", label, 1)
    return {"title": chart.title, "alt": chart.alt, "svg": Markup(svg)}  # noqa: S704 - matplotlib escapes
