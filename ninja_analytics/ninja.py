"""The whole way in one place: connect to NinjaOne, pull tables, make reports."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Literal

import pandas as pd

from ninja_analytics import completion, connections, listing, tables
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile, home, resolve, secret_of_environment
from ninja_analytics.auth.store import open_store
from ninja_analytics.catalog import PLATFORMS, TABLES, Table
from ninja_analytics.errors import (
    AnswerError,
    ConsentRequiredError,
    IncompleteError,
    NinjaError,
    NotAvailableError,
    ProfileError,
    TokenStoreError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.place import is_seen, place, somebody_there
from ninja_analytics.progress import announce
from ninja_analytics.reports import REPORTS, Report, ReportSpec
from ninja_analytics.reports.report import Chart
from ninja_analytics.reports.requests import requests_over_time
from ninja_analytics.session import Session
from ninja_analytics.shelf import Shelf
from ninja_analytics.tables import Frames, Stream
from ninja_analytics.usage import Budget, Limits, ledger_of, limits, usage_frame
from ninja_analytics.usage.frame import Time

Interactive = bool | Literal["auto"]

_WAIT_SECONDS = 300.0

log = logging.getLogger(__name__)


class Ninja:
    """A connection to one NinjaOne instance, read-only, as one profile.

    `table` pulls a collection into a typed DataFrame, `report` answers a question with several,
    `get` reads any other path. `tables` and `reports` hold what exists, by name. One that still
    waits for consent raises ConsentRequiredError for every pull, and works once consent is given.
    """

    def __init__(self, keeper: TokenKeeper, may: Limits | None = None) -> None:
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
        self._has_panel = False
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
        return Shelf(listing.SHOWN, _held, text=listing.tables, html=listing.tables_html)

    @property
    def reports(self) -> Shelf[ReportSpec]:
        """The reports that `report` can make, by name; iterating gives the names."""
        return Shelf(REPORTS, lambda spec: spec.question)

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
        _refuse_unknown(name, parameters)
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
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            _refuse_unknown(name, {})
        return tables.at_once(wanted, lambda name: self.table(name, **options))

    def estimate(self, names: Iterable[str], /, *, days: float | None = None) -> pd.DataFrame:
        """About how many rows, requests and minutes it takes to pull the tables *names*.

        *days* is the length of the window for activities. The column `basis` says where a number
        comes from: the devices are counted, which takes a request per thousand; the rest is the
        last pull of this connection, or a rule of thumb.
        """
        wanted = [names] if isinstance(names, str) else list(names)
        for name in wanted:
            _refuse_unknown(name, {})
        return tables.estimate(self._source, wanted, days=days)

    def lookup(self, name: str, /) -> pd.DataFrame:
        """The whole table *name* as it was a few minutes ago at most: for names and places."""
        _refuse_unknown(name, {})
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
        _refuse_unknown(name, parameters)
        return tables.stream(
            self._source,
            name,
            where=where,
            since=since,
            until=until,
            progress=progress,
            **parameters,
        )

    def report(self, name: str, /, *, now: pd.Timestamp | None = None, **parameters: Any) -> Report:
        """The report *name*, made from tables pulled now.

        A table that this instance or these rights do not have is left out, and the report says
        what that costs; so it does of a table whose pull broke midway. *now* is the time that the
        report speaks of (default: the time of the call), *parameters* are those of the report: see
        `ninja.reports[name].parameters`. Raises UnknownNameError for a wrong name of either.
        """
        if name not in REPORTS:
            raise UnknownNameError.among("report", name, REPORTS)
        spec = REPORTS[name]
        spec.check(parameters)  # before a pull that may take minutes
        frames = {}
        for table, pull in spec.tables.items():
            try:
                frames[table] = self.table(table, **pull)
            except NotAvailableError:
                continue
            except IncompleteError as error:
                frames[table] = error.partial
        return spec.build(frames, now=now or pd.Timestamp.now(tz="UTC"), **parameters)

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


def connect(
    profile: str | None = None,
    *,
    base_url: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    platform: str | None = None,
    redirect_uri: str | None = None,
    scope: str | Iterable[str] | None = None,
    grant: str | None = None,
    auth_method: str | None = None,
    interactive: Interactive = "auto",
    wait: float | None = _WAIT_SECONDS,
    parallel: int | None = None,
    requests_per_minute: int | None = None,
) -> Ninja:
    """A connected `Ninja`: by the stored token if it is usable, else by asking for consent.

    *profile* names a profile; the other arguments override its fields, and both default to the
    NINJA_* environment variables. Client credentials (platform "api-services") need no consent.
    With *interactive* "auto" a person is asked only where one is: in a live notebook the Connect
    panel appears, or a form for a profile that is not set up; a terminal prints the link. True
    says that a person is there who reads stderr, where that cannot be seen; False asks nobody.

    *wait* is for how many seconds to wait for the answer; None: for as long as the consent is
    open. With 0, and always under Voila, it does not wait: what it returns works once the panel is
    answered, and `when_connected` tells when.

    *parallel* is the most requests at once (default: NINJA_PARALLEL, else 8) and
    *requests_per_minute* the most in any 60 seconds (default: NINJA_REQUESTS_PER_MINUTE, else as
    many as go), both counted over all threads and processes of the profile.

    Raises ConsentRequiredError at once where nobody can be asked, ProfileError for an incomplete
    profile, ConsentDeniedError and ConsentTimeoutError for a no and for no answer.
    """
    _refuse_odd(interactive, wait)
    may = limits(parallel, requests_per_minute)
    given = _given(
        base_url=base_url,
        client_id=client_id,
        platform=platform,
        redirect_uri=redirect_uri,
        scope=scope,
        grant=grant,
        auth_method=auth_method,
    )
    try:
        ninja, pending = _begun(resolve(profile, **given), client_secret, interactive, may)
    except (UsageError, ConsentRequiredError) as error:
        if interactive is False or not _draws():
            raise
        raise _form(profile, given, error, may) from error
    if pending is None or wait == 0 or place() == "voila":
        return ninja
    pending.wait(wait)
    if pending.note and not _draws():
        log.warning("%s", pending.note)
    return ninja


def begin_consent(
    profile: str | None = None,
    *,
    base_url: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    platform: str | None = None,
    redirect_uri: str | None = None,
    scope: str | Iterable[str] | None = None,
    grant: str | None = None,
    auth_method: str | None = None,
    parallel: int | None = None,
    requests_per_minute: int | None = None,
) -> PendingConsent[Ninja]:
    """A consent under way: open `.authorization_url`, then `.wait()` or `.complete(address)`.

    The arguments are those of `connect`. Raises ProfileError for client credentials, which need
    no consent, and UnreachableError for a sandbox that does not run.
    """
    given = _given(
        base_url=base_url,
        client_id=client_id,
        platform=platform,
        redirect_uri=redirect_uri,
        scope=scope,
        grant=grant,
        auth_method=auth_method,
    )
    connected = partial(Ninja, may=limits(parallel, requests_per_minute))
    who, store = resolve(profile, **given), open_store()
    secret = _client_secret(who, client_secret)
    return PendingConsent.begin(who, store, client_secret=secret, on_connected=connected)


def _begun(
    who: Profile, client_secret: str | None, interactive: Interactive, may: Limits
) -> tuple[Ninja, PendingConsent[Ninja] | None]:
    """A `Ninja` for *who*, and the consent that it waits for, shown; None if it is connected."""
    from ninja_analytics import consent

    store = open_store()
    secret = _client_secret(who, client_secret)
    keeper = TokenKeeper(who, store, client_secret=secret)
    ninja = Ninja(keeper, may)
    ninja._has_panel = who.flow != "client_credentials" and interactive is not False and _draws()
    try:
        keeper.access_token()
    except ConsentRequiredError:
        if not _can_ask(who, interactive):
            raise
    else:
        if interactive is not False:
            consent.show_connected(keeper)
        return ninja, None
    pending = PendingConsent.begin(
        who, store, client_secret=secret, on_connected=lambda _: ninja, keeper=keeper
    )
    consent.show(pending, insist=interactive is True)
    return ninja, pending


def _form(
    profile: str | None, given: Mapping[str, str], error: NinjaError, may: Limits
) -> ProfileError:
    """What to raise, after a form is shown that takes what *profile* lacks."""
    from ninja_analytics import consent

    connected = partial(Ninja, may=may)
    consent.show_form(profile, given, problem=str(error), on_connected=connected)
    return ProfileError(f"{error} (Or fill in the form above, then run this cell again.)")


def _given(**fields: str | Iterable[str] | None) -> dict[str, Any]:
    """The *fields* that were given, as texts."""
    return {
        name: value if isinstance(value, str) else " ".join(value)
        for name, value in fields.items()
        if value
    }


def _held(table: Table) -> str:
    return table.holds


def _refuse_unknown(name: str, parameters: Mapping[str, object]) -> None:
    """Raise UnknownNameError for a wrong *name* of a table, or *parameters* that it does not have."""
    if not isinstance(name, str) or name not in TABLES:
        raise UnknownNameError.among("table", name, TABLES)
    known = {one.name for one in TABLES[name].parameters} | set(TABLES[name].per)
    for parameter in parameters:
        if parameter not in known:
            raise UnknownNameError.among(f"parameter of {name}", parameter, known)


def _refuse_odd(interactive: object, wait: object) -> None:
    if interactive not in (True, False, "auto"):
        raise UsageError(f"interactive is {interactive!r}. Give True, False or 'auto'.")
    if wait is None:
        return
    number = isinstance(wait, int | float) and not isinstance(wait, bool)
    if not (number and 0 <= wait <= threading.TIMEOUT_MAX):  # type: ignore[operator]
        raise UsageError(f"wait is {wait!r}. Give seconds, 0 not to wait, or None.")


def _client_secret(who: Profile, given: str | None) -> str | None:
    """The client secret for *who* over the stored one, which the keeper looks up when it needs it."""
    if not PLATFORMS[who.platform].has_secret:
        return None
    return given or secret_of_environment(who)


def _can_ask(who: Profile, interactive: Interactive) -> bool:
    """Whether consent would help *who*, and a person can be shown its link."""
    if who.flow == "client_credentials":
        return False
    return somebody_there() if interactive == "auto" else bool(interactive) and is_seen()


def _draws() -> bool:
    """Whether this is a place with panels and forms, and a person who sees them."""
    return place() in ("notebook", "voila")
