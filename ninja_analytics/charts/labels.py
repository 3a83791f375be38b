"""What is written on a chart: legends, numbers beside marks, notes, and the words of the axes."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import WIDTH, shorts, words
from ninja_analytics.charts.marks import HATCH_INK, Mark
from ninja_analytics.errors import UnknownNameError

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.patches import Patch

_LETTER = 5.3
"""The width of a letter on an axis in points, of the wider ones."""


def numbers(data: pd.Series) -> np.ndarray:
    """The values of any numeric column as floats, NaN where there is none."""
    return data.to_numpy(dtype=float, na_value=np.nan)


def percent(share: float) -> str:
    """A share as people read it: never rounded up, and never to nothing."""
    if 0 < share < 0.01:
        return "<1 %"
    return f"{int(share * 100 + 1e-9)} %"


def signed(value: float) -> str:
    """A change with its sign, and a minus as wide as the plus."""
    return f"{value:+,.0f}".replace("-", "−") if round(value) else "0"


def known_marks(names: Iterable[object], marks: Mapping[str, Mark]) -> None:
    """Nothing, if every name has a mark; what has none would be missing from the chart."""
    for name in names:
        if name not in marks:
            raise UnknownNameError.among("mark", name, marks)


def legend(ax: Axes, names: Sequence[str], marks: Mapping[str, Mark]) -> None:
    """The words for the colors, above the chart and in their order."""
    legend_of(ax, [patch(marks[name], words(name)) for name in names])


def patch(mark: Mark, label: str) -> Patch:
    """A piece of a color with its word."""
    from matplotlib.patches import Patch

    return Patch(fc=mark.color, hatch=mark.hatch, ec=HATCH_INK, lw=0, label=label)


def legend_of(ax: Axes, looks: Sequence[Artist]) -> None:
    """The given looks with their labels, above the chart and in their order, in as few rows as fit.

    The names of the rows have to be there before: they leave the width to it.
    """
    widths = [25 + 4.9 * len(str(look.get_label())) for look in looks]
    room = (
        WIDTH * 72
        - 30
        - _LETTER * max((len(t.get_text()) for t in ax.get_yticklabels()), default=0)
    )
    columns = next(
        (n for n in range(min(len(looks), 6), 1, -1)
         if sum(max(widths[start::n]) for start in range(n)) <= room),
        1,
    )  # fmt: skip
    # matplotlib fills a legend by columns; people read it by rows.
    by_rows = [look for start in range(columns) for look in looks[start::columns]]
    ax.legend(
        handles=by_rows,
        loc="lower left",
        bbox_to_anchor=(0, 1.0),
        ncols=columns,
        borderaxespad=0.2,
        handletextpad=0.5,
    )


def beside(ax: Axes, x: float, y: float, text: str, *, left: bool = False, away: float = 4) -> None:
    """A small text to the right of a point, or to its left."""
    ax.annotate(text, (x, y), xytext=(-away if left else away, 0), textcoords="offset points",
                va="center", ha="right" if left else "left", fontsize=8)  # fmt: skip


def unknown(ax: Axes, row: float) -> None:
    """The word in the place of what a row would show."""
    ax.annotate("unknown", (0, row), xycoords=("axes fraction", "data"), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=8, style="italic")  # fmt: skip


def margin(ax: Axes, y: float, text: str) -> None:
    """A small text in the margin right of the chart, in the row at *y*."""
    ax.annotate(text, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0),
                textcoords="offset points", va="center", fontsize=8)  # fmt: skip


def head(ax: Axes, x: float, text: str) -> None:
    """A small text above the chart at the value *x*."""
    ax.annotate(text, (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                textcoords="offset points", ha="center", fontsize=8)  # fmt: skip


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a footnote; none of an empty one."""
    return textwrap.wrap(text, width)


def note(ax: Axes, text: str, width: int = 90) -> None:
    """What is told and not drawn, under the words of the x axis."""
    if text:
        ax.annotate("\n".join(wrapped(text, width)), (0, 0), xycoords=("axes fraction", ax.xaxis.label),
                    xytext=(0, -5), textcoords="offset points", va="top", fontsize=8,
                    style="italic")  # fmt: skip


def note_height(text: str, width: int = 90) -> float:
    """The inches that a footnote needs."""
    return 0.17 * len(wrapped(text, width))


def name_rows(ax: Axes, names: Sequence[object], xlabel: str) -> None:
    """The rows of a chart: a name for each, the first on top, and a quiet x axis."""
    labels = shorts(names)
    ax.set_yticks(range(len(labels)), labels, parse_math=False)
    # Room for three, so that a single bar stays a bar.
    ax.set_ylim(max(len(labels), 3) - 0.4, -0.6)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    ax.grid(axis="x")
    ax.set_xlabel(xlabel)


def name_columns(ax: Axes, names: Sequence[object], *, beside: Sequence[object] = ()) -> None:
    """A name under each column at 0, 1, 2 ...: in up to three lines, or else on a slant.

    *beside* are the names left of the chart, which take their width from it. Of more names than
    there is room for, every second, third ... is written.
    """
    labels, slanted = _column_labels(names, beside)
    if not slanted:
        ax.set_xticks(range(len(labels)), labels, parse_math=False)
        return
    # A slanted name is as wide as its line is high.
    every = -(-len(labels) * 5 // (2 * _letters(beside)))
    at = list(range(0, len(labels), every))
    ax.set_xticks(at, [labels[place] for place in at], parse_math=False, rotation=45, ha="right",
                  rotation_mode="anchor")  # fmt: skip


def names_height(names: Sequence[object], *, beside: Sequence[object] = ()) -> float:
    """The inches that the names under the columns need beyond a single line."""
    labels, slanted = _column_labels(names, beside)
    if slanted:
        return 0.7 * max(map(len, labels)) * _LETTER / 72
    return 0.14 * max((label.count("\n") for label in labels), default=0)


def _column_labels(names: Sequence[object], beside: Sequence[object]) -> tuple[list[str], bool]:
    """The names in lines that fit under their columns, or whole and to be slanted."""
    labels = shorts(names, 22)
    room = _letters(beside) // max(len(labels), 1) - 1
    lines = [textwrap.wrap(label, max(room, 1), break_long_words=False) for label in labels]
    if all(len(parts) <= 3 and max(map(len, parts)) <= room for parts in lines):
        return ["\n".join(parts) for parts in lines], False
    return labels, True


def _letters(beside: Sequence[object]) -> int:
    """How many letters fit across a chart with the names *beside* it."""
    return int((WIDTH * 72 - 50) / _LETTER) - max(map(len, shorts(beside)), default=0)


def whole_numbers(axis: Axis, most: int = 6) -> None:
    """Counts have no halves, and large ones need their thousands apart."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=most, integer=True, min_n_ticks=1))
    axis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}".replace("-", "−")))


def dates(axis: Axis) -> None:
    """Ticks of an axis of UTC times, as short as they can be said."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=2, maxticks=8)  # type: ignore[no-untyped-call]
    axis.axes.xaxis_date(tz="UTC")
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator, tz="UTC"))  # type: ignore[no-untyped-call]


def days(times: Any) -> np.ndarray:
    """UTC times as the numbers of a date axis; NaN where there is none."""
    from matplotlib.dates import date2num

    stamps = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_localize(None)
    found = np.full(len(stamps), np.nan)
    there = np.asarray(stamps.notna())
    found[there] = date2num(stamps[there])  # type: ignore[no-untyped-call]
    return found
