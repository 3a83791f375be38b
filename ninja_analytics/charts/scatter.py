"""Scatter: two numbers per thing, with the worst by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, short, styled, words
from ninja_analytics.charts.labels import (
    known_marks,
    legend_of,
    note,
    note_height,
    numbers,
)
from ninja_analytics.charts.marks import INK, PAPER, PLAIN, UNKNOWN, Mark
from ninja_analytics.charts.places import NAMED, name_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

_SHAPES = "os^DvPXh"


def scatter(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    by: str,
    marks: Mapping[str, Mark],
    xlabel: str,
    ylabel: str,
    log_x: bool = False,
    log_y: bool = False,
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
    labels: int = 0,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One point per row of *data* at its *x* and *y*, in the color and the shape of its *by*.

    *curves* are lines to hold the points against, each with its name: (xs, ys). The first *labels*
    rows, at most eight, have the name in their column label beside them. On a logarithmic axis
    zero has no place: such a point lies on the edge. Raises an UnknownNameError for a group without
    a mark; a missing group is unknown.
    """
    with styled():
        data = data[data[x].notna() & data[y].notna()]
        if data.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=3.8 + note_height(footnote))
        across = _scale(ax.xaxis, numbers(data[x]), log=log_x)
        up = _scale(ax.yaxis, numbers(data[y]), log=log_y)
        _groups(ax, across, up, data[by], marks)
        for name, (xs, ys) in (curves or {}).items():
            _curve(ax, name, np.asarray(xs, dtype=float), np.asarray(ys, dtype=float))
        _plain(ax, xlabel, ylabel, footnote)
        named = min(labels, NAMED, len(data))
        names = list(data["label"].iloc[:named]) if named else []
        first = zip(across, up, names, strict=False)
        name_points(
            ax, [(a, b, short(name, 24)) for a, b, name in first],
            others=zip(across[named:], up[named:], strict=True),
        )  # fmt: skip
        return ax


def _scale(axis: Axis, values: np.ndarray, *, log: bool) -> np.ndarray:
    """The axis around all *values*, and where they lie on it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

    across = axis is axis.axes.xaxis
    set_scale = axis.axes.set_xscale if across else axis.axes.set_yscale
    set_limits = axis.axes.set_xlim if across else axis.axes.set_ylim
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    if not log:
        top = max(float(values.max()), 1e-9)
        set_limits(min(0.0, 1.05 * float(values.min())), 1.08 * top)
        axis.set_major_locator(MaxNLocator(nbins=6, min_n_ticks=2))
        return values
    known = values[values > 0]
    low, high = (float(known.min()), float(known.max())) if len(known) else (1.0, 10.0)
    begin, end = low / 1.5, max(high * 1.5, low * 8)
    set_scale("log")
    set_limits(begin, end)
    wide = np.log10(end / begin)
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if wide < 2.5 else (1,), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.axes.minorticks_off()
    return np.asarray(np.clip(values, begin, end))


def _groups(
    ax: Axes, across: np.ndarray, up: np.ndarray, by: pd.Series, marks: Mapping[str, Mark]
) -> None:
    """The points of each group in its color and shape, and the legend of those that are there."""
    from matplotlib.lines import Line2D

    looks = []
    groups = by.astype("object").where(by.notna(), "unknown").to_numpy()
    if by.isna().any():
        marks = {**marks, "unknown": marks.get("unknown", UNKNOWN)}
    known_marks(sorted(set(groups)), marks)
    for place, (name, mark) in enumerate(marks.items()):
        of = groups == name
        if not of.any():
            continue
        shape: Any = _SHAPES[place % len(_SHAPES)]
        ax.scatter(across[of], up[of], s=22, marker=shape, color=mark.color, edgecolor=PAPER,
                   lw=0.5, zorder=3, clip_on=False)  # fmt: skip
        looks.append(Line2D([], [], ls="none", marker=shape, mfc=mark.color, mec=PAPER,
                            markersize=6, label=f"{words(str(name))} ({of.sum():,})"))  # fmt: skip
    legend_of(ax, looks)


def _curve(ax: Axes, name: str, xs: np.ndarray, ys: np.ndarray) -> None:
    """A line with its name where it leaves the chart."""
    ax.plot(xs, ys, color=INK, lw=1.2, ls=(0, (4, 2)), zorder=2)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    seen = np.flatnonzero((xs >= left) & (xs <= right) & (ys >= bottom) & (ys <= top))
    if len(seen):
        at = seen[-1]
        ax.annotate(name, (xs[at], ys[at]), xytext=(-2, 4), textcoords="offset points", ha="right",
                    fontsize=8, style="italic")  # fmt: skip


def _plain(ax: Axes, xlabel: str, ylabel: str, footnote: str) -> None:
    ax.grid()
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)
    note(ax, footnote)


def quadrants(
    data: pd.DataFrame,
    *,
    x: str,
    y: str,
    x_split: float,
    y_split: float,
    corners: Sequence[str],
    xlabel: str,
    ylabel: str,
    log_x: bool = False,
    log_y: bool = False,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One point per row of *data* at its *x* and *y*, in four fields with a word in each corner.

    *corners* are those at the top left, top right, bottom left and bottom right. The index holds
    the names; the first eight rows have theirs beside them, so put first what matters most.
    """
    with styled():
        data = data[data[x].notna() & data[y].notna()]
        if data.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=3.8 + note_height(footnote))
        across = _scale(ax.xaxis, np.append(numbers(data[x]), x_split), log=log_x)[:-1]
        up = _scale(ax.yaxis, np.append(numbers(data[y]), y_split), log=log_y)[:-1]
        _leave_room_for_corners(ax)
        ax.scatter(across, up, s=26, color=PLAIN.color, edgecolor=PAPER, lw=0.6, zorder=3)
        ax.axvline(x_split, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=1)
        ax.axhline(y_split, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=1)
        places = ((0, 1), (1, 1), (0, 0), (1, 0))
        for (right, upper), word in zip(places, corners, strict=True):
            ax.annotate(word, (right, upper), xycoords="axes fraction", fontsize=8, weight="bold",
                        xytext=(-5 if right else 5, -5 if upper else 5), alpha=0.75,
                        textcoords="offset points", ha="right" if right else "left",
                        va="top" if upper else "bottom")  # fmt: skip
        _plain(ax, xlabel, ylabel, footnote)
        named = [short(name, 24) for name in data.index[:NAMED]]
        name_points(
            ax, list(zip(across, up, named, strict=False)),
            others=zip(across[NAMED:], up[NAMED:], strict=True),
        )  # fmt: skip
        return ax


def _leave_room_for_corners(ax: Axes) -> None:
    """Stretch the axis upward for a line of words above all points, and downward where it may."""
    scale = ax.yaxis.get_transform()
    begin, end = scale.transform(np.asarray(ax.get_ylim()))
    spare = 0.1 * (end - begin)
    below = begin - spare if ax.get_yscale() == "log" else begin
    ax.set_ylim(*scale.inverted().transform(np.asarray([below, end + spare])))
