"""Which state of patching each computer is in, and how many of each group are in which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from ninja_analytics.reports.fleet.tables import NOT_REPORTED, os_family
from ninja_analytics.reports.intervals import funnel_limits, shrunken, wilson
from ninja_analytics.reports.patching import patches
from ninja_analytics.reports.patching.patches import EVIDENCE_DAYS, Rules
from ninja_analytics.reports.population import read

STATES = ("pass", "fail", "exception", "unknown")
SCANNED = "PATCH_MANAGEMENT_SCAN_COMPLETED"
SOFTWARE_SCANNED = "SOFTWARE_PATCH_MANAGEMENT_SCAN_COMPLETED"

_OF = {
    "os_patches": ("os_patch_installs", SCANNED),
    "software_patches": ("software_patch_installs", SOFTWARE_SCANNED),
}


def judged(
    computers: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    table: str,
    *,
    now: pd.Timestamp,
    rules: Rules,
) -> pd.DataFrame:
    """The *computers* with the state that the patches of *table* put each in, and why.

    Adds state (one of STATES), open_patches, failed_patches, exceptions, worst_severity and why.
    Without the table every state is unknown.
    """
    listed = patches.listed(frames, table, computers["device_id"], rules)
    installs, scans = _OF[table]
    ids = computers["device_id"]
    found = computers.assign(**_counts(listed, ids))
    there = read(frames, table, {"device_id": "Int64"})["device_id"].dropna()
    heard = patches.heard_of(frames, now, installs=installs, scans=scans)
    known = ids.isin(there) | ids.isin(heard)
    found["state"] = np.select(
        [found["open_patches"] > 0, found["exceptions"] > 0, known & (table in frames)],
        ["fail", "exception", "pass"],
        "unknown",
    )
    found["why"] = _why(found, listed, missing=table not in frames)
    return found


def _counts(listed: pd.DataFrame, ids: pd.Series) -> dict[str, pd.Series]:
    """How many patches of each device stand how, and the gravest severity of the open ones."""
    opened = listed[listed["stands"] == "open"]
    failed = opened[opened["status"] == "FAILED"]
    excepted = listed[listed["stands"] == "exception"]
    number = {"open_patches": opened, "failed_patches": failed, "exceptions": excepted}
    told = {name: patches.how_many(ids, rows) for name, rows in number.items()}
    worst = patches.graveness(opened["severity"]).groupby(opened["device_id"]).min()
    worst = patches.of_each(ids, patches.severity_named(worst), "str")
    return {**told, "worst_severity": worst}


def _why(found: pd.DataFrame, listed: pd.DataFrame, *, missing: bool) -> pd.Series:
    """Why each device is in its state, in words; "" of one that passes."""
    opened = listed[listed["stands"] == "open"]
    gravest = opened.assign(grave=patches.graveness(opened["severity"])).sort_values(
        ["device_id", "grave", "name", "patch"], kind="stable"
    )
    name = gravest.drop_duplicates("device_id").set_index("device_id")["name"]
    more = found["open_patches"] - 1
    told = patches.of_each(found["device_id"], name, "str").fillna("a patch without a name")
    told = told + np.where(more > 0, " and " + more.astype("str") + " more", "")
    failed = found["failed_patches"]
    told = told + np.where(failed > 0, "; failed: " + failed.astype("str"), "")
    nothing = (
        "the table could not be read"
        if missing
        else f"no patch listed, and no install or scan in {EVIDENCE_DAYS} days"
    )
    refused = "rejected or delayed: " + found["exceptions"].astype("str")
    words = np.select(
        [found["state"] == state for state in ("fail", "exception", "unknown")],
        [told.to_numpy(dtype=object), refused.to_numpy(dtype=object), nothing],
        "",
    )
    return pd.Series(words, index=found.index, dtype="str")


def with_families(computers: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The computers with the family of their operating system, e.g. Windows 11."""
    systems = read(frames, "operating_systems").drop_duplicates("device_id").set_index("device_id")
    families = os_family(systems["name"], systems["release_id"])
    named = patches.of_each(computers["device_id"], families, "str")
    return computers.assign(os_family=named.fillna(NOT_REPORTED))


