"""Takes a snapshot: every table into a file, and at last the manifest, whose appearance commits it all.

Until then nobody reads what was written. A recording that is killed leaves files that no manifest
names; `keeping` removes them when they are a day old, so nothing is to be cleaned by hand. Two
recordings at once write two snapshots.
"""

from __future__ import annotations

import secrets
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import (
    AnswerError,
    ApiError,
    HistoryError,
    HistoryWarning,
    IncompleteError,
    NinjaError,
    UnreachableError,
    UsageError,
)
from ninja_analytics.frames import batches
from ninja_analytics.frames.kinds import TIME
from ninja_analytics.history import reading, snapshots
from ninja_analytics.history.events import last_of_each, news
from ninja_analytics.history.folder import Folder, shown
from ninja_analytics.history.reading import Piece
from ninja_analytics.history.recorded_tables import EVENTS, PARAMETERS, Events
from ninja_analytics.history.snapshots import File, Recorded, Snapshot
from ninja_analytics.history.writing import Draft, drafted, path_of

_TRIES = 3  # of a pull that breaks
# What a recording of the same event says anew each time.
_NOISE = ("collected_at",)


class Rows(Protocol):
    """A stream of rows: batches of the table's schema, and where they came from."""

    about: dict[str, Any]

    def __iter__(self) -> Iterator[pa.RecordBatch]: ...


Streams = Callable[..., Rows]
"""Gives the rows of a table, by name and parameters; with `in_one` they are not asked for in parts."""


