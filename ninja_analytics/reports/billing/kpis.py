"""The numbers of billing_reconciliation, and what they are counted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ninja_analytics.reports.billing.between import Between
from ninja_analytics.reports.billing.lines import NOT_KNOWN, Reconciled
from ninja_analytics.reports.billing.movement import Movement
from ninja_analytics.reports.kpis import Kpi
from ninja_analytics.reports.making import Asked


@dataclass(frozen=True, slots=True)
class Bill:
    """What the report counts from: devices with `billing`, contract lines, and what moved.

    `every` says that all organizations were asked for. `between` is what moved since a snapshot of
    the period's beginning, where there is one; `moved` is what logs and times of creation tell.
    """

    devices: pd.DataFrame
    contract: pd.DataFrame | None
    told: Reconciled
    moved: Movement
    every: bool
    between: Between | None = None

    @property
    def billable(self) -> pd.DataFrame:
        """The devices that are to be billed."""
        return self.devices[self.devices["billing"] == "billable"]


def kpis(
    ask: Asked, bill: Bill, tables: Mapping[str, pd.DataFrame], excluded: pd.DataFrame
) -> tuple[Kpi, ...]:
    """The headline numbers."""
    state = bill.devices["billing"].value_counts()
    apart = int(state.drop(["billable", "unknown"], errors="ignore").sum())
    left = f"{len(excluded):,} devices of excluded organizations apart" if len(excluded) else ""
    moved = bill.moved
    return (
        ask.kpi(
            "billing_billable",
            numerator=len(bill.billable),
            unknown=int(state.get("unknown", 0)),
            exceptions=apart,
            note=left,
        ),
        *_contract_kpis(ask, bill, tables),
        *(_told_kpis(ask, moved) if bill.between is None else _counted_kpis(ask, bill.between)),
    )


def _told_kpis(ask: Asked, moved: Movement) -> tuple[Kpi, Kpi]:
    """What came and went as far as times of creation and the activity log tell."""
    removed = ask.settings.definitions["billing_removed"]
    return (
        ask.kpi(
            "billing_added",
            numerator=len(moved.added),
            denominator=moved.closing,
            unknown=moved.timeless,
            note=moved.period.label,
        ),
        Kpi(removed, None, note="not known for a part of the devices")
        if moved.removed is None
        else ask.kpi(
            "billing_removed",
            numerator=moved.gone,
            exceptions=moved.passed_through,
            note="whose they were is not known" if moved.gone else moved.period.label,
        ),
    )


def _counted_kpis(ask: Asked, found: Between) -> tuple[Kpi, Kpi]:
    """What came and went since a snapshot; who came onto the bill or off it is told beside."""
    since, count = f"since {found.at:%Y-%m-%d %H:%M} UTC", found.count
    return (
        ask.kpi(
            "billing_added",
            numerator=count("added"),
            denominator=found.closing + found.nameless,
            exceptions=count("became billable"),
            note=since,
        ),
        Kpi(
            ask.settings.definitions["billing_removed"],
            count("removed"),
            exceptions=count("no longer billable"),
            note=since,
        ),
    )


def _contract_kpis(ask: Asked, bill: Bill, tables: Mapping[str, pd.DataFrame]) -> tuple[Kpi, ...]:
    """The numbers that need a contract; without one they are empty and say so."""
    keys = (
        "billing_contracted", "billing_matching", "billing_over", "billing_under",
        "billing_amount", "billing_without_contract", "billing_without_organization",
    )  # fmt: skip
    if bill.contract is None:
        at = ask.settings.definitions
        return tuple(Kpi(at[key], None, note="no contract was given") for key in keys)
    judged, uncovered, apart = bill.told.judged, bill.told.uncovered, bill.told.apart
    difference, loose = judged["difference"], int(uncovered["billable"].sum())
    over, under = difference[difference > 0], difference[difference < 0]
    covered = set(judged["organization_id"].dropna())
    having = tables["organizations"].dropna(subset=["organization_id"]).query("billable > 0")
    alone = having[~having["organization_id"].isin(covered)]
    lost = apart[apart["exception"] == NOT_KNOWN]
    names = int(bill.contract["organization"].str.casefold().nunique())
    return (
        ask.kpi(
            keys[0],
            numerator=int(judged["contracted"].sum()),
            unknown=int(lost["contracted"].sum()),
            exceptions=int(apart["contracted"].sum() - lost["contracted"].sum()),
        ),
        ask.kpi(
            keys[1],
            numerator=int((difference == 0).sum()),
            denominator=len(judged),
            unknown=len(uncovered),
            exceptions=len(apart),
        ),
        ask.kpi(
            keys[2],
            numerator=int(over.sum()),
            unknown=loose,
            note=_in(over, judged) if len(over) else "",
        ),
        ask.kpi(keys[3], numerator=-int(under.sum()), note=_in(under, judged) if len(under) else ""),
        _amount(ask, judged, tables["amounts"]),
        ask.kpi(
            keys[5],
            numerator=len(alone),
            denominator=len(having),
            note=f"{int(alone['billable'].sum()):,} devices" if len(alone) else "",
        ),
        ask.kpi(keys[6], numerator=lost["organization"].str.casefold().nunique(), denominator=names)
        if bill.every
        else Kpi(ask.settings.definitions[keys[6]], None,
                 note="looked for only where all organizations are asked for"),
    )  # fmt: skip


def _in(difference: pd.Series, judged: pd.DataFrame) -> str:
    count = judged.loc[difference.index, "organization_id"].nunique()
    return f"in {count:,} organization{'' if count == 1 else 's'}"


def _amount(ask: Asked, judged: pd.DataFrame, amounts: pd.DataFrame) -> Kpi:
    """The net worth of the differences; with several currencies none, but each told beside."""
    differing = judged[judged["difference"] != 0]
    priced = differing[differing["price"].notna()]
    one = len(amounts) == 1
    amount = float(amounts["net"].iloc[0]) if one else 0.0 if differing.empty else None
    columns = (amounts["currency"], amounts["over"], amounts["under"])
    told = [
        f"{currency or 'no currency said'}: {over:,.2f} over, {under:,.2f} under"
        for currency, over, under in zip(*columns, strict=True)
    ]
    return ask.kpi(
        "billing_amount",
        numerator=len(priced),
        denominator=len(differing),
        unknown=len(differing) - len(priced),
        amount=amount,
        note="; ".join(told),
    )
