"""`ninja-analytics report` on the screen: the answer in a table, what to do first, and the files."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from ninja_analytics.cli import reporting
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.page import SIGNS
from tests.commands import ninja_analytics
from tests.conftest import ROOT
from tests.made_frames import NOW, fleet


def overview(frames=None):
    frames = fleet(120, 12) if frames is None else frames
    return REPORTS["fleet_overview"].build(frames, now=NOW)


@pytest.fixture
def said(capsys, monkeypatch):
    """What the command shows of a report, on a screen of this width."""

    def show(report, columns=100):
        monkeypatch.setenv("COLUMNS", str(columns))
        reporting.show(report)
        return capsys.readouterr().out

    return show


def test_the_screen_has_every_kpi_with_its_value_state_and_of_how_many(said):
    report = overview()
    text = said(report, 140)
    for kpi in report.kpis:
        [line] = [line for line in text.splitlines() if line.startswith(kpi.label)]
        assert kpi.text in line
        assert kpi.detail in line
    healthy = report.kpi("devices_healthy")
    assert f"{SIGNS[healthy.state]} {healthy.state}" in text
    assert report.question in text
    assert "Change" not in text


def test_a_change_has_a_column_when_there_is_one(said):
    report = overview()
    month = NOW - pd.Timedelta(days=30)
    earlier = replace(overview(fleet(110, 12)), created_at=month)
    since = report.since(earlier)
    text = said(since, 160)
    assert "Change" in text
    [line] = [line for line in text.splitlines() if line.startswith("Devices managed")]
    assert line.rstrip().endswith(since.kpi("devices_managed").change)
    assert "since 2026-10-24" in line


def test_the_first_actions_of_every_bucket_are_named_and_all_are_counted(said):
    report = overview()
    text = said(report, 160)
    counts = report.actions["bucket"].value_counts()
    assert {"fix now", "plan"} <= set(counts.index)
    for bucket, count in counts.items():
        assert f"{bucket.capitalize()}: {count}" in text
    first = report.actions.iloc[0]
    [line] = [line for line in text.splitlines() if str(first["device"]) in line]
    assert first["action"] in line
    assert first["organization"] in line
    shown = [name for name in report.actions["device"] if str(name) in text]
    assert len(shown) <= 15


def test_a_partial_report_says_so_with_its_warnings(said):
    frames = fleet(40, 6)
    del frames["alerts"]
    text = said(overview(frames), 200)
    assert "PARTIAL" in text
    assert "! alerts could not be read" in text


@pytest.mark.parametrize("columns", [40, 80])
def test_nothing_is_wider_than_the_screen_and_no_name_is_read_as_markup(said, columns):
    report = overview()
    odd = report.actions.assign(device="[red]:smile: [/]")
    text = said(replace(report, actions=odd), columns)
    assert max(map(len, text.splitlines())) <= columns
    assert "[red]" in text


def test_the_command_shows_the_table_and_names_the_files(acme, tmp_path):
    out = tmp_path / "out"
    words = ["report", "fleet_overview", "--profile", acme, "-o", out, "--format", "parquet"]
    result = ninja_analytics(*words)
    assert result.exit_code == 0, result.output
    assert "Devices managed" in result.output
    told = result.output.replace("\n", "")
    files = list(out.iterdir())
    assert len(files) > 8
    assert all(str(file.resolve()) in told for file in files)


def test_a_pdf_without_a_browser_is_refused_before_anything_is_pulled(tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_CHROMIUM", "no-such-browser")
    result = ninja_analytics("report", "fleet_overview", "--profile", "nobody", "--format", "pdf")
    assert result.exit_code == 6
    assert "no-such-browser" in result.output


def test_a_log_in_an_old_encoding_costs_signs_but_not_the_report():
    code = (
        "from ninja_analytics.cli import reporting; from ninja_analytics.reports import REPORTS;"
        "from tests.made_frames import NOW, fleet;"
        "reporting.show(REPORTS['fleet_overview'].build(fleet(60, 6), now=NOW))"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True
    )
    text = done.stdout.decode("cp1252")
    assert "Fix now" in text
    assert "? watch" in text or "? act" in text or "? good" in text
