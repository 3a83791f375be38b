"""Reading paths: what is tried again, what is not, where the bearer goes, and what errors say."""

from __future__ import annotations

import json
import socket
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest
import requests

from ninja_analytics import errors
from ninja_analytics.answers import refusal
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import MemoryStore
from ninja_analytics.auth.tokens import Token
from ninja_analytics.filters import device
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.session import Session, _Bearer, _origin
from tests.odd_server import OddServer
from tests.sessions import Fixed, Keeper, session


@pytest.fixture
def faulty(fresh_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox of the test's own, for its faults and switches."""
    return fresh_sandbox(devices=30, seed=7)


def seen(sandbox: Sandbox) -> list[int]:
    return [entry["status"] for entry in sandbox.requests() if "/v2/" in entry["path"]]


def test_a_path_is_read(faulty):
    reader = session(faulty)

    assert len(json.loads(reader.get("/v2/devices", {"pageSize": 1000}))) == 30
    assert json.loads(reader.get("v2/roles")) == json.loads(reader.get("/api/v2/roles"))
    assert reader.requests == 3


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("429", errors.RateLimitError),
        ("429-without-retry-after", errors.RateLimitError),
        ("500", errors.ServerError),
        ("502", errors.ServerError),
        ("drop", errors.UnreachableError),
        ("cut", errors.UnreachableError),
        ("html", errors.AnswerError),
    ],
)
class TestWhatPasses:
    def test_it_is_asked_again_and_the_answer_is_whole(self, faulty, kind, error):
        waits: list[float] = []
        faulty.fault(kind, times=2)

        rows = json.loads(session(faulty, waits).get("/v2/devices", {"pageSize": 1000}))

        assert rows == faulty.truth("devices")
        assert len(waits) == 2

    def test_when_it_stays_it_is_an_error_with_the_next_step(self, faulty, kind, error):
        waits: list[float] = []
        faulty.fault(kind, times=100)

        with pytest.raises(error, match=r"\. .*([Tt]ry again|network)") as caught:
            session(faulty, waits).get("/v2/devices", {"pageSize": 1000})

        assert "/v2/devices" in str(caught.value)
        assert len(seen(faulty)) == len(waits) + 1 <= 8


def test_retry_after_is_honored_and_told(faulty):
    waits: list[float] = []
    told: list[float] = []
    faulty.fault("429", seconds=17)

    session(faulty, waits, on_wait=lambda seconds, _: told.append(seconds)).get("/v2/roles")

    assert waits == told == [17]


def test_without_retry_after_the_waits_grow(faulty):
    waits: list[float] = []
    faulty.fault("429-without-retry-after", times=4)

    session(faulty, waits).get("/v2/roles")

    assert waits == sorted(waits)
    assert 1 <= waits[0] <= 2
    assert 8 <= waits[-1] <= 16


def test_retry_after_zero_is_no_leave_to_ask_without_a_pause(faulty):
    waits: list[float] = []
    faulty.fault("429", seconds=0, times=4)

    session(faulty, waits).get("/v2/roles")

    assert waits == sorted(waits)
    assert waits[0] >= 1


def test_who_waits_is_told_why_and_not_to_try_again(faulty):
    told: list[str] = []
    faulty.fault("429", seconds=17)

    session(faulty, on_wait=lambda _, reason: told.append(reason)).get("/v2/roles")

    assert told == ["NinjaOne asks to slow down (/v2/roles)."]


