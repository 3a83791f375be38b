"""The devices of two snapshots as one frame: who came, who went, who is the same under a new id."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ninja_analytics.reports.population import (
    READ,
    Names,
    classes_asked,
    population,
    read,
    several,
)
from ninja_analytics.reports.serials import serials

Frames = Mapping[str, pd.DataFrame]

# Tables whose rows are compared: a column that only one snapshot has is compared in none.
COMPARED = (
    "devices_detailed",
    "devices",
    "operating_systems",
    "computer_systems",
    "volumes",
    "antivirus_status",
    "software",
)


@dataclass(frozen=True, slots=True)
class Sides:
    """Two snapshots made comparable: the devices of both, and the frames of the other tables.

    `devices` has one row per device of either snapshot that was asked for. Its columns are those of
    `population` and of its machine, each as `…_before` and `…_after`, and

        fate                kept, reenrolled (the same serial number under a new id), added, removed
        device, organization, location, organization_id, device_id
                            to show: from the closing, or from the opening where it has left
        selected_before, selected_after
                            in the snapshot and among the devices asked for

    `known` says whether both snapshots have a list of devices at all; `detailed` whether that is
    devices_detailed. `doubles` and `nameless` count rows left out, in either snapshot: repeated
    devices, and rows without a device id. `guarded` are the devices of both with their controls,
    once `with_controls` has looked.
    """

    devices: pd.DataFrame
    opening: Frames
    closing: Frames
    known: bool
    detailed: bool
    doubles: int
    nameless: int
    counted_before: int
    counted_after: int
    guarded: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def both(self) -> pd.DataFrame:
        """The devices that are in both snapshots, under the same id or a new one."""
        return self.devices[self.devices["fate"].isin(("kept", "reenrolled"))]

    def has(self, table: str) -> bool:
        """Whether both snapshots have the table."""
        return table in self.opening and table in self.closing


def sides(
    opening: Frames,
    closing: Frames,
    *,
    now: pd.Timestamp,
    organizations: Names = None,
    exclude_organizations: Names = None,
    node_classes: Names = None,
) -> Sides:
    """The two snapshots side by side, for the devices asked for in either of them.

    Raises UnknownNameError for an organization or a node class that is in neither.
    """
    opening, closing = _alike(opening, closing)
    detailed = "devices_detailed" in opening and "devices_detailed" in closing
    known = all(listed(frames, detailed) in frames for frames in (opening, closing))
    raw = [_machines(frames, detailed) for frames in (opening, closing)]
    one_each = [_one_each(rows) for rows in raw]
    named = _names(closing, opening, one_each)
    wanted = None
    if node_classes is not None:
        wanted = classes_asked(several(node_classes), pd.concat(one_each))
    judged = []
    for rows in one_each:
        everyone = population({**named, "devices": rows}, now=now).devices
        asked = population(
            {**named, "devices": rows},
            now=now,
            organizations=organizations,
            exclude_organizations=exclude_organizations,
        ).devices
        chosen = everyone["device_id"].isin(asked["device_id"])
        if wanted is not None:
            chosen &= everyone["node_class"].isin(wanted)
        machine = rows[["device_id", *(name for name in _MACHINE if name != "device_id")]]
        judged.append(everyone.merge(machine, on="device_id").assign(selected=chosen.to_numpy()))
    nameless = [int(rows["device_id"].isna().sum()) for rows in raw]
    return Sides(
        devices=_joined(*judged),
        opening=opening,
        closing=closing,
        known=known,
        detailed=detailed,
        doubles=sum(map(len, raw)) - sum(nameless) - sum(map(len, one_each)),
        nameless=sum(nameless),
        counted_before=int(judged[0]["selected"].sum()),
        counted_after=int(judged[1]["selected"].sum()),
    )


def _alike(opening: Frames, closing: Frames) -> tuple[Frames, Frames]:
    """The frames, and of the tables to compare only the columns that both snapshots have."""
    found: list[dict[str, pd.DataFrame]] = []
    for ours, theirs in ((opening, closing), (closing, opening)):
        found.append(
            {
                name: frame[[one for one in frame.columns if one in theirs[name].columns]]
                if name in COMPARED and name in theirs
                else frame
                for name, frame in ours.items()
            }
        )
    return found[0], found[1]


_MACHINE = READ["devices_detailed"]


def _machines(frames: Frames, detailed: bool) -> pd.DataFrame:
    """The rows of the device list with what is known of each machine, from one table or three."""
    if detailed:
        rows = _list(frames, detailed)
        return rows.assign(**read(frames, "devices_detailed").drop(columns="device_id"))
    systems = read(frames, "operating_systems").drop_duplicates("device_id")
    systems = systems.dropna(subset=["device_id"]).rename(
        columns={
            "name": "os_name",
            "release_id": "os_release_id",
            "build_number": "os_build_number",
        }
    )
    computers = read(frames, "computer_systems").drop_duplicates("device_id")
    return (
        _list(frames, detailed)
        .merge(systems.drop(columns="needs_reboot"), how="left", on="device_id")
        .merge(computers.dropna(subset=["device_id"]), how="left", on="device_id")
    )


def listed(frames: Frames, detailed: bool) -> str:
    """The table that lists the devices of a snapshot; *detailed* when both are to be detailed."""
    return "devices" if "devices" in frames and not detailed else "devices_detailed"


def _list(frames: Frames, detailed: bool) -> pd.DataFrame:
    name = listed(frames, detailed)
    return read({"devices": frames[name]} if name in frames else {}, "devices")


def _one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per device, of repeated ones that with the latest contact."""
    rows = rows.dropna(subset=["device_id"])
    latest = rows.sort_values("last_contact_at", ascending=False, kind="stable", na_position="last")
    one_each: pd.DataFrame = latest.drop_duplicates("device_id")
    return one_each


