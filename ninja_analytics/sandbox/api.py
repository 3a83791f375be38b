"""The API of the sandbox: a route per table of the catalogue, with NinjaOne's paging and refusals."""

from __future__ import annotations

import itertools
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec
import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ninja_analytics import catalog
from ninja_analytics.sandbox.collections import WHOLE
from ninja_analytics.sandbox.device_filter import BadFilterError
from ninja_analytics.sandbox.paging import Cursors
from ninja_analytics.sandbox.tenant import Tenant

PREFIXES = ("", "/api")
SCOPE = "monitoring"

# The page sizes per way of paging: without a pageSize, the least and the most that is taken.
_SIZES = {
    "after": (100, 1, 1000),
    "cursor": (100, 1, 10_000),
    "older_than": (200, 10, 1000),
    "anchor": (50, 1, 500),
    "cursor_name": (50, 5, 500),
}
# The same where the documentation states a range: by that range.
_USUAL: Mapping[tuple[int, ...], tuple[int, int, int]] = {
    (10, 10_000): (1000, 10, 10_000),
    (1, 10_000): (10_000, 1, 10_000),
}
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_INTEGERS = ("after", "olderThan", "newerThan", "anchorId", "anchorNaturalId")


class Grant(Protocol):
    """What the API has to know of a grant."""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that were granted."""


Check = Callable[[str | None], Any]


class RefusedError(Exception):
    """A request that is answered with an error: its status and body."""

    def __init__(self, status: int, message: str, code: str = "FAILURE") -> None:
        super().__init__(message)
        self.status = status
        self.body = failure(message, code)


def failure(message: str, code: str = "FAILURE") -> dict[str, str]:
    """NinjaOne's body for an error of the application."""
    incident = f"WEB_MGMT_SERVICE-{uuid.uuid4()}"
    return {"resultCode": code, "errorMessage": message, "incidentId": incident}


