"""The command line: what it prints, what it saves, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import requests

import ninja_analytics as na
from ninja_analytics import catalog, errors
from ninja_analytics.auth import profiles
from ninja_analytics.cli import exits
from tests.commands import ninja_analytics

COMMANDS = [
    "connect",
    "status",
    "disconnect",
    "tables",
    "table",
    "reports",
    "report",
    "record",
    "sql",
    "preflight",
    "scrub",
    "run",
    "jobs",
    "schedule",
    "sandbox",
    "demo",
]


def test_every_command_teaches_by_examples():
    overview = ninja_analytics("--help").output

    for name in COMMANDS:
        told = ninja_analytics(name, "--help").output
        assert re.search(rf"^ +{name}\b", overview, re.MULTILINE)
        assert re.search(rf"Examples:\n +ninja-analytics {name}", told)


def test_the_help_has_the_exit_codes():
    overview = ninja_analytics("--help").output

    for code in {code for _, code, _ in exits.EXIT_CODES} | {0, 1, exits.DEFECT}:
        assert re.search(rf"^ +{code} +\w", overview, re.MULTILINE)


def test_no_words_get_the_help():
    assert "Usage: " in ninja_analytics().output


def test_the_version_is_told():
    assert ninja_analytics("--version").output == f"ninja-analytics {na.__version__}\n"


def test_no_option_takes_a_secret():
    told = " ".join(ninja_analytics(name, "--help").output for name in COMMANDS)

    assert "--client-secret" not in told
    assert "--token " not in told


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ProfileError("x"), 2),
        (errors.ConsentRequiredError("x"), 3),
        (errors.ClientAppError("x"), 3),
        (errors.ServerError("x"), 4),
        (errors.UnreachableError("x"), 4),
        (errors.IncompleteError("x"), 5),
        (errors.TokenStoreError("x"), 6),
        (errors.RunError("x"), 6),
        (errors.RunError("x", cause="KeyError"), 70),
        (errors.RunError("x", cause="ConsentRequiredError"), 3),
    ],
)
def test_a_scheduler_can_tell_errors_apart(error, code):
    assert exits.exit_code(error) == code


def test_an_error_is_one_line_and_no_traceback(started):
    process = started("table", "devices", "--profile", "nobody")
    said, problems = process.communicate(timeout=30)

    assert process.returncode == 2
    assert said == ""
    assert re.fullmatch(r"ninja-analytics: There is no profile named 'nobody'\..*\n", problems)


def test_a_traceback_is_shown_only_when_asked():
    assert "Traceback" in ninja_analytics("--debug", "table", "devices", "--profile", "no").output
    assert "Traceback" not in ninja_analytics("table", "devices", "--profile", "no").output


def test_a_wrong_option_is_a_usage_error():
    assert ninja_analytics("table", "--no-such-option").exit_code == 2


def test_nobody_connected_is_exit_code_3_and_the_command_to_type(sandbox):
    client = sandbox.clients["native"]
    profiles.save(profiles.Profile("acme", sandbox.base_url, client.client_id))

    result = ninja_analytics("table", "devices", "--profile", "acme")

    assert result.exit_code == 3
    assert "ninja-analytics connect --profile acme" in result.output


def test_no_answer_at_all_is_exit_code_4(unused_url, monkeypatch):
    monkeypatch.setenv("NINJA_CLIENT_SECRET", "invented")
    profiles.save(profiles.Profile("acme", unused_url, "some-client", "api-services"))

    assert ninja_analytics("table", "devices", "--profile", "acme").exit_code == 4


@pytest.fixture
def unused_url():
    """A loopback address where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def test_tables_lists_every_table_and_one_in_detail():
    listed = ninja_analytics("tables").output
    detail = ninja_analytics("tables", "volumes").output

    for name in catalog.TABLES:
        assert re.search(rf"^{name} ", listed, re.MULTILINE)
    for column in catalog.TABLES["volumes"].columns:
        assert column.name in detail
    assert ninja_analytics("tables", "volume").exit_code == 2


