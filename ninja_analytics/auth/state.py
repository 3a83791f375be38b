"""How a connection stands, in plain values without a secret."""

from __future__ import annotations

from typing import Any

from ninja_analytics.auth import refusals
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.tokens import Token


def described(profile: Profile, token: Token | None, now: float, *, ended: bool) -> dict[str, Any]:
    """What *profile*, *token* and the time *now* say about a connection.

    *ended* says that NinjaOne has refused the token's refresh token.
    """
    return {
        "profile": profile.name,
        "base_url": profile.base_url,
        "client_id": profile.client_id,
        "platform": profile.platform,
        "flow": profile.flow,
        **_of_token(profile, token, now, ended=ended),
    }


def _of_token(profile: Profile, token: Token | None, now: float, *, ended: bool) -> dict[str, Any]:
    if token is None:
        nothing = ("obtained_at", "expires_at", "refresh_token_at", "refresh_token_age", "note")
        return {
            **dict.fromkeys(nothing),
            "status": "signed out",
            "scope": [],
            "refreshes": False,
            "clock_skew": 0.0,
        }
    refreshes = profile.flow == "client_credentials" or bool(token.refresh_token)
    given_at = token.refresh_token_at
    return {
        "status": "connected" if token.lives(now) or (refreshes and not ended) else "expired",
        "scope": list(token.scope),
        "obtained_at": token.obtained_at,
        "expires_at": token.expires_at,
        "refresh_token_at": given_at,
        "refresh_token_age": None if given_at is None else max(0.0, now - given_at),
        "refreshes": refreshes,
        "clock_skew": token.clock_skew,
        "note": refusals.no_refresh(profile, token),
    }
