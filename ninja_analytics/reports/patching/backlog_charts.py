"""The charts of patch_backlog, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.patching.backlog_tables import BUCKETS
from ninja_analytics.reports.patching.patches import SEVERITIES
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ninja_analytics.reports.patching.backlog import Backlog

LIMIT = 15
ACROSS = 10
_NAMES = ("up to 7 days", "8 to 30 days", "31 to 90 days", "over 90 days", "undated")


def charts(found: Backlog, tables: Mapping[str, pd.DataFrame], period: str) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "ageing": ages(tables["ageing"]),
        "patches_by_organization": where_open(found),
        "failures": failures(found.by_patch, period),
        "failed_and_fixed": fixed(found.by_patch, period),
    }


def ages(table: pd.DataFrame) -> Chart:
    """Open patches by age, in parts by severity."""
    rows = table[table["severity"] != "all"].set_index("severity")
    data = rows[[*BUCKETS, "undated"]].T.set_axis(list(_NAMES), axis=0)
    data = data[[one for one in SEVERITIES if one in data and data[one].sum()]]

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.columns(
            data, marks=kinds.SEVERITY, xlabel="Since publication, as far as it is known",
            ylabel="Open patches", nothing="No open patches", ax=ax,
        )  # fmt: skip

    alt, count = "No open patches.", int(data.to_numpy().sum())
    if count:
        parts = "; ".join(f"{name}: {int(n):,}" for name, n in data.sum(axis=1).items())
        grave = "; ".join(f"{one}: {int(data[one].sum()):,}" for one in data)
        alt = f"Columns of {plural(count, 'open patch', 'open patches')} by age. {parts}. By severity: {grave}."
    return Chart("Open patches by age", alt, draw)


def where_open(found: Backlog) -> Chart:
    """On how many devices of which organization the most frequent patches are open."""
    opened = found.opened.merge(found.devices[["device_id", "organization"]], on="device_id")
    pairs = opened.drop_duplicates(["device_id", "item"])
    items = pairs["item"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    places = pairs["organization"].value_counts().sort_index()
    places = places.sort_values(ascending=False, kind="stable")
    shown, across = items.head(LIMIT), places.head(ACROSS)
    data = pd.crosstab(pairs["item"], pairs["organization"])
    data = data.reindex(index=shown.index, columns=across.index, fill_value=0)
    data = data.set_axis(_labels(shown.index, pairs), axis=0)
    data = data.set_axis(kinds.shorts(list(across.index)), axis=1)
    rest = [
        plural(len(items) - len(shown), "other patch", "other patches")
        if len(items) > LIMIT
        else "",
        plural(len(places) - len(across), "other organization", "other organizations")
        if len(places) > ACROSS
        else "",
    ]
    left = " and ".join(part for part in rest if part)
    footnote = f"+ {left}, not drawn" if left else ""

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.heat_map(
            data, unit="devices", footnote=footnote, nothing="No open patches", ax=ax
        )

    alt = "No open patches."
    if len(pairs):
        first = _labels(shown.index[:1], pairs)[0]
        alt = (
            f"Shaded cells of devices by open patch and organization. {plural(len(items), 'patch', 'patches')} "
            f"in {plural(len(places), 'organization', 'organizations')}. The most frequent: {first} on "
            f"{plural(int(shown.iloc[0]), 'device', 'devices')}. {footnote}"
        ).strip()
    return Chart("Open patches by organization", alt, draw)


def failures(table: pd.DataFrame, period: str) -> Chart:
    """The patches that failed on the most devices, and which part of all failures they make."""
    failed = _failed(table)
    shown, total = failed.head(LIMIT), int(failed["failed_devices"].sum())
    data = shown["failed_devices"].set_axis(_labels(shown["item"], table), axis=0)
    more = _rest(len(failed) - len(shown))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.pareto(
            data, total=total, xlabel=f"Devices on which it failed, {period}", footnote=more,
            nothing="No failed installations", ax=ax,
        )  # fmt: skip

    alt = "No failed installations."
    if len(failed):
        top = int(failed["failed_devices"].head(3).sum())
        alt = (
            f"Bars of patches by devices on which they failed, {period}. "
            f"{plural(len(failed), 'patch', 'patches')} failed; the first three make "
            f"{share_text(top / total)} of {plural(total, 'failure', 'failures')}. First: "
            f"{data.index[0]} with {plural(int(data.iloc[0]), 'device', 'devices')}. {more}"
        ).strip()
    return Chart("What fails on the most devices", alt, draw)


def fixed(table: pd.DataFrame, period: str) -> Chart:
    """Of the devices on which a patch failed, on how many it still does."""
    failed = _failed(table)
    shown = failed.head(LIMIT)
    data = shown[["still_failing", "failed_devices"]].set_axis(
        _labels(shown["item"], table), axis=0
    )
    data = data.set_axis(["not_installed_since", "failed"], axis=1)
    more = _rest(len(failed) - len(shown))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.dumbbell(
            data, begin="failed", end="not_installed_since", xlabel=f"Devices, {period}",
            footnote=more, nothing="No failed installations", ax=ax,
        )  # fmt: skip

    alt, total = "No failed installations.", int(failed["failed_devices"].sum())
    if total:
        left = int(failed["still_failing"].sum())
        alt = (
            f"Pairs of points per patch: devices on which it failed, {period}, and those on which it "
            f"was not installed since. Of {plural(total, 'failure', 'failures')} on a device "
            f"{total - left:,} were followed by an installation and {left:,} were not. {more}"
        ).strip()
    return Chart("Failed, and not installed since", alt, draw)


def _failed(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["failed_devices"] > 0].sort_values(
        ["failed_devices", "item"], ascending=[False, True], kind="stable", ignore_index=True
    )


def _labels(items: pd.Index | pd.Series, named: pd.DataFrame) -> list[str]:
    """The KB number of each patch, or its name, short enough for an axis."""
    kb = named.drop_duplicates("item").set_index("item")["kb_number"]
    return kinds.shorts([kb.get(item) if pd.notna(kb.get(item)) else item for item in items])


def _rest(count: int) -> str:
    return f"+ {plural(count, 'other patch', 'other patches')}, not drawn" if count > 0 else ""
