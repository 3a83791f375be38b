"""What does not get installed: failures that nothing followed, stuck patches, agents that look broken."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.patching import patches

STUCK_FAILURES = 3
STUCK_CYCLES = 2
BROKEN_PATCHES = 3
_PAIR = ["device_id", "item"]


def failures(tried: pd.DataFrame, *, window: Period, now: pd.Timestamp) -> pd.DataFrame:
    """The patches that failed on a device in the *window*, one row per device and patch.

    Columns: device_id, item, kb_number, name, severity; failures (those of the window that no
    installation followed until *now*), last_failed_at, fixed (an installation followed them all) and
    unclear (not fixed, but installed at a time that NinjaOne does not give).
    """
    failed = tried[(tried["status"] == "FAILED") & window.contains(tried["at"])]
    failed = failed.sort_values([*_PAIR, "at", "name"], kind="stable")
    installed = tried[tried["status"] == "INSTALLED"]
    last = installed[installed["at"] <= now].groupby(_PAIR)["at"].max().rename("installed_at")
    undated = installed.loc[installed["at"].isna(), _PAIR].drop_duplicates().assign(unclear=True)
    found = failed.merge(last, how="left", on=_PAIR)
    left = found["installed_at"].isna() | (found["at"] >= found["installed_at"])
    pairs = (
        found.assign(left=left.astype("int64"))
        .groupby(_PAIR, as_index=False)
        .agg(
            kb_number=("kb_number", "last"),
            name=("name", "last"),
            severity=("severity", "last"),
            failures=("left", "sum"),
            last_failed_at=("at", "max"),
        )
        .merge(undated, how="left", on=_PAIR)
    )
    fixed = pairs["failures"] == 0
    unclear = pairs["unclear"].eq(True).fillna(False).astype(bool) & ~fixed
    return pairs.assign(fixed=fixed, unclear=unclear)


def pairs(opened: pd.DataFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """Every patch that is open on a device or failed on it for good, and whether it is stuck.

    *opened* are open patches with their age, *failed* as failures tells. Adds still_open, stuck and
    unknown: not stuck as far as one can see, but the age or the outcome is not known.
    """
    oldest = opened.sort_values(
        [*_PAIR, "age_days", "patch"], ascending=[True, True, False, True], kind="stable"
    ).drop_duplicates(_PAIR)
    told = ["kb_number", "name", "severity"]
    oldest = oldest[
        [*_PAIR, *told, "status", "since_at", "basis", "age_days", "cycles", "at_least"]
    ]
    left = failed[~failed["fixed"]]
    # What is filtered to nothing cannot be merged by a text: pandas 3 leaves it without a type.
    oldest, left = (
        one.assign(item=one["item"].astype(object).astype("str")) for one in (oldest, left)
    )
    found = oldest.merge(left, how="outer", on=_PAIR, suffixes=("", "_failed"), indicator=True)
    for name in told:
        found[name] = found[name].fillna(found.pop(f"{name}_failed"))
    found["failures"] = found["failures"].fillna(0).astype("int64")
    found["basis"] = found["basis"].fillna("unknown")
    found["still_open"] = (found.pop("_merge") != "right_only").astype(bool)
    unclear = found["unclear"].eq(True).fillna(False).astype(bool)
    often = found["failures"] >= STUCK_FAILURES
    long = (found["cycles"] >= STUCK_CYCLES).fillna(False).astype(bool)
    found["stuck"] = (often & (found["still_open"] | ~unclear)) | long
    older = found.pop("at_least").eq(True).fillna(False).astype(bool)
    doubt = (found["still_open"] & (found["cycles"].isna() | older)) | (often & unclear)
    found["unknown"] = ~found["stuck"] & doubt
    return found


def by_patch(opened: pd.DataFrame, tried: pd.DataFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """Each patch: on how many devices it is open, on how many it was tried and failed.

    *tried* are the attempts of the period. Devices are counted once per patch, whatever they repeat.
    """
    names = pd.concat([opened, tried])[["item", "kb_number", "name", "severity"]]
    names = names.assign(grave=patches.graveness(names["severity"]))
    names = names.sort_values(["item", "grave", "name"], kind="stable").drop_duplicates("item")
    table = names.set_index("item").drop(columns="grave")
    age = opened.groupby("item")["age_days"].max()
    counts = {
        "open_devices": opened.groupby("item")["device_id"].nunique(),
        "tried_devices": tried.groupby("item")["device_id"].nunique(),
        "failed_devices": failed.groupby("item")["device_id"].nunique(),
        "still_failing": failed[~failed["fixed"]].groupby("item")["device_id"].nunique(),
    }
    for name, count in counts.items():
        table[name] = count.reindex(table.index).fillna(0).astype("int64")
    table["failure_share"] = (
        table["failed_devices"] / table["tried_devices"].where(table["tried_devices"] > 0)
    ).astype("Float64")
    table["oldest_days"] = age.reindex(table.index).astype("Float64")
    return table.reset_index()


def keeps_failing(table: pd.DataFrame, *, min_devices: float, min_share: float) -> pd.Series:
    """Whether each patch fails on so many devices that the patch is the cause, not the device."""
    often = (table["failure_share"] > min_share).fillna(False).astype(bool)
    return (table["failed_devices"] >= min_devices) & often


def broken(computers: pd.DataFrame, tried: pd.DataFrame, failed: pd.DataFrame) -> pd.DataFrame:
    """The *computers* with failed_patches (different ones), fixed_patches, tried and broken."""
    ids = computers["device_id"]
    counts = failed.groupby("device_id").agg(
        failed_patches=("item", "nunique"), fixed_patches=("fixed", "sum"),
        last_failed_at=("last_failed_at", "max"),
    )  # fmt: skip
    number = {
        name: patches.of_each(ids, counts[name], "Int64").fillna(0).astype("int64")
        for name in ("failed_patches", "fixed_patches")
    }
    last = patches.of_each(ids, counts["last_failed_at"], "datetime64[us, UTC]")
    found = computers.assign(**number, last_failed_at=last, tried=ids.isin(tried["device_id"]))
    return found.assign(broken=found["failed_patches"] >= BROKEN_PATCHES)


def why_stuck(stuck: pd.DataFrame) -> pd.Series:
    """Why each stuck patch is called so, in words."""
    often = stuck["failures"] >= STUCK_FAILURES
    cycles = stuck["cycles"].astype("str").fillna("?")
    failed = np.where(often, "failed " + stuck["failures"].astype("str") + " times", "")
    long = (stuck["cycles"] >= STUCK_CYCLES).fillna(False).to_numpy(dtype=bool)
    waits = np.where(long, "open for " + cycles + " Patch Tuesdays", "")
    both = np.where((failed != "") & (waits != ""), "; ", "")
    told = stuck["name"].fillna(stuck["item"]).astype(object)
    words: pd.Series = told + ": " + failed.astype(object) + both + waits.astype(object)
    return words.astype("str")
