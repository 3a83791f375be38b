"""The frames of one customer: only its rows, and in free text no name of another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ninja_analytics.sharing import owned_by, owners, written
from ninja_analytics.sharing.mentions import Mentions, mentions

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
        self._owner = owners(frames)
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
        owner = owned_by(frame, self._owner)
        known = owner.dropna().astype("int64")
        places = known.index.to_numpy()
        groups = known.groupby(known).indices
        return {int(str(one)): places[rows] for one, rows in groups.items()}

    def _quiet(self, table: str, frame: pd.DataFrame, organization_id: int) -> pd.DataFrame:
        """The rows without names of others in what anybody may have written."""
        made = frame.reset_index(drop=True)
        made.attrs = dict(frame.attrs)
        for column in written(table, made):
            made[column] = self._mentions.without_others(made[column], organization_id)
        if "parent_device_id" in made:
            foreign = made["parent_device_id"].map(self._owner).ne(organization_id)
            made["parent_device_id"] = made["parent_device_id"].mask(foreign.fillna(False))
        return made


_NONE = np.array([], dtype="int64")


def _used(devices: pd.DataFrame, columns: tuple[str, ...]) -> pd.Series:
    there = [devices[column] for column in columns if column in devices]
    return pd.concat(there).dropna().unique() if there else pd.Series(dtype="Int64")


def _named(name: object, organization_id: int) -> str:
    return name if isinstance(name, str) and name else f"organization {organization_id}"
