"""Bars: counts in parts, shares in parts, and plain ones, with their numbers beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, styled
from ninja_analytics.charts.labels import beside, legend, whole_numbers
from ninja_analytics.charts.marks import HATCH_INK, PAPER, PLAIN, UNKNOWN, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def stacked_bars(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark],
    xlabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One bar per row of *data* (the first on top), in parts as its columns, the total beside it."""
    with styled():
        if not data.to_numpy().sum():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data) + bool(footnote))
        places = np.arange(len(data), dtype=float)
        left = np.zeros(len(data))
        for column in data.columns:
            width = data[column].to_numpy(dtype=float)
            _parts(ax, places, width, left, marks[column], column)
            left += width
        for place, total in zip(places, left, strict=True):
            beside(ax, total, place, f"{total:,.0f}")
        ax.set_xlim(0, left.max() * 1.12)
        whole_numbers(ax.xaxis)
        _bar_axes(ax, list(data.index), xlabel)
        if footnote:
            _footnote(ax, footnote, len(data))
        if len(data.columns) > 1:
            legend(ax, list(data.columns), marks)
        return ax


def share_bars(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark],
    xlabel: str,
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One bar from 0 to 100 % per row of counts in *data*, the first on top, with n beside it."""
    with styled():
        total = data.sum(axis=1).to_numpy(dtype=float)
        if not total.sum():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data))
        places = np.arange(len(data), dtype=float)
        left = np.zeros(len(data))
        for column in data.columns:
            width = np.divide(data[column].to_numpy(dtype=float), total, where=total > 0,
                              out=np.zeros(len(data)))  # fmt: skip
            _parts(ax, places, width, left, marks[column], column)
            for place, start, part in zip(places, left, width, strict=True):
                if part >= 0.07:
                    ax.text(start + part / 2, place, f"{int(part * 100 + 1e-9)}", ha="center",
                            va="center", color=marks[column].ink, fontsize=7.5,
                            bbox=_label_box(marks[column]))  # fmt: skip
            left += width
        for place, count in zip(places, total, strict=True):
            beside(ax, 1, place, f"n = {count:,.0f}")
        ax.set_xlim(0, 1.16)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100 %"])
        _bar_axes(ax, list(data.index), xlabel)
        legend(ax, list(data.columns), marks)
        return ax


def bars(
    data: pd.Series,
    *,
    xlabel: str,
    mark: Mark = PLAIN,
    unknown: Sequence[str] = (),
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One bar per value of *data*, the first on top, its number beside it; *unknown* ones hatched."""
    with styled():
        if not data.sum():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data) + bool(footnote))
        for place, (name, value) in enumerate(data.items()):
            look = UNKNOWN if name in unknown else mark
            _parts(ax, np.array([place]), np.array([float(value)]), np.zeros(1), look, "")
            beside(ax, float(value), place, f"{value:,.0f}")
        ax.set_xlim(0, float(data.max()) * 1.12)
        whole_numbers(ax.xaxis)
        _bar_axes(ax, [str(name) for name in data.index], xlabel)
        if footnote:
            _footnote(ax, footnote, len(data))
        return ax


def _parts(
    ax: Axes, places: np.ndarray, width: np.ndarray, left: np.ndarray, mark: Mark, name: str
) -> None:
    """The parts of one series; a part of zero is not drawn."""
    there = width > 0
    ax.barh(places[there], width[there], left=left[there], height=0.72, color=mark.color,
            edgecolor=PAPER, lw=0.8, label=f"_{name}", zorder=2)  # fmt: skip
    if mark.hatch:
        ax.barh(places[there], width[there], left=left[there], height=0.72, fill=False,
                hatch=mark.hatch, edgecolor=HATCH_INK, lw=0, zorder=2)  # fmt: skip


def _bar_axes(ax: Axes, names: list[str], xlabel: str) -> None:
    ax.set_yticks(range(len(names)), names, parse_math=False)
    # Room for three, so that a single bar stays a bar.
    ax.set_ylim(max(len(names), 3) - 0.4, -0.6)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="x", length=0)
    ax.grid(axis="x")
    ax.set_xlabel(xlabel)


def _label_box(mark: Mark) -> dict[str, object] | None:
    """A calm ground for a number on a hatched part."""
    if not mark.hatch:
        return None
    return {"boxstyle": "round,pad=0.15", "fc": mark.color, "ec": "none"}


def _footnote(ax: Axes, text: str, row: int) -> None:
    """A line in the place of one more bar, for what is told and not drawn."""
    ax.set_ylim(max(row + 0.6, 2.6), -0.6)
    ax.annotate(text, (0, row), xytext=(4, 0), textcoords="offset points", va="center",
                fontsize=8, style="italic")  # fmt: skip
