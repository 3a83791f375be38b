"""`ninja-analytics run`: notebooks and reports with nobody there, and how that ends."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import ninja_analytics as na
from ninja_analytics.auth import profiles
from ninja_analytics.auth.store import open_store
from ninja_analytics.cli import exits
from ninja_analytics.errors import UsageError
from ninja_analytics.jobs import Job
from ninja_analytics.schedule import Patience, run_all
from ninja_analytics.schedule.plan import plan
from tests.commands import ninja_analytics
from tests.conftest import ROOT
from tests.sandbox_client import visit
from tests.test_schedule import outputs, write

NOW = datetime(2026, 11, 5, 7, 30, tzinfo=UTC)
EACH = "profile = None\nout = None\norganization = None\nperiod = None"


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    """An empty working folder, whose `out` is the usual one."""
    monkeypatch.chdir(tmp_path)


def run(*words: object):
    return ninja_analytics("run", *words)


def managed(sandbox) -> dict[int, str]:
    """The organizations that have devices, by id."""
    having = {row["organizationId"] for row in sandbox.truth("devices")}
    return {row["id"]: row["name"] for row in sandbox.truth("organizations") if row["id"] in having}


def summary(out: Path) -> dict:
    (file,) = out.glob("*-summary.json")
    return json.loads(file.read_text("utf-8"))


def outcomes(*jobs: Job, pause=lambda _: None):
    return list(run_all(jobs, now=NOW, patience=Patience(0, 30, pause)))


def test_a_report_runs_by_its_name_and_leaves_the_notebook_that_made_it(acme, sandbox, tmp_path):
    number, name = next(iter(managed(sandbox).items()))

    ended = run("fleet_overview", "--profile", acme, "--organization", name, "--format", "html",
                "-p", "active_days=45")  # fmt: skip

    assert ended.exit_code == 0, ended.output
    record, page, files = map(Path, ended.stdout.split())
    assert record.parent == tmp_path / "out"
    report, manifest = sorted(files.iterdir(), key=lambda file: file.suffix)
    assert (report.suffix, manifest.suffix) == (".html", ".json")
    assert name in report.read_text("utf-8")
    kept = record.read_text("utf-8")
    assert f"organizations = [{number}]" in kept
    assert "active_days=active_days" in kept
    assert "What do we manage, and is it healthy?" in page.read_text("utf-8")
    latest = tmp_path / "out" / "fleet_overview-acme-latest"
    assert latest.resolve() == files
    assert latest.with_name(f"{latest.name}.html").read_bytes() == page.read_bytes()


def test_one_customer_that_fails_stops_no_other_and_the_summary_says_which(
    fresh_sandbox, machine, tmp_path
):
    sandbox = fresh_sandbox(devices=12, organizations=3)
    profile = machine(sandbox)
    names = managed(sandbox)
    assert len(names) == 3
    wrong = sorted(names)[1]
    book = write(
        tmp_path / "mine.ipynb",
        f"print('period', period)\nif organization == {wrong}:\n    1 / 0",
        parameters=EACH,
    )

    ended = run(book, "--profile", profile, "--each-organization", "--period", "previous-month",
                "--retries", 0)  # fmt: skip

    assert ended.exit_code == exits.DEFECT, ended.output
    assert "2 of 3 runs are done." in ended.stdout
    assert f"mine.ipynb for acme, {names[wrong]}: mine.ipynb stopped in cell" in ended.stdout
    told = summary(tmp_path / "out")
    assert told["exit_code"] == exits.DEFECT
    assert {one["organization"]: one["outcome"] for one in told["runs"]} == {
        name: "bug" if number == wrong else "done" for number, name in names.items()
    }
    assert [one["organization"] for one in told["runs"]] == sorted(names.values(), key=str.casefold)
    folders = {Path(one["record"]).parent.name for one in told["runs"]}
    assert folders == {
        f"{re.sub('[^A-Za-z0-9]+', '_', name)}-{number}" for number, name in names.items()
    }
    assert all(Path(file).is_file() for one in told["runs"] for file in one["files"])
    good = next(one for one in told["runs"] if one["outcome"] == "done")
    assert "period previous-month" in outputs(Path(good["record"]))


def test_what_heals_is_tried_again_before_it_begins_and_in_a_cell(
    fresh_sandbox, machine, tmp_path, caplog
):
    sandbox = fresh_sandbox(devices=3)
    profile = machine(sandbox)
    cell = "import ninja_analytics as na\nlen(na.connect(profile).table('roles'))"
    book = write(tmp_path / "mine.ipynb", cell, parameters=EACH)
    number, name = next(iter(managed(sandbox).items()))
    waits = []
    for path in ("/v2/organizations", "/v2/roles"):
        sandbox.fault("500", path=path, times=3)  # as often as a pull tries by itself

    with caplog.at_level(logging.INFO, "ninja_analytics"):
        (ended,) = outcomes(
            Job(profile, (str(book),), organizations=(number,), out=tmp_path / "out"),
            pause=waits.append,
        )

    assert ended.error is None
    assert (ended.tries, waits) == (2, [30, 30])
    assert ended.made.notebook.name == "mine-acme-2026-11-05-2.ipynb"
    assert ended.run.customer == name
    assert ended.made.notebook.with_name("mine-acme-2026-11-05.ipynb").is_file()  # what failed
    assert caplog.text.count("Trying again in 30 s.") == 2


def test_what_does_not_heal_ends_with_its_code_after_all_tries(fresh_sandbox, machine, tmp_path):
    sandbox = fresh_sandbox(devices=3)
    sandbox.fault("500", path="/v2/organizations", times=100)

    ended = run("fleet_overview", "--profile", machine(sandbox), "--each-organization",
                "--retries", 1, "--retry-wait", 0)  # fmt: skip

    assert ended.exit_code == 4
    assert len([one for one in sandbox.requests() if one["path"] == "/v2/organizations"]) == 6
    assert not (tmp_path / "out").exists()


def test_a_consent_that_was_revoked_ends_at_once_and_is_not_tried_again(own, tmp_path):
    client = own.clients["native"]
    profiles.save(profiles.Profile("acme", own.base_url, client.client_id, "native"))
    pending = na.begin_consent("acme")
    visit(own.browse(pending.authorization_url))
    pending.wait(30)
    own.revoke_grants()
    store, key = open_store(), profiles.resolve("acme").key
    store.save(key, replace(store.load(key), expires_at=1.0))
    waits = []

    (ended,) = outcomes(Job("acme", ("fleet_overview",), out=tmp_path / "out"), pause=waits.append)

    assert exits.exit_code(ended.error) == 3
    assert "ninja-analytics connect --profile acme" in str(ended.error)
    assert (ended.tries, waits, ended.files) == (1, [], ())


def test_a_partial_report_keeps_its_files_and_is_exit_code_5(fresh_sandbox, machine, tmp_path):
    sandbox = fresh_sandbox(devices=12)
    sandbox.switch(page_size=4)
    sandbox.fault("cut", path="/v2/devices", after=1, times=100)
    profile = machine(sandbox)

    ended = run("fleet_overview", "--profile", profile, "--retries", 0, "--format", "html")

    assert ended.exit_code == 5, ended.output
    (report,) = (tmp_path / "out").glob("*/*.html")
    assert "devices is partial" in report.read_text("utf-8")
    assert len([*(tmp_path / "out").glob("*.html")]) == 1  # the page, and no pointer to it
    assert "It is saved as it is, in" in ended.output


def test_a_table_that_the_rights_do_not_have_is_partial_and_not_tried_again(
    fresh_sandbox, machine, tmp_path
):
    sandbox = fresh_sandbox(devices=3)
    sandbox.fault("403", path="/v2/queries/device-health", times=100)
    job = Job(machine(sandbox), ("fleet_overview",), formats=("csv",), out=tmp_path / "out")

    (ended,) = outcomes(job)

    assert exits.exit_code(ended.error) == 5
    assert ended.tries == 1
    assert {file.suffix for file in ended.files} == {".ipynb", ".html", ".csv", ".json"}


def test_the_settings_and_the_log_lines_pass_between_a_kernel_and_the_schedule(
    acme, tmp_path, monkeypatch, caplog
):
    (tmp_path / "ninja-analytics.toml").touch()
    monkeypatch.delenv("NINJA_SETTINGS", raising=False)
    cell = (
        "import os, logging\n"
        "print(os.environ['NINJA_SETTINGS'])\n"
        "logging.getLogger('ninja_analytics').info('software: so far,\\n7 rows')\n"
        "logging.getLogger('ninja_analytics').warning('Waiting 9 s.')"
    )
    book = write(tmp_path / "mine.ipynb", cell)

    with caplog.at_level(logging.INFO, "ninja_analytics"):
        ended = run(book, "--profile", acme)

    assert ended.exit_code == 0, ended.output
    told = outputs(Path(ended.stdout.split()[0]))
    assert str(tmp_path / "ninja-analytics.toml") in told
    assert "rows" not in told
    lines = {(record.levelname, record.message) for record in caplog.records}
    assert ("INFO", "mine.ipynb: software: so far, 7 rows") in lines
    assert ("WARNING", "mine.ipynb: Waiting 9 s.") in lines


def test_a_job_runs_from_any_folder_and_what_is_typed_goes_before_it(acme, tmp_path, monkeypatch):
    folder = tmp_path / "customers"
    folder.mkdir()
    write(folder / "mine.ipynb", "print('days', days)")
    (folder / "ninja-analytics.toml").write_text(
        '[jobs.mine]\nprofile = "acme"\nrun = "mine.ipynb"\nparameters = { days = 7 }\n'
    )
    monkeypatch.setenv("NINJA_PROFILE", "somebody-else")

    ended = run("--job", "mine", "--settings", "customers/ninja-analytics.toml", "-p", "days=8")

    assert ended.exit_code == 0, ended.output
    record = Path(ended.stdout.split()[0])
    assert record.parent == folder / "out"
    assert "days 8" in outputs(record)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["fleet_overview"], "Which profile? Add --profile NAME"),
        (["--profile", "acme"], "Name a notebook or a report"),
        (["fleet_overvie", "--profile", "acme"], "Did you mean 'fleet_overview'"),
        (["mine/none.ipynb", "--profile", "acme"], "There is no notebook mine/none.ipynb"),
        (["fleet_overview", "--job", "monthly"], "leave NOTEBOOK or --job out"),
        (["--job", "monthly"], "There is no job named 'monthly'"),
        (["fleet_overview", "--profile", "acme", "--format", "docx"], "format of a report"),
        (["00_connect", "--profile", "acme", "--format", "html"], "named 'formats'"),
        (["00_connect", "--profile", "acme", "--period", "30d"], "has no parameter 'period'; it has"),
        (["00_connect", "--profile", "acme", "--period", "month"], "is not a period"),
        (["00_connect", "--profile", "acme", "--organization", "7"], "no parameter 'organization'"),
        (["00_connect", "--profile", "acme", "--organization", "7", "--each-organization"],
         "either --organization or --each-organization"),
        (["fleet_overview", "--profile", "acme", "-p", "settings=x"], "'settings'"),
        (["fleet_overview", "--profile", "acme", "-p", "api_key=x"], "looks like a secret"),
        (["fleet_overview", "--profile", "acme", "--organization", "Nobody Ltd"],
         "There is no organization named 'Nobody Ltd'"),
    ],
)  # fmt: skip
def test_what_cannot_be_run_is_told_before_anything_runs(acme, tmp_path, words, says):
    ended = run(*words)

    assert ended.exit_code == 2, ended.output
    assert says in " ".join(ended.output.split())
    assert not (tmp_path / "out").exists()


def test_an_organization_is_told_by_id_or_name_and_several_run_once_if_they_can(
    acme, sandbox, tmp_path
):
    first, second = list(managed(sandbox).items())[:2]
    asked = (first[1].upper(), str(second[0]))
    report = Job(acme, ("fleet_overview",), organizations=asked, out=tmp_path)
    book = write(tmp_path / "mine.ipynb", parameters=EACH)

    (once,) = plan(report, now=NOW)
    each = plan(Job(acme, (str(book),), organizations=asked, out=tmp_path), now=NOW)

    assert once.parameters["organizations"] == [first[0], second[0]]
    assert (once.out, once.customer) == (tmp_path, "")
    assert [one.parameters["organization"] for one in each] == [first[0], second[0]]
    assert [one.customer for one in each] == [first[1], second[1]]


def test_several_jobs_end_with_the_worst_code_and_nobody_is_prompted(acme, own, tmp_path):
    client = own.clients["native"]
    profiles.save(profiles.Profile("heron", own.base_url, client.client_id, "native"))
    (tmp_path / "ninja-analytics.toml").write_text(
        '[jobs.wrong]\nprofile = "acme"\nrun = "none.ipynb"\n'
        '[jobs.heron]\nprofile = "heron"\nrun = "fleet_overview"\n'
    )

    ended = run("--job", "wrong", "--job", "heron")

    assert ended.exit_code == 2, ended.output
    assert "0 of 2 runs are done." in ended.stdout
    assert "connect --profile heron" in ended.stdout


def test_the_worst_of_several_codes_is_what_needs_a_person_first():
    assert exits.worst([0, 5, 4, 6, 3, 2, 70]) == 70
    assert [exits.worst(codes) for codes in ([0, 5], [5, 4], [4, 6], [6, 3], [3, 2], [0, 0], [])] == [
        5, 4, 6, 3, 2, 0, 0,
    ]  # fmt: skip
    assert set(exits.WORST_FIRST) == {0, exits.DEFECT, *(code for _, code, _ in exits.EXIT_CODES)}
    assert set(exits.WORDS) == set(exits.WORST_FIRST)


def test_the_guide_has_every_code_and_every_option_of_the_command():
    guide = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
    described = set(re.findall(r"^\| (\d+) \|", guide, re.MULTILINE))
    options = set(re.findall(r"^ +(--[a-z-]+)", run("--help").output, re.MULTILINE))

    assert described == {str(code) for code in exits.WORST_FIRST}
    assert f"in the order {', '.join(map(str, exits.WORST_FIRST[:-1]))}:" in guide
    assert {option for option in options if option not in guide} == set()
    assert len(options) > 8


def test_a_job_holds_no_secret():
    with pytest.raises(UsageError, match="looks like a secret"):
        Job("acme", ("fleet_overview",), parameters={"client_secret": "canary"})
