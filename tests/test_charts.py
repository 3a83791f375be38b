from __future__ import annotations

import io
import itertools
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from ninja_analytics import charts
from ninja_analytics.reports import REPORTS
from tests.eyes import BLINDNESS, contrast, lab, lightness, linear
from tests.made_frames import NOW, fleet

TABLES = {
    "health": charts.HEALTH,
    "outcome": charts.OUTCOME,
    "class": charts.CLASS_GROUP,
    "answer": charts.ANSWER,
    "change": charts.CHANGE,
    "encryption": charts.ENCRYPTION,
    "antivirus": charts.ANTIVIRUS,
    "job": charts.JOB,
    # Two vocabularies share their marks; a bar has one of them.
    "severity": {k: v for k, v in charts.SEVERITY.items() if k not in ("important", "moderate")},
    "support": charts.SUPPORT,
    "urgency": charts.URGENCY,
    "warranty": charts.WARRANTY,
    "movement": charts.MOVEMENT,
}


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("table", TABLES)
def test_neighbors_in_a_bar_differ_for_color_blind_eyes(table, blindness):
    seen = np.array(BLINDNESS[blindness])
    for (one, a), (two, b) in itertools.pairwise(TABLES[table].items()):
        apart = np.linalg.norm(lab(seen @ linear(a.color)) - lab(seen @ linear(b.color)))
        assert apart > 20, f"{one} and {two} look alike"


@pytest.mark.parametrize("table", TABLES)
def test_neighbors_in_a_bar_differ_in_gray_print(table):
    for (one, a), (two, b) in itertools.pairwise(TABLES[table].items()):
        apart = abs(lightness(a.color) - lightness(b.color))
        assert apart > 12, f"{one} and {two} are the same gray"


@pytest.mark.parametrize(
    "table",
    ["health", "outcome", "encryption", "job", "support", "urgency", "warranty", "movement"],
)
def test_any_two_states_differ_for_every_eye(table):
    for (_, a), (_, b) in itertools.combinations(TABLES[table].items(), 2):
        for seen in BLINDNESS.values():
            seen = np.array(seen)
            apart = np.linalg.norm(lab(seen @ linear(a.color)) - lab(seen @ linear(b.color)))
            assert apart > 20
        assert abs(lightness(a.color) - lightness(b.color)) > 5 or a.hatch != b.hatch


@pytest.mark.parametrize("table", TABLES)
def test_numbers_on_a_color_can_be_read(table):
    for mark in TABLES[table].values():
        assert contrast(mark.color, mark.ink) >= 4.5


@pytest.mark.parametrize("table", TABLES)
def test_every_color_stands_out_on_a_dark_page(table):
    for name, mark in TABLES[table].items():
        assert contrast(mark.color, "#15181d") >= 2.8, name


@pytest.mark.parametrize("table", TABLES)
def test_a_hatch_costs_little_in_a_drawing_of_lines(table):
    for hatch in {mark.hatch for mark in TABLES[table].values()} - {""}:
        figure = Figure()
        figure.subplots().bar([1], [1], hatch=hatch)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg")
        pattern = re.search(r"<pattern.*?</pattern>", drawn.getvalue(), re.DOTALL)
        assert len(pattern[0]) < 2000, hatch


def test_curves_differ_in_dashes_too():
    dashes = [mark.dashes for mark in charts.CLASS_GROUP.values()]
    assert len(set(dashes)) == len(dashes)


@pytest.mark.parametrize("table", [name for name in TABLES if "unknown" in TABLES[name]])
def test_what_is_unknown_is_hatched(table):
    assert TABLES[table]["unknown"].hatch


def test_both_vocabularies_of_severity_look_the_same():
    assert charts.SEVERITY["important"] == charts.SEVERITY["high"]
    assert charts.SEVERITY["moderate"] == charts.SEVERITY["medium"]


# -- what is drawn -----------------------------------------------------------------------------

COUNTS = pd.DataFrame(
    {"healthy": [6, 1], "needs_attention": [2, 0], "unhealthy": [0, 0], "unknown": [2, 3]},
    index=["Alder", "Birch"],
)


