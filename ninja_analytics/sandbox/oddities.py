"""The sandbox's answers as other authorization servers give them: each oddity has its switch."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.responses import HTMLResponse, Response

from ninja_analytics.sandbox.switches import Switches

Fields = dict[str, Any]


def _without(name: str) -> Callable[[Fields], Fields]:
    return lambda fields: {key: value for key, value in fields.items() if key != name}


def _scope(words: Callable[[list[str]], list[str]]) -> Callable[[Fields], Fields]:
    return lambda fields: fields | {"scope": " ".join(words(fields["scope"].split()))}


_TOKEN_ANSWERS: dict[tuple[str, str], Callable[[Fields], Fields]] = {
    ("token_type", "bearer"): lambda fields: fields | {"token_type": "bearer"},
    ("token_type", "missing"): _without("token_type"),
    ("expires_in", "text"): lambda fields: fields | {"expires_in": str(fields["expires_in"])},
    ("expires_in", "missing"): _without("expires_in"),
    ("scope_answer", "reordered"): _scope(lambda words: words[::-1]),
    ("scope_answer", "without-offline"): _scope(
        lambda words: [word for word in words if word != "offline_access"]
    ),
    ("scope_answer", "missing"): _without("scope"),
}


def token_answer(fields: Fields, switches: Switches) -> Fields:
    """A token answer, from the token endpoint or for a fragment, as the switches want it."""
    for (switch, value), change in _TOKEN_ANSWERS.items():
        if getattr(switches, switch) == value:
            fields = change(fields)
    return fields


def way_back(location: str, switches: Switches, issuer: str) -> str:
    """The address that the browser is sent to with the answer, as the switches want it.

    What is changed is the part that carries the answer: the fragment if there is one (RFC 6749
    section 4.2.2), else the query. `iss` is the one of RFC 9207.
    """
    mark = "#" if urlsplit(location).fragment else "?"
    address, _, answer = location.partition(mark)
    fields: Fields = dict(parse_qsl(answer, keep_blank_values=True))
    if "access_token" in fields:
        fields = token_answer(fields, switches)
    if "error" in fields and not switches.state_in_errors:
        fields.pop("state", None)
    if switches.issuer:
        fields["iss"] = issuer
    return f"{address}{mark}{urlencode(fields)}"


def refusal_page(answer: Response) -> Response:
    """The same refusal as a page for people, which does not say the error's word."""
    status = HTTPStatus(answer.status_code)
    title = f"HTTP Status {status.value} – {status.phrase}"
    page = f"<!doctype html><html><head><title>{title}</title></head><body>{title}</body></html>"
    kept = ("cache-control", "pragma", "www-authenticate")
    headers = {name: answer.headers[name] for name in kept if name in answer.headers}
    return HTMLResponse(page, status.value, headers)


def date_header(switches: Switches) -> tuple[bytes, bytes]:
    """The Date of an answer given now, by a clock that may be wrong."""
    return b"date", formatdate(time.time() + switches.clock_ahead, usegmt=True).encode()
