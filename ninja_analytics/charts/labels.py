"""What is written on a chart: legends, numbers beside marks, notes, and names kept off each other."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import shorts, words
from ninja_analytics.charts.marks import HATCH_INK, INK, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

NAMED = 8
"""The most points of a cloud that get their name."""


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


def legend(ax: Axes, names: Sequence[str], marks: Mapping[str, Mark]) -> None:
    """The words for the colors, above the chart and in their order."""
    from matplotlib.patches import Patch

    looks = [
        Patch(fc=marks[name].color, hatch=marks[name].hatch, ec=HATCH_INK, lw=0, label=words(name))
        for name in names
    ]
    legend_of(ax, looks)


def legend_of(ax: Axes, looks: Sequence[Any]) -> None:
    """The given looks with their labels, above the chart and in their order."""
    columns = min(len(looks), 5)
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


def beside(ax: Axes, x: float, y: float, text: str, *, left: bool = False) -> None:
    """A small text to the right of a point, or to its left."""
    ax.annotate(text, (x, y), xytext=(-4 if left else 4, 0), textcoords="offset points",
                va="center", ha="right" if left else "left", fontsize=8)  # fmt: skip


def margin(ax: Axes, y: float, text: str) -> None:
    """A small text in the margin right of the chart, in the row at *y*."""
    ax.annotate(text, (1, y), xycoords=("axes fraction", "data"), xytext=(6, 0),
                textcoords="offset points", va="center", fontsize=8)  # fmt: skip


def head(ax: Axes, x: float, text: str, *, ha: str = "center") -> None:
    """A small text above the chart at the value *x*."""
    ax.annotate(text, (x, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                textcoords="offset points", ha=ha, fontsize=8)  # fmt: skip


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


def name_columns(ax: Axes, names: Sequence[object], *, room: float = 66) -> None:
    """A name under each column at 0, 1, 2 ...; on a slant where they need more than *room* letters."""
    labels = shorts(names, 22)
    slant = sum(len(label) + 2 for label in labels) > room or (
        len(labels) * max(map(len, labels), default=0) > 1.3 * room
    )
    look: dict[str, Any] = {"parse_math": False}
    if slant:
        look |= {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    ax.set_xticks(range(len(labels)), labels, **look)


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


def end_labels(ax: Axes, x: float, ends: Sequence[tuple[float, str]]) -> None:
    """Texts right of *x*, each as near to its value as the others let it."""
    low, high = ax.get_ylim()
    inches = ax.get_position().height * ax.figure.get_size_inches()[1]  # type: ignore[union-attr]
    step = (high - low) * 0.17 / max(float(inches), 0.5)
    places: list[float] = []
    order = sorted(ends)
    for value, _ in order:
        places.append(max(value, places[-1] + step) if places else value)
    # What was pushed over the top goes back down, and pushes in its turn.
    top = max(high, low + step * len(order))
    for at in range(len(places) - 1, -1, -1):
        places[at] = min(places[at], top)
        top = places[at] - step
    for (_, text), place in zip(order, places, strict=True):
        ax.annotate(text, (x, place), xytext=(5, 0), textcoords="offset points", va="center",
                    fontsize=8, annotation_clip=False)  # fmt: skip


def name_points(
    ax: Axes,
    points: Sequence[tuple[float, float, str]],
    *,
    others: Iterable[tuple[float, float]] = (),
) -> None:
    """The names of *points* beside them, clear of each other, of the texts there, and of the edges.

    A name that would cover another one wherever it stood is left out. The limits of the axes
    have to be set before. *others* are points better not covered.
    """
    figure = ax.get_figure(root=True)
    if figure is None or not points:
        return
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    edge = np.array(ax.get_window_extent().extents)
    taken = [np.array(text.get_window_extent().extents) for text in ax.texts if text.get_text()]
    dots = ax.transData.transform(np.array([*((x, y) for x, y, _ in points), *others], dtype=float))
    for (x, y, name), dot in zip(points, dots, strict=False):
        text = ax.annotate(name, (x, y), xytext=(0, 0), textcoords="offset points", fontsize=8)
        box = text.get_window_extent()
        found = _place(dot, (box.width, box.height), edge, taken, dots, scale)
        text.remove()
        if found is None:
            continue
        place, away = found
        taken.append(np.array([*place, place[0] + box.width, place[1] + box.height]))
        line = {
            "arrowstyle": "-",
            "color": INK,
            "lw": 0.5,
            "alpha": 0.6,
            "shrinkA": 1,
            "shrinkB": 3,
        }
        middle = (place - dot + (0, box.height / 2)) / scale
        right = middle[0] < 0
        ax.annotate(
            name, (x, y), xytext=(middle[0] + (box.width / scale if right else 0), middle[1]),
            textcoords="offset points", ha="right" if right else "left", va="center", fontsize=8,
            arrowprops=line if away > 12 else None,
        ).set_in_layout(False)  # fmt: skip


def _place(
    dot: np.ndarray, size: tuple[float, float], edge: np.ndarray, taken: Sequence[np.ndarray],
    dots: np.ndarray, scale: float,
) -> tuple[np.ndarray, float] | None:  # fmt: skip
    """The lower left corner of the best place for a name in pixels, and how far it is in points."""
    wide, high = size
    best: tuple[float, np.ndarray, float] | None = None
    for away in (7, 12, 20, 32, 46, 64):
        for across, up in ((1, 0), (-1, 0), (0.8, 0.8), (0.8, -0.8), (-0.8, 0.8), (-0.8, -0.8)):
            x = dot[0] + across * away * scale - (wide if across < 0 else 0)
            y = dot[1] + up * away * scale - high / 2
            inside = x >= edge[0] and x + wide <= edge[2] and y >= edge[1] and y + high <= edge[3]
            free = all(
                x + wide + 2 < box[0] or box[2] + 2 < x or y + high + 1 < box[1] or box[3] + 1 < y
                for box in taken
            )
            if not inside or not free:
                continue
            over = (dots > (x - 2, y - 2)) & (dots < (x + wide + 2, y + high + 2))
            cost = 12.0 * int(over.all(axis=1).sum()) + away
            if best is None or cost < best[0]:
                best = (cost, np.array([x, y]), away)
    return None if best is None else (best[1], best[2])