def by_group(devices: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """How many *devices* of each group are in which state, with the share that passes.

    Columns: the keys, eligible, STATES, compliant_share, low and high (Wilson, 95 %), shrunken_share
    (empirical Bayes, for a fair order) and beyond_chance. The share lowest in that order is first.
    """
    ones = {state: (devices["state"] == state).astype("int64") for state in STATES}
    marked = devices[list(keys)].assign(eligible=1, **ones)
    table = marked.groupby(list(keys), dropna=False, sort=True).sum().reset_index()
    table[["eligible", *STATES]] = table[["eligible", *STATES]].astype("int64")
    known = table["pass"] + table["fail"]
    table["compliant_share"] = (table["pass"] / known.where(known > 0)).astype("Float64")
    table[["low", "high"]] = wilson(table["pass"], known)
    table["shrunken_share"] = shrunken(table["pass"], known)
    table["beyond_chance"] = _beyond_chance(table["compliant_share"], known)
    table = table.sort_values(
        ["shrunken_share", "fail", *keys],
        ascending=[True, False, *[True] * len(keys)],
        kind="stable",
        na_position="last",
        ignore_index=True,
    )
    more = ["compliant_share", "low", "high", "shrunken_share", "beyond_chance"]
    return table[[*keys, "eligible", *STATES, *more]]


def _beyond_chance(share: pd.Series, known: pd.Series) -> pd.Series:
    """Whether a share lies beyond what chance allows a group of its size around the share of all."""
    words = pd.Series("", index=share.index, dtype="str")
    if not known.sum():
        return words
    limits = funnel_limits(float((share.fillna(0) * known).sum() / known.sum()), known)
    at = {name: known.map(limits[name]).astype("Float64") for name in limits}
    for level, name in (("95 %", "95"), ("99.8 %", "998")):
        below = (share < at[f"low_{name}"] - 1e-12).fillna(False).astype(bool)
        above = (share > at[f"high_{name}"] + 1e-12).fillna(False).astype(bool)
        words = words.mask(below, f"below {level}").mask(above, f"above {level}")
    return words


# -- the cumulative update of the month --------------------------------------------------------------


def month_update(
    computers: pd.DataFrame, frames: Mapping[str, pd.DataFrame], *, month: str, rules: Rules
) -> pd.Series:
    """The state of each of *computers* as to Windows' cumulative update of *month*.

    pass: installed; fail: listed as open, or tried in vain; exception: rejected or delayed;
    unknown: nothing says whether it is there. Missing for what does not run Windows.
    """
    windows = computers["node_class"].str.startswith("WINDOWS_").fillna(False).astype(bool)
    ids = computers["device_id"]
    told = {table: _of_month(frames, table, month) for table in ("os_patch_installs", "os_patches")}
    tried, waits = told["os_patch_installs"], told["os_patches"]

    def has(rows: pd.DataFrame, words: tuple[str, ...]) -> pd.Series:
        return ids.isin(rows.loc[rows["status"].isin(words), "device_id"])

    state = np.select(
        [
            has(tried, ("INSTALLED",)),
            has(waits, rules.open_statuses) | has(tried, ("FAILED",)),
            has(waits, rules.excepted_statuses),
        ],
        ["pass", "fail", "exception"],
        "unknown",
    )
    return pd.Series(state, index=computers.index, dtype="str").where(windows)


def _of_month(frames: Mapping[str, pd.DataFrame], table: str, month: str) -> pd.DataFrame:
    """The rows of the cumulative update of *month*: device_id and status."""
    rows = read(frames, table, {"device_id": "Int64", "name": "str", "status": "str"})
    rows = rows[rows["device_id"].notna() & rows["name"].str.contains(month, regex=False).eq(True)]
    rows = rows[patches.monthly(rows["name"], month)]
    return rows.assign(status=rows["status"].fillna("").str.upper())
