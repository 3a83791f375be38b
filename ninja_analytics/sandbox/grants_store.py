"""Which codes and tokens the sandbox has given out, and which of them are still good."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ninja_analytics.sandbox.clients import RegisteredClient

_REMEMBERED = 20_000  # codes or tokens of a kind; the oldest are forgotten, so memory is bounded


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody allowed a client app to do; `user` is None where no person consented."""

    grant_id: str
    client: RegisteredClient
    user: str | None
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code's bonds: the grant it stands for and who may redeem it, until when."""

    grant: Grant
    redirect_uri: str
    code_challenge: str | None = field(repr=False)
    expires_at: float


class GrantStore:
    """The codes, access tokens and refresh tokens given out; safe to use from several threads.

    A grant lives from its first token until it is ended; with it end all of its tokens. Codes
    and refresh tokens that were used are remembered, because using one again ends the grant.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.RLock()
        self._codes: dict[str, Code] = {}
        self._access: dict[str, tuple[Grant, float]] = {}
        self._refresh: dict[str, tuple[Grant, float]] = {}
        self._used: dict[str, Grant] = {}
        self._live: set[str] = set()

    def keep_code(self, value: str, code: Code) -> None:
        """Remember the authorization code *value*."""
        with self._lock:
            self._codes[value] = code
            _forget_oldest(self._codes)

    def code(self, value: str, client_id: str) -> Code | None:
        """The bonds of a code that is still good for this client; a reused one ends its grant."""
        with self._lock:
            self._end_if_used(value, client_id)
            code = self._codes.get(value)
            if code is None or code.grant.client.client_id != client_id:
                return None
            return code if self._clock() < code.expires_at else None

    def use_code(self, value: str) -> None:
        """Take the code out of circulation, but know it again."""
        with self._lock:
            self._used[value] = self._codes.pop(value).grant
            _forget_oldest(self._used)

    def keep_tokens(
        self,
        grant: Grant,
        access_token: str,
        *,
        scopes: tuple[str, ...],
        expires_at: float,
        refresh_token: str | None = None,
        refresh_lifetime: float | None = None,
    ) -> None:
        """Remember the tokens just given; *scopes* are the access token's, perhaps fewer.

        The refresh token lives for *refresh_lifetime* seconds, or as long as its grant (None).
        """
        with self._lock:
            self._live.add(grant.grant_id)
            self._access[access_token] = (replace(grant, scopes=scopes), expires_at)
            _forget_oldest(self._access)
            if refresh_token:
                lives = math.inf if refresh_lifetime is None else refresh_lifetime
                self._refresh[refresh_token] = (grant, self._clock() + lives)
                _forget_oldest(self._refresh)

    def refreshable(self, value: str, client_id: str) -> Grant | None:
        """The grant of a refresh token good for this client; a reused one ends its grant."""
        with self._lock:
            self._end_if_used(value, client_id)
            grant, expires_at = self._refresh.get(value, (None, 0.0))
            if grant is None or grant.client.client_id != client_id:
                return None
            good = grant.grant_id in self._live and self._clock() < expires_at
            return grant if good else None

    def use_refresh_token(self, value: str) -> None:
        """Take the refresh token out of circulation, but know it again."""
        with self._lock:
            self._used[value], _ = self._refresh.pop(value)
            _forget_oldest(self._used)

    def access(self, value: str) -> Grant | None:
        """The grant of an access token that is still good, with that token's scopes."""
        with self._lock:
            if value not in self._access:
                return None
            grant, expires_at = self._access[value]
            good = grant.grant_id in self._live and self._clock() < expires_at
            return grant if good else None

    def revoke(self, value: str, client_id: str) -> bool:
        """Revoke a token for the client that owns it; False if it is another client's.

        An access token goes alone, a refresh token takes its whole grant with it, even one that
        was rotated out. A token that nobody knows counts as revoked (RFC 7009 section 2.2).
        """
        with self._lock:
            refreshes = self._refresh.get(value, (None, 0.0))[0] or self._used.get(value)
            grant = refreshes or (self._access[value][0] if value in self._access else None)
            if grant is not None and grant.client.client_id != client_id:
                return False
            if refreshes:
                self.end(refreshes.grant_id)
            self._access.pop(value, None)
            return True

    def end(self, grant_id: str) -> None:
        """End a grant and with it all of its tokens."""
        with self._lock:
            self._live.discard(grant_id)

    def end_all(self) -> None:
        """End every grant, as an administrator does at NinjaOne under OAuth Tokens."""
        with self._lock:
            self._live.clear()

    def _end_if_used(self, value: str, client_id: str) -> None:
        grant = self._used.get(value)
        if grant is not None and grant.client.client_id == client_id:
            self.end(grant.grant_id)


def _forget_oldest(remembered: dict[str, Any]) -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]
