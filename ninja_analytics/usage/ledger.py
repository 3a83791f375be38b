"""The file that a profile's requests go through: those on their way, the common pace, those made.

It is shared by all threads and processes of a profile. Paths are kept without their query, and no
answer, filter or token is. A file that cannot be used costs the sharing, never a request: then the
same is kept in the memory of this process, and the log says so once.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from ninja_analytics.auth.profiles import Profile, home
from ninja_analytics.whole import make_private

_log = logging.getLogger("ninja_analytics")
Answer = TypeVar("Answer")

KEPT_SECONDS = 90 * 86_400.0
_LOCK_SECONDS = 10.0
_MEMORY = ":memory:"

# A request on its way has no ended_at; the index finds those as quickly as the newest ones. The pace
# begins at half of what is allowed by default: NinjaOne publishes no limit to begin from.
_SCHEMA = """
begin immediate;
create table if not exists requests (
    id integer primary key,
    began_at real not null,
    ended_at real,
    path text not null,
    status integer,
    size_bytes integer,
    milliseconds real,
    retries integer not null,
    process_id integer not null,
    machine text not null
);
create index if not exists requests_by_end on requests (ended_at);
create table if not exists pace (
    id integer primary key check (id = 1),
    parallel integer not null,
    good integer not null,
    paused_until real not null,
    halved_at real not null,
    pruned_at real not null
);
create table if not exists waiting (
    id integer primary key,
    asked_at real not null,
    seen_at real not null
);
insert or ignore into pace values (1, 4, 0, 0, 0, 0);
commit;
"""
_MADE = """
select began_at, path, status, size_bytes, milliseconds, retries, process_id
from requests where ended_at is not null and began_at >= ? order by began_at, id
"""


class Ledger:
    """The ledger in *file* (None: in memory); may be used from several threads, also after a fork.

    The file is made, for this user only, when it is first needed.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        _all.add(self)

    def do(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What *work* answers, done in one transaction; again where the file had to be mended."""
        with self._lock:
            for mend in (self._close, self._begin_anew, self._go_to_memory):
                try:
                    return self._transaction(work)
                except (sqlite3.Error, OSError) as error:
                    mend(error)
            return self._transaction(work)

    def made(self, since: float = 0.0) -> list[tuple[object, ...]]:
        """The requests begun at or after *since* (in epoch seconds) that are over, oldest first.

        began_at, path, status (0: no answer), size_bytes, milliseconds, retries, process_id.
        """
        return self.do(lambda db: db.execute(_MADE, (since,)).fetchall())

    def _transaction(self, work: Callable[[sqlite3.Connection], Answer]) -> Answer:
        if self._connection is None:
            self._connection = _opened(self._file)
        db = self._connection
        db.execute("begin immediate")
        try:
            answer = work(db)
            db.execute("commit")
        except BaseException:
            with suppress(sqlite3.Error):
                db.execute("rollback")
            raise
        return answer

    def _close(self, _error: Exception | None = None) -> None:
        """Close the file; it is opened again when needed, and made again if somebody removed it."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None

    def _begin_anew(self, error: Exception) -> None:
        """Set a damaged file aside; one that cannot be written is given up at once."""
        self._close()
        # What is full, locked, read-only or unreachable is an OperationalError.
        if self._file is None or isinstance(error, sqlite3.OperationalError | OSError):
            self._go_to_memory(error)
            return
        aside = self._file.with_name(self._file.name + ".damaged")
        try:
            self._file.replace(aside)
            self._file.with_name(self._file.name + "-journal").unlink(missing_ok=True)
        except OSError as refused:
            self._go_to_memory(refused)
            return
        _log.warning(
            "The record of requests in %s was damaged. It is now %s, and a new one is begun.",
            self._file, aside.name,
        )  # fmt: skip

    def _go_to_memory(self, error: Exception) -> None:
        self._close()
        if self._file is not None:
            _log.warning(
                "The record of requests cannot be kept in %s (%s). It is kept in memory: other "
                "processes do not share it. Check the folder's rights and the disk, or set "
                "NINJA_HOME.",
                self._file, error,
            )  # fmt: skip
        self._file = None


def ledger_of(profile: Profile) -> Ledger:
    """The ledger that all connections of *profile* to its instance share."""
    return Ledger(home() / "usage" / f"{profile.key}.sqlite")


def _opened(file: Path | None) -> sqlite3.Connection:
    """A connection to the database in *file*, which is made if it is missing."""
    if file is not None:
        make_private(file.parent)
        _forget_old(file.parent)
        # Made by us, so that others cannot read it, not even before a chmod.
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    db = sqlite3.connect(
        file or _MEMORY, timeout=_LOCK_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        # A killed process leaves a journal that the next one rolls back. A power cut may damage the
        # file, which would then be begun anew: not worth a wait for the disk at every request.
        # Unlike a write-ahead log it needs no shared memory, which home folders on a network lack.
        db.execute("pragma journal_mode = persist")
        db.execute("pragma synchronous = off")
        db.executescript(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def _forget_old(folder: Path) -> None:
    """Remove the ledgers of profiles that were not used for as long as requests are kept."""
    oldest = time.time() - KEPT_SECONDS
    for file in folder.glob("*.sqlite*"):
        with suppress(OSError):
            if file.stat().st_mtime < oldest:
                file.unlink()


# A connection must not cross a fork: the child would believe that it holds the parent's locks.
_all: weakref.WeakSet[Ledger] = weakref.WeakSet()
_held: list[Ledger] = []


def _before_fork() -> None:
    for ledger in list(_all):
        ledger._lock.acquire()
        _held.append(ledger)
        if ledger._file is not None:
            ledger._close()


def _after_fork() -> None:
    while _held:
        _held.pop()._lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork
    )
