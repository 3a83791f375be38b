"""The charts of security_posture, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports import by_organization
from ninja_analytics.reports.by_organization import LIMIT, not_drawn, plural
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.report import Chart
from ninja_analytics.reports.security.controls import (
    ANTIVIRUS_STATES,
    CONTROLS,
    ENCRYPTION_STATES,
    Judged,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def charts(found: Judged, tables: Mapping[str, pd.DataFrame]) -> dict[str, Chart]:
    """The charts of the report, by name."""
    return {
        "controls": matrix(tables["controls_by_organization"]),
        "antivirus": states(
            found.controls["antivirus_protected"], ANTIVIRUS_STATES, kinds.ANTIVIRUS,
            title="Antivirus by organization", of="eligible computer",
        ),
        "encryption": states(
            found.controls["os_volume_encrypted"], ENCRYPTION_STATES, kinds.ENCRYPTION,
            title="Encryption of Windows by organization", of="Windows workstation",
        ),
        "administrators": administrators(tables["unauthorized_principals"], found),
    }  # fmt: skip


def matrix(table: pd.DataFrame) -> Chart:
    """Which share of the known devices has each control, in the largest organizations."""
    sums = table.groupby("control", sort=False)[["pass", "fail"]].sum()
    known = sums["pass"] + sums["fail"]
    total = (sums["pass"] / known.where(known > 0)).astype("Float64")
    total = total.reindex([one for one in CONTROLS.values() if one in total.index])
    people = table.drop_duplicates(["organization", "organization_id"])
    shown = people.head(LIMIT)
    parts = {}
    for name, (_, row) in zip(
        kinds.shorts(list(shown["organization"])), shown.iterrows(), strict=True
    ):
        same = (table["organization"] == row["organization"]) & (
            table["organization_id"].eq(row["organization_id"]).fillna(False)
            | (table["organization_id"].isna() & pd.isna(row["organization_id"]))
        )
        parts[name] = table[same.astype(bool)].set_index("control")["share"]
    if len(people) > 1:
        parts = {"All organizations": total, **parts}
    data = pd.DataFrame(parts).T.reindex(columns=list(total.index)).astype("Float64")
    dark = ", ".join(total.index[total.isna()])
    data = data.loc[:, total.notna().to_numpy()]
    more = not_drawn(len(people) - len(shown), "organization")
    below = "; ".join(filter(None, (more, f"not known anywhere: {dark}" if dark else "")))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.heat_map(
            data, unit="%", footnote=below, nothing="Nothing is known of any control", ax=ax
        )

    there = total.dropna()
    alt = "Nothing is known of any control."
    if len(there):
        told = ", ".join(f"{name} {share_text(float(one))}" for name, one in there.items())
        alt = (
            f"Cells of the share of known devices with each control in "
            f"{plural(len(people), 'organization')}. All together: {told}."
            f"{f' Not known anywhere: {dark}.' if dark else ''} {more}"
        ).strip()
    return Chart("Controls by organization, % of the known devices", alt, draw)


def states(
    devices: pd.DataFrame, states: Sequence[str], marks: Mapping[str, kinds.Mark], *, title: str, of: str
) -> Chart:  # fmt: skip
    """The states of a control of all devices, and of those of the largest organizations."""
    table = by_organization.counts(devices, "state", states)
    data = by_organization.rows(table, states)
    count = len(devices)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.share_bars(
            data, marks=marks, xlabel=f"Share of {of}s", nothing=f"No {of}s", ax=ax
        )

    alt = f"No {of}s."
    if count:
        sums = table[list(states)].sum()
        parts = ", ".join(
            f"{share_text(sums[one] / count)} {one.replace('_', ' ')}" for one in states
        )
        alt = f"Stacked bars per organization. Of {plural(count, of)}: {parts}."
        good = table[states[0]] + (table[states[1]] if states[0] == "current" else 0)
        known = table["devices"] - table["unknown"]
        share = (good / known.where(known > 0)).astype("Float64")
        if worst := by_organization.lowest(
            table.assign(share=share, known=known), "share", "known"
        ):
            alt += f" Lowest of those with 5 or more known: {worst}."
    return Chart(title, alt, draw)


def administrators(table: pd.DataFrame, found: Judged) -> Chart:
    """The accounts that are administrators of the most devices without being on the list."""
    shown, rest = table.head(LIMIT), table.iloc[LIMIT:]
    data = shown["devices"].set_axis(kinds.shorts(list(shown["principal"])))
    more = not_drawn(len(rest), "account")
    if found.admins["allowed"].notna().any() or not len(found.admins):
        nothing = "No unauthorized local administrators known"
    else:
        nothing = "Nobody is named who may be a local administrator"

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.bars(data, xlabel="Devices", footnote=more, nothing=nothing, ax=ax)

    alt = f"{nothing}."
    if len(table):
        first = shown.iloc[0]
        alt = (
            f"Bars of devices per unauthorized local administrator. {plural(len(table), 'account')}; "
            f"{kinds.short(first['principal'], 60)} is on {plural(int(first['devices']), 'device')}. {more}"
        ).strip()
    return Chart("Unauthorized local administrators", alt, draw)
