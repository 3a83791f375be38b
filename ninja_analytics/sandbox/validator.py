"""What the sandbox's OAuth rules are, as the questions that oauthlib's provider side asks."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749 import errors

from ninja_analytics.sandbox.clients import RegisteredClient
from ninja_analytics.sandbox.grants_store import Code, Grant, GrantStore
from ninja_analytics.sandbox.oauth_requests import basic, credentials
from ninja_analytics.sandbox.switches import Switches

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Validator(RequestValidator):  # type: ignore[misc]  # oauthlib has no types
    """The sandbox's answers to oauthlib: who the client is, what it may have, what is still good.

    `request` is oauthlib's Request. It shows every parameter as an attribute, so nothing is read
    from it that a method here has not set itself or that `oauth_requests` does not let pass.
    """

    def __init__(
        self,
        clients: Mapping[str, RegisteredClient],
        store: GrantStore,
        switches: Switches,
        clock: Callable[[], float],
    ) -> None:
        super().__init__()
        self._clients = {client.client_id: client for client in clients.values()}
        self._store = store
        self._switches = switches
        self._clock = clock

    # who asks

    def client(self, client_id: str | None) -> RegisteredClient | None:
        """The client app of this id, if it is registered."""
        return self._clients.get(client_id or "")

    def client_authentication_required(self, request: Any, *_: Any, **__: Any) -> bool:
        """Whether the client must prove who it is: all but public apps, and who tries to."""
        client_id, secret = credentials(request)
        client = self.client(client_id)
        return client is None or not client.is_public or bool(secret)

    def authenticate_client(self, request: Any, *_: Any, **__: Any) -> bool:
        """Whether the client's secret, by header or in the form, is right."""
        client_id, secret = credentials(request)
        client = self.client(client_id)
        if client is None or (request.client_id and request.client_id != client_id):
            return False
        way = "post" if basic(request) is None else "basic"
        if not client.is_public and self._switches.secret_by not in ("any", way):
            return False
        request.client = client
        # a public app has nothing to prove, so whatever it shows is wrong
        expected = client.client_secret or ""
        return secrets.compare_digest(expected.encode(), (secret or "").encode())

    def authenticate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        """Whether this is a public app, for which its id is enough."""
        request.client = self.client(client_id)
        return request.client is not None and request.client.is_public

    def validate_client_id(self, client_id: str, request: Any, *_: Any, **__: Any) -> bool:
        """Whether the client app exists."""
        request.client = self.client(client_id)
        return request.client is not None

    # what it may have

    def validate_grant_type(
        self, _client_id: str, grant_type: str, client: RegisteredClient, *_: Any, **__: Any
    ) -> bool:
        """Whether this grant type is ticked on the client app."""
        return grant_type in self._grants(client)

    def validate_response_type(
        self, _client_id: str, response_type: str, _client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether the client may ask for a code or, if that is switched on, for a token."""
        offered = ("code", "token") if self._switches.implicit else ("code",)
        if response_type not in offered:
            raise errors.UnsupportedResponseTypeError(request=request)
        grant = "authorization_code" if response_type == "code" else "implicit"
        return grant in self._grants(request.client)

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, *_: Any, **__: Any) -> bool:
        """Whether answers for this client may go to this address."""
        client = self.client(client_id)
        more = (self._switches.redirect_uris or "").split()
        return client is not None and client.takes(
            redirect_uri, localhost=self._switches.localhost_redirect, more=more
        )

    def get_default_redirect_uri(self, *_: Any, **__: Any) -> None:
        """None: which of several redirect URIs is meant must always be said."""

    def get_default_scopes(self, client_id: str, *_: Any, **__: Any) -> list[str]:
        """What a client gets that names no scope: all that is ticked."""
        client = self.client(client_id)
        return [scope for scope in self._ticked(client) if scope != "offline_access"]

    def validate_scopes(
        self, client_id: str, scopes: list[str], _client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether all these scopes are ticked on the client app."""
        if not set(scopes) <= set(self._ticked(self.client(client_id))):
            return False
        if request.grant_type == "client_credentials":
            request.scopes = list(self._granted(scopes))
        return True

    def is_pkce_required(self, client_id: str, *_: Any) -> bool:
        """Whether the client must use PKCE: every public app."""
        client = self.client(client_id)
        return client is not None and client.is_public

    def check_challenge(self, request: Any) -> dict[str, str]:
        """Refuse a code challenge that is not S256; oauthlib alone would also take plain."""
        if request.code_challenge is None:
            return {}
        if request.code_challenge_method != "S256":
            raise errors.UnsupportedCodeChallengeMethodError(request=request)
        if not _S256_CHALLENGE.fullmatch(request.code_challenge):
            raise errors.InvalidRequestError("Malformed code_challenge.", request=request)
        return {}

    # the implicit grant

    def answer_in_fragment(self, request: Any) -> None:
        """Let a refusal of the implicit grant come where its token would."""
        if self._switches.implicit:
            request.response_mode = "fragment"

    def give_granted_scopes(self, token: Any, _handler: Any, request: Any) -> Any:
        """Put what the consent gives into the answer, which otherwise has what was asked for."""
        request.scopes = list(self._granted(request.scopes))
        token["scope"] = " ".join(request.scopes)
        return token

    # authorization codes

    def save_authorization_code(
        self, _client_id: str, code: Mapping[str, str], request: Any, *_: Any, **__: Any
    ) -> None:
        """Remember the code with its client, redirect URI and challenge."""
        grant = Grant(uuid.uuid4().hex, request.client, request.user, self._granted(request.scopes))
        bonds = Code(
            grant,
            redirect_uri=request.redirect_uri,
            code_challenge=request.code_challenge,
            expires_at=self._clock() + self._switches.code_lifetime,
        )
        self._store.keep_code(code["code"], bonds)

    def validate_code(
        self, client_id: str, code: str, _client: Any, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether the code is good, for this client, now."""
        bonds = self._store.code(code, client_id)
        if bonds is None:
            return False
        verifier = request.code_verifier
        if verifier is not None and not _VERIFIER.fullmatch(verifier):
            return False  # RFC 7636 section 4.1
        if bonds.code_challenge is None and verifier is not None:
            return False  # somebody took the challenge out of the authorization URL
        request.bonds = bonds
        request.user, request.scopes = bonds.grant.user, list(bonds.grant.scopes)
        return True

    def get_code_challenge(self, _code: str, request: Any) -> str | None:
        """The challenge that the code verifier must match."""
        challenge: str | None = request.bonds.code_challenge
        return challenge

    def get_code_challenge_method(self, *_: Any) -> str:
        """S256: no other challenge gets past `check_challenge`."""
        return "S256"

    def confirm_redirect_uri(
        self, _client_id: str, _code: str, redirect_uri: str, _client: Any, request: Any, *_: Any
    ) -> bool:
        """Whether the redirect URI is the one that the code was sent to."""
        if redirect_uri != request.bonds.redirect_uri:
            # RFC 6749 section 5.2; oauthlib's own answer to False would be invalid_request
            raise errors.InvalidGrantError("Mismatching redirect URI.", request=request)
        return True

    def invalidate_authorization_code(self, _client_id: str, code: str, *_: Any, **__: Any) -> None:
        """Let the code be used no more."""
        self._store.use_code(code)

    # tokens

    def validate_refresh_token(
        self, refresh_token: str, client: RegisteredClient, request: Any, *_: Any, **__: Any
    ) -> bool:
        """Whether the refresh token is good, for this client, now."""
        request.refreshed = self._store.refreshable(refresh_token, client.client_id)
        return request.refreshed is not None

    def get_original_scopes(self, _refresh_token: str, request: Any, *_: Any) -> list[str]:
        """The scopes that were granted in the first place."""
        return list(request.refreshed.scopes)

    def hold_back_refresh_token(self, token: Any, _handler: Any, request: Any) -> Any:
        """Take the refresh token out of an answer that should not have one."""
        if request.grant_type == "refresh_token":
            gives = self._switches.rotate
        else:
            asked = "offline_access" in self._grant_of(request).scopes
            gives = asked and "refresh_token" in self._grants(request.client)
        if not gives:
            token.pop("refresh_token", None)
        return token

    def save_token(self, token: Mapping[str, Any], request: Any, *_: Any, **__: Any) -> None:
        """Remember the tokens; a refresh token that got a successor is used up."""
        self._store.keep_tokens(
            self._grant_of(request),
            token["access_token"],
            scopes=tuple(request.scopes),
            expires_at=self._clock() + self._switches.token_lifetime,
            refresh_token=token.get("refresh_token"),
            refresh_lifetime=self._switches.refresh_lifetime,
        )
        if request.grant_type == "refresh_token" and "refresh_token" in token:
            self._store.use_refresh_token(request.refresh_token)

    def revoke_token(self, token: str, _hint: str, request: Any, *_: Any, **__: Any) -> None:
        """Revoke a token of this client (RFC 7009)."""
        if not self._store.revoke(token, request.client.client_id):
            raise errors.InvalidGrantError("The token is another client's.", request=request)

    def _grant_of(self, request: Any) -> Grant:
        if request.grant_type == "authorization_code":
            grant: Grant = request.bonds.grant
        elif request.grant_type == "refresh_token":
            grant = request.refreshed
        else:
            user = getattr(request, "user", None)  # the implicit grant has one
            grant = Grant(uuid.uuid4().hex, request.client, user, tuple(request.scopes))
        return grant

    def _grants(self, client: RegisteredClient) -> frozenset[str]:
        """The grant types that are ticked on the client app now."""
        grants = client.grants
        if self._switches.implicit and "authorization_code" in grants:
            grants |= {"implicit"}
        if self._switches.refresh_for_credentials and "client_credentials" in grants:
            grants |= {"refresh_token"}
        return grants if self._switches.refresh_ticked else grants - {"refresh_token"}

    def _ticked(self, client: RegisteredClient | None) -> tuple[str, ...]:
        if client is None:
            return ()
        ticked = self._switches.ticked_scopes
        return client.scopes if ticked is None else tuple(ticked.split())

    def _granted(self, scopes: list[str]) -> tuple[str, ...]:
        granted = self._switches.granted_scopes
        return tuple(scopes) if granted is None else tuple(granted.split())
