"""The guides tell the truth: their Python runs on the sandbox."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ninja_analytics as na
from ninja_analytics.filters import device
from ninja_analytics.jobs import load_jobs
from ninja_analytics.reports import FORMATS, REPORTS, found_settings
from ninja_analytics.reports.settings import _ELSEWHERE, _SECTIONS, CUSTOM_FIELDS, FILE
from ninja_analytics.reports.star import star
from ninja_analytics.schedule.plan import check
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "asking.md").read_text(encoding="utf-8")
PULLING = (ROOT / "docs" / "pulling.md").read_text(encoding="utf-8")


def test_the_python_of_the_guide_runs(ninja, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = ninja.table("organizations")["organization_name"].iloc[0]
    space = {"ninja": ninja}

    for block in re.findall(r"^```python\n(.*?)^```", GUIDE, flags=re.S | re.M):
        exec(block.replace("Heron Ltd", name), space)

    assert len(space["rows"]) > 0
    assert set(space["offline"]["offline"]) == {True}
    assert space["free"].sum() == space["volumes"]["free_bytes"].sum()
    assert (tmp_path / "volumes-shared.xlsx").stat().st_size > 0
    assert space["na"] is na


def test_the_guide_names_every_field_and_every_key(ninja):
    told = ninja.table("devices", where=device.online | (device.id == 1), in_pandas=True)

    keys = told.ninja.source["filter"]
    assert [name for name in (*vars(device), *keys) if f"`{name}`" not in GUIDE] == []


# some custom fields hold values of another type than their definition says, as on real tenants
@pytest.mark.filterwarnings("ignore::ninja_analytics.errors.DriftWarning")
def test_the_python_of_the_guide_to_pulling_runs(ninja):
    space = {"ninja": ninja}

    for block in re.findall(r"^```python\n(.*?)^```", PULLING, flags=re.S | re.M):
        exec(block, space)

    assert space["frames"].problems == {}
    assert {"device_id", "name", "capacity_bytes"} <= set(space["volumes"])
    assert len(space["disks"]) > 0
    assert "fields" not in space["fields"]


def test_what_the_guide_to_pulling_says_of_a_frame_is_in_it(ninja):
    told = ninja.table("device_disks", device_id=[10**9, *ninja.table("devices")["device_id"][:2]])

    assert told.ninja.source["absent"] == [{"device_id": 10**9}]
    assert '`source["absent"]`' in PULLING


def test_the_python_of_the_guide_to_reports_runs(ninja, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    guide = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    space = {"ninja": ninja}

    for block in re.findall(r"^```python\n(.*?)^```", guide, flags=re.S | re.M):
        exec(block, space)

    names = {file.name.split("Z", 1)[1] for file in tmp_path.glob("out/*")}
    assert {".html", ".xlsx", "_manifest.json", "_dim_kpi.csv", "_fact_action.parquet"} <= names
    assert [
        name for name in star(space["report"]) if name.startswith("dim_") and name not in guide
    ] == []
    assert len(space["actions"]) == len(space["report"].actions)


def test_the_guide_to_reports_names_every_format_and_every_key_of_a_manifest(ninja, tmp_path):
    guide = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    saved = ninja.report("fleet_overview").save(tmp_path, "png")
    keys = json.loads(saved["manifest"][0].read_text("utf-8"))

    assert [name for name in (*FORMATS, *keys) if f"`{name}`" not in guide] == []


def test_the_guide_to_reports_has_every_report_with_its_question_and_its_own_parameters():
    guide = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    rows = {cells[1].strip(" `"): cells for line in guide.splitlines()
            if len(cells := line.split("|")) == 6 and cells[1].strip(" `") in REPORTS}  # fmt: skip
    common = {"organizations", "exclude_organizations", "node_classes", "active_days", "tz"}
    above = set(REPORTS["patch_compliance"].parameters)

    assert list(rows) == list(REPORTS)
    for name, spec in REPORTS.items():
        own = set(re.findall(r"`(\w+)`", rows[name][3]))
        own |= above if "those above" in rows[name][3] else set()
        assert own - common == set(spec.parameters) - common, name
        assert rows[name][2].strip() == spec.question


def test_the_settings_file_of_the_guide_says_all_that_one_can_and_is_understood(
    tmp_path, monkeypatch
):
    guide = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"^```toml\n(.*?)^```", guide, flags=re.S | re.M)
    lists = re.findall(r"^```csv\n(.*?)^```", guide, flags=re.S | re.M)
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text(told, encoding="utf-8")
    for name, rows in zip(("contract.csv", "seats.csv"), lists, strict=True):
        Path(name).write_text(rows, encoding="utf-8")

    made = found_settings()

    assert set(tomllib.loads(told)) == {*_SECTIONS, *_ELSEWHERE}
    assert set(made.custom_fields) == set(CUSTOM_FIELDS)
    assert made.definitions["patch_compliance"].good == 0.98
    assert made.allowed_admins[1] == "*\\Domain Admins"
    assert (len(made.contract), len(made.seats)) == (3, 2)
    for name in made.parameters.keys() - {"all"}:
        REPORTS[name].resolved({}, made)
    (job,) = load_jobs().values()
    check(job, now=datetime(2026, 11, 5, tzinfo=UTC))


# some custom fields hold values of another type than their definition says, as on real tenants
@pytest.mark.filterwarnings("ignore::ninja_analytics.errors.DriftWarning")
def test_the_python_of_the_guide_to_history_runs(ninja, tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path / "history"))
    monkeypatch.chdir(tmp_path)
    guide = (ROOT / "docs" / "history.md").read_text(encoding="utf-8")
    space = {"ninja": ninja}

    for block in re.findall(r"^```python\n(.*?)^```", guide, flags=re.S | re.M):
        exec(block, space)

    assert space["snapshot"].problems == {}
    assert set(space["snapshot"].tables) == set(ninja.history.default)
    assert space["difference"].ledger.balances
    assert list(tmp_path.glob("out/*.html"))


def test_the_python_of_the_guide_to_large_histories_runs(ninja, tmp_path, monkeypatch):
    pytest.importorskip(
        "distributed", reason='needs Dask; to run this: pip install "ninja-analytics[cluster]"'
    )
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path / "history"))
    guide = (ROOT / "docs" / "history-at-scale.md").read_text(encoding="utf-8")
    ninja.record(["software"], progress="none")
    space = {"ninja": ninja}

    for block in re.findall(r"^```python\n(.*?)^```", guide, flags=re.S | re.M):
        exec(block, space)

    assert space["installs"]["rows"].sum() == len(ninja.table("software"))
