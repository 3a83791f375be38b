"""Sessions at a sandbox, and what hands out their tokens."""

from __future__ import annotations

from typing import Any

from ninja_analytics.sandbox import Sandbox
from ninja_analytics.session import Session
from tests.sandbox_client import bearer


class Keeper:
    """Hands out tokens by client credentials, and counts how often it had to renew one."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._token = ""
        self.renewed = 0

    def access_token(self) -> str:
        self._token = self._token or bearer(self._sandbox)
        return self._token

    def renew(self, rejected: str) -> str:
        assert rejected == self._token
        self.renewed += 1
        self._token = bearer(self._sandbox)
        return self._token


class Fixed:
    """Hands out one and the same token."""

    def __init__(self, token: str = "canary-token") -> None:
        self.token = token

    def access_token(self) -> str:
        return self.token

    def renew(self, rejected: str) -> str:
        return self.token


def session(sandbox: Sandbox, waits: list[float] | None = None, **settings: Any) -> Session:
    kept = [] if waits is None else waits
    return Session(sandbox.base_url, Keeper(sandbox), sleep=kept.append, **settings)
