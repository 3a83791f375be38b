"""What every kind of chart promises."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure

from ninja_analytics import charts
from tests.chart_kinds import KINDS, covering, drawn, leaving, words


@pytest.mark.parametrize(
    ("rows", "footnote"),
    [(1, ""), (15, "+ 12 other organizations with 3,456 devices, not drawn"), (40, "Seen. " * 50)],
    ids=["1", "15", "40"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_no_label_leaves_the_figure_or_covers_another_and_the_footnote_is_below(
    kind, rows, footnote
):
    draw, data = KINDS[kind]
    ax = drawn(draw(data(rows), footnote=footnote))

    assert leaving(ax) == []
    assert covering(ax) == []
    notes = [text for text in ax.texts if text.get_text()[:4] == footnote[:4] != ""]
    assert len(notes) == bool(footnote)
    assert all(note.get_window_extent().y1 <= ax.get_window_extent().y0 for note in notes)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_to_show_is_said_in_words(kind):
    draw, data = KINDS[kind]
    empty = data(1).iloc[:0]

    assert words(draw(empty, nothing="Nobody here")) == ["Nobody here"]
    assert words(draw(empty)) == ["Nothing to show"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_draws_on_the_axes_it_is_given_and_changes_neither_data_nor_settings(kind):
    draw, data = KINDS[kind]
    given, ax = data(2), Figure().subplots()
    before, settings = given.copy(), dict(mpl.rcParams)

    assert draw(given, ax=ax) is ax
    assert given.equals(before)
    assert dict(mpl.rcParams) == settings


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_on_a_page_has_the_ink_and_the_paper_of_the_page(kind):
    draw, data = KINDS[kind]
    svg = charts.svg(lambda: draw(data(2)), salt="x")

    assert "currentColor" in svg
    assert "#1f2429" not in svg
    assert "#fffffe" not in svg


@pytest.mark.parametrize("kind", ["strip", "scatter", "timeline"])
def test_the_same_data_gives_the_same_image(kind):
    draw, data = KINDS[kind]

    assert len({charts.svg(lambda: draw(data(4)), salt="x") for _ in range(2)}) == 1


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

    told = words(drawn(draw(given)))
    assert not any("nan" in text or "NA" in text for text in told)
    assert ("unknown" in told) is (kind != "matrix")
