"""What NinjaOne means when it refuses consent or a token, as an error with the next step.

The words are those of RFC 6749, and those that NinjaOne has been seen to use instead. What a
server says in prose is never repeated: it may hold what was sent.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from ninja_analytics.auth.profiles import Profile, load_all, resolve
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import DEFAULT_SCOPE, PLATFORMS, SANDBOX_URL
from ninja_analytics.errors import (
    AnswerError,
    AuthorizationResponseError,
    ClientAppError,
    ConsentDeniedError,
    ConsentRequiredError,
    NinjaError,
    RateLimitError,
    RefusedError,
    ScopeError,
    ServerError,
    UnreachableError,
    UsageError,
)

Grant = Literal["authorization_code", "refresh_token", "client_credentials", "revocation"]

_DEAD = {"invalid_grant", "invalid_token", "expired_token"}
_BAD_CLIENT = {"invalid_client"}
_BAD_GRANT_TYPE = {"unauthorized_client", "unsupported_grant_type", "unsupported_response_type"}
_BAD_REDIRECT = {"redirect_uri_mismatch", "invalid_redirect_uri"}
_PASSING = {"server_error", "temporarily_unavailable"}
# Said by a page instead of a redirect, in any case of letters.
_ON_A_PAGE = (*sorted(_BAD_REDIRECT | _BAD_GRANT_TYPE), "invalid grant type", "invalid_scope")
_OPTIONS: dict[str, object] = {
    "base_url": "",
    "client_id": "",
    "platform": "native",
    "redirect_uri": "",
    "scope": DEFAULT_SCOPE,
    "grant": "",
    "auth_method": "post",
}
_PLACE = "in NinjaOne under Administration > Apps > API"


def of_answer(
    profile: Profile, grant: Grant, status: int, fields: Mapping[str, Any] | None
) -> NinjaError:
    """The error for a refusing answer with this HTTP *status* and these JSON *fields*, if any."""
    where = f"{profile.base_url} (status {status})"
    if status == 429:
        msg = f"{where} asks to slow down: nothing is lost, try again in a few minutes."
        return RateLimitError(msg, status=status)
    if status >= 500:
        msg = f"{where} cannot answer just now: nothing is lost, try again in a few minutes."
        return ServerError(msg, status=status, incident_id=_incident(fields))
    if fields is None:
        return no_sign_in(profile) if status in (404, 405) else odd_answer(profile)
    word = str(fields.get("error") or fields.get("resultCode") or "")
    if status == 404:
        return _unknown_client(profile)
    error = of_word(profile, word, grant)
    if isinstance(error, RefusedError) and status == 401:
        error = of_word(profile, "invalid_client", grant)
    if isinstance(error, RefusedError):
        error.status, error.incident_id = status, _incident(fields)
    return error


def of_word(profile: Profile, word: str, grant: Grant = "authorization_code") -> NinjaError:
    """The error for the *word* with which NinjaOne refuses, at the consent page or for a token."""
    if word == "access_denied":
        return ConsentDeniedError(
            f"Access was not allowed at the consent page of {profile.base_url}. "
            "Connect again and choose to allow it."
        )
    if word in _DEAD:
        return _dead(profile, grant)
    if word in _BAD_CLIENT:
        return _bad_client(profile)
    if word in _BAD_GRANT_TYPE or word.lower() == "invalid grant type":
        if profile.flow == "implicit":
            return ClientAppError(
                f"{profile.base_url} does not offer the implicit grant, which is deprecated: "
                "connect without grant implicit."
            )
        advice = PLATFORMS[profile.platform].advice
        return ClientAppError(
            f"The client app of profile {profile.name!r} may not connect this way: {_PLACE}, {advice}."
        )
    if word in _BAD_REDIRECT:
        return ClientAppError(
            f"The redirect URI of profile {profile.name!r} is not the registered one: {_PLACE}, "
            "make it the same to the letter, or set NINJA_REDIRECT_URI to the registered one."
        )
    if word == "invalid_scope":
        asked = [word for word in profile.scope if profile.refreshes or word != "offline_access"]
        too = ", and tick the grant type Refresh Token" if profile.refreshes else ""
        return ScopeError(
            f"The client app of profile {profile.name!r} does not have the scope "
            f"{' and '.join(asked)}: tick it {_PLACE}{too}."
        )
    if word in _PASSING:
        return ServerError(
            f"{profile.base_url} cannot answer just now: connect again in a few minutes."
        )
    named = f" ({word})" if is_word(word) else ""
    msg = f"{profile.base_url} refuses the request{named}: check the client app {_PLACE}."
    return RefusedError(msg, code=named.strip(" ()") or None)


def is_word(text: str) -> bool:
    """Whether *text* of a server may be repeated: it is a plain word, and no secret sent back."""
    return bool(re.fullmatch(r"[a-z_]{1,40}", text))


def of_page(profile: Profile, status: int, page: str) -> NinjaError | None:
    """The error for a consent *page* with a refusing *status*; None if it does not say why."""
    if status == 404:
        return _unknown_client(profile)
    text = page.lower()
    return next((of_word(profile, word) for word in _ON_A_PAGE if word in text), None)


def no_sandbox(profile: Profile) -> UnreachableError:
    """The error for an instance on this machine that does not run, and how it is started."""
    usual = profile.base_url == SANDBOX_URL
    port = "" if usual else f" --port {urlsplit(profile.base_url).port or 80}"
    return UnreachableError(
        f"Nothing answers at {profile.base_url}. Start it: ninja-analytics sandbox{port}"
    )


def no_sign_in(profile: Profile) -> AnswerError:
    """The error for a host that has no OAuth where NinjaOne has it."""
    return AnswerError(
        f"There is no NinjaOne sign-in at {profile.base_url}: check the instance of profile "
        f"{profile.name!r}; it is the host in your browser when you use NinjaOne."
    )


def odd_answer(profile: Profile) -> AnswerError:
    """The error for an answer that is not what OAuth promises, such as a web page."""
    return AnswerError(
        f"{profile.base_url} did not answer as NinjaOne does: a proxy or a sign-in page of the "
        "network may be in between. Nothing is lost; check the network and try again, and if it "
        "stays so, connect again."
    )


def sign_in_again(
    profile: Profile, reason: str, *, in_memory: bool = False
) -> ConsentRequiredError:
    """The error for a profile without a usable token, and the command that gets one.

    *in_memory* says that tokens are kept there, where that command refuses to begin.
    """
    options = "".join(f" {option} {shlex.quote(value)}" for option, value in _not_known(profile))
    keeping = "export NINJA_TOKEN_STORE=file && " if in_memory else ""
    command = f"{keeping}ninja-analytics connect --profile {profile.name}{options}"
    return ConsentRequiredError(f"{reason} Run: {command}")


def dead_consent(profile: Profile) -> ConsentRequiredError:
    """The error for a refresh token that NinjaOne no longer takes."""
    return sign_in_again(profile, f"The consent for profile {profile.name!r} has ended.")


def no_refresh(profile: Profile, token: Token) -> str | None:
    """Why *token* does not renew itself and what to do; None if it does or never was asked to."""
    platform = PLATFORMS[profile.platform]
    if token.refresh_token or profile.flow == "client_credentials":
        return None
    ends = _ends(token)
    if profile.flow == "implicit":
        return (
            "The implicit grant gives no refresh token, is deprecated and no longer listed by "
            f"NinjaOne: {ends}. Connect without grant implicit to stay connected."
        )
    if not platform.refreshes:
        return (
            f"Platform {platform.title} has no refresh token: {ends}, then connect again. A Native "
            "client app stays connected."
        )
    if "offline_access" not in profile.scope:
        return None
    if "offline_access" in token.scope:
        return (
            f"NinjaOne gave no refresh token, so {ends}: tick the grant type Refresh Token "
            f"{_PLACE}, then connect again."
        )
    return (
        f"NinjaOne did not grant offline_access, so {ends}: tick that scope and the grant type "
        f"Refresh Token {_PLACE}, then connect again."
    )


def _ends(token: Token) -> str:
    at = datetime.fromtimestamp(token.expires_at, UTC)
    verb = "ends" if token.expires_at > time.time() else "ended"
    return f"this session {verb} at {at:%H:%M} UTC"


def _not_known(profile: Profile) -> Iterator[tuple[str, str]]:
    """The options that say what the name of *profile* alone does not.

    What the environment says of it is given too: the command may be typed in another one.
    """
    try:
        known = load_all().get(profile.name)
        if known is None and profile.name == "sandbox":
            known = resolve(profile.name)
    except UsageError:
        known = None
    for field, usual in _OPTIONS.items():
        value = getattr(profile, field)
        if value != (getattr(known, field) if known else usual):
            text = value if isinstance(value, str) else " ".join(value)
            yield f"--{field.replace('_', '-')}", text


def _dead(profile: Profile, grant: Grant) -> NinjaError:
    if grant == "refresh_token":
        return dead_consent(profile)
    if grant == "client_credentials":
        return _bad_client(profile)
    return AuthorizationResponseError(
        "The code in that address was used already or is too old: begin again, and finish within "
        "a minute of allowing access."
    )


def _bad_client(profile: Profile) -> ClientAppError:
    other = " If it is right, connect with auth method post." * (profile.auth_method == "basic")
    return ClientAppError(
        f"{profile.base_url} does not accept the client secret of profile {profile.name!r}: check "
        f"NINJA_CLIENT_SECRET or what was typed, or make a new secret {_PLACE} and connect again.{other}"
        if PLATFORMS[profile.platform].has_secret
        else f"{profile.base_url} wants a client secret for profile {profile.name!r}, but platform "
        f"{profile.platform!r} has none: check which platform the client app has {_PLACE}."
    )


def _unknown_client(profile: Profile) -> ClientAppError:
    return ClientAppError(
        f"There is no client app {profile.client_id!r} at {profile.base_url}: check the client ID "
        "and the instance of profile "
        f"{profile.name!r}; a client app exists in one region only."
    )


def _incident(fields: Mapping[str, Any] | None) -> str | None:
    """The number that NinjaOne's support asks for, if the answer has a plausible one."""
    found = str((fields or {}).get("incidentId", ""))
    return found if re.fullmatch(r"[\w:.-]{1,80}", found) else None
