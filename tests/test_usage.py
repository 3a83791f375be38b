"""The requests made, as a frame, a chart and a command, and the settings of the budget."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics import charts, errors
from ninja_analytics.auth import profiles
from ninja_analytics.reports.requests import per_day, requests_over_time
from ninja_analytics.usage import Budget, Ledger, Limits, ledger_of, limits, usage_frame
from tests.commands import ninja_analytics
from tests.conftest import api_services

DTYPES = {
    "requested_at": "datetime64[us, UTC]",
    "path": "str",
    "status": "Int64",
    "size_bytes": "Int64",
    "milliseconds": "Float64",
    "retries": "Int64",
    "process_id": "Int64",
}


def made(ledger: Ledger, *requests: tuple[str, int, int]) -> Ledger:
    """*ledger* with a request for each time, status and size."""
    for at, status, size in requests:
        epoch = pd.Timestamp(at, tz="UTC").timestamp()
        with Budget(ledger, clock=lambda epoch=epoch: epoch).slot("/v2/roles") as slot:
            slot.status, slot.size_bytes = status, size
    return ledger


@pytest.fixture
def usage() -> pd.DataFrame:
    """The requests of two days."""
    return usage_frame(
        made(
            Ledger(None),
            ("2026-03-01 10:00:05", 200, 1000), ("2026-03-01 10:00:55", 429, 80),
            ("2026-03-01 10:01:00", 200, 1000), ("2026-03-01 23:59:59.999999", 0, 0),
            ("2026-03-02 00:00:00", 204, 0), ("2026-03-02 08:00:00", 502, 90),
            ("2026-03-02 08:00:01", 404, 90),
        )
    )  # fmt: skip


def test_a_connection_tells_what_it_asked(sandbox):
    ninja = na.connect("acme", **api_services(sandbox), interactive=False)
    before = pd.Timestamp.now(tz="UTC")
    rows = len(ninja.table("devices"))
    with pytest.raises(errors.NotAvailableError):
        ninja.get("/v2/nothing", df="x")

    told = ninja.usage()
    assert told.dtypes.astype(str).to_dict() == DTYPES
    assert rows == 60
    assert set(told["path"]) == {"/v2/devices", "/v2/nothing"}
    assert told["status"].tolist()[-1] == 404
    assert told["requested_at"].is_monotonic_increasing
    assert told["requested_at"].between(before, pd.Timestamp.now(tz="UTC")).all()
    assert told["size_bytes"].iloc[0] > 1000
    assert told["milliseconds"].between(0, 60_000, inclusive="neither").all()
    assert len(told) == ninja._session.requests


def test_every_connection_of_the_profile_is_in_it_and_no_other_profile(sandbox):
    def one(name: str) -> na.Ninja:
        return na.connect(name, **api_services(sandbox), interactive=False)

    one("acme").get("/v2/roles")
    one("acme").get("/v2/policies")
    one("other").get("/v2/organizations")

    assert set(one("acme").usage()["path"]) == {"/v2/roles", "/v2/policies"}


def test_without_requests_the_columns_are_the_same(usage):
    empty = usage_frame(Ledger(None))

    assert len(empty) == 0
    assert empty.dtypes.astype(str).to_dict() == usage.dtypes.astype(str).to_dict() == DTYPES


@pytest.mark.parametrize(
    ("since", "rows"),
    [(None, 3), ("2026-03-02", 1), ("2026-03-01T12:00:00+02:00", 3),
     (pd.Timestamp("2026-03-02 00:00", tz="Europe/Berlin"), 2)],
)  # fmt: skip
def test_since_is_a_time_in_utc_unless_it_has_a_zone(since, rows):
    ledger = made(
        Ledger(None), ("2026-03-01 10:00", 200, 1), ("2026-03-01 23:00", 200, 1),
        ("2026-03-03 00:00", 200, 1),
    )  # fmt: skip
    told = usage_frame(ledger, since=since)

    assert len(told) == rows


@pytest.mark.parametrize("since", ["soon", object(), "NaT", [1]])
def test_what_is_no_time_is_refused(since):
    with pytest.raises(errors.UsageError, match="Give a time"):
        usage_frame(Ledger(None), since=since)


def test_what_is_on_its_way_is_not_in_it_yet():
    ledger = Ledger(None)
    with Budget(ledger).slot("/v2/roles"):
        assert len(usage_frame(ledger)) == 0

    assert len(usage_frame(ledger)) == 1


def test_a_day_is_told_in_numbers(usage):
    days = per_day(usage)

    assert days["requested_on"].dt.strftime("%d").tolist() == ["01", "02"]
    assert days.drop(columns="requested_on").to_dict("list") == {
        "requests": [4, 3],
        "failed": [1, 2],
        "slowed_down": [1, 0],
        "busiest_minute": [2, 2],
        "size_bytes": [2080, 180],
    }
    assert per_day(usage.head(0)).dtypes.equals(days.dtypes)


@pytest.mark.parametrize(
    ("ends", "span", "bars"),
    [("2026-03-01 12:00", "minute", 2), ("2026-03-04", "hour", 2), ("2026-04-01", "day", 2)],
)
def test_the_chart_counts_in_spans_that_suit_the_time_shown(ends, span, bars):
    chart = requests_over_time(
        usage_frame(made(Ledger(None), ("2026-03-01 10:00:05", 200, 1), (ends, 429, 1)))
    )
    ax = chart.draw()

    assert chart.title == f"Requests per {span}" == ax.get_ylabel()
    assert len(ax.patches) == bars
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Answered", "Slowed down", "Failed",
    ]  # fmt: skip


def test_the_chart_draws_every_request_in_the_color_of_what_became_of_it(usage):
    chart = requests_over_time(usage)
    from matplotlib.colors import to_hex

    heights = {mark.color: 0.0 for mark in charts.ANSWER.values()}
    for bar in chart.draw().patches:
        heights[to_hex(bar.get_facecolor())] += bar.get_height()

    assert heights == dict(
        zip([charts.ANSWER[name].color for name in charts.ANSWER], [3, 1, 3], strict=True)
    )
    assert "3 answered, 1 slowed down (429), 3 failed" in chart.alt
    assert "The most in one hour are 3." in chart.alt


def test_the_chart_of_nothing_says_so(usage):
    chart = requests_over_time(usage.head(0))

    assert chart.draw().texts[0].get_text() == chart.alt.strip(".") == "No requests"


def test_a_notebook_shows_the_chart_by_one_line(ninja):
    ninja.get("/v2/roles")

    assert "<svg" in ninja.usage_chart()._repr_html_()
    assert "No requests" in ninja.usage_chart(since="2100-01-01")._repr_html_()


def test_the_command_shows_days_and_writes_requests(acme, usage, tmp_path):
    who = profiles.resolve(acme)
    assert "No request of profile acme" in ninja_analytics("usage", "--profile", acme).output
    made(ledger_of(who), ("2026-03-01 10:00:05", 200, 2_500_000), ("2026-03-01 10:00:07", 0, 0),
         ("2026-03-02 08:00", 429, 80))  # fmt: skip
    with sqlite3.connect(ledger_of(who)._file) as db:
        assert db.execute("select count(*) from requests").fetchone() == (3,)

    shown = ninja_analytics("usage", "--profile", acme)
    some = ninja_analytics("usage", "--profile", acme, "--since", "2026-03-02")
    written = ninja_analytics("usage", "--profile", acme, "-o", tmp_path / "asked.csv")

    assert [line.split() for line in shown.output.splitlines()[1:]] == [
        ["2026-03-01", "2", "1", "0", "2", "2", "MB"],
        ["2026-03-02", "1", "0", "1", "1", "80", "B"],
        ["In", "all", "3", "1", "1", "2", "3", "MB"],
    ]
    assert "2026-03-01" not in some.output
    assert "3 requests written" in written.output
    assert (tmp_path / "asked.csv").read_text(encoding="utf-8-sig").count("/v2/roles") == 3


def test_a_wrong_suffix_is_said_before_anything_is_read(acme):
    assert ninja_analytics("usage", "--profile", acme, "-o", "asked.doc").exit_code == 2


# the settings


def test_limits_are_those_of_arguments_over_the_environment(monkeypatch):
    assert limits() == Limits(8, None)
    monkeypatch.setenv("NINJA_PARALLEL", " 3 ")
    monkeypatch.setenv("NINJA_REQUESTS_PER_MINUTE", "120")

    assert limits() == Limits(3, 120)
    assert limits(5, 60) == Limits(5, 60)


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "65", "²", "1e3"])
def test_a_variable_that_is_no_such_number_is_said_at_once(monkeypatch, acme, value):
    monkeypatch.setenv("NINJA_PARALLEL", value)

    with pytest.raises(errors.ProfileError, match=f"NINJA_PARALLEL is '{value}'.*from 1 to 64"):
        na.connect(acme)


@pytest.mark.parametrize("given", [{"parallel": 0}, {"parallel": True}, {"parallel": 65},
                                   {"requests_per_minute": 0.5}, {"requests_per_minute": "9"}])  # fmt: skip
def test_an_argument_that_is_no_such_number_is_said_at_once(acme, given):
    with pytest.raises(errors.UsageError, match=f"{next(iter(given))} is .*whole number"):
        na.connect(acme, **given)


def test_a_consent_begun_by_hand_keeps_the_settings(sandbox, home: Path):
    client = sandbox.clients["native"]
    pending = na.begin_consent(
        "acme", base_url=sandbox.base_url, client_id=client.client_id, parallel=2
    )
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pending.wait, 30)
        pending.complete(sandbox.browse(pending.authorization_url))
        ninja = waiting.result()

    assert ninja._session.parallel == 2
