"""What moved between an opening and now, device by device: no log is asked, and every line balances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.reports.billing.lines import with_billing
from ninja_analytics.reports.making import Asked
from ninja_analytics.reports.population import Names, classes_asked, population, read

FATES = ("stayed", "moved", "added", "became billable", "removed", "no longer billable")
BY_LINE = ("opening", "added", "became_billable", "moved_in", "moved_out", "no_longer_billable",
           "removed", "closing")  # fmt: skip
MOVED = ("device", "from_organization", "organization", "from_class_group", "class_group",
         "device_id", "organization_id")  # fmt: skip
_LINE = ["organization_id", "organization", "class_group"]
_SHOWN = ["device", *_LINE, "location", "node_class", "created_at"]


@dataclass(frozen=True, slots=True)
class Between:
    """What became of the devices that were billable at `at`, or are now.

    `devices` has a row per such device, with `fate` (a word of FATES), `was` and `is_now`: billable
    then and now among the devices asked for; columns of then end in _before, and are missing where it
    was not. One that moved to or from where nobody asked about has no name there. `nameless` is how
    many more billable devices without an id there are now than then: these cannot be told apart.
    """

    at: pd.Timestamp
    devices: pd.DataFrame
    nameless: int

    def count(self, fate: str) -> int:
        """How many devices had this fate."""
        return int((self.devices["fate"] == fate).sum())

    @property
    def opening(self) -> int:
        """Billable devices at the opening."""
        return int(self.devices["was"].sum())

    @property
    def closing(self) -> int:
        """Billable devices now, of those with an id."""
        return int(self.devices["is_now"].sum())

    @property
    def moves(self) -> dict[str, int]:
        """Moves to and from where nobody asked about, and within what was asked for."""
        was, now = self.devices["was"], self.devices["is_now"]
        moved = self.devices["fate"] == "moved"
        return {
            "to": int((moved & ~was).sum()),
            "from": int((moved & ~now).sum()),
            "within": int((moved & was & now).sum()),
        }


def between(
    ask: Asked,
    opening: Mapping[str, pd.DataFrame] | None,
    at: pd.Timestamp,
    *,
    billable_days: float | None,
    organizations: Names,
    exclude_organizations: Names,
    node_classes: Names,
) -> Between | None:
    """What moved since the *opening*, taken *at*; None where one of both has no list of devices."""
    if opening is None or "devices" not in opening or not ask.has("devices"):
        return None
    lists = [read(frames, "devices") for frames in (opening, ask.frames)]
    named = _names(opening, ask.frames, lists)
    wanted = None if node_classes is None else classes_asked(node_classes, pd.concat(lists))
    sides = []
    for rows, time in zip(lists, (at, ask.now), strict=True):
        frames = {**named, "devices": rows}
        everyone = population(frames, now=time).devices
        chosen = population(
            frames, now=time, organizations=organizations,
            exclude_organizations=exclude_organizations,
        ).devices  # fmt: skip
        ids = everyone["device_id"]
        selected = ids.isin(chosen["device_id"].dropna()).astype(bool)
        selected |= ids.isna() & bool(chosen["device_id"].isna().any())  # one at most
        if wanted is not None:
            selected &= everyone["node_class"].isin(wanted)
        billing = with_billing(everyone, billable_days)["billing"] == "billable"
        sides.append(everyone.assign(billable=billing, counted=billing & selected))
    spare = [int(side.loc[side["device_id"].isna(), "counted"].sum()) for side in sides]
    return Between(at, _judged(*(side[side["device_id"].notna()] for side in sides)),
                   spare[1] - spare[0])  # fmt: skip


def _names(
    opening: Mapping[str, pd.DataFrame],
    closing: Mapping[str, pd.DataFrame],
    lists: list[pd.DataFrame],
) -> dict[str, pd.DataFrame]:
    """The names of both, those of now first, and the ids of organizations without one."""
    found = {
        table: pd.concat([read(closing, table), read(opening, table)], ignore_index=True)
        for table in ("organizations", "locations")
    }
    ids = pd.concat([rows["organization_id"] for rows in lists]).dropna()
    bare = pd.DataFrame({"organization_id": ids}).reset_index(drop=True)
    bare["organization_name"] = pd.Series(None, index=bare.index, dtype="str")
    found["organizations"] = pd.concat([found["organizations"], bare], ignore_index=True)
    return found


def _judged(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The devices that count on one side at least, with what became of each (see Between)."""
    columns = ["device_id", *_SHOWN, "billable", "counted"]
    both = before[columns].merge(
        after[columns], how="outer", on="device_id", suffixes=("_before", ""), indicator="there"
    )
    flags = {
        name: both[name].astype("boolean").fillna(False).astype(bool)
        for name in ("counted_before", "counted", "billable_before", "billable")
    }
    was, now = flags["counted_before"], flags["counted"]
    same = pd.Series(True, index=both.index)
    for name in ("organization_id", "class_group"):
        then, today = both[f"{name}_before"], both[name]
        same &= then.eq(today).fillna(False).astype(bool) | (then.isna() & today.isna())
    fate = np.select(
        [was & now & same, flags["billable_before"] & flags["billable"],
         both["there"] == "right_only", both["there"] == "left_only", now],
        ["stayed", "moved", "added", "removed", "became billable"],
        "no longer billable",
    )  # fmt: skip
    found = both.assign(was=was, is_now=now, fate=pd.Series(fate, dtype="str"))
    for name in _SHOWN:  # what nobody asked about stays unsaid
        found[f"{name}_before"] = found[f"{name}_before"].where(was)
        found[name] = found[name].where(now)
    kept = ["device_id", *_SHOWN, *(f"{name}_before" for name in _SHOWN), "was", "is_now", "fate"]
    return found.loc[was | now, kept].reset_index(drop=True)


