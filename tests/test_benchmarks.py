"""The benchmarks still run, compare equal things only, and write where they are to."""

from __future__ import annotations

import subprocess
import sys

import pyarrow as pa
import pytest

from ninja_analytics.catalog import TABLES
from ninja_analytics.frames import batches
from tests.benchmarks import history, made_days, report, reports
from tests.benchmarks.chains import chains
from tests.benchmarks.jobs import JOBS
from tests.benchmarks.rounds import check
from tests.conftest import ROOT

PATH = "/v2/queries/software"


@pytest.mark.slow
def test_all_benchmarks_of_pulls_run_on_a_small_fleet():
    # Without the peer, which comes from a package index.
    arguments = ["import", *JOBS, "--small", "--rounds", "1", "--without", "ninjapy"]
    command = [sys.executable, "-m", "tests.benchmarks", *arguments]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    for job in JOBS.values():
        assert f"## {job.title}" in answer.stdout
    (row,) = [line for line in answer.stdout.splitlines() if line.startswith("| by hand")][-1:]
    assert row.count(" MB)") == len(JOBS)


@pytest.mark.slow
def test_the_benchmark_of_a_history_runs_on_a_small_fleet():
    pytest.importorskip(
        "distributed", reason='needs Dask; to run this: pip install "ninja-analytics[cluster]"'
    )
    command = [sys.executable, "-m", "tests.benchmarks", "history", "--small"]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    assert f"## {history.TITLE}" in answer.stdout
    for engine in history.ENGINES:
        (row,) = [line for line in answer.stdout.splitlines() if f"version, {engine}" in line]
        assert row.count(" MB)") == len(history.SMALL_DAYS)


@pytest.mark.slow
def test_the_benchmark_of_reports_pulls_once_and_measures_each():
    names = ["fleet_overview", "fleet_drift"]
    with pytest.MonkeyPatch.context() as patch:
        some = {name: reports.REPORTS[name] for name in names}
        patch.setattr(reports, "REPORTS", some)
        told = reports.run(small=True)

    for name in names:
        (row,) = [line for line in told.splitlines() if line.startswith(f"| {name}")]
        assert row.count(" s |") == 3
        assert row.endswith(" MB |")


def test_engines_that_found_other_rows_are_not_compared():
    asked = {("read", "pandas", 1): {"rows": 3}, ("read", "dask", 1): {"rows": 3}}
    history.check(asked)

    with pytest.raises(SystemExit, match="dask found 4 rows"):
        history.check({**asked, ("read", "dask", 1): {"rows": 4}})


def test_software_changes_a_little_from_day_to_day_and_is_always_the_same():
    schema = batches.schema(TABLES["software"])
    rows = [
        {"device_id": n % 50, "name": f"Program {n}", "version": f"{n}.9-x"} for n in range(4000)
    ]
    first = pa.Table.from_pylist(rows, schema)

    made = [day.rows for _, day in made_days.days(first, 3)]

    assert all(one.schema == schema and 0.98 < one.num_rows / 4000 < 1 for one in made)
    before, after = (dict(zip(*one.select(["name", "version"]), strict=True)) for one in made[:2])
    kept = before.keys() & after.keys()
    updated = [name for name in kept if before[name] != after[name]]
    assert 0.01 < len(updated) / len(kept) < 0.03
    assert {after[name].as_py().split(".")[1] for name in updated} == {"10-x"}
    assert made == [day.rows for _, day in made_days.days(first, 3)]


def found(rows=3, **digest):
    return [{"rows": rows, "digest": digest}]


@pytest.mark.parametrize(
    "other",
    [found(rows=4, name=["str", "7"]), found(name=["str", "8"]), found(name=["object", "7"])],
)
def test_ways_that_give_other_rows_are_not_compared(other):
    ours = found(name=["str", "7"], also=["Int64", "1"])
    check({"ours": ours, "by-hand": found(name=["str", "7"])})

    with pytest.raises(SystemExit, match="by-hand"):
        check({"ours": ours, "by-hand": other})


def test_the_requests_of_a_pull_are_told_as_chains_without_the_one_that_was_given_up():
    asked = [
        (PATH, {"pageSize": "5"}),
        (PATH, {"pageSize": "5", "cursor": "a"}),
        ("/v2/devices", {"pageSize": "9"}),
        ("/v2/devices", {"pageSize": "9", "after": "12"}),
        (PATH, {"pageSize": "5", "df": "org = 1"}),
        (PATH, {"pageSize": "5", "df": "org notin (1)"}),
        (PATH, {"pageSize": "5", "df": "org = 1", "cursor": "b"}),
    ]

    told = chains([{"path": path, "query": query} for path, query in asked], PATH)

    assert [(one["path"], one["query"].get("df"), one["after"]) for one in told] == [
        ("/v2/devices", None, [None, "12"]),
        (PATH, "org = 1", [None, None]),
        (PATH, "org notin (1)", [None]),
    ]


def test_the_table_goes_between_its_markers_and_nowhere_else(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n\n{report.BEGIN}\nold\n{report.END}\n\nafter\n", encoding="utf-8")

    report.write("| new |", file)

    text = file.read_text(encoding="utf-8")
    assert text == f"before\n\n{report.BEGIN}\n| new |\n{report.END}\n\nafter\n"


def test_the_readme_has_a_place_for_the_table():
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert text.index("## Speed") < text.index(report.BEGIN) < text.index(report.END)
