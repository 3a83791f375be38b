"""Heat: tables of numbers and of words as shaded cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import WIDTH, axes, nothing_to_show, styled, words
from ninja_analytics.charts.labels import (
    known_marks,
    legend_of,
    name_columns,
    name_rows,
    names_height,
    note,
    note_height,
    patch,
)
from ninja_analytics.charts.marks import HATCH_INK, INK, OUTCOME, PAPER, UNKNOWN, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERED = 200
"""The most cells that have their number written in them."""
SCALE = ("#e4edf6", "#a9c8e6", "#6ba0d3", "#2c62a8")
"""From few to many: one hue, ever darker, so that it survives gray print and every eye."""
PALE = 0.07
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
    return _heat(data, UNKNOWN, xlabel, unit, footnote, nothing, ax)


def _heat(
    data: pd.DataFrame, unknown: Mark, xlabel: str, unit: str, footnote: str, nothing: str,
    ax: Axes | None,
) -> Axes:  # fmt: skip
    """The heat map, with the look of what is unknown."""
    with styled():
        if data.empty or data.isna().to_numpy().all():
            return nothing_to_show(ax, nothing)
        ax = _table_axes(ax, data, footnote)
        values = data.to_numpy(dtype=float, na_value=np.nan)
        low = min(0.0, float(np.nanmin(values)))
        high = 1.0 if unit == "%" else float(np.nanmax(values))
        high = high if high > low else low + 1
        shades = {
            at: _shade(values[at], low, high)
            for at in zip(*np.nonzero(~np.isnan(values)), strict=True)
        }
        for color in sorted(set(shades.values())):
            _cells(ax, [at for at, shade in shades.items() if shade == color], Mark(color))
        missing = list(zip(*np.nonzero(np.isnan(values)), strict=True))
        _cells(ax, missing, unknown)
        if values.size <= NUMBERED:
            _write(ax, values, shades, unit)
        _finish(ax, data, xlabel, footnote)
        _scale_legend(
            ax, _steps(values, low, high, unit), (low, high), unit, unknown if missing else None
        )
        return ax


def matrix(
    data: pd.DataFrame,
    *,
    marks: Mapping[str, Mark] = OUTCOME,
    xlabel: str = "",
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """Shares from 0 to 1 as cells with their floored percent: a heat map with the unit "%".

    It is for controls by organization: the darker, the more is covered. A share has a shade and no
    state; of *marks* only unknown is used, for the cells without one.
    """
    return _heat(data, marks["unknown"], xlabel, "%", footnote, nothing, ax)


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

    Columns that are times are labeled with their day. A missing word is a pale cell. Raises an
    UnknownNameError for a word without a mark.
    """
    from matplotlib.patches import Patch

    with styled():
        states = data.astype("object").to_numpy()
        there = ~pd.isna(states)
        if data.empty or not there.any():
            return nothing_to_show(ax, nothing)
        present = {str(state) for state in states[there]}
        known_marks(sorted(present), marks)
        ax = _table_axes(ax, data, footnote)
        shown = [name for name in marks if name in present]
        for name in shown:
            _cells(ax, zip(*np.nonzero(states == name), strict=True), marks[name])
        _cells(ax, zip(*np.nonzero(~there), strict=True), None)
        looks = [patch(marks[name], words(name)) for name in shown]
        if not there.all():
            looks.append(Patch(fc=INK, alpha=PALE, ec="none", label="No data"))
        _finish(ax, data, xlabel, footnote)
        legend_of(ax, looks)
        return ax


def _table_axes(ax: Axes | None, data: pd.DataFrame, footnote: str) -> Axes:
    below = note_height(footnote, _NOTE)
    if not _dated(data):
        below += names_height(list(data.columns), beside=list(data.index))
    return axes(ax, rows=max(len(data), 2) + 1 + below / 0.27)


def _dated(data: pd.DataFrame) -> bool:
    return pd.api.types.is_datetime64_any_dtype(data.columns.dtype)


def _cells(ax: Axes, places: Iterable[tuple[int, int]], mark: Mark | None) -> None:
    """The cells at the given rows and columns, all alike; without a mark they are pale."""
    from matplotlib.collections import PolyCollection

    corners = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)])
    squares = [corners + np.array([column, row]) for row, column in places]
    if not squares:
        return
    if mark is None:
        pale = PolyCollection(squares, facecolor=INK, alpha=PALE, edgecolor="none")
        ax.add_collection(pale, autolim=False)
        return
    ax.add_collection(
        PolyCollection(squares, facecolor=mark.color, edgecolor=PAPER, lw=0.8), autolim=False
    )
    if mark.hatch:
        hatched = PolyCollection(squares, facecolor="none", edgecolor=HATCH_INK, lw=0)
        hatched.set_hatch(mark.hatch)
        ax.add_collection(hatched, autolim=False)
        # Over the hatch, which would run into the next cell.
        gaps = PolyCollection(squares, facecolor="none", edgecolor=PAPER, lw=0.8)
        ax.add_collection(gaps, autolim=False)


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
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.2g}"


def _finish(ax: Axes, data: pd.DataFrame, xlabel: str, footnote: str) -> None:
    name_rows(ax, list(data.index), xlabel)
    ax.grid(visible=False)
    ax.set_ylim(len(data) - 0.5, -0.5)
    ax.set_xlim(-0.5, data.shape[1] - 0.5)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if _dated(data):
        _day_columns(ax, pd.DatetimeIndex(data.columns))
    else:
        name_columns(ax, list(data.columns), beside=list(data.index))
    note(ax, footnote, _NOTE)


def _day_columns(ax: Axes, days: pd.DatetimeIndex) -> None:
    """The days under their columns, as many as there is room for."""
    every = -(-len(days) // 9)
    at = list(range(0, len(days), every))
    ax.set_xticks(at, [f"{days[place]:%b} {days[place].day}" for place in at])


def _steps(values: np.ndarray, low: float, high: float, unit: str) -> np.ndarray:
    """Up to five numbers of the scale, whole ones where all are whole."""
    known = values[~np.isnan(values)]
    if unit == "%" or (known != np.round(known)).any():
        return np.linspace(low, high, 5)
    return np.unique(np.round(np.linspace(low, high, 5)))


def _scale_legend(
    ax: Axes, steps: np.ndarray, ends: tuple[float, float], unit: str, unknown: Mark | None
) -> None:
    """A few shades with their numbers, the last with the unit, and the look of what is missing."""
    from matplotlib.artist import Artist

    looks: list[Artist] = []
    for step in steps:
        text = _number(float(step), unit)
        text += f" {unit}" if unit and step == steps[-1] else ""
        looks.append(patch(Mark(_shade(float(step), *ends)), text))
    if unknown:
        looks.append(patch(unknown, "Unknown"))
    legend_of(ax, looks)
