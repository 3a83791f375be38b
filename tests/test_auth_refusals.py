"""Why a connection ends or was refused, in words."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from ninja_analytics.auth import grants, refusals
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.tokens import Token
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    ConsentDeniedError,
)
from tests.grant_flows import (
    fields_of,
    profile_at,
)


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
