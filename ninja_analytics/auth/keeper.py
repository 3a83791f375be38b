"""Hands out a valid access token to every thread and process, with one refresh among them all.

What can be promised. Refresh tokens rotate: a refresh gives a new one, and the old one dies at
once or when it is used again. So a refresh happens under a thread lock and a file lock; whoever
gets them reads the store again first, and takes what another has saved meanwhile. A new token is
saved before anybody gets it, as a whole or not at all, and a failure never deletes one. A process
that is killed leaves no lock behind: the operating system frees it. If it had not asked NinjaOne
yet, the next one asks; if it had saved the answer, the others take it.

What cannot. If a process is killed, or the network breaks, after NinjaOne has rotated and before
the answer is saved, the new refresh token is lost with it. The next one asks with the old token,
the only one there is: without rotation that works; with it NinjaOne may take the token for a
stolen one and end the grant, and a person consents again. Interrupting a notebook cell is not that
case: the refresh runs to its end on a thread of its own. Nor is a disk that is full: the process
tries to save the new token each time that it is asked for one, and loses it only if it ends before
that works. The locks reach one user's processes on one machine: on two machines, or in two
containers, give each a consent of its own instead of a copy of the token. A store in memory ends
with its process.
"""

from __future__ import annotations

import copy
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

from ninja_analytics.auth import grants, known, refusals, state
from ninja_analytics.auth.locks import exclusive
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore
from ninja_analytics.auth.tokens import Secret, Token
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    ConsentError,
    ConsentRequiredError,
    NinjaError,
    TokenStoreError,
)

log = logging.getLogger(__name__)

# Longer than one refresh can take: three attempts to connect and one answer.
_LOCK_SECONDS = 90.0
# After a refresh ahead of time has failed, the living token serves this long before the next try.
_PAUSE_SECONDS = 10.0

T = TypeVar("T")


