"""What the sandbox's OAuth rules see of a request: the parameters that they name, and who asks.

oauthlib shows every parameter as an attribute of its Request, beside its own attributes and those
that the rules set. So what the protocol does not name is left out before, and so is what has no
value (RFC 6749 sections 3.1 and 3.2).
"""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus, urlencode

from oauthlib.common import Request as OAuthRequest
from starlette.requests import Request

_FORM = "application/x-www-form-urlencoded"
_FROM_A_BROWSER = frozenset(
    {
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    }
)
_FROM_A_CLIENT = frozenset(
    {
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "grant_type",
        "redirect_uri",
        "refresh_token",
        "scope",
        "token",
        "token_type_hint",
    }
)


def authorization_uri(query: str) -> str:
    """The authorization request as oauthlib takes it; ValueError if it is not properly encoded."""
    uri = "https://sandbox.invalid/ws/oauth/authorize?"
    return uri + _named(OAuthRequest(uri + query).uri_query_params, _FROM_A_BROWSER)


async def client_request(request: Request) -> OAuthRequest:
    """What is posted to the token or the revoke endpoint; what is no form is as good as nothing.

    It keeps the query of its address, because oauthlib refuses one.
    """
    is_form = request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == _FORM
    body = (await request.body()).decode("utf-8", "replace") if is_form else ""
    authorization = request.headers.get("Authorization")
    headers = {"Authorization": authorization} if authorization else {}
    uri = f"https://sandbox.invalid{request.url.path}?{request.url.query}".rstrip("?")
    sent = OAuthRequest(uri, "POST", body, headers)
    return OAuthRequest(uri, "POST", _named(sent.decoded_body or [], _FROM_A_CLIENT), headers)


def credentials(request: OAuthRequest) -> tuple[str | None, str | None]:
    """The client id and secret of a request: its Basic header if it has one, else its form."""
    encoded = basic(request)
    if encoded is None:
        return request.client_id, request.client_secret
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None, None
    client_id, _, secret = pair.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)


def basic(request: OAuthRequest) -> str | None:
    """What a Basic header holds, if there is one."""
    scheme, _, encoded = (request.headers.get("Authorization") or "").partition(" ")
    return encoded if scheme.lower() == "basic" else None


def _named(pairs: list[tuple[str, str]], names: frozenset[str]) -> str:
    return urlencode([(name, value) for name, value in pairs if name in names and value])
