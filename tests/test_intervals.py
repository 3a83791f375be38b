"""Intervals, limits, fair order and medians, each held against another way to the same number."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from ninja_analytics.reports.intervals import funnel_limits, median_time, shrunken, wilson

GROUPS = st.lists(
    st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=12
)


def columns(groups):
    return (
        pd.Series([count for count, _ in groups], dtype="Int64"),
        pd.Series([total for _, total in groups], dtype="Int64"),
    )


@settings(max_examples=40, deadline=None)
@given(GROUPS)
def test_the_interval_of_a_share_is_that_of_scipy(groups):
    found = wilson(*columns(groups))
    for (count, total), (low, high) in zip(
        groups, found.itertuples(index=False, name=None), strict=True
    ):
        if total == 0:
            assert pd.isna(low)
            assert pd.isna(high)
            continue
        told = binomtest(count, total).proportion_ci(0.95, method="wilson")
        assert (low, high) == pytest.approx((told.low, told.high), abs=1e-12)


def test_the_interval_keeps_the_index_of_the_groups():
    found = wilson(pd.Series([1], index=["Oakline"]), pd.Series([2], index=["Oakline"]))
    assert list(found.index) == ["Oakline"]


def below(count, total, rate):
    """The chance of at most *count* of *total*, by adding up exact fractions."""
    return sum(math.comb(total, k) * rate**k * (1 - rate) ** (total - k) for k in range(count + 1))


@pytest.mark.parametrize("total", [1, 4, 17, 60])
@pytest.mark.parametrize("rate", [Fraction(1, 10), Fraction(4, 5), Fraction(97, 100)])
def test_the_limits_of_the_funnel_are_the_exact_quantiles(total, rate):
    limits = funnel_limits(float(rate), [total, total]).loc[total]
    for name, tail in (("95", Fraction(1, 40)), ("998", Fraction(1, 1000))):
        low, high = (round(limits[f"{side}_{name}"] * total) for side in ("low", "high"))
        assert below(low, total, rate) >= tail
        assert low == 0 or below(low - 1, total, rate) < tail
        assert below(high, total, rate) >= 1 - tail
        assert high == 0 or below(high - 1, total, rate) < 1 - tail


def test_a_funnel_without_groups_has_no_limits():
    assert funnel_limits(0.5, []).empty
    assert funnel_limits(0.5, [0, 3]).index.to_list() == [3]


@settings(max_examples=40, deadline=None)
@given(GROUPS)
def test_a_shrunken_share_lies_between_its_own_and_that_of_all(groups):
    found = shrunken(*columns(groups))
    whole = [(count, total) for count, total in groups if total]
    for (count, total), share in zip(groups, found, strict=True):
        if total == 0:
            assert pd.isna(share)
            continue
        mean = sum(c for c, _ in whole) / sum(t for _, t in whole)
        ends = sorted((count / total, mean))
        assert ends[0] - 1e-9 <= share <= ends[1] + 1e-9


def test_a_small_group_is_drawn_further_than_a_large_one():
    counts, totals = pd.Series([0, 0, 90, 50]), pd.Series([2, 100, 100, 100])
    small, large, *_ = shrunken(counts, totals)
    assert small > large


def test_groups_that_differ_by_chance_only_are_all_alike():
    found = shrunken(pd.Series([5, 5, 5]), pd.Series([10, 10, 10]))
    assert found.to_list() == [0.5, 0.5, 0.5]


def product_limit(pairs):
    """The Kaplan-Meier median by hand, in fractions."""
    alive = Fraction(1)
    for time in sorted({time for time, over in pairs if over}):
        at_risk = sum(1 for other, _ in pairs if other >= time)
        ended = sum(1 for other, over in pairs if over and other == time)
        alive *= Fraction(at_risk - ended, at_risk)
        if alive <= Fraction(1, 2):
            return time
    return None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=25))
def test_the_median_counts_in_what_has_not_ended(pairs):
    durations = pd.Series([time for time, _ in pairs], dtype="Float64")
    found = median_time(durations, pd.Series([over for _, over in pairs], dtype="boolean"))
    assert found == product_limit(pairs)


def test_the_median_of_what_has_ended_only_would_be_too_short():
    durations, ended = pd.Series([1, 2, 3, 90, 95]), pd.Series([True, True, True, False, False])
    assert median_time(durations, ended) == 3
    assert durations[ended].median() == 2
