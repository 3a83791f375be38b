"""The grants against servers that are strict, terse or odd: nothing leans on a kind sandbox."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
import traceback
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, parse_qsl, quote_plus, urlsplit

import pytest
import requests

from ninja_analytics.auth import grants, refusals
from ninja_analytics.auth.profiles import Profile, resolve
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    AnswerError,
    AuthorizationResponseError,
    ClientAppError,
    ConsentDeniedError,
    ConsentRequiredError,
    NinjaError,
    RefusedError,
    ScopeError,
    UnreachableError,
)
from tests.odd_server import OddServer

NATIVE_REDIRECT = "http://127.0.0.1:53682"
ODD = [
    {"token_type": "bearer"},
    {"token_type": "missing"},
    {"expires_in": "text"},
    {"expires_in": "missing"},
    {"scope_answer": "reordered"},
    {"scope_answer": "missing"},
    {"scope_answer": "without-offline"},
    {"issuer": True},
    {"state_in_errors": False},
    {"rotate": False},
    {"html_errors": True},
    {"refresh_for_credentials": True},
    {"clock_ahead": 7200},
    {"clock_ahead": -7200},
    {
        "token_type": "missing",
        "expires_in": "text",
        "scope_answer": "missing",
        "issuer": True,
        "html_errors": True,
        "clock_ahead": 7200,
    },
]
WAYS = [
    ("native", "post", "any"),
    ("native", "basic", "basic"),
    ("web", "post", "post"),
    ("web", "basic", "basic"),
    ("single-page", "post", "any"),
]
GOOD = {
    "access_token": "canary-access-token",
    "refresh_token": "canary-refresh-token",
    "token_type": "Bearer",
    "expires_in": 3600,
    "scope": "monitoring offline_access",
}
ADDRESS = "https://elsewhere.invalid/"


def ids(switches: dict[str, object]) -> str:
    return "all" if len(switches) > 2 else "-".join(f"{k}={v}" for k, v in switches.items())


def profile_at(sandbox, platform: str, **more) -> Profile:
    return resolve("sandbox", base_url=sandbox.base_url, platform=platform, **more)


def redirect_of(profile: Profile) -> str:
    return NATIVE_REDIRECT if profile.platform == "native" else profile.redirect_uris[0]


def secret_of(sandbox, profile: Profile) -> str | None:
    return sandbox.clients[profile.platform].client_secret


def fields_of(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


def code_for(sandbox, profile: Profile) -> tuple[str, str]:
    """A code and its verifier, from a person who allows access."""
    url, state, verifier = grants.authorization_request(profile, redirect_of(profile))
    answer = fields_of(urlsplit(sandbox.browse(url)).query)
    assert answer["state"] == state
    return answer["code"], verifier


def token_for(sandbox, profile: Profile) -> Token:
    code, verifier = code_for(sandbox, profile)
    secret = secret_of(sandbox, profile)
    return grants.exchange_code(profile, code, verifier, redirect_of(profile), secret)


def implicit_token(sandbox, profile: Profile) -> Token:
    url, state, verifier = grants.authorization_request(profile, redirect_of(profile))
    assert verifier == ""
    answer = dict(parse_qsl(urlsplit(sandbox.browse(url)).fragment))
    assert answer["state"] == state
    return grants.token_of_fragment(profile, answer)


def pulls(sandbox, token: Token) -> bool:
    headers = {"Authorization": f"Bearer {token.access_token}"}
    url = f"{sandbox.base_url}/v2/organizations?pageSize=1"
    return requests.get(url, headers=headers, timeout=10).status_code == 200


def no_secret_in(error: BaseException) -> bool:
    return "canary" not in "".join(traceback.format_exception(error))


@pytest.fixture
def odd_server():
    """A maker of servers that answer everything as told, and the profile to ask them with."""
    with ExitStack() as servers:

        def start(body, status: int = 200, **headers: str) -> tuple[Profile, OddServer]:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            server = servers.enter_context(OddServer(status, headers, raw))
            return Profile("odd", server.url, "odd-client", platform="web"), server

        yield start


# the matrix


@pytest.mark.parametrize("switches", ODD, ids=ids)
@pytest.mark.parametrize(("platform", "method", "taken"), WAYS)
def test_a_consent_lives_from_code_to_revocation(fresh_sandbox, platform, method, taken, switches):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(secret_by=taken, **switches)
    profile = profile_at(sandbox, platform, auth_method=method)
    secret = secret_of(sandbox, profile)

    token = token_for(sandbox, profile)

    assert pulls(sandbox, token)
    assert "monitoring" in token.scope
    assert token.expires_at - token.obtained_at == 3600
    assert abs(token.clock_skew - switches.get("clock_ahead", 0)) < 5
    assert bool(token.refresh_token) == profile.refreshes
    if token.refresh_token:
        second = grants.refresh(profile, token.refresh_token, secret, token.scope)
        assert second.access_token != token.access_token
        assert set(second.scope) == set(token.scope)
        assert pulls(sandbox, second)
        token = replace(second, refresh_token=second.refresh_token or token.refresh_token)
    grants.revoke(profile, token, secret)
    assert not pulls(sandbox, token)
    if token.refresh_token and not switches.get("html_errors"):
        with pytest.raises(ConsentRequiredError):
            grants.refresh(profile, token.refresh_token, secret)


@pytest.mark.parametrize("switches", ODD, ids=ids)
@pytest.mark.parametrize("method", ["post", "basic"])
def test_client_credentials_live_until_revocation(fresh_sandbox, method, switches):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(secret_by=method, **switches)
    profile = profile_at(sandbox, "api-services", auth_method=method)
    secret = secret_of(sandbox, profile)

    token = grants.client_credentials(profile, secret)

    assert pulls(sandbox, token)
    assert token.scope == ("monitoring",)
    assert token.expires_at - token.obtained_at == 3600
    grants.revoke(profile, token, secret)
    assert not pulls(sandbox, token)


@pytest.mark.parametrize("switches", ODD, ids=ids)
@pytest.mark.parametrize("platform", ["native", "single-page", "web"])
def test_an_implicit_answer_is_a_token_until_revocation(fresh_sandbox, platform, switches):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(implicit=True, **switches)
    profile = profile_at(sandbox, platform, grant="implicit")

    token = implicit_token(sandbox, profile)

    assert pulls(sandbox, token)
    assert (token.scope, token.refresh_token) == (("monitoring",), None)
    assert token.expires_at - token.obtained_at == 3600
    assert "deprecated" in refusals.no_refresh(profile, token)
    grants.revoke(profile, token, secret_of(sandbox, profile))
    assert not pulls(sandbox, token)


# refusals


@pytest.mark.parametrize("word", ["invalid_token", "invalid_grant", "expired_token"])
@pytest.mark.parametrize("html", [False, True])
def test_a_dead_refresh_token_is_dead_only_where_the_server_says_so(fresh_sandbox, word, html):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(dead_refresh_error=word, html_errors=html)
    expected = AnswerError if html else ConsentRequiredError

    with pytest.raises(expected, match="connect") as caught:
        grants.refresh(profile_at(sandbox, "native"), SENT.refresh_token)
    assert no_secret_in(caught.value)


def test_a_refresh_token_that_is_too_old_means_consent_again(fresh_sandbox):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(refresh_lifetime=0.05)
    profile = profile_at(sandbox, "native")
    token = token_for(sandbox, profile)
    time.sleep(0.1)

    with pytest.raises(ConsentRequiredError, match="has ended"):
        grants.refresh(profile, token.refresh_token)


@pytest.mark.parametrize("taken", ["post", "basic"])
def test_a_secret_sent_the_other_way_is_the_client_apps_error(fresh_sandbox, taken):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(secret_by=taken)
    other = {"post": "basic", "basic": "post"}[taken]
    profile = profile_at(sandbox, "api-services", auth_method=other)
    secret = secret_of(sandbox, profile)

    with pytest.raises(ClientAppError) as caught:
        grants.client_credentials(profile, secret)
    assert ("auth method post" in str(caught.value)) == (taken == "post")
    assert secret not in "".join(traceback.format_exception(caught.value))


def test_refusals_as_web_pages_are_told_from_answers_and_repeat_nothing(fresh_sandbox):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(html_errors=True)
    profile = profile_at(sandbox, "web")
    sent = "canary-secret"
    token = Token("canary-access", "canary-refresh", 0.0, ("monitoring",), 0.0)
    for act, arguments in (
        (grants.exchange_code, ("canary-code", "v" * 64, redirect_of(profile), sent)),
        (grants.refresh, ("canary-refresh", sent)),
        (grants.revoke, (token, sent)),
    ):
        with pytest.raises(AnswerError, match="try again") as caught:
            act(profile, *arguments)
        assert no_secret_in(caught.value)


# the client secret


AWKWARD = "canary:+/ %ä&=?"
SENT = Token("canary-access", "canary-refresh", 0.0, ("monitoring",), 0.0)
CALLS = [
    (grants.exchange_code, ("code", "v" * 64, ADDRESS, AWKWARD)),
    (grants.refresh, ("refresh", AWKWARD)),
    (grants.client_credentials, (AWKWARD,)),
    (grants.revoke, (SENT, AWKWARD)),
]


@pytest.mark.parametrize(("act", "sent"), CALLS)
def test_a_secret_in_the_header_is_form_encoded_and_nowhere_else(odd_server, act, sent):
    profile, server = odd_server(GOOD)

    act(replace(profile, client_id="odd client:1", auth_method="basic"), *sent)

    pair = f"odd+client%3A1:{quote_plus(AWKWARD)}"
    assert set(server.bearers) == {"Basic " + base64.b64encode(pair.encode()).decode()}
    for form in server.forms:
        assert not {"client_id", "client_secret"} & set(form)
        assert AWKWARD not in form.values()


@pytest.mark.parametrize(("act", "sent"), CALLS)
def test_a_secret_in_the_form_is_nowhere_else(odd_server, act, sent):
    profile, server = odd_server(GOOD)

    act(profile, *sent)

    assert set(server.bearers) == {None}
    for form in server.forms:
        assert (form["client_id"], form["client_secret"]) == ("odd-client", AWKWARD)
    assert not any("canary" in line for line in server.lines)


@pytest.mark.parametrize(("act", "sent"), CALLS)
def test_a_secret_in_the_header_follows_no_redirect(odd_server, act, sent):
    _, other = odd_server(GOOD)
    for status in (302, 307, 308):
        profile, _ = odd_server(b"", status, Location=f"{other.url}/ws/oauth/token")

        with pytest.raises(AnswerError, match="no NinjaOne sign-in"):
            act(replace(profile, auth_method="basic"), *sent)
    assert (other.bearers, other.forms) == ([], [])


def test_a_client_app_without_a_secret_names_itself_in_the_form(odd_server):
    profile, server = odd_server(GOOD)
    native = replace(profile, platform="native", auth_method="basic")

    grants.exchange_code(native, "code", "v" * 64, NATIVE_REDIRECT)
    grants.refresh(native, "refresh")

    assert [form["client_id"] for form in server.forms] == ["odd-client"] * 2
    assert server.bearers == [None, None]


# what the sandbox cannot say


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


# the implicit answer


IMPLICIT = Profile("odd", "http://127.0.0.1:9", "id", grant="implicit")


def test_an_implicit_request_has_no_challenge_and_asks_for_no_refresh_token():
    url, state, verifier = grants.authorization_request(IMPLICIT, NATIVE_REDIRECT)
    asked = fields_of(urlsplit(url).query)

    assert asked == {
        "response_type": "token",
        "client_id": "id",
        "redirect_uri": NATIVE_REDIRECT,
        "scope": "monitoring",
        "state": state,
    }
    assert verifier == ""


@pytest.mark.parametrize(
    "fields",
    [{}, {"access_token": ""}, {"access_token": "canary", "token_type": "mac"}, {"code": "canary"}],
)
def test_a_fragment_without_a_token_is_told(fields):
    with pytest.raises(AnswerError) as caught:
        grants.token_of_fragment(IMPLICIT, fields)
    assert no_secret_in(caught.value)


def test_a_fragment_gives_no_refresh_token_and_no_more_than_was_asked(odd_server):
    _, server = odd_server(b"")
    profile = Profile("odd", server.url, "id", grant="implicit")
    fields = {"access_token": "canary-access", "refresh_token": "x", "token_type": "BEARER"}

    token = grants.token_of_fragment(profile, fields)
    assert (token.refresh_token, token.scope) == (None, ("monitoring",))

    with pytest.raises(ScopeError, match="control"):
        grants.token_of_fragment(profile, {**fields, "scope": "monitoring control"})
    assert [form["token"] for form in server.forms] == ["canary-access"]


def test_an_instance_without_the_implicit_grant_says_so(fresh_sandbox):
    sandbox = fresh_sandbox(devices=5)
    profile = profile_at(sandbox, "native", grant="implicit")

    with pytest.raises(ClientAppError, match="without grant implicit"):
        grants.probe(profile, NATIVE_REDIRECT)


# the question before the link is shown


@pytest.mark.parametrize("platform", ["native", "web", "single-page"])
@pytest.mark.parametrize("login", ["form", "signed-in"])
@pytest.mark.parametrize("consent", ["ask", "deny"])
def test_a_client_app_that_is_registered_passes(fresh_sandbox, platform, login, consent):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(login=login, consent=consent, issuer=True)
    profile = profile_at(sandbox, platform)

    grants.probe(profile, redirect_of(profile))

    seen = [request for request in sandbox.requests() if request["path"].startswith("/ws/")]
    assert [request["path"] for request in seen] == ["/ws/oauth/authorize"]


def test_a_probe_has_a_state_and_challenge_of_its_own(odd_server):
    profile, server = odd_server(b"<html>Sign in</html>")
    grants.probe(profile, ADDRESS)
    url, state, _ = grants.authorization_request(profile, ADDRESS)
    grants.probe(profile, ADDRESS)

    asked = [fields_of(urlsplit(line).query) for line in server.lines]
    ours = fields_of(urlsplit(url).query)
    assert len({one["state"] for one in asked} | {state}) == 3
    assert len({one["code_challenge"] for one in (*asked, ours)}) == 3
    assert all(one["redirect_uri"] == ADDRESS for one in asked)


def test_an_unknown_client_app_is_found_before_a_browser_opens(sandbox):
    profile = profile_at(sandbox, "native", client_id="nobody-knows-me")

    with pytest.raises(ClientAppError, match=r"no client app 'nobody-knows-me' at http://127"):
        grants.probe(profile, NATIVE_REDIRECT)


def test_a_redirect_uri_that_is_not_registered_is_found_before_a_browser_opens(sandbox):
    for platform in ("native", "web", "single-page"):
        with pytest.raises(ClientAppError, match="not the registered one"):
            grants.probe(profile_at(sandbox, platform), "http://127.0.0.1:1/other")


def test_a_client_app_for_machines_is_found_before_a_browser_opens(sandbox):
    machine = sandbox.clients["api-services"].client_id
    profile = profile_at(sandbox, "web", client_id=machine)

    with pytest.raises(ClientAppError, match="may not connect this way"):
        grants.probe(profile, redirect_of(profile))


@pytest.mark.parametrize("refreshes", [True, False])
def test_a_scope_that_is_not_ticked_is_found_before_a_browser_opens(fresh_sandbox, refreshes):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(ticked_scopes="control")
    profile = profile_at(sandbox, "native" if refreshes else "single-page")

    with pytest.raises(ScopeError, match="tick it in NinjaOne") as caught:
        grants.probe(profile, redirect_of(profile))
    assert ("offline_access" in str(caught.value)) == refreshes


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (200, b"<html>invalid_scope</html>", {}),
        (200, b"", {}),
        (302, b"", {"Location": "/login?next=x"}),
        (302, b"", {"Location": "https://login.invalid/?error=invalid_scope"}),
        (302, b"", {"Location": f"{ADDRESS}?error=access_denied"}),
        (302, b"", {"Location": f"{ADDRESS}?error=server_error"}),
        (302, b"", {"Location": f"{ADDRESS}?code=canary"}),
        (302, b"", {}),
        (401, b"<html>Sign in</html>", {}),
        (403, b"\xff\xfe", {"Content-Encoding": "gzip"}),
        (429, b"<html>Later</html>", {}),
        (500, b"<html>redirect_uri_mismatch</html>", {}),
        (503, b"", {}),
    ],
)
def test_what_is_no_plain_refusal_is_left_to_the_browser(odd_server, status, body, headers):
    profile, server = odd_server(body, status, **headers)

    grants.probe(profile, ADDRESS)

    assert len(server.lines) == 1


@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (404, b"<html>Not found</html>", {}, ClientAppError),
        (404, b"", {}, ClientAppError),
        (400, b'<html><h1 data-code="REDIRECT_URI_MISMATCH">', {}, ClientAppError),
        (400, b'{"error": "invalid_redirect_uri"}', {}, ClientAppError),
        (400, b"<p>Invalid grant type</p>", {}, ClientAppError),
        (302, b"", {"Location": f"{ADDRESS}?error=invalid_scope&state=x"}, ScopeError),
        (303, b"", {"Location": f"{ADDRESS}#error=unauthorized_client"}, ClientAppError),
    ],
)
def test_a_refusal_is_known_by_its_status_page_or_way_back(
    odd_server, status, body, headers, error
):
    profile, _ = odd_server(body, status, **headers)

    with pytest.raises(error):
        grants.probe(profile, ADDRESS)


def test_an_instance_that_does_not_run_on_this_machine_is_told_how_to_start():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        profile = Profile("gone", f"http://127.0.0.1:{port}", "id")

        with pytest.raises(UnreachableError, match=f"ninja-analytics sandbox --port {port}"):
            grants.probe(profile, NATIVE_REDIRECT)


def test_an_instance_elsewhere_that_does_not_answer_says_what_to_check(monkeypatch):
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    profile = Profile("acme", "https://acme.invalid", "id")

    with pytest.raises(UnreachableError, match=r"acme\.invalid does not answer: check") as caught:
        grants.probe(profile, NATIVE_REDIRECT)
    assert (caught.value.__cause__.request, caught.value.__cause__.response) == (None, None)


def test_an_instance_that_is_slow_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(grants, "_PROBE_TIMEOUT", (1.0, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        profile = Profile("slow", f"http://127.0.0.1:{silent.getsockname()[1]}", "id")

        started = time.monotonic()
        grants.probe(profile, NATIVE_REDIRECT)

    assert time.monotonic() - started < 1.5


# why a connection ends


def token_until(hour: int, **more) -> Token:
    ends = 4_102_444_800.0 + hour * 3600  # midnight, long from now
    fields = {"refresh_token": None, "scope": ("monitoring", "offline_access"), **more}
    return Token("canary-access", expires_at=ends, obtained_at=ends - 3600, **fields)


@pytest.mark.parametrize(
    ("profile", "token", "says"),
    [
        (
            Profile("a", "eu", "id", platform="single-page"),
            token_until(13),
            "Single Page has no refresh token: this session ends at 13:00 UTC",
        ),
        (Profile("a", "eu", "id", grant="implicit"), token_until(7), "ends at 07:00 UTC"),
        (Profile("a", "eu", "id"), token_until(9), "tick the grant type Refresh Token"),
        (
            Profile("a", "eu", "id"),
            token_until(9, scope=("monitoring",)),
            "did not grant offline_access, so this session ends at 09:00 UTC",
        ),
    ],
)
def test_a_connection_that_ends_says_when_why_and_what_to_do(profile, token, says):
    found = refusals.no_refresh(profile, token)

    assert says in found
    assert "onnect" in found
    assert "canary" not in found


def test_a_session_that_is_over_is_not_said_to_go_on():
    token = Token("x", None, expires_at=1.0, scope=(), obtained_at=0.0)

    said = refusals.no_refresh(Profile("a", "eu", "id", platform="single-page"), token)

    assert "this session ended at 00:00 UTC" in said


def test_a_connection_that_goes_on_or_was_never_asked_to_says_nothing():
    lasting = token_until(1, refresh_token="canary", scope=("monitoring",))
    short = token_until(1, scope=("monitoring",))

    assert refusals.no_refresh(Profile("a", "eu", "id"), lasting) is None
    assert refusals.no_refresh(Profile("a", "eu", "id", platform="api-services"), short) is None
    assert refusals.no_refresh(Profile("a", "eu", "id", scope=("monitoring",)), short) is None


def test_the_command_to_sign_in_again_knows_how_the_profile_connects():
    profile = Profile(
        "acme",
        "eu",
        "id",
        platform="web",
        redirect_uri="http://localhost:1/ http://localhost:2/",
        scope=("monitoring", "management"),
        grant="implicit",
        auth_method="basic",
    )

    said = str(refusals.sign_in_again(profile, "It ended."))

    assert said.endswith(
        "ninja-analytics connect --profile acme --base-url https://eu.ninjarmm.com "
        "--client-id id --platform web --redirect-uri 'http://localhost:1/ http://localhost:2/' "
        "--scope 'monitoring management' --grant implicit --auth-method basic"
    )


def test_a_denial_stays_a_denial_whatever_the_server_adds(fresh_sandbox):
    sandbox = fresh_sandbox(devices=5)
    sandbox.switch(issuer=True, state_in_errors=False)
    profile = profile_at(sandbox, "web")
    url, *_ = grants.authorization_request(profile, PLATFORMS["web"].redirect_uri)

    answer = fields_of(urlsplit(sandbox.browse(url, "deny")).query)

    assert "iss" in answer
    assert "state" not in answer
    with pytest.raises(ConsentDeniedError):
        raise refusals.of_word(profile, answer["error"])