class TokenKeeper:
    """Keeps the token of one profile valid; safe to share among threads.

    *store* is where the token lives. *client_secret* is for the platforms that have one; without
    it the stored one is used.
    """

    def __init__(
        self, profile: Profile, store: TokenStore, client_secret: str | None = None
    ) -> None:
        self.profile = profile
        self._store = store
        self._client_secret = Secret(client_secret) if client_secret else None
        self._token: Token | None = None
        self._unsaved = False
        self._disconnected = False
        self._dead: str | None = None  # a refresh token that NinjaOne has refused
        self._failure: tuple[float, NinjaError] | None = None  # the last one, and when
        self._callbacks: list[Callable[[], None]] = []
        self._told: object = None  # what the callbacks were last called for

    def access_token(self) -> str:
        """An access token that is good now; refreshed ahead of its end.

        A refresh ahead of time that fails is tried again later, as long as the token lives.
        Raises ConsentRequiredError when a person must consent, UnreachableError, ServerError or
        AnswerError when NinjaOne could not be asked, TokenStoreError when it cannot be kept.
        """
        token, now = self._token or self._store.load(self.profile.key), time.time()
        if token is None or self._disconnected or self._unsaved or not token.lives(now):
            return self._renewed().access_token
        self._token = token
        if token.due(now) and not self._pausing():
            return self._renewed_ahead(token).access_token
        return token.access_token

    def renew(self, rejected: str) -> str:
        """An access token other than *rejected*, which NinjaOne has answered with 401.

        It is refreshed only if nobody has replaced it already. Raises as `access_token` does.
        """
        return self._renewed(rejected).access_token

    def refresh_now(self) -> None:
        """Get a new access token now, whatever is left of the old. Raises as `access_token` does."""
        token = self.token()
        if token and token.lives(time.time()) and not self._renews(token):
            raise self._over(token)  # nothing has failed: it is as good as before
        self._renewed(token.access_token if token else None)

    def token(self) -> Token | None:
        """The token as it is kept, expired or not; None when not connected. Asks nobody."""
        if self._disconnected:
            return None
        stored = self._store.load(self.profile.key)
        mine = self._token
        # Ours is newer only if it could not be saved.
        if self._unsaved and mine and (stored is None or stored.obtained_at < mine.obtained_at):
            return mine
        return stored

    def accept(self, token: Token, client_secret: str | None = None) -> None:
        """Keep *token*, fresh from a consent, over whatever was there; and its client secret.

        *client_secret* is the one that got it, if that may be newer than this keeper's. It is read
        from the store from now on, where another process may put a newer one. A secret that the
        environment gives stays there: whoever set it so keeps it elsewhere.
        """
        with self._announced(), self._locked():
            self._keep(token)
            if client_secret:
                self._client_secret = Secret(client_secret)
            secret = self._client_secret if self._has_secret() else None
            if secret and secret != os.environ.get("NINJA_CLIENT_SECRET"):
                self._store.save_secret(self.profile.key, secret)
                self._remember(secret)
                self._client_secret = None
            self._disconnected, self._dead, self._failure = False, None, None

    def disconnect(self) -> None:
        """Revoke the token at NinjaOne, then forget it and the client secret here.

        They are forgotten also when NinjaOne cannot be told; ConsentError says so afterwards.
        """
        to_its_end(self._disconnect)

    def _disconnect(self) -> None:
        with self._announced(), self._locked():
            try:
                token = self.token()
                if token is not None:
                    grants.revoke(self.profile, token, self._secret())
            except NinjaError as error:
                msg = (
                    f"Profile {self.profile.name!r} is signed out here, but NinjaOne could not be "
                    "told. Remove its token there: Administration > Apps > API > OAuth Tokens."
                )
                raise ConsentError(msg) from error
            finally:
                self._token, self._client_secret, self._disconnected = None, None, True
                self._store.delete(self.profile.key)
                self._store.delete_secret(self.profile.key)

    def state(self) -> dict[str, Any]:
        """How the connection stands, without secrets and without asking NinjaOne.

        Keys: profile, base_url, client_id, platform, flow (the grant it connects by); store
        ("keyring", "file", "memory"); status ("connected", "expired", "signed out"), scope,
        obtained_at, expires_at and refresh_token_at (UTC epoch seconds or None), refresh_token_age
        (seconds or None), refreshes (it renews itself), note (why it does not, or None), clock_skew
        (seconds), error (text of the last failed refresh, or None).
        """
        token, failure = self.token(), self._failure
        ended = token is not None and self._died(token)
        return {
            **state.described(self.profile, token, time.time(), ended=ended),
            "store": self._store.kind,
            "error": str(failure[1]) if failure else None,
        }

    def on_change(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Have *callback* called whenever the connection changes; the answer stops that.

        It is called, from any thread and with no lock held, after `accept`, after a refresh that
        worked or failed, and after `disconnect`. What it raises is logged.
        """
        self._callbacks.append(callback)

        def stop() -> None:
            with suppress(ValueError):
                self._callbacks.remove(callback)

        return stop

    def __repr__(self) -> str:
        return f"<TokenKeeper for profile {self.profile.name!r}>"

    def __getstate__(self) -> NoReturn:
        """Refuse to be pickled: the token would be written where nobody guards it."""
        msg = "A connection to NinjaOne cannot be pickled, it holds a token: connect anew instead."
        raise TypeError(msg)

    def _renewed_ahead(self, living: Token) -> Token:
        """A new token if it can be had at once, else *living*."""
        try:
            return self._renewed(living=living)
        except NinjaError as error:
            if not living.lives(time.time()):
                raise
            log.warning("The token could not be refreshed ahead of its end: %s", error)
            return living

    def _renewed(self, rejected: str | None = None, *, living: Token | None = None) -> Token:
        """A token that is good now and is not *rejected*: adopted from the store, or fetched.

        While somebody else is busy renewing it, *living* will do.
        """
        asked_at = time.monotonic()

        def renewed() -> Token:
            with self._announced(), self._locked(instead=living) as held:
                if not held and living:
                    return living
                return self._adopted_or_fetched(rejected, asked_at)

        return to_its_end(renewed)

    def _adopted_or_fetched(self, rejected: str | None, asked_at: float) -> Token:
        """The token in the store if another has renewed it meanwhile, else a new one."""
        if self._failure and self._failure[0] >= asked_at:
            # Another thread has failed while this one waited. Asking again would make the last of
            # many threads wait for the sum of all timeouts.
            raise copy.copy(self._failure[1])
        token = self.token()
        try:
            if token is None or token.access_token == rejected or token.due(time.time()):
                token = self._fetched(token)
            elif self._unsaved:
                self._keep(token)
        except NinjaError as error:
            self._failure = time.monotonic(), error
            raise
        self._token, self._failure = token, None
        return token

    def _fetched(self, token: Token | None) -> Token:
        """A new token from NinjaOne, kept; by the grant that this profile has."""
        who = f"profile {self.profile.name!r}"
        if self._disconnected:
            raise refusals.sign_in_again(self.profile, f"You have signed out of {who}.")
        if self._client_credentials():
            return self._keep(grants.client_credentials(self.profile, self._needed_secret()))
        if token is None:
            reason = f"Nobody is signed in as {who}."
            in_memory = self._store.kind == "memory"
            if in_memory:
                reason += " Tokens stay in this process, unless NINJA_TOKEN_STORE=file is set."
            raise refusals.sign_in_again(self.profile, reason, in_memory=in_memory)
        if token.refresh_token is None:
            raise self._over(token)
        return self._refreshed(token, token.refresh_token)

    def _renews(self, token: Token) -> bool:
        return bool(token.refresh_token) or self._client_credentials()

    def _over(self, token: Token) -> ConsentRequiredError:
        """The error for a *token* that came without a refresh token."""
        over = "cannot be refreshed" if token.lives(time.time()) else "has expired"
        reason = (
            f"The token of profile {self.profile.name!r} {over}, and NinjaOne gave no refresh "
            "token with it."
        )
        return refusals.sign_in_again(self.profile, reason)

    def _refreshed(self, token: Token, refresh_token: str) -> Token:
        """The token after a refresh, kept; if it is dead, the store is looked up once more."""
        secret = self._needed_secret() if self._has_secret() else None
        try:
            if self._died(token):
                raise refusals.dead_consent(self.profile)
            fresh = grants.refresh(self.profile, refresh_token, secret, token.scope)
        except ConsentRequiredError:
            self._dead = refresh_token
            # The lock may not reach everybody: a folder on a network drive, say.
            other = self._store.load(self.profile.key)
            if other is None or other.refresh_token in (None, refresh_token):
                raise
            return other if not other.due(time.time()) else self._fetched(other)
        if fresh.refresh_token is None:
            fresh = replace(
                fresh, refresh_token=refresh_token, refresh_token_at=token.refresh_token_at
            )
        return self._keep(fresh)

    def _keep(self, token: Token) -> Token:
        """*token*, saved before anybody uses it; in memory also when it cannot be saved."""
        if self._client_credentials():
            token = replace(token, refresh_token=None, refresh_token_at=None)
        try:
            self._store.save(self.profile.key, token)
        except BaseException:
            self._token, self._unsaved = token, True
            raise
        self._token, self._unsaved = token, False
        self._remember(token.access_token, token.refresh_token)
        return token

    def _remember(self, *secrets: str | None) -> None:
        known.remember(*secrets, lasting=self._store.kind != "memory")

    def _died(self, token: Token) -> bool:
        return self._dead is not None and token.refresh_token == self._dead

    def _pausing(self) -> bool:
        failure = self._failure
        return failure is not None and time.monotonic() < failure[0] + _PAUSE_SECONDS

    def _client_credentials(self) -> bool:
        return self.profile.flow == "client_credentials"

    def _has_secret(self) -> bool:
        return PLATFORMS[self.profile.platform].has_secret

    def _secret(self) -> str | None:
        """The client secret; None where there is none, or the platform has none to be sent."""
        if not self._has_secret():
            return None
        return self._client_secret or self._store.load_secret(self.profile.key)

    def _needed_secret(self) -> str:
        secret = self._secret()
        if secret is None:
            who = f"profile {self.profile.name!r}"
            reason = f"There is no client secret for {who}: set NINJA_CLIENT_SECRET."
            raise refusals.sign_in_again(self.profile, reason)
        return secret

    @contextmanager
    def _announced(self) -> Iterator[None]:
        """What changes meanwhile is told afterwards to those who asked in `on_change`."""
        try:
            yield
        finally:
            now = self._token, self._failure, self._disconnected
            told, self._told = self._told, now
            for callback in tuple(self._callbacks) if now != told else ():
                try:
                    callback()
                except Exception:
                    log.exception("What follows the connection has failed.")

    @contextmanager
    def _locked(self, instead: Token | None = None) -> Iterator[bool]:
        """Nobody else renews or forgets this token meanwhile, here or in another process.

        With a token to use *instead* it does not wait, and yields False if others are at it.
        """
        wait = 0.0 if instead else _LOCK_SECONDS
        key, shared = self.profile.key, self._store.shared
        with exclusive(key, wait=wait, among_processes=shared) as held:
            if not held and not instead:
                msg = (
                    f"The token of profile {self.profile.name!r} has been locked by another "
                    f"process for {wait:.0f} seconds: end that process, or try again."
                )
                raise TokenStoreError(msg)
            yield held


def to_its_end(work: Callable[[], T]) -> T:
    """What *work* returns; it runs to its end even if the cell that asked is interrupted.

    Only the main thread is ever interrupted, so only its work moves to another one.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    executor = ThreadPoolExecutor(1, thread_name_prefix="ninja-token")
    future = executor.submit(work)
    executor.shutdown(wait=False)
    return future.result()
