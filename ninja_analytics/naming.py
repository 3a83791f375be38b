"""Names for the ids in a frame: of organizations, locations, devices, roles and policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError

Lookup = Callable[[str], pd.DataFrame]
"""Gives a whole table by its name, e.g. "organizations"."""

# What can be named, and the table that has the names.
NAMED = MappingProxyType(
    {
        "organization": "organizations",
        "location": "locations",
        "device": "devices",
        "role": "roles",
        "policy": "policies",
    }
)
_NAMES_OF_DEVICE = ("display_name", "system_name", "dns_name", "netbios_name")
UNKNOWN = "(unknown)"
"""What the rows are called that belong to nothing that is known."""


def nameable(frame: pd.DataFrame) -> tuple[str, ...]:
    """What the rows of *frame* can be named by without guessing.

    A device tells its organization and location; role and policy only by ids of the frame's own.
    """
    by_device = "device_id" in frame
    own = {"policy_id", "role_policy_id"} & set(frame.columns)
    can = {
        "organization": by_device or "organization_id" in frame,
        "location": by_device or "location_id" in frame,
        "device": by_device,
        "role": "role_id" in frame,
        "policy": bool(own),
    }
    return tuple(name for name, possible in can.items() if possible)


def with_names(frame: pd.DataFrame, which: Iterable[str], lookup: Lookup) -> pd.DataFrame:
    """A copy of *frame* with a column "organization_name" and so on for each of *which*.

    Rows whose device or place is not known stay, unnamed, and none is doubled. Raises
    UnknownNameError for what has no names, UsageError for what the frame has no ids of.
    """
    wanted = [name for name in dict.fromkeys(which) if f"{_known(name)}_name" not in frame]
    return frame.assign(**{f"{name}_name": names(frame, name, lookup) for name in wanted})


def names(frame: pd.DataFrame, what: str, lookup: Lookup) -> Any:
    """The name of the organization, location, device, role or policy of each row, in order."""
    own = what == "device" and set(_NAMES_OF_DEVICE) <= set(frame.columns)
    named = frame if own else lookup(NAMED[_known(what)])
    if what == "device":
        return look_up(_ids(frame, what, lookup), named["device_id"], device_names(named))
    return look_up(_ids(frame, what, lookup), named[f"{what}_id"], named[f"{what}_name"])


def labels(frame: pd.DataFrame, what: str, lookup: Lookup) -> pd.Series[Any]:
    """A label for each row to group by: its name, told apart from others of the same name.

    "Main Office" becomes "Main Office (Heron Ltd)" where several organizations have one. Rows of
    which nothing is known are UNKNOWN.
    """
    if what == "node_class":
        found: Any = _of_device(frame, what, lookup)
    else:
        known, ids = lookup(NAMED[_known(what)]), _ids(frame, what, lookup)
        found = look_up(ids, known[f"{what}_id"], _told_apart(known, what, lookup))
    return pd.Series(found, index=frame.index, name=what).astype("str").fillna(UNKNOWN)


def device_names(devices: pd.DataFrame) -> pd.Series:
    """What to call each device: the name given to it, else the one that it or the network reports."""
    first, *others = _NAMES_OF_DEVICE
    names = devices[first]
    for column in others:
        names = names.where(names.notna() & (names != ""), devices[column])
    return names


def look_up(ids: Any, keys: pd.Series, values: pd.Series) -> Any:
    """The value for each id, in order; one row each, whatever repeats, and missing if unknown."""
    table = values.set_axis(pd.Index(keys))
    table = table[table.index.notna() & ~table.index.duplicated()]
    return table.reindex(pd.Index(ids)).array


def _known(name: str) -> str:
    if name not in NAMED:
        raise UnknownNameError.among("name to join", name, NAMED)
    return name


def _ids(frame: pd.DataFrame, what: str, lookup: Lookup) -> Any:
    """The id of the organization, role and so on to which each row belongs."""
    if what != "policy" or not {"role_policy_id", "device_id"} & set(frame.columns):
        return _of_device(frame, f"{what}_id", lookup)
    of_role = pd.Series(_of_device(frame, "role_policy_id", lookup), index=frame.index)
    own = pd.Series(_of_device(frame, "policy_id", lookup), index=frame.index)
    return own.where(own.notna(), of_role)


def _of_device(frame: pd.DataFrame, column: str, lookup: Lookup) -> Any:
    """What the rows say in *column*, else what their devices do."""
    if column in frame:
        return frame[column]
    if "device_id" not in frame:
        msg = f"The rows have neither {column} nor device_id, so they belong to none that is known."
        raise UsageError(msg)
    devices = lookup("devices")
    return look_up(frame["device_id"], devices["device_id"], devices[column])


def _told_apart(known: pd.DataFrame, what: str, lookup: Lookup) -> pd.Series:
    """The names in *known*, those that several have with what tells them apart in parentheses."""
    found = device_names(known) if what == "device" else known[f"{what}_name"]
    found = found.astype("str")
    if what == "location":
        places = lookup("organizations")
        owner = look_up(
            known["organization_id"], places["organization_id"], places["organization_name"]
        )
        found = _where_repeated(found, pd.Series(owner, index=known.index))
    return _where_repeated(found, known[f"{what}_id"].astype("str"))


def _where_repeated(found: pd.Series, more: pd.Series) -> pd.Series:
    repeated = found.duplicated(keep=False) & found.notna() & more.notna()
    return found.mask(repeated, found + " (" + more.astype("str") + ")")
