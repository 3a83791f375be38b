"""The frames of one customer: only its rows, and in free text no name of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from ninja_analytics.packs.mentions import Mentions, mentions
from ninja_analytics.sharing import about
from ninja_analytics.sharing.about import FREE_TEXT

Frames = Mapping[str, pd.DataFrame]

# Tables of what customers share; of these only what its devices use is theirs to see.
_USED_BY = {
    "policies": ("policy_id", ("policy_id", "role_policy_id")),
    "roles": ("role_id", ("role_id",)),
}


class Apart:
    """The frames of a whole tenant, ready to be taken apart by customer."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._mentions: Mentions = mentions(frames)
        devices = frames.get("devices")
        owner = pd.Series(dtype="Int64")
        if devices is not None:
            known = devices.dropna(subset=["device_id"]).drop_duplicates("device_id", keep="last")
            owner = known.set_index("device_id")["organization_id"]
        self._owner = owner
        self._rows = {name: self._by_owner(frame) for name, frame in frames.items()}

    def organizations(self) -> list[tuple[int, str]]:
        """The customers that have a device, by id and name, the names in order."""
        told = self._frames.get("organizations")
        names: dict[int, str] = {}
        if told is not None:
            ids = told["organization_id"].dropna().astype("int64")
            names = dict(zip(ids, told.loc[ids.index, "organization_name"], strict=True))
        there = sorted(int(one) for one in self._owner.dropna().unique())
        found = [(one, _named(names.get(one), one)) for one in there]
        return sorted(found, key=lambda one: (one[1].casefold(), one[0]))

    def of(self, organization_id: int) -> dict[str, pd.DataFrame]:
        """The frames of one customer; tables that are nobody's in particular are empty."""
        own = {
            name: self._frames[name].iloc[rows.get(organization_id, _NONE)]
            for name, rows in self._rows.items()
        }
        for name, (key, columns) in _USED_BY.items():
            if name in self._frames and "devices" in own:
                frame = self._frames[name]
                own[name] = frame[frame[key].isin(_used(own["devices"], columns))]
        return {name: self._quiet(name, frame, organization_id) for name, frame in own.items()}

    def _by_owner(self, frame: pd.DataFrame) -> dict[int, np.ndarray]:
        """The positions of the rows of each organization: by its id, else by that of the device."""
        owner = pd.Series(pd.NA, index=range(len(frame)), dtype="Int64")
        if "device_id" in frame:
            owner = frame["device_id"].map(self._owner).astype("Int64").reset_index(drop=True)
        if "organization_id" in frame:
            told = frame["organization_id"].reset_index(drop=True)
            owner = told.fillna(owner) if "device_id" in frame else told
        known = owner.dropna().astype("int64")
        places = known.index.to_numpy()
        groups = known.groupby(known).indices
        return {int(str(one)): places[rows] for one, rows in groups.items()}

    def _quiet(self, table: str, frame: pd.DataFrame, organization_id: int) -> pd.DataFrame:
        """The rows without names of others in what anybody may have written."""
        made = frame.reset_index(drop=True)
        made.attrs = dict(frame.attrs)
        for column in _written(table, made):
            made[column] = self._mentions.without_others(made[column], organization_id)
        if "parent_device_id" in made:
            foreign = made["parent_device_id"].map(self._owner).ne(organization_id)
            made["parent_device_id"] = made["parent_device_id"].mask(foreign.fillna(False))
        return made


_NONE = np.array([], dtype="int64")


def _written(table: str, frame: pd.DataFrame) -> Iterator[str]:
    """The columns of text that anybody may have written, or of which nobody knows who did."""
    for column in frame.columns:
        if str(frame[column].dtype) == "str" and about(table, column) in (FREE_TEXT, None):
            yield column


def _used(devices: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    there = [devices[column] for column in columns if column in devices]
    return pd.concat(there).dropna().unique() if there else pd.Series(dtype="Int64")


def _named(name: object, organization_id: int) -> str:
    return name if isinstance(name, str) and name else f"organization {organization_id}"
