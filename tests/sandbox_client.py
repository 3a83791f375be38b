"""A plain client of the sandbox for tests: a bearer, a GET, walks in each way of paging, a browser."""

from __future__ import annotations

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
        """The answer to a GET of a table's path."""
        return self(catalog.TABLES[name].path, **parameters)

    def rows(self, name: str, **parameters: Any) -> list[Row]:
        """All rows of a table, walked in its way of paging."""
        return [row for page in self.pages(name, **parameters) for row in page]

    def pages(self, name: str, **parameters: Any) -> Iterator[list[Row]]:
        """The pages of a table."""
        paging = catalog.TABLES[name].paging
        if paging == "none":
            yield self.table(name, **parameters).json()
        elif paging == "cursor":
            for envelope in self.envelopes(name, **parameters):
                yield envelope["results"]
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
    return page if isinstance(page, list) else page.get("results", page.get("activities"))
