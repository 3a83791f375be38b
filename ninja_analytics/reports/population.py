"""Who is counted: the devices of a report, and the rule that makes a device eligible."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError

# Groups as vendors bill them. A class that is not listed here is "network" when it starts with
# NMS_, else "other": NinjaOne adds classes, and a new one must not vanish.
CLASS_GROUPS = MappingProxyType(
    {
        "workstations": ("WINDOWS_WORKSTATION", "MAC", "LINUX_WORKSTATION"),
        "servers": ("WINDOWS_SERVER", "LINUX_SERVER", "MAC_SERVER"),
        "virtual": (
            "VMWARE_VM_HOST",
            "VMWARE_VM_GUEST",
            "HYPERV_VMM_HOST",
            "HYPERV_VMM_GUEST",
        ),
        "network": (),
        "mobile": ("ANDROID", "APPLE_IOS", "APPLE_IPADOS"),
        "cloud": ("CLOUD_MONITOR_TARGET",),
        "other": ("UNMANAGED_DEVICE", "MANAGED_DEVICE"),
    }
)
COMPUTERS = ("workstations", "servers")
"""The class groups that run an agent inside an operating system and so report one."""

_GROUP_OF = {node_class: group for group, classes in CLASS_GROUPS.items() for node_class in classes}

# The columns that reports read, with the dtypes of the catalog; what a frame lacks is missing.
READ = MappingProxyType(
    {
        "organizations": {"organization_id": "Int64", "organization_name": "str"},
        "locations": {"location_id": "Int64", "location_name": "str"},
        "devices": {
            "device_id": "Int64",
            "organization_id": "Int64",
            "location_id": "Int64",
            "node_class": "str",
            "approval_status": "str",
            "offline": "boolean",
            "system_name": "str",
            "display_name": "str",
            "created_at": "datetime64[us, UTC]",
            "last_contact_at": "datetime64[us, UTC]",
            "last_update_at": "datetime64[us, UTC]",
            "policy_id": "Int64",
            "maintenance_status": "str",
        },
        "devices_detailed": {
            "device_id": "Int64",
            "os_name": "str",
            "os_release_id": "str",
            "os_build_number": "str",
            "serial_number": "str",
            "bios_serial_number": "str",
            "memory_bytes": "Int64",
        },
        "policies": {"policy_id": "Int64", "policy_name": "str"},
        "operating_systems": {
            "device_id": "Int64",
            "name": "str",
            "release_id": "str",
            "build_number": "str",
            "needs_reboot": "boolean",
        },
        "computer_systems": {
            "device_id": "Int64",
            "serial_number": "str",
            "bios_serial_number": "str",
            "memory_bytes": "Int64",
        },
        "volumes": {
            "device_id": "Int64",
            "name": "str",
            "drive_letter": "str",
            "device_type": "str",
            "capacity_bytes": "Int64",
            "bitlocker_protection_status": "str",
        },
        "antivirus_status": {"device_id": "Int64", "product_name": "str", "product_state": "str"},
        "software": {
            "device_id": "Int64",
            "name": "str",
            "version": "str",
            "publisher": "str",
            "installed_on": "datetime64[us, UTC]",
        },
        "device_health": {
            "device_id": "Int64",
            "health_status": "str",
            "alert_count": "Int64",
            "active_threats_count": "Int64",
            "failed_os_patches_count": "Int64",
            "failed_software_patches_count": "Int64",
            "pending_reboot_reason": "str",
        },
        "alerts": {"device_id": "Int64", "subject": "str", "message": "str", "severity": "str"},
    }
)

Names = str | int | Iterable[str | int] | None


@dataclass(frozen=True, slots=True)
class Population:
    """The devices of a report, one row each, with what the rules say about them.

    `devices` has the columns of the table, the names of organization and location, and

        device              the name to show: display name, else system name, else the id
        class_group         one of CLASS_GROUPS
        managed             approved; a device with an unknown approval is not
        contact_days        days since the last contact, missing when unknown, never below 0
        active              managed and seen in the last `active_days`
        stale               managed and last seen before that

    `duplicates` counts rows dropped because their device id was there already. `organizations` are
    those asked for, with organization_id and organization, also those without a device.
    """

    devices: pd.DataFrame
    active_days: float
    duplicates: int
    organizations: pd.DataFrame

    @property
    def managed(self) -> pd.DataFrame:
        """The approved devices."""
        return self.devices[self.devices["managed"]]

    @property
    def eligible(self) -> pd.DataFrame:
        """The approved devices that were seen in the last `active_days`."""
        return self.devices[self.devices["active"]]


def read(
    frames: Mapping[str, pd.DataFrame], name: str, columns: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The *columns* of one table (default: those of READ), with their dtypes.

    An absent table is empty, an absent column missing.
    """
    frame = frames.get(name)
    columns = READ[name] if columns is None else columns
    if frame is None:
        return pd.DataFrame({column: pd.Series(dtype=dtype) for column, dtype in columns.items()})
    found = frame.reindex(columns=list(columns)).reset_index(drop=True)
    found.attrs = {}
    return found.astype(columns)


