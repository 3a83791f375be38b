"""What a person and the client do together for a token, step by step."""

from __future__ import annotations

import secrets
import traceback
from urllib.parse import parse_qs, urlsplit

from ninja_analytics.auth import grants
from ninja_analytics.auth.profiles import Profile, resolve
from ninja_analytics.auth.tokens import Token

CANARY = secrets.token_urlsafe(24)
NATIVE_REDIRECT = "http://127.0.0.1:53682"
GOOD = {
    "access_token": "canary-access-token",
    "refresh_token": "canary-refresh-token",
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "monitoring offline_access",
}
SENT = Token("canary-access", "canary-refresh", 0.0, ("monitoring",), 0.0)
ADDRESS = "https://elsewhere.invalid/"


def profile_at(sandbox, platform: str = "native", **more) -> Profile:
    return resolve("sandbox", base_url=sandbox.base_url, platform=platform, **more)


def redirect_of(profile: Profile) -> str:
    return NATIVE_REDIRECT if profile.platform == "native" else profile.redirect_uris[0]


def fields_of(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


def code_for(sandbox, profile: Profile) -> tuple[str, str]:
    """A code and its verifier, from a person who allows access."""
    url, state, verifier = grants.authorization_request(profile, redirect_of(profile))
    answer = fields_of(urlsplit(sandbox.browse(url)).query)
    assert answer["state"] == state
    return answer["code"], verifier


def no_secret_in(error: BaseException) -> bool:
    return "canary" not in "".join(traceback.format_exception(error))


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def consented(sandbox, profile: Profile, redirect_uri: str, secret: str | None = None):
    """A token by the whole code flow, and the secrets that passed on the way."""
    url, state, verifier = grants.authorization_request(profile, redirect_uri)
    answer = query(sandbox.browse(url))
    assert answer["state"] == state
    token = grants.exchange_code(profile, answer["code"], verifier, redirect_uri, secret)
    return token, (state, verifier, answer["code"])
