from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics import charts
from tests.chart_kinds import words

HOURS = pd.DataFrame({"hours": [0, 10, 20, 30, 400, None], "kind": "servers"})


def ecdf(data, references=(24, 72), **more):
    return charts.ecdf(
        data, value="hours", by="kind", marks=charts.CLASS_GROUP, references=references,
        xlabel="Hours", ylabel="Devices", **more,
    )  # fmt: skip


@pytest.mark.parametrize("log", [True, False])
def test_a_curve_rises_to_the_share_at_or_below_each_value(log):
    ax = ecdf(HOURS, log=log)
    at = dict(zip(ax.lines[0].get_xdata(), ax.lines[0].get_ydata(), strict=True))

    assert at[10.0] == pytest.approx(0.4)
    assert at[30.0] == pytest.approx(0.8)
    assert at[400.0] == pytest.approx(1.0)
    assert ax.lines[0].get_label() == "All (n = 5)"
    assert ax.get_ylim()[0] == 0


def test_the_share_of_all_stands_above_each_reference():
    assert words(ecdf(HOURS)) == ["60 %", "80 %", "All"]


def test_what_is_smaller_than_the_logarithmic_axis_is_counted_at_its_beginning():
    ax = ecdf(HOURS)

    assert ax.lines[0].get_xdata()[0] == ax.get_xlim()[0] > 0
    assert ax.lines[0].get_ydata()[0] == pytest.approx(0.2)


def test_references_without_room_for_their_share_keep_their_lines():
    ax = ecdf(HOURS, references=(7, 8, 9, 200), log=False)

    assert len(ax.lines) == 5
    assert words(ax) == ["All 20 %", "80 %"]


def test_the_axis_reaches_every_reference():
    low, high = ecdf(HOURS.head(2), references=(24, 1000)).get_xlim()

    assert low < 24
    assert high > 1000


def test_groups_large_enough_have_a_curve_of_their_own():
    data = pd.DataFrame(
        {"hours": range(1, 16), "kind": ["servers"] * 6 + ["virtual"] * 5 + ["cloud"] * 4}
    )
    labels = [text.get_text() for text in ecdf(data).get_legend().get_texts()]

    assert labels == ["Servers (n = 6)", "Virtual (n = 5)", "All (n = 15)"]
