"""Every kind of chart with invented data of any size, and the boxes of what is written on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.text import Text

from ninja_analytics import charts

NOW = pd.Timestamp("2026-11-23T16:00:00Z")
ENDINGS = [
    "& Sons",
    "Dental Practice of the Northern Valley",
    "A$B$ \\frac",
    "<b>{0}</b>\n",
    "東京支店",
]


def names(rows):
    trees = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo"]
    return [f"{trees[at % 7]} {ENDINGS[at % 5]} {at}" for at in range(rows)]


def days(rows, every="D"):
    return pd.date_range("2026-10-25", periods=rows, freq=every, tz="UTC")


def counts(rows, columns, index=None, seed=1):
    values = np.random.default_rng(seed).integers(0, 2000, (rows, len(columns))) + 1
    return pd.DataFrame(
        values, columns=list(columns), index=names(rows) if index is None else index
    )


def shares(rows):
    chance = np.random.default_rng(2)
    value = chance.beta(12, 2, rows)
    low, high = np.clip(value - 0.1, 0, 1), np.clip(value + 0.1, 0, 1)
    n = chance.integers(1, 2000, rows)
    data = pd.DataFrame({"value": value, "low": low, "high": high, "n": n}, index=names(rows))
    data.loc[data.index[2:3], ["value", "low", "high"]] = np.nan
    return data


def limits(share=0.9):
    n = np.unique(np.round(np.geomspace(1, 4000, 100)))
    error = np.sqrt(share * (1 - share) / n)
    sides = {"95": 1.96 * error, "998": 3.09 * error}
    return pd.DataFrame(
        {f"low_{name}": np.clip(share - wide, 0, 1) for name, wide in sides.items()}
        | {f"high_{name}": np.clip(share + wide, 0, 1) for name, wide in sides.items()},
        index=n,
    )


def cloud(rows):
    chance = np.random.default_rng(3)
    size = np.exp(chance.uniform(3, 9, rows))
    data = pd.DataFrame({"size": size, "free": size * chance.beta(1.3, 2, rows)}, index=names(rows))
    kinds = list(charts.CLASS_GROUP)[:3]
    return data.assign(kind=chance.choice(kinds, rows), label=data.index).sort_values("free")


def states(rows):
    words = [*["completed"] * 9, "failed", "canceled", "running", "none", "unknown", None]
    drawn = np.random.default_rng(4).integers(0, len(words), (rows, 30))
    return pd.DataFrame(np.array(words, dtype=object)[drawn], index=names(rows), columns=days(30))


def ages(rows):
    chance = np.random.default_rng(5)
    kinds = chance.choice(["workstations", "servers"], rows * 6)
    return pd.DataFrame({"hours": np.exp(chance.normal(3, 1.2, rows * 6)), "kind": kinds})


def ledger(rows):
    moved = pd.Series({"Added": 12 * rows, "Moved in": 3, "Removed": -7 * rows, "Moved out": 0})
    ends = {"October": 40 * rows, "November": 40 * rows + moved.sum()}
    return pd.concat([pd.Series(ends).head(1), moved, pd.Series(ends).tail(1)])


def ends(rows):
    at = NOW + pd.to_timedelta(np.random.default_rng(6).integers(-900, 1500, rows), unit="D")
    at = pd.Series(at, index=names(rows))
    at.iloc[2:3] = pd.NaT
    return pd.DataFrame({"at": at, "count": np.arange(rows) * 37 + 1})


def draw_ledger(data, **more):
    return charts.waterfall(data, ylabel="Devices", **more)


SPREAD = {
    "x": "size",
    "y": "free",
    "xlabel": "Size",
    "ylabel": "Free",
    "log_x": True,
    "log_y": True,
}
CORNERS = ("Small and free", "Large and free", "Small and full", "Large and full")
CURVE = {"low": ([10, 200, 20_000], [1, 20, 20])}

# kind -> how it is drawn, and its data for a number of rows.
KINDS = {
    "dots": (
        lambda data, **more: charts.dots(data, xlabel="Compliant", reference=0.86, **more),
        shares,
    ),
    "funnel": (
        lambda data, **more: charts.funnel(
            data, limits(), xlabel="Devices", ylabel="Compliant", reference=0.9, **more
        ),
        lambda rows: shares(rows)[["n", "value"]],
    ),
    "dumbbell": (
        lambda data, **more: charts.dumbbell(
            data, begin="failed", end="later_fixed", xlabel="Devices", **more
        ),
        lambda rows: counts(rows, ["failed", "later_fixed"]),
    ),
    "heat_map": (
        lambda data, **more: charts.heat_map(data, xlabel="Organization", unit="devices", **more),
        lambda rows: counts(rows, names(12)).mask(lambda data: data > 1900),
    ),
    "matrix": (
        lambda data, **more: charts.matrix(data, marks=charts.OUTCOME, **more),
        lambda rows: counts(rows, ["Antivirus current", "Encrypted", "No extra admins"]) / 2001,
    ),
    "strip": (
        lambda data, **more: charts.strip(data, marks=charts.JOB, xlabel="Day", **more),
        states,
    ),
    "pareto": (
        lambda data, **more: charts.pareto(data, xlabel="Alerts", **more),
        lambda rows: counts(rows, ["alerts"])["alerts"] ** 2,
    ),
    "columns": (
        lambda data, **more: charts.columns(
            data, marks=charts.WARRANTY, xlabel="Ends", ylabel="Devices", **more
        ),
        lambda rows: counts(rows, charts.WARRANTY),
    ),
    "ecdf": (
        lambda data, **more: charts.ecdf(
            data, value="hours", by="kind", marks=charts.CLASS_GROUP, references=(24, 72),
            xlabel="Hours", ylabel="Devices", **more,
        ),
        ages,
    ),
    "timeline": (lambda data, **more: charts.timeline(data, now=NOW, **more), ends),
    "steps": (
        lambda data, **more: charts.steps(
            data, ylabel="Unsupported", marks=charts.CLASS_GROUP, **more
        ),
        lambda rows: counts(rows, ["workstations", "servers", "other"], days(rows, "MS")).cumsum(),
    ),
    "scatter": (
        lambda data, **more: charts.scatter(
            data, by="kind", marks=charts.CLASS_GROUP, curves=CURVE, labels=8, **SPREAD, **more
        ),
        lambda rows: cloud(rows * 5),
    ),
    "quadrants": (
        lambda data, **more: charts.quadrants(
            data, x_split=500, y_split=100, corners=CORNERS, **SPREAD, **more
        ),
        cloud,
    ),
    "waterfall": (draw_ledger, ledger),
    "diverging": (
        lambda data, **more: charts.diverging(data, xlabel="Devices", **more),
        lambda rows: counts(rows, ["delta"])["delta"] - 900,
    ),
    "lines_over_time": (
        lambda data, **more: charts.lines_over_time(
            data, marks=charts.CLASS_GROUP, ylabel="Devices", **more
        ),
        lambda rows: counts(rows, charts.CLASS_GROUP, days(rows, "W")),
    ),
}  # fmt: skip


def words(ax):
    return [text.get_text() for text in ax.texts]


def drawn(ax):
    """The chart laid out, as it is before it becomes an image."""
    with charts.styled():
        ax.figure.draw_without_rendering()
    return ax


def written(ax):
    """All texts of a chart that show."""
    texts = [*ax.texts]
    if ax.axison:
        texts += [ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = zip(axis.get_ticklocs(), axis.get_ticklabels(), strict=True)
            texts += [label for at, label in ticks if low <= at <= high]
    texts += ax.get_legend().get_texts() if ax.get_legend() else []
    return [text for text in texts if text.get_text() and text.get_visible()]


def boxes(ax):
    """(text, box) of what is written; a tie to a point is no part of its text."""
    return [(text, Text.get_window_extent(text)) for text in written(ax)]


def leaving(ax):
    """The texts that leave the figure."""
    page = ax.figure.bbox
    return [
        text.get_text()
        for text, box in boxes(ax)
        if min(box.x0 - page.x0, page.x1 - box.x1, box.y0 - page.y0, page.y1 - box.y1) < -1
    ]


def covering(ax):
    """The pairs of upright texts of which one covers the other."""
    upright = [(text, box) for text, box in boxes(ax) if text.get_rotation() % 90 == 0]
    low = np.array([box.min for _, box in upright])
    high = np.array([box.max for _, box in upright])
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    pairs = np.argwhere(np.triu((shared > 1.5).all(axis=2), 1))
    return [(upright[one][0].get_text(), upright[other][0].get_text()) for one, other in pairs]
