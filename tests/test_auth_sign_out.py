"""Signing out revokes the consent at NinjaOne and forgets it here, also halfway."""

from __future__ import annotations

import signal
import time
import traceback

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.store import open_store
from ninja_analytics.errors import (
    ConsentError,
    ConsentRequiredError,
)
from tests.keepers import again, connected


def test_disconnect_revokes_and_forgets(own):
    keeper = connected(own)
    token = keeper.token()
    keeper.disconnect()

    assert open_store().load(keeper.profile.key) is None
    assert keeper.token() is None
    with pytest.raises(ConsentRequiredError):
        keeper.access_token()
    with pytest.raises(ConsentRequiredError):
        grants.refresh(keeper.profile, token.refresh_token)


def test_disconnect_without_network_forgets_all_the_same_and_says_so(own):
    keeper = connected(own)
    own.stop()

    with pytest.raises(ConsentError, match="OAuth Tokens"):
        keeper.disconnect()
    assert open_store().load(keeper.profile.key) is None


def test_another_keeper_notices_that_the_token_was_given_back(own):
    one = connected(own)
    other = again(one)
    rejected = other.access_token()
    one.disconnect()

    with pytest.raises(ConsentRequiredError):
        other.renew(rejected)


def test_an_interrupted_sign_out_goes_on_to_its_end_and_shows_no_secret(own, monkeypatch):
    keeper, revoke = connected(own, platform="api-services"), grants.revoke
    keeper.access_token()

    def slowly(*what):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.3)
        revoke(*what)

    monkeypatch.setattr(grants, "revoke", slowly)
    with pytest.raises(KeyboardInterrupt) as caught:
        keeper.disconnect()
    until = time.monotonic() + 5
    while keeper.token() and time.monotonic() < until:
        time.sleep(0.02)

    shown = "".join(traceback.TracebackException(*caught._excinfo, capture_locals=True).format())
    assert keeper.token() is None
    assert "/ws/oauth/revoke" in [request["path"] for request in own.requests()]
    assert "disconnect" in shown
    assert own.clients["api-services"].client_secret not in shown
