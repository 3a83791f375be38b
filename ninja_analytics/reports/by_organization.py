"""States of devices by organization: as a table, and as the rows of a chart."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ninja_analytics import charts as kinds

LIMIT = 15
"""The most organizations that a chart draws."""


def counts(devices: pd.DataFrame, column: str, states: Sequence[str]) -> pd.DataFrame:
    """How many devices of each organization are in each of *states*, the largest first.

    organization, devices, a column per state, organization_id.
    """
    keys = [devices["organization_id"], devices["organization"]]
    ones = {state: (devices[column] == state).astype("int64") for state in states}
    table = pd.DataFrame({"devices": 1, **ones}, index=devices.index)
    table = table.groupby(keys, dropna=False).sum().reset_index()
    return table.sort_values(
        ["devices", "organization"], ascending=[False, True], kind="stable", ignore_index=True
    )[["organization", "devices", *states, "organization_id"]]


def rows(table: pd.DataFrame, states: Sequence[str]) -> pd.DataFrame:
    """The rows of a chart out of `counts`: all, the largest organizations, and the rest as one."""
    chosen = list(states)
    shown, rest = table.head(LIMIT), table.iloc[LIMIT:]
    parts, names = [shown[chosen]], kinds.shorts(list(shown["organization"]))
    if len(table) > 1:
        parts.insert(0, table[chosen].sum().to_frame().T)
        names.insert(0, "All organizations")
    if len(rest):
        parts.append(rest[chosen].sum().to_frame().T)
        names.append(plural(len(rest), "other"))
    return pd.concat(parts).astype("int64").set_axis(names, axis=0)


def plural(count: int, what: str, many: str = "") -> str:
    """A number with its thing: 1 device, 2,000 devices; *many* where an s does not do: patches."""
    return f"{count:,} {what if count == 1 else many or what + 's'}"


def not_drawn(count: int, what: str, more: str = "") -> str:
    """What is told instead of drawn; "" for nothing."""
    return f"+ {plural(count, 'other ' + what)}{more}, not drawn" if count else ""


def lowest(shares: pd.DataFrame, share: str, size: str, fewest: int = 5) -> str:
    """The organization with the lowest share of those with some devices, for a chart's words."""
    known = shares[(shares[size] >= fewest) & shares[share].notna()]
    if len(known) < 2:
        return ""
    return kinds.short(known.sort_values(share, kind="stable").iloc[0]["organization"], 60)
