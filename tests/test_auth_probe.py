"""The question that is asked before a link is shown."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.errors import (
    ClientAppError,
    ScopeError,
    UnreachableError,
)
from tests.grant_flows import (
    ADDRESS,
    NATIVE_REDIRECT,
    fields_of,
    profile_at,
    redirect_of,
)


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
