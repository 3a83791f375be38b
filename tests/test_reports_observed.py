"""A log that begins after the period: rates count from where it begins, and the report says so."""

from __future__ import annotations

import random
import sqlite3

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.periods import period_of
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.observed import LEAST, observed
from tests.made_frames import NOW, typed

DAY = pd.Timedelta(days=1)
# When the log begins by the rule of the definitions: :start is that of the period, at are seconds.
BEGINS = """
    with entry as (select at, at - lag(at) over (order by at) as quiet from log where at <= :now)
    select min(at) from entry
    having count(*) >= 20 and min(at) - :start > 86400 and min(at) - :start > max(quiet)
"""


def times(*days_ago):
    return pd.Series([NOW - one * DAY for one in days_ago], dtype="datetime64[us, UTC]")


def seen(log, period="90d"):
    return observed(log, period_of(period, now=NOW), now=NOW, log="activities")


def begins_by_sql(log, start):
    base = sqlite3.connect(":memory:")
    base.execute("create table log (at)")
    base.executemany("insert into log values (?)", [(at.timestamp(),) for at in log])
    row = base.execute(BEGINS, {"now": NOW.timestamp(), "start": start.timestamp()}).fetchone()
    base.close()
    return None if row is None else row[0]


def test_a_log_that_begins_late_is_told_from_its_first_entry_on():
    found = seen(times(*range(60, 0, -1)))

    assert found.begins == NOW - 60 * DAY
    assert found.days == 60
    assert found.note == "the log begins on 2026-09-24"
    assert found.notes[0].startswith("The log begins on 2026-09-24 16:00 UTC (activities)")


@pytest.mark.parametrize(
    ("log", "period"),
    [
        (times(*range(89, 0, -1)), "90d"),  # within a day of the period's start
        (times(200, *range(60, 0, -1)), "90d"),  # an entry from before the period
        (times(*range(60, 45, -1), *range(12, 0, -1)), "90d"),  # quiet for longer later on
        (times(), "90d"),
        (times(*range(60, 0, -1)), "30d"),
    ],
)
def test_a_log_that_was_quiet_or_is_empty_is_taken_for_the_whole_period(log, period):
    found = seen(log, period)

    assert (found.begins, found.note, found.notes) == (None, "", ())
    assert found.days == float(period.removesuffix("d"))


def test_of_few_entries_nobody_can_say_whether_the_log_begins_there_and_the_report_says_that():
    few, enough = seen(times(*range(LEAST - 1, 0, -1))), seen(times(*range(LEAST, 0, -1)))

    assert (few.begins, few.days, few.note) == (None, 90, "")
    assert few.notes[0].startswith("The first of 19 entries of the log (activities)")
    assert enough.days == LEAST


def test_a_log_that_begins_after_the_period_tells_of_none_of_it():
    found = seen(times(*range(30, 0, -1)), "2026-Q3")

    assert (found.span, found.days) == (None, 0)
    assert found.note == "the log begins on 2026-10-24"


def test_what_is_still_to_come_tells_nothing_of_when_a_log_begins():
    found = seen(times(*range(20, -30, -1)), "this-year")

    assert found.entries == 21
    assert found.days == 20


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-5, 100), max_size=60), st.sampled_from(["90d", "30d", "2026-Q3"]))
def test_when_a_log_begins_is_what_sql_says(days_ago, period):
    log = times(*days_ago).dt.floor("s")
    span = period_of(period, now=NOW)

    found = observed(log, span, now=NOW, log="activities").begins

    assert (None if found is None else found.timestamp()) == begins_by_sql(log, span.start)


def late_log(days=40, count=300, seed=5):
    """Frames of an instance that keeps its log for so many days only."""
    chance = random.Random(seed)
    ages = sorted((chance.uniform(0, days) for _ in range(count)), reverse=True)
    at = [(NOW - age * DAY).floor("s") for age in [days, *ages]]
    people = [{"device_id": one, "node_class": "WINDOWS_SERVER", "approval_status": "APPROVED",
               "last_contact_at": NOW} for one in (1, 2, 3)]  # fmt: skip
    activities = [
        {"activity_id": one, "activity_at": when, "device_id": 1 + one % 3, "user_id": 7,
         "status_code": "TRIGGERED", "series_uid": f"s{one}", "source_name": "CPU"}
        for one, when in enumerate(at)
    ]  # fmt: skip
    jobs = [{"job_id": str(one), "device_id": 1 + one % 3, "started_at": when, "ended_at": when,
             "job_status": "COMPLETED", "plan_uid": "p"} for one, when in enumerate(at)]  # fmt: skip
    installs = [{"device_id": 1, "patch_id": str(one), "name": "x", "status": "INSTALLED",
                 "installed_at": when} for one, when in enumerate(at)]  # fmt: skip
    return {
        "devices": typed("devices", people),
        "activities": typed("activities", activities),
        "alerts": typed("alerts", []),
        "backup_jobs": typed("backup_jobs", jobs),
        "os_patches": typed("os_patches", []),
        "os_patch_installs": typed("os_patch_installs", installs),
    }


def test_a_rate_of_alerts_counts_the_weeks_since_the_log_begins():
    frames = late_log()
    report = REPORTS["alert_noise"].build(frames, now=NOW, period="90d")

    rate = report.kpi("alerts_per_device_week")
    weeks = (NOW.timestamp() - begins_by_sql(frames["activities"]["activity_at"], NOW - 90 * DAY)) / (
        7 * 86_400
    )  # fmt: skip
    assert weeks == pytest.approx(40 / 7)
    assert (rate.numerator, rate.denominator) == (301, 3)
    assert rate.amount == pytest.approx(301 / 3 / weeks)
    assert report.tables["devices"]["per_week"].sum() == pytest.approx(301 / weeks, abs=0.03)
    assert rate.note.endswith("; the log begins on 2026-10-14")


def test_a_rate_over_a_period_before_the_log_is_not_known():
    report = REPORTS["alert_noise"].build(late_log(), now=NOW, period="2026-Q3")

    rate = report.kpi("alerts_per_device_week")
    assert (rate.numerator, rate.amount) == (0, None)
    assert "the log begins on" in rate.note
    for chart in report.charts.values():
        assert chart.draw() is not None


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("alert_noise", ("alerts_per_device_week", "alerts_flapping")),
        ("activity_audit", ("activities_logged", "changes_made", "logins_failed")),
        ("backup_health", ("backup_success", "backup_plans_failing")),
        ("patch_compliance", ("patch_install_success",)),
        ("patch_backlog", ()),
    ],
)
def test_a_report_says_when_its_log_begins_late_and_only_then(name, keys):
    frames = late_log()
    late = REPORTS[name].build(frames, now=NOW, period="90d")
    whole = REPORTS[name].build(frames, now=NOW, period="30d")

    assert any(note.startswith("The log begins on 2026-10-14") for note in late.notes)
    assert not any("The log begins" in note for note in whole.notes)
    for key in keys:
        assert late.kpi(key).note.endswith("the log begins on 2026-10-14"), key
        assert "the log begins" not in whole.kpi(key).note, key
        assert "log" in late.kpi(key).definition.numerator or "jobs go" in (
            late.kpi(key).definition.numerator
        ), key
