"""The sandbox gives tokens by the implicit grant where it is told to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from urllib.parse import urlencode

import pytest
import requests

from ninja_analytics.errors import SandboxError
from ninja_analytics.sandbox.switches import Switches
from tests.oauth_server import Running, implicit, serving

CONSENTING = ("native", "web", "single-page")
STATE = "ä &=/+%"


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with serving() as running:
        yield running


@pytest.fixture
def running(server: Running) -> Iterator[Running]:
    yield server
    server.switches.set(asdict(Switches()))


def said(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize("platform", CONSENTING)
def test_the_implicit_grant_puts_a_token_that_the_api_takes_into_the_fragment(running, platform):
    running.switches.implicit = True

    answer = implicit(running, platform, scope="monitoring", state=STATE)

    assert running.api(f"Bearer {answer.pop('access_token')}").json() == {
        "platform": platform,
        "scopes": ["monitoring"],
        "user": running.server.username,
    }
    assert answer == {
        "token_type": "Bearer",
        "expires_in": "3600",
        "scope": "monitoring",
        "state": STATE,
    }, "no refresh token and no code"


@pytest.mark.parametrize(
    ("decision", "scope", "error"),
    [("deny", "monitoring", "access_denied"), ("allow", "control", "invalid_scope")],
)
def test_a_refusal_of_the_implicit_grant_comes_in_the_fragment_too(running, decision, scope, error):
    running.switches.implicit = True

    answer = implicit(running, decision=decision, scope=scope, state=STATE)

    assert (answer["error"], answer["state"]) == (error, STATE)
    assert "access_token" not in answer


def test_an_implicit_token_has_the_scopes_that_the_consent_gives(running):
    running.switches.set({"implicit": True, "granted_scopes": "monitoring control"})

    answer = implicit(running, scope="monitoring offline_access")

    assert answer["scope"] == "monitoring control"
    token = running.api(f"Bearer {answer['access_token']}").json()
    assert token["scopes"] == ["monitoring", "control"]


def test_the_implicit_grant_is_not_for_api_services(running):
    running.switches.implicit = True

    with pytest.raises(SandboxError, match="unauthorized_client"):
        implicit(running, "api-services")


def test_the_metadata_does_not_mention_the_implicit_grant(running):
    running.switches.implicit = True
    metadata = requests.get(f"{running.url}/.well-known/oauth-authorization-server", timeout=10)

    assert metadata.json()["response_types_supported"] == ["code"]


def test_the_sandbox_tells_the_whole_address_with_its_fragment(fresh_sandbox):
    sandbox = fresh_sandbox(devices=1, implicit=True, login="signed-in")
    asked = {
        "response_type": "token",
        "client_id": sandbox.clients["native"].client_id,
        "redirect_uri": "http://127.0.0.1:50123",
    }

    address = sandbox.browse(f"{sandbox.base_url}/ws/oauth/authorize?{urlencode(asked)}")

    assert address.startswith("http://127.0.0.1:50123#access_token=")
