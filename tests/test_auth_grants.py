"""The OAuth protocol: against the sandbox, and against servers that are stricter or odder."""

from __future__ import annotations

import os
import socket
import time
import traceback
from email.utils import formatdate

import pytest

from ninja_analytics.auth import grants, refusals
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    AnswerError,
    AuthorizationResponseError,
    ClientAppError,
    ConsentDeniedError,
    ConsentRequiredError,
    RateLimitError,
    RefusedError,
    ScopeError,
    ServerError,
    UnreachableError,
)
from tests.grant_flows import CANARY, GOOD, NATIVE_REDIRECT, consented, profile_at, query


def test_the_authorization_url_asks_with_pkce_and_state_and_holds_no_verifier(sandbox):
    profile = profile_at(sandbox)
    url, state, verifier = grants.authorization_request(profile, NATIVE_REDIRECT)
    other = grants.authorization_request(profile, NATIVE_REDIRECT)
    asked = query(url)

    assert url.startswith(f"{sandbox.base_url}/ws/oauth/authorize?")
    assert asked["response_type"] == "code"
    assert asked["scope"] == "monitoring offline_access"
    assert (asked["state"], asked["redirect_uri"]) == (state, NATIVE_REDIRECT)
    assert asked["code_challenge_method"] == "S256"
    assert verifier not in url
    assert 43 <= len(verifier) <= 128
    assert {state, verifier}.isdisjoint(other)


def test_an_https_instance_keeps_its_address():
    url, *_ = grants.authorization_request(Profile("acme", "eu", "id"), NATIVE_REDIRECT)

    assert url.startswith("https://eu.ninjarmm.com/ws/oauth/authorize?")


@pytest.mark.parametrize("platform", ["native", "web", "single-page"])
def test_a_code_becomes_a_token_on_every_platform_with_consent(sandbox, platform):
    profile = profile_at(sandbox, platform)
    redirect_uri = NATIVE_REDIRECT if platform == "native" else PLATFORMS[platform].redirect_uri
    before = time.time()

    token, _ = consented(sandbox, profile, redirect_uri, sandbox.clients[platform].client_secret)

    assert "monitoring" in token.scope
    assert before <= token.obtained_at <= time.time()
    assert token.expires_at - token.obtained_at == 3600
    assert bool(token.refresh_token) == PLATFORMS[platform].refreshes


def test_client_credentials_give_a_token_without_a_refresh_token(sandbox):
    profile = profile_at(sandbox, "api-services")

    token = grants.client_credentials(profile, sandbox.clients["api-services"].client_secret)

    assert (token.scope, token.refresh_token) == (("monitoring",), None)


def test_a_refresh_rotates_and_a_reused_refresh_token_ends_the_grant(sandbox):
    profile = profile_at(sandbox)
    first, _ = consented(sandbox, profile, NATIVE_REDIRECT)
    second = grants.refresh(profile, first.refresh_token, scope=first.scope)
    assert second.refresh_token not in (None, first.refresh_token)
    assert second.access_token != first.access_token

    for dead in (first, second):
        with pytest.raises(ConsentRequiredError, match="ninja-analytics connect --profile sandbox"):
            grants.refresh(profile, dead.refresh_token)


def test_a_revoked_token_is_dead_and_revoking_it_again_is_no_error(sandbox):
    profile = profile_at(sandbox)
    token, _ = consented(sandbox, profile, NATIVE_REDIRECT)
    grants.revoke(profile, token)
    grants.revoke(profile, token)

    with pytest.raises(ConsentRequiredError):
        grants.refresh(profile, token.refresh_token)


def test_a_code_serves_once(sandbox):
    profile = profile_at(sandbox)
    _, (_, verifier, code) = consented(sandbox, profile, NATIVE_REDIRECT)

    with pytest.raises(AuthorizationResponseError, match="begin again") as caught:
        grants.exchange_code(profile, code, verifier, NATIVE_REDIRECT)
    assert code not in "".join(traceback.format_exception(caught.value))


def test_a_code_is_worth_nothing_without_its_verifier(sandbox):
    profile = profile_at(sandbox)
    url, *_ = grants.authorization_request(profile, NATIVE_REDIRECT)
    code = query(sandbox.browse(url))["code"]

    with pytest.raises(AuthorizationResponseError):
        grants.exchange_code(profile, code, "x" * 64, NATIVE_REDIRECT)


