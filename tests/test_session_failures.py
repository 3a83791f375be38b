"""What NinjaOne's API is known to do to a request, row by row, and what comes of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from ninja_analytics import errors, session
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.session import Session
from ninja_analytics.usage import Budget, Ledger
from tests.odd_server import OddServer
from tests.sessions import Fixed, Keeper

PATH = "/v2/roles"


class Reader(Session):
    """A session whose waits are only noted, and whose requests are read from its ledger."""

    def __init__(self, url: str, keeper: object | None = None, **settings: object) -> None:
        self.waits: list[float] = []
        self.ledger = Ledger(None)
        budget = Budget(self.ledger, sleep=self.waits.append)
        settings = {"sleep": self.waits.append} | settings
        super().__init__(url, keeper or Fixed(), budget=budget, **settings)

    def made(self) -> list[tuple[object, object]]:
        """The status and the retries of each request."""
        return [(row[2], row[5]) for row in self.ledger.made()]


@pytest.fixture(scope="module")
def own() -> Iterator[Sandbox]:
    with Sandbox(devices=8, seed=3) as running:
        yield running


@pytest.fixture
def faulty(own: Sandbox) -> Iterator[Sandbox]:
    before = own.switch()
    yield own
    own.switch(**before)


def test_too_many_requests_with_seconds_to_wait(faulty):
    faulty.fault("429", seconds=9)
    reader = Reader(faulty.base_url, Keeper(faulty))
    reader.get(PATH)

    assert reader.waits == [9]
    assert reader.made() == [(429, 0), (200, 1)]
    assert reader.parallel == 2


@pytest.mark.parametrize("ahead", [40, 250])
def test_too_many_requests_with_a_date_to_wait_for(ahead):
    date = formatdate(time.time() + ahead, usegmt=True)
    with OddServer(429, {"Retry-After": date}) as server:
        reader = Reader(server.url)
        with pytest.raises(errors.RateLimitError):
            reader.get(PATH)

    assert len(reader.waits) == 7
    assert ahead - 10 < reader.waits[0] <= ahead


def test_a_date_in_the_far_future_is_an_error_at_once():
    date = formatdate(time.time() + 7200, usegmt=True)
    with OddServer(429, {"Retry-After": date}) as server:
        reader = Reader(server.url)
        with pytest.raises(errors.RateLimitError, match=r"asks to wait (71\d\d|7200) s"):
            reader.get(PATH)

    assert reader.waits == []
    assert reader.made() == [(429, 0)]


def test_too_many_requests_without_a_word_on_how_long(faulty):
    faulty.fault("429-without-retry-after", times=3)
    reader = Reader(faulty.base_url, Keeper(faulty))
    reader.get(PATH)

    assert reader.made() == [(429, 0), (429, 1), (429, 2), (200, 3)]
    assert reader.waits == sorted(reader.waits)
    assert reader.parallel == 1


def test_a_web_page_instead_of_429_is_taken_for_it(faulty):
    faulty.fault("html", times=4)
    reader = Reader(faulty.base_url, Keeper(faulty))
    reader.get(PATH)

    assert reader.made() == [(200, 0), (200, 1), (200, 2), (200, 3), (200, 4)]
    assert sum(reader.waits) >= 15
    assert reader.parallel == 1


@pytest.mark.parametrize(("kind", "status"), [("502", 502), ("drop", 0), ("cut", 0)])
def test_what_says_nothing_of_the_pace_leaves_it_alone(faulty, kind, status):
    faulty.fault(kind, times=2)
    reader = Reader(faulty.base_url, Keeper(faulty))
    rows = json.loads(reader.get("/v2/devices", {"pageSize": 100}))

    assert rows == faulty.truth("devices")
    assert reader.made() == [(status, 0), (status, 1), (200, 2)]
    assert reader.parallel == 4


def test_an_overloaded_server_that_says_how_long_stops_everybody():
    with OddServer(503, {"Retry-After": "20"}) as server:
        reader = Reader(server.url, longest_wait=30)
        with pytest.raises(errors.ServerError):
            reader.get(PATH)
        pace = reader.parallel
        reader.waits.clear()
        with pytest.raises(errors.ServerError):
            reader.get(PATH)

    assert pace == 4
    assert 19 < reader.waits[0] <= 20  # before the first request


def test_a_pause_that_another_was_told_and_that_is_too_long_is_an_error_before_anything_is_sent():
    ledger, waits = Ledger(None), []
    with OddServer(429, {"Retry-After": "120"}) as server:
        with Budget(ledger).slot(PATH) as slot:
            slot.slow_down, slot.pause = True, 120
        budget = Budget(ledger, longest_wait=30, sleep=waits.append)
        reader = Session(server.url, Fixed(), budget=budget, sleep=waits.append, longest_wait=30)
        with pytest.raises(errors.RateLimitError, match="slow down for 120 s more"):
            reader.get(PATH)

    assert server.lines == waits == []


def test_a_filter_that_ninjaone_fails_on_is_named_after_three_tries(faulty):
    reader = Reader(faulty.base_url, Keeper(faulty))
    with pytest.raises(errors.RefusedError, match="df='deviceId = 5'"):
        reader.get("/v2/queries/volumes", {"df": "deviceId = 5"})

    assert reader.made() == [(500, 0), (500, 1), (500, 2)]


@pytest.mark.parametrize("status", [500, 503])
def test_a_path_that_fails_where_no_backup_is_set_up_can_be_stepped_over(status):
    path = "/v2/organization/1/locations/2/backup/usage"
    with OddServer(status, body=b"") as server:
        reader = Reader(server.url)
        with pytest.raises(errors.ServerError) as caught:
            reader.get(path)

    assert (caught.value.status, caught.value.path) == (status, path)
    assert len(server.lines) == (3 if status == 500 else 5)


def test_a_wrong_method_is_refused_at_once():
    with OddServer(405, body=b"Method not allowed") as server:
        reader = Reader(server.url)
        with pytest.raises(errors.RefusedError, match="Method not allowed"):
            reader.get(PATH)

    assert reader.made() == [(405, 0)]


def test_an_answer_that_does_not_come_in_time_is_asked_for_again(faulty, monkeypatch):
    monkeypatch.setattr(session, "_TIMEOUT", (5.0, 0.2))
    faulty.switch(latency=1)
    reader = Reader(faulty.base_url, Keeper(faulty), sleep=lambda _: faulty.switch(latency=0))

    assert json.loads(reader.get(PATH))
    assert reader.made() == [(0, 0), (200, 1)]


def test_an_answer_that_never_comes_in_time_is_an_error(faulty, monkeypatch):
    monkeypatch.setattr(session, "_TIMEOUT", (5.0, 0.05))
    faulty.switch(latency=0.5)
    reader = Reader(faulty.base_url, Keeper(faulty))

    with pytest.raises(errors.UnreachableError, match="did not answer in time"):
        reader.get(PATH)
    assert reader.made() == [(0, 0), (0, 1), (0, 2), (0, 3)]


@pytest.mark.parametrize("kind", [None, "text/html", "application/octet-stream", ""])
@pytest.mark.parametrize("body", [b'[{"id": 1}]', b"null", b"[]", b' {"a": null}\r\n'])
def test_data_are_data_under_any_content_type_or_none(kind, body):
    headers = {} if kind is None else {"Content-Type": kind}
    with OddServer(200, headers, body) as server:
        assert Reader(server.url).get(PATH) == body


def test_no_content_is_no_data_and_no_failure():
    with OddServer(204, body=b"") as server:
        reader = Reader(server.url)
        assert reader.get(PATH) == b""

    assert reader.made() == [(204, 0)]


def test_a_redirect_is_not_followed_and_not_taken_for_data():
    with OddServer(302, {"Location": "/login"}, b"<html>") as server:
        reader = Reader(server.url)
        with pytest.raises(errors.AnswerError, match="redirects"):
            reader.get(PATH)

    assert [status for status, _ in reader.made()] == [302] * 3


def test_a_token_that_dies_on_the_way_costs_one_more_try(faulty):
    reader = Reader(faulty.base_url, Keeper(faulty))
    reader.get(PATH)
    faulty.revoke_grants()
    reader.get(PATH)

    assert reader.made() == [(200, 0), (401, 0), (200, 1)]
