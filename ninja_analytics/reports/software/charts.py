"""The charts of software_inventory, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.report import Chart
from ninja_analytics.reports.software.installs import STATES, Software

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 15
VERSION = MappingProxyType(
    {
        "newest": kinds.HEALTH["healthy"],
        "one_behind": kinds.HEALTH["needs_attention"],
        "older": kinds.HEALTH["unhealthy"],
        "unknown": kinds.HEALTH["unknown"],
    }
)
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


def charts(
    told: Software, found: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "version_shares": shares(told, found),
        "behind_by_product": ranking(tables["products"]),
        "long_tail": tail(tables["products"]),
        "unauthorized_products": strays(tables["unauthorized_products"]),
    }


def shares(told: Software, found: pd.DataFrame) -> Chart:
    """The states of the versions of the most widespread products that have several versions."""
    tracked = found[found["state"] != ""]
    counts = tracked.groupby(["product", "state"]).size().unstack()
    counts = counts.reindex(columns=list(STATES)).fillna(0).astype("int64")
    late = counts["one_behind"] + counts["older"]
    several = counts[late > 0]
    order = several.sum(axis=1).sort_values(ascending=False, kind="stable").index
    shown = several.loc[order[:LIMIT]]
    names = told.products.to_numpy()[shown.index]
    data = shown.set_axis(kinds.shorts(list(names)), axis=0).rename_axis(None)
    data = data.loc[:, [state for state in STATES if data[state].sum() or state == "newest"]]

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.share_bars(
            data, marks=VERSION, xlabel="Share of installs",
            nothing="No product with a device below its newest version", ax=ax,
        )  # fmt: skip

    alt = "No product with a device below its newest version."
    if len(data):
        first, total = shown.iloc[0], int(shown.iloc[0].sum())
        parts = ", ".join(f"{share_text(first[s] / total)} {s.replace('_', ' ')}" for s in STATES)
        alt = (
            f"Stacked bars of versions for the {len(data):,} most widespread of {len(several):,} "
            f"products with a device below the newest. {data.index[0]}, {total:,} installs: {parts}."
        )
    return Chart("Versions of the most widespread products", alt, draw)


def ranking(table: pd.DataFrame) -> Chart:
    """The products with the most installs below the newest version."""
    late = table[table["behind"] > 0].sort_values("behind", ascending=False, kind="stable")
    return _bars(
        "Products behind their newest version", late.set_index("product")["behind"],
        "Installs below the newest version", "No install below its newest version", "install",
    )  # fmt: skip


def strays(table: pd.DataFrame) -> Chart:
    """The programs that must not be there and are on the most devices."""
    counts = table.groupby("product")["devices"].max().sort_values(ascending=False, kind="stable")
    return _bars(
        "Programs that must not be there", counts, "Devices",
        "No program that must not be there", "install",
    )  # fmt: skip


def _bars(title: str, counts: pd.Series, xlabel: str, nothing: str, what: str) -> Chart:
    """The largest counts by product, and what is not drawn."""
    shown, rest = counts.head(LIMIT), counts.iloc[LIMIT:]
    data = shown.set_axis(kinds.shorts(list(shown.index)), axis=0).astype("int64")
    more = ""
    if len(rest):
        more = f"+ {len(rest):,} others with {plural(int(rest.sum()), what)}, not drawn"

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.bars(data, xlabel=xlabel, footnote=more, nothing=nothing, ax=ax)

    alt = f"{nothing}."
    if len(counts):
        first = ", ".join(f"{name} {count:,}" for name, count in data.head(3).items())
        alt = f"Bars by product: {xlabel.lower()}. {len(counts):,} products; the most: {first}. {more}"
    return Chart(title, alt.strip(), draw)


def tail(table: pd.DataFrame) -> Chart:
    """How many products are on how many devices: few on most, many on one."""
    devices = table["devices"].astype("int64")
    most = int(devices.max()) if len(table) else 0
    edges = [step for step in _STEPS if step <= most]
    edges.append(edges[-1] * 10 if edges else 1)
    names = [_span(low, high - 1) for low, high in pairwise(edges)]
    if names:
        names[-1] = _span(edges[-2], most)
    group = pd.cut(devices, edges, right=False, labels=names) if names else devices
    counts = (
        group.value_counts().reindex(names, fill_value=0) if names else pd.Series(dtype="int64")
    )
    data = pd.DataFrame({"products": counts.to_numpy(dtype="int64")}, index=names)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.columns(
            data, marks={"products": kinds.CLASS_GROUP["workstations"]},
            xlabel="Devices that have the product", ylabel="Products", nothing="No products", ax=ax,
        )  # fmt: skip

    alt = "No products."
    if len(table):
        single = int((devices == 1).sum())
        alt = (
            f"Upright bars of products by the number of devices that have them. Of {len(table):,} "
            f"products {single:,} are on one device; the most widespread, "
            f"{kinds.short(table['product'].iloc[0], 60)}, is on {most:,}."
        )
    return Chart("Products by how widespread they are", alt, draw)


def _span(low: int, high: int) -> str:
    return f"{low:,}" if low >= high else f"{low:,}–{high:,}"
