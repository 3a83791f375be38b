"""What a person sees and can do about one connection, from the form to signing out; no secrets."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.consent.desk import Desk
from ninja_analytics.errors import ConsentRequiredError
from tests.desks import Watched, begin, connected, form, secrets_of, typed


def test_a_consent_goes_from_waiting_by_checking_to_connected(fresh_sandbox):
    sandbox = fresh_sandbox()
    pending = begin(sandbox)
    watched = Watched(Desk.of_consent(pending))
    url, returns_to = watched.desk.link()

    answer = sandbox.browse(url)
    watched.desk.answer(answer)

    seen = watched.desk.seen()
    assert returns_to == pending.redirect_uri
    assert watched.statuses == ["waiting", "checking", "connected"]
    assert seen["scope"] == ["monitoring", "offline_access"]
    assert seen["meanings"]["monitoring"] == "read monitoring data; cannot change anything"
    assert seen["refreshes"] is True
    assert 0 < seen["expires_at"] - time.time() <= 3600
    assert abs(seen["refresh_token_at"] - time.time()) < 60
    assert watched.desk.link() is None
    watched.expect_clean(*secrets_of(url, answer, keeper=pending.keeper))


def test_a_wrong_paste_says_so_and_the_consent_stays_open(sandbox):
    pending = begin(sandbox)
    watched = Watched(Desk.of_consent(pending))

    watched.desk.answer("http://127.0.0.1/?code=c0de-of-a-thief&state=of-another-session")

    assert watched.statuses == ["waiting", "checking", "waiting"]
    assert "not the answer to this consent" in watched.desk.seen()["message"]
    assert watched.desk.link() is not None
    watched.expect_clean(*secrets_of(pending.authorization_url), "c0de-of-a-thief")
    watched.desk.cancel()


def test_after_a_no_the_same_keeper_connects_by_a_new_link(fresh_sandbox):
    sandbox = fresh_sandbox()
    pending = begin(sandbox)
    watched = Watched(Desk.of_consent(pending))

    denied = sandbox.browse(pending.authorization_url, decision="deny")
    watched.desk.answer(denied)
    assert watched.desk.seen()["status"] == "failed"
    assert "not allowed" in watched.desk.seen()["message"]
    watched.desk.connect()
    url, _ = watched.desk.link()
    watched.desk.answer(sandbox.browse(url))

    assert url != pending.authorization_url
    assert watched.statuses[-3:] == ["waiting", "checking", "connected"]
    assert pending.keeper.access_token()
    watched.expect_clean(*secrets_of(url, denied, keeper=pending.keeper))


def test_a_canceled_consent_can_be_begun_again(sandbox):
    watched = Watched(Desk.of_consent(begin(sandbox)))

    watched.desk.cancel()
    assert watched.statuses == ["waiting", "failed"]
    assert watched.desk.seen()["message"]
    watched.desk.connect()
    assert watched.statuses == ["waiting", "failed", "waiting"]
    watched.desk.cancel()


def test_a_consent_that_a_newer_one_replaces_has_failed_and_says_why(sandbox):
    older = Watched(Desk.of_consent(begin(sandbox)))

    newer = Watched(Desk.of_consent(begin(sandbox)))

    assert older.desk.seen()["status"] == "failed"
    assert "replaced by a newer link" in older.desk.seen()["message"]
    assert newer.desk.seen()["status"] == "waiting"
    newer.desk.cancel()


def test_a_second_click_while_the_first_is_answered_does_nothing(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, _ = connected(sandbox)
    watched.desk.disconnect()
    sandbox.forget_requests()

    clicks = [threading.Thread(target=watched.desk.connect) for _ in range(5)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()

    assert watched.desk.seen()["status"] == "waiting"
    asked = [one for one in sandbox.requests() if one["path"].endswith("/authorize")]
    assert len(asked) <= 1
    assert watched.statuses.count("waiting") == 1
    watched.desk.cancel()


def test_refresh_now_gets_a_new_token_and_moves_the_clock(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox)
    before = keeper.token()
    sandbox.switch(token_lifetime=600)

    watched.desk.refresh()

    seen = watched.desk.seen()
    assert keeper.token().access_token != before.access_token
    assert seen["said"] == "Refreshed."
    assert seen["expires_at"] < before.expires_at
    assert "Refreshing…" in [one["said"] for one in watched.history]
    watched.expect_clean(*filter(None, (before.access_token, before.refresh_token)))


def test_a_refresh_by_anybody_moves_the_clock(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox)
    sandbox.switch(token_lifetime=600)

    keeper.renew(keeper.token().access_token)

    assert watched.desk.seen()["expires_at"] == keeper.token().expires_at
    assert watched.desk.seen()["said"] == ""


def test_a_refresh_that_fails_leaves_the_connection_and_says_why(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox)
    before = keeper.token()
    sandbox.fault("500", path="/ws/oauth/token")

    watched.desk.refresh()

    seen = watched.desk.seen()
    assert seen["status"] == "connected"
    assert "nothing is lost" in seen["message"]
    assert seen["note"] == ""
    assert seen["said"] == ""
    assert keeper.token() == before


def test_a_consent_that_ninjaone_has_ended_shows_as_failed_and_can_be_begun_again(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox)
    sandbox.switch(token_lifetime=0.01)
    watched.desk.refresh()
    sandbox.revoke_grants()

    watched.desk.refresh()

    seen = watched.desk.seen()
    assert seen["status"] == "failed"
    assert "has ended" in seen["message"]
    assert "Run:" not in seen["message"]
    sandbox.switch(token_lifetime=3600)
    watched.desk.connect()
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))
    assert keeper.access_token()


def test_disconnect_revokes_and_forgets_and_the_same_panel_connects_again(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox)

    watched.desk.disconnect()

    assert watched.desk.seen()["status"] == "signed-out"
    assert watched.desk.seen()["expires_at"] is None
    assert [one["status"] for one in sandbox.requests() if one["path"].endswith("/revoke")]
    with pytest.raises(ConsentRequiredError):
        keeper.access_token()
    watched.desk.connect()
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))
    assert watched.statuses == ["connected", "signed-out", "waiting", "checking", "connected"]
    assert keeper.access_token()


def test_disconnect_with_ninjaone_away_signs_out_and_says_what_is_left_to_do(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox)
    token = keeper.token()
    sandbox.fault("500", path="/ws/oauth/revoke", times=2)

    watched.desk.disconnect()

    seen = watched.desk.seen()
    assert seen["status"] == "signed-out"
    assert "OAuth Tokens" in seen["message"]
    watched.expect_clean(token.access_token, token.refresh_token)


def test_a_session_without_refresh_token_ends_and_can_be_begun_again(fresh_sandbox):
    sandbox = fresh_sandbox()
    watched, keeper = connected(sandbox, "single-page")
    seen = watched.desk.seen()
    assert seen["refreshes"] is False
    assert "session ends" in seen["note"]
    assert seen["refresh_token_at"] is None

    keeper.accept(replace(keeper.token(), expires_at=time.time() - 1))
    watched.desk.look()

    assert watched.desk.seen()["status"] == "failed"
    assert watched.desk.seen()["message"]


def test_a_port_that_is_taken_is_told_while_the_paste_box_is_open(sandbox):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        pending = begin(sandbox, redirect_uri=f"http://127.0.0.1:{port}")
        watched = Watched(Desk.of_consent(pending))

        assert str(port) in watched.desk.seen()["message"]
        assert watched.desk.seen()["status"] == "waiting"
        watched.desk.cancel()


def test_hints_are_those_of_the_surroundings(sandbox, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 2222 192.0.2.2 22")
    pending = begin(sandbox)
    watched = Watched(Desk.of_consent(pending))

    [hint] = watched.desk.seen()["hints"]

    port = urlsplit(pending.redirect_uri).port
    assert f"ssh -L {port}:127.0.0.1:{port}" in hint
    watched.desk.cancel()
    assert watched.desk.seen()["hints"] == []


def test_an_error_that_is_none_of_ours_is_named_and_not_repeated(sandbox):
    def burst(_: TokenKeeper) -> None:
        raise ValueError("token=abc-secret")

    watched = form(on_connected=burst)
    watched.desk.submit(typed(sandbox))
    watched.desk.answer(sandbox.browse(watched.desk.link()[0]))

    assert watched.desk.seen()["status"] == "failed"
    assert "ValueError" in watched.desk.seen()["message"]
    watched.expect_clean("abc-secret", "token=")


def test_an_action_that_makes_no_sense_now_does_nothing(sandbox):
    watched = Watched(Desk.of_consent(begin(sandbox)))

    for action in (watched.desk.refresh, watched.desk.disconnect, watched.desk.connect):
        action()
    watched.desk.submit(typed(sandbox))
    watched.desk.edit()

    assert watched.history == watched.history[:1]
    watched.desk.cancel()
    watched.desk.answer("late")
    assert watched.statuses == ["waiting", "failed"]


def test_a_listener_that_fails_disturbs_nobody(sandbox, caplog):
    desk = Desk.of_consent(begin(sandbox))
    heard = []
    desk.on_change(lambda: 1 / 0)
    desk.on_change(lambda: heard.append(desk.seen()["status"]))

    desk.cancel()

    assert heard[-1] == "failed"
    assert "A listener to the desk has failed." in caplog.text
