"""A pull on the disk: what arrived so far, to go on after a break, and whole answers for a while.

Every question has a folder of its own, for this user only. A part of it is there when its file is,
and files appear whole; so a kernel that is killed leaves nothing that could be misread. Each file
carries its checksum, so that a disk that has lost or changed something is not believed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ninja_analytics.catalog import Table
from ninja_analytics.frames import Decoded, batches
from ninja_analytics.pages import Place
from ninja_analytics.whole import make_private, put

_log = logging.getLogger("ninja_analytics")

_FORM = 2  # of the files; a folder of another form is not read
_OLDEST = 7 * 86_400.0  # seconds after which a folder is of no use to anybody
_SUM = 8  # bytes of a checksum, before the rows in a file


def name_of(connection: str, table: Table, **asked: object) -> str:
    """A name for one question of one profile, fit for a folder; the same question, the same name."""
    columns = [(column.name, column.field, column.kind) for column in table.columns]
    text = json.dumps([_FORM, connection, table.name, columns, asked], default=str, sort_keys=True)
    return f"{table.name}-{hashlib.sha256(text.encode()).hexdigest()[:24]}"


@dataclass(slots=True)
class Shelved:
    """What is kept of one shard: its rows, how far it came, and whether that is all of it.

    `absent` says why NinjaOne has nothing of what was asked for by id.
    """

    parts: list[Decoded]
    place: dict[str, object]
    done: bool
    absent: str = ""


class Kept:
    """The folder of one question. Its methods never raise: what cannot be kept is not, and said once.

    Only one pull at a time writes to it; another one of the same question goes without.
    """

    def __init__(self, folder: Path, table: Table) -> None:
        self._folder = folder
        self._table = table
        self._lock = threading.Lock()
        self._mine = FileLock(folder.with_suffix(".lock"), timeout=0)
        self._works = True
        self._began_at = 0.0

    @property
    def began_at(self) -> float:
        """When the pull that is kept here was begun, in epoch seconds; 0 if none is."""
        return self._began_at

    def begin(self, plan: list[Any]) -> None:
        """Forget what is there, and note the *plan* of a new pull."""
        self._try(self._make, plan)

    def _make(self, plan: list[Any]) -> None:
        self._take()
        if self._works:
            shutil.rmtree(self._folder, ignore_errors=True)
            make_private(self._folder)
            _clear(self._folder.parent)
            self._began_at = time.time()
            self._write("plan.json", {"form": _FORM, "plan": plan, "began_at": self._began_at})

    def go_on(self) -> list[Any] | None:
        """The plan of the pull that broke off here, to write on; None if there is none.

        One that ended is none, and one of so long ago that its rows say nothing of today.
        """
        self._try(self._take)
        told = self._plan() if self._works and not self._read("whole.json") else None
        if told is None or not 0 <= time.time() - told["began_at"] <= _OLDEST:
            return None
        self._began_at = told["began_at"]
        return list(told["plan"])

    def again(self) -> None:
        """Write on after `close`, unless another pull has written here meanwhile."""
        self._try(self._take)
        told = self._plan() if self._works else None
        if told is None or told["began_at"] != self._began_at:
            self._works = False
            self.close()

    def _take(self) -> None:
        make_private(self._folder.parent)
        try:
            self._mine.acquire()
        except Timeout:
            self._works = False

    def close(self) -> None:
        """Let another pull write here."""
        self._mine.release(force=True)

    def _plan(self) -> dict[str, Any] | None:
        """What is known of the pull that is kept here; None if there is none."""
        found = self._read("plan.json")
        return found if found and found.get("form") == _FORM else None

    def add(self, shard: int, number: int, part: Decoded) -> None:
        """Keep a *part* of the rows of a shard."""
        self._try(self._add, shard, number, part)

    def _add(self, shard: int, number: int, part: Decoded) -> None:
        path = self._folder / f"{shard}-{number}.arrow"
        beside = path.with_suffix(".part")
        rows = batches.packed(self._table, part)
        with beside.open("wb") as file:
            file.write(_sum(rows))
            file.write(rows)
        beside.replace(path)

    def reach(self, shard: int, parts: int, place: Place, *, absent: str = "") -> None:
        """Note how far a shard has come: that its first *parts* are there, and what comes next."""
        told = {"parts": parts, "params": place.params, "done": place.done, "absent": absent}
        self._try(self._write, f"{shard}.json", told)

    def shelved(self, shard: int) -> Shelved | None:
        """What is kept of a shard; None if nothing can be used."""
        told = self._read(f"{shard}.json")
        if not told:
            return None
        try:
            parts = [self._rows(f"{shard}-{number}.arrow") for number in range(told["parts"])]
        except (OSError, ValueError):
            return None
        return Shelved(parts, told["params"], told["done"], told["absent"])

    def _rows(self, name: str) -> Decoded:
        """The rows in a file; ValueError if it is not as it was written."""
        data = memoryview((self._folder / name).read_bytes())
        if data[:_SUM] != _sum(data[_SUM:]):
            raise ValueError(name)
        return batches.unpacked(self._table, data[_SUM:])

    def finish(self, about: Mapping[str, object]) -> None:
        """Note that everything is there, and what is known *about* it."""
        self._try(self._write, "whole.json", {"about": dict(about), "ended_at": time.time()})

    def answer(self, max_age: float) -> tuple[list[Decoded], Mapping[str, Any], float] | None:
        """The whole answer, what is known about it and its age in seconds, if it is young enough."""
        told, plan = self._read("whole.json"), self._plan()
        age = time.time() - told["ended_at"] if told else -1.0
        if not told or plan is None or not 0 <= age <= max_age:
            return None
        found = [self.shelved(shard) for shard in range(len(plan["plan"]))]
        if not all(one and one.done for one in found):
            return None
        return [part for one in found if one for part in one.parts], told["about"], age

    def forget(self) -> None:
        """Remove everything that this pull wrote."""
        if self._mine.is_locked:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _write(self, name: str, told: Mapping[str, object]) -> None:
        text = json.dumps(told, default=str)
        put(self._folder / name, json.dumps([_sum(text.encode()).decode(), text]).encode())

    def _read(self, name: str) -> dict[str, Any] | None:
        """What `_write` wrote; None if it is not there as it was."""
        try:
            check, text = json.loads((self._folder / name).read_bytes())
            if check != _sum(text.encode()).decode():
                return None
            return dict(json.loads(text))
        except (OSError, ValueError, TypeError, AttributeError):
            return None

    def _try(self, work: Any, *arguments: object) -> None:
        with self._lock:
            if not self._works:
                return
            try:
                work(*arguments)
            except (OSError, NotImplementedError) as error:  # the latter: a drive without locks
                self._works = False
                self.forget()
                self._say(error)

    def _say(self, error: Exception) -> None:
        why = getattr(error, "strerror", None) or type(error).__name__
        _log.warning(
            "The pull of %s is not kept on the disk (%s): if it breaks off after this process has "
            "ended, it begins anew. Make room in %s, or set NINJA_HOME.",
            self._table.name, why, self._folder.parent,
        )  # fmt: skip


def _sum(data: Any) -> bytes:
    """The checksum of *data*, as long as `_SUM`."""
    return b"%08x" % zlib.crc32(data)


def _clear(folder: Path) -> None:
    """Remove what was kept so long ago that nobody goes on with it."""
    for one in folder.iterdir():
        if one.is_dir() and time.time() - one.stat().st_mtime > _OLDEST:
            shutil.rmtree(one, ignore_errors=True)
