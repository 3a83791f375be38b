"""The keeper: one refresh among all threads and processes, and no token lost."""

from __future__ import annotations

import logging
import os
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import MemoryStore, open_store
from ninja_analytics.errors import (
    ClientAppError,
    ConsentRequiredError,
    ServerError,
    UnreachableError,
)
from tests.keepers import again, age, connected, fresh_token, token_requests


def test_threads_with_a_memory_store_refresh_once_even_with_two_keepers(own):
    keeper = connected(own, MemoryStore())
    keepers = [keeper, again(keeper)]
    age(keeper, left=-1)
    keeper._token = None
    before = token_requests(own)

    with ThreadPoolExecutor(16) as pool:
        tokens = set(pool.map(lambda n: keepers[n % 2].access_token(), range(64)))

    assert len(tokens) == 1
    assert token_requests(own) - before == 1


def test_threads_whose_token_was_rejected_refresh_once(own):
    keeper = connected(own)
    rejected = keeper.access_token()
    before = token_requests(own)

    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: keeper.renew(rejected), range(32)))

    assert len(tokens) == 1
    assert rejected not in tokens
    assert token_requests(own) - before == 1


def test_a_token_is_refreshed_ahead_of_its_end_and_saved_before_it_is_used(own):
    keeper = connected(own)
    old = keeper.token()
    age(keeper, left=30)
    keeper = again(keeper)

    access = keeper.access_token()

    saved = open_store().load(keeper.profile.key)
    assert access == saved.access_token != old.access_token
    assert saved.refresh_token != old.refresh_token
    assert saved.expires_at - time.time() > 3500


def test_a_living_token_asks_nobody(own):
    keeper = connected(own)
    before = token_requests(own)

    assert {keeper.access_token() for _ in range(50)} == {keeper.token().access_token}
    assert token_requests(own) == before


def test_what_another_keeper_has_saved_is_adopted(own):
    one = connected(own)
    other = again(one)
    rejected = one.access_token()
    other.renew(rejected)
    before = token_requests(own)

    assert one.renew(rejected) == other.access_token()
    assert token_requests(own) == before


def test_a_dead_refresh_token_asks_for_consent_by_name_and_asks_the_server_once(own):
    keeper = connected(own)
    own.revoke_grants()
    rejected = keeper.access_token()
    before = token_requests(own)

    for _ in range(5):
        with pytest.raises(
            ConsentRequiredError, match="ninja-analytics connect --profile sandbox"
        ) as caught:
            keeper.renew(rejected)
        text = "".join(traceback.format_exception(caught.value))
        assert keeper.token().refresh_token not in text

    assert token_requests(own) - before == 1
    assert open_store().load(keeper.profile.key) is not None


def test_a_reused_refresh_token_ends_the_grant_and_the_token_is_kept_to_be_looked_at(own):
    keeper = connected(own)
    stolen = keeper.token()
    keeper.renew(stolen.access_token)
    command = "ended. Run: ninja-analytics connect --profile sandbox"

    with pytest.raises(ConsentRequiredError, match=command):
        grants.refresh(keeper.profile, stolen.refresh_token)
    kept = keeper.token()
    with pytest.raises(ConsentRequiredError, match=command):
        keeper.renew(kept.access_token)
    assert open_store().load(keeper.profile.key) == kept
    assert keeper.state()["error"].endswith("connect --profile sandbox --base-url " + own.base_url)


def test_a_refresh_token_that_is_too_old_asks_for_consent(own):
    own.switch(refresh_lifetime=0.2)
    keeper = connected(own)
    own.switch(refresh_lifetime=None)
    time.sleep(0.3)

    with pytest.raises(ConsentRequiredError, match="connect --profile sandbox"):
        keeper.refresh_now()
    assert keeper.state()["status"] == "connected"  # its access token lives on
    age(keeper, left=-1)
    assert keeper.state()["status"] == "expired"


@pytest.mark.parametrize("ahead", [5400, -5400])
def test_a_wrong_clock_is_measured_and_does_not_shorten_or_stretch_a_token(own, ahead):
    own.switch(clock_ahead=ahead)
    keeper = connected(own)
    before = token_requests(own)

    assert keeper.access_token()
    state = keeper.state()
    assert token_requests(own) == before
    assert abs(state["clock_skew"] - ahead) <= 2
    assert 3590 < state["expires_at"] - time.time() <= 3600


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_that_is_set_to_another_time_costs_one_refresh(own, monkeypatch, hours):
    keeper = connected(own)
    old, before, now = keeper.access_token(), token_requests(own), time.time
    monkeypatch.setattr(time, "time", lambda: now() + hours * 3600)

    tokens = {one.access_token() for one in (keeper, again(keeper), keeper)}

    assert tokens == {keeper.token().access_token} != {old}
    assert token_requests(own) - before == 1


def test_a_stored_token_from_the_future_is_refreshed_once_and_not_lost(own):
    keeper = connected(own)
    age(keeper, left=2 * 3600)
    future, before = keeper.token(), token_requests(own)

    tokens = {again(keeper).access_token() for _ in range(3)}

    assert tokens == {keeper.token().access_token} != {future.access_token}
    assert token_requests(own) - before == 1


class LaggingStore(MemoryStore):
    """A store whose first look shows what was there before, as a network drive may."""

    def __init__(self):
        super().__init__()
        self.lagging = None

    def load(self, key):
        lagging, self.lagging = self.lagging, None
        return lagging or super().load(key)


