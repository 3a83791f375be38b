"""Counts over time: one column of the chart per minute, hour or day, in parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.bars import legend
from ninja_analytics.charts.figure import axes, nothing_to_show, styled
from ninja_analytics.charts.marks import HATCH_INK, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SECONDS_A_DAY = 86_400.0


def counts_over_time(
    data: pd.DataFrame,
    *,
    every: str | pd.Timedelta,
    marks: Mapping[str, Mark],
    ylabel: str,
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
        from matplotlib.dates import date2num

        ax = axes(ax, height=2.8)
        width = pd.Timedelta(every).total_seconds() / _SECONDS_A_DAY
        begins = np.asarray(date2num(pd.DatetimeIndex(data.index).tz_localize(None)))  # type: ignore[no-untyped-call]
        bottom = np.zeros(len(data))
        for column in data.columns:
            height = data[column].to_numpy(dtype=float)
            _parts(ax, begins, height, bottom, width, marks[column], str(column))
            bottom += height
        _time_axes(ax, begins, width, float(bottom.max()), ylabel)
        legend(ax, [str(column) for column in data.columns], marks)
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
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    # Room for six spans, so that a single bar stays a bar.
    ax.set_xlim(begins[0] - width, max(begins[-1] + 2 * width, begins[0] + 6 * width))
    ax.set_ylim(0, highest * 1.08)
    locator = AutoDateLocator(minticks=2, maxticks=8)  # type: ignore[no-untyped-call]
    ax.xaxis_date(tz="UTC")
    ax.xaxis.set_major_locator(locator)
    dates = ConciseDateFormatter(locator, tz="UTC")  # type: ignore[no-untyped-call]
    ax.xaxis.set_major_formatter(dates)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, min_n_ticks=1))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y")
    ax.set_xlabel("UTC")
    ax.set_ylabel(ylabel)
