"""How a connection begins: by the stored token, else by consent, asked for where a person is."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile, resolve, secret_of_environment
from ninja_analytics.auth.store import open_store
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    ConsentRequiredError,
    NinjaError,
    ProfileError,
    UsageError,
)
from ninja_analytics.ninja import Ninja
from ninja_analytics.place import is_seen, place, somebody_there
from ninja_analytics.usage import Limits, limits

if TYPE_CHECKING:
    from ninja_analytics.history import History

Interactive = bool | Literal["auto"]

_WAIT_SECONDS = 300.0

log = logging.getLogger(__name__)


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


def open_history(
    profile: str | None = None,
    *,
    base_url: str | None = None,
    place: str | os.PathLike[str] | None = None,
) -> History:
    """What was recorded of a profile, without a connection: no consent, no network to NinjaOne.

    *profile* and *base_url* are those of `connect`. *place* is a folder or an address such as
    s3://bucket/path (default: NINJA_HISTORY, else ./ninja-history if there is one, else the platform's
    data folder). Raises UnknownNameError for a profile that nothing describes.
    """
    from ninja_analytics.history import History, of_profile

    who = resolve(profile, **_given(base_url=base_url))
    folder = of_profile(who.name, who.base_url, place)
    return History(folder, profile=who.name, instance=who.base_url)


def _begun(
    who: Profile, client_secret: str | None, interactive: Interactive, may: Limits
) -> tuple[Ninja, PendingConsent[Ninja] | None]:
    """A `Ninja` for *who*, and the consent that it waits for, shown; None if it is connected."""
    from ninja_analytics import consent

    store = open_store()
    secret = _client_secret(who, client_secret)
    keeper = TokenKeeper(who, store, client_secret=secret)
    has_panel = who.flow != "client_credentials" and interactive is not False and _draws()
    ninja = Ninja(keeper, may, has_panel=has_panel)
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
