"""A pull: all pages of one question, several parts side by side, begun again where rows were lost.

What arrived is never lost: a part that breaks off keeps its rows and its place, and the pull can go
on from there.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import ContextVar
from typing import Any

from ninja_analytics.errors import (
    IncompleteError,
    NinjaError,
    NotAvailableError,
    RefusedError,
    ServerError,
    UnreachableError,
)
from ninja_analytics.frames import Decoder, Decoding, batches, decoded
from ninja_analytics.pages import CursorError, Page, Place, latest
from ninja_analytics.progress import Collector
from ninja_analytics.retries import given_up_when
from ninja_analytics.tables import shards as sharding
from ninja_analytics.tables import splitting
from ninja_analytics.tables.asked import Ask
from ninja_analytics.tables.kept import Kept
from ninja_analytics.tables.received import Parts, Received
from ninja_analytics.tables.shards import Shard
from ninja_analytics.tables.sources import Source, walk

_RESTARTS = 3  # how often one part of a pull begins again before it is given up
_SAFE_SIZE = 1000  # rows of a page that every table is known to take
_SLOW = 0.05  # seconds per request from which on it pays to ask side by side
_PER_ROW = 5e-6  # seconds that a row takes itself, however quick the answer
_FEW_AT_ONCE = 2  # parts side by side where requests are quick
_QUICK = 0.02  # the same below which even a long pull is over in no time, by one cursor
_LOOK_AGAIN = 10  # the page after which the fleet is looked up to know how long a pull is

# When it is set, the pulls that were begun under it end, each with its page.
HALT: ContextVar[threading.Event | None] = ContextVar("HALT", default=None)


class Pull:
    """One question under way. `run` asks what is still missing, so it can be called again."""

    def __init__(
        self, source: Source, ask: Ask, collector: Collector, kept: Kept | None = None, *,
        hold: Callable[[], Parts] = list,
    ) -> None:  # fmt: skip
        self.ask = ask
        self.decoder = Decoder(ask.table)
        self.received: list[Received] = []
        self.requests = 0
        self._seconds = 0.0
        self.restarts = 0
        self.fell_back = False
        self.collector = collector
        self._source = source
        self._kept = kept
        self._keeps = False
        self._went_on = False
        self._hold = hold
        self._lock = threading.Lock()
        self._stopped = False
        self._unchecked: NinjaError | None = None
        self._halt = HALT.get()

    @property
    def broken(self) -> NinjaError | None:
        """The error that ended this pull early; None if everything arrived and could be checked."""
        return next((one.broken for one in self.received if one.broken), self._unchecked)

    @property
    def missing(self) -> list[Received]:
        """The parts that have not arrived whole, and are not absent."""
        return [one for one in self.received if not (one.place.done or one.absent)]

    @property
    def workers(self) -> int:
        """How many parts to pull side by side just now: more than a few only pay if requests are slow."""
        each = self._seconds / max(1, self.requests)
        slow = _is_slow(each, self._source.page_size(self.ask.table.name))
        return self._source.parallel if slow else min(_FEW_AT_ONCE, self._source.parallel)

    def get(self, path: str, params: Mapping[str, object]) -> bytes:
        """One answer, counted."""
        began = time.monotonic()
        with self._lock:
            self.requests += 1
        try:
            return self._source.get(path, params)
        finally:
            with self._lock:
                self._seconds += time.monotonic() - began

    def run(self, *, early: bool = False, resume: bool = False, keep: bool = False) -> None:
        """Ask for all that is missing; with *early* a large question is split before it is begun.

        With *resume* it goes on from what an earlier process has left on the disk; with *keep* what
        arrives is kept there, as it is of every question that is split. Raises what went wrong if
        nothing has arrived; else `broken` tells it.
        """
        self._keeps = self._keeps or keep
        if self.received and self._kept and self._keeps:
            self._kept.again()
        try:
            if not self.received:
                self.begin(early=early, resume=resume)
            self.go()
            with Decoding() as pool:
                self._work(pool)
                self._check(pool)
            self._raise_if_nothing_came()
        except BaseException:
            self._let_go()
            raise
        if self.broken:
            self._let_go()
        elif self.missing:
            raise IncompleteError(f"The pull of {self.ask.table.name} was stopped.")

    def _raise_if_nothing_came(self) -> None:
        if self.broken and not any(one.rows for one in self.received):
            raise self.broken
        self.absent()

    def absent(self) -> list[dict[str, object]]:
        """By which ids NinjaOne has nothing; raises its refusal if that is all that was asked for."""
        found = [one for one in self.received if one.absent]
        if found and found[0].absent and len(found) == len(self.received):
            raise found[0].absent
        return [dict(one.shard.given) for one in found]

    def _let_go(self) -> None:
        """Let whoever asks the same go on from what is on the disk."""
        if self._kept:
            self._kept.close()

    def _check(self, pool: Decoding) -> None:
        """Hold the parts against the list of devices, if all are there and as far as it can be had."""
        self._unchecked = None
        try:
            astray = not self.missing and self.goes_astray(self._found())
        except NinjaError as error:
            self._unchecked = error
            return
        if astray:
            self.fall_back(pool)

    @property
    def stopped(self) -> bool:
        """Whether what is under way is to end with its page."""
        return self._stopped or (self._halt is not None and self._halt.is_set())

    def stop(self) -> None:
        """End what is under way with its page, and begin nothing new."""
        self._stopped = True

    def go(self) -> None:
        """Let parts be pulled again after a stop."""
        self._stopped = False

    def hand_over(self) -> None:
        """Hold the rows no longer; how many they were stays known."""
        for one in self.received:
            one.parts.clear()

    def settle(self, about: Mapping[str, object] | None = None) -> None:
        """Note what this whole pull tells of the next one, and let go what was kept on the disk.

        With *about*, what is known of it, it stays there as an answer for a while.
        """
        table, devices = self.ask.table, self._source.lookups
        everything = not (any(self.ask.filters) or self.ask.params or table.per)
        if table.rows_per_device and everything and devices.has("devices"):
            fleet = len(devices.frame("devices", self.get))
            rows = sum(one.rows for one in self.received)
            self._source.rates[table.name] = rows / fleet if fleet else table.rows_per_device
        if self._kept and self._keeps:
            if about is None:
                self._kept.forget()
            else:
                self._kept.finish(about)
            self._kept.close()

    def begin(self, *, early: bool, resume: bool = False, most_rows: float | None = None) -> None:
        """Settle what is asked, in one part or, *early*, in several of *most_rows* at most."""
        if resume and self._kept and (plan := self._kept.go_on()):
            self._keeps = self._went_on = True
            self.received = [self._picked_up(n, Shard.of(told)) for n, told in enumerate(plan)]
            return
        first = [
            Shard(self.ask.table.path.format(**ids), self._params(text), given=ids)
            for ids in self.ask.ids
            for text in self.ask.filters
        ]
        if len(first) == 1 and early and self._may_split():
            first = self._parts_of(first[0], most_rows=most_rows)
        self._take_up(first)

    @property
    def began_at(self) -> float:
        """When the pull was begun that this one goes on with, in epoch seconds; 0 if it is its own."""
        return self._kept.began_at if self._kept and self._went_on else 0.0

    def _params(self, text: str) -> dict[str, object]:
        return {**self.ask.params, "df": text} if text else dict(self.ask.params)

    def _take_up(self, shards: list[Shard]) -> None:
        """Have *shards* as those to pull."""
        self.received = [Received(shard, self._hold()) for shard in shards]
        self._keeps = self._keeps or (len(shards) > 1 and len(self.ask.ids) == 1)
        if self._kept and self._keeps:
            self._kept.begin([shard.told() for shard in shards])

    def _picked_up(self, number: int, shard: Shard) -> Received:
        """What an earlier pull has left on the disk of a shard; half a shard counts as nothing."""
        shelved = self._kept.shelved(number) if self._kept else None
        if shelved is None or not shelved.done:
            return Received(shard, self._hold())
        rows = sum(part.rows for part in shelved.parts)
        absent = NotAvailableError(shelved.absent) if shelved.absent else None
        place = Place(shelved.place, done=True)
        return Received(shard, shelved.parts, place, absent=absent, rows=rows)

    def _work(self, pool: Decoding) -> None:
        """Pull all that is missing, one part here or several on threads of their own."""
        missing = self.missing
        if len(missing) == 1:
            only = missing[0]
            self.take(only, pool, may_split=len(self.received) == 1 and self._may_split())
            missing = [] if only in self.received else self.missing  # it was split meanwhile
        if missing:
            self._side_by_side(missing, lambda one: self.take(one, pool))

    def _side_by_side(self, parts: list[Received], take: Callable[[Received], None]) -> None:
        workers = max(1, min(self._source.parallel, len(parts)))
        with ThreadPoolExecutor(workers, thread_name_prefix="pull") as pool:
            futures = [pool.submit(take, one) for one in parts]
            try:
                wait(futures, return_when=FIRST_EXCEPTION)
            finally:
                # After an error or Ctrl-C what is under way ends with its page, nothing new begins.
                self._stopped = self._stopped or not all(future.done() for future in futures)
                pool.shutdown(cancel_futures=True)
        for future in futures:
            if not future.cancelled():
                future.result()

    def take(self, one: Received, pool: Decoding, *, may_split: bool = False) -> None:
        """Pull one part, from its place on; begin it again if its cursor cannot be trusted."""
        if self.stopped or one.place.done:
            return
        with given_up_when(lambda: self.stopped):
            for attempt in range(_RESTARTS + 1):
                self._walk(one, pool, may_split=may_split)
                if not isinstance(one.broken, CursorError) or attempt == _RESTARTS:
                    break
                self.restarts += 1
                one.begin_again()
        if one.broken and self._is_absent(one):
            one.absent, one.broken = one.broken, None
            self._reach(one, Place(done=True))
        if one.broken:
            self._stopped = True

    def _walk(self, one: Received, pool: Decoding, *, may_split: bool) -> None:
        one.broken = None
        number = self.received.index(one)
        bodies = self._bodies(one, may_split=may_split)
        for part in decoded(self.decoder, bodies, pool, one.shard.given):
            if self._kept and self._keeps and one in self.received:
                self._kept.add(number, len(one.parts), part)
            one.add(part)
        if one.place.done:
            self._reach(one, one.place)

    def _reach(self, one: Received, place: Place) -> None:
        """Note on the disk that a part is there, up to its end."""
        if self._kept and self._keeps and one in self.received:
            absent = str(one.absent or "")
            self._kept.reach(self.received.index(one), len(one.parts), place, absent=absent)

    def _bodies(self, one: Received, *, may_split: bool) -> Iterator[bytes]:
        """The bodies of the pages of one part; an error ends them and is kept in `one.broken`."""
        began = time.monotonic()
        try:
            for number, page in enumerate(self._pages(one), start=1):
                if may_split and number in (1, 2, _LOOK_AGAIN):
                    each = (time.monotonic() - began) / max(1, number - 1)
                    goes_on = number > 1 or self._goes_on(one, page)
                    slow = _is_slow(each, page.rows)
                    long = number == _LOOK_AGAIN and _is_slow(each, page.rows, _QUICK)
                    if goes_on and (slow or long) and self._splits(one, page, slow=slow):
                        return
                if number == 1:  # it may have taken longer than any other
                    began = time.monotonic()
                with self._lock:
                    self.collector.advance(rows=page.rows, pages=1)
                yield page.body
                if self.stopped:
                    return
                if self._is_past_the_edge(page):
                    one.place.end()
                    return
        except NinjaError as error:
            one.broken = error

    def _pages(self, one: Received) -> Iterator[Page]:
        """The pages of one part; where a large page is refused, those of the usual size."""
        name, shard = self.ask.table.name, one.shard
        size = self._source.page_size(name)
        try:
            yield from walk(
                self.get, name, shard.path, shard.params, place=one.place, page_size=size
            )
        except (RefusedError, UnreachableError) as error:
            may_be_the_size = isinstance(error, UnreachableError) or error.status == 400
            if one.place.previous or size <= _SAFE_SIZE or not may_be_the_size:
                raise
            for page in walk(
                self.get, name, shard.path, shard.params, place=one.place, page_size=_SAFE_SIZE
            ):
                self._source.page_sizes[name] = _SAFE_SIZE  # it was the size, then
                yield page

    def _is_past_the_edge(self, page: Page) -> bool:
        """Whether all that follows *page*, newest first, is older than what was asked for."""
        table, ask = self.ask.table, self.ask
        if table.paging != "older_than" or page.rows == 0:
            return False
        if ask.newer_than is not None and page.ids and max(page.ids) <= ask.newer_than:
            return True
        if ask.edge is None or table.window is None:
            return False
        newest = latest(page, table.column(table.window.column).field, table.rows_in)
        return newest is not None and newest < ask.edge

    def _is_absent(self, one: Received) -> bool:
        """Whether NinjaOne has nothing of what was asked for by id, while others may be there."""
        if len(self.ask.ids) == 1 or one.rows:
            return False
        if isinstance(one.broken, ServerError):
            return one.broken.status == 500 and self.ask.table.fails_if_unset
        return isinstance(one.broken, NotAvailableError)

    def _may_split(self) -> bool:
        return splitting.can_be_split(self._source, self.ask.table)

    def _goes_on(self, one: Received, page: Page) -> bool:
        """Whether more pages follow the first one, as far as it tells."""
        if self.ask.table.paging == "cursor":
            return bool(page.cursor) and not one.place.done
        return page.rows >= min(self._source.page_size(self.ask.table.name), _SAFE_SIZE)

    def _splits(self, one: Received, page: Page, *, slow: bool) -> bool:
        """Whether the whole is now asked for in parts, because it takes long."""
        shards = self._parts_of(one.shard, page_rows=page.rows, slow=slow)
        if len(shards) < 2:
            return False
        one.begin_again()
        self._take_up(shards)
        return True

    def _parts_of(self, shard: Shard, **how: Any) -> list[Shard]:
        return splitting.parts_of(self._source, self.ask.table, shard, self.get, **how)

    def _found(self) -> list[tuple[Shard, Any]]:
        """Each part with the ids of the devices whose rows it brought."""
        if len(self.received) < 2 or self.ask.table.per:
            return []
        table = self.ask.table
        return [(one.shard, batches.device_ids(one.parts, table)) for one in self.received]

    def goes_astray(self, found: list[tuple[Shard, Any]]) -> bool:
        """Whether NinjaOne passed over the filters of the parts *found*."""
        if not found:
            return False
        devices = self._source.lookups.frame("devices", self.get)
        return sharding.goes_astray(found, devices)

    def fall_back(self, pool: Decoding) -> None:
        """Pull everything once more by one cursor, since NinjaOne passed over the filters."""
        self.fell_back = True
        # A filter too long for one request is passed over as well: then once without, not once each.
        text = self.ask.filters[0] if len(self.ask.filters) == 1 else ""
        self._take_up([Shard(self.ask.table.path, self._params(text))])
        self.take(self.received[0], pool)


def _is_slow(seconds: float, rows: int, least: float = _SLOW) -> bool:
    """Whether *seconds* per page of so many *rows* are more than *least*, beside what rows take."""
    return seconds >= least + _PER_ROW * rows
