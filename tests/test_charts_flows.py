"""Flows, Pareto and columns: what is drawn of counts and changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from ninja_analytics import charts
from ninja_analytics.errors import UsageError
from tests.chart_kinds import words

LEDGER = pd.Series({"October": 40, "Added": 12, "Removed": -1, "Moved": 0, "November": 51})


def bars(ax):
    """(bottom, height, color) of each upright bar, from the left."""
    solid = [patch for patch in ax.patches if patch.get_fill()]
    return [
        (bar.get_y(), bar.get_height(), to_hex(bar.get_facecolor()))
        for bar in sorted(solid, key=lambda bar: (bar.get_x(), bar.get_y()))
    ]


def lying(ax):
    """(length, color) of each lying bar, from the top."""
    order = sorted(ax.patches, key=lambda bar: bar.get_y())
    return [(bar.get_width(), to_hex(bar.get_facecolor())) for bar in order]


def test_a_waterfall_goes_from_the_opening_by_its_changes_to_the_closing():
    ax = charts.waterfall(LEDGER, ylabel="Devices")
    more, less, total = (charts.MOVEMENT[name].color for name in ("more", "less", "total"))

    assert bars(ax) == [
        (0, 40, total), (40, 12, more), (52, -1, less), (51, 0, more), (0, 51, total),
    ]  # fmt: skip
    assert words(ax) == ["40", "+12", "−1", "0", "51"]
    assert ax.get_ylim()[0] == 0


def test_a_waterfall_that_does_not_add_up_is_refused_with_what_is_missing():
    with pytest.raises(UsageError, match=r"make 52 of the opening 40, but the closing is 51\."):
        charts.waterfall(LEDGER.drop("Removed"), ylabel="Devices")


def test_a_waterfall_with_a_missing_step_is_refused():
    with pytest.raises(UsageError, match="has no number"):
        charts.waterfall(LEDGER.astype("Float64").replace(12, pd.NA), ylabel="Devices")


def test_what_is_missing_is_unknown_and_never_zero():
    data = pd.Series([12, None, 3], index=["Alder", "Birch", "Cedar"], dtype="Int64")

    assert words(charts.diverging(data, xlabel="n")) == ["+12", "unknown", "+3"]
    assert words(charts.pareto(data, xlabel="n")) == [
        "12", "80 %", "3", "100 %", "unknown", "share so far",
    ]  # fmt: skip


def test_small_changes_of_a_large_number_are_seen_and_no_bar_lies_about_zero():
    data = pd.Series({"October": 4000, "Added": 12, "Removed": -7, "November": 4005})
    ax = charts.waterfall(data, ylabel="Devices")

    assert ax.get_ylim()[0] > 3900
    assert ax.get_ylabel() == "Devices (not from 0)"
    assert [height for _, height, _ in bars(ax)] == [12, -7]
    assert words(ax) == ["4,000", "+12", "−7", "4,005"]


def test_a_waterfall_down_to_nothing_draws():
    ax = charts.waterfall(pd.Series({"October": 5, "Removed": -5, "November": 0}), ylabel="Devices")

    assert words(ax) == ["5", "−5", "0"]


def test_diverging_bars_lie_left_and_right_of_zero_with_their_signs():
    data = pd.Series([12, -1300, 0], index=["Alder", "Birch", "Cedar"])
    ax = charts.diverging(data, xlabel="Devices")

    assert (12, charts.MOVEMENT["more"].color) in lying(ax)
    assert (-1300, charts.MOVEMENT["less"].color) in lying(ax)
    assert words(ax) == ["+12", "−1,300", "0"]
    low, high = ax.get_xlim()
    assert low < -1300
    assert high > 12


def test_a_pareto_has_the_largest_on_top_and_the_share_so_far_beside_it():
    data = pd.Series([200, 1200, 600], index=["Alder", "Birch", "Cedar"])
    ax = charts.pareto(data, xlabel="Alerts")

    assert [length for length, _ in lying(ax)] == [1200, 600, 200]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Birch", "Cedar", "Alder"]
    assert words(ax) == ["1,200", "60 %", "600", "90 %", "200", "100 %", "share so far"]
    assert len(ax.figure.axes) == 1


def test_the_shares_of_a_pareto_are_of_the_total_when_the_tail_was_cut_off():
    ax = charts.pareto(pd.Series([60, 30], index=["a", "b"]), xlabel="Alerts", total=1000)

    assert words(ax)[1:4:2] == ["6 %", "9 %"]


AGES = pd.DataFrame(
    {"valid": [1200, 0], "expired": [34, 0], "unknown": [0, 7]}, index=["2027 Q1", "unknown"]
)


def test_columns_stack_their_parts_in_order_with_the_total_above():
    ax = charts.columns(AGES, marks=charts.WARRANTY, xlabel="Quarter", ylabel="Devices")
    valid, expired, unknown = (charts.WARRANTY[name].color for name in AGES.columns)

    assert bars(ax) == [(0, 1200, valid), (1200, 34, expired), (0, 7, unknown)]
    assert words(ax) == ["1,234", "7"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["2027 Q1", "unknown"]
    assert any(patch.get_hatch() for patch in ax.patches)
    assert ax.get_ylim()[0] == 0


def test_a_single_series_of_columns_needs_no_legend():
    ax = charts.columns(AGES[["valid"]], marks=charts.WARRANTY, xlabel="Quarter", ylabel="Devices")

    assert ax.get_legend() is None


def test_totals_that_would_run_into_each_other_are_left_out():
    data = pd.DataFrame(
        {"valid": np.arange(80) + 10_000}, index=[f"2{at:03} Q1" for at in range(80)]
    )
    ax = charts.columns(data, marks=charts.WARRANTY, xlabel="Quarter", ylabel="Devices")

    assert words(ax) == []
    assert len(ax.get_xticklabels()) < 40