def answer(body: Any, status: int = 200) -> Response:
    """An answer in JSON; bytes are taken as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(content, status, media_type="application/json")


class Api:
    """The /v2 routes over a tenant; *check* says what grant an Authorization header stands for."""

    def __init__(self, tenant: Tenant, check: Check) -> None:
        self._tenant = tenant
        self._check = check
        self._cursors = Cursors(tenant.fleet.seed, tenant.fleet.now)
        self._pages = {
            "after": self._page_after,
            "cursor": self._page_cursor,
            "older_than": self._page_older,
            "anchor": self._page_anchor,
            "cursor_name": self._page_named,
            "none": self._page_whole,
        }

    def routes(self) -> list[Route]:
        """A route for every table, with and without /api before it."""
        return [
            Route(prefix + table.path, self._endpoint(table), methods=["GET"])
            for prefix in PREFIXES
            for table in catalog.TABLES.values()
        ]

    def expire_cursors(self) -> None:
        """Let all cursors expire, since the tenant has moved on in time."""
        self._cursors.move(self._tenant.fleet.now)

    def _endpoint(self, table: catalog.Table) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            grant = self._check(request.headers.get("authorization"))
            if isinstance(grant, tuple):
                return answer(grant[1], grant[0])
            try:
                if SCOPE not in grant.scopes:
                    raise RefusedError(403, f"The scope {SCOPE} is missing")
                if self._tenant.switches.guard_scopes and table.scope not in grant.scopes:
                    raise RefusedError(403, f"The scope {table.scope} is missing")
                asked = _asked(table, request)
                if request.scope.get("sandbox.forgets"):
                    self._cursors.forget()
                if table.per:
                    ids = tuple(request.path_params[name] for name in table.per)
                    return answer(self._page_of(table, ids, asked))
                stays = bool(request.scope.get("sandbox.stays"))
                return answer(self._pages[table.paging](table, asked, stays))
            except RefusedError as refused:
                return answer(refused.body, refused.status)
            except BadFilterError as error:
                return answer(failure(f"Unexpected error: {error}"), 500)
            except ValueError as error:
                return answer(failure(f"Invalid parameter: {error}"), 400)

        return endpoint

    def _size(self, table: catalog.Table, asked: Mapping[str, str]) -> int:
        """How many rows the page may have; RefusedError for a pageSize that is not taken."""
        switches = self._tenant.switches
        usual, least, most = _USUAL.get(table.page_size_range or (), _SIZES[table.paging])
        most = max(least, min(most, switches.largest_page or most))
        text = asked.get("pageSize", str(min(usual, most)))
        size = int(text) if _INTEGER.fullmatch(text) else 0
        if size < least or (size > most and switches.larger_page == "refuse"):
            raise RefusedError(400, f"pageSize must be between {least} and {most}")
        size = min(size, most)
        return size if switches.page_size is None else max(1, min(size, switches.page_size))

    def _page_after(self, table: catalog.Table, asked: Mapping[str, str], _stays: bool) -> bytes:
        """A bare array of the rows whose ids come next, ascending."""
        size, after = self._size(table, asked), int(asked.get("after") or -1)
        if table.device_filter:
            devices = self._tenant.devices(table.name, asked)
            start = int(np.searchsorted(self._tenant.fleet.ids[devices], after, side="right"))
            page = devices[start : start + size].tolist()
            return _array(self._tenant.device_rows(table.name, page, asked))
        rows = [row for chunk in self._tenant.chunks(table.name, asked) for row in chunk]
        ids = [msgspec.json.decode(row)["id"] for row in rows]
        start = int(np.searchsorted(ids, after, side="right"))
        return _array(rows[start : start + size])

    def _page_cursor(self, table: catalog.Table, asked: Mapping[str, str], stays: bool) -> bytes:
        """An envelope with the rows that come next on a cursor; *stays* leaves it where it is."""
        size = self._size(table, asked)
        if asked.get("cursor"):
            cursor = self._cursors.find(asked["cursor"], table.name)
            if cursor is None:
                raise RefusedError(400, "The cursor is unknown or has expired", "INVALID_CURSOR")
        else:
            chunks = self._tenant.chunks(table.name, asked)
            if self._counts_devices(table):
                chunks = ([b",".join(rows)] for rows in chunks)
            cursor = self._cursors.start(table.name, chunks)
        rows, more = cursor.look(size)
        switches = self._tenant.switches
        envelope = self._cursors.envelope(cursor, len(rows), more=more, switches=switches)
        head = msgspec.json.encode(envelope)[:-1] + (b"," if envelope else b"")
        if not stays:
            cursor.move(len(rows))
        return b'%b"results":%b}' % (head, _array(rows))

    def _counts_devices(self, table: catalog.Table) -> bool:
        """Whether a page of *table* has the rows of so many devices, and not so many rows."""
        by_device = self._tenant.switches.interface_pages == "devices"
        return by_device and table.name == "network_interfaces"

    def _page_older(self, table: catalog.Table, asked: Mapping[str, str], _stays: bool) -> bytes:
        """The newest activities that are asked for, and the newest id of the whole tenant."""
        group = asked.get("class", "ALL")
        if group not in ("ALL", "DEVICE", "SYSTEM", "USER"):
            raise RefusedError(400, "class must be SYSTEM, DEVICE, USER or ALL")
        found = itertools.islice(self._tenant.recent(asked), self._size(table, asked))
        rows = self._tenant.activity_rows(found)
        newest = self._tenant.activities.newest_id
        return b'{"lastActivityId":%d,"activities":%b}' % (newest, _array(rows))

    def _page_anchor(self, table: catalog.Table, asked: Mapping[str, str], _stays: bool) -> bytes:
        """A bare array of the rows that come after the one that the anchor names."""
        return self._slice(table, self._whole_rows(table, asked), asked)

    def _page_named(self, table: catalog.Table, asked: Mapping[str, str], _stays: bool) -> bytes:
        """The rows from where the cursor's name says, with the name of the next page's cursor."""
        rows, size = self._whole_rows(table, asked), self._size(table, asked)
        start = int(asked.get("cursorName") or 0)
        page = rows[start : start + size]
        head: dict[str, Any] = {"page": start // size, "pageSize": size, "count": len(rows)}
        if start + size < len(rows):
            head["cursorName"] = str(start + size)
        body = msgspec.json.encode(head)[:-1]
        return b'%b,"results":%b}' % (body, _array(self._tenant.encode(table.name, page)))

    def _page_whole(self, table: catalog.Table, asked: Mapping[str, str], _stays: bool) -> bytes:
        if table.name in WHOLE:
            return self._sent(table, self._whole_rows(table, asked))
        chunks = self._tenant.chunks(table.name, asked)
        return _array(list(itertools.chain.from_iterable(chunks)))

    def _page_of(
        self, table: catalog.Table, ids: tuple[str, ...], asked: Mapping[str, str]
    ) -> bytes:
        """What is asked for by id."""
        found = self._tenant.of(table.name, ids, asked)
        if found is None:
            raise RefusedError(404, f"There is no {table.name} of {', '.join(ids)}", "NOT_FOUND")
        if table.paging != "none":
            return self._slice(table, found, asked)
        return self._sent(table, found)

    def _whole_rows(self, table: catalog.Table, asked: Mapping[str, str]) -> list[dict[str, Any]]:
        return list(WHOLE[table.name](self._tenant, asked))

    def _slice(
        self, table: catalog.Table, rows: list[dict[str, Any]], asked: Mapping[str, str]
    ) -> bytes:
        """A page of *rows*, by the ids that the parameters bound or by the anchor."""
        size = self._size(table, asked)
        if table.paging == "after":
            rows = [row for row in rows if row["id"] > int(asked.get("after") or -1)]
        elif table.paging == "older_than":
            older, newer = int(asked.get("olderThan") or 2**62), int(asked.get("newerThan") or -1)
            rows = [row for row in rows if newer < row["id"] < older]
        elif table.anchor:
            parameter, field = table.anchor
            after = int(asked.get(parameter) or 0)
            rows = [row for row in rows if int(row[field]) > after]
        return self._sent(table, rows[:size])

    def _sent(self, table: catalog.Table, found: Any) -> bytes:
        """*found* as an answer: rows in the envelope of the table, anything else as it is."""
        if table.answer == "row":
            return self._tenant.encode(table.name, [found])[0]
        if not isinstance(found, list) or table.answer != "rows":
            return msgspec.json.encode(found)
        rows = _array(self._tenant.encode(table.name, found))
        if table.paging == "older_than":
            newest = self._tenant.activities.newest_id
            return b'{"lastActivityId":%d,"activities":%b}' % (newest, rows)
        return b'{"%b":%b}' % (table.rows_in.encode(), rows) if table.rows_in else rows


def _asked(table: catalog.Table, request: Request) -> dict[str, str]:
    """The query parameters; an empty one counts as not given, but an empty df is not a filter."""
    asked = dict(request.query_params)
    for name in _INTEGERS:
        whole = name != "after" or table.paging == "after"
        if whole and asked.get(name) and not _INTEGER.fullmatch(asked[name]):
            raise RefusedError(400, f"{name} must be a whole number")
    if table.device_filter and asked.get("df") == "":
        raise BadFilterError("empty filter")
    return asked


def _array(rows: list[bytes]) -> bytes:
    return b"[%b]" % b",".join(rows)
