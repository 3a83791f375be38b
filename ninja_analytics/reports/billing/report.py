"""The report billing_reconciliation: do the devices that we bill match the contracts, and what moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import numpy as np
import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.periods import period_of
from ninja_analytics.reports.about import About, since_period
from ninja_analytics.reports.actions import grouped, to_do
from ninja_analytics.reports.billing import between as billing_between
from ninja_analytics.reports.billing import charts as billing_charts
from ninja_analytics.reports.billing import kpis as billing_kpis
from ninja_analytics.reports.billing import lines as billing_lines
from ninja_analytics.reports.billing import movement as billing_movement
from ninja_analytics.reports.billing.contract import contract_of
from ninja_analytics.reports.billing.kpis import Bill
from ninja_analytics.reports.billing.lines import NOT_KNOWN
from ninja_analytics.reports.making import Asked, asked, made
from ninja_analytics.reports.population import Names, population, utc
from ninja_analytics.reports.report import Report
from ninja_analytics.reports.settings import PACKAGED, Settings

PERIOD = "30d"
LONG_SILENT = 90
"""Days of silence after which a billed device is worth a question; a convention."""
ABOUT = About(
    name="billing_reconciliation",
    title="Billing reconciliation",
    question="Do the devices that we bill match the contracts, and what moved?",
    degrades=MappingProxyType(
        {
            "organizations": "contracts can be matched by id only, and organizations are shown by id",
            "locations": "locations are shown by id",
            "devices": "devices cannot be counted, so nothing below can",
            "activities": "removed devices are not known, and additions cannot be cross-checked",
        }
    ),
    events=("activities",),
    reach=since_period,
)
_CAPTIONS = {
    "lines": "Billable devices and contracted seats by organization and class group, the largest "
    "difference first. The amount is the difference times the price of a seat.",
    "organizations": "The same by organization. Devices without a contract are not in the difference.",
    "amounts": "What the differences are worth, by currency.",
    "movement": "From the billable devices at the beginning of the period to those now.",
    "movement_by_line": "The same by organization and class group, where a snapshot of the beginning "
    "tells: opening, what came, less what went, is closing. Empty without one.",
    "movement_by_group": "Billable devices added in the period, and now, by class group.",
    "movement_check": "Whether created_at of the devices and the activity log tell the same.",
    "added": "Billable devices enrolled in the period, and whether the activity log says so.",
    "moved": "Billable devices whose organization or class group changed since the snapshot of the "
    "beginning. Empty without one.",
    "removed": "Billable devices of the snapshot of the beginning that are gone. Without one, devices "
    "deleted in the period by the activity log: nobody can tell whose they were.",
    "exceptions": "What fits nowhere: devices without a contract, contracts without an organization, "
    "devices that are not billed.",
    "devices": "The billable devices by name, and the line of the contract that each is held against.",
}  # fmt: skip


def billing_reconciliation(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp | datetime | str,
    opening: Mapping[str, pd.DataFrame] | None = None,
    opening_at: pd.Timestamp | datetime | str | None = None,
    settings: Settings = PACKAGED,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
    active_days: float = 30,
    billable_days: float | None = None,
    contract: pd.DataFrame | None = None,
    period: str = PERIOD,
    tz: str = "UTC",
) -> Report:
    """The billable devices against the contracted seats, in units and money, and the movement.

    A device is billable when it is approved and of a class group that contracts name; with
    *billable_days* it must have been seen that lately too. *contract* is a frame with organization
    (name or id), class_group (or "all"), contracted and, if wanted, price and currency; by default
    that of the settings. *exclude_organizations* are those nobody bills: your own, spare devices.
    The movement is that of the *period*, its days those of the zone *tz*. With the tables of an
    *opening*, taken at *opening_at* (default: when the period begins), it is counted device by device
    from then until now; without, it is what times of creation and the activity log tell. Raises UnknownNameError
    for a name that nobody has, UsageError for a contract that cannot be understood.
    """
    _check_days(billable_days)
    given = settings.contract if contract is None else contract_of(contract)
    ask = asked(
        ABOUT,
        frames,
        now=now,
        settings=settings,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
        active_days=active_days,
        billable_days="any" if billable_days is None else billable_days,
        contract="none" if given is None else f"lines: {len(given):,}",
        period=str(period),
        tz=tz,
    )
    devices = billing_lines.with_billing(ask.people.devices, billable_days)
    every = organizations is None
    told = billing_lines.reconciled(
        given, devices[devices["billing"] == "billable"], frames, ask.people,
        node_classes=node_classes, every=every,
    )  # fmt: skip
    span = period_of(period, now=ask.now, tz=tz)
    moved = billing_movement.movement(
        devices, frames, span, ask.now, attributable=every and node_classes is None
    )
    counted = billing_between.between(
        ask, opening, span.start if opening_at is None else utc(opening_at),
        billable_days=billable_days, organizations=organizations,
        exclude_organizations=exclude_organizations, node_classes=node_classes,
    )  # fmt: skip
    bill = Bill(devices, given, told, moved, every, counted)
    excluded = _excluded(ask, organizations, exclude_organizations, node_classes)
    tables = _tables(bill, excluded)
    return made(
        ask,
        kpis=billing_kpis.kpis(ask, bill, tables, excluded),
        tables=tables,
        captions=_CAPTIONS,
        charts=billing_charts.charts(bill, tables),
        to_do=_to_do(bill, tables),
        notes=_notes(bill),
    )


def _check_days(billable_days: float | None) -> None:
    number = billable_days is None or bool(pd.api.types.is_number(billable_days))
    if not number or (billable_days is not None and not billable_days > 0):
        raise UsageError(
            f"billable_days is {billable_days!r}, but must be a number above 0, or left out to bill "
            "devices however long they are silent."
        )


def _excluded(
    ask: Asked, organizations: Names, exclude: Names, node_classes: Names
) -> pd.DataFrame:
    """The devices of organizations that were left out."""
    if exclude is None:
        return ask.people.devices.iloc[:0]
    every = population(
        ask.frames, now=ask.now, organizations=organizations, node_classes=node_classes
    ).devices
    left = set(ask.people.organizations["organization_id"])
    return every[every["organization_id"].notna() & ~every["organization_id"].isin(left)]


def _tables(bill: Bill, excluded: pd.DataFrame) -> dict[str, pd.DataFrame]:
    told, moved = bill.told, bill.moved
    added = billing_movement.added_table(moved, bill.between)
    return {
        "lines": told.lines,
        "organizations": billing_lines.by_organization(told.lines),
        "amounts": billing_lines.amounts(told.judged),
        "movement": billing_movement.ledger(moved)
        if bill.between is None
        else billing_between.ledger(bill.between),
        "movement_by_line": billing_between.by_line(bill.between),
        "movement_by_group": billing_movement.by_group(added, bill.billable),
        "movement_check": moved.check,
        "added": added,
        "moved": billing_between.moved_table(bill.between),
        "removed": billing_movement.removed_table(moved, bill.between),
        "exceptions": billing_lines.exceptions(
            told, bill.devices, excluded, contracted=bill.contract is not None
        ),
        "devices": _devices(bill),
    }


def _devices(bill: Bill) -> pd.DataFrame:
    """The billable devices, with the line of the contract that each is counted under."""
    judged = bill.told.judged[["organization_id", "class_group", "line"]]
    exact = judged.rename(columns={"line": "contract_line"})
    alls = judged[judged["class_group"] == "all"].set_index("organization_id")["line"]
    rows = bill.billable.merge(exact, how="left", on=["organization_id", "class_group"])
    rows["contract_line"] = (
        rows["contract_line"].fillna(rows["organization_id"].map(alls)).astype("Int64")
    )
    rows["days_silent"] = np.floor(rows["contact_days"].astype("Float64")).astype("Int64")
    rows = rows.sort_values(
        ["organization", "class_group", "device", "device_id"], kind="stable", ignore_index=True
    )
    columns = ["device", "organization", "location", "node_class", "class_group", "contract_line"]
    return rows[[*columns, "days_silent", "created_at", "device_id", "organization_id"]]


def _to_do(bill: Bill, tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """What is given away comes first, then what has no contract, then what is paid and not used."""
    lines = bill.told.judged
    counted = (
        lines["class_group"] + ": " + grouped(lines["billable"]) + " billable, "
        + grouped(lines["contracted"]) + " contracted"
    )  # fmt: skip
    over, under = lines[lines["state"] == "over"], lines[lines["state"] == "under"]
    exceptions = tables["exceptions"]
    without = bill.told.uncovered if bill.contract is not None else bill.told.lines.iloc[:0]
    no_contract = without["class_group"] + ": " + grouped(without["billable"]) + " billable"
    lost = exceptions[exceptions["exception"] == NOT_KNOWN]
    named = "line " + lost["line"].astype("str") + " of the contract"
    silent = tables["devices"]
    silent = silent[silent["days_silent"].fillna(0) > LONG_SILENT]
    days = "last seen " + silent["days_silent"].astype("str") + " days ago"
    return (
        to_do("fix now", "Bill the devices beyond the contract", over, why=counted[over.index]),
        to_do("plan", "Put the devices under contract", without, why=no_contract),
        to_do("plan", "Name the organization as NinjaOne does", lost, why=named),
        to_do("watch", "Ask why seats are not used", under, why=counted[under.index]),
        to_do("watch", "Ask whether the device is to be billed", silent, why=days),
    )


def _notes(bill: Bill) -> tuple[str, ...]:
    """What a reader should know about how things were counted."""
    moved, period = bill.moved, bill.moved.period
    ends = f"from {period.start:%Y-%m-%d %H:%M} to {period.end:%Y-%m-%d %H:%M} UTC"
    told = [f"The period is {period.label}: {ends}."]
    if bill.contract is None:
        told.append(
            'No contract was given, so nothing is held against one. Name it in the settings: '
            '[contract] file = "contract.csv".'
        )  # fmt: skip
    told += _on_movement(bill)
    if moved.short_log:
        begins = moved.log_begins
        since = "is empty" if begins is None else f"begins on {begins:%Y-%m-%d %H:%M} UTC"
        told.append(f"The activity log here {since}: what was removed before is not in it.")
    if moved.has_log:
        said = "agree" if moved.balances else "do not agree: see movement_check"
        told.append(f"On who came in the period, created_at and the activity log {said}.")
    return tuple(told)


def _on_movement(bill: Bill) -> list[str]:
    """How exact the movement is."""
    moved, counted = bill.moved, bill.between
    if counted is not None:
        late = moved.period.end < moved.now
        how = (
            f"The movement is counted device by device, from the snapshot of {counted.at:%Y-%m-%d %H:%M} "
            f"UTC until now{', which is after the end of the period' if late else ''}. A machine that "
            "was enrolled anew is removed and added: it has a new id."
        )
        return [how]
    told = []
    if moved.removed is None:
        told.append(
            "What was removed is not known"
            + (", since only a part of the devices was asked for." if moved.has_log else ".")
        )
    elif moved.gone:
        told.append(
            f"The opening of {moved.opening:,} holds if all {moved.gone:,} removed devices were "
            f"billable and none moved; it is {moved.opening - moved.gone:,} if none of them was. "
            "The activity log does not tell; a snapshot from the beginning of the period would."
        )
    if moved.passed_through:
        told.append(
            f"Devices that came and went within the period, in no line: {moved.passed_through:,}."
        )
    if moved.timeless:
        told.append(f"Billable devices of which nobody knows when they came: {moved.timeless:,}.")
    return told