def filled(ax):
    """The bars with a color, not the hatches over them."""
    return [patch for patch in ax.patches if patch.get_fill()]


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_stacked_bars_have_the_length_of_the_counts_and_the_totals_beside_them():
    ax = charts.stacked_bars(COUNTS, marks=charts.HEALTH, xlabel="Devices")
    drawn = {
        (to_hex(p.get_facecolor()), round(p.get_y() + 0.36), p.get_width()) for p in filled(ax)
    }
    assert (charts.HEALTH["healthy"].color, 0, 6) in drawn
    assert (charts.HEALTH["unknown"].color, 1, 3) in drawn
    assert words(ax) == ["10", "4"]
    assert ax.get_xlim()[0] == 0
    assert ax.yaxis_inverted()


def test_what_is_not_drawn_is_told_below_the_bars():
    plain = charts.bars(COUNTS.sum(axis=1), xlabel="Devices", footnote="+ 3 others")
    stacked = charts.stacked_bars(
        COUNTS, marks=charts.HEALTH, xlabel="Devices", footnote="+ 3 others"
    )
    for ax in (plain, stacked):
        assert words(ax)[-1] == "+ 3 others"
        assert ax.get_ylim()[0] > len(COUNTS)


def test_share_bars_fill_one_and_say_n():
    ax = charts.share_bars(COUNTS, marks=charts.HEALTH, xlabel="Share")
    ends = [p.get_x() + p.get_width() for p in filled(ax) if round(p.get_y() + 0.36) == 0]
    assert max(ends) == pytest.approx(1)
    assert {"60", "20", "n = 10", "25", "75", "n = 4"} <= set(words(ax))


def test_the_legend_reads_by_rows_in_the_order_of_the_parts():
    marks = charts.CLASS_GROUP
    data = pd.DataFrame(1, index=["x"], columns=list(marks))
    legend = charts.stacked_bars(data, marks=marks, xlabel="n").get_legend()
    legend.figure.draw_without_rendering()
    boxes = [(text.get_window_extent(), text.get_text().lower()) for text in legend.get_texts()]
    by_rows = [name for box, name in sorted(boxes, key=lambda b: (-round(b[0].y0), b[0].x0))]
    assert by_rows == list(marks)


def test_silence_is_the_share_above_each_value():
    values = pd.DataFrame({"days": [0.1, 2, 10, 20, 40, np.nan], "kind": "servers"})
    ax = charts.silence(
        values, value="days", by="kind", marks=charts.CLASS_GROUP, xlabel="d", ylabel="s"
    )
    line = ax.lines[0]
    assert line.get_label() == "All (n = 5)"
    at = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert at[1.0] == pytest.approx(0.8)
    assert at[10.0] == pytest.approx(0.4)
    assert at[40.0] == pytest.approx(0)
    assert words(ax)[:5] == ["60 %", "40 %", "20 %", "0 %", "0 %"]
    assert ax.get_ylim()[0] == 0


@pytest.mark.parametrize("silent", [0.02, 0.15, 0.2, 0.45, 1])
def test_the_shares_on_the_axis_are_whole_percents(silent):
    days = np.where(np.arange(200) < 200 * silent, 20, 0.1)
    values = pd.DataFrame({"days": days, "kind": "servers"})
    ax = charts.silence(
        values, value="days", by="kind", marks=charts.CLASS_GROUP, xlabel="d", ylabel="s"
    )
    ax.figure.draw_without_rendering()

    low, high = ax.get_ylim()
    labels = [label.get_text().removesuffix(" %") for label in ax.get_yticklabels()]
    ticks = zip(ax.get_yticks(), labels, strict=True)
    told = [(100 * tick, int(label)) for tick, label in ticks if low <= tick <= high]

    assert all(tick == pytest.approx(label) for tick, label in told)
    assert 3 <= len(told) <= 9


def test_a_group_of_few_has_no_curve_but_is_part_of_all():
    values = pd.DataFrame({"days": range(1, 13), "kind": ["servers"] * 8 + ["cloud"] * 4})
    ax = charts.silence(
        values, value="days", by="kind", marks=charts.CLASS_GROUP, xlabel="d", ylabel="s"
    )
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["All (n = 12)"]


@pytest.mark.parametrize("kind", ["stacked_bars", "share_bars", "bars", "silence"])
def test_nothing_to_show_is_said_in_words(kind):
    empty = {
        "stacked_bars": (pd.DataFrame(columns=["healthy"]), {"marks": charts.HEALTH}),
        "share_bars": (pd.DataFrame(columns=["healthy"]), {"marks": charts.HEALTH}),
        "bars": (pd.Series(dtype="int64"), {}),
        "silence": (
            pd.DataFrame({"v": [], "g": []}),
            {"value": "v", "by": "g", "marks": charts.HEALTH, "ylabel": ""},
        ),
    }
    data, more = empty[kind]
    ax = getattr(charts, kind)(data, xlabel="", nothing="Nobody here", **more)
    assert words(ax) == ["Nobody here"]


