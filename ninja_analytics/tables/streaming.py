"""A table batch by batch, for what is too large to be held at once."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ninja_analytics.errors import (
    DriftWarning,
    FilterWarning,
    IncompleteError,
    NinjaError,
    UsageError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.frames import Decoded, Decoding, Drift, assembled, batches, retyped
from ninja_analytics.pages import Get
from ninja_analytics.progress import progress as open_progress
from ninja_analytics.progress import silent
from ninja_analytics.tables import filtering, spans
from ninja_analytics.tables.provenance import drift_text
from ninja_analytics.tables.pulling import Pull
from ninja_analytics.tables.questions import Question, question
from ninja_analytics.tables.received import Received
from ninja_analytics.tables.shards import Shard
from ninja_analytics.tables.sources import Source

_ROWS_PER_PART = 50_000
Found = TypeVar("Found")


class Stream:
    """The rows of a table as Arrow record batches of one `schema`; iterate over it, once.

    A part of the table is handed out when it has arrived whole, so no row comes twice, whatever has
    to be asked again. Fields that the catalogue does not know are JSON in the column
    `unknown_fields`. `about` is the provenance; it says `complete` when the last batch has come.
    Raises IncompleteError when the pull breaks: its `resume()` is a stream of the rest. One that was
    left early cannot be gone on with: that is a UsageError.
    """

    def __init__(self, source: Source, asking: Question, progress: str) -> None:
        ask = asking.ask
        pull = Pull(source, ask, silent(), hold=lambda: batches.Spool(ask.table))
        self._source = source
        self._asking = asking
        self._pull = pull
        self._progress = progress
        self._left: deque[Received] = deque()
        self._may_begin = True
        self._newest: int | None = None
        self._checked: list[tuple[Shard, Any]] = []
        self._unknown: dict[str, str] = {}
        self._inside: set[str] = set()
        self.schema: pa.Schema = batches.schema(pull.ask.table)
        self.rows = 0
        self.about: dict[str, Any] = {
            "table": pull.ask.table.name,
            "path": pull.ask.table.path,
            "instance": source.instance,
            "connection": source.connection,
            "where": (asking.filter.shown or None) if asking.filter else None,
            "parameters": dict(pull.ask.said),
            "pulled_at": datetime.now(UTC).isoformat(),
            "complete": False,
        }

    def __repr__(self) -> str:
        state = "complete" if self.about["complete"] else "so far"
        return f"<Stream of {self.about['table']}: {self.rows:,} rows {state}>"

    def empty(self) -> pd.DataFrame:
        """A frame without rows that has the columns and dtypes of this stream."""
        data, _ = assembled(self._pull.ask.table, [], self._pull.decoder)
        return data.assign(**{batches.OTHERS: pd.Series(dtype="str")})

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        if not self._may_begin:
            msg = f"This stream of {self.about['table']} was begun before: start another one."
            raise UsageError(msg)
        self._may_begin = False
        with open_progress(self.about["table"], self._progress) as collector, Decoding() as pool:
            self._pull.collector = collector
            self._pull.go()
            if not self._pull.received:
                self._pull.begin(early=True, most_rows=_ROWS_PER_PART)
                self._left.extend(self._pull.received)
            yield from self._parts(pool)
        self._end()

    def _parts(self, pool: Decoding) -> Iterator[pa.RecordBatch]:
        """The batches of all parts, in order; some are under way while one is handed out."""
        most = max(1, self._source.parallel)
        waiting: deque[tuple[Received, Future[None]]] = deque()
        with ThreadPoolExecutor(most, thread_name_prefix="pull") as pullers:
            try:
                while self._left or waiting:
                    while self._left and len(waiting) <= self._pull.workers:
                        one = self._left.popleft()
                        waiting.append((one, pullers.submit(self._pull.take, one, pool)))
                    one, future = waiting[0]
                    future.result()
                    if self._checked_by(self._goes_astray, one):
                        self._pull.stop()
                        for _, other in waiting:
                            other.cancel()
                        wait([other for _, other in waiting])
                        waiting.clear()
                        one = self._begun_anew(pool)
                    if not _is_whole(one):
                        yield from self._others(waiting)
                        raise self._broke(one.broken or self._pull.broken)
                    yield from self._handed_out(one, self._checked_by(self._misfits, one))
                    if waiting:
                        waiting.popleft()
            finally:
                self._left.extendleft(one for one, _ in reversed(waiting))
                self._pull.stop()

    def _others(self, waiting: deque[tuple[Received, Future[None]]]) -> Iterator[pa.RecordBatch]:
        """What is there whole behind a part that broke, so that it is not lost with it."""
        wait([future for _, future in waiting])
        for one, future in [pair for pair in waiting if _is_whole(pair[0])]:
            if self._checked_by(self._goes_astray, one):
                return
            yield from self._handed_out(one, self._checked_by(self._misfits, one))
            waiting.remove((one, future))

    def _goes_astray(self, one: Received) -> bool:
        """Whether NinjaOne passed over the filter by which this part was asked."""
        if len(self._pull.received) < 2 or one.broken or self._pull.ask.table.per:
            return False
        found = (one.shard, batches.device_ids(one.parts, self._pull.ask.table))
        astray = self._pull.goes_astray([*self._checked, found])
        self._checked.append(found)
        return astray

    def _checked_by(self, check: Callable[[Received], Found], one: Received) -> Found:
        """What *check* finds of a part; that it could not be made is a break like any other."""
        try:
            return check(one)
        except NinjaError as error:
            raise self._broke(error) from error

    def _begun_anew(self, pool: Decoding) -> Received:
        """The whole table by one cursor, as long as nothing was handed out."""
        if self.rows:
            raise IncompleteError(
                f"NinjaOne passed over a filter in the middle of {self.about['table']}: of what came "
                "after it nothing is known. Pull the table with ninja.table, or stream it again."
            )
        self._left.clear()
        self._pull.go()
        self._pull.fall_back(pool)
        return self._pull.received[0]

    def _broke(self, broken: NinjaError | None) -> NinjaError:
        """The error to raise for what *broken* did to this stream."""
        if broken is None or not any(one.rows for one in self._pull.received):
            return broken or IncompleteError(f"The stream of {self.about['table']} was stopped.")
        error = IncompleteError(
            f"The stream of {self.about['table']} broke off after {self.rows} rows: {broken} What "
            "came is good; .resume() is a stream of the rest.",
            again=self._rest,
        )
        error.__cause__ = broken
        return error

    def _rest(self) -> Stream:
        """What is left, as this stream that may be begun again."""
        self._may_begin = True
        return self

    def _handed_out(self, one: Received, misfits: pa.Array | None) -> Iterator[pa.RecordBatch]:
        for part in one.parts:
            self._note(part)
            batch = batches.handed_out(self._pull.ask.table, part)
            if misfits is not None:
                batch = batch.filter(pc.invert(pc.is_in(batch["device_id"], misfits)))
            if self._asking.span:
                batch = batch.filter(pa.array(self._asking.span.has(self._bounded(batch))))
            if self._asking.mark and batch.num_rows:
                highest = spans.newest(self._bounded(batch)) or 0
                self._newest = max(self._newest or 0, highest)
            self.rows += batch.num_rows
            yield batch
        one.parts.clear()
        batches.release()

    def _bounded(self, batch: pa.RecordBatch) -> pd.DataFrame:
        """What a window is about of the rows of *batch*."""
        wanted = {self._asking.span.bounds.column if self._asking.span else "", "activity_id"}
        part = batch.select([name for name in batch.schema.names if name in wanted])
        return pd.DataFrame(part.to_pandas())

    def _misfits(self, one: Received) -> pa.Array | None:
        """The devices whose rows the filter should not have let pass; None if there is none."""
        table, asked = self._pull.ask.table, self._asking.filter
        if asked is None or not any(column.name == "device_id" for column in table.columns):
            return None
        ids = pd.DataFrame({"device_id": batches.device_ids(one.parts, table)}).astype("Int64")
        found = filtering.held(self._source, table, ids, asked, self._pull.get)
        if not found.warning:
            return None
        warnings.warn(found.warning, FilterWarning, stacklevel=4)
        misfits = ids.loc[~ids["device_id"].isin(found.rows["device_id"]), "device_id"]
        return pa.array(misfits.astype("int64"))

    def _note(self, part: Decoded) -> None:
        """Remember where *part* departs from the catalogue."""
        for path, array in part.unknown.items():
            if array.null_count < len(array):
                self._unknown[".".join(path)] = batches.OTHERS
        self._inside.update(part.inside())

    def _end(self) -> None:
        pull, table = self._pull, self._pull.ask.table
        absent = pull.absent()
        drift = Drift(self._unknown, retyped(pull.decoder), tuple(sorted(self._inside)))
        self.about |= {
            "complete": True, "rows": self.rows, "requests": pull.requests,
            "drift": drift.to_dict(), "parts": len(pull.received), "restarts": pull.restarts,
            **({"absent": absent} if absent else {}),
        }  # fmt: skip
        if self._asking.mark:
            spans.remember_last(self._source.folder, self._asking.mark, self._newest)
        if drift and table.shape_known:
            warnings.warn(drift_text(table.name, drift), DriftWarning, stacklevel=3)


def _is_whole(one: Received) -> bool:
    return one.broken is None and (one.place.done or one.absent is not None)


def stream(
    source: Source | Get,
    name: str,
    *,
    where: Filter | str | None = None,
    since: object = None,
    until: object = None,
    progress: str = "none",
    now: datetime | None = None,
    **parameters: Any,
) -> Stream:
    """The rows of table *name* batch by batch: what `fetch` gives at once, in bounded memory.

    *now* is the time from which windows are told (default: that of the call). Raises as `fetch` does for what the table does not have, before anything is pulled.
    """
    source = source if isinstance(source, Source) else Source(source)
    asking = question(source, name, where=where, since=since, until=until, now=now, **parameters)
    return Stream(source, asking, progress)
