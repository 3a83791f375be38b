"""What every kind of chart promises."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure

from ninja_analytics import charts
from tests.chart_kinds import KINDS, covering, drawn, leaving, words, written


@pytest.mark.parametrize("rows", [1, 15, 40])
@pytest.mark.parametrize("kind", KINDS)
def test_no_label_leaves_the_figure_or_covers_another(kind, rows):
    draw, data = KINDS[kind]
    ax = drawn(draw(data(rows), footnote="+ 12 other organizations with 3,456 devices, not drawn"))

    assert leaving(ax) == []
    assert covering(ax) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_drawn_is_told_under_the_chart(kind):
    draw, data = KINDS[kind]
    ax = drawn(draw(data(3), footnote="+ 3 others, not drawn"))

    note = next(text for text in written(ax) if text.get_text() == "+ 3 others, not drawn")
    assert note.get_window_extent().y1 <= ax.get_window_extent().y0


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_footnote_is_broken_into_lines(kind):
    draw, data = KINDS[kind]

    assert leaving(drawn(draw(data(3), footnote="Counted where the device was seen. " * 8))) == []


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_show_is_said_in_words(kind):
    draw, data = KINDS[kind]
    empty = data(1).iloc[:0]

    assert words(draw(empty, nothing="Nobody here")) == ["Nobody here"]
    assert words(draw(empty)) == ["Nothing to show"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_draws_on_the_axes_it_is_given_and_changes_neither_data_nor_settings(kind):
    draw, data = KINDS[kind]
    given, ax = data(4), Figure().subplots()
    before, settings = given.copy(), dict(mpl.rcParams)

    assert draw(given, ax=ax) is ax
    assert given.equals(before)
    assert dict(mpl.rcParams) == settings


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_gives_the_same_image_in_the_ink_of_the_page(kind):
    draw, data = KINDS[kind]
    first, second = (charts.svg(lambda: draw(data(4)), salt="x") for _ in range(2))

    assert first == second
    assert "currentColor" in first
    assert "#1f2429" not in first
    assert "#fffffe" not in first


@pytest.mark.parametrize(
    "kind", ["dots", "dumbbell", "heat_map", "pareto", "timeline", "diverging"]
)
def test_every_row_is_drawn_in_the_order_it_is_given(kind):
    draw, data = KINDS[kind]
    given = data(50)
    if kind == "pareto":
        given = given.sort_values(ascending=False)
    ax = draw(given)

    assert [text.get_text() for text in ax.get_yticklabels()] == charts.shorts(list(given.index))
    assert ax.yaxis_inverted()


@pytest.mark.parametrize("kind", ["dots", "matrix", "diverging", "pareto"])
def test_missing_values_of_nullable_columns_do_no_harm(kind):
    draw, data = KINDS[kind]
    given = data(4).convert_dtypes()
    given = given.mask(pd.Series([False, True, False, False], index=given.index))

    assert not charts.svg(lambda: draw(given), salt="x").count("nan")
