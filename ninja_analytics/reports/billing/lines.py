"""What is billed against what is contracted: by organization and class group, with all that fits nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.reports.billing.contract import ALL, BILLED, KINDS
from ninja_analytics.reports.population import (
    CLASS_GROUPS,
    Names,
    Population,
    class_group,
    classes_asked,
    read,
)

LINES = {
    "organization": "str",
    "class_group": "str",
    "billable": "Int64",
    "contracted": "Int64",
    "difference": "Int64",
    "state": "str",
    "price": "Float64",
    "currency": "str",
    "amount": "Float64",
    "line": "Int64",
    "organization_id": "Int64",
}
EXCEPTIONS = {
    "exception": "str",
    "organization": "str",
    "class_group": "str",
    "devices": "Int64",
    "contracted": "Int64",
    "line": "Int64",
    "organization_id": "Int64",
}
NOT_KNOWN = "contract of an organization that NinjaOne does not have"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """`lines` are contract lines and devices without one, `apart` contract lines that count nowhere."""

    lines: pd.DataFrame
    apart: pd.DataFrame

    @property
    def judged(self) -> pd.DataFrame:
        """The lines that have a contract."""
        return self.lines[self.lines["contracted"].notna()]

    @property
    def uncovered(self) -> pd.DataFrame:
        """The organizations and class groups with billable devices that no contract names."""
        return self.lines[self.lines["contracted"].isna()]


def with_billing(devices: pd.DataFrame, billable_days: float | None) -> pd.DataFrame:
    """The devices with `billing`: billable, why not, or unknown.

    What is known to keep a device off the bill counts before what is not known.
    """
    approval, kind = devices["approval_status"], devices["class_group"]
    classless = devices["node_class"].isna()
    missing = approval.isna() | classless
    billing = pd.Series("billable", index=devices.index, dtype="str")
    if billable_days is not None:
        missing |= devices["contact_days"].isna()
    billing = billing.mask(missing, "unknown")
    if billable_days is not None:
        silent = devices["contact_days"].gt(billable_days).fillna(False).astype(bool)
        billing = billing.mask(silent, "silent")
    billing = billing.mask(~classless & ~kind.isin(BILLED), "class not billed")
    unapproved = approval.notna() & ~devices["managed"]
    return devices.assign(billing=billing.mask(unapproved, "not approved"))


def reconciled(
    contract: pd.DataFrame | None,
    billable: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    people: Population,
    *,
    node_classes: Names,
    every: bool,
) -> Reconciled:
    """The *contract* held against the *billable* devices; without one, all devices are uncovered.

    Of organizations that were not asked for nothing is told, but with *every* what nobody knows.
    """
    told = pd.DataFrame(columns=list(KINDS)).astype(KINDS) if contract is None else contract
    found = _resolved(told, frames, people)
    whole = groups_asked(node_classes, frames)
    partly = ~found["class_group"].isin(whole) & ~(
        (found["class_group"] == ALL) & (len(whole) == len(BILLED))
    )
    found["exception"] = found["exception"].mask(
        found["exception"].eq("") & partly, "not judged: only some of its classes were asked for"
    )
    found["exception"] = found["exception"].mask(
        found["exception"].eq("") & _repeated(found), "the same organization and classes again"
    )
    apart = found[~found["exception"].isin(["", "not asked for"])]
    if not every:
        apart = apart[apart["organization_id"].isin(people.organizations["organization_id"])]
    used = found[found["exception"] == ""]
    return Reconciled(_lines(used, billable, people), apart.reset_index(drop=True))


def groups_asked(node_classes: Names, frames: Mapping[str, pd.DataFrame]) -> list[str]:
    """The billed class groups of which every class was asked for."""
    if node_classes is None:
        return list(BILLED)
    devices = read(frames, "devices")
    asked = classes_asked(node_classes, devices)
    there = pd.Series(sorted({*devices["node_class"].dropna(), *sum(CLASS_GROUPS.values(), ())}))
    left = set(class_group(there[~there.isin(asked)].astype("str")))
    return [group for group in BILLED if group not in left]


def _resolved(
    contract: pd.DataFrame, frames: Mapping[str, pd.DataFrame], people: Population
) -> pd.DataFrame:
    """The contract with organization_id, and as `exception` why a line cannot be used."""
    names = read(frames, "organizations").dropna(subset=["organization_id"])
    names = names.drop_duplicates("organization_id")
    ids: dict[str, set[int]] = {}
    numbers = [*names["organization_id"], *read(frames, "devices")["organization_id"].dropna()]
    for number in dict.fromkeys(numbers):
        ids[str(number)] = {int(number)}
    for number, name in names.dropna(subset=["organization_name"]).itertuples(index=False):
        ids.setdefault(name.strip().casefold(), set()).add(int(number))
    found = [ids.get(name.casefold(), set()) for name in contract["organization"]]
    asked = set(people.organizations["organization_id"])
    why = [
        NOT_KNOWN if not one
        else "several organizations have this name: write the id" if len(one) > 1
        else "" if one <= asked else "not asked for"
        for one in found
    ]  # fmt: skip
    only = [next(iter(one)) if len(one) == 1 else None for one in found]
    return contract.assign(
        organization_id=pd.Series(only, index=contract.index, dtype="Int64"),
        exception=pd.Series(why, index=contract.index, dtype="str"),
    )


def _repeated(found: pd.DataFrame) -> pd.Series:
    """Lines whose organization was named before, by its id or another spelling, with these classes."""
    usable = found[found["exception"] == ""]
    first_all = usable[usable["class_group"] == ALL].groupby("organization_id")["line"].min()
    first_any = usable.groupby("organization_id")["line"].min()
    again = usable.duplicated(["organization_id", "class_group"])
    after_all = usable["organization_id"].map(first_all).lt(usable["line"]).fillna(False)
    after_any = usable["organization_id"].map(first_any).lt(usable["line"]).fillna(False)
    told = again | after_all.astype(bool)
    told |= (usable["class_group"] == ALL) & after_any.astype(bool)
    return told.reindex(found.index, fill_value=False).astype(bool)


def _lines(used: pd.DataFrame, billable: pd.DataFrame, people: Population) -> pd.DataFrame:
    """A row per contract line and per organization and class group that no line names."""
    names = people.organizations.set_index("organization_id")["organization"]
    each = billable.groupby(["organization_id", "organization", "class_group"], dropna=False)
    counts = each.size().rename("billable").reset_index()
    alls = set(used.loc[used["class_group"] == ALL, "organization_id"])
    counts["contracted_as"] = counts["class_group"].mask(counts["organization_id"].isin(alls), ALL)
    keys = ["organization_id", "class_group"]
    summed = counts.groupby(["organization_id", "contracted_as"])["billable"].sum()
    sums = summed.rename_axis(keys).reset_index()
    lines = used.merge(sums, how="left", on=keys)
    lines["organization"] = lines["organization_id"].map(names).astype("str")
    named = pd.MultiIndex.from_frame(used[keys])
    there = pd.MultiIndex.from_arrays([counts["organization_id"], counts["contracted_as"]])
    rest = counts[~there.isin(named)].drop(columns="contracted_as")
    table = pd.concat([lines, rest], ignore_index=True).reindex(columns=list(LINES))
    table["billable"] = table["billable"].fillna(0)
    table = table.astype({name: kind for name, kind in LINES.items() if name != "state"})
    table["difference"] = table["billable"] - table["contracted"]
    table["amount"] = table["difference"].astype("Float64") * table["price"]
    table["state"] = _states(table["difference"])
    table["size"] = table["difference"].abs().fillna(0)
    table["group"] = table["class_group"].map({name: n for n, name in enumerate((*BILLED, ALL))})
    table = table.sort_values(
        ["size", "organization", "organization_id", "group"],
        ascending=[False, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    return table[list(LINES)].astype(LINES)


def _states(difference: pd.Series) -> np.ndarray:
    """matches, over, under, or that there is no contract."""
    told = np.sign(difference.to_numpy(dtype=float, na_value=np.nan))
    return np.select(
        [told > 0, told < 0, told == 0], ["over", "under", "matches"], default="no contract"
    )


def by_organization(lines: pd.DataFrame) -> pd.DataFrame:
    """Per organization: billable devices, seats, units over and under, devices without a contract."""
    keys = ["organization_id", "organization"]
    difference = lines["difference"].fillna(0)
    parts = lines[keys].assign(
        billable=lines["billable"],
        contracted=lines["contracted"].fillna(0),
        over=difference.clip(lower=0),
        under=-difference.clip(upper=0),
        without_contract=lines["billable"].where(lines["contracted"].isna(), 0),
    )
    table = parts.groupby(keys, dropna=False).sum().reset_index()
    table["difference"] = table["over"] - table["under"]
    table["size"] = table["over"] + table["under"] + table["without_contract"]
    table = table.sort_values(
        ["size", "organization", "organization_id"], ascending=[False, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    numbers = ["billable", "contracted", "over", "under", "difference", "without_contract"]
    return table[["organization", *numbers, "organization_id"]].astype(
        dict.fromkeys(numbers, "Int64")
    )


def amounts(judged: pd.DataFrame) -> pd.DataFrame:
    """What the differences are worth, by currency: over, under and net, and how many lines."""
    priced = judged[judged["amount"].notna() & (judged["difference"] != 0)]
    parts = pd.DataFrame(
        {
            "currency": priced["currency"].fillna(""),
            "lines": 1,
            "over": priced["amount"].clip(lower=0),
            "under": -priced["amount"].clip(upper=0),
            "net": priced["amount"],
        }
    )
    table = parts.groupby("currency", as_index=False).sum()
    kinds = {"lines": "Int64", "over": "Float64", "under": "Float64", "net": "Float64"}
    return table.astype({"currency": "str", **kinds})


def exceptions(
    told: Reconciled, devices: pd.DataFrame, excluded: pd.DataFrame, *, contracted: bool
) -> pd.DataFrame:
    """All that fits nowhere: organizations without a contract, contracts without one, devices apart."""
    parts = []
    if contracted:
        none = told.uncovered.assign(devices=told.uncovered["billable"])
        has = set(told.judged["organization_id"].dropna())
        group = none["organization_id"].isin(has)
        none["exception"] = np.where(
            group, "class group that the contract does not name", "organization without a contract"
        )
        parts += [none.drop(columns=["contracted", "line"]), told.apart]
    apart = devices[devices["billing"] != "billable"]
    kinds = {
        "unknown": "approval, class or contact not known",
        "not approved": "pending, staged or decommissioned",
        "class not billed": "class that is not billed",
        "silent": "silent for longer than billable_days",
    }
    parts += [_counted(apart, apart["billing"].map(kinds)), _counted(excluded, "excluded")]
    table = pd.concat([part.reindex(columns=list(EXCEPTIONS)) for part in parts if len(part)]
                      or [pd.DataFrame(columns=list(EXCEPTIONS))], ignore_index=True)  # fmt: skip
    return table.astype(EXCEPTIONS)


def _counted(devices: pd.DataFrame, why: pd.Series | str) -> pd.DataFrame:
    """Devices apart, counted by why, organization and class group."""
    keys = ["exception", "organization", "organization_id", "class_group"]
    told = devices.assign(exception=why).groupby(keys, dropna=False).size().rename("devices")
    return told.reset_index()
