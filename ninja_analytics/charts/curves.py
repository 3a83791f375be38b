"""Curves: how many are beyond which value, or up to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, styled, words
from ninja_analytics.charts.labels import head, note, note_height, percent
from ninja_analytics.charts.marks import INK, PAPER, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST = 5
"""Rows that a group needs for a curve of its own."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)


def silence(
    data: pd.DataFrame,
    *,
    value: str,
    by: str,
    marks: Mapping[str, Mark],
    references: Sequence[float] = (7, 14, 30, 60, 90),
    xlabel: str,
    ylabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """The share of rows whose *value* is above x, for all and per group of *by*: the ECDF from above.

    It begins at 1 on a logarithmic axis. The share of all rows stands above each reference line.
    A group of fewer than five rows has no line of its own, but is part of all.
    """
    with styled():
        data = data.dropna(subset=[value])
        if data.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=3.5 + note_height(footnote))
        every = _sorted(data[value])
        ends = 1.0, max(1.3 * max(references), min(1.15 * every[-1], 1500.0))
        curves = _groups(data, every, value, by, marks)
        top = 0.02
        for values, look in curves:
            top = max(top, _above(values, ends[0]))
            _curve(ax, values, ends, falling=True, look=look)
        ticks = [day for day in (1, 3, *references, 180, 365, 730) if day <= ends[1]]
        _references(ax, references, [_above(every, day) for day in references], ends, log=True)
        _curve_axes(ax, ends, ticks, min(top * 1.12, 1.0), xlabel, ylabel, log=True)
        _legend(ax, "upper right")
        note(ax, footnote)
        return ax


def ecdf(
    data: pd.DataFrame,
    *,
    value: str,
    by: str,
    marks: Mapping[str, Mark],
    references: Sequence[float],
    xlabel: str,
    ylabel: str,
    log: bool = True,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """The share of rows whose *value* is at or below x, for all and per group of *by*.

    The share of all rows stands above each reference line. On a logarithmic axis what is smaller
    than its beginning is counted there. A group of fewer than five rows has no line of its own.
    """
    with styled():
        data = data.dropna(subset=[value])
        if data.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=3.5 + note_height(footnote))
        every = _sorted(data[value])
        ends = _ends(every, references, log=log)
        for values, look in _groups(data, every, value, by, marks):
            _curve(ax, values, ends, falling=False, look=look)
        shares = [1 - _above(every, x) for x in references]
        _references(ax, references, shares, ends, log=log)
        _curve_axes(ax, ends, _ticks(references, ends, log=log), 1.02, xlabel, ylabel, log=log)
        _legend(ax, "lower right")
        note(ax, footnote)
        return ax


def _sorted(values: pd.Series) -> np.ndarray:
    return np.sort(values.to_numpy(dtype=float))


def _groups(
    data: pd.DataFrame, every: np.ndarray, value: str, by: str, marks: Mapping[str, Mark]
) -> list[tuple[np.ndarray, dict[str, Any]]]:
    """The values of each group that is large enough and of all, with how they are drawn."""
    found: list[tuple[np.ndarray, dict[str, Any]]] = []
    groups = [name for name in marks if (data[by] == name).sum() >= FEWEST]
    for name in groups if len(groups) > 1 else []:
        values = _sorted(data.loc[data[by] == name, value])
        label = f"{words(name)} (n = {len(values):,})"
        found.append(
            (values, {"color": marks[name].color, "ls": marks[name].dashes, "label": label})
        )
    found.append((every, {"color": INK, "lw": 2.4, "label": f"All (n = {len(every):,})"}))
    return found


def _ends(every: np.ndarray, references: Sequence[float], *, log: bool) -> tuple[float, float]:
    """Where the axis begins and ends: around the values and around what they are held against."""
    end = 1.15 * max(float(every[-1]), *references)
    if not log:
        return min(0.0, float(every[0])), end
    small = every[every > 0]
    begin = min([float(small[0]) if len(small) else 1.0, *[x for x in references if x > 0]])
    return max(begin / 1.2, end / 1e4), end


def _ticks(references: Sequence[float], ends: tuple[float, float], *, log: bool) -> list[float]:
    """The references, and round numbers where they leave room."""
    from matplotlib.ticker import LogLocator, MaxNLocator

    ticks = [float(x) for x in references]
    found = (LogLocator(subs=(1, 3)) if log else MaxNLocator(6)).tick_values(*ends)
    wide = np.log(ends[1] / ends[0]) if log else ends[1] - ends[0]
    for tick in found:
        if not ends[0] <= tick <= ends[1]:
            continue
        near = [abs(np.log(tick / x)) if log else abs(tick - x) for x in ticks]
        if min(near, default=wide) > 0.07 * wide:
            ticks.append(float(tick))
    return sorted(ticks)


def _references(
    ax: Axes, references: Sequence[float], shares: Sequence[float], ends: tuple[float, float],
    *, log: bool,
) -> None:  # fmt: skip
    """A line at each reference, and the share of all above it where there is room."""
    wide = np.log(ends[1] / ends[0]) if log else ends[1] - ends[0]
    last = -np.inf
    told = [(np.log(x / ends[0]) if log else x - ends[0]) / wide for x in references]
    for x, place, share in zip(references, told, shares, strict=True):
        ax.axvline(x, color=INK, lw=0.6, ls=(0, (2, 2)), alpha=0.55, zorder=0)
        # Without room for it at the beginning, the word stands with the first share.
        who = "All " if place == told[0] <= 0.08 else ""
        if place - last >= (0.085 if last == told[0] <= 0.08 else 0.06):
            head(ax, x, who + percent(share))
            last = place
    if told and told[0] > 0.08:
        ax.annotate(
            "All", (0, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points",
            fontsize=8,
        )  # fmt: skip


def _curve_axes(
    ax: Axes, ends: tuple[float, float], ticks: Sequence[float], top: float, xlabel: str,
    ylabel: str, *, log: bool,
) -> None:  # fmt: skip
    from matplotlib.ticker import MultipleLocator

    if log:
        ax.set_xscale("log")
    ax.set_xlim(*ends)
    ax.set_ylim(0, top)
    ax.set_xticks(ticks, [f"{x:,.6g}" for x in ticks])
    ax.set_xticks([], minor=True)
    # Whole percents: a share is told floored, and 2.5 % would be told as 2 %.
    ax.yaxis.set_major_locator(MultipleLocator(next(one for one in _STEPS if top <= 8 * one)))
    ax.yaxis.set_major_formatter(lambda share, _: percent(share))
    ax.grid(axis="y")
    ax.set_xlabel(xlabel)
    ax.set_ylabel(ylabel)


def _legend(ax: Axes, loc: Literal["upper right", "lower right"]) -> None:
    ax.legend(loc=loc, frameon=True, facecolor=PAPER, edgecolor="none", framealpha=0.85,
              handlelength=2.4)  # fmt: skip


def _curve(
    ax: Axes, values: np.ndarray, ends: tuple[float, float], *, falling: bool, look: dict[str, Any]
) -> None:
    """A step line of the share above x, or up to x, drawn where it changes."""
    begin, end = ends
    at, count = np.unique(np.clip(values, begin, None), return_counts=True)
    above = 1 - np.cumsum(count) / len(values)
    x = np.concatenate([[begin], at[at > begin], [end]])
    y = np.concatenate([[_above(values, begin)], above[at > begin], [_above(values, end)]])
    ax.step(x, y if falling else 1 - y, where="post", **look)


def _above(values: np.ndarray, x: float) -> float:
    return float((values > x).mean())
