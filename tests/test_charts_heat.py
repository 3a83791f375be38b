from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from ninja_analytics import charts
from ninja_analytics.charts.heat import SCALE
from ninja_analytics.errors import UnknownNameError
from tests.chart_kinds import counts, days, names, words
from tests.eyes import BLINDNESS, contrast, lab, lightness, linear


def cells(ax):
    """{(row, column): color} of the cells, without the hatches over them."""
    found = {}
    for collection in ax.collections:
        colors = collection.get_facecolor()
        for path in collection.get_paths() if len(colors) else []:
            column, row = path.vertices[:4].mean(axis=0)
            found[int(row), int(column)] = to_hex(colors[0])
    return found


def hatched(ax):
    return {
        tuple(int(at) for at in path.vertices[:4].mean(axis=0)[::-1])
        for collection in ax.collections
        for path in (collection.get_paths() if collection.get_hatch() else [])
    }


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_scale_grows_darker_for_every_eye_and_in_gray_print():
    gray = [lightness(color) for color in SCALE]

    assert all(one - other > 12 for one, other in itertools.pairwise(gray))
    for seen in BLINDNESS.values():
        light = [lab(np.array(seen) @ linear(color))[0] for color in SCALE]
        assert light == sorted(light, reverse=True)
    assert all(contrast(color, "#15181d") >= 2.8 for color in SCALE)


def test_a_cell_is_the_darker_the_larger_its_number_and_says_it():
    data = pd.DataFrame([[0, 5], [1200, 300]], index=["Alder", "Birch"], columns=["KB1", "KB2"])
    ax = charts.heat_map(data)
    shade = {at: lightness(color) for at, color in cells(ax).items()}

    assert shade[0, 0] >= shade[0, 1] > shade[1, 1] > shade[1, 0]
    assert sorted(words(ax)) == ["0", "1,200", "300", "5"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["Alder", "Birch"]
    assert [text.get_text() for text in ax.get_xticklabels()] == ["KB1", "KB2"]


def test_a_missing_number_is_a_hatched_cell_without_a_number():
    data = pd.DataFrame([[1.0, np.nan]], index=["Alder"], columns=["a", "b"])
    ax = charts.heat_map(data)

    assert hatched(ax) == {(0, 1)}
    assert words(ax) == ["1"]
    assert legend(ax)[-1] == "Unknown"


def test_the_numbers_in_the_cells_can_be_read():
    ax = charts.heat_map(counts(5, "abcde"))
    colors = cells(ax)

    for text in ax.texts:
        column, row = text.get_position()
        assert contrast(colors[int(row), int(column)], to_hex(text.get_color())) >= 4.5


@pytest.mark.parametrize(("rows", "numbered"), [(20, True), (21, False)])
def test_up_to_two_hundred_cells_have_their_number(rows, numbered):
    assert bool(words(charts.heat_map(counts(rows, range(10))))) is numbered


def test_the_scale_of_whole_numbers_has_whole_steps_and_says_its_unit_once():
    data = pd.DataFrame([[0, 1, 2]], index=["Monday"], columns=range(3))

    assert legend(charts.heat_map(data, unit="alerts")) == ["0", "1", "2 alerts"]
    assert legend(charts.heat_map(data * 0, unit="alerts")) == ["0", "1 alerts"]


@pytest.mark.parametrize("kind", ["int64", "Int64", "float64"])
@pytest.mark.parametrize("values", [[0, 1], [1, 1], [0, 0], [2, 1], [3, 7], [1, 1500]])
def test_no_step_of_a_scale_of_counts_is_a_part_of_one(values, kind):
    data = pd.DataFrame([values], index=["Alder"], columns=["KB1", "KB2"]).astype(kind)

    steps = legend(charts.heat_map(data, unit="devices"))

    assert all(step.removesuffix(" devices").replace(",", "").isdigit() for step in steps), steps


def test_a_matrix_shows_shares_on_the_whole_scale_and_rounds_none_up():
    data = pd.DataFrame([[0.999, 0.5, np.nan]], index=["Alder"], columns=["AV", "Lock", "Admins"])
    ax = charts.matrix(data, marks=charts.OUTCOME)

    assert words(ax) == ["99", "50"]
    assert legend(ax) == ["0", "25", "50", "75", "100 %", "Unknown"]
    assert hatched(ax) == {(0, 2)}
    assert cells(ax)[0, 1] == cells(charts.heat_map(data, unit="%"))[0, 1]


def test_a_strip_has_the_color_of_each_word_and_leaves_what_is_missing_pale():
    data = pd.DataFrame(
        [["completed", "failed", None], ["unknown", "completed", "completed"]],
        index=["Alder", "Birch"],
        columns=days(3),
    )
    ax = charts.strip(data, marks=charts.JOB)
    colors = cells(ax)

    assert colors[0, 0] == colors[1, 1] == charts.JOB["completed"].color
    assert colors[0, 1] == charts.JOB["failed"].color
    assert hatched(ax) == {(1, 0)}
    assert colors[0, 2] not in {mark.color for mark in charts.JOB.values()}
    assert legend(ax) == ["Completed", "Failed", "Unknown", "No data"]


def test_a_word_without_a_mark_is_refused_and_not_left_blank():
    data = pd.DataFrame([["complete"]], index=["Alder"], columns=days(1))

    with pytest.raises(UnknownNameError, match="Did you mean 'completed'"):
        charts.strip(data, marks=charts.JOB)


def test_the_days_of_a_strip_are_named_as_far_as_there_is_room():
    data = pd.DataFrame("completed", index=names(3), columns=days(30))
    labels = [t.get_text() for t in charts.strip(data, marks=charts.JOB).get_xticklabels()]

    assert labels[0] == "Oct 25"
    assert 5 <= len(labels) <= 9


def test_a_strip_of_categories_draws_like_one_of_words():
    data = pd.DataFrame({"a": ["completed", None]}, index=names(2)).astype("category")

    assert cells(charts.strip(data, marks=charts.JOB))[0, 0] == charts.JOB["completed"].color


def test_names_under_columns_are_broken_before_they_are_slanted():
    controls = ["Antivirus current", "No extra admins", "Locked", "Encrypted", "Saved", "Patched"]
    short = charts.heat_map(counts(2, controls, ["Alder", "Birch"])).get_xticklabels()
    long = charts.heat_map(counts(2, names(20))).get_xticklabels()

    assert short[0].get_text() == "Antivirus\ncurrent"
    assert {text.get_rotation() for text in short} == {0}
    assert {text.get_rotation() for text in long} == {45}
