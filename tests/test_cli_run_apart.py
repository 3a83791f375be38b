"""What a run leaves for one customer holds nothing of another, the executed notebook included."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import ninja_analytics as na
from ninja_analytics import schedule
from tests.commands import ninja_analytics
from tests.foreign_names import foreign, owners_of, texts


@pytest.fixture
def tenant(fresh_sandbox, machine, tmp_path, monkeypatch):
    """The saved profile of a sandbox of three customers, and whose each name is."""
    monkeypatch.chdir(tmp_path)
    profile = machine(fresh_sandbox(devices=12, organizations=3, seed=5))
    return profile, owners_of(na.connect(profile))


def ids_of(file: Path) -> tuple[set[int], set[int]]:
    """The organizations and devices in a Parquet file."""
    frame = pq.read_table(file).to_pandas()
    return tuple(
        set(frame[column].dropna().astype(int)) if column in frame else set()
        for column in ("organization_id", "device_id")
    )


@pytest.mark.slow
def test_each_customer_gets_files_that_hold_nothing_of_another(tenant, tmp_path):
    profile, whose = tenant
    listed = na.connect(profile).table("devices").set_index("device_id")["organization_id"]

    ended = ninja_analytics(
        "run", "activity_audit", "--profile", profile, "--each-organization", "--format", "html",
        "--format", "xlsx", "--format", "csv", "--format", "parquet", "--format", "svg",
        "--period", "previous-month",
    )  # fmt: skip

    assert ended.exit_code == 0, ended.output
    folders = [one for one in (tmp_path / "out").iterdir() if one.is_dir()]
    assert len(folders) == 3
    for folder in folders:
        own = int(folder.name.rpartition("-")[2])
        files = [one for one in folder.rglob("*") if one.is_file()]
        assert {one.suffix for one in files} >= {".ipynb", ".html", ".xlsx", ".csv", ".json"}
        for file in files:
            assert foreign(texts(file), whose, own) == [], file.name
            if file.suffix == ".parquet":
                organizations, devices = ids_of(file)
                assert organizations <= {own}
                assert devices <= set(listed[listed == own].index)


def narrowed() -> list[str]:
    """The notebooks that come along and can be asked about some customers only."""
    books = sorted(schedule.notebooks().glob("*.ipynb"))
    return [one.stem for one in books if "organizations" in schedule.parameter_names(one)]


def test_the_notebooks_with_a_period_and_customers_are_those_that_look_back():
    periods = [
        one.stem
        for one in sorted(schedule.notebooks().glob("*.ipynb"))
        if "period" in schedule.parameter_names(one)
    ]

    assert periods == ["15_patching", "40_alerts_and_activities", "45_backup", "50_billing"]
    assert set(periods) <= set(narrowed())


@pytest.mark.parametrize("name", narrowed())
def test_a_notebook_hands_its_customers_to_every_report_and_pack(name):
    book = schedule.read(schedule.notebooks() / f"{name}.ipynb")
    cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    calls = [
        node
        for source in cells
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("report", "pack")
    ]

    assert calls
    assert [
        ast.unparse(one)
        for one in calls
        if "organizations" not in {keyword.arg for keyword in one.keywords}
    ] == []


# one that pulls tables and makes packs itself, and one of free texts; the others only make reports
@pytest.mark.slow
@pytest.mark.parametrize("name", ["40_alerts_and_activities", "50_billing"])
def test_a_notebook_about_one_customer_names_no_other(tenant, tmp_path, name):
    profile, whose = tenant
    own = min(next(iter(one)) for one in whose.values() if len(one) == 1)
    words = ["run", name, "--profile", profile, "--organization", own, "--retries", 0]
    if "period" in schedule.parameter_names(schedule.notebooks() / f"{name}.ipynb"):
        words += ["--period", "previous-month"]

    ended = ninja_analytics(*words)

    assert ended.exit_code == 0, ended.output
    records = [one for one in (tmp_path / "out").glob("*.ipynb") if not one.is_symlink()]
    assert json.loads(records[0].read_text("utf-8"))["metadata"]["papermill"]["parameters"][
        "organizations"
    ] == [own]
    for file in (tmp_path / "out").rglob("*"):
        if file.is_file() and file.suffix != ".png":
            assert foreign(texts(file), whose, own) == [], file.name
