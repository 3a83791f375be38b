"""Timelines, steps and lines: what is drawn over time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.dates import date2num

from ninja_analytics import charts
from tests.chart_kinds import NOW, days, words

ENDS = pd.DataFrame(
    {
        "at": pd.to_datetime(["2025-10-14", "2026-12-24", "2031-10-14", None], utc=True),
        "count": [1200, 30, 7, 2],
    },
    index=["Windows 10", "Windows 11", "Server 2022", "Other"],
)


def dots(ax):
    """{color: dates} of the dots of a timeline."""
    found = {}
    for collection in ax.collections[1::2]:
        at = np.asarray(collection.get_offsets())
        if len(at):
            found[to_hex(collection.get_facecolor()[0])] = [float(x) for x in at[:, 0]]
    return found


def test_a_timeline_tells_past_near_and_later_dates_apart_by_color():
    past, soon, later = (float(date2num(at.tz_localize(None))) for at in ENDS["at"][:3])

    assert dots(charts.timeline(ENDS, now=NOW)) == {
        charts.SUPPORT["ended"].color: [past],
        charts.SUPPORT["ends_soon"].color: [soon],
        charts.SUPPORT["supported"].color: [later],
    }


def test_each_line_of_a_timeline_reaches_from_today_to_its_date():
    ax = charts.timeline(ENDS, now=NOW)
    today = float(date2num(NOW.tz_localize(None)))

    assert [
        float(line[0, 0]) for lines in ax.collections[::2] for line in lines.get_segments()
    ] == [today] * 3
    assert "today" in words(ax)


def test_a_timeline_says_its_counts_and_what_has_no_date():
    assert words(charts.timeline(ENDS, now=NOW))[:4] == ["1,200", "30", "7", "2, no date known"]


@pytest.mark.parametrize(("ahead", "kind"), [(0, "ended"), (180, "ends_soon"), (181, "supported")])
def test_the_edges_of_the_kinds_of_dates(ahead, kind):
    data = pd.DataFrame({"at": [NOW + pd.Timedelta(days=ahead)], "count": [1]}, index=["Windows"])

    assert list(dots(charts.timeline(data, now=NOW))) == [charts.SUPPORT[kind].color]


def test_a_timeline_without_any_date_still_shows_its_rows():
    assert "2, no date known" in words(charts.timeline(ENDS.tail(1), now=NOW))


def test_steps_stack_their_parts_and_name_the_last_counts():
    data = pd.DataFrame({"workstations": [10, 1200], "servers": [0, 34]}, index=days(2, "MS"))
    ax = charts.steps(data, ylabel="Unsupported", marks=charts.CLASS_GROUP)
    tops = [line.get_ydata() for line in ax.lines]

    assert [list(top) for top in tops] == [[10, 1200, 1200], [10, 1234, 1234]]
    assert set(words(ax)) == {"Workstations 1,200", "Servers 34", "Together 1,234"}
    assert ax.get_ylim()[0] == 0


def test_a_single_series_of_steps_has_no_sum():
    data = pd.DataFrame({"workstations": [10, 20]}, index=days(2))

    assert words(charts.steps(data, ylabel="n", marks=charts.CLASS_GROUP)) == ["Workstations 20"]


def lines(data):
    return charts.lines_over_time(data, marks=charts.CLASS_GROUP, ylabel="Devices")


def test_lines_begin_at_zero_and_are_named_at_their_end_with_their_last_known_count():
    data = pd.DataFrame(
        {"workstations": [1000.0, np.nan, 1234], "servers": [3.0, 4, np.nan]}, index=days(3)
    )
    ax = lines(data)

    assert ax.get_ylim()[0] == 0
    assert words(ax) == ["Servers 4", "Workstations 1,234"]
    assert np.isnan(ax.lines[0].get_ydata()[1])
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--"]


@pytest.mark.parametrize(("times", "marker"), [(1, "o"), (30, "o"), (31, "")])
def test_few_times_are_marked_with_points(times, marker):
    data = pd.DataFrame({"workstations": range(times)}, index=days(times))

    assert lines(data).lines[0].get_marker() == marker


def test_a_series_that_was_never_counted_is_not_named():
    data = pd.DataFrame({"workstations": [1.0, 2], "servers": np.nan}, index=days(2))

    assert words(lines(data)) == ["Workstations 2"]
