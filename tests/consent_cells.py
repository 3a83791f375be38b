"""Cells that show a panel and give consent, and the secrets they must not show."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

CELL = """
from ninja_analytics import consent
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store
who = resolve("sandbox", base_url={base_url!r}, client_id={client_id!r})
pending = PendingConsent.begin(who, open_store("memory"), on_connected=lambda keeper: keeper)
panel = consent.show(pending)
"""
# Plays the browser in the kernel, and lets the secrets out by a file only.
ANSWER = """
import json
from pathlib import Path
from ninja_analytics.sandbox.person import browse
answer = browse(pending.authorization_url, username={username!r}, password={password!r})
pending.complete(answer)
token = pending.token
secrets = [pending.authorization_url, answer, token.access_token, token.refresh_token]
Path({path!r}).write_text(json.dumps(secrets))
"""


def cell_for(sandbox) -> str:
    return CELL.format(base_url=sandbox.base_url, client_id=sandbox.clients["native"].client_id)


def canaries(values: list[str]) -> list[str]:
    """The values, and the secrets in the queries of those that are addresses."""
    found = list(values)
    for value in values:
        query = parse_qs(urlsplit(value).query)
        found += [
            secret for name in ("code", "state", "code_challenge") for secret in query.get(name, [])
        ]
    return found


WITH_A_PERSON = "get_ipython().kernel._allow_stdin = True\n"
