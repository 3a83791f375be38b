"""The sandbox's OAuth 2.0 authorization server: NinjaOne's endpoints, rules and error answers.

oauthlib's provider side decides what is right (RFC 6749, 7636, 7009); here its answers become
HTTP, and where NinjaOne answers otherwise than the RFCs say, NinjaOne's words.
"""

from __future__ import annotations

import json
import random
import secrets
import time
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from oauthlib.common import Request as OAuthRequest
from oauthlib.oauth2 import ClientCredentialsGrant, ImplicitGrant, WebApplicationServer
from oauthlib.oauth2.rfc6749 import errors
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ninja_analytics.sandbox import oddities
from ninja_analytics.sandbox.clients import RegisteredClient, register
from ninja_analytics.sandbox.consent_flow import ConsentFlow
from ninja_analytics.sandbox.grants_store import Grant, GrantStore
from ninja_analytics.sandbox.oauth_requests import basic, client_request, credentials
from ninja_analytics.sandbox.switches import Switches
from ninja_analytics.sandbox.validator import Validator

__all__ = ["AuthorizationServer", "Grant", "RegisteredClient"]

_USERNAME = "robin.vale@sandbox.example"
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "inlet", "jade")


class AuthorizationServer:
    """The authorization server of one sandbox: its client apps, its technician and its grants.

    `clients` has the registered client app of each platform; `username` and `password` sign
    the invented technician in. `check` is what the API asks about each request.
    """

    def __init__(
        self,
        *,
        base_url: str,
        seed: int,
        switches: Switches,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clients = register(seed)
        self.username, self.password = _USERNAME, _password(seed)
        self._base_url = base_url.rstrip("/")
        self._switches = switches
        self._store = GrantStore(clock)
        self._validator = Validator(self.clients, self._store, switches, clock)
        self._provider = _provider(self._validator, switches)
        self._flow = ConsentFlow(
            provider=self._provider,
            validator=self._validator,
            switches=switches,
            base_url=self._base_url,
            username=self.username,
            password=self.password,
        )

    def routes(self) -> list[Route]:
        """All routes of the authorization server."""
        return [
            *self._flow.routes(),
            Route("/ws/oauth/token", self._told(self._token), methods=["POST"]),
            Route("/ws/oauth/revoke", self._told(self._revoke), methods=["POST"]),
            Route("/.well-known/oauth-authorization-server", self._metadata),
            Route("/.well-known/openid-configuration", _not_found),
        ]

    def check(self, authorization: str | None) -> Grant | tuple[int, dict[str, Any]]:
        """The grant behind an Authorization header, else the status and body of the refusal."""
        if not authorization:
            return _refusal(400, "missing_header", "Missing required header", 2)
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token or " " in token:
            return _refusal(400, "invalid_header", "Malformed authorization header", 1)
        grant = self._store.access(token)
        return grant or _refusal(401, "not_authenticated", "Invalid credentials", 10)

    def revoke_all(self) -> None:
        """End every grant, so that no token given until now is good for anything."""
        self._store.end_all()

    # oauthlib asks and stores in several steps. The two endpoints below await nothing between
    # reading the request and answering it, so no other exchange comes between those steps.

    async def _token(self, request: Request) -> Response:
        asked = await client_request(request)
        refusal = self._refused(asked)
        if refusal:
            return refusal
        if not asked.grant_type:
            return _no(errors.InvalidRequestError("Missing grant_type parameter."))
        try:
            headers, answer, status = self._provider.create_token_response(
                asked.uri, "POST", asked.body, asked.headers
            )
        except errors.OAuth2Error as error:
            return _no(error)
        if asked.grant_type == "refresh_token" and json.loads(answer).get("error") == (
            "invalid_grant"
        ):
            answer = json.dumps({"error": self._switches.dead_refresh_error})
        if status == HTTPStatus.OK:
            answer = json.dumps(oddities.token_answer(json.loads(answer), self._switches))
        return _answer(answer, status, headers, asked)

    async def _revoke(self, request: Request) -> Response:
        asked = await client_request(request)
        refusal = self._refused(asked)
        if refusal:
            return refusal
        try:
            headers, answer, status = self._provider.create_revocation_response(
                asked.uri, "POST", asked.body, asked.headers
            )
        except errors.OAuth2Error as error:
            return _no(error)
        return _answer(answer, status, headers, asked)

    def _told(self, endpoint: Callable[[Request], Awaitable[Response]]) -> Any:
        """The endpoint, with its refusals as JSON or, if that is switched on, as pages."""

        async def answer(request: Request) -> Response:
            given = await endpoint(request)
            if self._switches.html_errors and given.status_code >= HTTPStatus.BAD_REQUEST:
                return oddities.refusal_page(given)
            return given

        return answer

    def _refused(self, asked: OAuthRequest) -> Response | None:
        """NinjaOne's answer to a client app that does not say who it is or does not exist.

        Also to a parameter given twice (RFC 6749 section 3.2) and a secret given in two ways
        (section 2.3), which oauthlib lets pass here.
        """
        if asked.duplicate_params:
            return _no(errors.InvalidRequestError("A parameter is given twice."))
        if basic(asked) is not None and asked.client_secret is not None:
            return _no(errors.InvalidRequestError("The client secret is given in two ways."))
        client_id, _ = credentials(asked)
        if not client_id:
            return _no(errors.InvalidRequestError("Missing client_id parameter."))
        if self._validator.client(client_id):
            return None
        incident = f"WEB_MGMT_SERVICE-{uuid.uuid4()}"
        return JSONResponse({"resultCode": "Client app not exist", "incidentId": incident}, 404)

    async def _metadata(self, _request: Request) -> Response:
        taken = self._switches.secret_by
        methods = [f"client_secret_{way}" for way in ("basic", "post") if taken in ("any", way)]
        issuer = {"authorization_response_iss_parameter_supported": True}
        return JSONResponse(
            (issuer if self._switches.issuer else {})
            | {
                "issuer": self._base_url,
                "authorization_endpoint": f"{self._base_url}/ws/oauth/authorize",
                "token_endpoint": f"{self._base_url}/ws/oauth/token",
                "revocation_endpoint": f"{self._base_url}/ws/oauth/revoke",
                "response_types_supported": ["code"],
                "grant_types_supported": [
                    "authorization_code",
                    "client_credentials",
                    "refresh_token",
                ],
                "token_endpoint_auth_methods_supported": methods,
                "revocation_endpoint_auth_methods_supported": methods,
                "code_challenge_methods_supported": ["S256"],
                "scopes_supported": ["monitoring"],
            }
        )


def _provider(validator: Validator, switches: Switches) -> WebApplicationServer:
    """The server of oauthlib for NinjaOne's three grant types, and the implicit grant."""

    def new_refresh_token(_request: Any = None) -> str:
        return f"{uuid.uuid4()}.{secrets.token_urlsafe(32)}"

    def add_refresh_token(token: dict[str, Any]) -> dict[str, Any]:
        given = {"refresh_token": new_refresh_token()}
        return token | given if switches.refresh_for_credentials else token

    provider = WebApplicationServer(
        validator,
        token_generator=lambda _request: secrets.token_urlsafe(32),
        refresh_token_generator=new_refresh_token,
        token_expires_in=lambda _request: int(switches.token_lifetime),
    )
    provider.grant_types["client_credentials"] = machine = ClientCredentialsGrant(validator)
    machine.register_token_modifier(add_refresh_token)
    provider.response_types["token"] = implicit = ImplicitGrant(validator)
    implicit.custom_validators.pre_auth.append(validator.answer_in_fragment)
    implicit.register_token_modifier(validator.give_granted_scopes)
    provider.auth_grant.custom_validators.pre_auth.append(validator.check_challenge)
    for grant in (provider.auth_grant, provider.refresh_grant):
        grant.register_token_modifier(validator.hold_back_refresh_token)
    return provider


def _no(error: errors.OAuth2Error) -> Response:
    return Response(error.json, error.status_code, _NO_STORE, "application/json")


def _answer(body: str, status: int, headers: dict[str, str], asked: OAuthRequest) -> Response:
    headers = {**_NO_STORE, **headers}
    if status == HTTPStatus.UNAUTHORIZED:
        # RFC 6749 section 5.2 wants the scheme that the client used; oauthlib always says Bearer
        headers.pop("WWW-Authenticate", None)
        if "Authorization" in asked.headers:
            headers["WWW-Authenticate"] = 'Basic realm="sandbox"'
    return Response(body, status, headers, "application/json")


_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def _refusal(status: int, error: str, description: str, code: int) -> tuple[int, dict[str, Any]]:
    return status, {"error": error, "error_description": description, "error_code": code}


async def _not_found(_request: Request) -> Response:
    return JSONResponse({"error": "not_found"}, 404)


def _password(seed: int) -> str:
    chance = random.Random(f"technician {seed}")
    return "-".join([*chance.sample(_WORDS, 2), str(chance.randrange(10, 100))])
