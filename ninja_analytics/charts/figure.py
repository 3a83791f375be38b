"""How a chart is set up and becomes an image: the style, the Axes, SVG for a page and PNG."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ninja_analytics.charts.marks import INK, PAPER
from ninja_analytics.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE = "ninja_analytics.ninja"
WIDTH = 6.6
NOTHING = "na-nothing"
"""The id of Axes that have a sentence in the place of a chart."""


@contextmanager
def styled() -> Iterator[None]:
    """The style of the reports for as long as the block runs."""
    import matplotlib.style

    with matplotlib.style.context(STYLE), warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes; the tables have it in full.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def axes(ax: Axes | None, *, rows: float = 0, height: float = 0) -> Axes:
    """The given Axes, or new ones as high as *rows* bars or *height* inches need."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    inches = height or 0.95 + 0.27 * max(rows, 3)
    return Figure(figsize=(WIDTH, inches)).subplots()


def svg(draw: Callable[[], Axes], *, salt: str) -> str:
    """The chart as an SVG element for a page: its ink and paper are those of the page around it."""
    with styled():
        import matplotlib as mpl

        mpl.rcParams["svg.hashsalt"] = salt
        buffer = io.StringIO()
        _figure(draw()).savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    # Comments repeat the texts, metadata the maker; a rule for "*" would leave the chart.
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", "", text, flags=re.S)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"([^>]*?) width="[^"]*"', r"\1\2", text)
    return text.replace(INK, "currentColor").replace(PAPER, "var(--na-paper, #fff)")


def svg_file(draw: Callable[[], Axes], *, title: str, alt: str) -> bytes:
    """The chart as an SVG file of its own with its title, on paper; *alt* says what it shows."""
    with styled():
        buffer = io.StringIO()
        figure = _figure(draw())
        figure.suptitle(title, x=0.01, ha="left")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Title": title})
    text = re.sub(r"<!--.*?-->", "", buffer.getvalue(), flags=re.S)
    label = f'<svg role="img" aria-label="{html.escape(alt)}"'
    return text.replace("<svg", label, 1).encode()


def png(draw: Callable[[], Axes], *, title: str, dpi: int = 200) -> bytes:
    """The chart as a PNG with its title, on paper."""
    with styled():
        buffer = io.BytesIO()
        figure = _figure(draw())
        figure.suptitle(title, x=0.01, ha="left")
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def _figure(drawn: Axes) -> Figure:
    figure = drawn.get_figure(root=True)
    if figure is None:
        raise UsageError("The chart has no figure any more. Draw it again.")
    return figure


def short(name: object, width: int = 30) -> str:
    """A name that fits on an axis: one line, printable, the end cut off with an ellipsis."""
    line = "".join(c for c in " ".join(str(name).split()) if c.isprintable()) or "–"
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def shorts(names: Sequence[object], width: int = 30) -> list[str]:
    """The names, shortened, and told apart by a number where shortening made them alike."""
    found: dict[str, int] = {}
    labels = []
    for name in names:
        label = short(name, width)
        found[label] = found.get(label, 0) + 1
        labels.append(label if found[label] == 1 else f"{label} ({found[label]})")
    return labels


def nothing_to_show(ax: Axes | None, text: str) -> Axes:
    """The given Axes, or small ones, with a sentence in the place of a chart."""
    ax = axes(ax, height=1.0)
    ax.set_axis_off()
    ax.set_gid(NOTHING)
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", fontsize=10)
    return ax


def words(name: str) -> str:
    """A column's name as people read it: needs_attention is Needs attention."""
    text = name.replace("_", " ")
    return text[:1].upper() + text[1:]
