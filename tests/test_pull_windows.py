"""Windows of time: exactly the rows within, at the very edge too, and only what is new since last time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import IncompleteError, NinjaError, UsageError
from tests.pulls import asked, connected, rows, typed

ACTIVITIES = "/v2/activities"
TIMES = {
    "os_patch_installs": "installed_at",
    "software_patch_installs": "installed_at",
    "activities": "activity_at",
}
MORE = {
    "os_patch_installs": {"status": "FAILED"},
    "software_patch_installs": {"impact": "CRITICAL"},
    "activities": {"activity_class": "USER"},
}
SENT = {"activity_class": "class"}


@pytest.fixture(scope="module")
def truths(sandbox):
    """All rows of the tables that have a time, by table and whether they are narrowed."""
    return {
        (name, narrow): typed(name, sandbox.truth(name, **_sent(MORE[name]) if narrow else {}))
        for name in TIMES
        for narrow in (False, True)
    }


def _sent(parameters):
    return {SENT.get(name, name): value for name, value in parameters.items()}


def within(data, column, since=None, until=None, *, missing):
    times = data[column]
    keep = pd.Series(data=True, index=data.index)
    if since is not None:
        keep &= ~(times < since)
    if until is not None:
        keep &= ~(times >= until)
    return data[keep & (missing | times.notna())]


@pytest.mark.parametrize("narrow", [False, True], ids=["all", "narrowed"])
@pytest.mark.parametrize("name", list(TIMES))
def test_a_window_has_exactly_the_rows_within_it(ninja, truths, name, narrow):
    column, truth = TIMES[name], truths[name, narrow]
    times = truth[column].dropna().sort_values().drop_duplicates().reset_index(drop=True)
    recent = times[times > times.iloc[-1] - pd.Timedelta(days=80)].reset_index(drop=True)
    since, until = recent.iloc[len(recent) // 3], recent.iloc[2 * len(recent) // 3]
    more = MORE[name] if narrow else {}

    for bounds in ({"since": since}, {"until": until}, {"since": since, "until": until}):
        frame = ninja.table(name, **bounds, **more)

        # a row at `since` is in, one at `until` is out; the sandbox leaves out what has no time
        expected = within(truth, column, **bounds, missing=False)
        assert rows(frame) == rows(expected), bounds
        assert (frame[column].min() == since) or "since" not in bounds
        assert frame[column].max() < until or "until" not in bounds
        assert frame.attrs["ninja"]["window"]["column"] == column


@pytest.fixture
def tenant(fresh_sandbox, sandbox):
    # Of the same hour as the truth that it is held against, however late this test comes.
    return fresh_sandbox(devices=60, seed=7, now=sandbox.now.isoformat())


@pytest.mark.parametrize("name", ["os_patch_installs", "software_patch_installs"])
def test_where_the_window_is_passed_over_rows_without_a_time_stay(tenant, truths, name):
    tenant.switch(windows="ignore")
    truth = truths[name, False]
    since = truth["installed_at"].quantile(0.6)

    frame = connected(tenant).table(name, since=since)

    expected = within(truth, "installed_at", since=since, missing=True)
    assert rows(frame) == rows(expected)
    assert frame["installed_at"].isna().any() or name != "os_patch_installs"


def test_pages_stop_at_the_edge_of_the_window_though_it_is_passed_over(tenant, truths):
    tenant.switch(windows="ignore")
    truth = truths["activities", False]
    since = truth["activity_at"].max() - pd.Timedelta(days=5)

    frame = connected(tenant).table("activities", since=since)

    expected = within(truth, "activity_at", since=since, missing=True)
    assert rows(frame) == rows(expected)
    assert len(asked(tenant, ACTIVITIES)) <= len(expected) // 1000 + 2


def test_last_is_a_week_at_first_and_then_what_is_new(tenant):
    tenant.switch(late_activities=300)
    conn = connected(tenant)
    everything = tenant.truth("activities", older="")
    newest = {row["id"] for row in everything}

    first = conn.table("activities", since="last")
    again = connected(tenant).table("activities", since="last")
    tenant.switch(late_activities=0)
    tenant.forget_requests()
    new = connected(tenant).table("activities", since="last")

    week = (datetime.now(UTC) - timedelta(days=7)).timestamp()
    last_week = [row["id"] for row in everything if row["activityTime"] >= week + 1]
    assert set(last_week) <= set(first["activity_id"]) <= newest
    assert len(again) == 0
    assert sorted(new["activity_id"]) == sorted(
        {row["id"] for row in tenant.truth("activities")} - newest
    )
    assert len(new) == 300
    assert len(asked(tenant, ACTIVITIES)) <= 2


def test_last_stops_where_the_new_ends_though_newer_than_is_passed_over(tenant):
    conn = connected(tenant)
    tenant.switch(late_activities=300)
    conn.table("activities", since="last")
    tenant.switch(late_activities=0, windows="ignore")
    tenant.forget_requests()

    assert len(conn.table("activities", since="last")) == 300
    assert len(asked(tenant, ACTIVITIES)) <= 2


@pytest.mark.parametrize("kind", ["page", "names"])
def test_a_pull_that_breaks_does_not_move_the_mark(tenant, kind):
    conn = connected(tenant)
    tenant.switch(late_activities=1500)
    conn.table("activities", since="last")
    tenant.switch(late_activities=0)
    path = ACTIVITIES if kind == "page" else "/v2/organizations"
    tenant.fault("500", path=path, after=int(kind == "page"), times=40)

    with pytest.raises(IncompleteError) as caught:
        conn.table("activities", since="last", names=["organization"])

    tenant.switch(faults=[])
    # by another question, so that what is resumed does not count
    assert len(connected(tenant).table("activities", since="last")) == 1500
    assert len(caught.value.resume()) == 1500
    assert len(conn.table("activities", since="last")) == 0


def test_filters_have_marks_of_their_own(tenant):
    conn = connected(tenant)
    tenant.switch(late_activities=1000)
    first, second = [row["id"] for row in tenant.truth("organizations")[:2]]
    one, other = (na.device.organization == number for number in (first, second))
    either = one | other
    asks = [{}, {"where": one}, {"where": either, "in_pandas": True}, {"activity_class": "USER"}]
    before = [len(conn.table("activities", since="last", **ask)) for ask in asks]
    tenant.switch(late_activities=0)

    new = [len(conn.table("activities", since="last", **ask)) for ask in asks]

    assert all(before)
    assert new[0] == 1000
    assert all(0 < count < 1000 for count in new[1:])
    assert [len(conn.table("activities", since="last", **ask)) for ask in asks] == [0, 0, 0, 0]


def test_a_mark_that_cannot_be_noted_costs_no_rows(tenant, home, caplog):
    home.mkdir()
    (home / "pulls").write_text("in the way")

    frame = connected(tenant).table("activities", since="last")

    assert len(frame)
    assert [one for one in caplog.messages if "cannot be noted" in one]


def test_a_stream_of_what_is_new_goes_on_from_there_too(tenant):
    conn = connected(tenant)
    tenant.switch(late_activities=300)
    first = list(conn.stream("activities", since="last"))
    tenant.switch(late_activities=0)

    new = list(conn.stream("activities", since="last"))

    assert sum(batch.num_rows for batch in first) > 300
    assert sum(batch.num_rows for batch in new) == 300
    assert sum(batch.num_rows for batch in conn.stream("activities", since="last")) == 0


@pytest.mark.parametrize(
    ("name", "window", "said"),
    [
        ("volumes", {"since": "7d"}, "no time by which"),
        ("os_patch_installs", {"since": "last"}, "cannot be asked for what is new"),
        ("activities", {"since": "last", "until": "1d"}, "goes up to now"),
        ("activities", {"since": "2999-01-01"}, "future"),
        ("activities", {"since": "1d", "until": "2d"}, "no room"),
        ("activities", {"since": "soon"}, "not a time"),
        ("activities", {"since": "7d", "after": "2026-01-01"}, "say the same"),
    ],
)
def test_what_is_no_window_is_refused_in_a_sentence(ninja, name, window, said):
    with pytest.raises(UsageError, match=said) as caught:
        ninja.table(name, **window)
    assert isinstance(caught.value, NinjaError)
