"""The whole way in one place: a connection that pulls tables and makes reports."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from ninja_analytics import completion, connections, listing, tables
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import Profile, home
from ninja_analytics.catalog import PLATFORMS, Table
from ninja_analytics.errors import (
    AnswerError,
    ConsentRequiredError,
    TokenStoreError,
    UnknownNameError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.progress import announce, shared
from ninja_analytics.progress import progress as open_progress
from ninja_analytics.session import Session
from ninja_analytics.shelf import Shelf
from ninja_analytics.tables import Frames, Stream
from ninja_analytics.usage import Budget, Limits, ledger_of, limits, usage_frame
from ninja_analytics.usage.frame import Time

if TYPE_CHECKING:
    from ninja_analytics.changes import Changes
    from ninja_analytics.history import History, Past, Snapshot
    from ninja_analytics.reports import Chart, Report, ReportSpec, Settings
    from ninja_analytics.reports.about import Asks


class Ninja:
    """A connection to one NinjaOne instance, read-only, as one profile.

    `table` pulls a collection into a typed DataFrame, `report` answers a question with several,
    `get` reads any other path. `tables` and `reports` hold what exists, by name. One that still
    waits for consent raises ConsentRequiredError for every pull, and works once consent is given.
    """

    def __init__(
        self, keeper: TokenKeeper, may: Limits | None = None, *, has_panel: bool = False
    ) -> None:
        self._keeper = keeper
        self._ledger = ledger_of(keeper.profile)
        may = may or limits()
        budget = Budget(self._ledger, may, on_wait=announce)
        self._session = Session(keeper.profile.base_url, keeper, budget=budget, on_wait=announce)
        self._source = tables.Source(
            self._get,
            instance=keeper.profile.base_url,
            connection=f"{keeper.profile.name} at {keeper.profile.base_url}",
            key=keeper.profile.key,
            parallel=may.parallel,
            folder=home() / "pulls",
        )
        self._has_panel = has_panel
        self._waiting: deque[Callable[[Ninja], object]] = deque()
        keeper.on_change(self._tell)
        connections.remember(self)
        completion.register(type(self))

    @property
    def profile(self) -> Profile:
        """Who is connected to what; holds no secret."""
        return self._keeper.profile

    @property
    def tables(self) -> Shelf[Table]:
        """The tables that `table` can pull, by name; iterating gives the names."""
        return Shelf(
            listing.SHOWN,
            lambda table: table.holds,
            text=listing.tables,
            html=listing.tables_html,
        )

    @property
    def reports(self) -> Shelf[ReportSpec]:
        """The reports that `report` can make, by name; iterating gives the names."""
        from ninja_analytics.listing import of_reports  # with all reports, which takes a while

        return Shelf(of_reports.SHOWN, lambda spec: spec.question)

    def table(
        self,
        name: str,
        /,
        *,
        where: Filter | str | None = None,
        in_pandas: bool = False,
        since: object = None,
        until: object = None,
        names: Iterable[str] = (),
        part: str | None = None,
        shape: Literal["wide", "long"] | None = None,
        tz: str | None = None,
        max_age: object = None,
        resume: bool = False,
        progress: str = "auto",
        **parameters: Any,
    ) -> pd.DataFrame:
        """The rows of table *name* as a DataFrame, typed as the catalogue says, also when empty.

        *where* is a device filter, as in `na.device.organization == "Heron Ltd"`, or NinjaOne's own
        filter text; rows that come back and do not fit are dropped, with a warning. What NinjaOne
        cannot be asked is refused, or with *in_pandas* done here to the rows.
        *since* and *until* bound the tables that have a time: a text like "2026-01-31" or "7d", a
        date, datetime or timedelta; since="last" of activities is what is new since the last time.
        *names* adds organization_name, location_name, device_name and so on; rows without a match
        stay, unnamed. *part* makes the members of a column of lists the rows, as in
        part="volumes". *shape* is for custom fields: "wide", a typed column per field, or "long", a
        row per value. *tz* is the zone in which times are to read, e.g. "Europe/Berlin".
        *max_age*, e.g. "1h", takes an answer from the disk that is no older, and keeps this one.
        A long pull is kept on the disk until it is whole: after a kernel has died, *resume* goes on
        from there. *progress* is "widget", "terminal", "log", "none" or what suits the place.
        *parameters* are those of the table: see `ninja.tables[name]`.

        Raises UnknownNameError for a wrong name, NotAvailableError where the instance or the
        user's rights do not have the table, and IncompleteError with `.partial` and `.resume()` for
        a broken pull.
        """
        tables.refuse_unknown(name, parameters)
        return tables.fetch(
            self._source,
            name,
            where=where,
            in_pandas=in_pandas,
            since=since,
            until=until,
            names=names,
            part=part,
            shape=shape,
            tz=tz,
            max_age=max_age,
            resume=resume,
            progress=progress,
            **parameters,
        )

    def tables_at_once(self, names: Iterable[str], /, **options: Any) -> Frames:
        """The tables *names* pulled together: a mapping of frames, whose `problems` tell what is not.

        *options* are those of `table` and hold for all of them. A table that is not there or that
        fails costs the others nothing. Raises what is no matter of one table, such as no consent.
        """
        wanted = tables.all_known(names)
        progress = options.pop("progress", "auto")
        return self._at_once("tables", dict.fromkeys(wanted, options), progress)

    def estimate(self, names: Iterable[str], /, *, days: float | None = None) -> pd.DataFrame:
        """About how many rows, requests and minutes it takes to pull the tables *names*.

        *days* is the length of the window for activities. The column `basis` says where a number
        comes from: the devices are counted, which takes a request per thousand; the rest is the
        last pull of this connection, or a rule of thumb.
        """
        return tables.estimate(self._source, tables.all_known(names), days=days)

    def lookup(self, name: str, /) -> pd.DataFrame:
        """The whole table *name* as it was a few minutes ago at most: for names and places."""
        tables.refuse_unknown(name, {})
        return self._source.lookups.frame(name, self._get)

    def stream(
        self,
        name: str,
        /,
        *,
        where: Filter | str | None = None,
        since: object = None,
        until: object = None,
        progress: str = "auto",
        **parameters: Any,
    ) -> Stream:
        """The rows of table *name* as Arrow record batches, for what is too large to hold at once.

        Iterate over it: `for batch in ninja.stream("software"): …`; `.schema` is that of every batch.
        Arguments and errors are those of `table`. A break raises IncompleteError, whose `resume()`
        is a stream of the rest.
        """
        tables.refuse_unknown(name, parameters)
        return tables.stream(
            self._source,
            name,
            where=where,
            since=since,
            until=until,
            progress=progress,
            **parameters,
        )

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
        """The report *name*, made from tables pulled now.

        A table that this instance, its license or these rights do not have is left out, and the report
        says what that costs; so it does of a table whose pull broke midway. *now* is the time that the
        report speaks of (default: the time of the call), *parameters* are those of the report: see
        `ninja.reports[name].parameters`. Its KPIs tell how they have changed since the snapshot at or
        before *since* (default: the last recorded one, if there is one); a report that compares takes
        that snapshot as its opening, and one that may compare that of its period's beginning, if there
        is one. *settings* are the user's thresholds and defaults, or their file
        (default: $NINJA_SETTINGS, else ./ninja-analytics.toml). Raises UnknownNameError for a wrong
        name of a report or parameter, UsageError for a report that must compare without a *since*.
        """
        from ninja_analytics.reports import REPORTS, found_settings  # not before they are asked for
        from ninja_analytics.reports.population import utc

        if name not in REPORTS:
            raise UnknownNameError.among("report", name, REPORTS)
        spec, own = REPORTS[name], found_settings(settings)
        told = spec.resolved(parameters, own)  # before a pull that may take minutes
        time = now or pd.Timestamp.now(tz="UTC")
        opening = {}
        if spec.compares != "no":
            opening = self.history.opening_of(spec, since, spec.reach(utc(time), told))
        frames = self.frames_for(spec, utc(time), told)
        made = spec.build(frames, now=time, settings=own, **opening, **told)
        return made if spec.compares == "must" else self.history.compared(made, since, own, told)

    def frames_for(
        self, spec: ReportSpec, now: pd.Timestamp, parameters: Mapping[str, Any]
    ) -> dict[str, pd.DataFrame]:
        """The tables that a report reads with these *parameters*, as far as they are there; see `frames`."""
        found = self.frames(spec.about.asks(now, spec.whole(parameters)), title=spec.name)
        return self.history.dated(found, spec, now) if spec.about.since_when else found

    def frames(self, wanted: Asks, /, *, title: str = "tables") -> dict[str, pd.DataFrame]:
        """Those of the tables *wanted*, by name with their options, that there are: for a report.

        A table that is not there or not in the rights is left out; one whose pull broke midway says so
        itself. Any other error is raised.
        """
        return tables.in_parts(wanted, lambda asked: self._at_once(title, asked, "auto"))

    def get(self, path: str, /, **params: object) -> Any:
        """The JSON that NinjaOne answers to a GET of *path*, e.g. `ninja.get("/v2/jobs")`.

        *params* are the query, as NinjaOne names them; those that are None are not sent. Raises
        NotAvailableError for a path that is not there or not in your rights, another ApiError by
        the answer's status, and AnswerError for an answer that is not JSON.
        """
        body = self._get(path, params)
        try:
            return json.loads(body) if body.strip() else None
        except ValueError as error:
            msg = f"{path} did not answer with JSON. It may be a download: it is not for `get`."
            raise AnswerError(msg) from error

    @property
    def history(self) -> History:
        """What was recorded of this profile: `history("software")` is the table over time.

        It is in the folder or at the address in $NINJA_HISTORY, else in ./ninja-history if there is
        one, else in the platform's data folder.
        """
        from ninja_analytics.history import History, of_profile  # not before it is asked for

        return History(
            of_profile(self.profile.name, self.profile.base_url),
            profile=self.profile.name,
            instance=self.profile.base_url,
            live=self,
        )

    def record(self, names: Iterable[str] | None = None, /, **options: Any) -> Snapshot:
        """Take a snapshot of the tables *names* (default: what the reports need): `History.record`."""
        return self.history.record(names, **options)

    def as_of(self, when: object = None, /) -> Past:
        """The instance as it was at *when*, with `table` and `report`: `History.as_of`."""
        return self.history.as_of(when)

    def changes(self, name: str, since: object, until: object = None, **options: Any) -> Changes:
        """What became of the rows of table *name* since a snapshot: `History.changes`."""
        return self.history.changes(name, since, until, **options)

    def sql(self, query: str, /) -> pd.DataFrame:
        """The rows that an SQL *query* gives over all that was recorded and the tables of now."""
        return self.history.sql(query)

    def rows_to_record(self, name: str, /, *, in_one: bool = False, **options: Any) -> Stream:
        """The rows of table *name* for a snapshot, as `stream` gives them; *in_one*: not in parts."""
        source = replace(self._source, parallel=1) if in_one else self._source
        return tables.stream(source, name, **options)

    def forget_lookups(self) -> None:
        """Have the lists of devices, organizations and the like asked for anew."""
        self._source.lookups.forget()

    def usage(self, since: Time | None = None) -> pd.DataFrame:
        """The requests that this profile made, of all processes and 90 days: a row for each try.

        requested_at (UTC), path, status (0: no answer came), size_bytes of the answer,
        milliseconds, retries (tries of the same request before it), process_id. *since* is a time,
        in UTC unless it has a zone. Raises UsageError for what is no time.
        """
        return usage_frame(self._ledger, since=since)

    def usage_chart(self, since: Time | None = None) -> Chart:
        """The requests of `usage` over time, with the failed ones and those told to slow down.

        A notebook shows it as the last line of a cell; `.draw(ax)` draws it on Axes of yours.
        """
        from ninja_analytics.reports.requests import requests_over_time

        return requests_over_time(self.usage(since))

    def when_connected(self, callback: Callable[[Ninja], object]) -> None:
        """Call *callback* with this once it is connected: at once if it is, else on a thread then.

        It is called once, so it suits a page that draws itself after the consent, as under Voila.
        """
        if self._connected():
            callback(self)
            return
        self._waiting.append(callback)
        self._tell()  # the consent may have come meanwhile

    def disconnect(self) -> None:
        """Revoke the consent at NinjaOne and forget its tokens here.

        Raises ConsentError when NinjaOne could not be told; here they are forgotten all the same.
        """
        self._keeper.disconnect()

    def __repr__(self) -> str:
        platform = PLATFORMS[self.profile.platform].title
        state = "read-only" if self._connected() else "not connected"
        return f"<Ninja {self.profile.name!r} at {self.profile.base_url} ({platform}, {state})>"

    def _at_once(
        self, title: str, wanted: Mapping[str, Mapping[str, Any]], progress: str
    ) -> Frames:
        """The tables *wanted*, each with its options, under one progress bar."""
        with open_progress(title, progress) as collector:
            together = shared(collector)
            return tables.at_once(
                wanted,
                lambda name: tables.fetch(
                    self._source, name, **{**wanted[name], "progress": together}
                ),
            )

    def _get(self, path: str, params: Mapping[str, object] | None = None) -> bytes:
        try:
            return self._session.get(path, params)
        except ConsentRequiredError as error:
            if not self._has_panel:
                raise
            raise ConsentRequiredError(
                f"Profile {self.profile.name!r} is not connected: answer the Connect panel above, "
                "then run this cell again."
            ) from error

    def _connected(self) -> bool:
        try:
            return bool(self._keeper.state()["status"] == "connected")
        except TokenStoreError:
            return False

    def _tell(self) -> None:
        """Call those who wait for the connection, each on a thread: consent must not wait for them."""
        while self._waiting and self._connected():
            try:
                callback = self._waiting.popleft()
            except IndexError:  # another thread was quicker
                return
            threading.Thread(
                target=callback, args=(self,), name="when-connected", daemon=True
            ).start()
