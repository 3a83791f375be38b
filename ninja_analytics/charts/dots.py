"""Dots: shares with what chance allows them, shares against the size of the group, and pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ninja_analytics.charts.figure import axes, nothing_to_show, short, styled, words
from ninja_analytics.charts.labels import (
    beside,
    head,
    legend_of,
    margin,
    name_rows,
    note,
    note_height,
    numbers,
    percent,
    unknown,
    whole_numbers,
)
from ninja_analytics.charts.marks import HEALTH, INK, PAPER, PLAIN
from ninja_analytics.charts.places import NAMED, end_labels, name_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NOTE = 64


def dots(
    data: pd.DataFrame,
    *,
    xlabel: str,
    reference: float | None = None,
    reference_label: str = "All",
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One dot per row of *data* (the first on top) at its share, with whiskers from low to high.

    *data* has the columns value, low and high (shares from 0 to 1) and n, which sizes the dot and
    stands beside it; its index holds the names. A row without a value says unknown. A line marks
    *reference*, the share of the whole. Every row is drawn: cut long tables before.
    """
    with styled():
        if data.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data) + note_height(footnote, _NOTE) / 0.27)
        value, low, high, n = (numbers(data[name]) for name in ("value", "low", "high", "n"))
        places = np.arange(len(data), dtype=float)
        name_rows(ax, list(data.index), xlabel)
        _share_limits(ax, [*value, *low, *high, np.nan if reference is None else reference])
        ax.hlines(places, low, high, color=INK, lw=1.1, alpha=0.55, zorder=2)
        largest = float(np.nanmax(n, initial=1.0))
        size = 22 + 90 * np.nan_to_num(n) / largest
        ax.scatter(value, places, s=size, color=PLAIN.color, edgecolor=PAPER, lw=0.8, zorder=3,
                   clip_on=False)  # fmt: skip
        for place, share, count in zip(places, value, n, strict=True):
            if np.isnan(share):
                unknown(ax, place)
            told = "" if np.isnan(share) else f"{percent(share)}  "
            margin(ax, place, f"{told}n = {np.nan_to_num(count):,.0f}")
        if reference is not None:
            ax.axvline(reference, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=1)
            head(ax, reference, f"{reference_label} {percent(reference)}")
        note(ax, footnote, _NOTE)
        return ax


def _share_limits(ax: Axes, shares: list[Any]) -> None:
    """The tenths around all *shares*, at least a fifth of the whole."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    known = [share for share in shares if not np.isnan(share)] or [0.0, 1.0]
    begin = np.floor(min(known) * 10 + 1e-9) / 10
    end = np.ceil(max(known) * 10 - 1e-9) / 10
    if end - begin < 0.2:
        begin, end = (begin, begin + 0.2) if begin <= 0.8 else (0.8, 1.0)
    pad = 0.015 * (end - begin)
    ax.set_xlim(begin - pad, end + pad)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:.3g} %"))


def funnel(
    data: pd.DataFrame,
    limits: pd.DataFrame,
    *,
    xlabel: str,
    ylabel: str,
    reference: float,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """One dot per row of *data* at its size n and its share, between the limits of ordinary chance.

    *data* has the columns n and value (0 to 1), its index holds the names. *limits* has a row per
    n, with low_95, high_95, low_998 and high_998 around *reference*, the share of the whole. Dots
    beyond the 99.8 % limits stand out; the eight farthest below, then above, have their names.
    """
    with styled():
        data = data[data["value"].notna() & (data["n"] > 0)]
        if data.empty or limits.empty:
            return nothing_to_show(ax, nothing)
        ax = axes(ax, height=3.6 + note_height(footnote))
        n, value = numbers(data["n"]), numbers(data["value"])
        limits = limits.sort_index()
        end = _funnel_axes(ax, n, value, reference)
        _chance(ax, limits, reference, end)
        low, high = (_at(limits, name, n) for name in ("low_998", "high_998"))
        out = (value < low - 1e-12) | (value > high + 1e-12)
        ax.scatter(n[~out], value[~out], s=20, color=PLAIN.color, edgecolor=PAPER, lw=0.6, zorder=3)
        ax.scatter(n[out], value[out], s=34, marker="D", color=HEALTH["unhealthy"].color,
                   edgecolor=PAPER, lw=0.6, zorder=4)  # fmt: skip
        ax.set_xlabel(xlabel)
        ax.set_ylabel(ylabel)
        note(ax, footnote)
        beyond = np.where(value < low, 1 + low - value, value - high)
        worst = [at for at in np.argsort(-beyond, kind="stable") if out[at]][:NAMED]
        name_points(
            ax, [(n[at], value[at], short(data.index[at], 24)) for at in worst],
            others=list(zip(n, value, strict=True)),
        )  # fmt: skip
        return ax


def _at(limits: pd.DataFrame, name: str, n: np.ndarray) -> np.ndarray:
    """The limit at each n; between two given ones, between their values."""
    at = np.log(limits.index.to_numpy(dtype=float))
    return np.asarray(np.interp(np.log(n), at, numbers(limits[name])))


def _funnel_axes(ax: Axes, n: np.ndarray, value: np.ndarray, reference: float) -> float:
    """The axes around all dots; the answer is the n at which they end."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    begin, end = max(0.8 * float(n.min()), 0.8), 1.25 * float(n.max())
    end = max(end, 4 * begin)
    ax.set_xscale("log")
    ax.set_xlim(begin, end)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda count, _: f"{count:,.0f}"))
    ax.set_xticks([], minor=True)
    # Limits of the smallest groups reach to zero; the axis goes as far as there are dots.
    lowest = min(float(value.min()), reference - 0.1)
    bottom = max(np.floor(lowest * 10 - 0.3) / 10, -0.03)
    ax.set_ylim(bottom, 1.03)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share * 100:.3g} %"))
    ax.set_yticks([tick for tick in np.linspace(0, 1, 11) if bottom <= tick <= 1])
    return end


