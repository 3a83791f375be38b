"""Logs and errors of everything that connects: none of them holds a secret."""

from __future__ import annotations

import base64
import logging
import traceback
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.profiles import Profile, resolve
from ninja_analytics.auth.tokens import Token
from ninja_analytics.errors import (
    ClientAppError,
    ConsentRequiredError,
    NinjaError,
)
from tests.grant_flows import CANARY, NATIVE_REDIRECT, consented, profile_at


def by_code(sandbox, profile: Profile, secret: str | None) -> list[str | None]:
    """Everything secret that passes in a consent, a refresh, a failure and a revocation."""
    redirect_uri = NATIVE_REDIRECT if profile.platform == "native" else profile.redirect_uris[0]
    grants.probe(profile, redirect_uri)
    first, passed = consented(sandbox, profile, redirect_uri, secret)
    second = grants.refresh(profile, first.refresh_token, secret)
    grants.revoke(profile, second, secret)
    with pytest.raises(ConsentRequiredError):
        grants.refresh(profile, second.refresh_token, secret)
    tokens = (first.access_token, first.refresh_token, second.access_token, second.refresh_token)
    return [secret, *passed, *tokens]


def by_credentials(_: object, profile: Profile, secret: str) -> list[str | None]:
    token = grants.client_credentials(profile, secret)
    grants.revoke(profile, token, secret)
    with pytest.raises(ClientAppError):
        grants.client_credentials(profile, CANARY)
    return [secret, CANARY, token.access_token]


def by_fragment(sandbox, profile: Profile, _: object) -> list[str | None]:
    sandbox.switch(implicit=True)
    url, state, _ = grants.authorization_request(profile, NATIVE_REDIRECT)
    fields = dict(parse_qsl(urlsplit(sandbox.browse(url)).fragment))
    logging.getLogger("ninja_analytics").debug("came back with %s", fields)
    token = grants.token_of_fragment(profile, fields)
    grants.revoke(profile, token)
    return [state, token.access_token]


@pytest.mark.parametrize(
    ("platform", "more", "connect"),
    [
        ("native", {}, by_code),
        ("web", {}, by_code),
        ("web", {"auth_method": "basic"}, by_code),
        ("api-services", {}, by_credentials),
        ("api-services", {"auth_method": "basic"}, by_credentials),
        ("native", {"grant": "implicit"}, by_fragment),
    ],
    ids=["native", "web", "web-basic", "machine", "machine-basic", "implicit"],
)
def test_a_debug_log_of_everything_that_connects_holds_no_secret(
    fresh_sandbox, caplog, platform, more, connect
):
    sandbox = fresh_sandbox(devices=5)
    profile = profile_at(sandbox, platform, **more)
    caplog.set_level(logging.DEBUG)

    secret = sandbox.clients[platform].client_secret
    passed = [value for value in connect(sandbox, profile, secret) if value]
    pairs = [f"{profile.client_id}:{value}" for value in (secret, CANARY) if value]

    logged = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert {"urllib3", "ninja_analytics"} & {one.name.split(".")[0] for one in caplog.records}
    assert connect is by_fragment or "Request body was" in logged
    assert connect is by_fragment or "Obtained token" in logged
    assert (": Basic " in logged or "'Basic " in logged) == bool(more.get("auth_method"))
    for hidden in (*passed, *(base64.b64encode(pair.encode()).decode() for pair in pairs)):
        assert hidden not in logged
        assert quote_plus(hidden) not in logged


@pytest.mark.parametrize(
    "record",
    [
        ("token %s", {"access_token": "canary"}),
        ('{"refresh_token": "canary"}',),
        ("body grant_type=x&code=canary&client_secret=canary",),
        ("Authorization: Bearer canary.canary-canary",),
        ("headers %s", {"Authorization": "Basic canary=="}),
    ],
)
@pytest.mark.parametrize("logger", ["ninja_analytics.made.later", "urllib3.made.later"])
def test_the_filter_hides_what_looks_like_a_secret(record, logger, caplog):
    from ninja_analytics.auth import redaction

    named = logging.getLogger(logger)
    redaction.install()
    caplog.set_level(logging.DEBUG)
    named.debug(*record)

    assert "canary" not in caplog.text
    assert "[hidden]" in caplog.text


def test_a_traceback_in_a_log_holds_no_known_secret(caplog):
    from ninja_analytics.auth import redaction

    redaction.hide("canary-known-value")
    try:
        raise ValueError("canary-known-value")
    except ValueError:
        logging.getLogger("ninja_analytics").exception("broken")

    assert "canary" not in caplog.text
    assert "ValueError" in caplog.text
    assert [record.exc_info for record in caplog.records] == [None]


def test_what_is_hidden_again_is_not_forgotten_first(caplog):
    from ninja_analytics.auth import redaction

    redaction.hide("canary-client-secret")
    redaction.hide(*(f"another value {number}" for number in range(60)))
    redaction.hide("canary-client-secret")
    redaction.hide(*(f"one more value {number}" for number in range(60)))
    logging.getLogger("urllib3").warning("sent canary-client-secret")

    assert "canary" not in caplog.text


SENT = Token("canary-access", "canary-refresh", 0.0, ("monitoring",), 0.0)


@pytest.mark.parametrize("redirected", [False, True])
@pytest.mark.parametrize(
    ("act", "sent"),
    [
        (
            grants.exchange_code,
            ("canary-code", "canary-verifier", NATIVE_REDIRECT, "canary-secret"),
        ),
        (grants.refresh, ("canary-refresh", "canary-secret")),
        (grants.client_credentials, ("canary-secret",)),
        (grants.revoke, (SENT, "canary-secret")),
    ],
)
def test_an_error_beneath_ours_does_not_carry_the_request(odd_server, act, sent, redirected):
    base_url = "https://127.0.0.1:9"
    if redirected:
        base_url = odd_server({}, 302, Location="https://elsewhere.invalid/")[0].base_url
    profile = resolve("acme", base_url=base_url, client_id="id", platform="web")

    with pytest.raises(NinjaError) as caught:
        act(profile, *sent)

    beneath = caught.value.__cause__
    assert beneath or act is grants.revoke
    if beneath:
        assert (beneath.request, beneath.response) == (None, None)
    assert "canary" not in "".join(traceback.format_exception(caught.value))
