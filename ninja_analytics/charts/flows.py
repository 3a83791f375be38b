"""Flows: from what it was to what it is, and by how much each differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, styled
from ninja_analytics.charts.labels import (
    beside,
    legend,
    name_columns,
    name_rows,
    names_height,
    note,
    note_height,
    numbers,
    signed,
    unknown,
    whole_numbers,
)
from ninja_analytics.charts.marks import INK, MOVEMENT
from ninja_analytics.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTE = 64


def waterfall(
    data: pd.Series,
    *,
    ylabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """From the first value of *data* to its last, by the signed changes in between, in order.

    Raises a UsageError if the changes do not add up, or one is missing. Where they are small beside the whole, the
    axis does not begin at zero and says so; first and last are lines then, since a bar would lie.
    """
    with styled():
        if len(data) < 2 or not np.nan_to_num(numbers(data)).any():
            return nothing_to_show(ax, nothing)
        value = numbers(data)
        _balanced(value)
        ax = axes(ax, height=3.0 + names_height(list(data.index)) + note_height(footnote))
        after = np.append(np.cumsum(value[:-1]), value[-1])
        before = np.append(0.0, after[:-1])
        begin = _begin(after)
        for place in range(len(data)):
            total = place in (0, len(data) - 1)
            _step(
                ax,
                place,
                0.0 if total else before[place],
                after[place],
                total,
                place == len(data) - 1,
                begin,
            )
        ax.set_xlim(-0.6, len(data) - 0.4)
        highest, lowest = after.max(), min(after.min(), begin)
        ax.set_ylim(lowest - (0.08 * (highest - lowest) if begin or lowest < 0 else 0),
                    highest + 0.12 * max(highest - lowest, 1))  # fmt: skip
        name_columns(ax, list(data.index))
        whole_numbers(ax.yaxis, 5)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="both", length=0)
        ax.grid(axis="y")
        ax.set_ylabel(f"{ylabel} (not from 0)" if begin else ylabel)
        moves = [("more", value[1:-1] > 0), ("less", value[1:-1] < 0)]
        legend(ax, [name for name, there in moves if there.any()] + ["total"], MOVEMENT)
        note(ax, footnote)
        return ax


def _balanced(value: np.ndarray) -> None:
    """Nothing, if opening and changes make the closing."""
    if np.isnan(value).any():
        raise UsageError("A step of the waterfall has no number. Leave it out or give it one.")
    made = value[:-1].sum()
    if abs(made - value[-1]) > 1e-6 * max(abs(made), 1.0):
        raise UsageError(
            f"The changes make {made:,.0f} of the opening {value[0]:,.0f}, but the closing is "
            f"{value[-1]:,.0f}. Add what is missing as a change of its own."
        )


def _begin(after: np.ndarray) -> float:
    """Where the axis begins: at zero, or just below all levels if they are far from it."""
    moved = float(after.max() - after.min())
    if after.min() <= 0 or moved > 0.15 * after.max():
        return 0.0
    return float(np.floor(after.min() - 0.25 * max(moved, 1.0)))


def _step(
    ax: Axes, place: int, bottom: float, top: float, total: bool, last: bool, begin: float
) -> None:
    """One bar with its number, and the level it leaves to the next."""
    mark = MOVEMENT["total" if total else "more" if top >= bottom else "less"]
    if total and begin:
        ax.hlines(top, place - 0.38, place + 0.38, color=mark.color, lw=4, zorder=2)
    else:
        ax.bar(place, top - bottom, bottom=bottom, width=0.76, color=mark.color, lw=0,
               zorder=2)  # fmt: skip
    ax.hlines(top, place - 0.38, place + (0.38 if last else 1.38), color=INK, lw=0.7, alpha=0.7,
              zorder=3)  # fmt: skip
    text = f"{top:,.0f}" if total else signed(top - bottom)
    falls = not total and top < bottom
    ax.annotate(text, (place, top), xytext=(0, -3 if falls else 3), textcoords="offset points",
                ha="center", va="top" if falls else "bottom", fontsize=8)  # fmt: skip


def diverging(
    data: pd.Series,
    *,
    xlabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One bar per signed value of *data*, the first on top, left or right of zero.

    A missing value says unknown.
    """
    with styled():
        if data.empty or not np.nan_to_num(numbers(data)).any():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data) + note_height(footnote, _NOTE) / 0.27)
        value = numbers(data)
        places = np.arange(len(data), dtype=float)
        name_rows(ax, list(data.index), xlabel)
        ax.spines["left"].set_visible(False)
        for name, of in (("more", value > 0), ("less", value < 0)):
            ax.barh(places[of], value[of], height=0.72, color=MOVEMENT[name].color,
                    lw=0, zorder=2)  # fmt: skip
        for place, change in zip(places, value, strict=True):
            if np.isnan(change):
                unknown(ax, place)
            else:
                beside(ax, change, place, signed(change), left=change < 0)
        ax.axvline(0, color=INK, lw=0.9, zorder=3)
        low, high = min(float(np.nanmin(value)), 0.0), max(float(np.nanmax(value)), 0.0)
        pad = 0.16 * (high - low)
        ax.set_xlim(low - pad if low else -0.04 * high, high + pad if high else -0.04 * low)
        whole_numbers(ax.xaxis)
        note(ax, footnote, _NOTE)
        return ax
