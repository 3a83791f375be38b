"""A report as HTML: one file that needs nothing else, and a fragment for the notebook."""

from __future__ import annotations

import html
from math import ceil
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
MOST_COLUMNS = 6
"""Cards of KPIs side by side."""
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
    rest = "; all of them: report.{}, or report.save('out/')"
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


def _parts(report: Report, rows: int, where: str) -> dict[str, Any]:
    """What the templates of a report need; *where* says where the rows are that are not shown."""
    return {
        "report": report,
        "about": about(report),
        "columns": _columns(sum(kpi.value is not None for kpi in report.kpis)),
        "signs": SIGNS,
        "plain": plain,
        "to_do": to_do(report.actions, rest=where.format("actions")),
        "charts": [_figure(f"{report.name}-{name}", c) for name, c in report.charts.items()],
        "tables": [
            {
                "name": name,
                "heading": heading(name),
                "caption": report.captions.get(name, ""),
                "rows": len(frame),
                "wide": len(_named(frame).columns) > WIDE,
                "html": table_html(
                    _named(frame), limit=rows, rest=where.format("tables"), label=heading(name)
                ),
            }
            for name, frame in report.tables.items()
        ],
        "empty": [heading(name) for name, frame in report.tables.items() if frame.empty],
        "untold": _untold(report.kpis),
        "quality": table_html(_telling(report.quality), label="Data quality"),
    }


def _columns(cards: int) -> int:
    """How many cards stand side by side on a wide page, so that the rows are about equally long."""
    rows = max(ceil(cards / MOST_COLUMNS), 1)
    return max(ceil(cards / rows), 1)


def _untold(kpis: tuple[Kpi, ...]) -> list[tuple[list[str], str]]:
    """The KPIs without a value: those of the same reason together, with the reason."""
    found: dict[str, list[str]] = {}
    for kpi in kpis:
        if kpi.value is None:
            empty = ("", "0 of 0", "0 unknown")
            told = [part for part in (*kpi.detail.split(" · "), kpi.note) if part not in empty]
            found.setdefault("; ".join(told) or "nothing to count", []).append(kpi.label)
    return [(labels, why) for why, labels in found.items()]


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without ids of what has a name beside it, unless two have the same name."""
    ids = [f"{name}_id" for name in frame if f"{name}_id" in frame]
    told = [one for one in ids if not _shared(frame[[one.removesuffix("_id"), one]])]
    return frame.drop(columns=told)


def _shared(pairs: pd.DataFrame) -> bool:
    """Whether a name in the first column stands for several ids."""
    return bool(pairs.drop_duplicates().dropna().duplicated(pairs.columns[0]).any())


def _telling(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in which at least one cell holds something."""
    return frame.loc[:, [bool((frame[name].notna() & (frame[name] != "")).any()) for name in frame]]


def to_do(actions: pd.DataFrame, *, rest: str = "") -> list[dict[str, Any]]:
    """The action list by bucket: how many there are of what, and a table of the first of each."""
    found = []
    for bucket in dict.fromkeys(actions["bucket"]):
        rows = actions[actions["bucket"] == bucket]
        shown = _telling(_of_each(rows)[["action", "device", "organization", "why"]])
        counts = rows["action"].value_counts(sort=False)
        state = BUCKETS.get(bucket, "none")
        found.append(
            {
                "heading": heading(bucket),
                "state": state,
                "sign": SIGNS.get(state, "○"),
                "count": len(rows),
                "counts": counts.items() if len(rows) > BUCKET_ROWS and len(counts) > 1 else (),
                "html": table_html(shown, label=heading(bucket)),
                "rest": f"{len(shown)} of {len(rows):,}{rest}" if len(shown) < len(rows) else "",
            }
        )
    return found


def _of_each(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that are shown: some of each kind of action, the first ones, in their order."""
    turn = rows.groupby("action", sort=False).cumcount()
    return rows.loc[turn.sort_values(kind="stable").index[:BUCKET_ROWS]].sort_index()


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
    return {
        "title": chart.title,
        "alt": chart.alt,
        "svg": Markup(svg),  # noqa: S704 - matplotlib escapes
        "empty": f'id="{kinds.NOTHING}"' in svg,
    }
