"""Where names go: beside what they name, clear of each other and of what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from ninja_analytics.charts.marks import INK, PAPER

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 8
"""The most points of a cloud that get their name."""
_AROUND = (
    (1, 0, 0), (-1, 0, 1), (0, 1, 0.5), (0, -1, 0.5), (0, 1, 0.9), (0, -1, 0.9), (0, 1, 0.1),
    (0, -1, 0.1), (0.8, 0.8, 0), (0.8, -0.8, 0), (-0.8, 0.8, 1), (-0.8, -0.8, 1),
)  # fmt: skip
"""Where a name can be: the way from its point, across and up, and how much of it is left of there."""


def end_labels(ax: Axes, x: float, ends: Sequence[tuple[float, str, str]]) -> None:
    """Texts right of *x* for (value, text, color), each as near to its value as the others let it.

    A short line in the color ties each to its value. The limits of the axes have to be set before.
    """
    low, high = ax.get_ylim()
    figure = ax.get_figure(root=True)
    inches = ax.get_position().height * float(figure.get_size_inches()[1] if figure else 3)
    step = (high - low) * 0.17 / max(inches, 0.5)
    order = sorted(ends)
    places = _spread(np.array([value for value, _, _ in order]), step, low, high)
    for (value, text, color), place in zip(order, places, strict=True):
        ax.annotate(
            text, (x, value), xytext=(13, place), textcoords=("offset points", "data"),
            va="center", fontsize=8, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "lw": 1.2, "shrinkA": 0, "shrinkB": 1,
                        "relpos": (0, 0.5)},
        )  # fmt: skip


def _spread(values: np.ndarray, step: float, low: float, high: float) -> np.ndarray:
    """Rising places near the rising *values*, at least *step* apart, within the limits if they fit."""
    groups = [[float(value), 1] for value in values]
    at = 0
    # Values that are too near become one group around their middle.
    while at + 1 < len(groups):
        (one, n), (other, m) = groups[at], groups[at + 1]
        if other - one >= step * (n + m) / 2 - 1e-12:
            at += 1
            continue
        groups[at : at + 2] = [[(one * n + other * m) / (n + m), n + m]]
        at = max(at - 1, 0)
    places = np.concatenate(
        [middle + step * (np.arange(n) - (n - 1) / 2) for middle, n in groups] or [np.array([])]
    )
    for at in range(len(places)):
        places[at] = max(places[at], low + step * at)
    for at in range(len(places) - 1, -1, -1):
        places[at] = min(places[at], high - step * (len(places) - 1 - at))
    return places


def name_points(
    ax: Axes,
    points: Sequence[tuple[float, float, str]],
    *,
    others: Iterable[tuple[float, float]] = (),
) -> None:
    """The names of *points* beside them, clear of each other, of the texts there, and of the edges.

    A name that would cover another one wherever it stood is left out. The limits of the axes have
    to be set before. Names would rather not cover lines, nor the points and *others*.
    """
    figure = ax.get_figure(root=True)
    if figure is None or not points:
        return
    figure.draw_without_rendering()
    scale = figure.dpi / 72
    edge = np.array(ax.get_window_extent().extents)
    taken = [np.array(text.get_window_extent().extents) for text in ax.texts if text.get_text()]
    dots = ax.transData.transform(np.array([*((x, y) for x, y, _ in points), *others], dtype=float))
    drawn = dots, _along_lines(ax)
    for (x, y, name), dot in zip(points, dots, strict=False):
        text = ax.annotate(name, (x, y), xytext=(0, 0), textcoords="offset points", fontsize=8)
        box = text.get_window_extent()
        text.remove()
        found = _place(dot, (box.width, box.height), edge, taken, drawn, scale)
        if found is None:
            continue
        corner, away = found
        taken.append(np.array([*corner, corner[0] + box.width, corner[1] + box.height]))
        middle = corner + np.array([box.width, box.height]) / 2
        _write(ax, (x, y), name, (middle - dot) / scale, away)


def _write(ax: Axes, at: tuple[float, float], name: str, offset: np.ndarray, away: float) -> None:
    """A name with its middle at *offset* points from its point, tied to it if it is far away."""
    line = {"arrowstyle": "-", "color": INK, "lw": 0.5, "alpha": 0.6, "shrinkA": 0, "shrinkB": 3}
    ground = {"boxstyle": "square,pad=0.05", "fc": PAPER, "ec": "none", "alpha": 0.75}
    ax.annotate(
        name, at, xytext=(float(offset[0]), float(offset[1])), textcoords="offset points",
        ha="center", va="center", fontsize=8, bbox=ground, zorder=5,
        arrowprops=line if away > 12 else None,
    ).set_in_layout(False)  # fmt: skip


def _along_lines(ax: Axes) -> np.ndarray:
    """Points in pixels all along the lines of a chart."""
    found = [np.empty((0, 2))]
    for line in ax.lines:
        ends = line.get_transform().transform(np.asarray(line.get_xydata(), dtype=float))
        for one, other in pairwise(ends):
            if np.isfinite([one, other]).all():
                count = int(min(np.abs(other - one).max() / 4, 400)) + 2
                found.append(np.linspace(one, other, count))
    return np.concatenate(found)


def _place(
    dot: np.ndarray, size: tuple[float, float], edge: np.ndarray, taken: Sequence[np.ndarray],
    drawn: tuple[np.ndarray, np.ndarray], scale: float,
) -> tuple[np.ndarray, float] | None:  # fmt: skip
    """The lower left corner of the best place for a name in pixels, and how far it is in points."""
    best: tuple[float, np.ndarray, float] | None = None
    for box, away in _candidates(dot, size, scale):
        if (box[:2] < edge[:2]).any() or (box[2:] > edge[2:]).any():
            continue
        if any(
            (box[:2] < other[2:] + 3).all() and (box[2:] > other[:2] - 3).all() for other in taken
        ):
            continue
        # A dot has a size, of which its middle says nothing.
        cost = away + 10 * _within(drawn[0], box, 4.5 * scale) + 8 * bool(_within(drawn[1], box, 1))
        if best is None or cost < best[0]:
            best = cost, box[:2], away
    return None if best is None else best[1:]


def _candidates(
    dot: np.ndarray, size: tuple[float, float], scale: float
) -> Iterator[tuple[np.ndarray, float]]:
    """Boxes of a name around its point in pixels, and how far away each is in points."""
    wide, high = size
    for away in (7, 12, 20, 30, 44, 64):
        for across, up, left in _AROUND:
            x = dot[0] + across * away * scale - wide * left
            y = dot[1] + up * (away * scale + high / 2 * (across == 0)) - high / 2
            yield np.array([x, y, x + wide, y + high]), away


def _within(points: np.ndarray, box: np.ndarray, pad: float) -> int:
    """How many points are in a box, or nearer to it than *pad*."""
    return int(((points > box[:2] - pad) & (points < box[2:] + pad)).all(axis=1).sum())
