"""What the sandbox's authorization server can be told to do otherwise, and how strict it is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import pytest
import requests

from ninja_analytics.errors import SandboxError
from ninja_analytics.sandbox.switches import Switches
from tests.oauth_server import REDIRECT, VERIFIER, Running, implicit, serving

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


# the way there and back


def test_a_browser_that_is_signed_in_sees_the_consent_at_once(running):
    running.switches.login = "signed-in"
    page = requests.get(running.url_for(), timeout=10)

    assert "Allow access?" in page.text
    assert running.server.username in page.text
    assert "code" in running.consent()


@pytest.mark.parametrize("platform", ["web", "single-page"])
def test_more_redirect_uris_can_be_registered_and_are_taken_to_the_letter(running, platform):
    hub = "https://hub.example/hub/user-redirect/proxy/8725/"
    running.switches.redirect_uris = f"http://127.0.0.1:9/x {hub}"

    assert "code" in running.consent(platform, redirect_uri=hub)
    assert "code" in running.consent(platform, redirect_uri="http://127.0.0.1:9/x")
    assert "code" in running.consent(platform), "what was registered before still is"
    for platform_, uri in ((platform, "http://127.0.0.1:9/x/"), ("native", "http://127.0.0.1:9/x")):
        with pytest.raises(SandboxError, match="redirect_uri_mismatch"):
            running.consent(platform_, redirect_uri=uri)


def test_the_issuer_is_named_on_every_way_back_and_in_the_metadata(running):
    assert "iss" not in running.consent()
    running.switches.set({"issuer": True, "implicit": True})
    metadata = requests.get(f"{running.url}/.well-known/oauth-authorization-server", timeout=10)

    answers = [
        running.consent(),
        running.consent(decision="deny"),
        running.consent(scope="control"),
        implicit(running),
        implicit(running, decision="deny"),
    ]

    assert {answer["iss"] for answer in answers} == {metadata.json()["issuer"]}
    assert metadata.json()["authorization_response_iss_parameter_supported"] is True


def test_refusals_may_come_without_the_state_that_answers_still_have(running):
    running.switches.set({"state_in_errors": False, "implicit": True})

    assert running.consent()["state"] == implicit(running)["state"] == "a state"
    assert "state" not in running.consent(decision="deny")
    assert "state" not in running.consent(scope="control")
    assert "state" not in implicit(running, decision="deny")


# token answers


@pytest.mark.parametrize(
    ("switch", "value", "name", "expected"),
    [
        ("token_type", "bearer", "token_type", "bearer"),
        ("token_type", "missing", "token_type", None),
        ("expires_in", "text", "expires_in", "3600"),
        ("expires_in", "missing", "expires_in", None),
        ("scope_answer", "reordered", "scope", "offline_access monitoring"),
        ("scope_answer", "missing", "scope", None),
        ("scope_answer", "without-offline", "scope", "monitoring"),
    ],
)
def test_every_token_answer_can_be_odd_and_its_token_is_as_good(
    running, switch, value, name, expected
):
    usual = running.connect()
    running.switches.set({switch: value, "implicit": True})
    asked = {"grant_type": "client_credentials", "scope": "monitoring offline_access"}

    answers = [
        running.connect(),
        running.refresh(usual["refresh_token"]).json(),
        running.token("api-services", **asked).json(),
        implicit(running),
    ]

    assert [answer.get(name) for answer in answers] == [expected] * 4
    assert usual.get(name) != expected
    for answer in answers:
        token = running.api(f"Bearer {answer['access_token']}").json()
        assert token["scopes"] == ["monitoring", "offline_access"]
    assert "refresh_token" in answers[0]
    assert "refresh_token" in answers[1]


def test_refusals_of_token_and_revoke_can_be_pages_that_do_not_say_why(running):
    running.switches.html_errors = True
    native, web = (running.server.clients[name].client_id for name in ("native", "web"))

    answers = [
        running.refresh("no-such-token"),
        running.post("token", client_id="nobody"),
        running.post("token", client_id=web, grant_type="refresh_token", refresh_token="x"),
        running.post("revoke", client_id=native),
    ]

    assert [answer.status_code for answer in answers] == [400, 404, 401, 400]
    for answer in answers:
        assert answer.headers["Content-Type"].startswith("text/html")
        assert "invalid" not in answer.text
    assert "access_token" in running.connect(), "what is no refusal is as ever"


@pytest.mark.parametrize(("taken", "refused"), [("post", "basic"), ("basic", "post")])
def test_a_server_may_take_a_secret_in_one_way_only(running, taken, refused):
    client = running.server.clients["api-services"]
    ways = {
        "post": {"client_id": client.client_id, "client_secret": client.client_secret},
        "basic": {"auth": (client.client_id, client.client_secret)},
    }
    running.switches.secret_by = taken
    metadata = requests.get(f"{running.url}/.well-known/oauth-authorization-server", timeout=10)

    good = running.post("token", grant_type="client_credentials", **ways[taken])
    bad = running.post("token", grant_type="client_credentials", **ways[refused])

    assert good.status_code == 200
    assert said(bad) == (401, "invalid_client")
    assert metadata.json()["token_endpoint_auth_methods_supported"] == [f"client_secret_{taken}"]
    assert "access_token" in running.connect(), "an app without a secret has none to send"


def test_client_credentials_may_give_a_refresh_token_that_refreshes(running):
    running.switches.refresh_for_credentials = True

    first = running.token("api-services", grant_type="client_credentials").json()
    second = running.refresh(first["refresh_token"], "api-services").json()

    assert running.accepts(second["access_token"])


def test_a_refresh_token_can_die_and_each_new_one_has_its_own_life(running):
    running.switches.refresh_lifetime = 100
    first = running.connect()
    running.now += 99
    second = running.refresh(first["refresh_token"]).json()
    running.now += 99
    third = running.refresh(second["refresh_token"]).json()
    running.now += 100

    assert said(running.refresh(third["refresh_token"])) == (400, "invalid_token")
    assert running.accepts(third["access_token"])


@pytest.mark.parametrize("ahead", [0, 5000, -5000])
def test_the_clock_of_the_date_header_can_be_wrong(fresh_sandbox, ahead):
    sandbox = fresh_sandbox(devices=1)
    sandbox.switch(clock_ahead=ahead)

    answer = requests.post(f"{sandbox.base_url}/ws/oauth/token", timeout=10)

    told = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    assert told - time.time() == pytest.approx(ahead, abs=5)


# faults


@pytest.mark.parametrize("where", ["token", "revoke", "authorize"])
@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("502", 502)])
def test_faults_strike_each_endpoint_that_they_are_told(fresh_sandbox, where, kind, status):
    sandbox = fresh_sandbox(devices=1)
    sandbox.fault(kind, path=f"/ws/oauth/{where}")
    ask = requests.get if where == "authorize" else requests.post

    answers = [ask(f"{sandbox.base_url}/ws/oauth/{where}", timeout=10) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [status, 400]


@pytest.mark.parametrize(("kind", "expected"), [("unknown-field", True), ("wrong-type", False)])
def test_a_token_answer_can_hold_what_nobody_expects(fresh_sandbox, kind, expected):
    sandbox = fresh_sandbox(devices=1)
    sandbox.fault(kind, path="/ws/oauth/token")

    answer = credentials_answer(sandbox).json()

    assert ("newlyInvented" in answer) is expected
    assert (answer["scope"] == 12345) is not expected


def test_an_answer_can_be_lost_on_its_way_after_the_tokens_were_given(fresh_sandbox):
    sandbox = fresh_sandbox(devices=1, refresh_for_credentials=True)
    first = credentials_answer(sandbox).json()
    sandbox.fault("drop", path="/ws/oauth/token", loses=True)
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    with pytest.raises(requests.ConnectionError):
        credentials_answer(sandbox, **again)

    assert said(credentials_answer(sandbox, **again)) == (400, "invalid_token"), "it was used"


def credentials_answer(sandbox, **changes: str) -> requests.Response:
    client = sandbox.clients["api-services"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    } | changes
    return requests.post(f"{sandbox.base_url}/ws/oauth/token", data=form, timeout=10)


# strictness


@pytest.mark.parametrize("verifier", ["short", "x" * 42, "x" * 129, "é" * 43, VERIFIER + "/"])
def test_a_code_verifier_that_is_none_by_rfc_7636_is_refused(running, verifier):
    code = running.consent()["code"]

    assert said(running.exchange(code, code_verifier=verifier)) == (400, "invalid_grant")


def test_an_app_without_a_secret_that_shows_one_is_refused(running):
    client_id = running.server.clients["native"].client_id
    code = running.consent()["code"]

    assert said(running.exchange(code, client_secret="invented")) == (401, "invalid_client")
    form = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = running.post("token", auth=(client_id, "invented"), **form)
    assert said(answer) == (401, "invalid_client")
    assert running.exchange(code).status_code == 200


def test_a_secret_given_in_two_ways_at_once_is_refused(running):
    client = running.server.clients["api-services"]
    pair = (client.client_id, client.client_secret)
    form = {"grant_type": "client_credentials", "client_secret": client.client_secret}

    assert said(running.post("token", auth=pair, **form)) == (400, "invalid_request")


def test_only_a_form_in_the_body_is_read(running):
    client = running.server.clients["api-services"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    url = f"{running.url}/ws/oauth/token"

    plain = {"Content-Type": "text/plain"}
    assert said(requests.post(url, json=form, timeout=10)) == (400, "invalid_request")
    answer = requests.post(url, data=urlencode(form), headers=plain, timeout=10)
    assert said(answer) == (400, "invalid_request")
    answer = requests.post(f"{url}?{urlencode(form)}", timeout=10)
    assert said(answer) == (400, "invalid_request")


def test_parameters_that_the_protocol_does_not_name_change_nothing(running):
    running.switches.implicit = True
    foreign = {
        "grant_type": "authorization_code",
        "extra_credentials": "ab",
        "user": "somebody else",
        "bonds": "x",
        "scopes": "control",
    }

    answer = implicit(running, response_mode="query", scope="monitoring", **foreign)
    code = running.consent(response_mode="fragment", **foreign)["code"]
    token = running.exchange(code, **foreign)

    for access_token in (answer["access_token"], token.json()["access_token"]):
        known = running.api(f"Bearer {access_token}").json()
        assert known["user"] == running.server.username
        assert "control" not in known["scopes"]


def test_a_code_is_bound_to_the_redirect_uri_to_the_letter(running):
    code = running.consent()["code"]

    for other in (REDIRECT["native"] + "/", REDIRECT["native"].replace("127.0.0.1", "localhost")):
        assert said(running.exchange(code, redirect_uri=other)) == (400, "invalid_grant")
    assert running.exchange(code).status_code == 200


def test_an_empty_parameter_counts_as_left_out(running):
    code = running.consent(state="")

    assert "state" not in code
    assert said(running.exchange("")) == (400, "invalid_request")
