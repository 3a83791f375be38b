"""The charts of backup_health, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.exports.cells import bytes_text
from ninja_analytics.reports.backup.jobs import STATES
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.making import Asked
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ninja_analytics.reports.backup.report import Found

DEVICES, ORGANIZATIONS, DAYS = 20, 15, 30
_PLACE = MappingProxyType(
    {"cloud": kinds.CLASS_GROUP["workstations"], "on_site": kinds.CLASS_GROUP["servers"]}
)
_GIB, _TIB = 1024**3, 1024**4
_NO_JOBS = "No backup jobs"


def charts(ask: Asked, found: Found, tables: Mapping[str, pd.DataFrame]) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "worst_devices": worst_devices(found, ask.now),
        "backup_age": backup_age(found.eligible),
        "storage_by_organization": storage(tables["storage_by_organization"]),
        "jobs_by_day": by_day(tables["jobs_by_day"], found.period.tz),
    }


def worst_devices(found: Found, now: pd.Timestamp) -> Chart:
    """The last 30 days of the devices with jobs that did worst, a cell per day."""
    zone = found.period.tz
    today = now.tz_convert(zone).tz_localize(None).normalize()
    days = pd.date_range(end=today, periods=DAYS, freq="D")
    data, every = _cells(found, days)
    bare = int((found.eligible["jobs"] == 0).sum())
    left = [f"+ {plural(every - len(data), 'other device')} that did better"] * (every > len(data))
    left += [f"{plural(bare, 'device')} without any job"] * (bare > 0)
    more = f"{' and '.join(left)}, not drawn" if left else ""

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.strip(
            data, marks=kinds.JOB, xlabel=f"Day ({zone})", footnote=more, nothing=_NO_JOBS, ax=ax
        )

    alt = f"{_NO_JOBS}."
    if len(data):
        failed = (data == "failed").sum(axis=1)
        alt = (
            f"A cell per day of the last {DAYS} days for {plural(len(data), 'device')}, the worst first: "
            f"{int(failed.sum()):,} days with failed jobs only, "
            f"{int((data == 'none').sum().sum()):,} without a job. The worst is "
            f"{data.index[0]} with {plural(int(failed.iloc[0]), 'failed day')}. {more}"
        ).strip()
    return Chart("Backups by device and day", alt, draw)


def _cells(found: Found, days: pd.DatetimeIndex) -> tuple[pd.DataFrame, int]:
    """The states by device and day of the worst devices, and how many devices had jobs."""
    made, eligible = found.jobs, found.eligible
    local = made["at"].dt.tz_convert(found.period.tz).dt.tz_localize(None).dt.normalize()
    there = local.isin(days) & made["device_id"].isin(eligible["device_id"])
    rank = {state: place for place, state in enumerate(STATES)}
    best = made["state"].map(rank)[there].groupby([made["device_id"], local.rename("day")]).min()
    words = best.map(dict(enumerate(STATES))).unstack()
    words = words.reindex(columns=days).astype("object")
    words = words.where(words.notna(), "none")
    order = pd.DataFrame(
        {
            "failed": -(words == "failed").sum(axis=1),
            "completed": (words == "completed").sum(axis=1),
        }
    )
    order = order.reset_index().sort_values(["failed", "completed", "device_id"], kind="stable")
    worst = words.loc[order["device_id"].head(DEVICES)]
    names = eligible.drop_duplicates("device_id").set_index("device_id")["device"]
    return worst.set_axis(kinds.shorts(list(names.reindex(worst.index)), 24), axis=0), len(words)


def backup_age(eligible: pd.DataFrame) -> Chart:
    """How old the last good backup of the devices with jobs is, by class group."""
    data = eligible.loc[eligible["jobs"] > 0, ["age_hours", "class_group", "target_hours"]]
    known = data["age_hours"].dropna()
    targets = sorted(set(data["target_hours"].dropna().astype(float)))
    never = len(data) - len(known)
    more = f"{plural(never, 'device')} without a known good backup, not drawn" if never else ""

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.ecdf(
            data, value="age_hours", by="class_group", marks=kinds.CLASS_GROUP,
            references=targets or [24.0], xlabel="Hours since the last good backup",
            ylabel="Devices at most so old", footnote=more,
            nothing="No devices with a good backup", ax=ax,
        )  # fmt: skip

    alt = "No devices with a good backup."
    if len(known):
        shares = ", ".join(
            f"{share_text(float((known <= hours).mean()))} within {hours:g} hours"
            for hours in targets
        )
        alt = (
            f"Rising curve of the age of the last good backup of {plural(len(known), 'device')}: "
            f"{shares or 'no target'}; the oldest is {known.max():,.0f} hours old. {more}"
        ).strip()
    return Chart("Age of the last good backup", alt, draw)


def storage(table: pd.DataFrame) -> Chart:
    """What the backups of the largest organizations take up."""
    shown, rest = table.head(ORGANIZATIONS), table.iloc[ORGANIZATIONS:]
    # The largest unit in which all of them are at least one.
    small = len(shown) and shown["total_bytes"].min() < _TIB
    unit, name = (_GIB, "GiB") if small else (_TIB, "TiB")
    data = pd.DataFrame(
        {
            "cloud": shown["cloud_bytes"].to_numpy() / unit,
            "on_site": shown["local_bytes"].to_numpy() / unit,
        },
        index=kinds.shorts(list(shown["organization"])),
    )
    size = bytes_text(float(rest["total_bytes"].sum()))
    more = (
        f"+ {plural(len(rest), 'other organization')} with {size}, not drawn" if len(rest) else ""
    )

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.stacked_bars(
            data, marks=_PLACE, xlabel=f"Backup storage in {name}", footnote=more,
            nothing="No backup storage reported", ax=ax,
        )  # fmt: skip

    alt = "No backup storage reported."
    if len(table):
        first = shown.iloc[0]
        alt = (
            f"Horizontal bars of backup storage of {plural(len(table), 'organization')}, "
            f"{bytes_text(float(table['total_bytes'].sum()))} in all. The largest is "
            f"{kinds.short(first['organization'], 60)} with {bytes_text(first['total_bytes'])}. {more}"
        ).strip()
    return Chart("Backup storage by organization", alt, draw)


def by_day(table: pd.DataFrame, zone: str) -> Chart:
    """Jobs per day, by how they ended."""
    begins = pd.to_datetime(table["day"]).dt.tz_localize(
        zone, ambiguous=True, nonexistent="shift_forward"
    )
    there = [state for state in STATES if table[state].sum()]
    data = table[there].set_axis(pd.DatetimeIndex(begins.dt.tz_convert("UTC")), axis=0)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.counts_over_time(
            data, every="1D", marks=kinds.JOB, ylabel="Backup jobs per day", nothing=_NO_JOBS, ax=ax
        )

    alt = f"{_NO_JOBS}."
    if len(table):
        parts = ", ".join(f"{int(table[state].sum()):,} {state}" for state in there)
        alt = (
            f"Upright bars of backup jobs per day from {table['day'].iloc[0]} to "
            f"{table['day'].iloc[-1]}: {parts}. The most failures on one day are "
            f"{int(table['failed'].max()):,}."
        )
    return Chart("Backup jobs by day", alt, draw)
