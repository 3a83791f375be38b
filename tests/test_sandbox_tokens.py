"""The sandbox's token and revoke endpoints and its bearer check, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.oauth_server import Running, serving

UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def running() -> Iterator[Running]:
    with serving() as running:
        yield running


def said(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


# authorization codes


def test_a_code_that_is_used_again_ends_what_it_gave(running):
    code = running.consent()["code"]
    token = running.exchange(code).json()
    assert running.accepts(token["access_token"])

    assert said(running.exchange(code)) == (400, "invalid_grant")
    assert not running.accepts(token["access_token"])
    assert said(running.refresh(token["refresh_token"])) == (400, "invalid_token")


def test_a_code_dies_after_a_minute(running):
    early, late = running.consent()["code"], running.consent()["code"]

    running.now += 59
    assert running.exchange(early).status_code == 200
    running.now += 1
    assert said(running.exchange(late)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code": "no-such-code"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": "http://127.0.0.1:50124"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"code_verifier": "another-verifier-of-at-least-43-characters-x"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_id": None}, "invalid_request"),
    ],
)
def test_a_code_is_worth_nothing_without_all_that_it_is_bound_to(running, changes, error):
    code = running.consent()["code"]

    assert said(running.exchange(**({"code": code} | changes))) == (400, error)
    assert running.exchange(code).status_code == 200, "a refused attempt does not use the code up"


def test_a_code_is_worth_nothing_to_another_client(running):
    code = running.consent()["code"]
    answer = running.exchange(code, "single-page", redirect_uri="http://127.0.0.1:50123")

    assert said(answer) == (400, "invalid_grant")


def test_a_web_client_may_leave_pkce_out_but_not_half_of_it(running):
    without = {"code_challenge": None, "code_challenge_method": None}

    code = running.consent("web", **without)["code"]
    assert said(running.exchange(code, "web")) == (400, "invalid_grant")
    assert running.exchange(code, "web", code_verifier=None).status_code == 200


# who the client is


def test_an_unknown_client_gets_ninjaones_404(running):
    answer = running.token(client_id="nobody", grant_type="refresh_token", refresh_token="x")

    assert answer.status_code == 404
    assert answer.json()["resultCode"] == "Client app not exist"
    assert re.fullmatch(f"WEB_MGMT_SERVICE-{UUID}", answer.json()["incidentId"])


@pytest.mark.parametrize("secret", ["wrong", "", None])
def test_a_wrong_secret_is_an_invalid_client(running, secret):
    code = running.consent("web")["code"]

    assert said(running.exchange(code, "web", client_secret=secret)) == (401, "invalid_client")
    assert running.exchange(code, "web").status_code == 200


def test_a_secret_may_come_by_basic_authentication_too(running):
    client = running.server.clients["api-services"]
    good, bad = (client.client_id, client.client_secret), (client.client_id, "wrong")

    token = running.post("token", auth=good, grant_type="client_credentials")
    refused = running.post("token", auth=bad, grant_type="client_credentials")

    assert running.accepts(token.json()["access_token"])
    assert said(refused) == (401, "invalid_client")
    assert refused.headers["WWW-Authenticate"].startswith("Basic")


def test_a_token_request_must_be_a_post(running):
    assert requests.get(f"{running.url}/ws/oauth/token", timeout=10).status_code == 405


# client credentials


def test_client_credentials_give_all_scopes_of_the_app_and_no_refresh_token(running):
    running.switches.ticked_scopes = "monitoring management offline_access"
    everything = running.token("api-services", grant_type="client_credentials").json()
    asked = {"scope": "monitoring offline_access"}
    some = running.token("api-services", grant_type="client_credentials", **asked).json()

    assert everything["scope"] == "monitoring management"
    assert some["scope"] == "monitoring offline_access"
    assert "refresh_token" not in everything | some
    assert running.api(f"Bearer {some['access_token']}").json()["user"] is None


def test_client_credentials_are_for_api_services_only(running):
    assert said(running.token("web", grant_type="client_credentials")) == (
        400,
        "unauthorized_client",
    )
    assert said(running.token("native", grant_type="client_credentials")) == (
        400,
        "unauthorized_client",
    )


def test_client_credentials_for_a_scope_that_is_not_ticked_are_refused(running):
    answer = running.token("api-services", grant_type="client_credentials", scope="control")

    assert said(answer) == (400, "invalid_scope")


# refresh


def test_each_refresh_gives_new_tokens_and_the_old_access_token_lives_on(running):
    first = running.connect()
    second = running.refresh(first["refresh_token"]).json()
    third = running.refresh(second["refresh_token"]).json()

    tokens = [first, second, third]
    assert len({token["refresh_token"] for token in tokens}) == 3
    assert all(running.accepts(token["access_token"]) for token in tokens)
    assert third["scope"] == "monitoring offline_access"
    assert re.fullmatch(rf"{UUID}\.[A-Za-z0-9_-]{{43}}", third["refresh_token"])


def test_a_reused_refresh_token_ends_the_grant(running):
    first = running.connect()
    second = running.refresh(first["refresh_token"]).json()
    other = running.connect()

    reused = running.refresh(first["refresh_token"])

    assert (reused.status_code, reused.json()) == (400, {"error": "invalid_token"})
    assert not running.accepts(first["access_token"])
    assert not running.accepts(second["access_token"])
    assert said(running.refresh(second["refresh_token"])) == (400, "invalid_token")
    assert running.accepts(other["access_token"]), "another grant is another matter"


def test_of_many_refreshes_at_once_exactly_one_wins(running):
    token = running.connect()["refresh_token"]

    with ThreadPoolExecutor(8) as pool:
        answers = [answer.status_code for answer in pool.map(running.refresh, [token] * 8)]

    assert sorted(answers) == [200] + [400] * 7


def test_without_rotation_the_refresh_token_stays_and_is_not_sent_again(running):
    running.switches.rotate = False
    token = running.connect()

    for _ in range(2):
        answer = running.refresh(token["refresh_token"])
        assert answer.status_code == 200
        assert "refresh_token" not in answer.json()


def test_a_refresh_may_ask_for_less_but_not_for_more(running):
    token = running.connect()

    more = running.refresh(token["refresh_token"], scope="monitoring management")
    less = running.refresh(token["refresh_token"], scope="monitoring").json()
    again = running.refresh(less["refresh_token"]).json()

    assert said(more) == (400, "invalid_scope")
    assert less["scope"] == "monitoring"
    assert running.api(f"Bearer {less['access_token']}").json()["scopes"] == ["monitoring"]
    assert again["scope"] == "monitoring offline_access"


def test_a_refresh_token_is_worth_nothing_to_another_client(running):
    token = running.connect()["refresh_token"]

    assert said(running.refresh(token, "web")) == (400, "invalid_token")
    assert running.refresh(token).status_code == 200


@pytest.mark.parametrize(
    ("platform", "changes", "given"),
    [
        ("native", {}, True),
        ("web", {}, True),
        ("single-page", {}, False),
        ("native", {"scope": "monitoring"}, False),
        ("native", {"scope": None}, False),
    ],
)
def test_a_refresh_token_needs_offline_access_and_an_app_that_refreshes(
    running, platform, changes, given
):
    token = running.connect(platform, **changes)

    assert ("refresh_token" in token) == given
    assert token["scope"].startswith("monitoring")


def test_an_app_without_the_refresh_token_grant_gets_none_and_cannot_refresh(running):
    before = running.connect()
    running.switches.refresh_ticked = False

    assert "refresh_token" not in running.connect()
    assert said(running.refresh(before["refresh_token"])) == (400, "unauthorized_client")


@pytest.mark.parametrize("word", ["invalid_grant", "expired_token"])
def test_the_error_word_for_a_dead_refresh_token_can_be_switched(running, word):
    running.switches.dead_refresh_error = word

    assert said(running.refresh("no-such-token")) == (400, word)


@pytest.mark.parametrize("granted", ["offline_access", "monitoring management control"])
def test_a_consent_can_give_less_or_more_than_was_asked(running, granted):
    running.switches.granted_scopes = granted

    token = running.connect()
    client = running.token("api-services", grant_type="client_credentials").json()

    assert token["scope"] == client["scope"] == granted
    assert running.api(f"Bearer {token['access_token']}").json()["scopes"] == granted.split()


def test_what_is_ticked_on_the_app_may_be_asked_for(running):
    running.switches.ticked_scopes = "monitoring management"

    assert running.connect(scope="management monitoring")["scope"] == "management monitoring"
    assert running.consent(scope="monitoring offline_access")["error"] == "invalid_scope"


# the life of an access token


def test_an_access_token_lives_as_long_as_the_switch_said_when_it_was_given(running):
    running.switches.token_lifetime = 90.5
    token = running.connect()
    running.switches.token_lifetime = 1

    assert token["expires_in"] == 90
    running.now += 90
    assert running.accepts(token["access_token"])
    running.now += 1
    answer = running.api(f"Bearer {token['access_token']}")
    assert (answer.status_code, answer.json()) == (
        401,
        {
            "error": "not_authenticated",
            "error_description": "Invalid credentials",
            "error_code": 10,
        },
    )


def test_a_request_without_credentials_gets_ninjaones_400(running):
    answer = running.api(None)

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": "missing_header",
            "error_description": "Missing required header",
            "error_code": 2,
        },
    )


@pytest.mark.parametrize("header", ["Bearer", "Basic abc", "abc", "Bearer a b"])
def test_a_malformed_header_gets_ninjaones_other_400(running, header):
    answer = running.api(header)

    assert (answer.status_code, answer.json()["error_code"]) == (400, 1)
    assert answer.json()["error"] == "invalid_header"


def test_a_refresh_token_is_no_access_token(running):
    assert not running.accepts(running.connect()["refresh_token"])


# revocation


def test_revoking_a_refresh_token_ends_the_grant(running):
    token = running.connect()

    assert revoke(running, token["refresh_token"]).status_code == 200
    assert not running.accepts(token["access_token"])
    assert said(running.refresh(token["refresh_token"])) == (400, "invalid_token")


def test_revoking_an_access_token_leaves_the_refresh_token_alone(running):
    token = running.connect()

    assert revoke(running, token["access_token"]).status_code == 200
    assert not running.accepts(token["access_token"])
    assert running.refresh(token["refresh_token"]).status_code == 200


def test_revoking_needs_the_right_client(running):
    token = running.connect("web")
    client_id = running.server.clients["web"].client_id
    bare = running.post("revoke", token=token["refresh_token"], client_id=client_id)

    assert said(bare) == (401, "invalid_client")
    assert said(revoke(running, token["refresh_token"])) == (400, "invalid_grant")
    assert revoke(running, token["refresh_token"], client_id="nobody").status_code == 404
    assert running.accepts(token["access_token"])
    assert revoke(running, token["refresh_token"], "web").status_code == 200
    assert not running.accepts(token["access_token"])


def test_revoking_what_nobody_knows_is_fine_and_revoking_nothing_is_not(running):
    assert revoke(running, "no-such-token").status_code == 200
    assert revoke(running, "").status_code == 400


def test_the_administrator_can_end_every_grant(running):
    tokens = [running.connect(), running.connect("web")]

    running.server.revoke_all()

    assert not any(running.accepts(token["access_token"]) for token in tokens)
    assert said(running.refresh(tokens[0]["refresh_token"])) == (400, "invalid_token")
    assert running.accepts(running.connect()["access_token"])


def revoke(running, token: str, platform: str = "native", **changes: str) -> requests.Response:
    client = running.server.clients[platform]
    fields = {"client_id": client.client_id, "token": token} | changes
    if client.client_secret:
        fields["client_secret"] = client.client_secret
    return running.post("revoke", **fields)


@pytest.mark.parametrize("where", ["token", "revoke"])
@pytest.mark.parametrize("twice", ["client_id", "token", "refresh_token", "grant_type"])
def test_a_parameter_given_twice_is_refused(running, where, twice):
    kept = running.connect()["refresh_token"]
    client_id = running.server.clients["native"].client_id
    fields = {"client_id": client_id, "token": kept}
    fields |= {"refresh_token": kept, "grant_type": "refresh_token"}
    form = [*fields.items(), (twice, fields[twice])]

    answer = requests.post(f"{running.url}/ws/oauth/{where}", data=form, timeout=10)

    assert said(answer) == (400, "invalid_request")
    assert running.refresh(kept).status_code == 200
