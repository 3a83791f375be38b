"""NinjaOne as it was: the tables of a snapshot, asked for as from a live connection, and reports on them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from ninja_analytics import tables
from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import (
    HistoryError,
    HistoryWarning,
    NotAvailableError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.frames import Decoder, assembled
from ninja_analytics.history import reading
from ninja_analytics.history.dating import dated
from ninja_analytics.history.folder import Folder, shown
from ninja_analytics.history.recorded_tables import EVENTS
from ninja_analytics.history.snapshots import Recorded, Snapshot, read
from ninja_analytics.listing import of_reports
from ninja_analytics.reports import REPORTS, Report, ReportSpec, Settings, found_settings
from ninja_analytics.reports.population import utc
from ninja_analytics.shelf import Shelf
from ninja_analytics.windows import at


class Past:
    """The instance as it was when `snapshot` was taken: `table` and `report` as of a live `Ninja`.

    A table that this snapshot does not have comes from the latest earlier one that does, with a
    HistoryWarning; events are all that were recorded until then. Nobody is asked: it needs no consent
    and no network. The same snapshot gives the same frames and reports.
    """

    def __init__(self, folder: Folder, snapshots: Sequence[Snapshot]) -> None:
        """*snapshots* are all up to the one to look at, which is the last, those pruned included."""
        self._folder = folder
        self._snapshots = tuple(snapshots)
        self.snapshot = self._snapshots[-1]
        self._source = tables.record_source(
            self.snapshot.instance, self._name, lambda name: self._whole(name)
        )

    @property
    def _name(self) -> str:
        return f"{self.snapshot.profile} as of {self.at:%Y-%m-%d %H:%M} UTC"

    @property
    def at(self) -> datetime:
        """When the snapshot was taken, in UTC."""
        return self.snapshot.taken_at

    @property
    def tables(self) -> Shelf[Table]:
        """The tables that `table` can give, by name."""
        there = {name for taken in self._snapshots for name in taken.tables}
        found = {name: table for name, table in TABLES.items() if name in there}
        return Shelf(found, lambda table: table.holds)

    @property
    def reports(self) -> Shelf[ReportSpec]:
        """The reports that `report` can make, by name."""
        return Shelf(of_reports.SHOWN, lambda spec: spec.question)

    def table(
        self,
        name: str,
        /,
        *,
        where: Filter | str | None = None,
        since: object = None,
        until: object = None,
        names: Iterable[str] = (),
        part: str | None = None,
        shape: Literal["wide", "long"] | None = None,
        tz: str | None = None,
        in_pandas: bool = True,  # noqa: ARG002  # of a record everything is done here
        **parameters: Any,
    ) -> pd.DataFrame:
        """The rows of table *name* as they were, typed as the catalogue says today.

        The arguments are those of `Ninja.table`; every filter is done here, to the rows. *parameters*
        must be those by which the table was recorded. `frame.attrs["ninja"]` says from which snapshot
        the rows are. Raises NotAvailableError for a table that was not recorded until then,
        UsageError for other parameters, HistoryError for a missing or damaged file.
        """
        taken, one = self._found(name)
        recorded_with = one.about.get("parameters", {})
        for parameter, value in parameters.items():
            if not _same(recorded_with.get(parameter), value):
                msg = (
                    f"{name} was recorded with {recorded_with or 'no parameters'}, so "
                    f"{parameter}={value!r} cannot be asked of the past. Choose rows in pandas."
                )
                raise UsageError(msg)
        about = {
            **one.about,
            "complete": True,
            "snapshot": taken.id,
            "snapshot_at": taken.taken_at.isoformat(),
        }
        return tables.recorded(
            self._source, name, [self._decoded(name, one, taken)], about,
            where=where, since=since, until=until, names=names, part=part, shape=shape, tz=tz,
            now=self.at,
        )  # fmt: skip

    def report(
        self,
        name: str,
        /,
        *,
        now: pd.Timestamp | None = None,
        since: object = None,
        settings: Settings | str | Path | None = None,
        **parameters: Any,
    ) -> Report:
        """The report *name*, made from this snapshot; *now* is when it was taken unless given.

        Its KPIs tell how they have changed since the snapshot at or before *since* (default: the one
        before this); a report that compares takes that snapshot as its opening, and one that may
        compare that of its period's beginning, if there is one. *settings* are as for a live `Ninja`. Made twice with the same of all this it is the same to the byte. Raises
        UnknownNameError for a wrong name of a report or of a parameter, UsageError for a report that
        must compare without a *since*.
        """
        if name not in REPORTS:
            raise UnknownNameError.among("report", name, REPORTS)
        spec, own = REPORTS[name], found_settings(settings)
        told = spec.resolved(parameters, own)
        time = pd.Timestamp(self.at) if now is None else now
        opening = opening_of(spec, since, spec.reach(utc(time), told), self._before)
        frames = self.frames_for(spec, utc(time), told)
        made = spec.build(frames, now=time, settings=own, **opening, **told)
        made = replace(made, parameters={**made.parameters, "snapshot": self.told()})
        return made if spec.compares == "must" else compared(made, since, own, told, self.earlier)

    def earlier(self, when: object = None, /) -> Past | None:
        """The past at *when*, up to this snapshot; by default at the one before it, None if it is the first.

        Raises HistoryError if nothing was recorded until *when*.
        """
        if when is not None:
            return self._before(when)
        there = [one for one in self._snapshots[:-1] if not one.pruned]
        return before(self._folder, self._snapshots[:-1], None) if there else None

    def _before(self, when: object) -> Past:
        return before(self._folder, self._snapshots, when, now=self.at)

    def frames_for(
        self, spec: ReportSpec, now: pd.Timestamp, parameters: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """The tables that a report reads with these *parameters*, as far as they were recorded."""
        found = self.frames(spec.about.asks_of_record(now, spec.whole(parameters)))
        kinds = spec.about.since_when
        return dated(found, kinds, self._folder, self._snapshots, pd.Timestamp(self.at))

    def frames(self, wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
        """Those of the tables *wanted*, by name with their parameters, that were recorded."""
        found = {}
        for name, parameters in wanted.items():
            try:
                found[name] = self.table(name, **parameters)
            except NotAvailableError:
                continue
        return found

    def newer_columns(self, name: str) -> tuple[str, ...]:
        """The columns of table *name* that the catalogue did not have yet when it was recorded."""
        had = self._found(name)[1].columns
        return tuple(one.name for one in TABLES[name].columns if had and one.name not in had)

    def told(self) -> str:
        """Which snapshot this is, as a report prints it."""
        return f"{self.snapshot.id}, taken {self.at:%Y-%m-%d %H:%M:%S} UTC"

    def __repr__(self) -> str:
        return f"<Past of {self._name}: snapshot {self.snapshot.id}, {len(self.snapshot.tables)} tables>"

    def _found(self, name: str) -> tuple[Snapshot, Recorded]:
        """The snapshot that table *name* comes from, and what it has of it."""
        if not isinstance(name, str) or name not in TABLES:
            raise UnknownNameError.among("table", name, TABLES)
        there = [taken for taken in self._snapshots if name in taken.tables]
        if not there:
            told = self.snapshot.problems.get(name, "")
            msg = (
                f"{name} was not recorded until {self.at:%Y-%m-%d %H:%M} UTC"
                + (f": {told}" if told else "")
                + f" Record it from now on: ninja.record([*ninja.history.default, {name!r}])."
            )
            raise NotAvailableError(msg)
        taken = there[-1]
        if taken is not self.snapshot:
            msg = (
                f"{name} is not in the snapshot of {self.at:%Y-%m-%d %H:%M} UTC; it is that of "
                f"{taken.taken_at:%Y-%m-%d %H:%M} UTC."
            )
            warnings.warn(msg, HistoryWarning, stacklevel=3)
        return taken, taken.tables[name]

    def _decoded(self, name: str, one: Recorded, taken: Snapshot) -> Any:
        try:
            return self._read(name, one, taken)
        except HistoryError as error:
            if not isinstance(error.__cause__, FileNotFoundError) or not self._found_again():
                raise
        taken, one = self._found(name)
        return self._read(name, one, taken)

    def _read(self, name: str, one: Recorded, taken: Snapshot) -> Any:
        table = TABLES[name]
        if name in EVENTS:
            found = reading.pieces(self._snapshots, name)
            return reading.as_decoded(table, reading.events(self._folder, table, found))
        if one.file is None:
            raise NotAvailableError(f"{name} is not in snapshot {taken.id}.")
        return reading.decoded(self._folder, table, *reading.pieces([taken], name))

    def _found_again(self) -> bool:
        """Whether the snapshots are there, in other files: small ones may have been folded meanwhile."""
        ids = {one.id for one in self._snapshots}
        there = tuple(one for one in read(self._folder).snapshots if one.id in ids)
        if there == self._snapshots or self.snapshot.id not in {one.id for one in there}:
            return False
        self._snapshots = there
        self.snapshot = next(one for one in there if one.id == self.snapshot.id)
        return True

    def _whole(self, name: str) -> pd.DataFrame:
        """The whole table *name*, for names and places."""
        taken, one = self._found(name)
        return assembled(TABLES[name], [self._decoded(name, one, taken)], Decoder(TABLES[name]))[0]


def opening_of(
    spec: ReportSpec, since: object, begins: datetime | None, find: Callable[[object], Past]
) -> dict[str, Any]:
    """What a report that compares takes beside its frames: the opening that *find* gives, and its time.

    Of one that must compare it is that of *since*, of one that may that of when its period *begins*;
    nothing where nothing was recorded by then, or for one that does not compare. Raises UsageError
    where *since* is missing.
    """
    if spec.compares == "no":
        return {}
    if spec.compares == "must" and since is None:
        spec.build({}, now=pd.Timestamp(0, tz="UTC"))  # says so
    # What happened is told by the present; the opening tells how things were.
    state = {name: asked for name, asked in spec.tables.items() if name not in spec.about.events}
    opening = None
    try:
        opening = find(since if spec.compares == "must" else begins)
        return {"opening": opening.frames(state), "opening_at": pd.Timestamp(opening.at)}
    except HistoryError as error:
        if spec.compares == "must":
            raise
        if opening is not None:  # there is one, and it is damaged
            warnings.warn(
                f"{spec.name} goes without its opening: {error}", HistoryWarning, stacklevel=4
            )
        return {}


def compared(
    made: Report,
    since: object,
    settings: Settings,
    parameters: Mapping[str, Any],
    find: Callable[[object], Past | None],
) -> Report:
    """The report with the change of its KPIs since the snapshot that *find* gives for *since*.

    Where *since* is None and nothing was recorded, or what was is damaged, it is as it was.
    """
    spec = REPORTS[made.name]
    try:
        past = find(since)
        if past is None:
            return made
        with warnings.catch_warnings():  # of a table of an older snapshot: that is old enough
            warnings.simplefilter("ignore", HistoryWarning)
            frames = past.frames_for(spec, utc(past.at), parameters)
        earlier = spec.build(frames, now=pd.Timestamp(past.at), settings=settings, **parameters)
    except (HistoryError, UsageError):  # an organization may be newer than the snapshot
        if since is not None:
            raise
        return made
    return made.since(earlier)


def before(
    folder: Folder, snapshots: Sequence[Snapshot], when: object, *, now: datetime | None = None
) -> Past:
    """The past at *when*, out of *snapshots*: the newest one taken by then, or the one of that id.

    *when* is a time, or how far back from *now*; None is the newest. Raises HistoryError if there is
    none, UsageError for what is no time.
    """
    kept = [one for one in snapshots if not one.pruned]
    if not kept:
        msg = f"Nothing was recorded in {shown(folder.url)} yet. Begin with: ninja.record()"
        raise HistoryError(msg)
    found = [one for one in kept if one.id == when] or _by(kept, when, now or datetime.now(UTC))
    return Past(folder, snapshots[: snapshots.index(found[-1]) + 1])


def _by(kept: Sequence[Snapshot], when: object, now: datetime) -> list[Snapshot]:
    if when is None:
        return list(kept)
    time = at("when", when, now=now)
    found = [one for one in kept if one.taken_at <= time]
    if not found:
        msg = (
            f"Nothing was recorded until {time:%Y-%m-%d %H:%M} UTC. The oldest snapshot is of "
            f"{kept[0].taken_at:%Y-%m-%d %H:%M:%S} UTC."
        )
        raise HistoryError(msg)
    return found


def _same(recorded: object, asked: object) -> bool:
    return recorded == asked or str(recorded).lower() == str(asked).lower()