def test_a_table_is_shown_with_its_size_and_completeness(acme):
    shown = ninja_analytics("table", "devices", "--profile", acme, "--rows", 3).output

    assert "60 rows, complete" in shown
    assert "system_name" in shown


def test_a_table_is_narrowed_by_filter_and_parameter(acme, sandbox):
    everything = sandbox.truth("devices")
    first = everything[0]["organizationId"]
    expected = sum(row["organizationId"] == first for row in everything)

    shown = ninja_analytics("table", "devices", "--profile", acme, "--where", f"org = {first}")

    assert f"{expected} rows, complete" in shown.output
    wrong = ninja_analytics("table", "devices", "--profile", acme, "-p", "no-equals-sign")
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    ("suffix", "read"),
    [(".csv", pd.read_csv), (".xlsx", pd.read_excel), (".parquet", pd.read_parquet)],
)
def test_a_table_goes_to_a_file_by_its_suffix(acme, tmp_path, suffix, read):
    file = tmp_path / f"roles{suffix}"

    result = ninja_analytics("table", "roles", "--profile", acme, "-o", file)

    assert result.exit_code == 0, result.output
    assert len(read(file)) > 0


def test_a_wrong_suffix_shows_before_anything_is_pulled(tmp_path):
    result = ninja_analytics("table", "roles", "--profile", "sandbox", "-o", tmp_path / "a.doc")

    assert result.exit_code == 2
    assert ".doc" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["table", "devicess"], "Did you mean 'devices'?"),
        (["report", "overview"], "Did you mean 'fleet_overview'?"),
        (["report", "fleet_overview", "--format", "doc"], "named 'doc'"),
        (["report", "fleet_overview", "-p", "active_day=7"], "Did you mean 'active_days'?"),
        (["table", "devices", "--rows", "0"], "--rows"),
    ],
    ids=" ".join,
)
def test_a_wrong_word_shows_before_anybody_is_asked(tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)

    result = ninja_analytics(*words, "--profile", "sandbox")

    assert result.exit_code == 2
    assert told in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["table", "roles", "-o", "out/roles.csv"], ["report", "fleet_overview", "-o", "out"]]
)
def test_a_file_in_the_way_shows_before_anybody_is_asked(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").write_text("a file", "utf-8")

    result = ninja_analytics(*words, "--profile", "sandbox")

    assert result.exit_code == 6
    assert "is a file, not a folder" in result.output


def test_the_screen_gets_the_columns_that_fit_and_the_names_of_the_others(acme, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")

    told = ninja_analytics("table", "devices", "--profile", acme, "--rows", 3).output

    rows, others, origin = told.strip().split("\n\n")
    assert max(map(len, [*rows.splitlines(), *others.splitlines()])) <= 60
    assert "device_id" in rows
    assert "system_name" not in rows
    assert "system_name" in others
    assert "<NA>" not in told
    assert re.search(r"2 requests to \S+ at \d{4}-\d\d-\d\d \d\d:\d\d UTC$", origin)


def test_a_consent_page_that_nobody_serves_is_told_with_the_way_to_start_it(unused_url):
    result = ninja_analytics("connect", "--profile", "sandbox", "--base-url", unused_url)

    assert result.exit_code == 4
    assert f"Start it: ninja-analytics sandbox --port {unused_url.rpartition(':')[2]}" in (
        result.output
    )


def test_a_broken_pull_is_exit_code_5_and_never_takes_the_place_of_a_whole_file(
    fresh_sandbox, tmp_path, machine
):
    sandbox = fresh_sandbox(devices=40, page_size=10)
    machine(sandbox)
    sandbox.fault("500", path="/v2/queries/software", times=1000, after=2)
    whole = tmp_path / "software.csv"
    whole.write_text("of yesterday", "utf-8")

    result = ninja_analytics("table", "software", "--profile", "acme", "-o", whole)

    assert result.exit_code == 5
    assert whole.read_text("utf-8") == "of yesterday"
    assert "INCOMPLETE" in (tmp_path / "software.partial.csv").read_text("utf-8")


def test_connect_says_what_a_new_profile_takes():
    result = ninja_analytics("connect", "--profile", "acme")

    assert result.exit_code == 2
    assert "--instance and --client-id" in result.output
    assert "Platform" not in result.output


def test_reports_are_listed_with_their_questions():
    assert "What do we manage" in ninja_analytics("reports").output


def test_a_report_is_saved_and_its_files_are_named(acme, tmp_path):
    result = ninja_analytics(
        "report", "fleet_overview", "--profile", acme, "-o", tmp_path, "--format", "html"
    )

    assert result.exit_code == 0, result.output
    (file,) = tmp_path.glob("*.html")
    assert str(file.resolve()) in result.output.replace("\n", "")


def test_run_executes_a_notebook_and_names_its_files(acme, tmp_path):
    notebook = write_notebook(tmp_path / "book.ipynb", "days + 1")

    result = ninja_analytics(
        "run", notebook, "--profile", acme, "--out", tmp_path / "out", "-p", "days=6"
    )

    assert result.exit_code == 0, result.output
    assert {file.suffix for file in (tmp_path / "out").iterdir()} == {".ipynb", ".html"}
    assert "7" in next((tmp_path / "out").glob("*.html")).read_text("utf-8")


@pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has no polite way to end a process; to run this, use Linux or macOS",
)
def test_a_run_that_is_told_to_stop_leaves_a_record_without_secrets(acme, tmp_path, started):
    book = write_notebook(
        tmp_path / "long.ipynb",
        "import os, pathlib, time; print(os.environ['NINJA_CLIENT_SECRET'])",
        "pathlib.Path('begun').touch(); time.sleep(60)",
    )
    process = started("run", book, "--profile", acme, "--out", tmp_path / "out")
    deadline = time.monotonic() + 60
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)

    process.terminate()
    _, problems = process.communicate(timeout=60)

    assert process.returncode == 130
    assert problems.splitlines()[-1] == "ninja-analytics: stopped."
    (record,) = (tmp_path / "out").glob("*.ipynb")
    text = record.read_text("utf-8")
    assert "time.sleep(60)" in text
    assert os.environ["NINJA_CLIENT_SECRET"] not in text


