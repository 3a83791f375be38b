"""The whole way in one place: connect to NinjaOne, pull tables, make reports."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from typing import Any, Literal

import pandas as pd

from ninja_analytics import tables
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile, resolve
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.catalog import PLATFORMS, TABLES, Table
from ninja_analytics.errors import (
    AnswerError,
    ConsentRequiredError,
    IncompleteError,
    NotAvailableError,
    ProfileError,
    UnknownNameError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.place import somebody_there
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
        **parameters: Any,
    ) -> pd.DataFrame:
        """The rows of table *name* as a DataFrame, typed as the catalogue says, also when empty.

        *where* is a device filter (`na.device.organization == 7`) or NinjaOne's own filter text.
        *names* adds the columns organization_name, location_name and device_name for any of
        "organization", "location" and "device"; rows without a match stay, unnamed.
        *parameters* are those of the table: see `ninja.tables[name].parameters`.

        Raises UnknownNameError for a wrong name, NotAvailableError where the instance or the
        user's rights do not have the table, and IncompleteError with `.partial` for a broken pull.
        """
        return tables.fetch(
            self._session.get,
            name,
            where=where,
            names=names,
            progress="auto",
            instance=self.profile.base_url,
            **parameters,
        )

    def report(self, name: str, *, now: pd.Timestamp | None = None, **parameters: Any) -> Report:
        """The report *name*, made from tables pulled now.

        A table that this instance or these rights do not have is left out, and the report says
        what that costs; so it does of a table whose pull broke midway. *now* is the time the report speaks of (default: the time of the call).
        Raises UnknownNameError for a wrong name.
        """
        if name not in REPORTS:
            raise UnknownNameError.among("report", name, REPORTS)
        spec = REPORTS[name]
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
        """The JSON that NinjaOne answers to a GET of *path*, e.g. `ninja.get("/v2/jobs")`."""
        body = self._session.get(path, params)
        try:
            return json.loads(body) if body.strip() else None
        except ValueError as error:
            msg = f"{path} did not answer with JSON. It may be a download: it is not for `get`."
            raise AnswerError(msg) from error

    def disconnect(self) -> None:
        """Revoke the consent at NinjaOne and forget its tokens here."""
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
    panel appears and the cell waits for the answer; a terminal prints the link and waits.

    Raises ConsentRequiredError at once where nobody can be asked, ProfileError for an incomplete
    profile, ConsentDeniedError and ConsentTimeoutError for a no and for no answer.
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
    keeper = TokenKeeper(who, store, client_secret=secret)
    try:
        keeper.access_token()
        return Ninja(keeper)
    except ConsentRequiredError:
        if not (somebody_there() if interactive == "auto" else interactive):
            raise
    pending = PendingConsent.begin(who, store, client_secret=secret, on_connected=Ninja)
    from ninja_analytics import consent

    consent.show(pending)
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
    no consent.
    """
    who = resolve(
        profile,
        base_url=base_url,
        client_id=client_id,
        platform=platform,
        redirect_uri=redirect_uri,
    )
    if PLATFORMS[who.platform].grant == "client_credentials":
        msg = f"Profile {who.name!r} uses client credentials, which need no consent: use connect()."
        raise ProfileError(msg)
    store = open_store()
    secret = _client_secret(who, store, client_secret)
    return PendingConsent.begin(who, store, client_secret=secret, on_connected=Ninja)


def _client_secret(who: Profile, store: TokenStore, given: str | None) -> str | None:
    """The client secret for *who*: as given, from the environment or as stored; None if it has none."""
    if not PLATFORMS[who.platform].has_secret:
        return None
    return given or os.environ.get("NINJA_CLIENT_SECRET") or store.load_secret(who.key)
