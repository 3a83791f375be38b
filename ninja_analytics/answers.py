"""What an answer of NinjaOne's API means when it is not the data asked for.

Error bodies come in several forms, JSON comes under any content type, and a web page may come
where data should: all of that is put into one error with the next step.
"""

from __future__ import annotations

import email.utils
import json
import time
from collections.abc import Mapping
from typing import Any

from ninja_analytics.errors import (
    AnswerError,
    ApiError,
    NinjaError,
    NotAvailableError,
    RateLimitError,
    RefusedError,
    ServerError,
    UnauthorizedError,
)

_SAID_UNDER = ("errorMessage", "error_description", "resultMessage", "message", "errorDetails")


class RepeatedBody(bytes):
    """An answer for which was asked again because the first one was lost on its way.

    A cursor keeps its place on the server, so this may be the page after the lost one.
    """


def is_json(body: bytes) -> bool:
    """Whether *body* looks like whole JSON, by its ends; parsing it is left to others."""
    body = body.strip()
    ends = {b"{": b"}", b"[": b"]", b'"': b'"'}
    first, last = body[:1], body[-1:]
    return ends[first] == last if first in ends else _is_scalar(body)


def _is_scalar(body: bytes) -> bool:
    return body in (b"null", b"true", b"false") or body.removeprefix(b"-").isdigit()


def is_page(body: bytes) -> bool:
    """Whether *body* looks like a page for people, which also comes where too many ask."""
    return b"<" in body[:100]


def not_json(body: bytes, path: str) -> AnswerError:
    """The error for a *body* that is no JSON."""
    what = "a web page" if is_page(body) else f"{len(body)} bytes that are not JSON"
    return AnswerError(f"NinjaOne answered {path} with {what} instead of data. Try again later.")


def refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    path: str,
    df: str = "",
    secret: str = "",
) -> NinjaError:
    """The error for an answer whose *status* is not one of success.

    *df* is the device filter that was sent along; *secret* is kept out of the message, should the
    answer repeat it.
    """
    if 300 <= status < 400:
        return AnswerError(
            f"NinjaOne redirects {path} elsewhere. Check that the base URL of the profile is the "
            "address of the instance."
        )
    if secret:
        body = body.replace(secret.encode(), b"...")
    code, said, incident = _words(body)
    kind, what = _meaning(status, path, df)
    wait = _retry_after(headers.get("Retry-After", ""))
    if status == 429 and wait:
        what = f"{what} It asks to wait {wait:.0f} s."
    return kind(
        f"{what} NinjaOne says: {said} ({status})." if said else f"{what} (status {status})",
        status=status,
        path=path,
        code=code or None,
        incident_id=incident or headers.get("x-nj-request-id"),
        retry_after=wait,
    )


def blame_the_filter(error: ApiError, df: str) -> RefusedError:
    """The error for a 500 that stays, when the device filter *df* was sent along."""
    return RefusedError(
        f"NinjaOne keeps failing on {error.path} with the device filter df={df!r} (status 500). "
        "It does so for names that a filter does not know: check the filter, or pull without it.",
        status=error.status,
        path=error.path,
        code=error.code,
        incident_id=error.incident_id,
    )


def _meaning(status: int, path: str, df: str) -> tuple[type[ApiError], str]:
    """The class of error for a *status*, and what happened with the next step."""
    asked = f"{path} with df={df!r}" if df else path
    match status:
        case 401:
            return UnauthorizedError, (
                f"NinjaOne refuses the access token for {path}, also after renewing it. "
                "Disconnect and connect again."
            )
        case 403 | 404:
            return NotAvailableError, (
                f"{path} is not on this instance, or not in the rights of this user or client "
                "app. Ask for the right, or do without it."
            )
        case 429:
            return RateLimitError, (
                f"NinjaOne asks to slow down ({path}). Try again later, with fewer requests."
            )
        case _ if status >= 500:
            return ServerError, f"NinjaOne fails on {asked}. Try again later."
    return RefusedError, f"NinjaOne does not accept the request {asked}. Check its parameters."


def _words(body: bytes) -> tuple[str, str, str]:
    """The error word, what is said in prose, and the incident id of an error answer."""
    text = body[:100_000].decode(errors="replace").strip()
    try:
        answer: Any = json.loads(text)
    except ValueError:
        return "", "" if text.startswith("<") else text[:200], ""
    if not isinstance(answer, dict):
        return "", str(answer or "")[:200], ""
    code = str(answer.get("error") or answer.get("resultCode") or answer.get("errorCode") or "")
    prose = [_plain(answer.get(key)) for key in _SAID_UNDER]
    said = ", ".join(dict.fromkeys(filter(None, [code, *prose])))
    return code, said[:200], str(answer.get("incidentId") or "")


def _plain(value: Any) -> str:
    return str((value.get("code") if isinstance(value, dict) else value) or "")


def _retry_after(header: str) -> float | None:
    """The seconds that a Retry-After header asks to wait: a number, or the time until a date."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, TypeError):
        return None
