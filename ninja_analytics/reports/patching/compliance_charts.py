"""The charts of patch_compliance, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.intervals import funnel_limits
from ninja_analytics.reports.kpis import share_text
from ninja_analytics.reports.patching.states import STATES
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 18
FEW = 8
"""Groups from which on it is worth asking which differ by more than chance."""
_NOTHING = "No eligible computers whose patches are known"


def charts(tables: Mapping[str, pd.DataFrame]) -> dict[str, Chart]:
    """The charts of the report, by name; of a single organization its locations are compared."""
    groups, what = tables["compliance_by_organization"], "organization"
    if len(groups) == 1:
        groups, what = tables["compliance_by_location"], "location"
    return {
        "compliance_and_size": shares(groups, what),
        "compliance_and_chance": against_chance(groups, what),
        "states_by_system": states(tables["compliance_by_system"]),
    }


def shares(table: pd.DataFrame, what: str) -> Chart:
    """The share that passes of the groups lowest in fair order, with what chance allows."""
    known = table[table["compliant_share"].notna()]
    shown, rest = known.head(LIMIT), known.iloc[LIMIT:]
    data = pd.DataFrame(
        {
            "value": shown["compliant_share"],
            "low": shown["low"],
            "high": shown["high"],
            "n": shown["pass"] + shown["fail"],
        }
    ).set_axis(kinds.shorts(list(shown[what])), axis=0)
    passed, of = _judged(table)
    higher = f"+ {plural(len(rest), what)} higher up, not drawn" if len(rest) else ""
    dark = len(table) - len(known)
    unknown = f"{plural(dark, what)} where no device is known" if dark else ""
    footnote = "; ".join(part for part in (higher, unknown) if part)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.dots(
            data, xlabel="Devices without an open patch; whiskers: Wilson, 95 %",
            reference=passed / of if of else None, footnote=footnote, nothing=_NOTHING, ax=ax,
        )  # fmt: skip

    alt = f"{_NOTHING}."
    if len(known):
        first = known.iloc[0]
        alt = (
            f"Dots of the share of devices without an open patch, by {what}, lowest in fair order "
            f"first. All: {share_text(passed / of)} of {of:,}. The first is "
            f"{kinds.short(first[what], 60)} with {share_text(float(first['compliant_share']))} of "
            f"{first['pass'] + first['fail']:,}, Wilson {share_text(float(first['low']))} to "
            f"{share_text(float(first['high']))}. {footnote}"
        ).strip()
    return Chart(f"Patch compliance by {what}", alt, draw)


def against_chance(table: pd.DataFrame, what: str) -> Chart:
    """Which groups differ from all by more than chance, whatever their size."""
    known = table[table["compliant_share"].notna()]
    alone = f"Fewer than {FEW} {what}s whose devices are known, so nothing to compare with chance"
    known = known if len(known) >= FEW else known.iloc[:0]
    n = known["pass"] + known["fail"]
    passed, of = _judged(table)
    rate = passed / of if of else 0.0
    data = pd.DataFrame({"n": n, "value": known["compliant_share"]})
    data = data.set_axis(list(known[what]), axis=0)
    limits = funnel_limits(rate, _sizes(n))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.funnel(
            data, limits, reference=rate, xlabel=f"Devices of the {what} that are known",
            ylabel="Without an open patch", nothing=alone, ax=ax,
        )  # fmt: skip

    alt = f"{alone}."
    if len(known):
        beyond = known["beyond_chance"]
        far = known[beyond.str.endswith("99.8 %")]
        below = int(far["beyond_chance"].str.startswith("below").sum())
        names = ", ".join(kinds.short(name, 40) for name in far[what].head(8))
        alt = (
            f"Dots of {plural(len(known), what)} by size and share of devices without an open patch, "
            f"in a funnel of ordinary chance around {share_text(rate)}. Beyond 95 % of chance: "
            f"{int((beyond != '').sum()):,}. Beyond 99.8 %: {below:,} below, "
            f"{len(far) - below:,} above{': ' if names else ''}{names}."
        )
    return Chart(f"{what.capitalize()}s against ordinary chance", alt, draw)


def _sizes(n: pd.Series) -> list[int]:
    """The sizes of all groups, and enough between for smooth limits."""
    largest = int(n.max()) if len(n) else 0
    grid = {round(1.12**step) for step in range(120) if 1.12**step <= 5 * max(largest, 1)}
    return sorted({*map(int, n), *grid})


def states(table: pd.DataFrame) -> Chart:
    """Pass, fail, exception and unknown of the most frequent operating systems and of all."""
    columns = list(STATES)
    frequent = table.sort_values(
        ["eligible", "operating_system"], ascending=[False, True], kind="stable"
    )
    shown, rest = frequent.head(LIMIT - 4), frequent.iloc[LIMIT - 4 :]
    rows, names = [shown[columns]], kinds.shorts(list(shown["operating_system"]))
    total = table[columns].sum()
    if len(table) > 1:
        rows.insert(0, total.to_frame().T)
        names.insert(0, "All systems")
    if len(rest):
        rows.append(rest[columns].sum().to_frame().T)
        names.append(f"{plural(len(rest), 'other')}")
    data = pd.concat(rows).astype("int64").set_axis(names, axis=0)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.share_bars(
            data, marks=kinds.OUTCOME, xlabel="Share of eligible computers",
            nothing="No eligible computers", ax=ax,
        )  # fmt: skip

    alt, count = "No eligible computers.", int(total.sum())
    if count:
        parts = ", ".join(f"{share_text(total[state] / count)} {state}" for state in columns)
        alt = (
            "Stacked bars of the states of patching per operating system. Of "
            f"{plural(count, 'eligible computer')}: {parts}."
        )
    return Chart("States by operating system", alt, draw)


def _judged(table: pd.DataFrame) -> tuple[int, int]:
    """How many devices pass, and of how many that is known."""
    passed = int(table["pass"].sum())
    return passed, passed + int(table["fail"].sum())
