"""What the tests of a consent under way share: what it leads to, and its addresses."""

from __future__ import annotations

import socket
from urllib.parse import parse_qs, urlencode, urlsplit

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent


class Connected:
    """What the consent leads to; counts how often it was made."""

    made = 0

    def __init__(self, keeper: TokenKeeper) -> None:
        type(self).made += 1
        self.keeper = keeper


def state_of(pending: PendingConsent) -> str:
    return parse_qs(urlsplit(pending.authorization_url).query)["state"][0]


def address(pending: PendingConsent, **answer: str) -> str:
    return f"{pending.redirect_uri}/?{urlencode(answer)}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
