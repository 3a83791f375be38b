"""What a snapshot holds, as values and as the JSON of its manifest; and which snapshots there are.

A manifest is one file, and its appearance commits the snapshot: whatever it names was there before,
and what no manifest names is not read. Several manifests may be folded into one file (see
`keeping`); then the newer file tells of a snapshot that is in both.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from ninja_analytics.errors import HistoryError
from ninja_analytics.history.folder import Folder, shown

FORM = 1
LOG = "log"
FOLDED = f"{LOG}/folded-"  # so begins the name of a file that has several manifests
_TRIES, _WAIT = 40, 0.01  # a listing may be behind for some seconds in some stores
Kind = Literal["state", "events"]


@dataclass(frozen=True, slots=True)
class File:
    """A Parquet file, or with `groups` some row groups of it.

    `digest` is the SHA-256 of all of it; `form` tells schemas from one another, so that a file by
    today's is read without a look at its own.
    """

    path: str
    rows: int
    bytes: int
    digest: str
    form: str
    groups: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """One table in a snapshot.

    Of a state table `file` has all rows; of an event table those that were new, and None says that
    none were. `rows` is how many the table had when it was pulled (of events: in the window that was
    asked for, which `whole` says had no bound), `about` where they came from, `reached` the time up
    to which the events are there; `columns` are those that the catalogue had then.
    """

    table: str
    kind: Kind
    file: File | None
    rows: int
    about: Mapping[str, Any] = field(default_factory=dict)
    reached: str = ""
    whole: bool = True
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Snapshot:
    """Tables recorded at one time.

    `taken_at` is when it was begun, `ended_at` when the last table was there. `problems` says of
    tables that were asked for and are not in it why. `moved` says what the list of devices did in
    between. A pruned one has but its events, and is no snapshot to look back at.
    """

    id: str
    taken_at: datetime
    ended_at: datetime
    profile: str
    instance: str
    version: str
    tables: Mapping[str, Recorded]
    problems: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, int] = field(default_factory=dict)
    pruned: bool = False

    def __repr__(self) -> str:
        lacks = f", without {', '.join(self.problems)}" if self.problems else ""
        tables = f"{len(self.tables)} table{'' if len(self.tables) == 1 else 's'}"
        return f"<Snapshot {self.id}: {self.rows:,} rows of {tables}{lacks}>"

    @property
    def rows(self) -> int:
        """The rows of all tables when they were pulled."""
        return sum(one.rows for one in self.tables.values())

    @property
    def files(self) -> tuple[File, ...]:
        """The files that it is made of."""
        return tuple(one.file for one in self.tables.values() if one.file)

    def told(self) -> dict[str, Any]:
        """It as plain data, of which `_snapshot` makes it again."""
        plain = asdict(replace(self, tables={}))
        plain |= {"taken_at": _text(self.taken_at), "ended_at": _text(self.ended_at)}
        plain["tables"] = {
            name: asdict(one) | {"columns": list(one.columns)} for name, one in self.tables.items()
        }
        return plain


@dataclass(frozen=True, slots=True)
class Log:
    """All that is committed: the snapshots by time, the names of the files that say so.

    `dropped` are the data files that were let go, with the time of it in epoch seconds; `damaged` the
    files of the log that are not as they were written, whose snapshots are not counted.
    """

    snapshots: tuple[Snapshot, ...] = ()
    names: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    dropped: Mapping[str, float] = field(default_factory=dict)

    @property
    def kept(self) -> tuple[Snapshot, ...]:
        """Those that one can look back at."""
        return tuple(one for one in self.snapshots if not one.pruned)

    @property
    def used(self) -> frozenset[str]:
        """The paths of all files that a snapshot is made of."""
        return frozenset(file.path for one in self.snapshots for file in one.files)


def text_of(snapshots: Iterable[Snapshot], *, dropped: Mapping[str, float] | None = None) -> bytes:
    """The content of a file of the log."""
    body = json.dumps(
        {
            "form": FORM,
            "snapshots": [one.told() for one in snapshots],
            "dropped": dict(dropped or {}),
        },
        default=str,
    )
    return checked(body)


def checked(body: str) -> bytes:
    """A text with a checksum, as a file of the log has it."""
    return json.dumps([f"{zlib.crc32(body.encode()):08x}", body]).encode()


def read(folder: Folder) -> Log:
    """What is committed in *folder*; HistoryError if it cannot be read or is of a newer version.

    A listing is no moment in time: a file that folds others may come after the place where it would
    be listed, and those others go before theirs. So it is listed until none has come meanwhile.
    """
    names = _listed(folder)
    for number in range(_TRIES):
        found = _read(folder, names)
        names, before = _listed(folder), names
        if found is not None and _folded(names) <= _folded(before):
            return found
        time.sleep(number * _WAIT)
    msg = f"The history at {shown(folder.url)} changes faster than it can be read. Run this again later."
    raise HistoryError(msg)


def _listed(folder: Folder) -> list[str]:
    return sorted((one for one in folder.names(LOG) if one.endswith(".json")), key=_age_of_name)


def _folded(names: Iterable[str]) -> set[str]:
    return {one for one in names if one.startswith(FOLDED)}


def _read(folder: Folder, names: Iterable[str]) -> Log | None:
    """What the files *names* tell; None if one of them was folded into another since it was listed."""
    found: dict[str, Snapshot] = {}
    there: list[str] = []
    damaged: list[str] = []
    dropped: dict[str, float] = {}
    for name in names:
        try:
            told = _parsed(folder.read(name), name)
            snapshots = [_snapshot(one) for one in told["snapshots"]]
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, AttributeError, KeyError):
            damaged.append(name)
            continue
        there.append(name)
        dropped |= told["dropped"]
        found |= {one.id: one for one in snapshots}
    in_order = sorted(found.values(), key=lambda one: (one.taken_at, one.id))
    return Log(tuple(in_order), tuple(there), tuple(damaged), dropped)


def _age_of_name(name: str) -> tuple[bool, str]:
    """Sorts single manifests before folded ones, and those by the time in their names."""
    return name.startswith(FOLDED), name


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    """The content of a file of the log as plain data; ValueError and the like if it is damaged."""
    check, body = json.loads(data)
    if check != f"{zlib.crc32(body.encode()):08x}":
        raise ValueError(name)
    told = json.loads(body)
    if told["form"] > FORM:
        msg = (
            f"{name} in the history was written by a newer ninja_analytics. Update this one: "
            "pip install --upgrade ninja-analytics"
        )
        raise HistoryError(msg)
    return dict(told)


def _snapshot(told: Mapping[str, Any]) -> Snapshot:
    tables = {name: _recorded(one) for name, one in told["tables"].items()}
    times = {name: datetime.fromisoformat(told[name]) for name in ("taken_at", "ended_at")}
    return Snapshot(**{**told, "tables": tables, **times})


def _recorded(told: Mapping[str, Any]) -> Recorded:
    file = told["file"]
    if file is not None:
        groups = None if file["groups"] is None else tuple(file["groups"])
        file = File(**{**file, "groups": groups})
    return Recorded(**{**told, "file": file, "columns": tuple(told.get("columns", ()))})


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
