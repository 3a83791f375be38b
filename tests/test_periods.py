"""Periods: what a person or a schedule names, as two moments."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.periods import Period, period_of

NOW = pd.Timestamp("2026-11-05T08:30Z")
# Clocks change at night, at midnight, by half an hour; and one zone left out a whole day of 2011.
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Africa/Cairo", "Asia/Beirut",
    "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
)  # fmt: skip


def days(period):
    """First and last day of a period in UTC, and its name."""
    return f"{period.start:%Y-%m-%d}", f"{period.end - pd.Timedelta(1):%Y-%m-%d}", period.label


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("previous-month", ("2026-10-01", "2026-10-31", "October 2026")),
        ("previous_month", ("2026-10-01", "2026-10-31", "October 2026")),
        ("Last month", ("2026-10-01", "2026-10-31", "October 2026")),
        ("this-month", ("2026-11-01", "2026-11-30", "November 2026")),
        ("previous-quarter", ("2026-07-01", "2026-09-30", "Q3 2026")),
        ("this-quarter", ("2026-10-01", "2026-12-31", "Q4 2026")),
        ("previous-week", ("2026-10-26", "2026-11-01", "Week 44 of 2026")),
        ("previous-day", ("2026-11-04", "2026-11-04", "2026-11-04")),
        ("previous-year", ("2025-01-01", "2025-12-31", "2025")),
        ("2026-10", ("2026-10-01", "2026-10-31", "October 2026")),
        ("2026-Q3", ("2026-07-01", "2026-09-30", "Q3 2026")),
        ("2026q4", ("2026-10-01", "2026-12-31", "Q4 2026")),
        ("2026-W01", ("2025-12-29", "2026-01-04", "Week 1 of 2026")),
        ("2026", ("2026-01-01", "2026-12-31", "2026")),
        ("2024-02", ("2024-02-01", "2024-02-29", "February 2024")),
        ("2026-10-01..2026-10-31", ("2026-10-01", "2026-10-31", "2026-10-01 to 2026-10-31")),
        ("2026-10-05..2026-10-05", ("2026-10-05", "2026-10-05", "2026-10-05 to 2026-10-05")),
        ("2026-10 .. 2026-Q4", ("2026-10-01", "2026-12-31", "2026-10-01 to 2026-12-31")),
    ],
)
def test_a_period_is_named_as_people_name_it(asked, expected):
    assert days(period_of(asked, now=NOW)) == expected


@pytest.mark.parametrize(
    ("asked", "back", "label"),
    [
        ("30d", "30D", "last 30 days"),
        ("12h", "12h", "last 12 hours"),
        ("1d", "1D", "last day"),
        ("2w", "14D", "last 2 weeks"),
    ],
)
def test_a_span_goes_back_from_now(asked, back, label):
    period = period_of(asked, now=NOW, tz="Europe/Berlin")

    assert (period.start, period.end) == (NOW - pd.Timedelta(back), NOW)
    assert period.label == label
    assert period.days == pd.Timedelta(back) / pd.Timedelta("1D")


def test_the_month_is_that_of_the_zone():
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

    berlin = period_of("this-month", now=new_year, tz="Europe/Berlin")

    assert berlin.start == pd.Timestamp("2026-01-01", tz="Europe/Berlin")
    assert str(berlin.start.tz) == "UTC"
    assert berlin.tz == "Europe/Berlin"
    assert period_of("this-month", now=new_year).label == "December 2025"


def test_a_month_of_a_clock_change_has_its_days_and_its_hours():
    october = period_of("2026-10", now=NOW, tz="Europe/Berlin")

    assert october.days == 31
    assert october.end - october.start == pd.Timedelta(hours=31 * 24 + 1)


@settings(max_examples=40, deadline=None)
@given(year=st.integers(1990, 2060), tz=st.sampled_from(ZONES))
@example(year=2011, tz="Pacific/Apia")
def test_months_and_quarters_tile_the_year_without_gap(year, tz):
    whole = period_of(f"{year}", now=NOW, tz=tz)
    for written in (
        [f"{year}-{m:02d}" for m in range(1, 13)],
        [f"{year}-Q{q}" for q in range(1, 5)],
    ):
        parts = [period_of(one, now=NOW, tz=tz) for one in written]

        assert (parts[0].start, parts[-1].end) == (whole.start, whole.end)
        assert all(one.end == other.start for one, other in pairwise(parts))
        assert sum(part.days for part in parts) == whole.days


@settings(max_examples=60, deadline=None)
@given(
    now=st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001 (zoned below)
    tz=st.sampled_from(ZONES),
    unit=st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_now_lies_in_this_period_and_the_previous_one_ends_where_it_begins(now, tz, unit):
    moment = pd.Timestamp(now, tz="UTC")
    this = period_of(f"this-{unit}", now=moment, tz=tz)
    previous = period_of(f"previous-{unit}", now=moment, tz=tz)

    assert this.start <= moment < this.end
    assert previous.end == this.start
    assert previous.complete_at(moment)
    assert not this.complete_at(moment)
    assert this.start.astimezone(ZoneInfo(tz)).day == 1 or unit in ("day", "week")


def test_times_at_the_edges_are_told_apart_and_missing_ones_are_outside():
    october = period_of("2026-10", now=NOW)
    times = pd.Series(
        pd.to_datetime(
            [
                "2026-09-30T23:59:59Z",
                "2026-10-01T00:00Z",
                "2026-10-31T23:59Z",
                "2026-11-01T00:00Z",
                None,
            ],
            format="ISO8601",
        )
    )

    assert october.contains(times).tolist() == [False, True, True, False, False]


def test_a_period_passes_through():
    october = period_of("2026-10", now=NOW)

    assert period_of(october, now=NOW, tz="Asia/Tokyo") is october


@pytest.mark.parametrize(
    "asked",
    [
        "", "month", "next-month", "2026-13", "2026-Q5", "2026-W54", "2026-02-30", "0d", "-3d", "30",
        "9999", "1..2", "2026-10..", "2026-10-01..yesterday", None, 30, ["2026"],
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused_with_examples(asked):
    with pytest.raises(
        UsageError, match=r"is not a period\. Give one like previous-month"
    ) as caught:
        period_of(asked, now=NOW)

    assert "\n" not in str(caught.value)


def test_a_period_without_room_is_refused():
    with pytest.raises(UsageError, match="no room"):
        period_of("2026-10-31..2026-10-01", now=NOW)
    with pytest.raises(UsageError, match="no room"):
        Period(NOW, NOW, "nothing")


def test_a_zone_that_is_not_there_gets_the_nearest_name():
    with pytest.raises(UnknownNameError, match="Did you mean 'Europe/Berlin'"):
        period_of("2026", now=NOW, tz="Europe/Berlinn")


def test_a_month_that_begins_an_hour_late_has_whole_days():
    # In Beirut the first of May 1990 began at one o'clock.
    assert period_of("1990-05", now=NOW, tz="Asia/Beirut").days == 31
    assert period_of("1990-04", now=NOW, tz="Asia/Beirut").days == 30
