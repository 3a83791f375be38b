"""The client secret that a keeper keeps beside its token, and when a short token is due."""

from __future__ import annotations

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import MemoryStore
from ninja_analytics.auth.tokens import Token

WHO = Profile("acme", "http://127.0.0.1:9", "some-client", platform="web")
TOKEN = Token("canary-access", "canary-refresh", 30.0, ("monitoring",), 0.0)


def test_signing_out_forgets_the_client_secret_too(monkeypatch):
    monkeypatch.setattr(grants, "revoke", lambda *_: None)
    store = MemoryStore()
    keeper = TokenKeeper(WHO, store, "canary-secret")
    keeper.accept(TOKEN)
    assert store.load_secret(WHO.key) == "canary-secret"

    keeper.disconnect()

    assert store.load_secret(WHO.key) is None


def test_a_client_secret_of_the_environment_stays_there(monkeypatch):
    monkeypatch.setenv("NINJA_CLIENT_SECRET", "canary-secret")
    store = MemoryStore()

    TokenKeeper(WHO, store, "canary-secret").accept(TOKEN)

    assert store.load_secret(WHO.key) is None


@pytest.mark.parametrize(("now", "due"), [(0.0, False), (26.0, False), (27.5, True), (31.0, True)])
def test_a_token_of_a_short_life_is_due_in_its_last_tenth(now, due):
    assert TOKEN.due(now) is due
