"""The tables of fleet_overview: by organization, by operating system, and the devices to look at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ninja_analytics.reports.population import CLASS_GROUPS, COMPUTERS, read

# NinjaOne's words, and the names of our columns; any other word is unknown.
HEALTH_STATES = ("healthy", "needs_attention", "unhealthy", "unknown")
_HEALTH_OF = {state.upper(): state for state in HEALTH_STATES}

_CAPTIONS = {
    "devices_by_organization": "Managed devices by kind. Active: seen in the last {days:g} days; "
    "stale: last seen before that; the rest was never seen.",
    "health_by_organization": "Health of the eligible devices. The share leaves unknown out.",
    "operating_systems": "Managed devices by operating system and release.",
    "problem_devices": "Eligible devices that need somebody, the worst first.",
    "stale_devices": "Managed devices not seen in the last {days:g} days, the longest silent first; "
    "those never seen come last.",
}

# The first pattern that fits names the family; what fits none keeps the name it reports.
OS_FAMILIES = (
    (r"windows\s+server\s+(\d{4}(?:\s+R2)?)", "Windows Server {}"),
    (r"windows\s+(\d+(?:\.\d)?)", "Windows {}"),
    (r"mac\s?os(?:\s+x)?\s+(?:\D*\s)?(\d+)", "macOS {}"),
    (r"ubuntu\s+(\d+\.\d+)", "Ubuntu {}"),
    (r"debian\D*(\d+)", "Debian {}"),
    (r"(?:red\s?hat|rhel)\D*(\d+)", "Red Hat {}"),
    (r"(?:alma|rocky|centos|oracle|amazon|fedora|suse|opensuse)\D*\d+", "{}"),
)
NOT_REPORTED = "not reported"


def captions(active_days: float) -> dict[str, str]:
    """What each table holds, in a sentence."""
    return {name: text.format(days=active_days) for name, text in _CAPTIONS.items()}


def with_findings(devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The devices with what the other tables say about each: health, alerts, system, reasons."""
    health = read(frames, "device_health").drop_duplicates("device_id")
    systems = read(frames, "operating_systems").drop_duplicates("device_id")
    alerts = read(frames, "alerts").dropna(subset=["device_id"])
    subject = alerts["subject"].fillna(alerts["message"]).fillna("alert")
    raised = alerts.assign(subject=subject).groupby("device_id")["subject"]
    told = pd.DataFrame({"alerts": raised.size(), "alert_subjects": raised.agg(_first_words)})
    found = (
        devices.merge(health, how="left", on="device_id")
        .merge(systems.rename(columns={"name": "os_name"}), how="left", on="device_id")
        .merge(told, how="left", left_on="device_id", right_index=True)
    )
    found["health"] = found["health_status"].map(_HEALTH_OF).astype("str").fillna("unknown")
    found["alerts"] = found["alerts"].fillna(0).astype("int64")
    found["os_family"] = os_family(found["os_name"], found["release_id"])
    return found


def _first_words(subjects: pd.Series) -> str:
    """Up to two different subjects of a device's alerts, and how many more there are."""
    different = list(dict.fromkeys(subjects))
    more = f" and {len(different) - 2} more" if len(different) > 2 else ""
    return "; ".join(different[:2]) + more


def os_family(names: pd.Series, releases: pd.Series) -> pd.Series:
    """The operating system without edition and patch level, e.g. Windows 11 or Ubuntu 22.04.

    A name without a number ("macOS Sequoia") takes it from the release.
    """
    told = names + " " + releases.fillna("")
    family = pd.Series(index=names.index, dtype="str")
    for pattern, title in OS_FAMILIES:
        part = told.str.extract(f"(?i)({pattern})")
        fits = part[0].notna() & family.isna()
        family = family.mask(fits, part.iloc[:, -1].map(title.format, na_action="ignore"))
    return family.fillna(names)


def tables(
    devices: pd.DataFrame, frames: Mapping[str, pd.DataFrame], *, every: bool
) -> dict[str, pd.DataFrame]:
    """The tables of the report; with *every*, organizations without devices are listed too."""
    names = read(frames, "organizations").drop_duplicates("organization_id")
    known = names["organization_id"] if every else names["organization_id"].iloc[:0]
    return {
        "devices_by_organization": by_organization(devices, names, known),
        "health_by_organization": health_by_organization(devices),
        "operating_systems": operating_systems(devices),
        "problem_devices": problem_devices(devices),
        "stale_devices": stale_devices(devices),
    }


def by_organization(devices: pd.DataFrame, names: pd.DataFrame, known: pd.Series) -> pd.DataFrame:
    """Managed devices of each organization by class group, the largest first."""
    managed = devices[devices["managed"]]
    groups = [group for group in CLASS_GROUPS if (managed["class_group"] == group).any()]
    counts = _counts(managed, "class_group", groups)
    sums = managed.groupby(["organization_id", "organization"], dropna=False).agg(
        devices=("managed", "sum"), active=("active", "sum"), stale=("stale", "sum")
    )
    table = sums.join(counts).reset_index()
    empty = names[names["organization_id"].isin(known.dropna())]
    empty = empty[~empty["organization_id"].isin(table["organization_id"])]
    without = empty.rename(columns={"organization_name": "organization"})
    table = pd.concat([table, without], ignore_index=True) if len(without) else table
    numbers = ["devices", *groups, "active", "stale"]
    table[numbers] = table[numbers].fillna(0).astype("int64")
    return _largest_first(table, "devices")[["organization", *numbers, "organization_id"]]


