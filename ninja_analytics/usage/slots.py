"""The slots as they stand in a ledger: who is on the way, who waits, and whose are lost."""

from __future__ import annotations

import itertools
import os
import platform
import secrets
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_REQUEST = 300.0  # seconds; what takes longer gives its slot to others
_FORGOTTEN = 1.0  # seconds after which who no longer looks for a slot is not waited for
_SEEN_EVERY = 0.2

MACHINE = platform.node()


def _new_ids() -> Iterator[int]:
    """Numbers that no other process has, nearly in the order of time."""
    return itertools.count((time.time_ns() // 1000 << 12) + secrets.randbelow(1 << 12), 1 << 12)


_ids = _new_ids()


@dataclass(slots=True)
class Slot:
    """One request on its way; whoever sends it notes here what came back.

    `status` stays 0 where nothing came. `slow_down` says that the answer asked for it, and `pause`
    for how many seconds nobody is to ask. Once the slot is given back, `rested_until` is when that
    pause is over.
    """

    path: str
    retries: int = 0
    rested_until: float = 0.0
    status: int = 0
    size_bytes: int = 0
    slow_down: bool = False
    pause: float = 0.0
    id: int = field(default_factory=lambda: next(_ids))
    asked_at: float = 0.0
    seen_at: float = 0.0
    began_at: float = 0.0
    began: float = 0.0
    sent: bool = False


def on_their_way(db: sqlite3.Connection) -> int:
    """How many requests are under way, among all processes."""
    (count,) = db.execute("select count(*) from requests where ended_at is null").fetchone()
    return int(count)


def ahead(db: sqlite3.Connection, slot: Slot, now: float) -> int:
    """How many others, one for each process, have waited for longer than *slot* and still do."""
    (count,) = db.execute(
        "select count(*) from waiting where (asked_at, id) < (?, ?) and seen_at between ? and ?",
        (slot.asked_at, slot.id, now - _FORGOTTEN, now + _FORGOTTEN),
    ).fetchone()
    return int(count)


def queue_up(db: sqlite3.Connection, slot: Slot, now: float) -> None:
    """Let the others see that *slot* is waited for."""
    if 0 <= now - slot.seen_at < _SEEN_EVERY:
        return
    slot.seen_at = now
    db.execute(
        "insert into waiting (id, asked_at, seen_at) values (?, ?, ?)"
        " on conflict (id) do update set seen_at = excluded.seen_at",
        (slot.id, slot.asked_at, now),
    )


def leave_queue(db: sqlite3.Connection, slot: Slot, now: float) -> None:
    """Take *slot* from those that wait, and whoever was forgotten there."""
    if slot.seen_at:
        db.execute(
            "delete from waiting where id = ? or seen_at < ?", (slot.id, now - LONGEST_REQUEST)
        )
        slot.seen_at = 0.0


def free_the_lost(db: sqlite3.Connection, now: float) -> bool:
    """Whether slots became free that are held by ended processes, or for too long."""
    lost = db.execute(
        "update requests set ended_at = ?, status = 0 where ended_at is null"
        " and not began_at between ? and ?",
        (now, now - LONGEST_REQUEST, now + LONGEST_REQUEST),
    ).rowcount
    holders = db.execute(
        "select distinct process_id from requests where ended_at is null and machine = ?",
        (MACHINE,),
    ).fetchall()
    for (holder,) in holders:
        if not _lives(holder):
            lost += db.execute(
                "update requests set ended_at = ?, status = 0"
                " where ended_at is null and process_id = ? and machine = ?",
                (now, holder, MACHINE),
            ).rowcount
    return lost > 0


def _lives(process_id: int) -> bool:
    """Whether a process of this machine lives; on Windows it is taken for living."""
    if sys.platform == "win32":  # there os.kill ends a process, whatever the signal
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def _after_fork() -> None:
    global _ids
    _ids = _new_ids()


if hasattr(os, "register_at_fork"):  # a child needs numbers of its own
    os.register_at_fork(after_in_child=_after_fork)
