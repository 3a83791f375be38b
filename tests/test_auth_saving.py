"""Tokens are saved before they are used, whatever the disk does, and a lock ends its wait."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.locks import exclusive
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import MemoryStore
from ninja_analytics.errors import (
    ConsentError,
    TokenStoreError,
)
from tests.keepers import again, age, connected, fresh_token, token_requests


class FullDisk(MemoryStore):
    """A store that cannot take anything while it is full."""

    full = False

    def save(self, key, token):
        if self.full:
            raise TokenStoreError("The disk is full.")
        super().save(key, token)


def test_a_token_that_cannot_be_saved_is_an_error_and_is_not_lost(own):
    store = FullDisk()
    keeper = connected(own, store)
    old = keeper.token()
    store.full = True
    with pytest.raises(TokenStoreError):
        keeper.renew(old.access_token)
    assert store.load(keeper.profile.key) == old

    store.full = False
    before = token_requests(own)
    renewed = keeper.renew(old.access_token)

    assert token_requests(own) == before
    assert store.load(keeper.profile.key).access_token == renewed != old.access_token
    assert keeper.renew(renewed) != renewed


def test_a_token_that_could_not_be_saved_is_saved_as_soon_as_that_works(own):
    store = FullDisk()
    keeper = connected(own, store)
    store.full = True
    with pytest.raises(TokenStoreError):
        keeper.refresh_now()
    with pytest.raises(TokenStoreError):
        keeper.access_token()
    store.full = False

    assert keeper.access_token() == store.load(keeper.profile.key).access_token


def test_a_new_token_is_given_to_no_thread_before_it_is_saved(own):
    class Watched(MemoryStore):
        seen: str | None = None

        def save(self, key, token):
            with ThreadPoolExecutor(1) as other:
                self.seen = other.submit(keeper.access_token).result(10)
            super().save(key, token)

    keeper = TokenKeeper(resolve("sandbox", base_url=own.base_url), store := Watched())
    old = fresh_token(own, keeper.profile)
    MemoryStore.save(store, keeper.profile.key, old)
    keeper.access_token()
    keeper.refresh_now()

    assert store.seen == old.access_token != keeper.access_token()


def test_a_lock_that_somebody_keeps_ends_the_wait_with_a_sentence(own, monkeypatch):
    monkeypatch.setattr("ninja_analytics.auth.keeper._LOCK_SECONDS", 0.1)
    keeper = connected(own)
    age(keeper, left=-1)
    locked = exclusive(keeper.profile.key, wait=1, among_processes=True)

    with locked, pytest.raises(TokenStoreError, match="locked by another process"):
        again(keeper).access_token()


def test_two_profiles_do_not_wait_for_each_other(own):
    native, machine = connected(own), connected(own, platform="api-services")
    age(native, left=-1)
    native = again(native)
    with exclusive(native.profile.key, wait=1, among_processes=True):
        began = time.monotonic()
        assert machine.access_token()
        assert time.monotonic() - began < 2


def test_a_damaged_token_file_is_an_error_and_disconnect_clears_it(own, home):
    keeper = connected(own)
    (home / "tokens" / f"{keeper.profile.key}.token").write_text("{", encoding="utf-8")
    keeper = again(keeper)

    with pytest.raises(TokenStoreError, match="connect --profile sandbox"):
        keeper.access_token()
    with pytest.raises(ConsentError, match="signed out here"):
        keeper.disconnect()
    assert keeper.token() is None
