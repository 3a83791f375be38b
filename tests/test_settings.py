"""The user's own file: thresholds and defaults that reach every report, and mistakes told clearly."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import DEFINITIONS, REPORTS, Settings, found_settings
from ninja_analytics.reports.settings import PACKAGED
from tests.made_frames import NOW, fleet

SPEC = REPORTS["fleet_overview"]


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "ninja-analytics.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_threshold_of_the_users_file_changes_the_state_and_says_where_it_is_from(written):
    settings = found_settings(written("[kpis.devices_healthy]\ngood = 0.01\nwatch = 0.001\n"))
    report = SPEC.build(fleet(), now=NOW, settings=settings)
    kpi = report.kpi("devices_healthy")
    assert kpi.state == "good"
    assert SPEC.build(fleet(), now=NOW).kpi("devices_healthy").state != "good"
    assert kpi.definition.source.endswith("thresholds of ninja-analytics.toml")
    assert report.parameters["settings"] == "ninja-analytics.toml"


def test_a_parameter_of_the_file_is_a_default_that_the_caller_can_overrule(written):
    text = "[parameters.all]\nactive_days = 7\n[parameters.fleet_overview]\nactive_days = 9\n"
    settings = found_settings(written(text))
    assert SPEC.build(fleet(), now=NOW, settings=settings).parameters["active_days"] == 9
    made = SPEC.build(fleet(), now=NOW, settings=settings, active_days=90)
    assert made.parameters["active_days"] == 90


def test_what_is_said_for_all_reports_holds_for_those_that_have_it(written):
    settings = found_settings(written("[parameters.all]\nactive_days = 7\nnothing_has_it = 1\n"))
    assert SPEC.resolved({}, settings) == {"active_days": 7}


def test_the_file_is_found_by_the_variable_and_in_the_working_folder(written, monkeypatch):
    path = written('[custom_fields]\nlocal_admins = "admins"\n')
    assert found_settings() is PACKAGED
    monkeypatch.setenv("NINJA_SETTINGS", str(path))
    assert found_settings().custom_fields == {"local_admins": "admins"}
    monkeypatch.delenv("NINJA_SETTINGS")
    monkeypatch.chdir(path.parent)
    assert found_settings().file == "ninja-analytics.toml"


def test_jobs_are_left_to_those_who_run_them(written):
    made = found_settings(written('[jobs.monthly]\nrun = "fleet_overview"\n'))
    assert made == Settings(file="ninja-analytics.toml")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("kpis = 3", UsageError, "begin with"),
        ("[kpi.x]\ngood = 1", UnknownNameError, "'kpis'"),
        ("[kpis.device_healthy]\ngood = 1", UnknownNameError, "'devices_healthy'"),
        ("[kpis.devices_healthy]\ngod = 1", UnknownNameError, "'good'"),
        ("[kpis.devices_healthy]\ngood = 95\nwatch = 90", UsageError, "95 % is 0.95"),
        ("[kpis.devices_healthy]\ngood = 0.5\nwatch = 0.9", UsageError, "at least watch"),
        ('[kpis.devices_healthy]\ngood = "0.9"', UsageError, "must both be numbers"),
        ("[kpis.devices_active]\ngood = 0.9", UsageError, "must both be numbers"),
        ("[parameters]\nactive_days = 3", UsageError, "[parameters.all]"),
        ('[custom_fields]\nadmins = "x"', UnknownNameError, "local_admins"),
        ("[custom_fields]\ntpm = 3", UsageError, "name of a custom field"),
        ('[local_admins]\nallowed = "root"', UsageError, "list of names"),
        ("[kpis", UsageError, "not valid TOML"),
    ],
)
def test_a_mistake_in_the_file_ends_in_a_sentence_that_names_it(written, text, error, said):
    with pytest.raises(error) as told:
        found_settings(written(text))
    assert said in str(told.value)


def test_a_parameter_that_a_report_does_not_have_is_named_with_the_file(written):
    settings = found_settings(written("[parameters.fleet_overview]\nactiv_days = 3\n"))
    with pytest.raises(UnknownNameError, match=r"in ninja-analytics\.toml"):
        SPEC.build(fleet(), now=NOW, settings=settings)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="There is no settings file"):
        found_settings(tmp_path / "none.toml")


def test_every_definition_says_what_an_auditor_asks():
    for key, one in DEFINITIONS.items():
        told = (one.label, one.meaning, one.numerator, one.source, one.unknown, one.exceptions)
        assert all(told), key
        assert one.tables, key
        assert (one.good is None) == (one.watch is None), key
        assert one.unit != "share" or one.denominator, key
