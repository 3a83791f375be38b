"""Since when the rows of a report's tables are so, joined to them from what was recorded."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import pandas as pd

from ninja_analytics.errors import HistoryError, HistoryWarning
from ninja_analytics.history import ages, sql
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.snapshots import Snapshot


def dated(
    frames: Mapping[str, pd.DataFrame],
    kinds: Mapping[str, str],
    folder: Folder,
    snapshots: Sequence[Snapshot],
    now: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    """The frames, of which the tables of *kinds* have first_seen_at and at_least beside their columns.

    first_seen_at is that of the first snapshot of the unbroken run that leads up to the newest one,
    by the age of ages.AGES that *kinds* names; a row that the newest snapshot does not have was first
    seen *now*. at_least says that the oldest snapshot had it already, so that it may be older. A table
    that was never recorded, and one whose record is damaged (with a HistoryWarning), stays as it is.
    """
    found = dict(frames)
    for name, kind in kinds.items():
        recorded = any(name in taken.tables for taken in snapshots)
        if name not in found or not recorded:
            continue
        try:
            told = ages.since(
                lambda query: sql.answer(query, folder, snapshots, None, possible=()), kind
            )
        except HistoryError as error:
            warnings.warn(
                f"The ages of {name} are not known: {error}", HistoryWarning, stacklevel=3
            )
            continue
        found[name] = _joined(found[name], told, ages.AGES[kind].key, now)
    return found


def _joined(
    frame: pd.DataFrame, told: pd.DataFrame, key: tuple[str, ...], now: pd.Timestamp
) -> pd.DataFrame:
    """The rows with when they were first seen; the frame still knows its origin."""
    rows = frame[list(key)].reset_index(drop=True)
    each = rows.merge(told[[*key, "since_at", "at_least"]], how="left", on=list(key))
    known = rows.notna().all(axis=1).to_numpy()
    since = each["since_at"].fillna(now).where(known).astype("datetime64[us, UTC]")
    bound = each["at_least"].astype("boolean").fillna(False)
    return frame.assign(
        first_seen_at=since.set_axis(frame.index), at_least=bound.set_axis(frame.index)
    )
