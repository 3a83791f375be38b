"""The routes with which a test holds the sandbox in its hand: switches, truth, the request log."""

from __future__ import annotations

import datetime as dt
import hmac
import json
import math
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ninja_analytics import catalog
from ninja_analytics.errors import NinjaError, SandboxError
from ninja_analytics.sandbox.api import answer, failure
from ninja_analytics.sandbox.device_filter import BadFilterError
from ninja_analytics.sandbox.switches import parse_fault
from ninja_analytics.sandbox.tenant import Tenant

KEY_HEADER = "X-Sandbox-Key"
_MOST_HOURS = 366 * 24

Endpoint = Callable[[Request], Awaitable[Response]]


def parse_advance(asked: Any) -> int:
    """How many hours *asked* ({"days": 1, "hours": 6}) stands for; SandboxError for what cannot be."""
    known = asked if isinstance(asked, dict) and set(asked) <= {"days", "hours"} else {}
    parts: list[Any] = [known.get(name, 0) for name in ("days", "hours")]
    if not known or not all(type(part) in (int, float) and math.isfinite(part) for part in parts):
        raise SandboxError("An advance takes numbers of days and hours, e.g. days=30 or hours=6")
    hours: float = parts[0] * 24 + parts[1]
    if not 1 <= hours <= _MOST_HOURS or min(parts) < 0:
        raise SandboxError("An advance is of one hour at least and of 366 days at most")
    if abs(hours - round(hours)) > 1e-6:
        raise SandboxError("An advance is of whole hours, e.g. hours=6 or days=0.25")
    return round(hours)


class Control:
    """The /sandbox routes; all need the key in their header."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        key: str,
        log: deque[dict[str, Any]],
        revoke_all: Callable[[], None],
        expire_cursors: Callable[[], None],
    ) -> None:
        self._tenant = tenant
        self._key = key
        self._log = log
        self._revoke_all = revoke_all
        self._expire_cursors = expire_cursors

    def routes(self) -> list[Route]:
        """All control routes."""
        return [
            Route("/sandbox/switches", self._locked(self._switches), methods=["GET", "POST"]),
            Route("/sandbox/faults", self._locked(self._faults), methods=["POST"]),
            Route("/sandbox/advance", self._locked(self._advance), methods=["POST"]),
            Route("/sandbox/revoke", self._locked(self._revoke), methods=["POST"]),
            Route("/sandbox/truth/{table}", self._locked(self._truth)),
            Route("/sandbox/requests", self._locked(self._requests), methods=["GET", "DELETE"]),
        ]

    def _locked(self, endpoint: Endpoint) -> Endpoint:
        async def locked(request: Request) -> Response:
            given = request.headers.get(KEY_HEADER, "")
            if not hmac.compare_digest(given.encode(), self._key.encode()):
                return answer(failure(f"{KEY_HEADER} is missing or wrong"), 403)
            try:
                return await endpoint(request)
            except (NinjaError, BadFilterError, ValueError) as error:
                return answer(failure(str(error)), 400)

        return locked

    async def _switches(self, request: Request) -> Response:
        if request.method == "POST":
            self._tenant.switches.set(json.loads(await request.body()))
        return answer(self._tenant.switches.as_dict())

    async def _faults(self, request: Request) -> Response:
        fault = parse_fault(json.loads(await request.body()))
        self._tenant.switches.faults.append(fault)
        return answer(self._tenant.switches.as_dict())

    async def _advance(self, request: Request) -> Response:
        hours = parse_advance(json.loads(await request.body()))
        self._tenant.advance(hours)
        self._expire_cursors()
        now = dt.datetime.fromtimestamp(self._tenant.fleet.now, dt.UTC)
        return answer({"now": now.isoformat()})

    async def _revoke(self, _request: Request) -> Response:
        self._revoke_all()
        return answer({})

    async def _truth(self, request: Request) -> Response:
        table = request.path_params["table"]
        if table not in catalog.TABLES:
            return answer(failure(f"There is no table {table!r}"), 404)
        asked = dict(request.query_params)
        if per := catalog.TABLES[table].per:
            ids = tuple(asked.pop(name, "") for name in per)
            found = self._tenant.of(table, ids, asked)
            rows = found if isinstance(found, list) else [] if found is None else [found]
            if catalog.TABLES[table].answer not in ("rows", "row"):
                return Response(msgspec.json.encode(rows))
            chunks = iter([self._tenant.encode(table, rows)])
            return StreamingResponse(_array(chunks), media_type="application/json")
        chunks = self._tenant.chunks(table, asked)
        return StreamingResponse(_array(chunks), media_type="application/json")

    async def _requests(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._log.clear()
        return answer(list(self._log))


async def _array(chunks: Iterator[list[bytes]]) -> AsyncIterator[bytes]:
    """The rows of all chunks as one JSON array, without holding them together."""
    before = b"["
    for chunk in chunks:
        if chunk:
            yield before + b",".join(chunk)
            before = b","
    yield b"[]" if before == b"[" else b"]"