def _chance(ax: Axes, limits: pd.DataFrame, reference: float, end: float) -> None:
    """The funnel: where ordinary chance lets a share be, named at its right end."""
    begin = ax.get_xlim()[0]
    index = limits.index.to_numpy(dtype=float)
    at = np.unique([begin, *index[(index > begin) & (index < end)], end])
    for name, alpha, dashes in (("998", 0.06, (0, (1, 1.5))), ("95", 0.07, (0, (4, 2)))):
        low, high = _at(limits, f"low_{name}", at), _at(limits, f"high_{name}", at)
        ax.fill_between(at, low, high, color=INK, alpha=alpha, lw=0, zorder=0)
        for line in (low, high):
            ax.plot(at, line, color=INK, lw=0.8, ls=dashes, alpha=0.8, zorder=1)
    ax.axhline(reference, color=INK, lw=1.0, zorder=1)
    last = np.array([end])
    end_labels(ax, end, [
        (reference, f"All {percent(reference)}", INK),
        (float(_at(limits, "low_95", last)[0]), "95 % of chance", INK),
        (float(_at(limits, "low_998", last)[0]), "99.8 % of chance", INK),
    ])  # fmt: skip


def dumbbell(
    data: pd.DataFrame,
    *,
    begin: str,
    end: str,
    xlabel: str,
    footnote: str = "",
    nothing: str = "Nothing to show",
    ax: Axes | None = None,
) -> Axes:
    """Two points per row of *data* (the first on top), from the count in *begin* to that in *end*.

    The columns' names are the words of the legend. Of a value that is missing there is no point; a
    row without both says unknown.
    """
    with styled():
        if data.empty or data[[begin, end]].isna().to_numpy().all():
            return nothing_to_show(ax, nothing)
        ax = axes(ax, rows=len(data) + note_height(footnote, _NOTE) / 0.27)
        first, last = numbers(data[begin]), numbers(data[end])
        places = np.arange(len(data), dtype=float)
        name_rows(ax, list(data.index), xlabel)
        # The axis is left of zero, where dots have room, and would be read as zero.
        ax.spines["left"].set_visible(False)
        ax.hlines(places, first, last, color=INK, lw=1.6, alpha=0.4, zorder=2)
        ax.scatter(first, places, s=42, facecolor=PAPER, edgecolor=INK, lw=1.3, zorder=3)
        ax.scatter(last, places, s=52, color=PLAIN.color, edgecolor=PAPER, lw=0.8, zorder=4)
        for place, pair in zip(places, zip(first, last, strict=True), strict=True):
            if np.isnan(pair).all():
                unknown(ax, place)
            known = sorted({value for value in pair if not np.isnan(value)})
            for value in known:
                left = value == known[0] and len(known) == 2
                beside(ax, value, place, f"{value:,.0f}", left=left, away=7)
        top = float(np.nanmax([*first, *last, 1.0]))
        ax.set_xlim(-0.09 * top, top * 1.12)
        whole_numbers(ax.xaxis)
        ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= top * 1.12])
        _pair_legend(ax, begin, end)
        note(ax, footnote, _NOTE)
        return ax


def _pair_legend(ax: Axes, begin: str, end: str) -> None:
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"marker": "o", "ls": "none", "markersize": 6.5}
    legend_of(ax, [
        Line2D([], [], **look, mfc=PAPER, mec=INK, mew=1.3, label=words(begin)),
        Line2D([], [], **look, mfc=PLAIN.color, mec=PAPER, label=words(end)),
    ])  # fmt: skip