def population(
    frames: Mapping[str, pd.DataFrame],
    *,
    now: pd.Timestamp,
    active_days: float = 30,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
) -> Population:
    """The devices that were asked for, with the eligible rule applied (see Population).

    Organizations are ids or names (case is ignored). Raises UnknownNameError for an organization
    or a node class that nobody knows.
    """
    if not bool(pd.api.types.is_number(active_days)) or not active_days > 0:
        raise UsageError(f"active_days is {active_days!r}, but must be a number above 0, e.g. 30.")
    every = read(frames, "devices")
    names = read(frames, "organizations").drop_duplicates("organization_id")
    devices = (
        every.sort_values("last_contact_at", ascending=False, kind="stable", na_position="last")
        .drop_duplicates("device_id")
        .sort_values("device_id", kind="stable", ignore_index=True)
    )
    duplicates = len(every) - len(devices)
    known = _organization_ids(names, devices)
    ids = set(known.values())
    if organizations is not None:
        ids = _ids(organizations, known, names)
        devices = devices[devices["organization_id"].isin(ids)]
    if exclude_organizations is not None:
        unwanted = _ids(exclude_organizations, known, names)
        ids -= unwanted
        devices = devices[~devices["organization_id"].isin(unwanted)]
    if node_classes is not None:
        devices = devices[devices["node_class"].isin(classes_asked(node_classes, devices))]
    places = read(frames, "locations").drop_duplicates("location_id")
    devices = devices.merge(names, how="left", on="organization_id")
    devices = devices.merge(places, how="left", on="location_id")
    judged = _judged(devices, now, active_days)
    return Population(judged, active_days, duplicates, _organizations(ids, names))


def _organizations(ids: set[int], names: pd.DataFrame) -> pd.DataFrame:
    """The organizations of these *ids*, in their order, by name where one is known."""
    told = pd.DataFrame({"organization_id": pd.Series(sorted(ids), dtype="Int64")})
    told = told.merge(names, how="left", on="organization_id")
    name = _named(told["organization_name"], "organization", told["organization_id"])
    return pd.DataFrame({"organization_id": told["organization_id"], "organization": name})


def _judged(devices: pd.DataFrame, now: pd.Timestamp, active_days: float) -> pd.DataFrame:
    """The devices with the columns that Population promises."""
    managed = devices["approval_status"].eq("APPROVED").fillna(False).astype(bool)
    days = ((now - devices["last_contact_at"]).dt.total_seconds() / 86_400).clip(lower=0)
    number = devices["device_id"].astype("str")
    return devices.assign(
        device=devices["display_name"]
        .fillna(devices["system_name"])
        .fillna("device " + number.fillna("?")),
        organization=_named(devices["organization_name"], "organization", devices.organization_id),
        location=_named(devices["location_name"], "location", devices.location_id),
        class_group=class_group(devices["node_class"]),
        managed=managed,
        contact_days=days,
        active=managed & days.le(active_days),
        stale=managed & days.gt(active_days),
    )


def class_group(node_class: pd.Series) -> pd.Series:
    """The group of CLASS_GROUPS of each node class; unknown ones are "other"."""
    group = node_class.map(_GROUP_OF).astype("str")
    network = node_class.str.startswith("NMS_").fillna(False).astype(bool)
    return group.mask(network, "network").fillna("other")


def _named(name: pd.Series, what: str, number: pd.Series) -> pd.Series:
    """The names, and for rows whose name is not known the id, so that orphans stay visible."""
    by_id = (f"{what} " + number.astype("str")).fillna(f"no {what}")
    return name.fillna(by_id)


def organization_ids(frames: Mapping[str, pd.DataFrame], asked: Names) -> set[int]:
    """The ids of the organizations *asked* for, by id or name; UnknownNameError for one nobody has."""
    names = read(frames, "organizations").drop_duplicates("organization_id")
    return _ids(asked, _organization_ids(names, read(frames, "devices")), names)


def _organization_ids(names: pd.DataFrame, devices: pd.DataFrame) -> dict[str, int]:
    """Every way of naming an organization (its id, its name in lower case), and the id."""
    known = {str(number): int(number) for number in devices["organization_id"].dropna().unique()}
    for number, name in names.dropna(subset=["organization_id"]).itertuples(index=False):
        known[str(number)] = int(number)
        if isinstance(name, str):
            known.setdefault(name.casefold(), int(number))
    return known


def _ids(asked: Names, known: Mapping[str, int], names: pd.DataFrame) -> set[int]:
    """The ids of the organizations asked for, by id or name."""
    wanted = set()
    for one in several(asked):
        number = known.get(str(one).casefold())
        if number is None:
            told = names["organization_name"].dropna()
            raise UnknownNameError.among("organization", one, told if len(told) else known)
        wanted.add(number)
    return wanted


def classes_asked(asked: Names, devices: pd.DataFrame) -> set[str]:
    """The node classes in NinjaOne's spelling; a group's name stands for its classes."""
    there = set(devices["node_class"].dropna())
    known = there | set(_GROUP_OF)
    groups = class_group(pd.Series(sorted(known), index=sorted(known), dtype="str"))
    wanted: set[str] = set()
    for one in map(str, several(asked)):
        if one.casefold() in CLASS_GROUPS:
            wanted |= set(groups[groups == one.casefold()].index)
        elif one.upper() in known or one.upper().startswith("NMS_"):
            wanted.add(one.upper())
        else:
            raise UnknownNameError.among("node class", one, known | set(CLASS_GROUPS))
    return wanted


def several(asked: Names) -> list[str | int]:
    """One name or several, as a list."""
    if asked is None:
        return []
    return list(asked) if isinstance(asked, Iterable) and not isinstance(asked, str) else [asked]


def utc(now: pd.Timestamp | datetime | str) -> pd.Timestamp:
    """The time in UTC; a time without a zone is UTC."""
    at = pd.to_datetime(now, utc=True, errors="coerce")
    if pd.isna(at):
        raise UsageError(f"now={now!r} is not a time. Give a text like 2026-01-31 or a datetime.")
    return at
