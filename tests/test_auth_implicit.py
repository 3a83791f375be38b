"""The implicit grant: a token in the fragment, which is taken for what it is."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.errors import (
    AnswerError,
    ClientAppError,
    ScopeError,
)
from tests.grant_flows import (
    NATIVE_REDIRECT,
    fields_of,
    no_secret_in,
    profile_at,
)

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
