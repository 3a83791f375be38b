"""The frames of a whole instance for a reader who is to see some customers only: others go unnamed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import pandas as pd

from ninja_analytics.sharing.about import FREE_TEXT, about
from ninja_analytics.sharing.mentions import Mentions

Frames = Mapping[str, pd.DataFrame]

_PLACES = (("organizations", "organization"), ("locations", "location"))


def without_others(
    frames: Frames, organization_ids: Collection[int], names: Mentions, *, places: bool = False
) -> dict[str, pd.DataFrame]:
    """The *frames* with a word for each name of others in what anybody may have written.

    The rows stay, since a report may count with those of others without showing them; what is
    written in those is left as it is. With *places* the organizations and locations of others have
    no names either, for a report that tells where a device was before.
    """
    owner = owners(frames)
    made = {
        name: _quiet(name, frame, organization_ids, owner, names) for name, frame in frames.items()
    }
    for table, what in _PLACES if places else ():
        if table in made and "organization_id" in made[table]:
            foreign = ~made[table]["organization_id"].isin(organization_ids)
            named = made[table][f"{what}_name"].mask(foreign, f"(another {what})")
            made[table] = _with(made[table], {f"{what}_name": named})
    return made


def owners(frames: Frames) -> pd.Series:
    """The organization of each device, by device_id."""
    devices = frames.get("devices")
    if devices is None or "organization_id" not in devices:
        return pd.Series(dtype="Int64")
    known = devices.dropna(subset=["device_id"]).drop_duplicates("device_id", keep="last")
    found: pd.Series = known.set_index("device_id")["organization_id"]
    return found


def owned_by(frame: pd.DataFrame, owner: pd.Series) -> pd.Series:
    """The organization of each row: by its id, else by that of the device; by position."""
    found = pd.Series(pd.NA, index=range(len(frame)), dtype="Int64")
    if "device_id" in frame:
        found = frame["device_id"].map(owner).astype("Int64").reset_index(drop=True)
    if "organization_id" in frame:
        told = frame["organization_id"].reset_index(drop=True)
        found = told.fillna(found) if "device_id" in frame else told
    return found


def written(table: str, frame: pd.DataFrame) -> Iterator[str]:
    """The columns of text that anybody may have written, or of which nobody knows who did."""
    for column in frame.columns:
        if str(frame[column].dtype) == "str" and about(table, column) in (FREE_TEXT, None):
            yield column


def _quiet(
    table: str,
    frame: pd.DataFrame,
    organization_ids: Collection[int],
    owner: pd.Series,
    names: Mentions,
) -> pd.DataFrame:
    """The frame with the texts of rows that are theirs, or nobody's, told without others."""
    columns = list(written(table, frame))
    if not columns:
        return frame
    whose = owned_by(frame, owner)
    theirs = (whose.isna() | whose.isin(organization_ids)).to_numpy(dtype=bool)
    told = {
        column: names.without_others(frame[column].where(theirs), *organization_ids).where(
            theirs, frame[column]
        )
        for column in columns
    }
    return _with(frame, told)


def _with(frame: pd.DataFrame, columns: Mapping[str, pd.Series]) -> pd.DataFrame:
    made = frame.assign(**columns)
    made.attrs = dict(frame.attrs)
    return made