def test_a_wait_that_is_too_long_is_an_error_at_once(faulty):
    waits: list[float] = []
    faulty.fault("429", seconds=86_400)

    with pytest.raises(errors.RateLimitError, match="86400 s") as caught:
        session(faulty, waits).get("/v2/roles")

    assert waits == []
    assert (caught.value.status, caught.value.retry_after) == (429, 86_400)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("5", 5),
        ("1.5", 1.5),
        ("-3", 0),
        ("", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_in_every_form(header, expected):
    error = refusal(429, {"Retry-After": header}, b"", path="/v2/x")

    assert error.retry_after == expected


def test_a_refused_token_is_renewed_once_and_the_request_repeated(faulty):
    keeper = Keeper(faulty)
    reader = Session(faulty.base_url, keeper)
    reader.get("/v2/roles")
    faulty.revoke_grants()

    assert json.loads(reader.get("/v2/roles"))
    assert keeper.renewed == 1
    assert seen(faulty) == [200, 401, 200]


def test_a_token_that_stays_refused_ends_after_one_repeat(faulty):
    with pytest.raises(errors.UnauthorizedError, match="connect again") as caught:
        Session(faulty.base_url, Fixed()).get("/v2/roles")

    assert seen(faulty) == [401, 401]
    assert caught.value.code == "not_authenticated"


def test_what_does_not_exist_is_not_available(faulty):
    with pytest.raises(errors.NotAvailableError, match="not on this instance") as caught:
        session(faulty).get("/v2/no-such-thing")

    assert (caught.value.status, caught.value.path) == (404, "/v2/no-such-thing")


def test_a_device_filter_that_ninjaone_fails_on_is_named(faulty):
    waits: list[float] = []

    with pytest.raises(errors.RefusedError, match="df='deviceId = 5'") as caught:
        session(faulty, waits).get("/v2/queries/software", {"df": "deviceId = 5"})

    assert caught.value.status == 500
    assert len(waits) == 2


def test_a_device_filter_survives_a_passing_500(faulty):
    faulty.fault("500")

    assert json.loads(session(faulty).get("/v2/devices", {"df": "online", "pageSize": 5}))


def test_a_space_in_a_filter_travels_as_percent_20():
    with OddServer() as recorder:
        Session(recorder.url, Fixed()).get(
            "/v2/devices", {"df": str(device.organization.isin([1, 2])), "skip": None, "flag": True}
        )

    assert recorder.lines == ["/v2/devices?df=org%20in%20%281%2C%202%29&flag=true"]


def test_a_redirect_is_not_followed_and_the_bearer_stays_home():
    with OddServer() as other, OddServer(302, {"Location": other.url + "/v2/roles"}) as home:
        with pytest.raises(errors.AnswerError, match="redirects"):
            Session(home.url, Fixed(), sleep=lambda _: None).get("/v2/roles")

        assert set(home.bearers) == {"Bearer canary-token"}
        assert other.lines == []


@pytest.mark.parametrize("path", ["@{host}/v2/roles", "//{host}/v2/roles", "/\\{host}/v2/roles"])
def test_no_path_leads_the_bearer_to_another_host(path):
    with OddServer() as other, OddServer() as home:
        reader = Session(home.url, Fixed(), sleep=lambda _: None)

        reader.get(path.format(host=other.url.removeprefix("http://")))

        assert other.lines == []
        assert len(home.lines) == 1


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://eu.ninjarmm.com/v2/devices", True),
        ("https://eu.ninjarmm.com:443/v2/devices", True),
        ("http://eu.ninjarmm.com/v2/devices", False),
        ("https://eu.ninjarmm.com:8443/v2/devices", False),
        ("https://eu.ninjarmm.com.elsewhere.example/v2/devices", False),
    ],
)
def test_a_bearer_is_put_into_requests_to_its_own_instance_only(url, own):
    bearer = _Bearer(_origin("https://eu.ninjarmm.com"), "canary-token")

    assert ("Authorization" in requests.Request("GET", url, auth=bearer).prepare().headers) is own


def test_a_whole_address_is_no_path():
    with pytest.raises(errors.UsageError, match="/v2/devices"):
        Session("https://eu.ninjarmm.com", Fixed()).get("https://elsewhere.example/v2/devices")


def test_plain_http_goes_to_this_machine_only():
    with pytest.raises(errors.ProfileError, match="https"):
        Session("http://ninja.example", Fixed())


