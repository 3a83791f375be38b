"""The sandbox's authorize endpoint and its pages, over HTTP: consent, denial, every refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ninja_analytics import catalog
from ninja_analytics.errors import SandboxError
from ninja_analytics.sandbox.oauth import AuthorizationServer
from ninja_analytics.sandbox.person import browse
from ninja_analytics.sandbox.switches import Switches
from tests.oauth_server import REDIRECT, VERIFIER, Running, serving


@pytest.fixture
def running() -> Iterator[Running]:
    with serving() as running:
        yield running


def open_page(running: Running, platform: str = "native", **changes: str | None):
    return requests.get(running.url_for(platform, **changes), timeout=10, allow_redirects=False)


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


# metadata


def test_the_metadata_reads_as_ninjaones_does(running):
    metadata = requests.get(f"{running.url}/.well-known/oauth-authorization-server", timeout=10)

    assert metadata.json() == {
        "issuer": running.url,
        "authorization_endpoint": f"{running.url}/ws/oauth/authorize",
        "token_endpoint": f"{running.url}/ws/oauth/token",
        "revocation_endpoint": f"{running.url}/ws/oauth/revoke",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["monitoring"],
    }


def test_there_is_no_openid_configuration(running):
    answer = requests.get(f"{running.url}/.well-known/openid-configuration", timeout=10)

    assert answer.status_code == 404


# the client apps


def test_ids_are_fixed_and_secrets_follow_from_the_seed():
    def clients(seed):
        return AuthorizationServer(base_url="http://127.0.0.1:1", seed=seed, switches=Switches())

    one, same, other = clients(7), clients(7), clients(8)

    for platform, client in one.clients.items():
        assert client.client_id == catalog.SANDBOX_CLIENT_IDS[platform]
        assert client == same.clients[platform]
        assert (client.client_secret is not None) == catalog.PLATFORMS[platform].has_secret
        assert str(client.client_secret) not in repr(client) or client.client_secret is None
    assert one.clients["web"].client_secret != other.clients["web"].client_secret
    assert one.password == same.password


# authorize


@pytest.mark.parametrize("platform", ["native", "web", "single-page"])
def test_consent_gives_a_code_and_the_code_gives_a_token_that_the_api_takes(running, platform):
    answer = running.consent(platform, state="ä &=/+%")
    token = running.exchange(answer["code"], platform)

    assert answer["state"] == "ä &=/+%"
    assert token.headers["Cache-Control"] == "no-store"
    body = token.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 3600)
    assert body["scope"] == "monitoring offline_access"
    assert running.api(f"Bearer {body['access_token']}").json() == {
        "platform": platform,
        "scopes": ["monitoring", "offline_access"],
        "user": running.server.username,
    }


def test_a_denial_comes_back_as_access_denied_with_the_state(running):
    answer = running.consent(decision="deny")

    assert answer["error"] == "access_denied"
    assert answer["state"] == "a state"
    assert "code" not in answer


def test_the_consent_switch_denies_although_the_person_allows(running):
    running.switches.consent = "deny"

    assert running.consent(decision="allow")["error"] == "access_denied"


def test_a_wrong_password_shows_the_login_again_and_gives_nothing(running):
    with pytest.raises(SandboxError, match="not the invented technician"):
        browse(running.url_for(), username=running.server.username, password="wrong")


def test_an_unknown_client_gets_a_404_page(running):
    page = open_page(running, client_id="nobody")

    assert page.status_code == 404
    assert "Client app not exist" in page.text


def test_an_api_services_client_cannot_ask_for_consent(running):
    page = open_page(running, "api-services")

    assert page.status_code == 400
    assert "Invalid grant type" in page.text


@pytest.mark.parametrize(
    ("platform", "redirect_uri"),
    [
        ("native", "http://localhost:50123"),
        ("native", "http://127.0.0.1:50123/"),
        ("native", "http://127.0.0.1:50123/callback"),
        ("native", "http://127.0.0.1:70000"),
        ("native", "https://127.0.0.1:50123"),
        ("native", "http://127.0.0.1.attacker.example"),
        ("native", "http://127.0.0.1:50123@attacker.example"),
        ("web", "http://localhost:8725"),
        ("web", "http://localhost:8725/?x=1"),
        ("web", "http://127.0.0.1:8725/callback/"),
        ("web", "HTTP://localhost:8725/"),
        ("single-page", "http://127.0.0.1:8726/callback"),
    ],
)
def test_a_redirect_uri_that_is_not_registered_is_told_and_not_followed(
    running, platform, redirect_uri
):
    page = open_page(running, platform, redirect_uri=redirect_uri)

    assert page.status_code == 400
    assert re.search("redirect_uri_mismatch|invalid_redirect_uri", page.text)
    assert "Location" not in page.headers


@pytest.mark.parametrize("redirect_uri", ["http://127.0.0.1", "http://127.0.0.1:1"])
def test_a_native_client_may_use_any_port(running, redirect_uri):
    assert "code" in running.consent(redirect_uri=redirect_uri)


@pytest.mark.parametrize(
    "redirect_uri", ["http://localhost:8725/", "http://127.0.0.1:8725/callback"]
)
def test_a_web_client_may_use_each_of_its_redirect_uris(running, redirect_uri):
    assert "code" in running.consent("web", redirect_uri=redirect_uri)


def test_localhost_is_for_native_clients_only_when_switched_on(running):
    running.switches.localhost_redirect = True

    assert "code" in running.consent(redirect_uri="http://localhost:50123")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "ä" * 43}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "monitoring management"}, "invalid_scope"),
        ({"scope": "control"}, "invalid_scope"),
        ({"scope": "Monitoring"}, "invalid_scope"),
    ],
)
def test_a_bad_request_goes_back_to_the_client_with_its_error(running, changes, error):
    answer = open_page(running, **changes)

    assert answer.status_code == 303
    location = urlsplit(answer.headers["Location"])
    assert location.netloc == "127.0.0.1:50123"
    assert parse_qs(location.query)["error"] == [error]
    assert parse_qs(location.query)["state"] == ["a state"]


@pytest.mark.parametrize(
    "query", ["client_id=sandbox-native", "", "client_id=<b>", "client_id=%G0"]
)
def test_a_request_without_client_or_redirect_uri_stays_on_the_page(running, query):
    page = requests.get(f"{running.url}/ws/oauth/authorize?{query}", timeout=10)

    assert page.status_code in (400, 404)
    assert "<b>" not in page.text


def test_parameters_given_twice_are_refused_on_the_page(running):
    page = requests.get(running.url_for() + "&redirect_uri=http://127.0.0.1:1", timeout=10)

    assert (page.status_code, page.history) == (400, [])


# pages


def test_the_pages_keep_nothing_and_load_nothing(running):
    page = open_page(running)

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="', page.text)
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_the_consent_page_says_who_asks_for_what_and_where_the_answer_goes(running):
    with requests.Session() as browser:
        login = browser.get(running.url_for(), timeout=10)
        person = {"username": running.server.username, "password": running.server.password}
        page = browser.post(
            f"{running.url}/ws/oauth/login", data=fields_of(login.text) | person, timeout=10
        )
        again = browser.get(running.url_for(), timeout=10)

    for text in ("Native", running.url, REDIRECT["native"], "sandbox", running.server.username):
        assert text in page.text
    for scope in catalog.DEFAULT_SCOPE:
        assert scope in page.text
        assert catalog.SCOPES[scope][1:] in page.text
    assert "form-action 'self' http://127.0.0.1:50123" in page.headers["Content-Security-Policy"]
    assert "Allow access?" in again.text, "who is signed in need not sign in again"


def test_what_a_stranger_puts_into_the_address_is_escaped(running):
    page = open_page(running, redirect_uri="http://x.example/<script>alert(1)</script>")

    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


def test_a_form_without_this_browsers_csrf_token_is_refused(running):
    person = {"username": running.server.username, "password": running.server.password}
    with requests.Session() as victim, requests.Session() as attacker:
        victim.get(running.url_for(), timeout=10)
        foreign = fields_of(attacker.get(running.url_for(), timeout=10).text)
        answer = victim.post(f"{running.url}/ws/oauth/login", data=foreign | person, timeout=10)

    assert answer.status_code == 403


def test_consent_cannot_be_given_without_signing_in(running):
    with requests.Session() as browser:
        form = fields_of(browser.get(running.url_for(), timeout=10).text)
        answer = browser.post(
            f"{running.url}/ws/oauth/consent",
            data=form | {"decision": "allow"},
            timeout=10,
            allow_redirects=False,
        )

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_the_login_gives_a_new_cookie_and_an_answer_counts_once(running):
    person = {"username": running.server.username, "password": running.server.password}
    with requests.Session() as browser:
        form = fields_of(browser.get(running.url_for(), timeout=10).text)
        before = browser.cookies.get_dict()
        browser.post(f"{running.url}/ws/oauth/login", data=form | person, timeout=10)
        after = browser.cookies.get_dict()
        planted = requests.get(running.url_for(), cookies=before, timeout=10)
        decide = {"url": f"{running.url}/ws/oauth/consent", "data": form | {"decision": "allow"}}
        first = browser.post(**decide, timeout=10, allow_redirects=False)
        second = browser.post(**decide, timeout=10, allow_redirects=False)

    assert before.keys() == after.keys()
    assert before != after
    assert "Allow access?" not in planted.text, "the cookie from before is worth nothing"
    assert (first.status_code, second.status_code) == (303, 400)