@pytest.mark.parametrize("kind", ["stacked_bars", "share_bars"])
def test_a_chart_draws_on_the_axes_it_is_given_and_returns_them(kind):
    ax = Figure().subplots()
    assert getattr(charts, kind)(COUNTS, marks=charts.HEALTH, xlabel="n", ax=ax) is ax


def test_drawing_changes_nothing_global():
    before = dict(mpl.rcParams)
    charts.png(
        lambda: charts.bars(pd.Series([1, 2], index=["a", "b"]), xlabel="n"), title="Two bars"
    )
    assert dict(mpl.rcParams) == before


def test_a_name_is_never_read_as_mathematics():
    ax = charts.bars(pd.Series([3], index=["A$B$ \\frac"]), xlabel="n")
    charts.svg(lambda: ax, salt="x")
    assert ax.get_yticklabels()[0].get_text() == "A$B$ \\frac"


def test_names_in_other_scripts_draw_without_a_warning():
    ax = charts.bars(pd.Series([3, 4], index=["東京支店", "مكتب"]), xlabel="n")
    assert charts.png(lambda: ax, title="日本")[:4] == b"\x89PNG"


def test_names_are_shortened_and_stay_apart():
    assert charts.short("a\n\tb\x00") == "a b"
    names = charts.shorts(["x" * 50, "x" * 50 + "y", "z"], 10)
    assert names == ["xxxxxxxxx…", "xxxxxxxxx… (2)", "z"]


def test_the_svg_takes_ink_and_paper_from_the_page_and_carries_no_texts():
    ax = charts.bars(pd.Series([3], index=["--><script>alert(1)</script>"]), xlabel="n")
    svg = charts.svg(lambda: ax, salt="x")
    assert "currentColor" in svg
    assert "script" not in svg
    assert "<metadata" not in svg
    assert "<style" not in svg
    assert not re.search(r"#1f2429|#fffffe", svg)
    assert svg.startswith("<svg")


def test_the_same_data_gives_the_same_bytes():
    def draw():
        return charts.share_bars(COUNTS, marks=charts.HEALTH, xlabel="n")

    assert charts.svg(draw, salt="x") == charts.svg(draw, salt="x")
    assert charts.png(draw, title="t") == charts.png(draw, title="t")


# -- the charts of the reports -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("devices", "organizations"), [(0, 0), (1, 1), (40, 6), (3000, 300)], ids=str
)
def test_no_label_of_a_report_leaves_its_figure_or_covers_another(devices, organizations):
    report = REPORTS["fleet_overview"].build(fleet(devices, organizations), now=NOW)
    assert len(report.charts) <= 4
    for name, chart in report.charts.items():
        with charts.styled():
            ax = chart.draw()
            figure = ax.figure
            figure.draw_without_rendering()
        page = figure.bbox
        labels = [*(ax.get_yticklabels() if ax.axison else []), *ax.texts]
        labels += ax.get_legend().get_texts() if ax.get_legend() else []
        boxes = [label.get_window_extent() for label in labels if label.get_text()]
        for box in boxes:
            assert box.x0 >= page.x0 - 1, name
            assert box.x1 <= page.x1 + 1, name
        for one, other in itertools.combinations(boxes, 2):
            shared = one.intersection(one, other)
            assert shared is None or min(shared.width, shared.height) <= 1.5, name


def test_the_alt_text_tells_the_numbers_of_the_chart():
    report = REPORTS["fleet_overview"].build(fleet(200, 20), now=NOW)
    table = report.tables["devices_by_organization"]
    alt = report.charts["devices_by_organization"].alt
    assert f"{table['devices'].sum():,} devices" in alt
    assert str(table["organization"].iloc[0]) in alt
    assert all(len(chart.alt) > 40 for chart in report.charts.values())


def test_what_is_not_drawn_is_told():
    report = REPORTS["fleet_overview"].build(fleet(500, 40), now=NOW)
    table = report.tables["devices_by_organization"]
    ax = report.charts["devices_by_organization"].draw()
    there = table[table["devices"] > 0]
    rest = there.iloc[15:]
    told = f"+ {len(rest)} other organizations with {rest['devices'].sum():,} devices, not drawn"
    assert told in words(ax)
