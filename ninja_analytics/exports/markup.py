"""HTML out of frames and templates: everything is escaped that is not markup already."""

from __future__ import annotations

import itertools
import math
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd

from ninja_analytics.exports.cells import Look, bytes_text, looks, missing, plain

if TYPE_CHECKING:
    from jinja2 import Environment

SHORT, LONG = 24, 36
"""Letters up to which a cell is not broken, and from which it counts as a sentence."""
TALL, PAPER = 25, 40
"""Rows beyond which a table scrolls in a box of its own, and beyond which paper leaves rows out;
the style sheets have the latter number as well."""
MANY, WIDTH = 8, 145
"""Columns beyond which paper needs smaller letters and does without ids, and how many of these
letters are side by side on A4, the space between two columns counted as one."""


def table_html(
    frame: pd.DataFrame, *, limit: int | None = None, rest: str = "", label: str = "Table"
) -> Any:
    """The frame as an HTML table, escaped, safe to put into a page.

    With a *limit* it says how many rows it left out; *rest* says where they are. *label* names the
    table to those who cannot see it.
    """
    shown = frame if limit is None else frame.head(limit)
    columns = looks(frame)
    forms = [_form(frame, at, look) for at, look in enumerate(columns)]
    rows = [
        [_html_cell(*cell) for cell in zip(cells, columns, forms, strict=True)]
        for cells in shown.itertuples(index=False, name=None)
    ]
    heads = [_head(str(name)) for name in frame.columns]
    many = len(columns) > MANY
    return render(
        "table.html.j2",
        heads=heads,
        rooms=_rooms(columns, heads, rows) if many else [],
        classes=[_class(column, at, rows) for at, column in enumerate(columns)],
        rows=rows,
        total=len(frame),
        shown=len(shown),
        rest=rest,
        label=label,
        tall=TALL,
        paper=PAPER,
        many=many,
    )


def _head(name: str) -> str:
    """The head of a column: what its cells say themselves, time or bytes, is not repeated."""
    words = name.removesuffix("_at").removesuffix("_bytes").replace("_", " ")
    return re.sub(r"^days (\d+) (\d+)$", r"\1 to \2 days", words)


def _form(frame: pd.DataFrame, at: int, look: Look) -> Callable[[Any], str]:
    """How the cells of a column read: sizes in their unit, days without a time of day."""
    name, column = str(frame.columns[at]), frame.iloc[:, at]
    if look == "time":
        days = bool((column.dropna().dt.normalize() == column.dropna()).all())
        return ("{:%Y-%m-%d}" if days else "{:%Y-%m-%d %H:%M}").format
    if name.endswith("_bytes") and look in ("number", "fraction"):
        return lambda cell: bytes_text(float(cell))
    if name.endswith(("_days", "_hours")) and look == "fraction":
        return "{:,.1f}".format
    bounds = look == "fraction" and name in ("low", "high")
    if bounds and any(str(one).endswith("_share") for one in frame.columns):
        return _FORMS["share"]
    return _FORMS.get(look, _otherwise)


def _share(cell: Any) -> str:
    """A percentage, floored."""
    return f"{math.floor(float(cell) * 1000 + 1e-9) / 10:.1f} %"


def _otherwise(cell: Any) -> str:
    """Anything else as text."""
    if pd.api.types.is_bool(cell):
        return "yes" if cell else "no"
    return plain(cell)


_FORMS: Mapping[str, Callable[[Any], str]] = {
    "share": _share,
    "number": lambda cell: f"{int(cell):,}",
    "fraction": lambda cell: f"{float(cell):,.2f}",
}


def _class(look: Look, at: int, rows: list[list[tuple[str, str]]]) -> str:
    """The style of a column: numbers to the right, times unbroken, names whole, room for sentences."""
    if look == "id":
        return "na-num na-id"
    if look in ("number", "fraction", "share"):
        return "na-num"
    if look == "time":
        return "na-time"
    longest = max((len(row[at][0]) for row in rows), default=0)
    return "na-long" if longest > LONG else "na-short" if longest <= SHORT else "na-middle"


def _rooms(looks: list[Look], heads: list[str], rows: list[list[tuple[str, str]]]) -> list[int]:
    """The letters for which each column has room on paper: its longest word, as far as all fit.

    Where they do not, words of cells break first, and those of heads only when that is not enough.
    """
    day = len("2026-01-31")
    titles = [
        max(_longest([head]), day if look == "time" else 0)
        for head, look in zip(heads, looks, strict=True)
    ]
    words = [
        day if look == "time" else _longest([cells[at][0] for cells in rows])
        for at, look in enumerate(looks)
    ]
    seen = [look != "id" for look in looks]
    room = WIDTH - sum(seen)
    tries = [
        *([max(title, min(word, most)) for title, word in zip(titles, words, strict=True)]
          for most in range(max(words), 3, -1)),
        *([min(title, most) for title in titles] for most in range(max(titles), 1, -1)),
    ]  # fmt: skip
    fits = (one for one in tries if sum(itertools.compress(one, seen)) <= room)
    return next(fits, tries[-1])


def _longest(texts: list[str]) -> int:
    """The letters of the longest word: what stands between two places where a line may break."""
    return max((len(word) for text in texts for word in _words(text)), default=0)


def _words(text: str) -> list[str]:
    """The parts of a text between which a line may break."""
    return re.split(r"\s|(?<=[-_])", text)


def _html_cell(cell: Any, look: Look, form: Callable[[Any], str]) -> tuple[str, str]:
    """A cell as a reader wants it, and the number that it is sorted by where the text is not."""
    text = "" if missing(cell) else form(cell)
    if not text or look not in ("number", "fraction", "share"):
        return text, ""
    exact = str(int(cell)) if look == "number" else f"{float(cell):.12g}"
    return text, "" if exact == text else exact


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
