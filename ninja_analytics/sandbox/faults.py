"""What stands before every answer of the sandbox: the request log, latency and faults."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ninja_analytics.sandbox import oddities
from ninja_analytics.sandbox.crowd import Crowd
from ninja_analytics.sandbox.switches import Fault, Switches

_KEPT = 100_000
_PAGE = (
    b"<!DOCTYPE html><html><head><title>Service unavailable</title></head><body>busy</body></html>"
)
_BODIES = {
    403: b'{"resultCode":"FAILURE","errorMessage":"forbidden","incidentId":"WEB_MGMT_SERVICE-0"}',
    404: b'{"resultCode":"NOT_FOUND","errorMessage":"HTTP 404 Not Found"}',
    429: b'{"resultCode":"TOO_MANY_REQUESTS","errorMessage":"Request rate limit exceeded"}',
    500: b'{"resultCode":"FAILURE","errorMessage":"Internal error","incidentId":"WEB_MGMT_SERVICE-0"}',
}
_CHANGE_BODY = ("cut", "wrong-type", "unknown-field")
_SECRET = re.compile(r"token|secret|code|state|password", re.IGNORECASE)

Drop = Callable[[Scope], None]


class Gate:
    """ASGI middleware that logs requests, holds them back and lets faults strike.

    `log` has a mapping per request: method, path, query, status (0: dropped), the time `at` which
    it came (in epoch seconds) and how many API requests were `inside` then; rows are not kept.
    Queries of the OAuth endpoints and parameters that could be secrets are left out.
    """

    def __init__(self, app: ASGIApp, switches: Switches, drop: Drop) -> None:
        self.log: deque[dict[str, Any]] = deque(maxlen=_KEPT)
        self._app = app
        self._switches = switches
        self._drop = drop
        self._crowd = Crowd(switches)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["path"].startswith("/sandbox/"):
            await self._app(scope, receive, send)
            return
        entry = {"method": scope["method"], "path": scope["path"], "query": _query(scope)}
        entry |= {"status": 0, "at": time.time(), "inside": self._crowd.inside}
        self.log.append(entry)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
                date = oddities.date_header(self._switches)
                message = dict(message) | {"headers": [*message["headers"], date]}
            await send(message)

        path = scope["path"].removeprefix("/api")
        if not path.startswith("/v2/"):
            await self._answer(path, scope, receive, noting)
            return
        wait = self._crowd.enter()
        if wait is not None:
            await _refuse(Fault("429", seconds=wait), noting)
            return
        try:
            if self._switches.latency:
                await asyncio.sleep(self._switches.latency)
            await self._answer(path, scope, receive, noting)
        finally:
            self._crowd.leave()

    async def _answer(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._switches.strike(path)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._fail(fault, scope, receive, send)

    async def _fail(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind == "forget-cursors":
            scope["sandbox.forgets"] = True
            await self._app(scope, receive, send)
            return
        start, body = None, b""
        loses = fault.loses or self._switches.cursor_keeps_place
        loses = loses and not fault.kind.startswith("429")  # refused at the door: nothing is done
        if fault.kind in _CHANGE_BODY or loses:
            if fault.kind == "cut" and not loses:
                scope["sandbox.stays"] = True
            start, body = await _answer(self._app, scope, receive)
            if start["status"] != 200:  # refused anyway: the fault waits for a request that works
                if fault.times <= 0:
                    self._switches.faults.insert(0, fault)
                fault.times += 1
                await _send(send, start, body)
                return
        if fault.kind == "drop":
            self._drop(scope)
        elif fault.kind in _CHANGE_BODY and start is not None:
            await self._changed(fault, scope, send, start, body)
        else:
            await _refuse(fault, send)

    async def _changed(
        self, fault: Fault, scope: Scope, send: Send, start: Message, body: bytes
    ) -> None:
        if fault.kind != "cut":
            await _send(send, start, _mend(body, fault.kind))
            return
        await send(start)  # announces the whole length
        await send(
            {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        )
        self._drop(scope)


async def _answer(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
    """The start and the whole body of the answer that *app* gives."""
    messages: list[Message] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, keep)
    return messages[0], b"".join(message.get("body", b"") for message in messages[1:])


async def _send(send: Send, start: Message, body: bytes) -> None:
    headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
    headers.append((b"content-length", str(len(body)).encode()))
    await send(dict(start) | {"headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(fault: Fault, send: Send) -> None:
    """The answers that say nothing of the request: too many, broken, a page for people."""
    status = {"429-without-retry-after": 429, "html": 200}.get(fault.kind) or int(fault.kind)
    headers = [(b"content-type", b"application/json")]
    body = _BODIES.get(status, b"")
    if fault.kind == "429":
        headers.append((b"retry-after", f"{fault.seconds:g}".encode()))
    if fault.kind in ("html", "502"):
        headers, body = [(b"content-type", b"text/html")], _PAGE
    await _send(send, {"type": "http.response.start", "status": status, "headers": headers}, body)


def _mend(body: bytes, kind: str) -> bytes:
    """The body with something in its first row that nobody expects."""
    try:
        page = json.loads(body)
    except ValueError:  # a page for people
        return body
    rows = page if isinstance(page, list) else page.get("results", page.get("activities", [page]))
    if rows and kind == "unknown-field":
        rows[0]["newlyInvented"] = {"answer": 42}
    elif rows:
        names = [name for name, value in rows[0].items() if not isinstance(value, (dict, list))]
        name = next(
            (name for name in reversed(names) if not name.lower().endswith("id")), names[-1]
        )
        rows[0][name] = 12345 if isinstance(rows[0][name], str) else "not a number"
    return json.dumps(page, separators=(",", ":")).encode()


def _query(scope: Scope) -> dict[str, str]:
    if "/oauth/" in scope["path"]:
        return {}
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return {name: value for name, value in pairs if not _SECRET.search(name)}
