"""Counts over time: one column of the chart per minute, hour or day, in parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, short, styled, words
from ninja_analytics.charts.labels import (
    dates,
    days,
    legend,
    note,
    note_height,
    numbers,
    whole_numbers,
)
from ninja_analytics.charts.marks import HATCH_INK, Mark
from ninja_analytics.charts.places import end_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SECONDS_A_DAY = 86_400.0
POINTED = 30
"""The most times that have a point each on a line."""


def counts_over_time(
    data: pd.DataFrame,
    *,
    every: str | pd.Timedelta,
    marks: Mapping[str, Mark],
    ylabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One upright bar per row of *data*, in parts as its columns, the first of them at the bottom.

    The index of *data* holds the UTC times at which the spans of length *every* begin; a span
    without a row is empty.
    """
    with styled():
        if not data.to_numpy().sum():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=2.8 + note_height(footnote))
        width = pd.Timedelta(every).total_seconds() / _SECONDS_A_DAY
        begins = days(data.index)
        bottom = np.zeros(len(data))
        for column in data.columns:
            height = data[column].to_numpy(dtype=float)
            _parts(ax, begins, height, bottom, width, marks[column], str(column))
            bottom += height
        _time_axes(ax, begins, width, float(bottom.max()), ylabel)
        legend(ax, [str(column) for column in data.columns], marks)
        note(ax, footnote)
        return ax


def _parts(
    ax: Axes, begins: np.ndarray, height: np.ndarray, bottom: np.ndarray, width: float,
    mark: Mark, name: str,
) -> None:  # fmt: skip
    """The parts of one series; a part of zero is not drawn."""
    there = height > 0
    ax.bar(begins[there], height[there], bottom=bottom[there], width=width, align="edge",
           color=mark.color, lw=0, label=f"_{name}", zorder=2)  # fmt: skip
    if mark.hatch:
        ax.bar(begins[there], height[there], bottom=bottom[there], width=width, align="edge",
               fill=False, hatch=mark.hatch, edgecolor=HATCH_INK, lw=0, zorder=2)  # fmt: skip


def _time_axes(ax: Axes, begins: np.ndarray, width: float, highest: float, ylabel: str) -> None:
    # Room for six spans, so that a single bar stays a bar.
    ax.set_xlim(begins[0] - width, max(begins[-1] + 2 * width, begins[0] + 6 * width))
    _counts_by_time(ax, highest, ylabel)


def _counts_by_time(ax: Axes, highest: float, ylabel: str) -> None:
    ax.set_ylim(0, highest * 1.08)
    dates(ax.xaxis)
    whole_numbers(ax.yaxis, 5)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y")
    ax.set_xlabel("UTC")
    ax.set_ylabel(ylabel)


def lines_over_time(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark],
    ylabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One line per column of *data* over the UTC times of its index, named at its right end.

    The times are in rising order; the axis of counts begins at zero. Up to thirty times are
    marked with points. A missing count breaks the line.
    """
    with styled():
        if data.empty or data.isna().to_numpy().all():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=2.8 + note_height(footnote))
        at = days(data.index)
        ends: list[tuple[float, str, str]] = []
        highest = 0.0
        for column in data.columns:
            counts, mark = numbers(data[column]), marks[column]
            known = np.flatnonzero(~np.isnan(counts))
            if not len(known):
                continue
            point = "o" if len(at) <= POINTED else ""
            ax.plot(at, counts, color=mark.color, ls=mark.dashes, marker=point, markersize=4)
            last = float(counts[known[-1]])
            highest = max(highest, float(np.nanmax(counts)))
            ends.append((last, f"{short(words(str(column)), 20)} {last:,.0f}", mark.color))
        edge = 0.02 * float(at[-1] - at[0]) or 3.0
        ax.set_xlim(at[0] - edge, at[-1] + edge)
        _counts_by_time(ax, max(highest, 1.0), ylabel)
        end_labels(ax, ax.get_xlim()[1], ends)
        note(ax, footnote)
        return ax
