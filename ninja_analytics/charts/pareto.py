"""Pareto: which few causes make most of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, styled
from ninja_analytics.charts.labels import (
    beside,
    margin,
    name_rows,
    note,
    note_height,
    numbers,
    percent,
    unknown,
    whole_numbers,
)
from ninja_analytics.charts.marks import PLAIN

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTE = 64


def pareto(
    data: pd.Series,
    *,
    xlabel: str,
    total: float | None = None,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One bar per count of *data*, the largest on top, with the share of all up to and with it.

    The shares are of *total*, or of the sum of *data*: give the total where the tail was cut off.
    They stand in a column of their own, since a second axis would be read as the first. A missing
    count is unknown, at the end, and part of no sum.
    """
    with styled():
        if not data.sum():
            return nothing_to_show(ax, nothing)
        data = data.sort_values(ascending=False, kind="stable")
        counts = np.nan_to_num(numbers(data))
        whole = float(total if total is not None else counts.sum())
        ax = axes(ax, rows=len(data) + note_height(footnote, _NOTE) / 0.27 + 0.4)
        places = np.arange(len(data), dtype=float)
        ax.barh(places, counts, height=0.72, color=PLAIN.color, lw=0, zorder=2)
        name_rows(ax, list(data.index), xlabel)
        so_far = np.cumsum(counts) / whole
        for place, count, missing in zip(places, counts, data.isna(), strict=True):
            if missing:
                unknown(ax, place)
                continue
            beside(ax, count, place, f"{count:,.0f}")
            margin(ax, place, percent(so_far[int(place)]))
        ax.annotate("share so far", (1, 1), xycoords="axes fraction", xytext=(6, 3),
                    textcoords="offset points", fontsize=8)  # fmt: skip
        ax.set_xlim(0, float(counts.max()) * 1.17)
        whole_numbers(ax.xaxis)
        note(ax, footnote, _NOTE)
        return ax
