"""The reports as they are told: the list, and all about one, on a terminal and in a notebook."""

from __future__ import annotations

import pytest

from ninja_analytics.listing import of_reports
from ninja_analytics.reports import DEFINITIONS, REPORTS, found_settings
from tests.commands import ninja_analytics
from tests.test_listing import Reader

each = pytest.mark.parametrize("spec", REPORTS.values(), ids=REPORTS)


def test_the_list_has_a_line_for_every_report_in_its_order():
    lines = ninja_analytics("reports").output.splitlines()

    assert [line.split()[0] for line in lines if not line.startswith(" ")] == list(REPORTS)
    words = " ".join(" ".join(lines).split())
    assert all(spec.question in words for spec in REPORTS.values())


@each
def test_one_report_is_told_whole_in_eighty_columns(spec):
    told = of_reports.one_report(spec, 80)
    words = " ".join(told.split())

    assert max(map(len, told.splitlines())) <= 80
    assert spec.question in words
    assert all(f"\n  {name}" in told for name in (*spec.parameters, *spec.tables))
    assert all(cost in words for cost in spec.about.degrades.values())
    assert "Raises" not in words


def test_the_kpis_told_are_those_that_a_report_has(ninja):
    made = ninja.report("patch_compliance")
    told = dict(row[:2] for row in of_reports.kpis(REPORTS[made.name], found_settings()))

    assert list(told) == [kpi.key for kpi in made.kpis]
    assert told["patch_compliance"] == DEFINITIONS["patch_compliance"].thresholds


def test_the_reports_and_kpis_that_are_told_leave_none_out():
    named = {
        key for spec in REPORTS.values() for key, *_ in of_reports.kpis(spec, found_settings())
    }

    assert named == set(DEFINITIONS)


@each
def test_one_report_is_told_whole_in_a_notebook_and_its_markup_is_closed(spec):
    reader = Reader(of_reports.one_report_html(spec))

    assert reader.open == []
    assert {spec.question, *spec.parameters, *spec.tables} <= {one.strip() for one in reader.said}


def test_a_report_of_the_shelf_shows_itself_and_is_the_same_report(ninja):
    shown = ninja.reports["storage"]

    assert repr(shown) == of_reports.one_report(REPORTS["storage"])
    assert shown._repr_html_() == of_reports.one_report_html(REPORTS["storage"])
    assert (shown.about, shown.make) == (REPORTS["storage"].about, REPORTS["storage"].make)


def test_what_the_users_file_says_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ninja-analytics.toml").write_text(
        "[kpis.patch_compliance]\ngood = 0.5\nwatch = 0.25\n"
        "[parameters.patch_compliance]\nmin_severity = 'critical'\nactive_days = 7\n"
    )

    words = " ".join(ninja_analytics("reports", "patch_compliance").output.split())

    assert "[good ≥ 50.0 %, watch ≥ 25.0 %]" in words
    assert "min_severity critical" in words
    assert "active_days 7" in words
    assert words.endswith("ninja-analytics report patch_compliance -p NAME=VALUE")


def test_a_wrong_name_is_told_and_one_that_compares_says_since():
    wrong = ninja_analytics("reports", "patch_complience")

    assert wrong.exit_code == 2
    assert "Did you mean 'patch_compliance'" in " ".join(wrong.output.split())
    assert "report fleet_drift --since 30d" in ninja_analytics("reports", "fleet_drift").output
