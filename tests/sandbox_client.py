"""A plain client of the sandbox for tests: a bearer, a GET, walks in each way of paging, a browser."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from typing import Any

import requests

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox

Row = dict[str, Any]


def bearer(sandbox: Sandbox, scope: str | None = None) -> str:
    """An access token by client credentials, without the client that is tested."""
    client = sandbox.clients["api-services"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    } | ({"scope": scope} if scope else {})
    answer = requests.post(f"{sandbox.base_url}/ws/oauth/token", data=form, timeout=10)
    return str(answer.json()["access_token"])


def visit(address: str) -> requests.Response:
    """What a browser on this machine shows for *address*, past any proxy."""
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.get(address, timeout=10)


# part of a path: a table whose rows have such ids, and where in a row
ASKED_BY = {
    "device_id": ("devices", "id"), "organization_id": ("organizations", "id"),
    "location_id": ("locations", "id"), "group_id": ("groups", "id"),
    "policy_id": ("policies", "id"), "user_id": ("end_users", "id"), "role_id": ("roles", "id"),
    "folder_id": ("global_articles", "parentFolderId"), "license_id": ("software_licenses", "id"),
    "tab_id": ("global_tabs", "id"),
}  # fmt: skip
# a table asked for by several parts together, which a row of another table has in these fields
TOGETHER = {
    "entity_related_items": ("related_items", "entityType", "entityId"),
    "entity_asset_relations": ("asset_relations", "sourceType", "sourceId"),
}
FIRST_TICKET = 1001  # NinjaOne lists tickets by a POST only


def parts_of(sandbox: Sandbox, table: catalog.Table) -> dict[str, Any]:
    """A value for every part of a table's path, of something that has rows there if anything has."""
    return dict(_parts(sandbox, table.name)) if table.per else {}


@functools.cache
def _parts(sandbox: Sandbox, name: str) -> dict[str, Any]:
    per = catalog.TABLES[name].per
    if name in TOGETHER:
        other, *fields = TOGETHER[name]
        row = sandbox.truth(other)[0]
        return {part: row[field] for part, field in zip(per, fields, strict=True)}
    if per == ("ticket_id",):
        return {"ticket_id": FIRST_TICKET}
    ids = [list(_ids(sandbox, *ASKED_BY[part])) for part in per]
    found = [dict(zip(per, chosen, strict=True)) for chosen in itertools.product(*ids)]
    return next((parts for parts in found if any(sandbox.truth(name, **parts))), found[0])


def _ids(sandbox: Sandbox, table: str, field: str) -> Iterator[Any]:
    rows = sorted(sandbox.truth(table), key=lambda row: row.get("nodeClass") != "WINDOWS_SERVER")
    return iter(dict.fromkeys(row[field] for row in rows if row.get(field) is not None))


def truth_of(sandbox: Sandbox, table: catalog.Table) -> list[Row]:
    """The rows of a table, or of one thing that it is asked for by id."""
    return sandbox.truth(table.name, **parts_of(sandbox, table))


class Asker:
    """Asks a sandbox's API with a bearer got by client credentials."""

    def __init__(self, sandbox: Sandbox, scope: str | None = None) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {bearer(sandbox, scope)}"

    def __call__(self, path: str, **parameters: Any) -> requests.Response:
        """The answer to a GET."""
        url = self.sandbox.base_url + path
        return self.session.get(url, params=parameters, timeout=30)

    def table(self, name: str, **parameters: Any) -> requests.Response:
        """The answer to a GET of a table's path; the parts of the path may be among *parameters*."""
        table = catalog.TABLES[name]
        parts = parts_of(self.sandbox, table) if set(table.per) - set(parameters) else {}
        parts |= {part: parameters.pop(part) for part in table.per if part in parameters}
        return self(table.path.format(**parts), **parameters)

    def rows(self, name: str, **parameters: Any) -> list[Row]:
        """All rows of a table, walked in its way of paging."""
        return [row for page in self.pages(name, **parameters) for row in page]

    def pages(self, name: str, **parameters: Any) -> Iterator[list[Row]]:
        """The pages of a table."""
        table = catalog.TABLES[name]
        paging, parameters = table.paging, parts_of(self.sandbox, table) | parameters
        if paging == "none":
            page = self.table(name, **parameters).json()
            yield [page] if table.answer == "row" else rows_of(page)
        elif paging == "cursor":
            for envelope in self.envelopes(name, **parameters):
                yield envelope["results"]
        elif paging == "cursor_name":
            yield from self._named(name, parameters)
        elif paging == "anchor":
            yield from self._anchored(table, parameters)
        else:
            yield from self._by_id(name, paging, parameters)

    def envelopes(self, name: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The envelopes of a query, up to an empty name, a missing cursor or an empty page."""
        asked = {"pageSize": 1000} | parameters
        while True:
            answer = self.table(name, **asked)
            assert answer.status_code == 200, answer.text
            envelope = answer.json()
            yield envelope
            cursor = (envelope.get("cursor") or {}).get("name")
            if not cursor or not envelope["results"]:
                return
            asked["cursor"] = cursor

    def _named(self, name: str, parameters: dict[str, Any]) -> Iterator[list[Row]]:
        asked = {"pageSize": 10} | parameters
        while True:
            envelope = self.table(name, **asked).json()
            yield envelope["results"]
            if "cursorName" not in envelope:
                return
            asked["cursorName"] = envelope["cursorName"]

    def _anchored(self, table: catalog.Table, parameters: dict[str, Any]) -> Iterator[list[Row]]:
        assert table.anchor
        asked, (parameter, field) = {"pageSize": 20} | parameters, table.anchor
        while page := self.table(table.name, **asked).json():
            yield page
            asked[parameter] = page[-1][field]

    def _by_id(self, name: str, paging: str, parameters: dict[str, Any]) -> Iterator[list[Row]]:
        asked = {"pageSize": 1000} | parameters
        while True:
            answer = self.table(name, **asked)
            assert answer.status_code == 200, answer.text
            page = answer.json() if paging == "after" else answer.json()["activities"]
            if not page:
                return
            yield page
            asked["after" if paging == "after" else "olderThan"] = page[-1]["id"]


def name_of(table: catalog.Table) -> str:
    return table.name


def rows_of(page: Any) -> list[Row]:
    """The rows of a page, whatever stands around them."""
    if isinstance(page, list):
        return page
    envelopes = ("results", "activities", "tags")
    return next((page[name] for name in envelopes if isinstance(page.get(name), list)), [page])