def test_run_ends_with_the_code_of_what_failed(acme, tmp_path, started):
    notebook = write_notebook(tmp_path / "book.ipynb", "1 / 0")
    process = started("run", notebook, "--profile", acme, "--out", tmp_path / "out")
    _, problems = process.communicate(timeout=60)

    assert process.returncode == 70
    assert "Traceback" not in problems
    assert len(re.findall("^ninja-analytics: ", problems, re.MULTILINE)) == 1


def write_notebook(path: Path, *cells: str) -> Path:
    import nbformat

    book = nbformat.v4.new_notebook()
    tags = {"tags": ["parameters"]}
    book.cells = [
        nbformat.v4.new_code_cell('profile = "sandbox"\ndays = 30', metadata=tags),
        *(nbformat.v4.new_code_cell(cell) for cell in cells),
    ]
    nbformat.write(book, path)
    return path


@pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has no polite signal to a process; to run this, use Linux or macOS",
)
@pytest.mark.parametrize("polite", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_runs_in_the_foreground_until_told_to_stop(polite, started):
    process = started("sandbox", "--port", 0, "--devices", 10)
    told = ""
    for line in process.stdout:
        told += line
        if "na.connect" in line:
            break
    url = re.search(r"http://127\.0\.0\.1:\d+", told)[0]
    with requests.Session() as browser:
        browser.trust_env = False
        known = browser.get(f"{url}/.well-known/oauth-authorization-server", timeout=10).json()

        process.send_signal(polite)
        _, problems = process.communicate(timeout=20)

        assert known["token_endpoint"].startswith(url)
        for platform in catalog.PLATFORMS:
            assert platform in told
        assert process.returncode == 0, problems
        with pytest.raises(requests.ConnectionError):
            browser.get(url, timeout=5)