def test_an_unknown_client_app_is_said_to_be_unknown_at_this_instance(sandbox):
    profile = profile_at(sandbox, client_id="nobody-knows-me")

    with pytest.raises(ClientAppError, match=r"no client app 'nobody-knows-me' at http://127"):
        grants.refresh(profile, "whatever")


def test_a_wrong_secret_is_the_client_apps_error_and_is_not_repeated(sandbox):
    profile = profile_at(sandbox, "api-services")

    with pytest.raises(ClientAppError, match="NINJA_CLIENT_SECRET") as caught:
        grants.client_credentials(profile, CANARY)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_a_client_app_that_may_not_use_the_grant_gets_the_advice_of_its_platform(sandbox):
    profile = profile_at(sandbox, "api-services", client_id=sandbox.clients["web"].client_id)

    with pytest.raises(ClientAppError, match="Client Credentials"):
        grants.client_credentials(profile, sandbox.clients["web"].client_secret)


def test_the_lives_of_tokens_follow_the_answer(fresh_sandbox):
    sandbox = fresh_sandbox(devices=5, token_lifetime=90)

    token, _ = consented(sandbox, profile_at(sandbox), NATIVE_REDIRECT)

    assert token.expires_at - token.obtained_at == 90


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("500", ServerError),
        ("502", ServerError),
        ("429", RateLimitError),
        ("html", AnswerError),
        ("drop", UnreachableError),
    ],
)
def test_a_passing_fault_is_told_from_a_dead_token_and_the_token_stays_good(
    fresh_sandbox, fault, error
):
    sandbox = fresh_sandbox(devices=5)
    profile = profile_at(sandbox)
    token, _ = consented(sandbox, profile, NATIVE_REDIRECT)
    sandbox.fault(fault, path="/ws/oauth/token", times=1)

    with pytest.raises(error) as caught:
        grants.refresh(profile, token.refresh_token)

    assert token.refresh_token not in "".join(traceback.format_exception(caught.value))
    assert grants.refresh(profile, token.refresh_token).access_token


def test_client_credentials_say_who_they_are_in_the_form_and_nowhere_else(odd_server):
    profile, server = odd_server({**GOOD, "scope": "monitoring"})

    grants.client_credentials(profile, CANARY)

    told = {"client_id": "odd-client", "client_secret": CANARY}
    assert told.items() <= server.forms[0].items()
    assert server.bearers == [None]
    assert CANARY not in server.lines[0]


@pytest.mark.parametrize("word", ["invalid_token", "invalid_grant", "expired_token"])
def test_every_word_for_a_dead_refresh_token_means_consent_again(odd_server, word):
    profile, _ = odd_server({"error": word, "error_description": CANARY}, 400)

    with pytest.raises(ConsentRequiredError, match="connect --profile odd") as caught:
        grants.refresh(profile, CANARY)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    "change",
    [
        {"expires_in": "3600"},
        {"expires_in": "3600.0"},
        {"expires_in": None},
        {"expires_in": "soon"},
        {"token_type": "bearer"},
        {"token_type": "BEARER"},
        {"token_type": None},
        {"scope": "offline_access monitoring"},
        {"scope": ["monitoring", "offline_access"]},
        {"scope": None},
        {"extra": {"nested": True}},
    ],
)
def test_an_answer_may_be_odd_in_form(odd_server, change):
    profile, _ = odd_server({k: v for k, v in {**GOOD, **change}.items() if v is not None})

    token = grants.exchange_code(profile, "code", "v" * 64, NATIVE_REDIRECT)

    assert (token.access_token, token.refresh_token) == (
        GOOD["access_token"],
        GOOD["refresh_token"],
    )
    assert token.expires_at - token.obtained_at == 3600
    assert set(token.scope) == {"monitoring", "offline_access"}


@pytest.mark.parametrize("without", ["absent", "null", "empty"])
def test_a_missing_refresh_token_is_no_error(odd_server, without):
    answer = {**GOOD, "refresh_token": {"null": None, "empty": ""}.get(without)}
    if without == "absent":
        del answer["refresh_token"]
    profile, _ = odd_server(answer)

    assert grants.exchange_code(profile, "code", "v" * 64, NATIVE_REDIRECT).refresh_token is None
    assert grants.refresh(profile, "old-refresh-token").refresh_token is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda profile: grants.exchange_code(profile, "code", "v" * 64, NATIVE_REDIRECT),
        lambda profile: grants.refresh(profile, "old-refresh-token"),
    ],
    ids=["exchange", "refresh"],
)
def test_a_wider_grant_is_refused_and_given_back(odd_server, ask):
    profile, server = odd_server({**GOOD, "scope": "monitoring management offline_access"})

    with pytest.raises(ScopeError, match="management"):
        ask(profile)
    assert {form.get("token") for form in server.forms[1:]} == {
        GOOD["access_token"],
        GOOD["refresh_token"],
    }


