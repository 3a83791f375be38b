from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ninja_analytics import charts
from ninja_analytics.errors import UnknownNameError
from tests.chart_kinds import CORNERS, CURVE, cloud, names, words

VOLUMES = pd.DataFrame(
    {
        "size": [100.0, 2000, 500, np.nan],
        "free": [0.0, 40, 400, 3],
        "kind": ["servers", "servers", "workstations", "servers"],
        "label": ["SRV-1 C:", "SRV-2 D:", "WS-1 C:", "SRV-3 C:"],
    }
)


def scatter(data, **more):
    return charts.scatter(
        data, x="size", y="free", by="kind", marks=charts.CLASS_GROUP, xlabel="Size", ylabel="Free",
        **more,
    )  # fmt: skip


def points(ax):
    return {
        tuple(float(value) for value in at)
        for collection in ax.collections
        for at in np.asarray(collection.get_offsets())
    }


def test_points_stand_where_their_numbers_are_and_the_legend_counts_them():
    ax = scatter(VOLUMES)

    assert points(ax) == {(100, 0), (2000, 40), (500, 400)}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "Workstations (1)",
        "Servers (2)",
    ]


def test_groups_differ_in_shape_as_well_as_in_color():
    ax = scatter(VOLUMES)
    shapes = {len(collection.get_paths()[0].vertices) for collection in ax.collections}

    assert len(shapes) == len(ax.collections) == 2


def test_the_first_rows_have_their_names():
    assert words(scatter(VOLUMES)) == []
    assert words(scatter(VOLUMES, labels=2)) == ["SRV-1 C:", "SRV-2 D:"]
    assert len(words(scatter(cloud(60), labels=40, log_x=True, log_y=True))) <= 8


def test_zero_lies_on_the_edge_of_a_logarithmic_axis():
    ax = scatter(VOLUMES, log_x=True, log_y=True)

    assert min(y for _, y in points(ax)) == pytest.approx(ax.get_ylim()[0])


@pytest.mark.parametrize("log", [True, False])
def test_zeros_alone_draw(log):
    data = VOLUMES.assign(size=0.0, free=0.0)

    assert len(scatter(data, log_x=log, log_y=log).collections) == 2


def test_a_group_without_a_mark_is_refused_and_a_missing_one_is_unknown():
    with pytest.raises(UnknownNameError, match="Did you mean 'servers'"):
        scatter(VOLUMES.replace("servers", "server"))

    legend = scatter(VOLUMES.replace("servers", None)).get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["Workstations (1)", "Unknown (2)"]


def test_a_curve_to_hold_the_points_against_has_its_name():
    ax = scatter(VOLUMES, curves=CURVE)

    assert words(ax) == ["low"]
    assert list(ax.lines[0].get_ydata()) == [1, 20, 20]


def test_a_curve_does_not_stretch_the_axes():
    assert scatter(VOLUMES, curves=CURVE).get_xlim() == scatter(VOLUMES).get_xlim()


def quadrants(data, **more):
    return charts.quadrants(
        data, x="alerts", y="minutes", x_split=50, y_split=20, corners=CORNERS, xlabel="Alerts",
        ylabel="Minutes", **more,
    )  # fmt: skip


def alerts(rows):
    chance = np.random.default_rng(8)
    columns = {"alerts": chance.uniform(1, 100, rows), "minutes": chance.uniform(1, 60, rows)}
    return pd.DataFrame(columns, index=names(rows))


def test_quadrants_have_a_word_in_each_corner_and_lines_at_their_splits():
    ax = quadrants(alerts(3))
    at = {text.get_text(): text.xy for text in ax.texts}

    assert [at[word] for word in CORNERS] == [(0, 1), (1, 1), (0, 0), (1, 0)]
    assert ax.lines[0].get_xdata()[0] == 50
    assert ax.lines[1].get_ydata()[0] == 20


def test_quadrants_name_their_first_rows_and_at_most_eight():
    data = alerts(30)
    named = [text for text in words(quadrants(data)) if text not in CORNERS]

    assert 0 < len(named) <= 8
    assert set(named) <= {charts.short(name, 24) for name in data.index[:8]}


def test_the_splits_are_within_the_axes_however_small_the_numbers_are():
    ax = quadrants(alerts(3) / 1000)

    assert ax.get_xlim()[1] > 50
    assert ax.get_ylim()[1] > 20


def test_no_point_of_quadrants_lies_under_a_word_in_a_corner():
    corners = [(a, b) for a in (1, 900) for b in (0.04, 700)]
    data = pd.DataFrame(corners, columns=["alerts", "minutes"], index=names(4))
    ax = quadrants(data, log_x=True, log_y=True)
    ax.figure.draw_without_rendering()

    boxes = [text.get_window_extent() for text in ax.texts if text.get_text() in CORNERS]

    for point in ax.transData.transform(data.to_numpy()):
        assert [box for box in boxes if box.padded(3).contains(*point)] == []
