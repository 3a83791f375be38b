"""What moved in a period: who came by created_at, who went by the activity log, and whether it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.billing.between import Between
from ninja_analytics.reports.billing.contract import BILLED
from ninja_analytics.reports.observed import SLACK
from ninja_analytics.reports.population import read

_ACTIVITIES = {
    "device_id": "Int64",
    "activity_at": "datetime64[us, UTC]",
    "status_code": "str",
    "message": "str",
}
_OF_SNAPSHOT = ("device", "organization", "location", "class_group", "organization_id")
_REMOVED = {name: "Int64" if name.endswith("_id") else "str" for name in _OF_SNAPSHOT} | {
    name: _ACTIVITIES[name] for name in ("device_id", "activity_at", "message")
}
ADDED = ["device", "organization", "location", "node_class", "class_group", "created_at",
         "in_activity_log", "device_id", "organization_id"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Movement:
    """What came and went. `removed` is None where nobody can know whose the gone devices were."""

    period: Period
    now: pd.Timestamp
    closing: int
    added: pd.DataFrame
    removed: pd.DataFrame | None
    passed_through: int
    later_added: int
    later_removed: int
    timeless: int
    check: pd.DataFrame
    log_begins: pd.Timestamp | None
    has_log: bool
    logged: set[int]
    deleted: pd.DataFrame

    @property
    def gone(self) -> int:
        """How many devices that were there at the beginning went in the period."""
        return 0 if self.removed is None else len(self.removed)

    @property
    def at_end(self) -> int:
        """Billable devices at the end of the period."""
        return self.closing - self.later_added + self.later_removed

    @property
    def opening(self) -> int:
        """Billable devices at the beginning of the period, worked out backwards from its end."""
        return self.at_end - len(self.added) + self.gone

    @property
    def balances(self) -> bool:
        """Whether created_at and the activity log tell the same."""
        wrong = self.check.loc[self.check["fits"].eq(False), "devices"]
        return int(wrong.sum()) == 0

    @property
    def short_log(self) -> bool:
        """Whether the activity log begins only after the period."""
        begins = self.log_begins
        return self.has_log and (begins is None or begins > self.period.start + SLACK)


def movement(
    devices: pd.DataFrame,
    frames: Mapping[str, pd.DataFrame],
    period: Period,
    now: pd.Timestamp,
    *,
    attributable: bool,
) -> Movement:
    """What moved among the *devices* (with `billing`) in the *period*, as far as it is told.

    A gone device has no organization and no class any more: its removal counts only where it is
    *attributable*, since all devices of the instance were asked for.
    """
    log = read(frames, "activities", _ACTIVITIES)
    created = _last(log, "NODE_CREATED")
    deleted = _last(log, "NODE_DELETED")
    billable = devices[devices["billing"] == "billable"]
    within = period.contains(billable["created_at"])
    later = (billable["created_at"] >= period.end) & (billable["created_at"] <= now)
    added = billable[within]
    added = added.assign(in_activity_log=added["device_id"].isin(created["device_id"]))
    added = added.sort_values(["created_at", "device_id"], kind="stable", ignore_index=True)
    here = set(read(frames, "devices")["device_id"].dropna())
    births = created.rename(columns={"activity_at": "began_at"})[["device_id", "began_at"]]
    went = deleted[~deleted["device_id"].isin(here)].merge(births, how="left", on="device_id")
    began = went["began_at"]
    old = ~(began >= period.start).fillna(False).astype(bool)
    gone = went[period.contains(went["activity_at"]) & old]
    after = (went["activity_at"] >= period.end) & ~(began >= period.end).fillna(False)
    has_log = "activities" in frames
    known = attributable and has_log
    passed = period.contains(went["activity_at"]) & ~old
    return Movement(
        period=period,
        now=now,
        closing=len(billable),
        added=added[ADDED],
        removed=gone.drop(columns="began_at").reset_index(drop=True) if known else None,
        passed_through=int(passed.sum()) if known else 0,
        later_added=int(later.sum()),
        later_removed=int(after.sum()) if known else 0,
        timeless=int(billable["created_at"].isna().sum()),
        check=_check(devices, here, created, deleted, period, attributable=attributable)
        if has_log else _check_of({}),
        log_begins=None if log["activity_at"].isna().all() else log["activity_at"].min(),
        has_log=has_log,
        logged=set(created["device_id"]),
        deleted=deleted,
    )  # fmt: skip


def _last(log: pd.DataFrame, code: str) -> pd.DataFrame:
    """The last activity of this code of each device."""
    rows = log[log["status_code"] == code].dropna(subset=["device_id", "activity_at"])
    rows = rows.sort_values("activity_at", kind="stable").drop_duplicates("device_id", keep="last")
    return rows[["device_id", "activity_at", "message"]]


def _check(
    devices: pd.DataFrame,
    here: set[int],
    created: pd.DataFrame,
    deleted: pd.DataFrame,
    period: Period,
    *,
    attributable: bool,
) -> pd.DataFrame:
    """The devices of the period by what created_at and the activity log say of them."""
    asked = set(devices["device_id"].dropna())
    born = set(devices.loc[period.contains(devices["created_at"]), "device_id"].dropna())
    logged = set(created.loc[period.contains(created["activity_at"]), "device_id"])
    ended = set(deleted.loc[period.contains(deleted["activity_at"]), "device_id"])
    ended_ever = set(deleted["device_id"])
    absent = logged - here if attributable else set()
    return _check_of(
        {
            "created in the period, and the log says so": (born & logged, True),
            "created in the period, but the log does not say so": (born - logged, False),
            "the log says created in the period, created_at does not": (
                (logged & asked) - born, False,
            ),
            "created in the period and deleted since": (absent & ended_ever, True),
            "created in the period, not here, and no deletion is told": (
                absent - ended_ever, False,
            ),
            "the log says deleted in the period, but it is here": (ended & asked, False),
        }
    )  # fmt: skip


def _check_of(counted: Mapping[str, tuple[set[int], bool]]) -> pd.DataFrame:
    rows = [(what, len(ids), fits) for what, (ids, fits) in counted.items()]
    return pd.DataFrame(rows, columns=["what", "devices", "fits"]).astype(
        {"what": "str", "devices": "Int64", "fits": "boolean"}
    )


def ledger(told: Movement) -> pd.DataFrame:
    """The movement as a table: what, how many devices with their sign, and what it stands on."""
    known = told.removed is not None
    rows: list[tuple[str, int | None, str]] = [
        ("opening", told.opening, "worked out from what follows; nobody counted it"
         if known else "without what was removed, which is not known"),
        ("added", len(told.added), "created_at of billable devices"),
        ("removed", -told.gone if known else None, "NODE_DELETED of devices that were there before"
         if known else "not known: a gone device has no organization and no class"),
        ("moved to or from", None, "not known: no table tells it; compare snapshots for it"),
    ]  # fmt: skip
    if told.later_added or told.later_removed:
        rows.append(("end of the period", told.at_end, "worked out"))
        rows.append(("added since", told.later_added, "created_at of billable devices"))
        rows.append(("removed since", -told.later_removed if known else None, "NODE_DELETED"))
    rows.append(("closing", told.closing, "counted now"))
    return pd.DataFrame(rows, columns=["what", "devices", "basis"]).astype(
        {"what": "str", "devices": "Int64", "basis": "str"}
    )


def by_group(came: pd.DataFrame, billable: pd.DataFrame) -> pd.DataFrame:
    """Billable devices by class group: added in the period, and now."""
    groups = list(BILLED)
    added = came["class_group"].value_counts().reindex(groups, fill_value=0)
    now = billable["class_group"].value_counts().reindex(groups, fill_value=0)
    table = pd.DataFrame({"class_group": groups, "added": added.values, "closing": now.values})
    table = table[(table["added"] > 0) | (table["closing"] > 0)]
    return table.astype({"class_group": "str", "added": "Int64", "closing": "Int64"}).reset_index(
        drop=True
    )


def added_table(told: Movement, counted: Between | None) -> pd.DataFrame:
    """The devices that came: those that a snapshot did not have, else those created in the period."""
    if counted is None:
        return told.added
    rows = counted.devices[counted.devices["fate"] == "added"]
    rows = rows.assign(in_activity_log=rows["device_id"].isin(told.logged))
    rows = rows.sort_values(["created_at", "device_id"], kind="stable", ignore_index=True)
    return rows[ADDED]


def removed_table(told: Movement, counted: Between | None) -> pd.DataFrame:
    """The devices that went: from a snapshot by name, else as the activity log tells them."""
    log = told.deleted
    if counted is None:
        rows = log.iloc[:0] if told.removed is None else told.removed
        rows = rows.reindex(columns=list(_REMOVED))
    else:
        rows = counted.devices[counted.devices["fate"] == "removed"]
        then = {name: rows[f"{name}_before"] for name in _OF_SNAPSHOT}
        rows = rows[["device_id"]].assign(**then).merge(log, how="left", on="device_id")
    rows = rows.rename(columns={"activity_at": "removed_at"}).astype(
        {("removed_at" if name == "activity_at" else name): kind for name, kind in _REMOVED.items()}
    )
    rows = rows.sort_values(["removed_at", "device_id"], kind="stable", ignore_index=True)
    return rows[[*_OF_SNAPSHOT[:4], "message", "removed_at", "device_id", "organization_id"]]
