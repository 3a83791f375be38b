"""Token answers that are terse, odd, huge or slow: what the sandbox cannot say."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.errors import (
    AnswerError,
    AuthorizationResponseError,
    NinjaError,
    RefusedError,
    ScopeError,
)
from tests.grant_flows import (
    ADDRESS,
    GOOD,
    SENT,
    code_for,
    no_secret_in,
    profile_at,
)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), {"Content-Type": "application/json"}),
        (json.dumps(GOOD).encode("utf-16"), {}),
        (GOOD, {"Content-Type": "text/plain"}),
        (GOOD, {"Content-Type": "application/json; charset=no-such"}),
        (GOOD, {"Content-Type": "application/json; charset=utf-16"}),
        ({**GOOD, "id_token": "canary.id.token", "more": [{"x": None}], "error": None}, {}),
        ({**GOOD, "scope": "offline_access,monitoring"}, {}),
        ({**GOOD, "expires_in": 3600.0}, {}),
        ({**GOOD, "expires_in": "3600.0"}, {}),
        ({**GOOD, "expires_in": "NaN"}, {}),
    ],
    ids=["bom", "utf-16", "plain", "charset", "other", "members", "commas", "float", "text", "nan"],
)
def test_a_token_answer_may_be_written_oddly(odd_server, body, headers):
    profile, _ = odd_server(body, **headers)

    for token in (
        grants.exchange_code(profile, "code", "v" * 64, ADDRESS, "secret"),
        grants.refresh(profile, "old", "secret", ("monitoring", "offline_access")),
        grants.client_credentials(profile, "secret"),
    ):
        assert token.access_token == GOOD["access_token"]
        assert set(token.scope) == {"monitoring", "offline_access"}
        assert token.expires_at - token.obtained_at == 3600


def test_a_life_without_end_is_cut_to_what_a_clock_can_show(odd_server):
    profile, _ = odd_server({**GOOD, "expires_in": 10**18, "refresh_token": ""})

    token = grants.client_credentials(profile, "secret")

    assert 9 * 365 * 86400 < token.expires_at - token.obtained_at < 11 * 365 * 86400


@pytest.mark.parametrize("status", [200, 204, 302, 304])
def test_an_empty_answer_is_no_token(odd_server, status):
    profile, _ = odd_server(b"", status)

    with pytest.raises(AnswerError, match="try again"):
        grants.refresh(profile, "canary-refresh-token")


def test_a_token_beside_a_refusing_status_is_not_taken(odd_server):
    for status in (302, 400, 401):
        profile, _ = odd_server(GOOD, status)

        with pytest.raises(NinjaError):
            grants.refresh(profile, "old", "secret")


@pytest.mark.parametrize(
    ("status", "body"), [(200, b""), (204, b""), (200, {}), (200, b"<html>Done</html>")]
)
def test_a_revocation_may_be_answered_with_anything_that_means_yes(odd_server, status, body):
    profile, server = odd_server(body, status)

    grants.revoke(profile, SENT, "secret")

    assert [form["token"] for form in server.forms] == ["canary-refresh", "canary-access"]


def test_an_access_token_may_be_left_to_expire_once_the_refresh_token_is_gone():
    class Particular(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"]))
            kept = b"token_type_hint=access_token" in form
            self.send_response(400 if kept else 200)
            self.end_headers()
            self.wfile.write(b'{"error": "unsupported_token_type"}' if kept else b"")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Particular) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        profile = Profile("odd", f"http://127.0.0.1:{server.server_port}", "id")
        grants.revoke(profile, SENT)
        with pytest.raises(RefusedError):
            grants.revoke(profile, replace(SENT, refresh_token=None))
        server.shutdown()


def test_a_refresh_token_that_cannot_be_revoked_is_said(odd_server):
    profile, _ = odd_server({"error": "unsupported_token_type"}, 400)

    with pytest.raises(RefusedError, match="unsupported_token_type"):
        grants.revoke(profile, SENT, "secret")


def test_a_code_that_the_server_took_for_another_redirect_uri_says_begin_again(fresh_sandbox):
    sandbox = fresh_sandbox(devices=5)
    profile = profile_at(sandbox, "native")
    code, verifier = code_for(sandbox, profile)

    with pytest.raises(AuthorizationResponseError, match="begin again"):
        grants.exchange_code(profile, code, verifier, "http://127.0.0.1:1")


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
@pytest.mark.parametrize("text", ["canary\r\nX-More: 1", "canary\n", "canary\u2026", "\x00canary"])
def test_a_token_that_no_header_can_hold_is_not_taken(odd_server, name, text):
    profile, _ = odd_server({**GOOD, name: text})

    with pytest.raises(AnswerError) as caught:
        grants.exchange_code(profile, "code", "v" * 64, ADDRESS, "secret")
    assert no_secret_in(caught.value)


def test_of_an_answer_that_does_not_end_no_more_is_taken_than_a_token_needs(odd_server):
    profile, _ = odd_server({**GOOD, "more": "x" * 2_000_000})

    for ask in (grants.refresh, lambda *_: grants.client_credentials(profile, "secret")):
        with pytest.raises(AnswerError, match="Nothing is lost"):
            ask(profile, "old")


@pytest.mark.parametrize(
    "ask",
    [
        lambda profile: grants.refresh(profile, "old"),
        lambda profile: grants.revoke(profile, replace(SENT, refresh_token=None)),
        lambda profile: grants.probe(profile, ADDRESS),
    ],
)
def test_an_answer_that_drips_in_is_not_waited_for(monkeypatch, ask):
    class Dripping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(404)
            self.end_headers()
            with suppress(OSError):
                for _ in range(40):
                    self.wfile.write(b" ")
                    time.sleep(0.1)

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setattr(grants, "_ANSWER_SECONDS", 0.3)
    with HTTPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        profile = Profile("odd", f"http://127.0.0.1:{server.server_port}", "id")
        began = time.monotonic()
        with pytest.raises(NinjaError):
            ask(profile)
        took = time.monotonic() - began
        server.shutdown()

    assert took < 2


def test_a_scope_that_is_no_word_is_not_repeated(odd_server):
    for scope in ("monitoring Canary-1", ["monitoring", "\x1b[31mcanary"], {"canary": 1}):
        profile, _ = odd_server({**GOOD, "scope": scope})

        with pytest.raises(ScopeError, match="unknown words") as caught:
            grants.refresh(profile, "old", "secret")
        assert "anary" not in str(caught.value)
