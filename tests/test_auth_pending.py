"""A consent under way: listener and pasted address, first answer wins, nothing forged gets in."""

from __future__ import annotations

import logging
import re
import signal
import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

import ninja_analytics as na
from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import MemoryStore, open_store
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ClientAppError,
    ConsentError,
    ConsentTimeoutError,
    ProfileError,
    ScopeError,
    UnreachableError,
)
from tests.pendings import Connected, address, free_port, state_of
from tests.sandbox_client import visit


def test_the_browser_comes_back_to_the_listener(begin, sandbox):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)
    page = visit(back)
    connected = pending.wait(10)

    assert back.startswith(f"{pending.redirect_uri}?")
    assert pending.redirect_uri.startswith("http://127.0.0.1:")
    assert "You can close this tab" in page.text
    assert connected.keeper.access_token() == open_store().load(pending.profile.key).access_token
    assert (pending.done, pending.error) == (True, None)
    assert pending.token.scope == ("monitoring", "offline_access")


@pytest.mark.parametrize("how", ["address", "query", "with question mark", "mangled by mail"])
def test_the_pasted_address_completes_it(begin, sandbox, how):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)
    query = back.partition("?")[2]
    pasted = {
        "address": f"  {back}\n",
        "query": query,
        "with question mark": f"?{query}",
        "mangled by mail": f'"<{back[:60]}\n{back[60:].replace("&", "&amp;")}>"',
    }[how]

    assert pending.complete(pasted).keeper.access_token()
    assert pending.done


def test_an_issuer_in_the_address_is_let_through(begin, sandbox):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)

    assert pending.complete(f"{back}&iss=https%3A%2F%2Fissuer.example&session_state=x")


def test_wait_and_complete_return_the_same_object_made_once(begin, sandbox):
    def slowly(keeper: TokenKeeper) -> Connected:
        time.sleep(0.3)  # so that all others arrive meanwhile
        return Connected(keeper)

    pending = begin(on_connected=slowly)
    back = sandbox.browse(pending.authorization_url)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(pending.wait, 10) for _ in range(2)]
        pasting = [pool.submit(pending.complete, back) for _ in range(3)]
        visiting = [pool.submit(visit, back) for _ in range(3)]
        found = {future.result() for future in waiting + pasting}
        for future in visiting:
            try:
                assert "Connected to NinjaOne" in future.result().text
            except requests.ConnectionError:
                continue  # it came when the listener had closed

    assert len(found) == 1
    assert Connected.made == 1
    assert pending.complete("anything") is pending.wait() is found.pop()


def test_a_secret_that_worked_is_stored_for_the_next_time(begin, sandbox):
    pending = begin("web")
    pending.complete(sandbox.browse(pending.authorization_url))
    secret = sandbox.clients["web"].client_secret

    assert open_store().load_secret(pending.profile.key) == secret
    keeper = TokenKeeper(pending.profile, open_store())
    assert keeper.renew(keeper.access_token())


def test_a_missing_client_secret_and_client_credentials_are_refused_before_anything_is_opened(
    sandbox,
):
    for platform, why in (("web", "NINJA_CLIENT_SECRET"), ("api-services", "need no consent")):
        profile = resolve("sandbox", base_url=sandbox.base_url, platform=platform)
        with pytest.raises(ProfileError, match=why):
            PendingConsent.begin(profile, MemoryStore(), on_connected=Connected)


def test_no_answer_in_time_ends_it_and_closes_the_port(begin):
    pending = begin(timeout=0.3)
    changed = threading.Event()
    pending.on_change(changed.set)
    assert changed.wait(5)

    assert isinstance(pending.error, ConsentTimeoutError)
    with pytest.raises(ConsentTimeoutError):
        pending.wait(1)
    with pytest.raises(AuthorizationResponseError, match="open for too long"):
        pending.complete(address(pending, code="x", state=state_of(pending)))
    with pytest.raises(requests.ConnectionError):
        visit(pending.redirect_uri)


