"""The whole way in one place: connect to NinjaOne, pull tables, make reports."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

import pandas as pd

from ninja_analytics import tables
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile, resolve, secret_of_environment
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.catalog import PLATFORMS, TABLES, Table
from ninja_analytics.errors import (
    AnswerError,
    ConsentRequiredError,
    IncompleteError,
    NotAvailableError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.place import is_seen, somebody_there
from ninja_analytics.progress import announce
from ninja_analytics.reports import REPORTS, Report, ReportSpec
from ninja_analytics.session import Session
from ninja_analytics.shelf import Shelf

Interactive = bool | Literal["auto"]

_WAIT_SECONDS = 300.0


class Ninja:
    """A connection to one NinjaOne instance, read-only, as one profile.

    `table` pulls a collection into a typed DataFrame, `report` answers a question with several,
    `get` reads any other path. `tables` and `reports` hold what exists, by name.
    """

    def __init__(self, keeper: TokenKeeper) -> None:
        self._keeper = keeper
        self._session = Session(keeper.profile.base_url, keeper, on_wait=announce)

    @property
    def profile(self) -> Profile:
        """Who is connected to what; holds no secret."""
        return self._keeper.profile

    @property
    def tables(self) -> Shelf[Table]:
        """The tables that `table` can pull, by name; iterating gives the names."""
        return Shelf(TABLES, lambda table: table.holds)

    @property
    def reports(self) -> Shelf[ReportSpec]:
        """The reports that `report` can make, by name; iterating gives the names."""
        return Shelf(REPORTS, lambda spec: spec.question)

    def table(
        self,
        name: str,
        *,
        where: Filter | str | None = None,
        names: Iterable[str] = (),
        progress: str = "auto",
        **parameters: Any,
    ) -> pd.DataFrame:
        """The rows of table *name* as a DataFrame, typed as the catalogue says, also when empty.

        *where* is a device filter (`na.device.organization == 7`) or NinjaOne's own filter text.
        *names* adds the columns organization_name, location_name and device_name for any of
        "organization", "location" and "device"; rows without a match stay, unnamed.
        *progress* is "widget", "terminal", "log", "none" or what suits the place.
        *parameters* are those of the table: see `ninja.tables[name].parameters`.

        Raises UnknownNameError for a wrong name, NotAvailableError where the instance or the
        user's rights do not have the table, and IncompleteError with `.partial` for a broken pull.
        """
        return tables.fetch(
            self._session.get,
            name,
            where=where,
            names=names,
            progress=progress,
            instance=self.profile.base_url,
            **parameters,
        )

    def report(self, name: str, *, now: pd.Timestamp | None = None, **parameters: Any) -> Report:
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

    def get(self, path: str, **params: object) -> Any:
        """The JSON that NinjaOne answers to a GET of *path*, e.g. `ninja.get("/v2/jobs")`.

        *params* are the query, as NinjaOne names them; those that are None are not sent. Raises
        NotAvailableError for a path that is not there or not in your rights, another ApiError by
        the answer's status, and AnswerError for an answer that is not JSON.
        """
        body = self._session.get(path, params)
        try:
            return json.loads(body) if body.strip() else None
        except ValueError as error:
            msg = f"{path} did not answer with JSON. It may be a download: it is not for `get`."
            raise AnswerError(msg) from error

    def disconnect(self) -> None:
        """Revoke the consent at NinjaOne and forget its tokens here.

        Raises ConsentError when NinjaOne could not be told; here they are forgotten all the same.
        """
        self._keeper.disconnect()

    def __repr__(self) -> str:
        platform = PLATFORMS[self.profile.platform].title
        return f"<Ninja {self.profile.name!r} at {self.profile.base_url} ({platform}, read-only)>"


def connect(
    profile: str | None = None,
    *,
    base_url: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    platform: str | None = None,
    redirect_uri: str | None = None,
    interactive: Interactive = "auto",
) -> Ninja:
    """A connected `Ninja`: by the stored token if it is usable, else by asking for consent.

    *profile* names a profile; the other arguments override its fields, and both default to the
    NINJA_* environment variables. Client credentials (platform "api-services") need no consent.
    With *interactive* "auto" a person is asked only where one is: in a live notebook the Connect
    panel appears and the cell waits for the answer; a terminal prints the link and waits. True
    says that a person is there who reads stderr, where that cannot be seen; False asks nobody.

    Raises ConsentRequiredError at once where nobody can be asked, ProfileError for an incomplete
    profile, ConsentDeniedError and ConsentTimeoutError for a no and for no answer.
    """
    if interactive not in (True, False, "auto"):
        raise UsageError(f"interactive is {interactive!r}. Give True, False or 'auto'.")
    who = resolve(
        profile,
        base_url=base_url,
        client_id=client_id,
        platform=platform,
        redirect_uri=redirect_uri,
    )
    store = open_store()
    secret = _client_secret(who, store, client_secret)
    keeper = TokenKeeper(who, store, client_secret=secret)
    try:
        keeper.access_token()
        return Ninja(keeper)
    except ConsentRequiredError:
        if not _can_ask(who, interactive):
            raise
    pending = PendingConsent.begin(who, store, client_secret=secret, on_connected=Ninja)
    from ninja_analytics import consent

    consent.show(pending, insist=interactive is True)
    return pending.wait(_WAIT_SECONDS)


def begin_consent(
    profile: str | None = None,
    *,
    base_url: str | None = None,
    client_id: str | None = None,
    client_secret: str | None = None,
    platform: str | None = None,
    redirect_uri: str | None = None,
) -> PendingConsent[Ninja]:
    """A consent under way: open `.authorization_url`, then `.wait()` or `.complete(address)`.

    The arguments are those of `connect`. Raises ProfileError for client credentials, which need
    no consent, and UnreachableError for a sandbox that does not run.
    """
    who = resolve(
        profile,
        base_url=base_url,
        client_id=client_id,
        platform=platform,
        redirect_uri=redirect_uri,
    )
    store = open_store()
    secret = _client_secret(who, store, client_secret)
    return PendingConsent.begin(who, store, client_secret=secret, on_connected=Ninja)


def _client_secret(who: Profile, store: TokenStore, given: str | None) -> str | None:
    """The client secret for *who*: as given, from the environment or as stored; None if it has none."""
    if not PLATFORMS[who.platform].has_secret:
        return None
    return given or secret_of_environment(who) or store.load_secret(who.key)


def _can_ask(who: Profile, interactive: Interactive) -> bool:
    """Whether consent would help *who*, and a person can be shown its link."""
    if PLATFORMS[who.platform].grant != "authorization_code":
        return False
    return somebody_there() if interactive == "auto" else bool(interactive) and is_seen()