def test_a_refresh_token_that_another_has_used_meanwhile_is_looked_up_once_more(own):
    store = LaggingStore()
    keeper = connected(own, store)
    old = keeper.token()
    store.save(keeper.profile.key, fresh_token(own, keeper.profile))
    grants.revoke(keeper.profile, old)
    store.lagging = old

    assert keeper.renew(old.access_token) == keeper.token().access_token != old.access_token


def test_no_network_keeps_the_token_and_the_next_try_works(own):
    keeper = connected(own)
    kept = keeper.token()
    own.fault("drop", path="/ws/oauth/token", times=1)

    with pytest.raises(UnreachableError):
        keeper.renew(kept.access_token)
    assert open_store().load(keeper.profile.key) == kept
    assert keeper.state()["error"]

    assert keeper.renew(kept.access_token) != kept.access_token
    assert keeper.state()["error"] is None


def test_a_sandbox_that_is_gone_keeps_the_token_and_threads_do_not_queue_up(own):
    keeper = connected(own)
    age(keeper, left=-1)
    keeper = again(keeper)
    kept = open_store().load(keeper.profile.key)
    own.stop()
    began = time.monotonic()

    def ask(_):
        with pytest.raises(UnreachableError):
            keeper.access_token()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(16)))

    assert time.monotonic() - began < 3
    assert open_store().load(keeper.profile.key) == kept


def test_an_early_refresh_that_fails_does_not_fail_the_call(own, caplog):
    keeper = connected(own)
    age(keeper, left=30)
    keeper = again(keeper)
    living = keeper.token().access_token
    own.fault("500", path="/ws/oauth/token", times=1)
    before = token_requests(own)

    with caplog.at_level(logging.WARNING):
        assert [keeper.access_token() for _ in range(5)] == [living] * 5
    assert token_requests(own) - before == 1
    assert "ahead of its end" in caplog.text

    age(keeper, left=-1)
    keeper._token = None
    assert keeper.access_token() != living


def test_an_expired_token_and_a_broken_server_is_the_servers_error(own):
    keeper = connected(own)
    own.fault("502", path="/ws/oauth/token", times=1)

    with pytest.raises(ServerError):
        keeper.renew(keeper.access_token())


def test_client_credentials_get_a_new_token_on_expiry_and_one_for_all_threads(own):
    keeper = connected(own, platform="api-services")
    with ThreadPoolExecutor(8) as pool:
        first = set(pool.map(lambda _: keeper.access_token(), range(16)))
    age(keeper, left=-1)
    keeper = again(keeper)
    with ThreadPoolExecutor(8) as pool:
        second = set(pool.map(lambda _: keeper.access_token(), range(16)))

    assert (len(first), len(second), len(first | second)) == (1, 1, 2)
    assert token_requests(own) == 2


def test_client_credentials_without_a_secret_name_the_variable_to_set(own):
    profile = resolve("sandbox", base_url=own.base_url, platform="api-services")

    with pytest.raises(ConsentRequiredError, match="NINJA_CLIENT_SECRET"):
        TokenKeeper(profile, open_store()).access_token()


def test_a_wrong_client_secret_is_said_and_not_shown(own):
    profile = resolve("sandbox", base_url=own.base_url, platform="api-services")
    wrong = os.urandom(12).hex()

    with pytest.raises(ClientAppError) as caught:
        TokenKeeper(profile, open_store(), wrong).access_token()
    assert wrong not in "".join(traceback.format_exception(caught.value))


def test_the_single_page_platform_says_when_its_token_is_over(own):
    keeper = TokenKeeper(resolve("sandbox", base_url=own.base_url), open_store())
    token = fresh_token(own, keeper.profile)
    keeper.accept(replace(token, refresh_token=None))
    age(keeper, left=-1)

    with pytest.raises(ConsentRequiredError, match="no refresh token"):
        again(keeper).access_token()
    assert keeper.state()["status"] == "expired"


def test_nobody_signed_in_ends_at_once_with_the_command_to_type(own):
    keeper = TokenKeeper(resolve("sandbox", base_url=own.base_url), open_store())

    with pytest.raises(ConsentRequiredError, match="ninja-analytics connect --profile sandbox"):
        keeper.access_token()
    assert token_requests(own) == 0
    assert keeper.state()["status"] == "signed out"


def test_nobody_signed_in_where_tokens_do_not_outlive_the_process_says_that_too(own):
    profile = resolve("sandbox", base_url=own.base_url)

    with pytest.raises(ConsentRequiredError, match=r"this process.*NINJA_TOKEN_STORE=file.*Run: "):
        TokenKeeper(profile, MemoryStore()).access_token()


def test_a_refresh_token_is_kept_when_no_new_one_comes(own):
    own.switch(rotate=False)
    keeper = connected(own)
    first = keeper.token()
    keeper.renew(first.access_token)

    assert keeper.token().refresh_token == first.refresh_token
    assert keeper.token().access_token != first.access_token


def test_a_keeper_may_be_used_on_the_main_thread_and_on_others_at_once(own):
    keeper = connected(own)
    age(keeper, left=-1)
    keeper = again(keeper)
    found = []
    thread = threading.Thread(target=lambda: found.append(keeper.access_token()))
    thread.start()
    found.append(keeper.access_token())
    thread.join()

    assert len(set(found)) == 1
