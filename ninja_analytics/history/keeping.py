"""Keeps a history in order over the years: thin it out, fold small files, find damage, sweep.

Every change is committed by one new file of the log, after what it names is there; what it lets go is
removed a day later at the earliest, so whoever is reading or recording meanwhile loses nothing.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import UsageError
from ninja_analytics.frames import batches
from ninja_analytics.history import reading, snapshots
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.reading import Piece
from ninja_analytics.history.snapshots import File, Log, Recorded, Snapshot
from ninja_analytics.history.writing import Draft, digest
from ninja_analytics.windows import length

GRACE = 86_400.0  # seconds that a file without a manifest may belong to somebody who still works
_SMALL = 16_000_000  # bytes; larger files are not folded

# Of which spans of time the last snapshot is kept, and what tells one span from the next.
_SPANS: Mapping[str, Callable[[datetime], object]] = {
    "days": lambda at: at.date(),
    "weeks": lambda at: at.isocalendar()[:2],
    "months": lambda at: (at.year, at.month),
    "years": lambda at: at.year,
}


def to_keep(taken: Iterable[Snapshot], keep: object, *, now: datetime) -> set[str]:
    """The ids of the snapshots that *keep* keeps; the newest one always is.

    *keep* is how far back all are kept, as "90d", or a mapping such as {"days": 30, "months": 24}: the
    last snapshot of each of the last 30 days that have one, and of each of the last 24 months.
    Raises UsageError for anything else; a bare number, which says no unit, among it.
    """
    found = sorted(taken, key=lambda one: (one.taken_at, one.id))
    # A clock that once ran ahead does not make its snapshot the newest one for years.
    ids = {one.id for one in found[-1:] + [one for one in found if one.taken_at <= now][-1:]}
    if isinstance(keep, str | timedelta):
        oldest = now - length("keep", keep)
        return ids | {one.id for one in found if one.taken_at >= oldest}
    if not isinstance(keep, Mapping) or not _says_how_many(keep):
        msg = (
            f"keep={keep!r} is not understood. Give how far back, like '90d', or how many of "
            f"{', '.join(_SPANS)}, like {{'days': 30, 'months': 24}}."
        )
        raise UsageError(msg)
    for span, count in keep.items():
        last = {_SPANS[span](one.taken_at): one.id for one in found}
        ids |= set(list(last.values())[-count:] if count else ())
    return ids


def _says_how_many(keep: Mapping[Any, Any]) -> bool:
    """Whether that names spans of time with a number each, and not nothing at all."""
    numbers = [type(count) is int and count >= 0 for count in keep.values()]
    return set(keep) <= set(_SPANS) and all(numbers) and any(keep.values())


def prune(folder: Folder, keep: object, *, now: datetime) -> tuple[str, ...]:
    """Let go all snapshots but those that *keep* keeps; answers the ids of those that went.

    Their events stay, since later snapshots build on them.
    """
    while True:
        log = snapshots.read(folder)
        ids = to_keep(log.kept, keep, now=now)
        gone = tuple(one.id for one in log.kept if one.id not in ids)
        left = [
            one if one.id in ids or one.pruned else _but_its_events(one) for one in log.snapshots
        ]
        if not gone or _fold(folder, log, [one for one in left if one.tables]):
            sweep(folder)
            return gone


def _but_its_events(taken: Snapshot) -> Snapshot:
    events = {name: one for name, one in taken.tables.items() if one.kind == "events"}
    return replace(taken, tables=events, problems={}, moved={}, pruned=True)


def compact(folder: Folder, *, now: datetime) -> int:
    """Fold the small files of past months into one per table and month, and the log into one file.

    Answers how many files fewer there are, once they are swept. What is read stays the same.
    """
    while True:
        log = snapshots.read(folder)
        folded: dict[str, File] = {}
        for (table, month), files in _small(log, before=f"{now:%Y-%m}").items():
            folded |= _folded(folder, table, month, files)
        fewer = (
            len(folded) - len({one.path for one in folded.values()}) + max(0, len(log.names) - 1)
        )
        left = [_with_files(one, folded) for one in log.snapshots]
        if not fewer or _fold(folder, log, left):
            sweep(folder)
            return fewer


def _small(log: Log, *, before: str) -> dict[tuple[str, str], list[File]]:
    """The small files of the months *before* that one, by table and month, where there are several."""
    there = {file.path: file for taken in log.snapshots for file in taken.files}
    found: dict[tuple[str, str], list[File]] = defaultdict(list)
    for path, file in sorted(there.items()):
        table, day = _place(path)
        if file.groups is None and file.bytes < _SMALL and day[:7] < before and table in TABLES:
            found[table, day[:7]].append(file)
    return {place: files for place, files in found.items() if len(files) > 1}


def _place(path: str) -> tuple[str, str]:
    """The table and the day that a path tells."""
    parts = dict(part.split("=", 1) for part in path.split("/") if "=" in part)
    return parts.get("table", ""), parts.get("date", "9999")


def _folded(folder: Folder, name: str, when: str, files: list[File]) -> dict[str, File]:
    """One file that has the rows of all *files*, in row groups of their own: what each of them is now."""
    table, path = TABLES[name], f"table={name}/date={when}-01/folded-{_unique()}.parquet"
    with Draft(batches.schema(table)) as target:
        places = {file.path: target.write(_rows(folder, table, file)) for file in files}
        whole = target.into(folder, path)
    total = sum(file.rows for file in files) or 1
    return {
        file.path: replace(
            whole, rows=file.rows, bytes=whole.bytes * file.rows // total, groups=places[file.path]
        )
        for file in files
    }


def _rows(folder: Folder, table: Table, file: File) -> pa.Table:
    """The rows of a file that is as it was written; HistoryError if it is not."""
    piece = Piece(
        file.path, file.groups, "", datetime.fromtimestamp(0, UTC), file.rows, file.digest
    )
    reading.undamaged(folder, [piece])
    return reading.rows_of(folder, table, piece)


def _with_files(taken: Snapshot, folded: Mapping[str, File]) -> Snapshot:
    """*taken*, whose files are where they were folded to."""
    tables = {name: _with_file(one, folded) for name, one in taken.tables.items()}
    return replace(taken, tables=tables)


def _with_file(one: Recorded, folded: Mapping[str, File]) -> Recorded:
    if one.file is None or one.file.groups is not None or one.file.path not in folded:
        return one
    return replace(one, file=folded[one.file.path])


def _fold(folder: Folder, log: Log, left: list[Snapshot]) -> bool:
    """Commit *left* as all that there is of what *log* told; False if that was folded meanwhile.

    Then it may name files that are gone by now: a machine can sleep for days between two steps.
    """
    if not set(log.names) <= set(folder.names(snapshots.LOG)):
        return False
    used = {file.path for one in left for file in one.files}
    there = set(folder.names())
    dropped = {path: at for path, at in log.dropped.items() if path in there and path not in used}
    # What was let go before and used again since is let go anew, and not as of then.
    dropped |= dict.fromkeys(log.used - used, time.time())
    name = f"{snapshots.FOLDED}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{_unique()}.json"
    folder.put(name, snapshots.text_of(left, dropped=dropped))
    for one in log.names:
        folder.remove(one)
    return True


def sweep(folder: Folder, *, now: float | None = None) -> tuple[str, ...]:
    """Remove the files that no snapshot is made of and that are old enough to be nobody's; their names.

    *now* is in epoch seconds (default: the machine's clock, by which files are dated).
    """
    log = snapshots.read(folder)
    if log.damaged:  # what it names is not known, so nothing is nobody's
        return ()
    now = time.time() if now is None else now
    gone = []
    for name in folder.all_names():
        if name in log.used or not _is_ours(name):
            continue
        try:
            age = now - log.dropped[name] if name in log.dropped else now - folder.written_at(name)
        except FileNotFoundError:
            continue
        if age > GRACE:
            folder.remove(name)
            gone.append(name)
    return tuple(gone)


def _is_ours(name: str) -> bool:
    """Whether a file is data, or was to become one of the log."""
    return name.startswith("table=") or (
        name.startswith(f"{snapshots.LOG}/.") and name.endswith(".part")
    )


def verify(folder: Folder) -> pd.DataFrame:
    """What is not as it was written: a row per damaged or missing file, none if all is well.

    Columns: file, problem ("missing", "damaged"), snapshots (their ids). Every byte is read.
    """
    log = snapshots.read(folder)
    rows = [(name, "damaged", "not known") for name in log.damaged]
    users: dict[str, list[str]] = defaultdict(list)
    digests: dict[str, str] = {}
    for taken in log.snapshots:
        for file in taken.files:
            users[file.path].append(taken.id)
            digests[file.path] = file.digest
    rows += [
        (path, problem, ", ".join(users[path]))
        for path in sorted(users)
        if (problem := _problem(folder, path, digests[path]))
    ]
    return pd.DataFrame(rows, columns=["file", "problem", "snapshots"], dtype="str")


def _problem(folder: Folder, path: str, written: str) -> str:
    try:
        with folder.opened(path) as file:
            return "" if digest(file) == written else "damaged"
    except FileNotFoundError:
        return "missing"


def _unique() -> str:
    return secrets.token_hex(6)
