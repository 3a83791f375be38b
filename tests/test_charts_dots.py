from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from ninja_analytics import charts
from ninja_analytics.charts.places import _spread
from tests.chart_kinds import limits, names, words

SHARES = pd.DataFrame(
    {
        "value": [0.9, np.nan, 0.999],
        "low": [0.8, np.nan, 0.99],
        "high": [0.95, np.nan, 1.0],
        "n": [1200, 0, 40],
    },
    index=["Alder", "Birch", "Cedar"],
)


def positions(collection):
    return [tuple(float(value) for value in at) for at in np.asarray(collection.get_offsets())]


def test_dots_stand_at_their_shares_with_whiskers_from_low_to_high():
    ax = charts.dots(SHARES, xlabel="Compliant")
    whiskers, dots = ax.collections

    assert [at[0] for at in positions(dots)][::2] == [0.9, 0.999]
    drawn = [tuple(line[:, 0]) for line in whiskers.get_segments() if len(line)]
    assert drawn == [(0.8, 0.95), (0.99, 1)]


def test_a_share_without_a_value_is_called_unknown_and_none_is_rounded_up():
    ax = charts.dots(SHARES, xlabel="Compliant")

    assert words(ax) == ["90 %  n = 1,200", "unknown", "n = 0", "99 %  n = 40"]


def test_a_dot_is_the_larger_the_more_it_stands_for():
    sizes = charts.dots(SHARES, xlabel="Compliant").collections[1].get_sizes()

    assert sizes[0] > sizes[2] > sizes[1]


def test_the_reference_of_dots_is_a_line_with_its_name():
    ax = charts.dots(SHARES, xlabel="Compliant", reference=0.857, reference_label="All customers")

    assert ax.lines[0].get_xdata()[0] == 0.857
    assert "All customers 85 %" in words(ax)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97, 1.0])
def test_the_axis_of_shares_goes_around_all_of_them_and_never_far_beyond_the_whole(share):
    data = pd.DataFrame({"value": [share], "low": [share], "high": [share], "n": [5]}, index=["A"])
    low, high = charts.dots(data, xlabel="Compliant").get_xlim()

    assert -0.01 < low <= share <= high < 1.01
    assert high - low > 0.19


def funnel(data):
    return charts.funnel(data, limits(), xlabel="Devices", ylabel="Compliant", reference=0.9)


def test_only_what_is_beyond_the_outer_limits_is_named_in_a_funnel():
    data = pd.DataFrame(
        {"n": [100, 100, 1000, 1000], "value": [0.9, 0.84, 0.7, 0.99]},
        index=["Alder", "Birch", "Cedar", "Dogwood"],
    )
    ax = funnel(data)
    plain, beyond = (collection for collection in ax.collections if len(positions(collection)) > 1)

    assert set(words(ax)) & set(data.index) == {"Cedar", "Dogwood"}
    assert positions(plain) == [(100, 0.9), (100, 0.84)]
    assert positions(beyond) == [(1000, 0.7), (1000, 0.99)]
    assert to_hex(beyond.get_facecolor()[0]) == charts.HEALTH["unhealthy"].color


def test_a_funnel_names_at_most_eight_and_the_farthest_below_first():
    value = np.concatenate([np.linspace(0.3, 0.7, 12), [1.0] * 8])
    data = pd.DataFrame({"n": np.linspace(300, 3000, 20), "value": value}, index=range(20))
    named = {int(text) for text in words(funnel(data)) if text.isdigit()}

    assert 0 < len(named) <= 8
    assert named <= set(range(8))


def test_the_limits_of_a_funnel_are_named_at_its_end():
    ax = funnel(pd.DataFrame({"n": [50], "value": [0.9]}, index=["Alder"]))

    assert {"All 90 %", "95 % of chance", "99.8 % of chance"} <= set(words(ax))


def test_an_organization_without_devices_has_no_place_in_a_funnel():
    data = pd.DataFrame({"n": [0, 10], "value": [np.nan, 0.9]}, index=["Alder", "Birch"])
    dots = [at for collection in funnel(data).collections for at in positions(collection)]

    assert (10.0, 0.9) in dots
    assert words(funnel(data.head(1))) == ["Nothing to show"]


def test_a_dumbbell_joins_two_counts_and_says_both():
    data = pd.DataFrame({"failed": [40, 7], "later_fixed": [1250, 7]}, index=names(2))
    ax = charts.dumbbell(data, begin="failed", end="later_fixed", xlabel="Devices")
    line, begin, end = ax.collections

    assert [tuple(segment[:, 0]) for segment in line.get_segments()] == [(40, 1250), (7, 7)]
    assert positions(begin) == [(40, 0), (7, 1)]
    assert positions(end) == [(1250, 0), (7, 1)]
    assert words(ax) == ["40", "1,250", "7"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Failed", "Later fixed"]


def test_a_dumbbell_with_one_end_has_one_number():
    data = pd.DataFrame({"failed": [40.0], "fixed": [np.nan]}, index=["KB1"])

    ax = charts.dumbbell(data, begin="failed", end="fixed", xlabel="Devices")

    assert words(ax) == ["40"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 100), min_size=1, max_size=9).map(sorted))
def test_labels_at_the_end_stay_in_order_apart_and_within_the_chart(values):
    places = _spread(np.array(values), 10.0, 0.0, 100.0)

    assert (np.diff(places) >= 10 - 1e-6).all()
    assert places[0] >= -1e-6
    assert places[-1] <= 100 + 1e-6