def ledger(told: Between) -> pd.DataFrame:
    """The movement as a table: what, how many devices with their sign, and what it stands on."""
    moves, at = told.moves, f"{told.at:%Y-%m-%d %H:%M} UTC"
    moved = (
        f"{moves['to']:,} from elsewhere, {moves['from']:,} to elsewhere; {moves['within']:,} more "
        "changed their organization or class within"
    )
    rows = [
        ("opening", told.opening, f"counted in the snapshot of {at}"),
        ("added", told.count("added"), "billable now, and not in the snapshot"),
        ("became billable", told.count("became billable"), "in the snapshot, but not billable then"),
        ("moved to or from", moves["to"] - moves["from"], moved),
        ("no longer billable", -told.count("no longer billable"), "here, but not billable now"),
        ("removed", -told.count("removed"), "billable in the snapshot, and not here now"),
    ]  # fmt: skip
    if told.nameless:
        rows.append(("without a device id", told.nameless, "cannot be told apart"))
    rows.append(("closing", told.closing + told.nameless, "counted now"))
    return pd.DataFrame(rows, columns=["what", "devices", "basis"]).astype(
        {"what": "str", "devices": "Int64", "basis": "str"}
    )


def by_line(told: Between | None) -> pd.DataFrame:
    """The movement of each organization and class group; opening and all that follows give closing."""
    columns = ["organization", "class_group", *BY_LINE, "organization_id"]
    if told is None:
        kinds = dict.fromkeys(columns, "Int64") | {"organization": "str", "class_group": "str"}
        return pd.DataFrame(columns=columns).astype(kinds)
    rows = told.devices
    then, now = rows[rows["was"]], rows[rows["is_now"]]
    parts = [
        _tallied(then, "_before", "opening", None),
        _tallied(now, "", "added", "added"),
        _tallied(now, "", "became_billable", "became billable"),
        _tallied(now, "", "moved_in", "moved"),
        _tallied(then, "_before", "moved_out", "moved"),
        _tallied(then, "_before", "no_longer_billable", "no longer billable"),
        _tallied(then, "_before", "removed", "removed"),
        _tallied(now, "", "closing", None),
    ]
    long = pd.concat(parts, ignore_index=True)
    table = long.groupby(_LINE, dropna=False)[list(BY_LINE)].sum().reset_index()
    table = table.sort_values(
        ["organization", "class_group", "organization_id"], kind="stable", ignore_index=True
    )
    return table[columns].astype(dict.fromkeys(BY_LINE, "Int64"))


def _tallied(rows: pd.DataFrame, side: str, what: str, fate: str | None) -> pd.DataFrame:
    """The lines of the rows of a fate, each row counted once under *what*."""
    rows = rows if fate is None else rows[rows["fate"] == fate]
    lines = rows[[f"{name}{side}" for name in _LINE]].set_axis(_LINE, axis=1)
    return lines.assign(**{name: int(name == what) for name in BY_LINE})


def moved_table(told: Between | None) -> pd.DataFrame:
    """The devices that changed their organization or class, with where they were before."""
    if told is None:
        kinds = {name: "Int64" if name.endswith("_id") else "str" for name in MOVED}
        return pd.DataFrame(columns=list(MOVED)).astype(kinds)
    rows = told.devices[told.devices["fate"] == "moved"]
    rows = rows.assign(
        device=rows["device"].fillna(rows["device_before"]),
        from_organization=rows["organization_before"],
        from_class_group=rows["class_group_before"],
    )
    rows = rows.sort_values(["device", "device_id"], kind="stable", ignore_index=True)
    return rows[list(MOVED)]
