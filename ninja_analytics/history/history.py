"""The history of one profile: record it, look back at it, ask it, keep it in order."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from ninja_analytics.catalog import TABLES
from ninja_analytics.changes import Changes
from ninja_analytics.changes import changes as differences
from ninja_analytics.errors import HistoryError, HistoryWarning, UnknownNameError, UsageError
from ninja_analytics.history import (
    ages,
    cluster,
    keeping,
    reading,
    recorded_tables,
    snapshots,
    sql,
    taking,
)
from ninja_analytics.history.ages import table_of
from ninja_analytics.history.dating import dated
from ninja_analytics.history.folder import Folder, shown
from ninja_analytics.history.past import Past, before, compared, opening_of
from ninja_analytics.history.place import of_profile
from ninja_analytics.history.recorded_tables import EVENTS, POSSIBLE
from ninja_analytics.history.snapshots import Log, Snapshot
from ninja_analytics.history.taking import Live
from ninja_analytics.reports import Report, ReportSpec, Settings
from ninja_analytics.shelf import Shelf
from ninja_analytics.windows import at

if TYPE_CHECKING:
    from ninja_analytics.history.trends import Engine, Trend


class History:
    """What was recorded of one profile, in one folder.

    Called with the name of a table it gives its rows over time. Recording and the tables of now need
    a connection (`ninja.history`); all else does not (`na.open_history`).
    """

    default: tuple[str, ...] = recorded_tables.DEFAULT
    """The tables that a snapshot has unless told otherwise: those that the reports need."""

    def __init__(
        self, folder: Folder, *, profile: str, instance: str, live: Live | None = None
    ) -> None:
        self.folder = folder
        self.profile = profile
        self.instance = instance
        self._live = live

    def __repr__(self) -> str:
        return f"<History of {self.profile} in {shown(self.folder.url)}>"

    def at(self, place: str | os.PathLike[str]) -> History:
        """The history of the same profile in another *place*: a folder, or an address like s3://…."""
        folder = of_profile(self.profile, self.instance, place)
        return History(folder, profile=self.profile, instance=self.instance, live=self._live)

    @property
    def snapshots(self) -> pd.DataFrame:
        """The snapshots that one can look back at, oldest first: a row each.

        Columns: snapshot, snapshot_at, ended_at (UTC), tables, rows, new_bytes (what it added), and
        problems: what it lacks and why.
        """
        seen: set[str] = set()
        rows = []
        for taken in self._log().kept:
            new = [file for file in taken.files if file.path not in seen]
            seen |= {file.path for file in new}
            problems = "; ".join(f"{name}: {why}" for name, why in taken.problems.items())
            rows.append(
                (taken.id, taken.taken_at, taken.ended_at, len(taken.tables), taken.rows,
                 sum(file.bytes for file in new), problems)
            )  # fmt: skip
        columns = {
            "snapshot": "str", "snapshot_at": "datetime64[us, UTC]",
            "ended_at": "datetime64[us, UTC]", "tables": "Int64", "rows": "Int64",
            "new_bytes": "Int64", "problems": "str",
        }  # fmt: skip
        return pd.DataFrame(rows, columns=list(columns)).astype(columns)

    def estimate(self, names: Iterable[str] | None = None) -> pd.DataFrame:
        """About how much one snapshot of the tables *names* (default: `default`) is.

        The columns of `Ninja.estimate`, and bytes on the disk: by the last snapshot's bytes per row,
        else by a rule of thumb. Of events it is the first time; later ones are less.
        """
        last = {name: one for taken in self._log().kept for name, one in taken.tables.items()}
        return taking.estimated(self._connected(), taking.possible(names), last)

    def record(
        self,
        names: Iterable[str] | None = None,
        *,
        now: object = None,
        since: object = None,
        progress: str = "auto",
    ) -> Snapshot:
        """Take a snapshot of the tables *names* (default: `default`); answers what it holds.

        It is there as a whole once this returns, and before that not at all. A table that this
        instance or these rights do not have, or that breaks off for good, is left out, and
        `.problems` says so. *now* is its time (default: that of the call), *since* how far back the
        activities go the first time (default: 30 days). Raises UnknownNameError for a wrong name,
        UsageError for a table that is asked by id, HistoryError where nothing can be written, and
        what a pull raises if no table could be had.
        """
        live = self._connected()
        taken_at = datetime.now(UTC) if now is None else moment("now", now)
        return taking.take(
            self.folder,
            live,
            taking.possible(names),
            profile=self.profile,
            instance=self.instance,
            taken_at=taken_at,
            since=None if since is None else moment("since", since, now=taken_at),
            progress=progress,
        )

    def as_of(self, when: object = None) -> Past:
        """The instance as it was at *when*: from the snapshot at or before that time, which it names.

        *when* is a time as in "2026-11-01T08:00" (a day is its midnight, without a zone it is UTC), how
        far back, as "7d", or the id of a snapshot; None is the newest one. Raises HistoryError if
        nothing was recorded by then, UsageError for what is no time.
        """
        return before(self.folder, self._log().snapshots, when)

    def opening_of(
        self, spec: ReportSpec, since: object, begins: datetime | None
    ) -> dict[str, Any]:
        """What a report that compares takes beside its frames: those of *since*, and their time.

        One that may compare takes those of when its period *begins*, if there are any.
        """
        return opening_of(spec, since, begins, self.as_of)

    def dated(
        self, frames: Mapping[str, pd.DataFrame], spec: ReportSpec, now: pd.Timestamp
    ) -> dict[str, pd.DataFrame]:
        """The frames of a report, with since when their rows are so where the report asks for that."""
        return dated(frames, spec.about.since_when, self.folder, self._log().snapshots, now)

    def compared(
        self, made: Report, since: object, settings: Settings, parameters: Mapping[str, Any]
    ) -> Report:
        """A report of now with the change of its KPIs since the snapshot at or before *since*.

        Without a *since* it is the last recorded one; where there is none, nothing is told.
        """
        return compared(made, since, settings, parameters, self.earlier)

    def earlier(self, when: object = None, /) -> Past | None:
        """The past at *when*, by default at the last snapshot; None where nothing was recorded.

        Raises HistoryError if nothing was recorded until *when*.
        """
        if when is None and not self._log().kept:
            return None
        return self.as_of(when)

    def __call__(
        self,
        name: str,
        /,
        *,
        since: object = None,
        until: object = None,
        columns: Collection[str] | None = None,
    ) -> pd.DataFrame:
        """The rows of table *name* over time: those of each snapshot, with `snapshot_at` in front.

        Of an event table every event comes once, with the snapshot that told of it last. *since* and
        *until* bound the times of the snapshots, *columns* are those wanted. Raises UnknownNameError
        for a wrong name, HistoryError for a table that was never recorded.
        """
        found = self._pieces(name, since, until)
        key = EVENTS[name].key if name in EVENTS else ()
        wanted = None if columns is None else [*columns, *key]
        reading.undamaged(self.folder, found)
        data = reading.frame(self.folder, TABLES[name], found, wanted)
        if key:
            data = data.drop_duplicates(list(key), keep="last", ignore_index=True)
        if columns is not None:
            data = data[[reading.AT, *(one for one in data.columns if one in columns)]]
        data.attrs["ninja"] = {
            "table": name, "instance": self.instance, "complete": True, "rows": len(data),
            "snapshots": len({one.snapshot for one in found}),
        }  # fmt: skip
        return data

    def _pieces(self, name: str, since: object, until: object) -> tuple[reading.Piece, ...]:
        log = self._log()
        recorded = {one for taken in log.snapshots for one in taken.tables}
        table_of(name)
        if name not in recorded:
            msg = f"{name} was never recorded of {self.profile}. Record it from now on: ninja.record([…, {name!r}])"
            raise HistoryError(msg)
        bounds = (None if one is None else moment("since", one) for one in (since, until))
        start, end = bounds
        return reading.pieces(log.snapshots, name, since=start, until=end)

    def changes(
        self,
        name: str,
        since: object,
        until: object = None,
        *,
        noisy: Iterable[str] | None = None,
    ) -> Changes:
        """What became of the rows of table *name*: added, removed, changed, not looked at again.

        From the snapshot at or before *since* to the one at or before *until*; None is now: the table
        is pulled, or without a connection it is that of the newest snapshot. *noisy* names the columns
        that are not compared (default: those that move by themselves, `changes.NOISY`). Raises
        UsageError for an event table, and as `as_of` does.
        """
        table = table_of(name)
        if name in EVENTS:
            msg = f"{name} only grows: every row of it is a change. Ask for it with since= instead."
            raise UsageError(msg)
        opening = _comparable(self.as_of(since), name)
        if until is None and self._live is not None:
            parameters = recorded_tables.PARAMETERS.get(name, {})
            closing = self._live.table(name, progress="none", **parameters)
        else:
            closing = _comparable(self.as_of(until), name)
        return differences(opening, closing, table, noisy=noisy)

    def first_seen(self, name: str) -> pd.DataFrame:
        """When each row of table *name* was first and last seen in a snapshot, by its row key.

        Columns: the row key; first_seen_at, last_seen_at; snapshots (how many have it); still_there
        (the newest one has it); at_least (the oldest one had it, so it may be older still).
        """
        return ages.seen(self._recorded_sql(name), table_of(name))

    def age(self, kind: str, *, now: object = None) -> pd.DataFrame:
        """How long things have been so: a row for each that the newest snapshot shows to be.

        *kind* is "open_os_patches", "open_software_patches", "pending_restarts" or
        "outdated_antivirus". Columns: what it is about; since_at; basis ("first_seen": the first
        snapshot of an unbroken run that shows it; "release_inferred": the Patch Tuesday of the month in
        a patch's name); at_least (it was so in the oldest snapshot); otherwise_at (the last snapshot
        that showed it otherwise); days until *now* (default: the newest snapshot).
        """
        if kind not in ages.AGES:
            raise UnknownNameError.among("age", kind, ages.AGES)
        ask = self._recorded_sql(ages.AGES[kind].table)
        at = self.as_of().at if now is None else moment("now", now)
        return ages.age_of(ask, kind, now=at)

    def _recorded_sql(self, name: str) -> Callable[[str], pd.DataFrame]:
        """Answers queries over what was recorded of table *name*; HistoryError if nothing was."""
        self._pieces(name, None, None)
        return self.sql

    def sql(self, query: str) -> pd.DataFrame:
        """The rows that an SQL *query* gives, by DuckDB, read-only.

        `software_history` and the like have every snapshot, with snapshot_at and snapshot; `software`
        and the like are pulled now, if there is a connection. Raises UsageError for a query that does
        not work, UnknownNameError for a table that is not there.
        """
        live = self._live
        return sql.answer(
            query,
            self.folder,
            self._log().snapshots,
            None if live is None else lambda name: live.table(name, progress="none"),
            possible=POSSIBLE,
        )

    @property
    def trends(self) -> Shelf[Trend]:
        """The KPIs over time that `trend` can give, by name, each with its formula in words."""
        from ninja_analytics.history.trends import TRENDS  # narwhals, which few need

        return Shelf(TRENDS, lambda one: one.question)

    def trend(
        self,
        name: str,
        /,
        *,
        since: object = None,
        until: object = None,
        engine: Engine = "duckdb",
        client: Any = None,
        **parameters: Any,
    ) -> pd.DataFrame:
        """The KPI *name* over the snapshots, as `trends` defines it; sorted, and typed.

        It is the same by each *engine*: "duckdb", "pandas", or "dask" on the workers of *client* (else
        as Dask is set up here). *since* and *until* bound the times of the snapshots. Raises
        UnknownNameError for a wrong name of a trend, an engine or a parameter.
        """
        from ninja_analytics.history.trends import trend

        return trend(
            self.folder,
            self._log().snapshots,
            name,
            since=None if since is None else moment("since", since),
            until=None if until is None else moment("until", until),
            engine=engine,
            client=client,
            **parameters,
        )

    def dask(
        self,
        name: str,
        /,
        *,
        columns: Collection[str] | None = None,
        since: object = None,
        until: object = None,
    ) -> Any:
        """The rows of table *name* over time as a Dask DataFrame, read where your workers are.

        Columns and dtypes are those of the call, but for words, which are text: each file has words
        of its own. The workers must reach the history's folder or address, and have this package.
        Only the columns that you use are read. Raises as the call, and UsageError without Dask.
        """
        found = self._pieces(name, since, until)
        return cluster.dask_frame(self.folder, TABLES[name], found, columns)

    def prune(self, keep: object, *, now: object = None) -> tuple[str, ...]:
        """Let go the snapshots that *keep* does not keep; answers their ids. Events stay.

        *keep* is how far back all are kept, as "90d", or how many of each: {"days": 30, "weeks": 12,
        "months": 36} keeps the last of each of the last 30 days that have one, and so on. The newest
        is always kept. Files are removed a day later. Raises UsageError for what says nothing.
        """
        return keeping.prune(self.folder, keep, now=moment("now", now or datetime.now(UTC)))

    def compact(self, *, now: object = None) -> int:
        """Fold the small files of past months; answers how many files fewer there will be in a day."""
        return keeping.compact(self.folder, now=moment("now", now or datetime.now(UTC)))

    def verify(self) -> pd.DataFrame:
        """What is not as it was written: file, problem ("missing", "damaged"), snapshots; or no rows."""
        return keeping.verify(self.folder)

    def _connected(self) -> Live:
        if self._live is None:
            msg = "This history has no connection, so nothing can be recorded. Use ninja.record of na.connect(…)."
            raise UsageError(msg)
        return self._live

    def _log(self) -> Log:
        log = snapshots.read(self.folder)
        for name in log.damaged:
            msg = (
                f"{name} in {shown(self.folder.url)} is damaged, so its snapshot is not counted. Bring it "
                "back from a backup, or remove it; history.verify() names all that is damaged."
            )
            warnings.warn(msg, HistoryWarning, stacklevel=3)
        return log


def _comparable(past: Past, name: str) -> pd.DataFrame:
    """Table *name* of the past, without columns that nobody knew of: they are no change of a row."""
    return past.table(name).drop(columns=list(past.newer_columns(name)))


def moment(name: str, value: object, *, now: datetime | None = None) -> datetime:
    """*value* as a time in UTC: a text, day, datetime, or how far back from *now*, as "7d"."""
    return at(name, value, now=now or datetime.now(UTC))