def test_loopback_is_asked_directly_whatever_proxies_are_set(faulty, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    keeper = Fixed()

    with OddServer() as recorder:
        assert Session(recorder.url, keeper, sleep=lambda _: None).get("/v2/roles") == b"[]"


def test_nobody_at_the_address_is_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(errors.UnreachableError, match="could not be reached"):
            Session(url, Fixed(), sleep=lambda _: None).get("/v2/roles")


def test_no_content_is_an_empty_body():
    with OddServer(204) as recorder:
        assert Session(recorder.url, Fixed()).get("/v2/alerts") == b""


def test_an_empty_body_where_data_should_be_is_an_error():
    with OddServer(200, body=b"") as recorder, pytest.raises(errors.AnswerError, match="not JSON"):
        Session(recorder.url, Fixed(), sleep=lambda _: None).get("/v2/alerts")


def test_json_is_read_whatever_type_it_claims_to_be():
    with OddServer(200, {"Content-Type": "text/html"}, b' {"a": 1}\n') as recorder:
        assert json.loads(Session(recorder.url, Fixed()).get("/v2/x")) == {"a": 1}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "said"),
    [
        (400, b'{"error":"missing_header","error_description":"Missing required header"}',
         errors.RefusedError, "missing_header", "Missing required header"),
        (400, b'{"resultCode":"FAILURE","errorMessage":"bad","incidentId":"I-1"}',
         errors.RefusedError, "FAILURE", "bad"),
        (400, b'{"resultCode":"FAILURE","errorMessage":{"code":"too_long","params":{}}}',
         errors.RefusedError, "FAILURE", "too_long"),
        (403, b'"Access key does not have user context"',
         errors.NotAvailableError, None, "user context"),
        (405, b"Method not allowed", errors.RefusedError, None, "Method not allowed"),
        (404, b"<html>not here</html>", errors.NotAvailableError, None, "(status 404)"),
        (503, b"", errors.ServerError, None, "(status 503)"),
    ],
)  # fmt: skip
def test_every_form_of_error_body_is_understood(status, body, kind, code, said):
    error = refusal(status, {"x-nj-request-id": "R-1"}, body, path="/v2/x")

    assert type(error) is kind
    assert said in str(error)
    assert (error.status, error.path, error.code) == (status, "/v2/x", code)
    assert error.incident_id in ("I-1", "R-1")


def test_the_token_is_in_no_error_and_no_repr(caplog):
    body = b'{"error": "odd", "error_description": "got Bearer canary-token"}'
    with caplog.at_level("DEBUG"), OddServer(400, body=body) as recorder:
        reader = Session(recorder.url, Fixed(), sleep=lambda _: None)
        with pytest.raises(errors.RefusedError) as caught:
            reader.get("/v2/x")
        away = Session("http://127.0.0.1:9", Fixed(), sleep=lambda _: None)
        with pytest.raises(errors.UnreachableError) as unreachable:
            away.get("/v2/x")

    assert recorder.bearers == ["Bearer canary-token"]
    cause = unreachable.value.__cause__
    told = [str(caught.value), str(unreachable.value), repr(cause), repr(vars(cause)), caplog.text]
    assert not [text for text in (*told, repr(reader)) if "canary" in text]
    assert cause.request is None


def test_a_traceback_with_the_values_of_its_variables_does_not_show_the_token(monkeypatch):
    monkeypatch.setattr(
        "urllib3.connection.HTTPConnection.getresponse", Mock(side_effect=KeyboardInterrupt)
    )
    keeper = TokenKeeper(Profile("acme", "eu", "id"), MemoryStore())
    keeper.accept(Token("canary-token", "canary-refresh", time.time() + 3600, (), time.time()))
    with OddServer() as server, pytest.raises(KeyboardInterrupt) as caught:
        Session(server.url, keeper).get("/v2/x")

    shown = "".join(traceback.TracebackException(*caught._excinfo, capture_locals=True).format())
    assert "urlopen" in shown
    assert "canary" not in shown


def test_many_threads_share_one_session(faulty):
    reader = session(faulty)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: reader.get("/v2/devices", {"pageSize": 9}), range(40)))

    assert len(set(answers)) == 1
    assert reader.requests == 40
