"""Heat: tables of numbers and of words as shaded cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import WIDTH, axes, nothing_to_show, styled
from ninja_analytics.charts.labels import (
    legend,
    legend_of,
    name_columns,
    name_rows,
    note,
    note_height,
)
from ninja_analytics.charts.marks import HATCH_INK, INK, PAPER, UNKNOWN, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERED = 200
"""The most cells that have their number written in them."""
SCALE = ("#e4edf6", "#a9c8e6", "#6ba0d3", "#2c62a8")
"""From few to many: one hue, ever darker, so that it survives gray print and every eye."""
_NOTE = 64


def heat_map(
    data: pd.DataFrame,
    *,
    xlabel: str = "",
    unit: str = "",
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One cell per number of *data*, the darker the larger, rows from the top down.

    Up to 200 cells have their number in them; a missing number is a hatched cell. With the unit
    "%" the numbers are shares from 0 to 1, shaded on the whole scale and written as floored
    percent; with any other unit the scale begins at zero and the unit stands in the legend.
    """
    with styled():
        if data.empty or data.isna().to_numpy().all():
            return nothing_to_show(ax, nothing)
        ax = _table_axes(ax, data, footnote)
        values = data.to_numpy(dtype=float, na_value=np.nan)
        low = min(0.0, float(np.nanmin(values)))
        high = 1.0 if unit == "%" else max(float(np.nanmax(values)), low + 1e-9)
        shades = {
            at: _shade(values[at], low, high)
            for at in zip(*np.nonzero(~np.isnan(values)), strict=True)
        }
        for color in sorted(set(shades.values())):
            _cells(ax, [at for at, shade in shades.items() if shade == color], Mark(color))
        missing = list(zip(*np.nonzero(np.isnan(values)), strict=True))
        _cells(ax, missing, UNKNOWN)
        if values.size <= NUMBERED:
            _write(ax, values, shades, unit)
        _finish(ax, data, xlabel, footnote)
        _scale_legend(ax, low, high, unit, bool(missing))
        return ax


def matrix(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark] | None = None,
    xlabel: str = "",
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """Shares from 0 to 1 as cells with their floored percent: a heat map with the unit "%".

    It is for controls by organization, and the darker the more is covered. Shares have one scale
    and no states, so *marks* is taken for the likeness to the other kinds and not used.
    """
    del marks
    return heat_map(data, xlabel=xlabel, unit="%", footnote=footnote, nothing=nothing, ax=ax)


def strip(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark],
    xlabel: str = "",
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One cell per word of *data* in the color of its mark, rows from the top down.

    Columns that are times are labeled with their day. A missing word is a pale cell.
    """
    with styled():
        states = data.astype("object").to_numpy()
        there = ~pd.isna(states)
        if data.empty or not there.any():
            return nothing_to_show(ax, nothing)
        ax = _table_axes(ax, data, footnote)
        present = {str(state) for state in states[there]}
        shown = [name for name in marks if name in present]
        for name in shown:
            _cells(ax, zip(*np.nonzero(states == name), strict=True), marks[name])
        _cells(ax, zip(*np.nonzero(~there), strict=True), None)
        _finish(ax, data, xlabel, footnote)
        legend(ax, shown, marks)
        return ax


def _table_axes(ax: Axes | None, data: pd.DataFrame, footnote: str) -> Axes:
    return axes(ax, rows=len(data) + 1 + note_height(footnote, _NOTE) / 0.27)


def _cells(ax: Axes, places: Iterable[tuple[int, int]], mark: Mark | None) -> None:
    """The cells at the given rows and columns, all alike; without a mark they are pale."""
    from matplotlib.collections import PolyCollection

    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    squares = [corners + np.array([column, row]) for row, column in places]
    if not squares:
        return
    if mark is None:
        pale = PolyCollection(squares, facecolor=INK, alpha=0.05, edgecolor="none")
        ax.add_collection(pale, autolim=False)
        return
    ax.add_collection(
        PolyCollection(squares, facecolor=mark.color, edgecolor=PAPER, lw=0.8), autolim=False
    )
    if mark.hatch:
        hatched = PolyCollection(squares, facecolor="none", edgecolor=HATCH_INK, lw=0)
        hatched.set_hatch(mark.hatch)
        ax.add_collection(hatched, autolim=False)


def _shade(value: float, low: float, high: float) -> str:
    """The color of a number between the ends of the scale."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    scale = LinearSegmentedColormap.from_list("ninja", list(SCALE))
    # Thirty-two shades are more than an eye tells apart, and make few collections.
    place = round((min(max(value, low), high) - low) / (high - low) * 31) / 31
    return to_hex(scale(place))


def _write(ax: Axes, values: np.ndarray, shades: Mapping[tuple[int, int], str], unit: str) -> None:
    """The numbers in their cells, as small as the widest needs, or none if that is too small."""
    texts = {at: _number(float(values[at]), unit) for at in shades}
    longest = max(map(len, texts.values()))
    room = 0.68 * WIDTH * 72 / values.shape[1]
    size = min(8.0, 0.9 * room / (0.64 * longest))
    if size < 5:
        return
    for (row, column), text in texts.items():
        ax.text(column, row, text, ha="center", va="center", fontsize=size,
                color=Mark(shades[row, column]).ink)  # fmt: skip


def _number(value: float, unit: str) -> str:
    if unit == "%":
        return f"{int(value * 100 + 1e-9)}"
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.1f}"


def _finish(ax: Axes, data: pd.DataFrame, xlabel: str, footnote: str) -> None:
    name_rows(ax, list(data.index), xlabel)
    ax.grid(visible=False)
    ax.set_ylim(len(data) - 0.5, -0.5)
    ax.set_xlim(-0.5, data.shape[1] - 0.5)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if pd.api.types.is_datetime64_any_dtype(data.columns.dtype):
        _day_columns(ax, pd.DatetimeIndex(data.columns))
    else:
        name_columns(ax, list(data.columns), room=52)
    note(ax, footnote, _NOTE)


def _day_columns(ax: Axes, days: pd.DatetimeIndex) -> None:
    """The days under their columns, as many as there is room for."""
    every = -(-len(days) // 9)
    at = list(range(0, len(days), every))
    ax.set_xticks(at, [f"{days[place]:%b} {days[place].day}" for place in at])


def _scale_legend(ax: Axes, low: float, high: float, unit: str, missing: bool) -> None:
    """A few shades with their numbers, and the look of what is missing."""
    from matplotlib.patches import Patch

    looks: list[Patch] = []
    steps = np.linspace(low, high, 5)
    if unit != "%" and high - low >= 4:
        steps = np.unique(np.round(steps))
    for step in steps:
        text = f"{_number(float(step), unit)}" + (f" {unit}" if unit else "")
        looks.append(Patch(fc=_shade(float(step), low, high), ec="none", label=text))
    if missing:
        looks.append(
            Patch(fc=UNKNOWN.color, hatch=UNKNOWN.hatch, ec=HATCH_INK, lw=0, label="Unknown")
        )
    legend_of(ax, looks)
