"""The charts of billing_reconciliation, each with the sentence that says what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.billing.between import Between
from ninja_analytics.reports.billing.kpis import Bill
from ninja_analytics.reports.billing.movement import Movement
from ninja_analytics.reports.by_organization import plural
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = 16


def charts(bill: Bill, tables: Mapping[str, pd.DataFrame]) -> dict[str, Chart]:
    """The charts of the report, by name."""
    told, label = bill.told, bill.moved.period.label
    return {
        "movement": movement(bill.moved)
        if bill.between is None
        else counted(bill.between, tables["movement"], label),
        "difference_by_organization": by_organization(tables["organizations"]),
        "difference_by_group": by_group(told.judged),
        "amount_by_organization": amounts(told.judged, tables["amounts"]),
    }


def movement(moved: Movement) -> Chart:
    """From the opening to the end of the period: added by class group, and removed."""
    added = moved.added["class_group"].value_counts()
    steps = {"opening": moved.opening}
    steps |= {f"{group} added": int(count) for group, count in added.items()}
    if moved.gone:
        steps["removed"] = -moved.gone
    data = pd.Series({**steps, "closing": moved.at_end}, dtype="int64")
    part = (
        "What was removed is not known."
        if moved.removed is None
        else f"The opening is worked out as if all {moved.gone:,} removed devices were billable."
    )
    end = "" if moved.at_end == moved.closing else f" There are {moved.closing:,} now."
    more = f"{part} Moves between organizations are not known.{end}"

    nothing = "No billable devices"
    if not len(added) and not moved.gone and moved.opening == moved.at_end:
        data = data.iloc[:0]
        nothing += f" came or went: {moved.at_end:,} all the time" if moved.at_end else ""

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.waterfall(
            data, ylabel="Billable devices", footnote=more, nothing=nothing, ax=ax
        )

    alt = f"{nothing}. {more}"
    if len(data):
        alt = (
            f"Waterfall of billable devices in the period ({moved.period.label}): opening "
            f"{moved.opening:,}, added {len(moved.added):,}, removed {moved.gone:,}, closing "
            f"{moved.at_end:,}. {more}"
        )
    return Chart(f"Billable devices, {moved.period.label}", alt, draw)


def counted(found: Between, ledger: pd.DataFrame, label: str) -> Chart:
    """From the snapshot of the beginning to now: what came by class group, moved, and went."""
    whole = ledger.set_index("what")["devices"].astype("int64")
    came = found.devices[found.devices["fate"] == "added"]["class_group"].value_counts()
    steps = {f"{group} added": int(count) for group, count in came.items()}
    rest = whole.drop(["opening", "added", "closing"])
    steps |= {str(what): int(count) for what, count in rest.items() if count}
    data = pd.Series(
        {"opening": found.opening, **steps, "closing": int(whole["closing"])}, dtype="int64"
    )
    more = f"Counted in the snapshot of {found.at:%Y-%m-%d %H:%M} UTC, and now."

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.waterfall(
            data, ylabel="Billable devices", footnote=more, nothing="No billable devices", ax=ax
        )

    alt = f"No billable devices. {more}"
    if found.opening or whole["closing"]:
        inside = ", ".join(f"{what} {_signed(count)}" for what, count in data.iloc[1:-1].items())
        alt = (
            f"Waterfall of billable devices ({label}): opening {found.opening:,}, "
            f"{inside or 'no change'}, closing {whole['closing']:,}. {more}"
        )
    return Chart(f"Billable devices, {label}", alt, draw)


def by_organization(table: pd.DataFrame) -> Chart:
    """Units over and under the contract, net, of the organizations that differ most."""
    data = table.set_index("organization")["difference"]
    return _diverging(
        "Difference by organization", data, "Billable devices beyond the contract (net)",
        "organization", int(table["without_contract"].sum()),
    )  # fmt: skip


def by_group(judged: pd.DataFrame) -> Chart:
    """Units over and under the contract, net, by class group as the contract has it."""
    data = judged.groupby("class_group")["difference"].sum()
    return _diverging(
        "Difference by class group",
        data,
        "Billable devices beyond the contract (net)",
        "class group",
    )


def amounts(judged: pd.DataFrame, table: pd.DataFrame) -> Chart:
    """What the differences are worth by organization, in the currency with the most lines."""
    priced = judged[judged["amount"].notna()]
    if table.empty:
        return _diverging("Worth of the difference", pd.Series(dtype="Float64"), "", "organization")
    currency = str(table.sort_values("lines", ascending=False, kind="stable")["currency"].iloc[0])
    mine = priced[priced["currency"].fillna("") == currency]
    data = mine.groupby(["organization_id", "organization"])["amount"].sum()
    data.index = data.index.get_level_values("organization")
    unit = currency or "no currency said"
    others = ", ".join(one or "no currency said" for one in table["currency"] if one != currency)
    return _diverging(
        f"Worth of the difference ({unit})", data, f"Difference × price ({unit})", "organization",
        also=f" Amounts in {others} are not drawn." if others else "",
    )  # fmt: skip


def _diverging(
    title: str, data: pd.Series, xlabel: str, what: str, without: int = 0, also: str = ""
) -> Chart:
    """The largest differences, the most above zero on top."""
    differing = data[data.fillna(0) != 0]
    # By place and not by name, since two organizations may have the same one.
    order = differing.abs().reset_index(drop=True).sort_values(ascending=False, kind="stable").index
    shown = differing.iloc[order[:LIMIT]].sort_values(ascending=False, kind="stable")
    rest = differing.iloc[order[LIMIT:]]
    parts = []
    if len(rest):
        parts.append(
            f"{plural(len(rest), 'other ' + what)} with {_signed(rest.sum())} net not drawn."
        )
    if without:
        parts.append(f"{plural(without, 'device')} without a contract in no bar.")
    more = (" ".join(parts) + also).strip()
    shown.index = kinds.shorts(list(shown.index))

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.diverging(
            shown, xlabel=xlabel, footnote=more, nothing="No difference to a contract", ax=ax
        )

    alt = f"No difference to a contract. {more}".strip()
    if len(shown):
        alt = (
            f"Bars to the right of zero for more than contracted, to the left for less. "
            f"Of {plural(len(data), what)}, {len(differing):,} differ. The most above: "
            f"{shown.index[0]} with {_signed(shown.iloc[0])}; the most below: {shown.index[-1]} "
            f"with {_signed(shown.iloc[-1])}. {more}"
        ).strip()
    return Chart(title, alt, draw)


def _signed(value: float) -> str:
    return f"{value:+,.0f}".replace("-", "−")
