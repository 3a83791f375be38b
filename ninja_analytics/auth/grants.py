"""The OAuth protocol with NinjaOne: one function per grant, over a profile, with nothing kept.

Here, and nowhere else in the client, requests-oauthlib is used: for the authorization URL, PKCE,
the code exchange, the refresh, client credentials and revocation (RFC 6749, 7636, 7009). What it
would do beyond that is left out: it refreshes without a lock, and sends the token to any host.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import requests
from oauthlib.oauth2 import (
    BackendApplicationClient,
    Client,
    MobileApplicationClient,
    OAuth2Error,
    WebApplicationClient,
)
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session
from urllib3.util import Retry

from ninja_analytics.auth import redaction, refusals, token_answers
from ninja_analytics.auth.profiles import Profile, is_loopback
from ninja_analytics.auth.tokens import Token
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ClientAppError,
    NinjaError,
    ScopeError,
    UnreachableError,
)

redaction.install()

_TIMEOUT = (5.0, 30.0)  # seconds to connect, seconds to wait for the answer
_PROBE_TIMEOUT = (5.0, 10.0)
# Of an answer, which is short; the rest of a longer or slower one is not waited for.
_ANSWER_BYTES = 65536
_ANSWER_SECONDS = 10.0
# A request is repeated only if it never left: a refresh token that was sent twice may be taken for
# a stolen one, and end the grant.
_RETRY = Retry(total=2, connect=2, read=0, redirect=0, status=0, other=0, backoff_factor=0.2)


def authorization_request(profile: Profile, redirect_uri: str) -> tuple[str, str, str]:
    """The authorization URL with PKCE (S256), and the state and code verifier that belong to it.

    The implicit grant has no code, so it has no verifier either: "".
    """
    state, verifier = secrets.token_urlsafe(32), ""
    client: Client = MobileApplicationClient(profile.client_id)
    pkce = {}
    if profile.flow != "implicit":
        verifier, client = secrets.token_urlsafe(48), WebApplicationClient(profile.client_id)
        challenge = client.create_code_challenge(verifier, "S256")
        pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
    redaction.hide(state, verifier)
    with _session(profile, client) as session:
        session.redirect_uri, session.scope = redirect_uri, list(_asked(profile))
        url, _ = session.authorization_url(_as_https(profile.authorize_url), state=state, **pkce)
    return profile.base_url + url.removeprefix(_as_https(profile.base_url)), state, verifier


def probe(profile: Profile, redirect_uri: str) -> None:
    """Nothing, if NinjaOne shows the consent page for *profile*; asked with a state thrown away.

    Raises ClientAppError or ScopeError for what NinjaOne refuses before anybody has signed in, and
    UnreachableError if nobody answers. What is slow, busy or odd is left for the browser to see.
    """
    url, *_ = authorization_request(profile, redirect_uri)
    with requests.Session() as session:
        session.trust_env = not is_loopback(profile.base_url)  # no proxy is asked for this machine
        session.auth = lambda request: request  # nor a .netrc file for a password
        try:
            answer = session.get(url, timeout=_PROBE_TIMEOUT, allow_redirects=False, stream=True)
        except requests.ReadTimeout:
            return
        except requests.RequestException as error:
            here = is_loopback(profile.base_url)
            problem = refusals.no_sandbox(profile) if here else _not_asked(profile, error)
            raise problem from _bare(error)
        with answer:
            refusal = _refusal_to_show(profile, answer, redirect_uri)
    if isinstance(refusal, (ClientAppError, ScopeError)):
        raise refusal


def _refusal_to_show(
    profile: Profile, answer: requests.Response, redirect_uri: str
) -> NinjaError | None:
    """What the *answer* to a request for the consent page refuses, if it says so."""
    if answer.is_redirect:
        address, query, fragment = _divided(answer.headers["Location"])
        if address != _divided(redirect_uri)[0]:
            return None  # to the sign-in, as it should be
        return refusals.of_word(profile, dict(parse_qsl(f"{query}&{fragment}")).get("error", ""))
    if 400 <= answer.status_code < 500:
        with contextlib.suppress(requests.RequestException):
            page = _beginning(answer).decode("utf-8", "replace")
            return refusals.of_page(profile, answer.status_code, page)
    return None


def _divided(url: str) -> tuple[str, str, str]:
    """The address itself, its query and its fragment."""
    address, _, fragment = url.partition("#")
    address, _, query = address.partition("?")
    return address.rstrip("/"), query, fragment


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
    header = _header(profile, client_secret)

    def ask(session: OAuth2Session) -> Any:
        session.redirect_uri = redirect_uri
        return session.fetch_token(
            _as_https(profile.token_url),
            code=code,
            code_verifier=code_verifier,
            auth=header,
            include_client_id=header is None,
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
    header, form = _header(profile, client_secret), _form(profile, client_secret)

    def ask(session: OAuth2Session) -> Any:
        return session.refresh_token(
            _as_https(profile.token_url),
            refresh_token=refresh_token,
            auth=header,
            timeout=_TIMEOUT,
            **form,
        )

    token = _token(profile, "refresh_token", WebApplicationClient(profile.client_id), ask, scope)
    return _as_asked(profile, token, client_secret)


def client_credentials(profile: Profile, client_secret: str) -> Token:
    """A token for the client app itself, with no person behind it (RFC 6749 section 4.4)."""
    redaction.hide(client_secret)
    header = _header(profile, client_secret)

    def ask(session: OAuth2Session) -> Any:
        return session.fetch_token(
            _as_https(profile.token_url),
            scope=list(_asked(profile)),
            auth=header,
            include_client_id=header is None,
            client_secret=client_secret,
            timeout=_TIMEOUT,
        )

    token = _token(profile, "client_credentials", BackendApplicationClient(profile.client_id), ask)
    return _as_asked(profile, token, client_secret)


def token_of_fragment(profile: Profile, fields: Mapping[str, str]) -> Token:
    """The token that the *fields* of an implicit answer carry (RFC 6749 section 4.2.2).

    Raises AnswerError where they hold none, and ScopeError for another scope.
    """
    plain = token_answers.checked(profile, {**fields, "refresh_token": None})
    return _as_asked(profile, token_answers.token_of(plain, time.time(), _asked(profile)), None)


def revoke(profile: Profile, token: Token, client_secret: str | None = None) -> None:
    """Take back *token* at NinjaOne, refresh token first (RFC 7009).

    A token that is dead already is no error, nor is it an access token that the server would
    rather let expire, once the refresh token is gone (RFC 7009 section 2.2.1). Raises
    UnreachableError, ServerError, AnswerError or ClientAppError when NinjaOne could not be told.
    """
    redaction.hide(token.access_token, token.refresh_token, client_secret)
    client = WebApplicationClient(profile.client_id)
    header, form = _header(profile, client_secret), _form(profile, client_secret)
    with _session(profile, client) as session:
        for hint in ("refresh_token", "access_token"):
            value = getattr(token, hint)
            if value:
                request = client.prepare_token_revocation_request(
                    _as_https(profile.revoke_url), value, token_type_hint=hint, **form
                )
                problem = _post_revocation(profile, session, request, header)
                if problem and not (
                    getattr(problem, "code", None) == "unsupported_token_type"
                    and hint == "access_token"
                    and token.refresh_token
                ):
                    raise problem


def _post_revocation(
    profile: Profile,
    session: OAuth2Session,
    request: tuple[str, Any, str],
    header: HTTPBasicAuth | None,
) -> NinjaError | None:
    """Why NinjaOne did not take the token back, or None."""
    url, headers, body = request
    try:
        answer = session.post(
            url, data=body, headers=headers, auth=header, timeout=_TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        raise _not_asked(profile, error) from _bare(error)
    if answer.status_code < 300:
        return None
    fields = token_answers.json_object(answer.content)
    problem = refusals.of_answer(profile, "revocation", answer.status_code, fields)
    dead_already = isinstance(problem, AuthorizationResponseError)
    return None if dead_already else problem


def _token(
    profile: Profile,
    grant: refusals.Grant,
    client: Client,
    ask: Callable[[OAuth2Session], Any],
    scope: tuple[str, ...] = (),
) -> Token:
    """The token that *ask* gets out of a session; foreign errors become ours here."""
    answers: list[tuple[dict[str, Any], str | None]] = []

    def examined(answer: requests.Response) -> requests.Response:
        fields = token_answers.plain_fields(profile, grant, answer.status_code, answer.content)
        answers.append((fields, answer.headers.get("Date")))
        answer._content, answer.encoding = json.dumps(fields).encode(), "utf-8"
        return answer

    sent_at = time.time()
    with _session(profile, client) as session:
        session.register_compliance_hook("access_token_response", examined)
        session.register_compliance_hook("refresh_token_response", examined)
        try:
            ask(session)
        except requests.RequestException as error:
            raise _not_asked(profile, error) from _bare(error)
        except (OAuth2Error, ValueError) as error:
            raise refusals.odd_answer(profile) from error
    # Not what the session returns: on a refresh it fills the old refresh token in.
    fields, date = answers[0]
    return token_answers.token_of(fields, sent_at, scope or _asked(profile), date)


def _beginning(answer: requests.Response) -> bytes:
    """The body of *answer*, as far as it is neither too long nor dripping in."""
    until, body = time.monotonic() + _ANSWER_SECONDS, bytearray()
    for byte in answer.iter_content(1):  # more at once would wait until there is as much
        body += byte
        if len(body) >= _ANSWER_BYTES or time.monotonic() > until:
            break
    return bytes(body)


class _Bounded(HTTPAdapter):
    """Takes only so many bytes of an answer, and for only so many seconds."""

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        answer = super().send(*args, **{**kwargs, "stream": True})
        answer._content = _beginning(answer)
        answer.close()
        return answer


class _PlainLoopback(_Bounded):
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


def _session(profile: Profile, client: Client) -> OAuth2Session:
    redaction.install()
    session = OAuth2Session(client=client)
    session.max_redirects = 0  # a secret is not carried to where an answer points
    session.mount("https://", _Bounded(max_retries=_RETRY))
    if is_loopback(profile.base_url):
        session.trust_env = False  # no proxy is asked for this machine
        if profile.base_url.startswith("http:"):
            session.mount(_as_https(profile.base_url), _PlainLoopback(max_retries=_RETRY))
    return session


def _header(profile: Profile, client_secret: str | None) -> HTTPBasicAuth | None:
    """Client ID and secret for the header, form-encoded first (RFC 6749 section 2.3.1), or None."""
    if not client_secret or profile.auth_method != "basic":
        return None
    return HTTPBasicAuth(quote_plus(profile.client_id), quote_plus(client_secret))


def _form(profile: Profile, client_secret: str | None) -> dict[str, str]:
    """Client ID and secret for the form, as far as they are not in the header."""
    if _header(profile, client_secret):
        return {}
    secret = {"client_secret": client_secret} if client_secret else {}
    return {"client_id": profile.client_id, **secret}


def _asked(profile: Profile) -> tuple[str, ...]:
    """The scope to ask for: without offline_access where no refresh token can come."""
    if profile.refreshes:
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
        named = ", ".join(filter(refusals.is_word, more)) or "unknown words"
        msg = (
            f"NinjaOne granted more than was asked for ({named}), so the token was given "
            f"back: leave only the scope monitoring ticked {place}, then connect again."
        )
    else:
        msg = (
            "NinjaOne did not grant the scope monitoring, without which nothing can be read: tick "
            f"it {place}, then connect again."
        )
    raise ScopeError(msg)


def _bare(error: requests.RequestException) -> requests.RequestException:
    """*error* without its request, whose body holds a code, a token or the client secret."""
    error.request = error.response = None
    return error


def _not_asked(profile: Profile, error: requests.RequestException) -> NinjaError:
    """What it means that a request had no answer, or one that points elsewhere."""
    if isinstance(error, requests.TooManyRedirects):
        return refusals.no_sign_in(profile)
    return UnreachableError(
        f"{profile.base_url} does not answer: check the network, and the instance of profile "
        f"{profile.name!r}. Nothing is lost; try again."
    )
