"""HTML out of frames and templates: everything is escaped that is not markup already."""

from __future__ import annotations

import math
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from ninja_analytics.exports.cells import Look, looks, missing, plain

if TYPE_CHECKING:
    from jinja2 import Environment

SHORT, LONG = 24, 36
"""Letters up to which a cell is not broken, and from which it counts as a sentence."""
TALL, PAPER = 25, 40
"""Rows beyond which a table scrolls in a box of its own, and beyond which paper leaves rows out;
report.css has the latter number as well."""


def table_html(
    frame: pd.DataFrame, *, limit: int | None = None, rest: str = "", label: str = "Table"
) -> Any:
    """The frame as an HTML table, escaped, safe to put into a page.

    With a *limit* it says how many rows it left out; *rest* says where they are. *label* names the
    table to those who cannot see it.
    """
    shown = frame if limit is None else frame.head(limit)
    columns = looks(frame)
    rows = [
        [_html_cell(cell, look) for cell, look in zip(cells, columns, strict=True)]
        for cells in shown.itertuples(index=False, name=None)
    ]
    return render(
        "table.html.j2",
        heads=[str(name).removesuffix("_at").replace("_", " ") for name in frame.columns],
        classes=[_class(column, at, rows) for at, column in enumerate(columns)],
        rows=rows,
        total=len(frame),
        shown=len(shown),
        rest=rest,
        label=label,
        tall=TALL,
        paper=PAPER,
    )


def _class(look: Look, at: int, rows: list[list[tuple[str, str]]]) -> str:
    """The style of a column: numbers to the right, times unbroken, names whole, room for sentences."""
    if look in ("number", "fraction", "share", "id"):
        return "na-num"
    if look == "time":
        return "na-time"
    longest = max((len(row[at][0]) for row in rows), default=0)
    return "na-long" if longest > LONG else "na-short" if longest <= SHORT else "na-middle"


def _html_cell(cell: Any, look: Look) -> tuple[str, str]:
    """A cell as a reader wants it, and the number that it is sorted by where the text is not."""
    text = _html_text(cell, look)
    if not text or look not in ("number", "fraction", "share"):
        return text, ""
    exact = str(int(cell)) if look == "number" else f"{float(cell):.12g}"
    return text, "" if exact == text else exact


def _html_text(cell: Any, look: Look) -> str:
    """A cell as a reader wants it: thousands apart, shares as percentages, times to the minute."""
    if missing(cell):
        return ""
    if look == "time":
        return f"{pd.Timestamp(cell):%Y-%m-%d %H:%M}"
    if look == "share":
        return f"{math.floor(float(cell) * 1000 + 1e-9) / 10:.1f} %"
    if look == "number":
        return f"{int(cell):,}"
    if look == "fraction":
        return f"{float(cell):,.2f}"
    if pd.api.types.is_bool(cell):
        return "yes" if cell else "no"
    return plain(cell)


def render(template: str, **values: object) -> Any:
    """A template of the package filled in; everything is escaped that is not markup already."""
    from markupsafe import Markup

    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 - autoescaped


@cache
def _environment() -> Environment:
    """The templates of the package, compiled once."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    made = Environment(
        loader=PackageLoader("ninja_analytics"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _script()
    made.globals |= {"script": Markup(script), "policy": _policy(script)}  # noqa: S704 - our own
    return made


def _script() -> str:
    """What makes long tables sort and search: one text for all pages."""
    return (files("ninja_analytics") / "templates" / "table.js").read_text(encoding="utf-8")


def _policy(script: str) -> str:
    """The page's own rule for browsers: nothing is loaded, and no script runs but this one."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        f"form-action 'none'; script-src 'sha256-{digest}'"
    )
