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

PAGE_ROWS = 300
"""Rows of a table on a page: a report about 20,000 devices stays below 3 MB."""
WIDE = 12
"""Columns beyond which paper turns a table sideways."""
CELL_ROWS = 50
BUCKET_ROWS = 10
SIGNS = {"good": "●", "watch": "▲", "act": "■"}
"""States differ in shape as well as in color."""
BUCKETS = {"fix now": "act", "plan": "watch", "watch": "none"}
"""How urgent the actions of a bucket are, as a state."""


def page(report: Report) -> str:
    """The report as one HTML file: light, dark, on a phone and on paper; it asks for nothing else.

    A script of its own sorts and searches long tables; without it nothing is missing.
    """
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
    """The KPIs as a table; `value` and `change` are not rounded, `shown` is what people read."""
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
            "before": kpi.before,
            "before_at": kpi.before_at,
            "change": _difference(kpi.value, kpi.before),
            "state": "" if kpi.state == "none" else kpi.state,
            "note": kpi.note,
        }
        for kpi in kpis
    ]
    whole = dict.fromkeys(("numerator", "denominator", "unknown", "exceptions"), "Int64")
    numbers = dict.fromkeys(("value", "before", "change"), "Float64")
    return pd.DataFrame(rows).astype({**numbers, **whole, "before_at": "datetime64[us, UTC]"})


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


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
        "to_do": to_do(report.actions, rest=rest),
        "charts": [_figure(f"{report.name}-{name}", c) for name, c in report.charts.items()],
        "tables": [
            {
                "name": name,
                "heading": heading(name),
                "caption": report.captions.get(name, ""),
                "rows": len(frame),
                "wide": len(frame) > 0 and len(frame.columns) > WIDE,
                "html": table_html(frame, limit=rows, rest=rest, label=heading(name)),
            }
            for name, frame in report.tables.items()
        ],
        "quality": table_html(_telling(report.quality), label="Data quality"),
    }


def _telling(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in which at least one cell holds something."""
    return frame.loc[:, [bool((frame[name].notna() & (frame[name] != "")).any()) for name in frame]]


def to_do(actions: pd.DataFrame, *, rest: str = "") -> list[dict[str, Any]]:
    """The action list by bucket: how many there are, and a table of the first."""
    found = []
    for bucket in dict.fromkeys(actions["bucket"]):
        rows = actions[actions["bucket"] == bucket]
        shown = rows[["action", "device", "organization", "why"]].dropna(axis="columns", how="all")
        state = BUCKETS.get(bucket, "none")
        found.append(
            {
                "heading": heading(bucket),
                "state": state,
                "sign": SIGNS.get(state, "○"),
                "count": len(rows),
                "html": table_html(shown, limit=BUCKET_ROWS, rest=rest, label=heading(bucket)),
            }
        )
    return found


def about(report: Report) -> str:
    """When the report speaks, of which instance, and of which snapshot if of one."""
    when = f"{report.created_at:%Y-%m-%d %H:%M} UTC"
    snapshot = report.parameters.get("snapshot")
    parts = (when, report.instance, f"snapshot {plain(snapshot)}" if snapshot else "")
    return " · ".join(part for part in parts if part)


def _figure(salt: str, chart: Chart) -> dict[str, Any]:
    from markupsafe import Markup

    label = f'<svg role="img" aria-label="{html.escape(chart.alt)}"'
    svg = kinds.svg(chart.draw, salt=salt).replace("<svg", label, 1)
    return {"title": chart.title, "alt": chart.alt, "svg": Markup(svg)}  # noqa: S704 - matplotlib escapes