def test_a_wider_grant_that_was_asked_for_by_name_is_fine(odd_server):
    plain, _ = odd_server({**GOOD, "scope": "monitoring management"})
    profile = Profile("odd", plain.base_url, "id", scope=("monitoring", "management"))

    token = grants.exchange_code(profile, "code", "v" * 64, NATIVE_REDIRECT)
    assert token.scope == ("monitoring", "management")


def test_a_grant_without_monitoring_is_refused(odd_server):
    profile, _ = odd_server({**GOOD, "scope": "offline_access"})

    with pytest.raises(ScopeError, match="did not grant the scope monitoring"):
        grants.exchange_code(profile, "code", "v" * 64, NATIVE_REDIRECT)


@pytest.mark.parametrize("offset", [-7200, 7200])
def test_a_wrong_clock_changes_no_life_and_is_known(odd_server, offset):
    profile, _ = odd_server(GOOD, Date=formatdate(time.time() + offset, usegmt=True))

    token = grants.exchange_code(profile, "code", "v" * 64, NATIVE_REDIRECT)

    assert abs(token.obtained_at - time.time()) < 30
    assert token.expires_at - token.obtained_at == 3600
    assert abs(token.clock_skew - offset) < 30


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, "<html>Sign in to the hotel network</html>", AnswerError),
        (200, [], AnswerError),
        (200, {}, AnswerError),
        (200, {**GOOD, "token_type": "mac"}, AnswerError),
        (200, {**GOOD, "access_token": 7}, AnswerError),
        (403, "<html>Blocked</html>", AnswerError),
        (404, "<html>Not here</html>", AnswerError),
        (404, {"resultCode": "Client app not exist", "incidentId": "W-1"}, ClientAppError),
        (503, "<html>Maintenance</html>", ServerError),
        (500, {"resultCode": "FAILURE"}, ServerError),
        (429, "", RateLimitError),
        (401, {"error": "invalid_client"}, ClientAppError),
        (401, {"error": "not_authenticated"}, ClientAppError),
        (400, {"error": "unauthorized_client"}, ClientAppError),
        (400, {"error": "redirect_uri_mismatch"}, ClientAppError),
        (400, {"error": "invalid_scope"}, ScopeError),
        (400, {"error": "something canary new"}, RefusedError),
        (200, {"error": "invalid_client"}, ClientAppError),
    ],
)
def test_every_refusal_has_its_error_and_repeats_nothing(odd_server, status, body, error):
    profile, _ = odd_server(body, status)

    with pytest.raises(error) as caught:
        grants.exchange_code(profile, "canary-code", "v" * 64, NATIVE_REDIRECT, "canary-secret")
    assert "canary" not in str(caught.value)


def test_a_redirect_carries_no_secret_away(odd_server):
    there, other = odd_server(GOOD)
    profile, _ = odd_server("", 307, Location=there.token_url)

    with pytest.raises(AnswerError):
        grants.refresh(profile, "canary-refresh-token")
    assert other.forms == []


def test_no_proxy_is_asked_for_this_machine(odd_server, monkeypatch):
    profile, _ = odd_server(GOOD)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)

    assert grants.refresh(profile, "refresh-token").access_token


def test_nobody_listening_is_unreachable():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        profile = Profile("gone", f"http://127.0.0.1:{free.getsockname()[1]}", "id")

        with pytest.raises(UnreachableError, match="does not answer"):
            grants.refresh(profile, "canary-refresh-token")


def test_oauthlibs_switches_for_the_whole_process_are_left_alone(sandbox):
    consented(sandbox, profile_at(sandbox), NATIVE_REDIRECT)

    assert not [name for name in os.environ if name.startswith("OAUTHLIB")]


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("access_denied", ConsentDeniedError),
        ("unauthorized_client", ClientAppError),
        ("unsupported_response_type", ClientAppError),
        ("invalid_redirect_uri", ClientAppError),
        ("invalid_scope", ScopeError),
        ("server_error", ServerError),
        ("temporarily_unavailable", ServerError),
        ("<script>canary</script>", RefusedError),
    ],
)
def test_every_word_of_the_consent_page_has_its_error(word, error):
    found = refusals.of_word(Profile("acme", "eu", "id"), word)

    assert type(found) is error
    assert "canary" not in str(found)