def test_a_short_wait_leaves_it_open_and_a_long_one_keeps_it_open(begin, sandbox):
    pending = begin(timeout=1.5)
    with pytest.raises(ConsentTimeoutError, match="within 0 seconds"):
        pending.wait(0.05)
    assert not pending.done

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pending.wait, 30)
        time.sleep(2)
        visit(sandbox.browse(pending.authorization_url))
        assert waiting.result(timeout=10)


def test_cancel_ends_it_and_frees_the_port(begin):
    pending = begin()
    pending.cancel()
    pending.cancel()

    with pytest.raises(ConsentError, match="canceled"):
        pending.wait(1)
    with pytest.raises(requests.ConnectionError):
        visit(pending.redirect_uri)


def test_on_change_is_called_when_it_ends_and_at_once_afterwards(begin, sandbox):
    pending = begin()
    seen = []
    pending.on_change(lambda: seen.append(("first", pending.done)))
    pending.on_change(lambda: seen.append(1 / 0))
    assert seen == []

    pending.complete(sandbox.browse(pending.authorization_url))
    pending.on_change(lambda: seen.append(("late", pending.done)))

    assert seen == [("first", True), ("late", True)]


def test_what_fails_while_connecting_is_told_and_the_token_is_kept(begin, sandbox):
    def fail(keeper):
        raise ValueError("not today")

    pending = begin(on_connected=fail)
    with pytest.raises(ValueError, match="not today"):
        pending.complete(sandbox.browse(pending.authorization_url))

    assert isinstance(pending.error, ValueError)
    assert open_store().load(pending.profile.key) is not None


def test_a_server_that_is_gone_at_the_exchange_ends_it_and_leaves_the_old_token(
    begin, fresh_sandbox
):
    sandbox = fresh_sandbox(devices=3)
    first = begin(at=sandbox)
    first.complete(sandbox.browse(first.authorization_url))
    kept = open_store().load(first.profile.key)
    second = begin(at=sandbox)
    back = sandbox.browse(second.authorization_url)
    sandbox.stop()

    page = visit(back)

    with pytest.raises(UnreachableError):
        second.wait(10)
    assert "does not answer" in page.text
    assert open_store().load(first.profile.key) == kept


def test_a_narrower_scope_is_told_from_a_wider_one(begin, fresh_sandbox):
    sandbox = fresh_sandbox(devices=3)
    for granted, why in (
        ("offline_access", "did not grant the scope monitoring"),
        ("monitoring management offline_access", "more than was asked for"),
    ):
        sandbox.switch(granted_scopes=granted)
        pending = begin(at=sandbox)
        with pytest.raises(ScopeError, match=why):
            pending.complete(sandbox.browse(pending.authorization_url))
    assert open_store().load(pending.profile.key) is None

    sandbox.switch(granted_scopes="monitoring")
    pending = begin(at=sandbox)
    pending.complete(sandbox.browse(pending.authorization_url))
    assert (pending.token.scope, pending.token.refresh_token) == (("monitoring",), None)


