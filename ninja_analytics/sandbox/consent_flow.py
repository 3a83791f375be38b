"""The way of a person through the sandbox: authorize, login, consent, and back to the client."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2 import WebApplicationServer
from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ninja_analytics.sandbox import consent_pages, oddities
from ninja_analytics.sandbox.oauth_requests import authorization_uri
from ninja_analytics.sandbox.switches import Switches
from ninja_analytics.sandbox.validator import Validator

_VISITS, _REQUESTS = 1000, 20  # at most so many browsers, and open requests of each

_REDIRECT_ERRORS = {
    errors.MismatchingRedirectURIError: "redirect_uri_mismatch",
    errors.InvalidRedirectURIError: "invalid_redirect_uri",
}


@dataclass(slots=True)
class _Visit:
    """One browser: who is signed in, its CSRF token and the authorization requests it has open."""

    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    user: str | None = None
    requests: dict[str, str] = field(default_factory=dict)


class ConsentFlow:
    """Serves the authorize endpoint and the two forms that follow it.

    A request is validated by oauthlib when it arrives and once more when it is allowed; between
    the two it waits here, known to the browser by a number and never posted back by it.
    """

    def __init__(
        self,
        *,
        provider: WebApplicationServer,
        validator: Validator,
        switches: Switches,
        base_url: str,
        username: str,
        password: str,
    ) -> None:
        self._provider = provider
        self._validator = validator
        self._switches = switches
        self._instance = base_url
        self._username, self._password = username, password
        self._visits: dict[str, _Visit] = {}
        # browsers share cookies among the ports of a host, so the name tells sandboxes apart
        self._cookie = f"ninja_sandbox_{urlsplit(base_url).port or 80}"

    def routes(self) -> list[Route]:
        """The routes of authorize, login and consent."""
        return [
            Route("/ws/oauth/authorize", self._guarded(self.authorize), methods=["GET"]),
            Route("/ws/oauth/login", self._guarded(self.login), methods=["POST"]),
            Route("/ws/oauth/consent", self._guarded(self.consent), methods=["GET"]),
            Route("/ws/oauth/consent", self._guarded(self.decide), methods=["POST"]),
        ]

    async def authorize(self, request: Request) -> Response:
        """Check the authorization request, then show the login or, once signed in, the consent."""
        uri = _oauth_uri(request.scope["query_string"].decode("latin-1"))
        self._check_client(uri)
        self._provider.validate_authorization_request(uri)
        key, visit = self._visit(request)
        number = uuid.uuid4().hex
        visit.requests[number] = uri
        _keep_newest(visit.requests, _REQUESTS)
        page = self._consent_page if visit.user else self._login_page
        return self._remembering(page(visit, number), key)

    async def login(self, request: Request) -> Response:
        """Check username and password, then go on to the consent page."""
        form = await _form(request)
        key, visit = self._visit(request)
        number = self._checked(form, visit)
        if not self._is_technician(form):
            problem = "That is not the invented technician's username and password."
            return self._login_page(visit, number, problem=problem)
        visit.user = self._username
        self._visits.pop(key, None)  # a new cookie after login, so a planted one is worth nothing
        key = self._settle(visit)
        response = RedirectResponse(f"/ws/oauth/consent?request={number}", 303)
        return self._remembering(response, key)

    async def consent(self, request: Request) -> Response:
        """Show what is asked for, to the person who is signed in."""
        _, visit = self._visit(request)
        number = request.query_params.get("request", "")
        if number not in visit.requests:
            raise _PageError("invalid_request", _NOT_WAITING)
        page = self._consent_page if visit.user else self._login_page
        return page(visit, number)

    async def decide(self, request: Request) -> Response:
        """Take the person's answer and send the browser back to the client with it."""
        form = await _form(request)
        _, visit = self._visit(request)
        number = self._checked(form, visit)
        if visit.user is None or form.get("decision") not in ("allow", "deny"):
            raise _PageError("invalid_request", "Sign in first, then press Allow or Deny.")
        uri = visit.requests.pop(number)
        scopes, details = self._provider.validate_authorization_request(uri)
        if form["decision"] == "deny" or self._switches.consent == "deny":
            raise errors.AccessDeniedError(
                "The technician did not allow access.", request=details["request"]
            )
        headers, _, _ = self._provider.create_authorization_response(
            uri, scopes=scopes, credentials={"user": visit.user}
        )
        return self._back(headers["Location"])

    def _guarded(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Any:
        """The endpoint with its refusals answered: by a page, or by the way back to the client."""

        async def answer(request: Request) -> Response:
            try:
                return await endpoint(request)
            except _PageError as refusal:
                return refusal.page()
            except errors.FatalClientError as refusal:
                # the client or its redirect URI is in doubt: tell the person, redirect nobody
                name = _REDIRECT_ERRORS.get(type(refusal))
                if name is None:
                    return _PageError(refusal.error, refusal.description).page()
                return _PageError(name, _REDIRECT_REFUSED.format(refusal.redirect_uri)).page()
            except errors.OAuth2Error as refusal:
                return self._back(refusal.in_uri(refusal.redirect_uri))

        return answer

    def _back(self, location: str) -> Response:
        """The way back to the client."""
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        location = oddities.way_back(location, self._switches, self._instance)
        return RedirectResponse(location, 303, headers)

    def _check_client(self, uri: str) -> None:
        client_id = OAuthRequest(uri).client_id
        if not client_id:
            raise errors.MissingClientIdError
        client = self._validator.client(client_id)
        if client is None:
            raise _PageError("Client app not exist", _UNKNOWN_CLIENT, status=404)
        if "authorization_code" not in client.grants:
            raise _PageError("unauthorized_client", _NO_CODE_GRANT)

    def _is_technician(self, form: dict[str, str]) -> bool:
        known = f"{self._username}\0{self._password}"
        told = f"{form.get('username', '').strip()}\0{form.get('password', '')}"
        return secrets.compare_digest(known.encode(), told.encode())

    def _checked(self, form: dict[str, str], visit: _Visit) -> str:
        """The number of the waiting request that a form of this very browser is about."""
        number, csrf = form.get("request", ""), form.get("csrf", "")
        if not secrets.compare_digest(csrf.encode(), visit.csrf.encode()):
            raise _PageError("invalid_request", _FOREIGN_FORM, status=403)
        if number not in visit.requests:
            raise _PageError("invalid_request", _NOT_WAITING)
        return number

    def _visit(self, request: Request) -> tuple[str, _Visit]:
        key = request.cookies.get(self._cookie, "")
        if key not in self._visits:
            key = self._settle(_Visit())
        if self._switches.login == "signed-in":
            self._visits[key].user = self._username
        return key, self._visits[key]

    def _settle(self, visit: _Visit) -> str:
        key = secrets.token_urlsafe(32)
        self._visits[key] = visit
        _keep_newest(self._visits, _VISITS)
        return key

    def _remembering(self, response: Response, key: str) -> Response:
        response.set_cookie(self._cookie, key, path="/ws/oauth", httponly=True, samesite="lax")
        return response

    def _login_page(self, visit: _Visit, number: str, *, problem: str = "") -> Response:
        client = self._validator.client(OAuthRequest(visit.requests[number]).client_id)
        assert client is not None  # noqa: S101 - the request was checked when it arrived
        page = consent_pages.login_page(
            client=client,
            username=self._username,
            password=self._password,
            hidden={"csrf": visit.csrf, "request": number},
            problem=problem,
        )
        return HTMLResponse(page, 403 if problem else 200, consent_pages.headers())

    def _consent_page(self, visit: _Visit, number: str) -> Response:
        scopes, details = self._provider.validate_authorization_request(visit.requests[number])
        asked = details["request"]
        page = consent_pages.consent_page(
            client=asked.client,
            instance=self._instance,
            user=visit.user or "",
            scopes=scopes,
            redirect_uri=asked.redirect_uri,
            hidden={"csrf": visit.csrf, "request": number},
        )
        back = urlsplit(asked.redirect_uri)
        targets = ("'self'", f"{back.scheme}://{back.netloc}")
        return HTMLResponse(page, 200, consent_pages.headers(form_targets=targets))


_UNKNOWN_CLIENT = (
    "No client app with this id is registered at this instance. Check the client id and that "
    "it belongs to this instance."
)
_NO_CODE_GRANT = (
    "Invalid grant type: this client app does not have Authorization Code. An API Services app "
    "gets its token with client credentials, without anybody's consent."
)
_NOT_WAITING = "This request was answered already or is too old. Start again at the client."
_FOREIGN_FORM = (
    "The form does not belong to this browser's visit. Allow cookies for this address and start "
    "again at the client."
)
_REDIRECT_REFUSED = (
    "The client app has not registered {} as a redirect URI. It is compared to the letter: "
    "scheme, host, port, path and trailing slash. A Native app has http://127.0.0.1 with any "
    "port and no path."
)


class _PageError(Exception):
    """A refusal that is shown to the person and sent to nobody."""

    def __init__(self, error: str, explanation: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.explanation, self.status = error, explanation, status

    def page(self) -> Response:
        html = consent_pages.error_page(
            title="This request cannot be answered",
            error=self.error,
            explanation=self.explanation,
        )
        return HTMLResponse(html, self.status, consent_pages.headers())


def _oauth_uri(query: str) -> str:
    """The authorization request as oauthlib takes it; only its query matters to the rules."""
    try:
        return authorization_uri(query)
    except ValueError:
        raise _PageError("invalid_request", "The address is not properly encoded.") from None


async def _form(request: Request) -> dict[str, str]:
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=20))
    except ValueError:
        raise _PageError("invalid_request", "The form has too many fields.") from None


def _keep_newest(mapping: dict[str, Any], count: int) -> None:
    while len(mapping) > count:
        del mapping[next(iter(mapping))]
