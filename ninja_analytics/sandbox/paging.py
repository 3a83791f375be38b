"""The cursors of the sandbox's queries: their name stays the same while their offset grows."""

from __future__ import annotations

import random
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from ninja_analytics.sandbox.switches import Switches
from ninja_analytics.sandbox.times import stamp

_KEPT = 512
_LIFE = 7200.0


class Cursor:
    """A query on its way: what was sent already and what comes next."""

    def __init__(self, name: str, table: str, chunks: Iterator[list[bytes]]) -> None:
        self.name = name
        self.table = table
        self.sent = 0
        self._chunks = chunks
        self._waiting: list[bytes] = []

    def look(self, size: int) -> tuple[list[bytes], bool]:
        """The next *size* rows and whether there are more after them; looking does not move."""
        while len(self._waiting) <= size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._waiting += chunk
        return self._waiting[:size], len(self._waiting) > size

    def move(self, count: int) -> None:
        """Count *count* rows as sent."""
        self.sent += count
        del self._waiting[:count]


class Cursors:
    """The cursors that are open; the oldest go when there are too many."""

    def __init__(self, seed: int, now: float) -> None:
        self._open: OrderedDict[str, Cursor] = OrderedDict()
        self._dice = random.Random(seed)
        self._expires = now + _LIFE

    def start(self, table: str, chunks: Iterator[list[bytes]]) -> Cursor:
        """A new cursor over *chunks*."""
        name = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        self._open[name] = Cursor(name, table, chunks)
        if len(self._open) > _KEPT:
            self._open.popitem(last=False)
        return self._open[name]

    def move(self, now: float) -> None:
        """Let all cursors expire; new ones begin at this time."""
        self.forget()
        self._expires = now + _LIFE

    def forget(self) -> None:
        """Let all cursors expire."""
        self._open.clear()

    def find(self, name: str, table: str) -> Cursor | None:
        """The cursor of this name, if it is one of this table."""
        cursor = self._open.get(name)
        return cursor if cursor is not None and cursor.table == table else None

    def envelope(
        self, cursor: Cursor, count: int, *, more: bool, switches: Switches
    ) -> dict[str, Any]:
        """What stands beside the rows of a page: the cursor, or the sign that this was the last."""
        if not more and switches.cursor_end == "missing":
            return {}
        if not more and switches.cursor_end in ("null", "empty-object"):
            return {"cursor": None if switches.cursor_end == "null" else {}}
        goes_on = more or (switches.cursor_end == "empty-page")
        told = {
            "name": cursor.name if goes_on else "",
            "offset": cursor.sent + (count if switches.cursor_offset == "end" else 0),
            "count": str(count) if switches.count_as_text else count,
            "expires": stamp(self._expires),
        }
        if switches.cursor_offset == "none":
            del told["offset"]
        return {"cursor": told}
