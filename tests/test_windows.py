"""Windows of time, as a person says them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.windows import Window, time_zone, window

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "since",
    [
        "2026-03-01",
        " 2026-03-01T00:00 ",
        "2026-03-01T01:00:00+01:00",
        "20260301",
        date(2026, 3, 1),
        datetime(2026, 3, 1),  # noqa: DTZ001  # a time without a zone is taken as UTC
        datetime(2026, 3, 1, 2, tzinfo=timezone(timedelta(hours=2))),
        pd.Timestamp("2026-03-01"),
        pd.Timestamp("2026-03-01T01:00", tz="Europe/Berlin"),
        timedelta(days=9, hours=12),
        pd.Timedelta(days=9, hours=12),
        "9.5d",
        "228h",
        "228 H",
        "13680min",
    ],
)
def test_a_time_is_said_in_many_ways_and_becomes_utc(since):
    found = window(since, now=NOW)

    assert found == Window(MIDNIGHT, None)
    assert type(found.since) is datetime
    assert found.since.tzinfo is UTC


def test_both_ends_and_none():
    assert window(now=NOW) == Window()
    assert window("2w", "1w", now=NOW) == Window(NOW - timedelta(weeks=2), NOW - timedelta(weeks=1))
    assert window(until="2026-03-01", now=NOW) == Window(None, MIDNIGHT)
    assert window("1d", "2027-01-01", now=NOW).until == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_time_without_a_zone_is_taken_in_the_one_that_is_given():
    berlin = ZoneInfo("Europe/Berlin")

    assert window("2026-03-01", now=NOW, zone=berlin).since == MIDNIGHT - timedelta(hours=1)
    assert window("2026-03-01T00:00Z", now=NOW, zone=berlin).since == MIDNIGHT


@pytest.mark.parametrize(
    "value",
    ["soon", "", "7", "7 moons", "-7d", "0d", 7, 1767225600, True, pd.NaT, timedelta(0),
     timedelta(days=-1), pd.Timedelta("NaT"), [1], "999999w", "2026-02-30"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_what_would_be(value):
    with pytest.raises(UsageError, match=r"since=.* is not a time\. Give a day or time like"):
        window(value, now=NOW)


def test_a_window_without_room_and_one_in_the_future_are_refused():
    with pytest.raises(
        UsageError, match=r"'2026-03-02' is not before until='2026-03-01'.*Exchange"
    ):
        window("2026-03-02", "2026-03-01", now=NOW)
    with pytest.raises(UsageError, match="no room"):
        window("1d", "1d", now=NOW)
    with pytest.raises(UsageError, match="since='2026-03-11' lies in the future"):
        window("2026-03-11", now=NOW)


def test_a_time_zone_is_known_by_its_name():
    assert time_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")
    assert time_zone("UTC") == time_zone(ZoneInfo("UTC"))
    with pytest.raises(UnknownNameError, match=r"no time zone named 'Europe/Berln'.*Europe/Berlin"):
        time_zone("Europe/Berln")
    with pytest.raises(UnknownNameError):
        time_zone(3)
    with pytest.raises(UnknownNameError):
        time_zone("../etc/passwd")
