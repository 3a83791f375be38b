"""What can go wrong at the sandbox when it is told to, and the other switches of its answers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.sandbox.switches import Fault
from tests.sandbox_client import Asker, rows_of, truth_of

TABLES = catalog.TABLES.values()


@pytest.fixture(scope="module")
def weak():
    with Sandbox(devices=60) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask_weak(weak):
    return Asker(weak)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("403", 403),
        ("404", 404),
        ("429", 429),
        ("429-without-retry-after", 429),
        ("500", 500),
        ("502", 502),
        ("html", 200),
    ],
)
def test_a_fault_strikes_as_often_as_it_was_told(weak, ask_weak, kind, status):
    weak.fault(kind, times=2, seconds=7)

    answers = [ask_weak.table("volumes") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert (answers[0].headers.get("Retry-After") == "7") == (kind == "429")
    assert answers[0].text.startswith("<") == (kind in ("502", "html"))
    assert answers[2].text.startswith("{")


@pytest.mark.parametrize("kind", ["drop", "cut"])
def test_a_connection_breaks_before_or_within_the_answer(weak, ask_weak, kind):
    weak.fault(kind)

    with pytest.raises(requests.ConnectionError if kind == "drop" else requests.RequestException):
        ask_weak.table("volumes")
    assert ask_weak.table("volumes").status_code == 200
    assert [one["status"] for one in weak.requests()[-2:]] == [0 if kind == "drop" else 200, 200]


@pytest.mark.parametrize("table", ["devices", "volumes", "activities", "alerts"])
@pytest.mark.parametrize("kind", ["wrong-type", "unknown-field"])
def test_one_row_has_something_that_nobody_expects(weak, ask_weak, kind, table):
    good = rows_of(ask_weak.table(table).json())
    weak.fault(kind, path=catalog.TABLES[table].path)
    bad = rows_of(ask_weak.table(table).json())

    assert bad[1:] == good[1:]
    if kind == "unknown-field":
        assert bad[0] == good[0] | {"newlyInvented": {"answer": 42}}
    else:
        changed = [name for name in good[0] if bad[0][name] != good[0][name]]
        assert len(changed) == 1
        assert type(bad[0][changed[0]]) is not type(good[0][changed[0]])


def test_a_fault_strikes_only_its_paths_and_only_when_its_time_has_come(weak, ask_weak):
    weak.fault("500", path="/v2/queries/", after=1)

    assert ask_weak.table("devices").status_code == 200
    assert ask_weak.table("volumes").status_code == 200
    assert ask_weak("/api/v2/queries/volumes").status_code == 500
    assert ask_weak.table("volumes").status_code == 200


def test_a_fault_can_strike_the_token_endpoint(weak):
    weak.fault("502", path="/ws/oauth/token")

    url = f"{weak.base_url}/ws/oauth/token"
    form = {"grant_type": "client_credentials", "client_id": "x"}
    assert requests.post(url, data=form, timeout=10).status_code == 502
    assert requests.post(url, data=form, timeout=10).status_code == 404


def test_faults_can_be_given_at_the_start(fresh_sandbox):
    faults = ["500", {"kind": "429", "seconds": 2}, Fault("502")]
    sandbox = fresh_sandbox(devices=2, faults=faults)
    ask = Asker(sandbox)

    assert [ask.table("roles").status_code for _ in range(4)] == [500, 429, 502, 200]
    sandbox.switch(faults=[Fault("500", times=2)])
    sandbox.switch(faults=[])
    assert ask.table("roles").status_code == 200


def test_latency_holds_back_the_api(weak, ask_weak):
    weak.switch(latency=0.25)
    begin = time.monotonic()
    ask_weak.table("roles")
    weak.switch(latency=0)

    assert time.monotonic() - begin >= 0.25


def test_fields_without_a_value_may_be_null(fresh_sandbox):
    sandbox = fresh_sandbox(devices=60, explicit_nulls=True)

    for table in (table for table in TABLES if table.answer in ("rows", "row")):
        row = truth_of(sandbox, table)[0]
        fields = {column.field.split(".")[0] for column in table.columns}
        assert {field for field in fields if not field.startswith("@")} <= set(row)
    assert any(row["displayName"] is None for row in sandbox.truth("devices"))
    assert any(row["installDate"] is None for row in sandbox.truth("software"))


def test_installation_days_may_come_as_times(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, iso_install_dates=True)

    days = [row["installDate"] for row in sandbox.truth("software") if "installDate" in row]
    assert days
    assert all(day.endswith("T00:00:00Z") for day in days)


def test_no_more_requests_are_answered_in_a_while_than_the_rate_limit_says(fresh_sandbox):
    sandbox = fresh_sandbox(devices=2)
    ask = Asker(sandbox)
    sandbox.switch(rate_limit=3, rate_window=1.0)

    answers = [ask.table("roles") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "1"
    time.sleep(1)
    assert ask.table("roles").status_code == 200


def test_no_more_requests_are_answered_at_once_than_the_concurrency_limit_says(fresh_sandbox):
    sandbox = fresh_sandbox(devices=2)
    ask = Asker(sandbox)
    sandbox.switch(concurrency_limit=2, latency=0.3)

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: ask.table("roles"), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429, 429]
    assert ask.table("roles").status_code == 200
    log = sandbox.requests()[1:]
    assert max(one["inside"] for one in log) == 2
    assert log[-1]["at"] - log[0]["at"] >= 0.3
