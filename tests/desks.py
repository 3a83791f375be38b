"""A desk under watch: what anybody may have seen on it, and what must never be seen."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import open_store
from ninja_analytics.consent.desk import Desk

SEEN_ALLOWED = {
    "busy", "client_id", "editable", "expires_at", "form", "hints", "instance", "meanings",
    "message", "note", "platform", "profile", "refresh_token_at", "refreshes", "said", "scope",
    "status",
}  # fmt: skip
FORM_ALLOWED = {"fields", "instances", "platforms", "wrong"}
FIELDS_ALLOWED = {"client_id", "host", "instance", "name", "platform", "redirect_uri"}


def profile_of(sandbox, platform: str = "native", name: str = "acme", **more: str) -> Profile:
    return Profile(name, sandbox.base_url, sandbox.clients[platform].client_id, platform, **more)


def begin(sandbox, platform: str = "native", **more: str) -> PendingConsent[TokenKeeper]:
    return PendingConsent.begin(
        profile_of(sandbox, platform, **more),
        open_store(),
        sandbox.clients[platform].client_secret,
        on_connected=lambda keeper: keeper,
    )


def typed(sandbox, platform: str = "native", **changes: str) -> dict[str, str]:
    fields = {
        "name": "acme",
        "instance": "other",
        "host": sandbox.base_url,
        "client_id": sandbox.clients[platform].client_id,
        "platform": platform,
        "redirect_uri": "http://localhost:8725/" if platform in ("web", "single-page") else "",
    }
    return fields | changes


class Watched:
    """A desk, and all that anybody may have seen on it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.history = [desk.seen()]
        desk.on_change(lambda: self.history.append(desk.seen()))

    @property
    def statuses(self) -> list[str]:
        """The states it went through, without those that follow themselves."""
        found = [seen["status"] for seen in self.history]
        return [one for one, before in zip(found, [None, *found], strict=False) if one != before]

    def expect_clean(self, *secrets: str | None) -> None:
        """Nothing is seen that is not on the list, and no secret in it."""
        everything = json.dumps(self.history) + repr(self.desk)
        assert len(secrets) >= 2
        assert not [secret for secret in secrets if secret and secret in everything]
        for seen in self.history:
            assert set(seen) == SEEN_ALLOWED
            assert seen["form"] is None or set(seen["form"]) == FORM_ALLOWED
            assert seen["form"] is None or set(seen["form"]["fields"]) == FIELDS_ALLOWED


def form(problem: str = "", on_connected=lambda keeper: None, **given: str) -> Watched:
    return Watched(Desk.of_form("acme", given, problem, on_connected))


def connected(sandbox, platform: str = "native") -> tuple[Watched, TokenKeeper]:
    pending = begin(sandbox, platform)
    keeper = pending.complete(sandbox.browse(pending.authorization_url))
    return Watched(Desk.of_keeper(keeper)), keeper


def secrets_of(url: str, *more: str | None, keeper: TokenKeeper | None = None) -> list[str]:
    fields = parse_qs(urlsplit(url).query)
    token = keeper.token() if keeper else None
    found = [url, *fields["state"], *fields.get("code_challenge", []), *more]
    found += [token.access_token, token.refresh_token] if token else []
    return [one for one in found if one]


def eventually(claim: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not claim() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(claim())
