"""The grants against servers that are strict, terse or odd: nothing leans on a kind sandbox."""

from __future__ import annotations

import base64
import time
import traceback
from dataclasses import replace
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
import requests

from ninja_analytics.auth import grants, refusals
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.tokens import Token
from ninja_analytics.errors import (
    AnswerError,
    ClientAppError,
    ConsentRequiredError,
)
from tests.grant_flows import (
    ADDRESS,
    GOOD,
    NATIVE_REDIRECT,
    SENT,
    code_for,
    no_secret_in,
    profile_at,
    redirect_of,
)

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


def ids(switches: dict[str, object]) -> str:
    return "all" if len(switches) > 2 else "-".join(f"{k}={v}" for k, v in switches.items())


def secret_of(sandbox, profile: Profile) -> str | None:
    return sandbox.clients[profile.platform].client_secret


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
