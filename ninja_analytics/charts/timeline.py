"""Timelines: what ends when, and how much is ahead."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, short, styled, words
from ninja_analytics.charts.labels import (
    beside,
    dates,
    days,
    legend,
    name_rows,
    note,
    note_height,
    numbers,
    whole_numbers,
)
from ninja_analytics.charts.marks import HATCH_INK, INK, PAPER, SUPPORT, Mark
from ninja_analytics.charts.places import end_labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SOON = 180
"""Days before an end from which it is to be watched."""
_ENDS = MappingProxyType(
    {
        "past": SUPPORT["ended"],
        f"within_{SOON}_days": SUPPORT["ends_soon"],
        "later": SUPPORT["supported"],
    }
)
_NOTE = 64


def timeline(
    data: pd.DataFrame,
    *,
    now: pd.Timestamp,
    xlabel: str = "",
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One line per row of *data* (the first on top) between *now* and its date, a dot at the date.

    *data* has the columns at (UTC) and count, which sizes the dot and stands beside it; its index
    holds the names. Dates are past, within 180 days, or later. A row without a date says so.
    """
    with styled():
        if data.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data) + 1 + note_height(footnote, _NOTE) / 0.27)
        at, count = days(data["at"]), np.nan_to_num(numbers(data["count"]))
        today = float(days([now])[0])
        name_rows(ax, list(data.index), xlabel)
        size = 20 + 110 * count / max(float(count.max()), 1.0)
        kinds = [_when(date - today) for date in at]
        for kind, mark in _ENDS.items():
            of = np.array([found == kind for found in kinds])
            places = np.flatnonzero(of)
            ax.hlines(places, today, at[of], color=mark.color, lw=2.2, zorder=2)
            ax.scatter(at[of], places, s=size[of], color=mark.color, edgecolor=PAPER, lw=0.8,
                       zorder=3)  # fmt: skip
        for place, (date, devices) in enumerate(zip(at, count, strict=True)):
            if np.isnan(date):
                beside(ax, today, place, f"{devices:,.0f}, no date known")
            else:
                beside(ax, date, place, f"{devices:,.0f}", left=date < today, away=8)
        ax.set_ylim(max(len(data), 3) + 0.1, -0.6)
        _today(ax, at, today)
        legend(ax, [kind for kind in _ENDS if kind in kinds], _ENDS)
        note(ax, footnote, _NOTE)
        return ax


def _when(ahead: float) -> str:
    if np.isnan(ahead):
        return ""
    past, soon, later = _ENDS
    return past if ahead <= 0 else soon if ahead <= SOON else later


def _today(ax: Axes, at: np.ndarray, today: float) -> None:
    """The axis of dates around all of them, with a line for today."""
    begin, end = float(np.nanmin([*at, today])), float(np.nanmax([*at, today]))
    wide = max(end - begin, 60.0)
    ax.set_xlim(begin - 0.1 * wide, end + 0.12 * wide)
    dates(ax.xaxis)
    ax.axvline(today, color=INK, lw=1.0, zorder=1)
    ax.annotate("today", (today, 0), xycoords=("data", "axes fraction"), xytext=(3, 3),
                textcoords="offset points", fontsize=8)  # fmt: skip


def steps(
    data: pd.DataFrame,
    *,
    ylabel: str,
    marks: Mapping[str, Mark],
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """How many there will be from each date of the index on: a stair per column, one on the other.

    *data* holds counts by UTC times in rising order; the first column is at the bottom. A count
    holds until the next date. The last counts stand at the right end, with their sum.
    """
    with styled():
        counts = data.to_numpy(dtype=float, na_value=0)
        if not counts.sum():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=3.0 + note_height(footnote))
        at = days(data.index)
        # The last step needs some width to be seen.
        x = np.append(at, at[-1] + (0.04 * float(at[-1] - at[0]) or 30.0))
        top = np.zeros(len(at) + 1)
        ends: list[tuple[float, str, str]] = []
        for place, column in enumerate(data.columns):
            base, mark = top, marks[column]
            top = base + np.append(counts[:, place], counts[-1, place])
            ax.fill_between(x, base, top, step="post", color=mark.color, lw=0, zorder=2)
            if mark.hatch:
                ax.fill_between(x, base, top, step="post", facecolor="none", hatch=mark.hatch,
                                edgecolor=HATCH_INK, lw=0, zorder=2)  # fmt: skip
            ax.step(x, top, where="post", color=PAPER, lw=0.8, zorder=3)
            label = f"{short(words(str(column)), 20)} {counts[-1, place]:,.0f}"
            ends.append(((base[-1] + top[-1]) / 2, label, mark.color))
        ax.set_xlim(at[0], x[-1])
        ax.set_ylim(0, top.max() * 1.08)
        dates(ax.xaxis)
        _quiet(ax, ylabel)
        if len(data.columns) > 1:
            ends.append((float(top[-1]), f"Together {top[-1]:,.0f}", INK))
        end_labels(ax, float(x[-1]), ends)
        note(ax, footnote)
        return ax


def _quiet(ax: Axes, ylabel: str) -> None:
    whole_numbers(ax.yaxis, 5)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="y")
    ax.set_ylabel(ylabel)