def health_by_organization(devices: pd.DataFrame) -> pd.DataFrame:
    """Eligible devices of each organization by health, the largest organization first."""
    eligible = devices[devices["active"]]
    table = _counts(eligible, "health", list(HEALTH_STATES)).reset_index()
    table["eligible"] = table[list(HEALTH_STATES)].sum(axis=1).astype("int64")
    known = table["eligible"] - table["unknown"]
    table["healthy_share"] = (table["healthy"] / known.where(known > 0)).astype("Float64")
    columns = ["organization", "eligible", *HEALTH_STATES, "healthy_share", "organization_id"]
    return _largest_first(table, "eligible")[columns]


def _counts(devices: pd.DataFrame, column: str, values: list[str]) -> pd.DataFrame:
    """How many devices of each organization have each value, a column per value."""
    keys = [devices["organization_id"], devices["organization"]]
    ones = {value: (devices[column] == value).astype("int64") for value in values}
    return pd.DataFrame(ones, index=devices.index).groupby(keys, dropna=False).sum()


def _largest_first(table: pd.DataFrame, size: str) -> pd.DataFrame:
    return table.sort_values(
        [size, "organization"], ascending=[False, True], kind="stable", ignore_index=True
    )


def operating_systems(devices: pd.DataFrame) -> pd.DataFrame:
    """Managed devices by operating system and release; computers without one are told as well."""
    managed = devices[devices["managed"]]
    computer = managed["class_group"].isin(COMPUTERS)
    counted = managed[computer | managed["os_family"].notna()]
    keys = [
        counted["os_family"].fillna(NOT_REPORTED).rename("operating_system"),
        counted["release_id"].fillna("").rename("release"),
    ]
    group = counted["class_group"]
    table = (
        pd.DataFrame({name: (group == name).astype("int64") for name in COMPUTERS})
        .assign(devices=1, active=counted["active"].astype("int64"))
        .groupby(keys)
        .sum()
        .reset_index()
    )
    table = table.sort_values(
        ["devices", "operating_system", "release"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
    )
    return table[["operating_system", "release", "devices", *COMPUTERS, "active"]]


def problem_devices(devices: pd.DataFrame) -> pd.DataFrame:
    """Eligible devices that are unhealthy, need attention or carry active threats, worst first."""
    threats = devices["active_threats_count"].fillna(0)
    bad = devices["health"].isin(["unhealthy", "needs_attention"]) | (threats > 0)
    # All devices first: a column that is given to a frame without rows would bring rows of its own.
    found = devices.assign(
        active_threats=threats,
        failed_patches=devices["failed_os_patches_count"].fillna(0)
        + devices["failed_software_patches_count"].fillna(0),
    )[devices["active"] & bad]
    found["rank"] = (found["health"] != "unhealthy").astype("int64")
    found["why"] = reasons(found)
    found = found.sort_values(
        ["rank", "active_threats", "alerts", "failed_patches", "device", "device_id"],
        ascending=[True, False, False, False, True, True],
        kind="stable",
        ignore_index=True,
    )
    columns = ["device", "organization", "location", "node_class", "health", "why", "alerts"]
    more = ["active_threats", "failed_patches", "last_contact_at", "device_id"]
    return found[[*columns, *more]]


def reasons(found: pd.DataFrame) -> pd.Series:
    """Why a device is listed, in words; "" never: health alone is a reason too."""
    threats, alerts = found["active_threats"], found["alerts"]
    subjects, failed = found["alert_subjects"].fillna(""), found["failed_patches"]
    told = (alerts > 0) & subjects.str.contains("reboot|restart", case=False)
    restart = found["needs_reboot"].fillna(False).astype(bool) & ~told
    offline = found["offline"].fillna(False).astype(bool)
    parts = [
        _where(threats > 0, "threats: " + threats.astype("str")),
        _where(alerts > 0, subjects),
        _where(failed > 0, "failed patches: " + failed.astype("str")),
        _where(restart, pd.Series("restart pending", index=found.index, dtype="str")),
        _where(offline, pd.Series("offline now", index=found.index, dtype="str")),
    ]
    words = [
        " · ".join(part for part in row if part) or "health status only"
        for row in zip(*parts, strict=True)
    ]
    return pd.Series(words, index=found.index, dtype="str")


def _where(claim: pd.Series, words: pd.Series) -> np.ndarray:
    return np.where(claim.fillna(False).astype(bool), words.astype(object), "")


def stale_devices(devices: pd.DataFrame) -> pd.DataFrame:
    """Managed devices that are not active: the longest silent first, the never seen last."""
    found = devices[devices["managed"] & ~devices["active"]].sort_values(
        ["contact_days", "device", "device_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
        na_position="last",
    )
    found["days_silent"] = np.floor(found["contact_days"].astype("Float64")).astype("Int64")
    columns = ["device", "organization", "location", "node_class", "days_silent"]
    return found[[*columns, "last_contact_at", "created_at", "device_id"]]
