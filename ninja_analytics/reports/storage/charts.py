"""The charts of storage, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import LIMIT, not_drawn, plural
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.report import Chart
from ninja_analytics.reports.storage.volumes import GIB, Rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = 2_000
"""The most points that a page draws one by one."""
NAMED = 6
_GRID = 50.0
"""Places of points per tenfold, at first."""
_MARKS = MappingProxyType(
    {
        "enough": kinds.HEALTH["healthy"],
        "low": kinds.HEALTH["needs_attention"],
        "critical": kinds.HEALTH["unhealthy"],
    }
)
_SHARES = (0, 0.05, 0.10, 0.15, 0.25, 0.50, 1.01)
_BUCKETS = ("below 5 %", "5–10 %", "10–15 %", "15–25 %", "25–50 %", "50 % and more")


def charts(
    volumes: pd.DataFrame, tables: Mapping[str, pd.DataFrame], rule: Rule
) -> dict[str, Chart]:
    """The charts of the report, by name."""
    known = volumes[volumes["state"] != "unknown"]
    return {
        "free_and_capacity": cloud(known, len(volumes) - len(known), rule),
        "free_shares": shares(known),
        "short_by_organization": short(tables["storage_by_organization"]),
        "failing_disks": failing(tables["failing_disks"]),
    }


def cloud(known: pd.DataFrame, unknown: int, rule: Rule) -> Chart:
    """Free space against capacity, with the lines below which it is low or critical."""
    count = known["state"].value_counts()
    data, more = _thinned(known)
    curves = _curves(known, rule)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.scatter(
            data, x="capacity", y="free", by="state", marks=_MARKS, xlabel="Capacity (GiB)",
            ylabel="Free (GiB)", log_x=True, log_y=True, curves=curves, labels=NAMED, footnote=more,
            nothing="No volumes with a known size", ax=ax,
        )  # fmt: skip

    alt = "No volumes with a known size."
    if len(known):
        told = ", ".join(
            f"{int(count.get(one, 0)):,} {one}" for one in ("critical", "low", "enough")
        )
        alt = (
            f"Points of free space against capacity, both on logarithmic axes, under the lines of low "
            f"and critical. Of {plural(len(known), 'volume')}: {told}. {unknown:,} without a known "
            f"size are left out. {more}"
        ).strip()
    return Chart("Free space by capacity", alt, draw)


def _thinned(known: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The points, the emptiest first; of many, one for all that lie at the same place."""
    data = pd.DataFrame(
        {
            "capacity": known["capacity_bytes"].astype("float64") / GIB,
            "free": known["free_bytes"].astype("float64") / GIB,
            "state": known["state"],
            "share": known["free_share"].astype("float64"),
            "label": known["device"] + " " + known["volume"],
        }
    )
    rank = data["state"].map({"critical": 0, "low": 1, "enough": 2})
    data = data.assign(rank=rank).sort_values(["rank", "share", "label"], kind="stable")
    if len(data) <= POINTS:
        return data, ""
    wide = [np.log10(np.clip(data[one], 1e-3, None)) for one in ("capacity", "free")]
    step = _GRID
    while True:
        places = pd.DataFrame({at: (one * step).round() for at, one in enumerate(wide)})
        shown = data[~places.assign(state=data["state"]).duplicated()]
        if len(shown) <= POINTS or step < 2:
            break
        step *= 0.7
    return shown, (
        f"A point may stand for several of the {len(data):,} volumes; the numbers above are those "
        "of points."
    )


def _curves(known: pd.DataFrame, rule: Rule) -> dict[str, tuple[list[float], list[float]]]:
    """The lines below which volumes are critical, and low where that is not critical already."""
    if known.empty:
        return {}
    ends = known["capacity_bytes"].astype("float64").agg(["min", "max"]).to_numpy()
    sizes = np.geomspace(ends[0] / 1.4, ends[1] * 1.4, 200)
    critical = rule.critical_below(sizes)
    found = {"critical": ((sizes / GIB).tolist(), (critical / GIB).tolist())}
    for group, name in (("workstations", "low"), ("servers", "low on servers")):
        below = rule.low_below(sizes, server=group == "servers")
        there = below > critical
        if (known["class_group"] == group).any() and there.any():
            found[name] = ((sizes[there] / GIB).tolist(), (below[there] / GIB).tolist())
    return found


def shares(known: pd.DataFrame) -> Chart:
    """Volumes by the share that is free, by kind of device."""
    bucket = pd.cut(
        known["free_share"].astype("float64"), list(_SHARES), right=False, labels=list(_BUCKETS)
    )
    groups = ("workstations", "servers")
    data = pd.DataFrame(
        {
            group: bucket[known["class_group"] == group].value_counts().reindex(_BUCKETS)
            for group in groups
        },
        index=list(_BUCKETS),
    ).fillna(0)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.columns(
            data, marks=kinds.CLASS_GROUP, xlabel="Share of the volume that is free",
            ylabel="Volumes", nothing="No volumes with a known size", ax=ax,
        )  # fmt: skip

    alt = "No volumes with a known size."
    if len(known):
        told = ", ".join(f"{int(n):,} {name}" for name, n in data.sum(axis=1).items())
        alt = f"Columns of volumes by the share that is free: {told}."
    return Chart("Volumes by free share", alt, draw)


def short(table: pd.DataFrame) -> Chart:
    """The organizations with the most devices that are short of space."""
    states = ["critical", "low"]
    there = table[table[states].sum(axis=1) > 0]
    shown, rest = there.head(LIMIT), there.iloc[LIMIT:]
    data = shown[states].set_axis(kinds.shorts(list(shown["organization"])), axis=0)
    devices = int(rest[states].to_numpy().sum())
    more = not_drawn(len(rest), "organization", f" with {plural(devices, 'device')}")

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.stacked_bars(
            data, marks=_MARKS, xlabel="Devices short of space", footnote=more,
            nothing="No device is short of space", ax=ax,
        )  # fmt: skip

    alt = "No device is short of space."
    if len(there):
        first, sums = shown.iloc[0], there[states].sum()
        share = first["short_share"]
        told = f" ({share_text(float(share))} of the known)" if pd.notna(share) else ""
        alt = (
            f"Bars of devices short of space per organization: {int(sums['critical']):,} critical and "
            f"{int(sums['low']):,} low in {plural(len(there), 'organization')}. The most are at "
            f"{kinds.short(first['organization'], 60)}: {int(first[states].sum()):,}{told}. {more}"
        ).strip()
    return Chart("Devices short of space by organization", alt, draw)


def failing(table: pd.DataFrame) -> Chart:
    """What fails, by kind of part and by its word."""
    names = (table["part"] + ": " + table["says"]).rename("name")
    count = names.groupby(names).size().rename("parts").reset_index()
    count = count.sort_values(["parts", "name"], ascending=[False, True], kind="stable")
    shown = count.head(LIMIT)
    data = shown["parts"].set_axis(kinds.shorts(list(shown["name"]), 36))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.bars(data, xlabel="Parts", nothing="Nothing says that it fails", ax=ax)

    alt = "Nothing says that it fails."
    if len(table):
        told = ", ".join(f"{name} {int(n):,}" for name, n in data.items())
        alt = f"Bars of disks, RAID drives and controllers that fail, by their own word: {told}."
    return Chart("What fails, by its own word", alt, draw)
