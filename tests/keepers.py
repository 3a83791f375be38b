"""What the tests of the keeper share: a connected one, and what became of its token."""

from __future__ import annotations

import time
from dataclasses import replace

from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store

REDIRECT = "http://127.0.0.1:53682"


def connected(sandbox, store=None, platform: str = "native") -> TokenKeeper:
    """A keeper with a token fresh from the sandbox."""
    profile = resolve("sandbox", base_url=sandbox.base_url, platform=platform)
    keeper = TokenKeeper(
        profile, open_store() if store is None else store, sandbox.clients[platform].client_secret
    )
    if platform != "api-services":
        keeper.accept(fresh_token(sandbox, profile))
    return keeper


def fresh_token(sandbox, profile):
    """A token of *profile* from a consent of its own."""
    url, _, verifier = grants.authorization_request(profile, REDIRECT)
    code = sandbox.browse(url).partition("code=")[2].partition("&")[0]
    return grants.exchange_code(profile, code, verifier, REDIRECT)


def again(keeper: TokenKeeper) -> TokenKeeper:
    """Another keeper of the same profile and store, as a second connect() makes it."""
    return TokenKeeper(keeper.profile, keeper._store, keeper._client_secret)


def age(keeper: TokenKeeper, *, left: float) -> None:
    """Let the stored token have *left* seconds to live, of an hour."""
    token = keeper._store.load(keeper.profile.key)
    now = time.time()
    keeper._store.save(
        keeper.profile.key, replace(token, obtained_at=now + left - 3600, expires_at=now + left)
    )


def token_requests(sandbox) -> int:
    """How often the sandbox was asked for a token."""
    return sum(request["path"] == "/ws/oauth/token" for request in sandbox.requests())
