"""Curves: how many are beyond which value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, styled, words
from ninja_analytics.charts.marks import INK, PAPER, Mark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST = 5
"""Rows that a group needs for a curve of its own."""


def silence(
    data: pd.DataFrame,
    *,
    value: str,
    by: str,
    marks: Mapping[str, Mark],
    references: Sequence[float] = (7, 14, 30, 60, 90),
    xlabel: str,
    ylabel: str,
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
        ax = axes(ax, height=3.5)
        every = np.sort(data[value].to_numpy(dtype=float))
        end = max(1.3 * max(references), min(1.15 * every[-1], 1500.0))
        groups = [name for name in marks if (data[by] == name).sum() >= FEWEST]
        top = 0.02
        for name in groups if len(groups) > 1 else []:
            values = np.sort(data.loc[data[by] == name, value].to_numpy(dtype=float))
            label = f"{words(name)} (n = {len(values):,})"
            top = max(top, _above(values, 1.0))
            _falling(ax, values, end, color=marks[name].color, ls=marks[name].dashes, label=label)
        top = min(max(top, _above(every, 1.0)) * 1.12, 1.0)
        _falling(ax, every, end, color=INK, lw=2.4, label=f"All (n = {len(every):,})")
        for day in references:
            ax.axvline(day, color=INK, lw=0.6, ls=(0, (2, 2)), alpha=0.55, zorder=0)
            text = _percent(_above(every, day))
            ax.annotate(text, (day, 1), xycoords=("data", "axes fraction"), xytext=(0, 3),
                        textcoords="offset points", ha="center", fontsize=8)  # fmt: skip
        ax.annotate(
            "All", (0, 1), xycoords="axes fraction", xytext=(0, 3), textcoords="offset points",
            fontsize=8,
        )  # fmt: skip
        ax.set_xscale("log")
        ax.set_xlim(1, end)
        ax.set_ylim(0, top)
        ticks = [day for day in (1, 3, *references, 180, 365, 730) if day <= end]
        ax.set_xticks(ticks, [f"{day:g}" for day in ticks])
        ax.set_xticks([], minor=True)
        ax.yaxis.set_major_formatter(lambda share, _: _percent(share))
        ax.grid(axis="y")
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        ax.legend(loc="upper right", frameon=True, facecolor=PAPER, edgecolor="none",
                  framealpha=0.85, handlelength=2.4)  # fmt: skip
        return ax


def _falling(ax: Axes, values: np.ndarray, end: float, **look: object) -> None:
    """A step line of the share above x, drawn where it changes."""
    at, last = np.unique(np.clip(values, 1.0, None), return_index=False, return_counts=True)
    share = 1 - np.cumsum(last) / len(values)
    x = np.concatenate([[1.0], at[at > 1], [end]])
    y = np.concatenate([[_above(values, 1.0)], share[at > 1], [_above(values, end)]])
    ax.step(x, y, where="post", **look)  # type: ignore[arg-type]


def _above(values: np.ndarray, x: float) -> float:
    return float((values > x).mean())


def _percent(share: float) -> str:
    if 0 < share < 0.01:
        return "<1 %"
    return f"{int(share * 100 + 1e-9)} %"
