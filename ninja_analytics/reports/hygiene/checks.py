"""The checks of availability_hygiene: what each finds, by device, policy and day."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ninja_analytics.reports.making import Asked
from ninja_analytics.reports.population import COMPUTERS, Names, population, read
from ninja_analytics.reports.serials import serials

Frames = Mapping[str, pd.DataFrame]
SILENCES = (7, 14, 30, 60, 90)
"""Days without a word at which devices are counted."""
NOT_TOLD = "no reason told"
ENROLLED_AGAIN = "NODE_RE_ENROLLED"
_TIME = "datetime64[us, UTC]"
_WHO = ["device", "organization", "location", "node_class"]


def silence(managed: pd.DataFrame) -> pd.DataFrame:
    """Managed devices by class group: devices, never_seen, and how many are silent for longer."""
    days = managed["contact_days"]
    counts = {"devices": pd.Series(True, index=days.index), "never_seen": days.isna()}
    counts |= {f"silent_{one}_days": days > one for one in SILENCES}
    ones = pd.DataFrame(counts, index=managed.index).astype("int64")
    table = ones.groupby(managed["class_group"]).sum().reset_index()
    known = table["devices"] - table["never_seen"]
    for one in SILENCES:
        share = table[f"silent_{one}_days"] / known.where(known > 0)
        table[f"silent_{one}_days_share"] = share.astype("Float64")
    return table.sort_values(
        ["devices", "class_group"], ascending=[False, True], kind="stable", ignore_index=True
    )


def silent(managed: pd.DataFrame, stale_days: float) -> pd.DataFrame:
    """Managed devices not heard of for *stale_days*: the longest silent first, the never seen last."""
    days = managed["contact_days"]
    told = managed[(days > stale_days) | days.isna()].sort_values(
        ["contact_days", "device", "device_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
        na_position="last",
    )
    told["days_silent"] = whole_days(told["contact_days"])
    return told[[*_WHO, "days_silent", "last_contact_at", "created_at", "device_id"]]


def whole_days(days: pd.Series) -> pd.Series:
    """Days that have passed entirely."""
    known = days.astype("Float64")
    return (known - known % 1).astype("Int64")


def running(ask: Asked) -> pd.DataFrame:
    """The eligible computers with needs_reboot, last_boot_at, uptime_days and the reason to restart."""
    computers = ask.eligible[ask.eligible["class_group"].isin(COMPUTERS)]
    columns = {"device_id": "Int64", "needs_reboot": "boolean", "last_boot_at": _TIME}
    systems = read(ask.frames, "operating_systems", columns).drop_duplicates("device_id")
    health = {"device_id": "Int64", "pending_reboot_reason": "str"}
    reasons = read(ask.frames, "device_health", health).drop_duplicates("device_id")
    found = computers.merge(systems, how="left", on="device_id")
    found = found.merge(reasons, how="left", on="device_id")
    up = (ask.now - found["last_boot_at"]).dt.total_seconds() / 86_400
    reason = found["pending_reboot_reason"].str.strip()
    return found.assign(
        uptime_days=up.clip(lower=0), reason=reason.mask(reason == "").fillna(NOT_TOLD)
    )


def restarts(found: pd.DataFrame) -> pd.DataFrame:
    """The computers that wait for a restart, the longest running first."""
    waits = found["needs_reboot"].fillna(False).astype(bool)
    return _by_uptime(found[waits], ["reason"])


def long_running(found: pd.DataFrame, uptime_days: float) -> pd.DataFrame:
    """The computers that were started more than *uptime_days* ago, the longest running first."""
    return _by_uptime(found[found["uptime_days"] > uptime_days], ["needs_reboot"])


def _by_uptime(found: pd.DataFrame, more: list[str]) -> pd.DataFrame:
    told = found.sort_values(
        ["uptime_days", "device", "device_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
        na_position="last",
    )
    told["uptime_days"] = whole_days(told["uptime_days"])
    return told[[*_WHO, *more, "uptime_days", "last_boot_at", "device_id"]]


def with_serials(ask: Asked) -> pd.DataFrame:
    """The managed computers with `serial`, the serial number that names each; missing if none does."""
    managed = ask.people.managed
    computers = managed[managed["class_group"].isin(COMPUTERS)]
    texts = {"serial_number": "str", "bios_serial_number": "str"}
    systems = read(ask.frames, "computer_systems", {"device_id": "Int64", **texts})
    systems = systems.assign(serial=serials(systems)).drop_duplicates("device_id")
    return computers.merge(systems[["device_id", "serial"]], how="left", on="device_id")


def duplicates(computers: pd.DataFrame) -> pd.DataFrame:
    """The computers that share a serial number; `newest` is the one with the latest contact."""
    known = computers.dropna(subset=["serial"])
    told = known[known.duplicated("serial", keep=False)].sort_values(
        ["serial", "last_contact_at", "device_id"],
        ascending=[True, False, False],
        kind="stable",
        ignore_index=True,
        na_position="last",
    )
    told["newest"] = ~told.duplicated("serial")
    return told[
        ["serial", "newest", *_WHO, "last_contact_at", "created_at", "organization_id", "device_id"]
    ]


def pending(
    ask: Asked, organizations: Names, exclude_organizations: Names, node_classes: Names
) -> pd.DataFrame:
    """The devices that wait for approval, the longest waiting first."""
    waiting = _waiting(ask.frames)
    listed = pd.concat([read(ask.frames, "devices"), waiting], ignore_index=True)
    people = population(
        {**ask.frames, "devices": listed},
        now=ask.now,
        organizations=organizations,
        exclude_organizations=exclude_organizations,
        node_classes=node_classes,
    ).devices
    told = people[people["approval_status"].eq("PENDING").fillna(False).astype(bool)]
    told = told.assign(
        days_waiting=whole_days(
            ((ask.now - told["created_at"]).dt.total_seconds() / 86_400).clip(lower=0)
        )
    )
    told = told.sort_values(
        ["days_waiting", "device", "device_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
        na_position="last",
    )
    return told[[*_WHO, "days_waiting", "created_at", "organization_id", "device_id"]]


def _waiting(frames: Frames) -> pd.DataFrame:
    """The rows of devices_detailed that wait for approval: the list of devices has none of them."""
    if "devices_detailed" not in frames:
        return read({}, "devices")
    rows = read({"devices": frames["devices_detailed"]}, "devices")
    return rows[rows["approval_status"].eq("PENDING").fillna(False).astype(bool)]


def pending_known(ask: Asked) -> bool:
    """Whether devices that wait for approval would be seen; a snapshot is taken without them."""
    for table in ("devices_detailed", "devices"):
        if table not in ask.frames:
            continue
        told = ask.frames[table].attrs.get("ninja") or {}
        asked = "PENDING" in str(told.get("where")) and "snapshot" not in told
        statuses = read(ask.frames, table, {"approval_status": "str"})["approval_status"]
        if asked or not told or statuses.eq("PENDING").any():
            return True
    return False


def enrolled_again(ask: Asked, days: float) -> pd.DataFrame:
    """The devices that were enrolled again more than once in the last *days*, the most often first."""
    columns = {"activity_id": "Int64", "device_id": "Int64", "status_code": "str", "activity_at": _TIME}  # fmt: skip
    rows = read(ask.frames, "activities", columns)
    since = ask.now - pd.Timedelta(days=days)
    within = (rows["activity_at"] > since) & (rows["activity_at"] <= ask.now)
    rows = rows[(rows["status_code"] == ENROLLED_AGAIN) & within.fillna(False)]
    repeated = rows["activity_id"].notna() & rows.duplicated("activity_id")
    each = rows[~repeated].groupby("device_id")["activity_at"].agg(["size", "min", "max"])
    often = each[each["size"] > 1].set_axis(["times", "first_at", "last_at"], axis=1)
    told = ask.people.managed.merge(often.reset_index(), on="device_id").sort_values(
        ["times", "device", "device_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
    )
    return told[[*_WHO, "times", "first_at", "last_at", "device_id"]]


def policies(frames: Frames) -> pd.DataFrame:
    """Every policy with `outcome`: used by a device (pass), by none (fail), or kept for a reason.

    One that others inherit from or that new devices of a class get is an exception where no device
    follows it; `kept_for` says why.
    """
    columns = {
        "policy_id": "Int64", "policy_name": "str", "node_class": "str", "parent_policy_id": "Int64",
        "default_for_node_class": "boolean", "updated_at": _TIME,
    }  # fmt: skip
    rows = read(frames, "policies", columns).dropna(subset=["policy_id"])
    rows = rows.drop_duplicates("policy_id", ignore_index=True)
    ids = {"policy_id": "Int64", "role_policy_id": "Int64"}
    held = [read(frames, table, ids) for table in ("devices", "devices_detailed")]
    followed = pd.concat([frame[one] for frame in held for one in ids]).dropna()
    used = rows["policy_id"].isin(followed)
    inherited = rows["policy_id"].isin(rows["parent_policy_id"].dropna())
    default = rows["default_for_node_class"].fillna(False).astype(bool)
    kept = pd.Series("", index=rows.index, dtype="str").mask(default, "default of its class")
    kept = kept.mask(inherited, "others inherit from it")
    outcome = pd.Series("fail", index=rows.index, dtype="str").mask(kept != "", "exception")
    return rows.assign(kept_for=kept, outcome=outcome.mask(used, "pass"))


def unused(found: pd.DataFrame) -> pd.DataFrame:
    """The policies that no device follows, those that nothing else needs first."""
    told = found[found["outcome"] != "pass"].sort_values(
        ["outcome", "policy_name", "policy_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
    )
    return told[["policy_name", "node_class", "kept_for", "updated_at", "policy_id"]]


def in_maintenance(ask: Asked) -> pd.DataFrame:
    """The managed devices in maintenance, those without an end or the latest one first."""
    columns = {"device_id": "Int64", "maintenance_start_at": _TIME, "maintenance_end_at": _TIME, "maintenance_reason": "str"}  # fmt: skip
    more = read(ask.frames, "devices", columns).drop_duplicates("device_id")
    managed = ask.people.managed
    found = managed[managed["maintenance_status"].eq("IN_MAINTENANCE").fillna(False).astype(bool)]
    told = found.merge(more, how="left", on="device_id").sort_values(
        ["maintenance_end_at", "device", "device_id"],
        ascending=[False, True, True],
        kind="stable",
        ignore_index=True,
        na_position="first",
    )
    return told[[*_WHO, *list(columns)[1:], "device_id"]]