def test_nothing_secret_is_shown_or_kept_after_success(begin, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    pending = begin("web")
    state, verifier = state_of(pending), pending._code_verifier
    back = sandbox.browse(pending.authorization_url)
    code = parse_qs(urlsplit(back).query)["code"][0]
    before = repr(pending)
    if pending.listener_error is None:
        visit(back)
        pending.wait(10)
    pending.complete(back)

    token, secret = pending.token, sandbox.clients["web"].client_secret
    hidden = (state, verifier, code, secret, token.access_token, token.refresh_token)
    shown = f"{before} {pending!r} {pending.token!r}"
    for value in hidden:
        assert value not in shown
        assert value not in caplog.text
    kept = repr({name: value for name, value in vars(pending).items() if "url" not in name})
    assert not any(value in kept for value in hidden)


def test_two_consents_at_once_do_not_disturb_each_other(begin, sandbox):
    one, other = begin(), begin(name="other")
    visit(sandbox.browse(other.authorization_url))
    visit(sandbox.browse(one.authorization_url))

    assert one.wait(10) is not other.wait(10)
    assert one.redirect_uri != other.redirect_uri


def test_nobody_watches_the_clock_while_an_answer_is_checked_beyond_the_time(begin, sandbox):
    checking, go_on = threading.Event(), threading.Event()

    def slowly(keeper: TokenKeeper) -> Connected:
        checking.set()
        assert go_on.wait(10)
        return Connected(keeper)

    others = set(threading.enumerate())
    pending = begin(on_connected=slowly, timeout=1)
    (watch,) = (
        one for one in set(threading.enumerate()) - others if one.name == "consent-deadline"
    )
    back = sandbox.browse(pending.authorization_url)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(pending.complete, back)
        assert checking.wait(10)
        watch.join(3)
        busy = watch.is_alive()
        go_on.set()
        assert answer.result(10)

    assert not busy


def test_an_interrupt_while_the_answer_is_checked_does_not_lose_the_token(
    begin, sandbox, monkeypatch
):
    exchange = grants.exchange_code

    def slowly(*what):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.3)
        return exchange(*what)

    monkeypatch.setattr(grants, "exchange_code", slowly)
    pending = begin("web")
    with pytest.raises(KeyboardInterrupt) as caught:
        pending.complete(sandbox.browse(pending.authorization_url))

    assert pending.wait(5).keeper.access_token()
    shown = "".join(traceback.TracebackException(*caught._excinfo, capture_locals=True).format())
    assert sandbox.clients["web"].client_secret not in shown


def test_a_keeper_goes_on_with_the_client_secret_that_the_newest_consent_had(begin, sandbox):
    profile = resolve("sandbox", base_url=sandbox.base_url, platform="web")
    keeper = TokenKeeper(profile, open_store(), "a secret that was replaced in NinjaOne")
    pending = begin("web", keeper=keeper)
    pending.complete(sandbox.browse(pending.authorization_url))

    keeper.refresh_now()

    assert open_store().load_secret(profile.key) == sandbox.clients["web"].client_secret


def test_a_connection_follows_a_client_secret_that_another_process_has_stored(begin, sandbox):
    first = begin("web")
    first.complete(sandbox.browse(first.authorization_url))
    store, key, right = open_store(), first.profile.key, sandbox.clients["web"].client_secret
    store.save_secret(key, "a secret that was replaced in NinjaOne")
    later = na.connect("sandbox", base_url=sandbox.base_url, platform="web", interactive=False)
    with pytest.raises(ClientAppError, match="does not accept the client secret"):
        later._keeper.refresh_now()
    store.save_secret(key, right)  # as the consent of another process does

    for keeper in (first.keeper, later._keeper):
        keeper.refresh_now()


def test_a_keeper_that_is_given_lives_again(begin, sandbox):
    first = begin("web")
    first.complete(sandbox.browse(first.authorization_url))
    keeper = first.keeper
    keeper.disconnect()
    second = begin("web", keeper=keeper)

    connected = second.complete(sandbox.browse(second.authorization_url))

    assert connected.keeper is second.keeper is keeper
    assert keeper.access_token() == second.token.access_token
    assert keeper.renew(keeper.access_token())  # needs the client secret, which was forgotten


def test_an_app_that_is_not_there_is_told_before_a_link_is_shown(sandbox):
    port = free_port()
    profile = resolve(
        "acme",
        base_url=sandbox.base_url,
        client_id="nobody",
        redirect_uri=f"http://127.0.0.1:{port}",
    )

    with pytest.raises(ClientAppError, match="no client app 'nobody'"):
        PendingConsent.begin(profile, MemoryStore(), on_connected=Connected)
    socket.create_server(("127.0.0.1", port)).close()  # nobody has it any more


@pytest.mark.parametrize(("platform", "refreshes"), [("native", True), ("single-page", False)])
def test_a_note_says_why_a_connection_ends(begin, sandbox, platform, refreshes):
    pending = begin(platform)
    assert pending.note is None
    pending.complete(sandbox.browse(pending.authorization_url))

    if refreshes:
        assert pending.note is None
    else:
        assert re.search(r"no refresh token: this session ends at \d\d:\d\d UTC", pending.note)
