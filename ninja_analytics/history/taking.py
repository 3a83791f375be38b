"""A snapshot of a live connection: which tables, how much that is, and what moved meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any, Protocol

import pandas as pd

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import HistoryError, NinjaError, UnknownNameError, UsageError
from ninja_analytics.history import keeping, reading
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.recorded_tables import DEFAULT, POSSIBLE
from ninja_analytics.history.recording import Recording
from ninja_analytics.history.snapshots import Recorded, Snapshot
from ninja_analytics.progress import tell

_FIRST_DAYS = 30.0  # of activities, the first time
_BYTES_PER_ROW = 20.0  # of a table that was never recorded
_PLACE = ["organization_id", "location_id"]


class Live(Protocol):
    """What a connection gives: the tables of now."""

    def table(self, name: str, /, **options: Any) -> pd.DataFrame:
        """The rows of a table as a frame."""

    def rows_to_record(self, name: str, /, **options: Any) -> Any:
        """The rows of a table as a stream."""

    def forget_lookups(self) -> None:
        """Have the list of devices asked for anew."""

    def estimate(self, names: Iterable[str], /, *, days: float | None = None) -> pd.DataFrame:
        """About how many rows and requests tables take."""


def possible(names: Iterable[str] | None) -> tuple[str, ...]:
    """The tables *names* (None: the usual ones), each once, for a snapshot.

    Raises UnknownNameError for a wrong name, UsageError for one that is asked by id and for none.
    """
    if names is None:
        return DEFAULT
    wanted = (names,) if isinstance(names, str) else tuple(dict.fromkeys(names))
    for name in wanted:
        if name not in TABLES:
            raise UnknownNameError.among("table", name, TABLES)
        if name not in POSSIBLE:
            raise UsageError(f"{name} is asked by id, so it cannot be recorded. Leave it out.")
    if not wanted:
        raise UsageError("No table is named. Leave the names out for the usual ones.")
    return wanted


def take(
    folder: Folder,
    live: Live,
    names: Iterable[str],
    *,
    profile: str,
    instance: str,
    taken_at: datetime,
    since: datetime | None,
    progress: str,
) -> Snapshot:
    """A snapshot of the tables *names*, committed; see `History.record`."""

    def rows(name: str, **options: Any) -> Any:
        return live.rows_to_record(name, now=taken_at, progress=progress, **options)

    first = {} if since is None else {"activities": since}
    recording = Recording(folder, rows, taken_at=taken_at, first=first)
    live.forget_lookups()  # a device may have moved since
    for name in names:
        recording.take(name)
    made = recording.commit(
        profile=profile,
        instance=instance,
        version=version("ninja-analytics"),
        moved=_moved(folder, live, recording),
    )
    try:
        keeping.sweep(folder)
    except HistoryError as error:  # the snapshot is there; what is left over waits for the next one
        tell(f"The snapshot is recorded. {error}", progress)
    for name, why in made.problems.items():
        tell(f"{name} is not in the snapshot: {why}", progress)
    return made


def _moved(folder: Folder, live: Live, recording: Recording) -> Mapping[str, int]:
    """What the list of devices did while a snapshot was taken: how many came, went and moved."""
    told = recording.tables.get("devices")
    if told is None or told.file is None:
        return {}
    piece = reading.Piece(told.file.path, None, recording.id, recording.taken_at, told.rows)
    before = reading.frame(folder, TABLES["devices"], [piece], ["device_id", *_PLACE])
    try:
        after = live.table("devices", progress="none")
    except NinjaError:  # everything is there; what moved is not known then
        return {}
    was, now = (one.drop_duplicates("device_id").set_index("device_id") for one in (before, after))
    both = was.index.intersection(now.index)
    same = was.loc[both, _PLACE].fillna(-1) == now.loc[both, _PLACE].fillna(-1)
    return {
        "came": len(now.index.difference(was.index)),
        "went": len(was.index.difference(now.index)),
        "moved": int((~same.all(axis=1)).sum()),
    }


def estimated(live: Live, names: Iterable[str], last: Mapping[str, Recorded]) -> pd.DataFrame:
    """About how much a snapshot of *names* is: `Ninja.estimate`, and bytes by what was recorded *last*."""
    found = live.estimate(names, days=_FIRST_DAYS)
    each = [_bytes_per_row(last.get(name)) for name in found["table"]]
    found["bytes"] = (found["rows"] * pd.Series(each)).round().astype("Int64")
    found.loc[found.index[-1], "bytes"] = found["bytes"].iloc[:-1].sum()
    return found


def _bytes_per_row(one: Recorded | None) -> float:
    return one.file.bytes / one.file.rows if one and one.file and one.file.rows else _BYTES_PER_ROW