class Recording:
    """A snapshot in the making."""

    def __init__(
        self,
        folder: Folder,
        streams: Streams,
        *,
        taken_at: datetime,
        first: Mapping[str, datetime | None] | None = None,
    ) -> None:
        self._folder = folder
        self._streams = streams
        self._log = snapshots.read(folder)
        self._first = dict(first or {})
        self.taken_at = taken_at.astimezone(UTC)
        self.id = f"{self.taken_at:%Y%m%dT%H%M%S}{self.taken_at.microsecond // 1000:03d}Z-{secrets.token_hex(4)}"
        self.tables: dict[str, Recorded] = {}
        self.problems: dict[str, NinjaError] = {}

    def take(self, name: str) -> None:
        """Write table *name*; one that is not there or fails is a problem, and costs the others nothing.

        Raises what is no matter of one table: no consent, a full disk.
        """
        try:
            try:
                self.tables[name] = self._recorded(name)
            except IncompleteError as error:
                if error.__cause__:
                    raise
                # A device that moved meanwhile came in two parts, or in that of another place.
                self.tables[name] = self._recorded(name, in_one=True)
        except (ApiError, AnswerError, UnreachableError) as error:
            self.problems[name] = error
        except IncompleteError as error:  # what it says of going on is not for who records
            why = error.__cause__
            self.problems[name] = why if isinstance(why, NinjaError) else error

    def _recorded(self, name: str, **how: Any) -> Recorded:
        table = TABLES[name]
        return (
            self._events(table, EVENTS[name], **how)
            if name in EVENTS
            else self._state(table, **how)
        )

    def _state(self, table: Table, **how: Any) -> Recorded:
        """The whole table; by reference to an earlier file, if that has the same bytes."""
        pull = _Pull(self._streams, table.name, {**PARAMETERS.get(table.name, {}), **how})
        with drafted(pull, batches.schema(table), "device_id") as draft:
            file = self._earlier(table.name, draft.digest) or self._kept(table.name, draft)
            columns = tuple(one.name for one in table.columns)
            return Recorded(table.name, "state", file, draft.rows, pull.about, columns=columns)

    def _events(self, table: Table, how: Events, **asked: Any) -> Recorded:
        """What is new of the events."""
        since, whole = self._window(table.name, how)
        pull = _Pull(self._streams, table.name, {**how.parameters(since), **asked})
        fresh = pa.Table.from_batches(list(pull), batches.schema(table)).unify_dictionaries()
        reached = self._reached(fresh, how)
        new = news(fresh, self._known(table, how, since), how.key, without=_NOISE)
        file = None
        if new.num_rows:
            with drafted(new.to_batches(), new.schema) as draft:
                file = self._kept(table.name, draft)
        return Recorded(table.name, "events", file, fresh.num_rows, pull.about, reached, whole)

    def _window(self, name: str, how: Events) -> tuple[datetime | None, bool]:
        """From when on to ask, and whether that is all there is.

        It goes by the times of the events themselves, and by no snapshot that claims to be of the
        future as long as there is another one: so a clock that jumped loses none.
        """
        earlier = [one for one in self._log.snapshots if name in one.tables]
        past = [one for one in earlier if one.taken_at <= self.taken_at]
        reached = _latest(past, name) or _latest(earlier, name)
        if reached is None:
            first = self._first.get(name, self.taken_at - how.first if how.first else None)
            return first, first is None
        if how.whole_every is not None:
            asked_whole = [one.taken_at for one in past if one.tables[name].whole]
            if not asked_whole or self.taken_at - max(asked_whole) >= how.whole_every:
                return None, True
        return min(reached, self.taken_at) - how.overlap, False

    def _reached(self, fresh: pa.Table, how: Events) -> str:
        """The time up to which the events are there; none that claims to be of the future counts."""
        times = fresh[how.at]
        past = times.filter(pc.less_equal(times, pa.scalar(self.taken_at, times.type)))
        latest = pc.max(past).as_py() if len(past) else None
        return latest.isoformat() if latest else ""

    def _known(self, table: Table, how: Events, since: datetime | None) -> pa.Table:
        """The events that are recorded and may come again in a window from *since* on."""
        found = reading.pieces(self._log.snapshots, table.name)
        try:
            rows = self._since(table, found, how, since)
        except HistoryError:
            rows = self._since(table, tuple(self._readable(table, found)), how, since)
        return last_of_each(rows, how.key)

    def _since(
        self, table: Table, found: Sequence[Piece], how: Events, since: datetime | None
    ) -> pa.Table:
        """The rows of the pieces *found* from *since* on, and all that have no time."""
        where = None
        if since is not None:
            at = pc.field(how.at)
            where = at.is_null() | (at >= pa.scalar(since, TIME))
        try:
            known = reading.dataset(self._folder, table, found)
            return known.to_table(columns=batches.schema(table).names, filter=where)
        except Exception as error:  # every store raises errors of its own, and Arrow lets them pass
            raise reading.damaged_one(self._folder, {table: found}, error) from error

    def _readable(self, table: Table, found: Iterable[Piece]) -> Iterator[Piece]:
        """Those of the pieces *found* that can be read: a damaged one stops no recording."""
        for one in found:
            try:
                reading.rows_of(self._folder, table, one)
                yield one
            except HistoryError as error:
                msg = f"{error} What it told of lately is recorded anew."
                warnings.warn(msg, HistoryWarning, stacklevel=2)

    def _earlier(self, name: str, digest: str) -> File | None:
        """A file that has the same bytes, if a snapshot has recorded one and it is still there."""
        for one in reversed(self._log.snapshots):
            before = one.tables.get(name)
            if (
                before
                and before.file
                and before.file.groups is None
                and before.file.digest == digest
            ):
                return before.file if self._folder.exists(before.file.path) else None
        return None

    def _kept(self, name: str, draft: Draft) -> File:
        return draft.into(self._folder, path_of(name, self.taken_at, self.id))

    def commit(
        self, *, profile: str, instance: str, version: str, moved: Mapping[str, int]
    ) -> Snapshot:
        """The snapshot, from now on there for everybody.

        Raises the first problem if there is nothing to commit, and HistoryError if a file of it was
        removed meanwhile.
        """
        if not self.tables:
            raise next(iter(self.problems.values()))
        made = Snapshot(
            self.id, self.taken_at, max(datetime.now(UTC), self.taken_at), profile, instance, version,
            self.tables, {name: str(error) for name, error in self.problems.items()}, dict(moved),
        )  # fmt: skip
        for file in made.files:
            if not self._folder.exists(file.path):
                msg = (
                    f"{file.path} was removed from the history at {shown(self._folder.url)} while this "
                    "snapshot was taken, so it was not committed. Record again."
                )
                raise HistoryError(msg)
        self._folder.put(f"{snapshots.LOG}/{self.id}.json", snapshots.text_of([made]))
        return made


def _latest(taken: Iterable[Snapshot], name: str) -> datetime | None:
    """The time up to which the events of table *name* are there after the snapshots *taken*."""
    reached = [one.tables[name].reached for one in taken]
    return max((datetime.fromisoformat(one) for one in reached if one), default=None)


class _Pull:
    """The rows of one table, begun again where they broke off, up to a few times."""

    def __init__(self, streams: Streams, name: str, parameters: Mapping[str, object]) -> None:
        self._stream = streams(name, **parameters)

    @property
    def about(self) -> dict[str, Any]:
        """Where the rows came from."""
        return self._stream.about

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for attempt in range(_TRIES):
            try:
                yield from self._stream
                return
            except IncompleteError as error:
                if attempt == _TRIES - 1:
                    raise
                try:
                    self._stream = error.resume()
                except UsageError:
                    raise error from error.__cause__