def _names(
    closing: Frames, opening: Frames, devices: list[pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """The names of both snapshots, the later first, and the ids of organizations without one."""
    found = {
        table: pd.concat([read(closing, table), read(opening, table)], ignore_index=True)
        for table in ("organizations", "locations")
    }
    ids = pd.concat([rows["organization_id"] for rows in devices]).dropna()
    nameless = pd.DataFrame({"organization_id": ids}).assign(
        organization_name=pd.Series(None, index=ids.index, dtype="str")
    )
    found["organizations"] = pd.concat([found["organizations"], nameless], ignore_index=True)
    return found


def _joined(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The devices of both in one frame (see Sides), by device id."""
    renewed = _renewed(before, after)
    identity = before["device_id"].map(renewed).fillna(before["device_id"]).astype("Int64")
    whole = before.assign(identity=identity).merge(
        after.assign(identity=after["device_id"]),
        how="outer",
        on="identity",
        suffixes=("_before", "_after"),
        indicator="fate",
    )
    words = {"both": "kept", "left_only": "removed", "right_only": "added"}
    fate = whole["fate"].map(words).astype("str")
    again = whole["device_id_before"].isin(list(renewed)).astype(bool)
    for side in ("before", "after"):
        chosen = whole[f"selected_{side}"].astype("boolean").fillna(False)
        whole[f"selected_{side}"] = chosen.astype(bool)
    whole = whole.assign(fate=fate.mask(again, "reenrolled"))
    for name in ("device", "organization", "location", "organization_id", "device_id"):
        now, then = whole[f"{name}_after"], whole[f"{name}_before"]
        # One that left for where nobody asked about is told by where it was.
        whole[name] = now.where(whole["selected_after"] | then.isna(), then).fillna(then)
    asked = whole["selected_before"] | whole["selected_after"]
    return whole[asked].sort_values(
        ["organization", "device", "device_id"], kind="stable", ignore_index=True
    )


def _renewed(before: pd.DataFrame, after: pd.DataFrame) -> dict[int, int]:
    """Old id to new id of machines that were enrolled anew: one serial number, once on either side."""
    found = []
    for ours, theirs in ((before, after), (after, before)):
        serial = serials(ours)
        once = serial.notna() & ~serial.duplicated(keep=False)
        alone = ~ours["device_id"].isin(theirs["device_id"])
        found.append(pd.Series(ours["device_id"].to_numpy(), index=serial.to_numpy())[
            (once & alone).to_numpy()
        ])  # fmt: skip
    gone, new = found
    pairs = pd.concat({"gone": gone, "new": new}, axis=1, join="inner")
    return {int(old): int(fresh) for old, fresh in pairs.itertuples(index=False)}
