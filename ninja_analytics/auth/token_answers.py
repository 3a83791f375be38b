"""What a server's answer to a request for a token says, however it writes it."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from ninja_analytics.auth import redaction, refusals
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.tokens import Token, is_sendable

_USUAL_LIFE = 3600.0  # NinjaOne's tokens live an hour; used where an answer does not say
_LONGEST_LIFE = 10 * 365 * 86400.0


def json_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in *body*, whatever its content type and with or without a BOM, or None."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def plain_fields(
    profile: Profile, grant: refusals.Grant, status: int, body: bytes
) -> dict[str, Any]:
    """The fields of a token answer in the form that oauthlib reads.

    Raises the error that the answer stands for, if it is a refusal.
    """
    fields = json_object(body)
    if status >= 300 or fields is None or fields.get("error"):
        raise refusals.of_answer(profile, grant, status, fields)
    return checked(profile, fields)


def checked(profile: Profile, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The *fields* of a token without what is empty or unknown; AnswerError if there is no token."""
    access_token, token_type = _text(fields.get("access_token")), fields.get("token_type")
    refresh_token = _text(fields.get("refresh_token"))
    if (
        not access_token
        or str(token_type or "Bearer").lower() != "bearer"
        or not all(map(is_sendable, (access_token, refresh_token or "-")))
    ):
        raise refusals.odd_answer(profile)
    redaction.hide(access_token, refresh_token)
    scope = fields.get("scope") or ""
    plain = {
        "access_token": access_token,
        "refresh_token": refresh_token,
        "scope": " ".join(map(str, scope)) if isinstance(scope, list) else str(scope),
        "token_type": "Bearer",
        "expires_in": _seconds(fields.get("expires_in")),
    }
    return {name: value for name, value in plain.items() if value}


def token_of(
    plain: Mapping[str, Any], sent_at: float, scope: tuple[str, ...], date: str | None = None
) -> Token:
    """The token of *plain* fields that were asked for at *sent_at*; *scope* if they name none.

    Its life is counted from the sending by this machine's clock, so a clock that is wrong does
    not matter. NinjaOne's *date* tells how wrong it is; that is kept to be shown.
    """
    refresh_token = plain.get("refresh_token")
    return Token(
        access_token=plain["access_token"],
        refresh_token=refresh_token,
        expires_at=sent_at + plain.get("expires_in", 0),
        scope=tuple(plain.get("scope", "").replace(",", " ").split()) or scope,
        obtained_at=sent_at,
        clock_skew=_clock_skew(date),
        refresh_token_at=sent_at if refresh_token else None,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> float:
    """A life in seconds, which may come as text; NinjaOne's usual one if it says nothing."""
    try:
        seconds = float(str(value))
    except ValueError:
        return _USUAL_LIFE
    return min(max(seconds, 0.0), _LONGEST_LIFE) if math.isfinite(seconds) else _USUAL_LIFE


def _clock_skew(date: str | None) -> float:
    """How many seconds NinjaOne's clock is ahead of ours; 0 within the two seconds that Date blurs."""
    try:
        ahead = parsedate_to_datetime(date or "").timestamp() - time.time()
    except (ValueError, OverflowError):
        return 0.0
    return round(ahead) if abs(ahead) > 2 else 0.0
