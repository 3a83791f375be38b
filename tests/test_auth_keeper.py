"""The keeper: one refresh among all threads and processes, and no token lost."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from ninja_analytics import begin_consent
from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import resolve, save
from ninja_analytics.auth.store import MemoryStore, open_store
from ninja_analytics.auth.tokens import Token
from ninja_analytics.errors import (
    ClientAppError,
    ConsentError,
    ConsentRequiredError,
    NinjaError,
    ServerError,
    TokenStoreError,
    UnreachableError,
)
from tests.odd_server import OddServer

REDIRECT = "http://127.0.0.1:53682"


def connected(sandbox, store=None, platform: str = "native") -> TokenKeeper:
    """A keeper with a token fresh from the sandbox."""
    profile = resolve("sandbox", base_url=sandbox.base_url, platform=platform)
    keeper = TokenKeeper(
        profile, open_store() if store is None else store, sandbox.clients[platform].client_secret
    )
    if platform != "api-services":
        keeper.accept(fresh_token(sandbox, profile))
    return keeper


def fresh_token(sandbox, profile):
    url, _, verifier = grants.authorization_request(profile, REDIRECT)
    code = sandbox.browse(url).partition("code=")[2].partition("&")[0]
    return grants.exchange_code(profile, code, verifier, REDIRECT)


def again(keeper: TokenKeeper) -> TokenKeeper:
    """Another keeper of the same profile and store, as a second connect() makes it."""
    return TokenKeeper(keeper.profile, keeper._store, keeper._client_secret)


def age(keeper: TokenKeeper, *, left: float) -> None:
    """Let the stored token have *left* seconds to live, of an hour."""
    token = keeper._store.load(keeper.profile.key)
    now = time.time()
    keeper._store.save(
        keeper.profile.key, replace(token, obtained_at=now + left - 3600, expires_at=now + left)
    )


def token_requests(sandbox) -> int:
    return sum(request["path"] == "/ws/oauth/token" for request in sandbox.requests())


@pytest.fixture
def own(fresh_sandbox):
    return fresh_sandbox(devices=3)


WORKER = """
import sys, threading, time
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store
keeper = TokenKeeper(resolve("sandbox", base_url=sys.argv[1]), open_store())
keeper.access_token()
print("ready", flush=True)
sys.stdin.readline()
together = threading.Barrier(8)
found = []
def ask():
    together.wait()
    found.append(keeper.access_token())
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(*found)
"""


def test_8_threads_in_each_of_6_processes_refresh_once_at_expiry(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, token_lifetime=6)
    keeper = connected(sandbox)
    command = [sys.executable, "-c", WORKER, sandbox.base_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(6)]
    try:
        assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 6
        sandbox.switch(token_lifetime=3600)
        expires_at = keeper.token().expires_at
        before = token_requests(sandbox)
        time.sleep(max(0.0, expires_at - time.time()) + 0.1)
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answers = [worker.communicate(timeout=60)[0].split() for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    assert token_requests(sandbox) - before == 1
    assert [len(answer) for answer in answers] == [8] * 6
    tokens = {token for answer in answers for token in answer}
    assert tokens == {again(keeper).token().access_token}
    assert tokens != {keeper._token.access_token}


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


HOLDER = """
import sys, time
from ninja_analytics.auth.locks import exclusive
with exclusive(sys.argv[1], wait=5, among_processes=True) as held:
    print(held, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_process_that_is_killed_in_the_lock_does_not_block(own):
    keeper = connected(own)
    age(keeper, left=-1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, keeper.profile.key], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "True\n"
    waiting = ThreadPoolExecutor(1)
    answer = waiting.submit(again(keeper).access_token)
    time.sleep(0.3)
    assert not answer.done()

    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    assert answer.result(timeout=5) == keeper.token().access_token
    waiting.shutdown()


def test_while_another_process_renews_a_living_token_serves(own):
    keeper = connected(own)
    age(keeper, left=30)
    keeper = again(keeper)
    living = keeper.token().access_token
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, keeper.profile.key], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "True\n"
        began = time.monotonic()
        assert keeper.access_token() == living
        assert time.monotonic() - began < 2
    finally:
        holder.kill()
        holder.communicate()


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


def test_a_reused_refresh_token_ends_the_grant(own):
    keeper = connected(own)
    stolen = keeper.token()
    keeper.renew(stolen.access_token)

    with pytest.raises(ConsentRequiredError):
        grants.refresh(keeper.profile, stolen.refresh_token)
    with pytest.raises(ConsentRequiredError):
        keeper.renew(keeper.token().access_token)


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


def test_a_refresh_token_is_kept_when_no_new_one_comes(own):
    own.switch(rotate=False)
    keeper = connected(own)
    first = keeper.token()
    keeper.renew(first.access_token)

    assert keeper.token().refresh_token == first.refresh_token
    assert keeper.token().access_token != first.access_token


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


def test_an_interrupt_does_not_break_a_refresh_off(own):
    code = (
        "import sys, os, signal, threading, time\n"
        "from ninja_analytics.auth import grants\n"
        "from ninja_analytics.auth.keeper import TokenKeeper\n"
        "from ninja_analytics.auth.profiles import resolve\n"
        "from ninja_analytics.auth.store import open_store\n"
        "keeper = TokenKeeper(resolve('sandbox', base_url=sys.argv[1]), open_store())\n"
        "save = keeper._store.save\n"
        "def slow(key, token):\n"
        "    os.kill(os.getpid(), signal.SIGINT); time.sleep(0.5); save(key, token)\n"
        "keeper._store.save = slow\n"
        "try:\n"
        "    keeper.renew(keeper.access_token())\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    keeper = connected(own)
    old = keeper.token()
    done = subprocess.run(
        [sys.executable, "-c", code, own.base_url], capture_output=True, text=True, check=False
    )

    assert done.stdout == "interrupted\n", done.stderr
    new = open_store().load(keeper.profile.key)
    assert new.refresh_token != old.refresh_token
    assert grants.refresh(keeper.profile, new.refresh_token).access_token


def test_a_lock_that_somebody_keeps_ends_the_wait_with_a_sentence(own, monkeypatch):
    from ninja_analytics.auth.locks import exclusive

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
    from ninja_analytics.auth.locks import exclusive

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


def test_state_and_repr_hold_no_secret(own):
    keeper = connected(own)
    token = keeper.token()
    shown = f"{keeper!r} {keeper.state()} {token!r} {keeper.profile!r} {vars(keeper)['_store']!r}"

    assert token.access_token not in shown
    assert token.refresh_token not in shown
    assert keeper.state()["status"] == "connected"
    assert keeper.state()["refreshes"] is True
    assert keeper.state()["scope"] == ["monitoring", "offline_access"]


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
