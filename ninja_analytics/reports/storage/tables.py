"""The tables of storage: volumes that are short of space, all volumes, bad disks, and organizations."""

from __future__ import annotations

import pandas as pd

CAPTIONS = {
    "low_volumes": "Volumes that are critical or low, the fullest first.",
    "failing_disks": "Disks, RAID drives and controllers that say that they fail or need somebody.",
    "storage_by_organization": "Eligible computers of each organization by their worst volume, and what "
    "all their volumes hold.",
    "volumes": "Every volume that can run full: fixed, from 2 GiB on, on Windows with a letter.",
}
_WHO = ["device", "organization", "location", "node_class"]
_SIZES = ["capacity_bytes", "free_bytes", "free_share"]


def tables(
    volumes: pd.DataFrame, devices: pd.DataFrame, parts: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables of the report, by name."""
    short = volumes[volumes["state"].isin(("critical", "low"))]
    return {
        "low_volumes": low(short),
        "failing_disks": failing(parts),
        "storage_by_organization": by_organization(volumes, devices),
        "volumes": every(volumes),
    }


def low(short: pd.DataFrame) -> pd.DataFrame:
    """Critical ones first, then by the share that is free."""
    told = short.sort_values(
        ["state", "free_share", "organization", "device", "device_id", "volume"],
        kind="stable",
        ignore_index=True,
    )
    return told[[*_WHO, "volume", "label", "state", *_SIZES, "collected_at", "device_id"]]


def every(volumes: pd.DataFrame) -> pd.DataFrame:
    """All volumes by organization, device and volume."""
    told = volumes.sort_values(
        ["organization", "device", "device_id", "volume"], kind="stable", ignore_index=True
    )
    return told[[*_WHO, "volume", "file_system", "state", *_SIZES, "collected_at", "device_id"]]


def failing(parts: pd.DataFrame) -> pd.DataFrame:
    """What says that it fails, by organization and device."""
    told = parts[parts["outcome"] == "fail"].sort_values(
        ["organization", "device", "device_id", "part", "name"], kind="stable", ignore_index=True
    )
    return told[[*_WHO, "part", "name", "model", "says", "device_id"]]


def by_organization(volumes: pd.DataFrame, devices: pd.DataFrame) -> pd.DataFrame:
    """Devices by their worst volume and the sizes of all known volumes, the most short ones first."""
    keys = ["organization_id", "organization"]
    states = ("critical", "low", "enough", "unknown")
    ones = {one: (devices["state"] == one).astype("int64") for one in states}
    table = devices[keys].assign(devices=1, **ones).groupby(keys, dropna=False).sum()
    known = volumes[volumes["state"] != "unknown"]
    sizes = known.groupby(keys, dropna=False)[["capacity_bytes", "free_bytes"]].sum()
    table = table.join(sizes).reset_index()
    table[["capacity_bytes", "free_bytes"]] = (
        table[["capacity_bytes", "free_bytes"]].fillna(0).astype("Int64")
    )
    short = table["critical"] + table["low"]
    judged = table["devices"] - table["unknown"]
    table["short_share"] = (short / judged.where(judged > 0)).astype("Float64")
    table = table.assign(short=short).sort_values(
        ["short", "devices", "organization"],
        ascending=[False, False, True],
        kind="stable",
        ignore_index=True,
    )
    sizes_told = ["short_share", "capacity_bytes", "free_bytes", "organization_id"]
    return table[["organization", "devices", *states, *sizes_told]]
