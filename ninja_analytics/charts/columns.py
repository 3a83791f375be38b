"""Columns: counts over ordered groups, such as ages and quarters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import WIDTH, axes, nothing_to_show, styled
from ninja_analytics.charts.labels import (
    legend,
    name_columns,
    names_height,
    note,
    note_height,
    numbers,
    whole_numbers,
)
from ninja_analytics.charts.marks import HATCH_INK, PAPER, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def columns(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark],
    xlabel: str,
    ylabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One upright bar per row of counts in *data*, in its order, in parts as its columns.

    The first column is at the bottom; the total stands above each bar where it has room. The index holds the names
    of the groups, such as "over 90 days", "2027 Q1" or "unknown".
    """
    with styled():
        if not data.to_numpy(dtype=float, na_value=0).sum():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=2.9 + names_height(list(data.index)) + note_height(footnote))
        places = np.arange(len(data), dtype=float)
        bottom = np.zeros(len(data))
        for column in data.columns:
            height = np.nan_to_num(numbers(data[column]))
            _parts(ax, places, height, bottom, marks[column])
            bottom += height
        _totals(ax, places, bottom)
        # Room for four, so that a single column stays a column.
        ax.set_xlim(-0.6, max(len(data), 4) - 0.4)
        ax.set_ylim(0, bottom.max() * 1.1)
        name_columns(ax, list(data.index))
        whole_numbers(ax.yaxis, 5)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="both", length=0)
        ax.grid(axis="y")
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        if len(data.columns) > 1:
            legend(ax, [str(column) for column in data.columns], marks)
        note(ax, footnote)
        return ax


def _totals(ax: Axes, places: np.ndarray, totals: np.ndarray) -> None:
    """The totals above the bars, as small as the widest needs, or none if that is too small."""
    texts = [f"{total:,.0f}" for total in totals]
    size = min(8.0, 0.9 * WIDTH * 72 / (0.66 * max(map(len, texts)) * max(len(texts), 4)))
    for place, total, text in zip(places, totals, texts, strict=True) if size >= 5 else ():
        ax.annotate(text, (place, total), xytext=(0, 2), textcoords="offset points", ha="center",
                    fontsize=size)  # fmt: skip


def _parts(
    ax: Axes, places: np.ndarray, height: np.ndarray, bottom: np.ndarray, mark: Mark
) -> None:
    """The parts of one series; a part of zero is not drawn."""
    there = height > 0
    ax.bar(places[there], height[there], bottom=bottom[there], width=0.76, color=mark.color,
           edgecolor=PAPER, lw=0.8, zorder=2)  # fmt: skip
    if mark.hatch:
        ax.bar(places[there], height[there], bottom=bottom[there], width=0.76, fill=False,
               hatch=mark.hatch, edgecolor=HATCH_INK, lw=0, zorder=2)  # fmt: skip
