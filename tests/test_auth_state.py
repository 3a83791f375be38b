"""What a keeper says and tells: its state, each change, the next step, and never a secret."""

from __future__ import annotations

import copy
import logging
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from ninja_analytics import begin_consent
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.locks import exclusive
from ninja_analytics.auth.profiles import resolve, save
from ninja_analytics.auth.store import MemoryStore, open_store
from ninja_analytics.auth.tokens import Token
from ninja_analytics.errors import (
    ConsentRequiredError,
    NinjaError,
    ServerError,
)
from tests.keepers import again, connected, fresh_token, token_requests
from tests.odd_server import OddServer


def test_a_button_gets_a_new_token_whatever_is_left_of_the_old(own):
    keeper = connected(own)
    old = keeper.token()
    keeper.refresh_now()

    assert keeper.access_token() == keeper.token().access_token != old.access_token
    assert again(keeper).access_token() == keeper.access_token()


def test_a_button_where_nothing_can_be_refreshed_says_why_and_ends_nothing(own):
    keeper = TokenKeeper(resolve("sandbox", base_url=own.base_url), open_store())
    with pytest.raises(ConsentRequiredError, match="Nobody is signed in"):
        keeper.refresh_now()

    token = replace(fresh_token(own, keeper.profile), refresh_token=None)
    keeper.accept(token)
    with pytest.raises(ConsentRequiredError, match=r"cannot be refreshed.*no refresh token"):
        keeper.refresh_now()
    assert keeper.access_token() == token.access_token
    assert keeper.state()["status"] == "connected"
    assert keeper.state()["error"] is None


def test_every_change_is_told_once_with_no_lock_held(own):
    keeper = connected(own)
    told = []

    def look():
        with exclusive(keeper.profile.key, wait=2, among_processes=True) as free:
            told.append((free, keeper.state()["status"], bool(keeper.state()["error"])))

    keeper.on_change(look)
    rejected = keeper.access_token()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: keeper.renew(rejected), range(32)))
    assert told == [(True, "connected", False)]

    own.fault("500", path="/ws/oauth/token", times=1)
    with pytest.raises(ServerError):
        keeper.refresh_now()
    keeper.refresh_now()
    keeper.disconnect()
    keeper.accept(fresh_token(own, keeper.profile))
    assert told[1:] == [
        (True, "connected", True),
        (True, "connected", False),
        (True, "signed out", False),
        (True, "connected", False),
    ]


def test_who_has_stopped_listening_is_not_told_and_who_fails_is_logged_and_harms_nobody(
    own, caplog
):
    keeper, told = connected(own), []

    def failing():
        raise LookupError("a broken panel")

    keeper.on_change(failing)
    stop = keeper.on_change(lambda: told.append("stopped"))
    keeper.on_change(lambda: told.append("listening"))
    stop()
    stop()
    keeper.refresh_now()

    assert told == ["listening"]
    assert "a broken panel" in caplog.text


def test_state_and_repr_hold_no_secret(own):
    keeper = connected(own)
    token = keeper.token()
    shown = f"{keeper!r} {keeper.state()} {token!r} {keeper.profile!r} {vars(keeper)['_store']!r}"

    assert token.access_token not in shown
    assert token.refresh_token not in shown
    assert keeper.state()["status"] == "connected"
    assert keeper.state()["refreshes"] is True
    assert keeper.state()["scope"] == ["monitoring", "offline_access"]


def test_the_state_says_how_it_connects_where_it_keeps_and_why_it_will_end(own):
    keys = ("flow", "store", "note", "refresh_token_age")

    def said(keeper):
        return [keeper.state()[key] for key in keys]

    keeper = connected(own)
    token = keeper.token()
    assert said(keeper)[:3] == ["authorization_code", "file", None]
    keeper.accept(replace(token, refresh_token_at=time.time() - 86400))
    assert 86400 <= keeper.state()["refresh_token_age"] < 86460

    keeper.accept(replace(token, refresh_token=None, refresh_token_at=None))
    assert "Refresh Token" in keeper.state()["note"]
    assert keeper.state()["refresh_token_age"] is None

    machine = connected(own, MemoryStore(), "api-services")
    assert said(machine) == ["client_credentials", "memory", None, None]
    machine.access_token()
    assert said(machine) == ["client_credentials", "memory", None, None]
    assert machine.state()["refreshes"] is True


def test_a_debug_log_of_a_keepers_whole_life_holds_no_secret(own, caplog):
    caplog.set_level(logging.DEBUG)
    keeper = connected(own)
    tokens = [keeper.token()]
    keeper.renew(tokens[0].access_token)
    tokens.append(keeper.token())
    own.revoke_grants()
    with pytest.raises(ConsentRequiredError):
        keeper.renew(tokens[1].access_token)
    keeper.disconnect()

    assert "Request body" in caplog.text or "Prepared refresh token" in caplog.text
    for token in tokens:
        assert token.access_token not in caplog.text
        assert token.refresh_token not in caplog.text


def test_a_keeper_is_not_pickled_with_its_token(own):
    keeper = connected(own)

    for action in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="holds a token"):
            action(keeper)


def test_a_client_secret_of_the_environment_is_not_written_down(own, home, monkeypatch):
    secret = own.clients["web"].client_secret
    profile = resolve("sandbox", base_url=own.base_url, platform="web")
    monkeypatch.setenv("NINJA_CLIENT_SECRET", secret)
    begun = begin_consent("sandbox", base_url=own.base_url, platform="web")
    begun.complete(own.browse(begun.authorization_url))

    assert open_store().load_secret(profile.key) is None
    assert not [file for file in home.rglob("*") if file.is_file() and secret in file.read_text()]

    monkeypatch.delenv("NINJA_CLIENT_SECRET")
    before = token_requests(own)
    keeper = TokenKeeper(profile, open_store())
    with pytest.raises(ConsentRequiredError, match="set NINJA_CLIENT_SECRET"):
        keeper.renew(keeper.access_token())
    assert token_requests(own) == before


def test_a_platform_without_a_secret_is_never_sent_one():
    with OddServer(body=b"{}") as server:
        profile = resolve("acme", base_url=server.url, client_id="id")
        keeper = TokenKeeper(profile, MemoryStore(), "canary")
        keeper.accept(Token("access", "refresh", time.time() + 3600, ("monitoring",), time.time()))
        with suppress(NinjaError):
            keeper.renew("access")
        kept = keeper._store.load_secret(profile.key)
        keeper.disconnect()

    assert kept is None
    assert len(server.forms) == 3
    assert not [form for form in server.forms if "client_secret" in form]


@pytest.mark.parametrize(
    ("platform", "known", "options"),
    [
        ("native", True, ""),
        ("native", False, " --base-url {url} --client-id id"),
        ("single-page", False, " --base-url {url} --client-id id --platform single-page"),
    ],
)
def test_the_command_to_type_says_all_that_the_name_does_not(own, platform, known, options):
    given = {"base_url": own.base_url, "client_id": "id", "platform": platform}
    profile = resolve("acme", **given)
    if known:
        save(profile)

    with pytest.raises(ConsentRequiredError) as caught:
        TokenKeeper(profile, open_store()).access_token()
    command = "ninja-analytics connect --profile acme" + options.format(url=own.base_url)
    assert str(caught.value).endswith(f"Run: {command}")
