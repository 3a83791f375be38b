"""Names beside ids: of organizations, locations and devices; no row is lost or doubled for it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ninja_analytics.pages import Get
from ninja_analytics.tables.sources import Lookups


def named(data: pd.DataFrame, wanted: tuple[str, ...], lookups: Lookups, get: Get) -> pd.DataFrame:
    """*data* with a column for each of the *wanted* names; rows whose place is not known stay, unnamed.

    Raises what *get* raises where a name cannot be looked up.
    """
    missing = [name for name in wanted if f"{name}_name" not in data]
    if not missing:
        return data
    devices = _devices(data, missing, lookups, get)
    return data.assign(
        **{f"{name}_name": _names(data, name, devices, lookups, get) for name in missing}
    )


def _devices(
    data: pd.DataFrame, names: list[str], lookups: Lookups, get: Get
) -> pd.DataFrame | None:
    """The devices, if they are needed to find a name for the rows of *data*."""
    if "device" not in names and all(f"{name}_id" in data for name in names):
        return None
    return data if "system_name" in data else lookups.frame("devices", get)


def _names(
    data: pd.DataFrame, name: str, devices: pd.DataFrame | None, lookups: Lookups, get: Get
) -> Any:
    """The names of the organization, location or device to which each row of *data* belongs."""
    if name == "device" and devices is not None:
        return look_up(data["device_id"], devices["device_id"], device_names(devices))
    ids = data.get(f"{name}_id")
    if ids is None and devices is not None:
        ids = look_up(data["device_id"], devices["device_id"], devices[f"{name}_id"])
    found = lookups.frame(f"{name}s", get)
    return look_up(ids, found[f"{name}_id"], found[f"{name}_name"])


def device_names(devices: pd.DataFrame) -> pd.Series:
    """What to call each device: the name given to it, else the one that it or the network reports."""
    names = devices["display_name"]
    for column in ("system_name", "dns_name", "netbios_name"):
        names = names.where(names.notna() & (names != ""), devices[column])
    return names


def look_up(ids: Any, keys: pd.Series, values: pd.Series) -> Any:
    """The value for each id, in order; one row each, whatever repeats, and missing if unknown."""
    table = values.set_axis(pd.Index(keys))
    table = table[table.index.notna() & ~table.index.duplicated()]
    return table.reindex(pd.Index(ids)).array
