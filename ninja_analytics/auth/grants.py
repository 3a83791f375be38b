"""The OAuth protocol with NinjaOne: one function per grant, over a profile, with nothing kept.

Here, and nowhere else in the client, requests-oauthlib is used: for the authorization URL, PKCE,
the code exchange, the refresh, client credentials and revocation (RFC 6749, 7636, 7009). What it
would do beyond that is left out: it refreshes without a lock, and sends the token to any host.
"""

from __future__ import annotations

import contextlib
import json
import math
import secrets
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error, WebApplicationClient
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session
from urllib3.util import Retry

from ninja_analytics.auth import redaction, refusals
from ninja_analytics.auth.profiles import Profile, is_loopback
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    AuthorizationResponseError,
    NinjaError,
    ScopeError,
    UnreachableError,
)

redaction.install()

_TIMEOUT = (5.0, 30.0)  # seconds to connect, seconds to wait for the answer
_USUAL_LIFE = 3600.0  # NinjaOne's tokens live an hour; used where an answer does not say
# A request is repeated only if it never left: a refresh token that was sent twice may be taken for
# a stolen one, and end the grant.
_RETRY = Retry(total=2, connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.2)


def authorization_request(profile: Profile, redirect_uri: str) -> tuple[str, str, str]:
    """The authorization URL with PKCE (S256), and the state and code verifier that belong to it."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    redaction.hide(state, verifier)
    client = WebApplicationClient(profile.client_id)
    with _session(profile, client) as session:
        session.redirect_uri, session.scope = redirect_uri, list(_asked(profile))
        url, _ = session.authorization_url(
            _as_https(profile.authorize_url),
            state=state,
            code_challenge=client.create_code_challenge(verifier, "S256"),
            code_challenge_method="S256",
        )
    return profile.base_url + url.removeprefix(_as_https(profile.base_url)), state, verifier


def exchange_code(
    profile: Profile,
    code: str,
    code_verifier: str,
    redirect_uri: str,
    client_secret: str | None = None,
) -> Token:
    """The token for an authorization *code* (RFC 6749 section 4.1.3).

    Raises AuthorizationResponseError for a code that was used or is too old, ClientAppError and
    ScopeError for what must be changed in NinjaOne, UnreachableError, ServerError or AnswerError
    for a code that never got a proper answer.
    """
    redaction.hide(code, code_verifier, client_secret)

    def ask(session: OAuth2Session) -> Any:
        session.redirect_uri = redirect_uri
        return session.fetch_token(
            _as_https(profile.token_url),
            code=code,
            code_verifier=code_verifier,
            include_client_id=True,
            client_secret=client_secret,
            timeout=_TIMEOUT,
        )

    token = _token(profile, "authorization_code", WebApplicationClient(profile.client_id), ask)
    return _as_asked(profile, token, client_secret)


def refresh(
    profile: Profile,
    refresh_token: str,
    client_secret: str | None = None,
    scope: tuple[str, ...] = (),
) -> Token:
    """The next token for a *refresh_token*; its own refresh token is None if none was given.

    The scope is not sent again: NinjaOne keeps the one that was granted, here *scope*, for an
    answer that does not repeat it. Raises ConsentRequiredError when the refresh token is dead,
    ScopeError for another scope; every other error leaves the refresh token usable.
    """
    redaction.hide(refresh_token, client_secret)
    secret = {"client_secret": client_secret} if client_secret else {}

    def ask(session: OAuth2Session) -> Any:
        return session.refresh_token(
            _as_https(profile.token_url),
            refresh_token=refresh_token,
            client_id=profile.client_id,
            timeout=_TIMEOUT,
            **secret,
        )

    token = _token(profile, "refresh_token", WebApplicationClient(profile.client_id), ask, scope)
    return _as_asked(profile, token, client_secret)


def client_credentials(profile: Profile, client_secret: str) -> Token:
    """A token for the client app itself, with no person behind it (RFC 6749 section 4.4)."""
    redaction.hide(client_secret)

    def ask(session: OAuth2Session) -> Any:
        return session.fetch_token(
            _as_https(profile.token_url),
            scope=list(_asked(profile)),
            include_client_id=True,
            client_secret=client_secret,
            timeout=_TIMEOUT,
        )

    token = _token(profile, "client_credentials", BackendApplicationClient(profile.client_id), ask)
    return _as_asked(profile, token, client_secret)


def revoke(profile: Profile, token: Token, client_secret: str | None = None) -> None:
    """Take back *token* at NinjaOne, refresh token first (RFC 7009).

    A token that is dead already is no error. Raises UnreachableError, ServerError, AnswerError or
    ClientAppError when NinjaOne could not be told.
    """
    redaction.hide(token.access_token, token.refresh_token, client_secret)
    client = WebApplicationClient(profile.client_id)
    extra = {"client_id": profile.client_id}
    if client_secret:
        extra["client_secret"] = client_secret
    with _session(profile, client) as session:
        for hint in ("refresh_token", "access_token"):
            value = getattr(token, hint)
            if value:
                request = client.prepare_token_revocation_request(
                    _as_https(profile.revoke_url), value, token_type_hint=hint, **extra
                )
                _post_revocation(profile, session, request)


def _post_revocation(
    profile: Profile, session: OAuth2Session, request: tuple[str, Any, str]
) -> None:
    url, headers, body = request
    try:
        answer = session.post(
            url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        raise _unreachable(profile) from _bare(error)
    if not answer.ok:
        problem = refusals.of_answer(profile, "revocation", answer.status_code, _json(answer))
        if not isinstance(problem, AuthorizationResponseError):  # that one: it was dead already
            raise problem


def _token(
    profile: Profile,
    grant: refusals.Grant,
    client: WebApplicationClient | BackendApplicationClient,
    ask: Callable[[OAuth2Session], Any],
    scope: tuple[str, ...] = (),
) -> Token:
    """The token that *ask* gets out of a session; foreign errors become ours here."""
    answers: list[requests.Response] = []

    def examined(answer: requests.Response) -> requests.Response:
        answers.append(answer)
        return _examined(profile, grant, answer)

    sent_at = time.time()
    with _session(profile, client) as session:
        session.register_compliance_hook("access_token_response", examined)
        session.register_compliance_hook("refresh_token_response", examined)
        try:
            ask(session)
        except requests.TooManyRedirects as error:
            raise refusals.no_sign_in(profile) from _bare(error)
        except requests.RequestException as error:
            raise _unreachable(profile) from _bare(error)
        except (OAuth2Error, ValueError) as error:
            raise refusals.odd_answer(profile) from error
    # Not what the session returns: on a refresh it fills the old refresh token in.
    return _read_token(answers[0], sent_at, scope or _asked(profile))


class _PlainLoopback(HTTPAdapter):
    """Sends to a plain-http server on this machine what was addressed to it as https.

    oauthlib refuses every http URL, unless OAUTHLIB_INSECURE_TRANSPORT is set, which would open
    the whole process, API calls of other packages included. So it is shown an https URL, and this
    adapter, mounted for the one loopback address of the profile, takes the encryption away again.
    """

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        request.url = "http" + str(request.url).removeprefix("https")
        return super().send(request, *args, **kwargs)


def _as_https(url: str) -> str:
    return "https" + url.removeprefix("http") if url.startswith("http:") else url


def _session(
    profile: Profile, client: WebApplicationClient | BackendApplicationClient
) -> OAuth2Session:
    redaction.install()
    session = OAuth2Session(client=client)
    session.max_redirects = 0  # a secret is not carried to where an answer points
    session.mount("https://", HTTPAdapter(max_retries=_RETRY))
    if is_loopback(profile.base_url):
        session.trust_env = False  # no proxy is asked for this machine
        if profile.base_url.startswith("http:"):
            session.mount(_as_https(profile.base_url), _PlainLoopback(max_retries=_RETRY))
    return session


def _examined(
    profile: Profile, grant: refusals.Grant, answer: requests.Response
) -> requests.Response:
    """The answer in the form that oauthlib reads, or the error that it stands for."""
    fields = _json(answer)
    if not answer.ok or fields is None or "error" in fields:
        raise refusals.of_answer(profile, grant, answer.status_code, fields)
    token_type = str(fields.get("token_type") or "Bearer")
    if not isinstance(fields.get("access_token"), str) or token_type.lower() != "bearer":
        raise refusals.odd_answer(profile)
    redaction.hide(fields["access_token"], _text(fields.get("refresh_token")))
    scope = fields.get("scope") or ""
    plain = {
        "access_token": fields["access_token"],
        "refresh_token": _text(fields.get("refresh_token")),
        "scope": " ".join(map(str, scope)) if isinstance(scope, list) else str(scope),
        "token_type": "Bearer",
        "expires_in": _seconds(fields.get("expires_in")),
    }
    answer._content = json.dumps({name: value for name, value in plain.items() if value}).encode()
    return answer


def _read_token(answer: requests.Response, sent_at: float, scope: tuple[str, ...]) -> Token:
    """The token in an examined *answer* to a request sent at *sent_at*; *scope* if it names none.

    Its life is counted from the sending by this machine's clock, so a clock that is wrong does
    not matter. NinjaOne's Date tells how wrong it is; that is kept to be shown.
    """
    fields = answer.json()
    granted = tuple(fields.get("scope", "").replace(",", " ").split())
    refresh_token = fields.get("refresh_token")
    return Token(
        access_token=fields["access_token"],
        refresh_token=refresh_token,
        expires_at=sent_at + fields.get("expires_in", 0),
        scope=granted or scope,
        obtained_at=sent_at,
        clock_skew=_clock_skew(answer),
        refresh_token_at=sent_at if refresh_token else None,
    )


def _asked(profile: Profile) -> tuple[str, ...]:
    """The scope to ask for: without offline_access where the platform has no refresh token."""
    if PLATFORMS[profile.platform].refreshes:
        return profile.scope
    return tuple(word for word in profile.scope if word != "offline_access")


def _as_asked(profile: Profile, token: Token, client_secret: str | None) -> Token:
    """*token*, unless it may do more than was asked for, or cannot read; then it is given back.

    Compared here, because requests-oauthlib raises a bare Warning and loses the token.
    """
    more = [word for word in token.scope if word not in (*profile.scope, "offline_access")]
    if not more and ("monitoring" in token.scope or "monitoring" not in profile.scope):
        return token
    with contextlib.suppress(NinjaError):
        revoke(profile, token, client_secret)
    place = "in NinjaOne under Administration > Apps > API"
    if more:
        msg = (
            f"NinjaOne granted more than was asked for ({', '.join(more)}), so the token was given "
            f"back: leave only the scope monitoring ticked {place}, then connect again."
        )
    else:
        msg = (
            "NinjaOne did not grant the scope monitoring, without which nothing can be read: tick "
            f"it {place}, then connect again."
        )
    raise ScopeError(msg)


def _json(answer: requests.Response) -> dict[str, Any] | None:
    """The JSON object in *answer*, whatever its content type says, or None."""
    try:
        fields = answer.json()
    except ValueError:
        return None
    return fields if isinstance(fields, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _seconds(value: object) -> float:
    """A life in seconds, which may come as text; NinjaOne's usual one if it says nothing."""
    try:
        seconds = float(str(value))
    except ValueError:
        return _USUAL_LIFE
    return max(seconds, 0.0) if math.isfinite(seconds) else _USUAL_LIFE


def _clock_skew(answer: requests.Response) -> float:
    """How many seconds NinjaOne's clock is ahead of ours; 0 within the two seconds that Date blurs."""
    try:
        date = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return 0.0
    skew = date.timestamp() - time.time()
    return round(skew) if abs(skew) > 2 else 0.0


def _bare(error: requests.RequestException) -> requests.RequestException:
    """*error* without its request, whose body holds a code, a token or the client secret."""
    error.request = error.response = None
    return error


def _unreachable(profile: Profile) -> UnreachableError:
    return UnreachableError(
        f"{profile.base_url} does not answer: check the network, and the instance of profile "
        f"{profile.name!r}. Nothing is lost; try again."
    )
