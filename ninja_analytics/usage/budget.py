"""A slot for every request: as many at once, and per minute, as the profile may have in all.

The pace is common to all threads and processes of a profile. An answer that asks to slow down
halves it, once for all requests that were on their way together, and stops everybody for as long as
it says; every tenth good answer lets one more request go at once.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from ninja_analytics.errors import RateLimitError
from ninja_analytics.usage import slots
from ninja_analytics.usage.ledger import KEPT_SECONDS, Ledger
from ninja_analytics.usage.limits import MOST_PARALLEL, Limits
from ninja_analytics.usage.slots import Slot

_log = logging.getLogger("ninja_analytics")

LONGEST_PAUSE = 300.0
GROWS_AFTER = 10
MINUTE = 60.0
# Other processes' slots become free without a word, so one looks again after a tenth of the time
# that it has waited, in seconds: soon at first, and rarely while a report takes a minute.
_LOOK_AGAIN = (0.005, 0.05)
_INSTANT = 0.001  # seconds; not worth a wait of its own
_DAY = 86_400.0
_LONGEST_PATH = 500

_PAUSED = "NinjaOne asked to slow down."
_FULL_MINUTE = "The cap of {} requests per minute is reached."


class Budget:
    """Hands out the slots of one ledger; may be used from several threads, also after a fork.

    `clock` tells the time in epoch seconds, `sleep` is called for waits of a known length, and
    `on_wait` with the seconds and the reason of one that a person would notice.
    """

    def __init__(
        self,
        ledger: Ledger,
        limits: Limits | None = None,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        on_wait: Callable[[float, str], None] | None = None,
        longest_wait: float = LONGEST_PAUSE,
    ) -> None:
        self._longest_wait = longest_wait
        self._ledger = ledger
        self._limits = limits or Limits()
        self._clock = clock
        self._sleep = sleep
        self._on_wait = on_wait or log_wait
        self._renew_locks()
        _all.add(self)

    @property
    def parallel(self) -> int:
        """How many requests may be on their way at once just now."""
        return self._ledger.do(self._parallel)

    @contextmanager
    def slot(self, path: str, *, retries: int = 0, rested_until: float = 0.0) -> Iterator[Slot]:
        """A slot for one request for *path*, after *retries* others; waits until there is one.

        A pause that ends by *rested_until* is not waited for: the caller has done so. Raises
        RateLimitError for one that is longer than the longest wait.
        """
        slot = Slot(path.partition("?")[0][:_LONGEST_PATH], retries, rested_until)
        slot.asked_at = self._clock()
        try:
            self._take(slot)
            yield slot
        finally:
            self._give_back(slot)

    def _take(self, slot: Slot) -> None:
        with self._head:  # one thread looks for a slot, the others of this process behind it
            came = time.monotonic()
            while True:
                self._freed.clear()
                wait, reason = self._ledger.do(partial(self._enter, slot))
                if not wait:
                    break
                if not reason:
                    waited = time.monotonic() - came
                    self._freed.wait(min(max(waited / 10, _LOOK_AGAIN[0]), _LOOK_AGAIN[1]))
                    continue
                if reason == _PAUSED and wait > self._longest_wait:
                    raise _too_long(slot.path, wait)
                if wait >= 1:
                    self._on_wait(wait, reason)
                until = max(self._clock(), slot.rested_until) + wait
                self._sleep(wait)
                slot.rested_until = until
        slot.began = time.perf_counter()
        slot.sent = True

    def _enter(self, slot: Slot, db: sqlite3.Connection) -> tuple[float, str]:
        """Take a slot and answer 0, or the seconds to wait and why ("" while all are taken)."""
        now = max(self._clock(), slot.rested_until)
        paused_until, pruned_at = db.execute("select paused_until, pruned_at from pace").fetchone()
        # A pause that seems longer than any can be is one by a clock that was set since.
        if now + _INSTANT < paused_until <= now + LONGEST_PAUSE:
            slots.leave_queue(db, slot, now)
            return paused_until - now, _PAUSED
        if not self._has_room(slot, db, now):
            slots.queue_up(db, slot, now)
            return _LOOK_AGAIN[0], ""
        slots.leave_queue(db, slot, now)
        if wait := self._until_the_minute_has_room(db, now):
            return wait, _FULL_MINUTE.format(self._limits.requests_per_minute)
        if not 0 <= now - pruned_at <= _DAY:
            db.execute("delete from requests where ended_at < ?", (now - KEPT_SECONDS,))
            db.execute("update pace set pruned_at = ?", (now,))
        slot.began_at = self._clock()
        db.execute(
            "insert into requests (id, began_at, path, retries, process_id, machine)"
            " values (?, ?, ?, ?, ?, ?)",
            (slot.id, slot.began_at, slot.path, slot.retries, os.getpid(), slots.MACHINE),
        )
        return 0.0, ""

    def _has_room(self, slot: Slot, db: sqlite3.Connection, now: float) -> bool:
        """Whether the pace allows one more request, beside those who have waited for longer."""
        most = min(self._parallel(db), self._limits.requests_per_minute or MOST_PARALLEL)
        taken = slots.on_their_way(db)
        if taken >= most and slots.free_the_lost(db, now):
            taken = slots.on_their_way(db)
        return taken < most and taken + slots.ahead(db, slot, now) < most

    def _parallel(self, db: sqlite3.Connection) -> int:
        (pace,) = db.execute("select parallel from pace").fetchone()
        return max(1, min(int(pace), self._limits.parallel))

    def _until_the_minute_has_room(self, db: sqlite3.Connection, now: float) -> float:
        """Seconds until the cap per minute allows one more request.

        NinjaOne meets a request some time between its begin and its end, so it counts for a minute
        from its end on: in no minute of NinjaOne's can there be more than the cap.
        """
        cap = self._limits.requests_per_minute
        if cap is None:
            return 0.0
        row = db.execute(
            "select ended_at from requests where ended_at <= ?"
            " order by ended_at desc limit 1 offset ?",
            (now, cap - slots.on_their_way(db) - 1),
        ).fetchone()
        return max(0.0, row[0] + MINUTE - now) if row else 0.0

    def _give_back(self, slot: Slot) -> None:
        self._ledger.do(partial(self._leave, slot))
        self._freed.set()

    def _leave(self, slot: Slot, db: sqlite3.Connection) -> None:
        """Enter what came of the request, and what that says of the pace."""
        now = self._clock()
        if not slot.sent:
            db.execute("delete from requests where id = ?", (slot.id,))
            slots.leave_queue(db, slot, now)
            return
        took = (time.perf_counter() - slot.began) * 1000
        db.execute(
            "insert into requests (id, began_at, ended_at, path, status, size_bytes, milliseconds,"
            " retries, process_id, machine) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " on conflict (id) do update set ended_at = excluded.ended_at,"
            " status = excluded.status, size_bytes = excluded.size_bytes,"
            " milliseconds = excluded.milliseconds",
            (slot.id, slot.began_at, now, slot.path, slot.status, slot.size_bytes, took,
             slot.retries, os.getpid(), slots.MACHINE),
        )  # fmt: skip
        if slot.slow_down or slot.pause:
            self._slow_down(slot, db, now)
        elif 200 <= slot.status < 300:
            self._count_good(slot, db)

    def _slow_down(self, slot: Slot, db: sqlite3.Connection, now: float) -> None:
        """Halve the pace, unless it was since this request began; stop everybody for its pause."""
        halved_at, paused_until = db.execute("select halved_at, paused_until from pace").fetchone()
        if slot.slow_down and (slot.began_at > halved_at or halved_at > now):
            db.execute(
                "update pace set parallel = ?, good = 0, halved_at = ?",
                (max(1, self._parallel(db) // 2), now),
            )
        if 0 < slot.pause <= LONGEST_PAUSE:
            slot.rested_until = now + slot.pause
            later = max(
                paused_until if paused_until <= now + LONGEST_PAUSE else 0, now + slot.pause
            )
            db.execute("update pace set paused_until = ?", (later,))

    def _count_good(self, slot: Slot, db: sqlite3.Connection) -> None:
        parallel, good, halved_at = db.execute(
            "select parallel, good, halved_at from pace"
        ).fetchone()
        if slot.began_at <= halved_at <= self._clock():
            return  # it was on its way before the pace was halved, and says nothing of this one
        good += 1
        if good >= GROWS_AFTER:
            good, parallel = 0, max(parallel, min(parallel + 1, self._limits.parallel))
        db.execute("update pace set parallel = ?, good = ?", (parallel, good))

    def _renew_locks(self) -> None:
        self._head = threading.Lock()
        self._freed = threading.Event()


def _too_long(path: str, wait: float) -> RateLimitError:
    return RateLimitError(
        f"{_PAUSED[:-1]} for {wait:.0f} s more: {path} was not asked for. Try again later.",
        status=429,
        path=path,
        retry_after=wait,
    )


def log_wait(seconds: float, reason: str) -> None:
    """Say in the log that a wait of *seconds* begins."""
    _log.warning("%s Waiting %.0f s.", reason, seconds)


# A child has none of the threads that may hold the parent's locks.
_all: weakref.WeakSet[Budget] = weakref.WeakSet()


def _after_fork() -> None:
    for budget in list(_all):
        budget._renew_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
