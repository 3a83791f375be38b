"""The sandbox's authorization server alone, behind real HTTP, and what a client sends to it."""

from __future__ import annotations

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from ninja_analytics.sandbox.grants_store import Grant
from ninja_analytics.sandbox.oauth import AuthorizationServer
from ninja_analytics.sandbox.person import browse
from ninja_analytics.sandbox.switches import Switches

VERIFIER = "a-verifier-of-at-least-43-characters-as-RFC-7636-asks"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().strip("=")
REDIRECT = {
    "native": "http://127.0.0.1:50123",
    "web": "http://localhost:8725/",
    "single-page": "http://127.0.0.1:8725/callback",
    "api-services": "http://localhost:8725/",
}


class Running:
    """The authorization server behind real HTTP, with its switches and a clock to turn."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.now = 1_790_000_000.0
        self.switches = Switches()
        self.server = AuthorizationServer(
            base_url=self.url, seed=7, switches=self.switches, clock=lambda: self.now
        )

    async def probe(self, request):
        answer = self.server.check(request.headers.get("authorization"))
        if isinstance(answer, Grant):
            client, scopes = answer.client.platform, list(answer.scopes)
            return JSONResponse({"platform": client, "scopes": scopes, "user": answer.user})
        return JSONResponse(answer[1], answer[0])

    def api(self, authorization: str | None) -> requests.Response:
        headers = {} if authorization is None else {"Authorization": authorization}
        return requests.get(f"{self.url}/v2/probe", headers=headers, timeout=10)

    def accepts(self, access_token: str) -> bool:
        return self.api(f"Bearer {access_token}").status_code == 200

    def url_for(self, platform: str = "native", **changes: str | None) -> str:
        fields = {
            "response_type": "code",
            "client_id": self.server.clients[platform].client_id,
            "redirect_uri": REDIRECT[platform],
            "scope": "monitoring offline_access",
            "state": "a state",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        } | changes
        asked = {name: value for name, value in fields.items() if value is not None}
        return f"{self.url}/ws/oauth/authorize?{urlencode(asked)}"

    def consent(self, platform: str = "native", decision: str = "allow", **changes: str | None):
        address = self.browse(self.url_for(platform, **changes), decision)
        assert address.startswith(changes.get("redirect_uri") or REDIRECT[platform])
        return fields_of(urlsplit(address).query)

    def browse(self, url: str, decision: str = "allow") -> str:
        person = {"username": self.server.username, "password": self.server.password}
        return browse(url, decision=decision, **person)

    def post(self, where: str, *, auth: tuple[str, str] | None = None, **fields: str):
        return requests.post(f"{self.url}/ws/oauth/{where}", data=fields, auth=auth, timeout=10)

    def token(self, platform: str = "native", **fields: str | None) -> requests.Response:
        client = self.server.clients[platform]
        sent = {"client_id": client.client_id, "client_secret": client.client_secret} | fields
        return self.post("token", **{k: v for k, v in sent.items() if v is not None})

    def exchange(self, code: str, platform: str = "native", **changes: str | None):
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT[platform],
            "code_verifier": VERIFIER,
        }
        return self.token(platform, **(fields | changes))

    def connect(self, platform: str = "native", **changes: str | None) -> dict:
        answer = self.exchange(self.consent(platform, **changes)["code"], platform)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refresh(self, refresh_token: str, platform: str = "native", **fields: str):
        fields = {"grant_type": "refresh_token", "refresh_token": refresh_token} | fields
        return self.token(platform, **fields)


def fields_of(answer: str) -> dict[str, str]:
    """The fields of a query or a fragment."""
    return {name: values[0] for name, values in parse_qs(answer).items()}


@contextmanager
def serving() -> Iterator[Running]:
    """A fresh authorization server, running until the end of the with block."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        running = Running(listening.getsockname()[1])
        routes = [*running.server.routes(), Route("/v2/probe", running.probe)]
        config = uvicorn.Config(Starlette(routes=routes), log_level="warning", ws="none")
        server = uvicorn.Server(config)
        listening.listen(64)  # so the first request waits instead of being refused
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield running
        finally:
            server.should_exit = True
            thread.join(10)


def implicit(running: Running, platform: str = "native", decision: str = "allow", **changes):
    """The fields in the fragment of the way back, which has no query."""
    url = running.url_for(platform, response_type="token", **changes)
    address = urlsplit(running.browse(url, decision))
    assert not address.query
    return fields_of(address.fragment)
