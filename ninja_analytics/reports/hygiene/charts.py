"""The charts of availability_hygiene, each with the sentence that says what it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import LIMIT, not_drawn, plural
from ninja_analytics.reports.hygiene.checks import NOT_TOLD, SILENCES
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

UPTIMES = (1, 7, 30, 90)
"""Days of uptime at which computers are counted."""


def charts(
    managed: pd.DataFrame, computers: pd.DataFrame, restarts: pd.DataFrame, stale_days: float
) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "silence": silence(managed),
        "uptime": uptime(computers),
        "restart_reasons": reasons(restarts),
        "stale_by_organization": stale(managed, stale_days),
    }


def silence(managed: pd.DataFrame) -> Chart:
    """How many managed devices have been silent for how long, by class group."""
    data = managed[["contact_days", "class_group"]]
    known = data["contact_days"].dropna()

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.silence(
            data, value="contact_days", by="class_group", marks=kinds.CLASS_GROUP,
            references=SILENCES, xlabel="Days since last contact",
            ylabel="Devices silent for longer",
            nothing="No managed devices with a known last contact", ax=ax,
        )  # fmt: skip

    alt = "No managed device has a known last contact."
    if len(known):
        shares = ", ".join(f"{share_text(float((known > d).mean()))} for {d}" for d in SILENCES)
        alt = (
            "Falling curves of the share of managed devices silent for longer than x days, by kind "
            f"of device. Of {plural(len(known), 'device')}: {shares} days. "
            f"{len(data) - len(known):,} without a known last contact are left out."
        )
    return Chart("Devices by time since last contact", alt, draw)


def uptime(computers: pd.DataFrame) -> Chart:
    """How long the eligible computers have been running, by class group."""
    data = computers[["uptime_days", "class_group"]]
    known = data["uptime_days"].dropna()

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.ecdf(
            data, value="uptime_days", by="class_group", marks=kinds.CLASS_GROUP,
            references=UPTIMES, xlabel="Days since the last start", ylabel="Computers started since",
            footnote="Fast Startup of Windows makes uptime too long: shutting down is no start.",
            nothing="No computer with a known last start", ax=ax,
        )  # fmt: skip

    alt = "No computer has a known last start."
    if len(known):
        shares = ", ".join(f"{share_text(float((known <= d).mean()))} within {d}" for d in UPTIMES)
        alt = (
            "Rising curves of the share of eligible computers started within x days, by kind. Of "
            f"{plural(len(known), 'computer')}: {shares} days. {len(data) - len(known):,} without a "
            "known last start are left out."
        )
    return Chart("Computers by time since the last start", alt, draw)


def reasons(restarts: pd.DataFrame) -> Chart:
    """Why computers wait for a restart."""
    count = restarts.groupby("reason").size().rename("computers").reset_index()
    count = count.sort_values(["computers", "reason"], ascending=[False, True], kind="stable")
    shown, rest = count.head(LIMIT), count.iloc[LIMIT:]
    data = shown["computers"].set_axis(kinds.shorts(list(shown["reason"]), 40))
    more = not_drawn(
        len(rest), "reason", f" with {plural(int(rest['computers'].sum()), 'computer')}"
    )

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.bars(
            data, xlabel="Computers that wait for a restart", unknown=(NOT_TOLD,), footnote=more,
            nothing="No computer waits for a restart", ax=ax,
        )  # fmt: skip

    alt = "No computer waits for a restart."
    if len(count):
        told = ", ".join(f"{name} {int(n):,}" for name, n in data.head(5).items())
        alt = (
            f"Bars of computers that wait for a restart, by reason. Of "
            f"{plural(len(restarts), 'computer')}: {told}. {more}"
        ).strip()
    return Chart("Why computers wait for a restart", alt, draw)


def stale(managed: pd.DataFrame, stale_days: float) -> Chart:
    """The organizations with the most devices that are silent for too long, by kind of device."""
    gone = managed[managed["contact_days"] > stale_days]
    groups = [group for group in kinds.CLASS_GROUP if (gone["class_group"] == group).any()]
    ones = {group: (gone["class_group"] == group).astype("int64") for group in groups}
    keys = [gone["organization_id"], gone["organization"]]
    table = pd.DataFrame({**ones, "all": 1}, index=gone.index).groupby(keys, dropna=False).sum()
    table = table.reset_index().sort_values(
        ["all", "organization"], ascending=[False, True], kind="stable", ignore_index=True
    )
    shown, rest = table.head(LIMIT), table.iloc[LIMIT:]
    data = shown[groups].set_axis(kinds.shorts(list(shown["organization"])), axis=0)
    more = not_drawn(len(rest), "organization", f" with {plural(int(rest['all'].sum()), 'device')}")
    nothing = f"No managed device is silent for more than {stale_days:g} days"

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.stacked_bars(
            data, marks=kinds.CLASS_GROUP, xlabel=f"Devices silent for more than {stale_days:g} days",
            footnote=more, nothing=nothing, ax=ax,
        )  # fmt: skip

    alt = f"{nothing}."
    if len(gone):
        first = shown.iloc[0]
        alt = (
            f"Bars of devices silent for more than {stale_days:g} days per organization: "
            f"{plural(len(gone), 'device')} in {plural(len(table), 'organization')}. The most are at "
            f"{kinds.short(first['organization'], 60)}: {int(first['all']):,}. {more}"
        ).strip()
    return Chart("Silent devices by organization", alt, draw)
