"""Named jobs: a TOML file says what runs, for whom and when, and what cannot be is told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ninja_analytics.auth import profiles
from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.jobs import Job, load_job, load_jobs, settings_file
from tests.commands import ninja_analytics
from tests.conftest import ROOT

MONTHLY = """
[thresholds]
whatever = 1

[jobs.monthly]
profile = "acme"
run = ["fleet_overview", "books/mine.ipynb"]
parameters = { active_days = 45, since = 2026-10-01 }
period = "previous-month"
organizations = ["Heron Ltd", 7]
out = "out"
formats = "html"
retries = 0
at = "0 6 1 * *"

[jobs.nightly]
profile = "heron"
run = "fleet_overview"
organizations = "each"
"""


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A maker of settings files, in a folder that is not the working one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NINJA_SETTINGS", raising=False)
    folder = tmp_path / "customers"
    folder.mkdir()

    def write(text: str) -> Path:
        (folder / "ninja-analytics.toml").write_text(text, encoding="utf-8")
        return folder / "ninja-analytics.toml"

    return write


def job(lines: str) -> str:
    return f'[jobs.monthly]\nprofile = "acme"\nrun = "fleet_overview"\n{lines}\n'


def test_a_job_says_what_runs_for_whom_and_where_to(settings):
    file = settings(MONTHLY)

    monthly = load_jobs(file)["monthly"]

    assert monthly == Job(
        name="monthly",
        profile="acme",
        run=("fleet_overview", "books/mine.ipynb"),
        parameters={"active_days": 45, "since": "2026-10-01"},
        period="previous-month",
        organizations=("Heron Ltd", 7),
        out=file.parent / "out",
        formats=("html",),
        retries=0,
        at="0 6 1 * *",
        settings=file,
    )
    assert monthly.folder == file.parent


def test_what_a_job_leaves_out_is_as_usual(settings):
    nightly = load_jobs(settings(MONTHLY))["nightly"]

    assert (nightly.run, nightly.organizations) == (("fleet_overview",), "each")
    assert (nightly.period, nightly.formats, nightly.retries, nightly.at) == (None, (), 2, None)


def test_the_file_is_the_one_named_else_the_environments_else_the_one_here(
    settings, tmp_path, monkeypatch
):
    assert settings_file() is None
    assert load_jobs() == {}
    here = tmp_path / "ninja-analytics.toml"
    here.touch()
    assert settings_file() == here
    file = settings(MONTHLY)
    monkeypatch.setenv("NINJA_SETTINGS", str(file))
    assert settings_file() == file
    assert settings_file("ninja-analytics.toml") == here
    with pytest.raises(UsageError, match=r"There is no settings file no\.toml"):
        settings_file("no.toml")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('perid = "30d"', "Did you mean 'period'"),
        ('client_secret = "canary"', "looks like a secret"),
        ('parameters = { api_key = "canary" }', "looks like a secret"),
        ('retries = "two"', "Write: retries = 2"),
        ("retries = 21", "Write: retries = 2"),
        ("retries = true", "Write: retries = 2"),
        ("organizations = [true]", "Write: organizations ="),
        ("parameters = 3", "Write: parameters ="),
        ("formats = []", "Write: formats ="),
        ('out = ""', "Write: out ="),
    ],
)
def test_what_a_job_cannot_say_is_refused_in_a_sentence(settings, lines, says):
    with pytest.raises(UsageError, match=says) as caught:
        load_job("monthly", settings(job(lines)))

    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[jobs.monthly\n", "is not valid TOML"),
        ("jobs = 3", r"a table of its own: \[jobs\.monthly\]"),
        ('[jobs.monthly]\nprofile = "acme"', "does not say 'run'"),
        ('[jobs.monthly]\nrun = "fleet_overview"', "does not say 'profile'"),
        ('[jobs."a b"]\nprofile = "acme"\nrun = "fleet_overview"', "needs another name"),
    ],
)
def test_a_file_that_cannot_be_is_refused_in_a_sentence(settings, text, says):
    with pytest.raises(UsageError, match=says):
        load_jobs(settings(text))


def test_an_unknown_job_gets_the_nearest_name_and_the_file(settings):
    file = settings(MONTHLY)

    with pytest.raises(UnknownNameError, match="Did you mean 'monthly'") as caught:
        load_job("montly", file)

    assert str(file) in str(caught.value)


def test_a_job_that_cannot_be_leaves_the_others_alone(settings):
    file = settings(MONTHLY + '[jobs.wrong]\nrun = "x"\n')

    assert load_job("nightly", file).profile == "heron"


def listed(file: Path):
    result = ninja_analytics("jobs", "--settings", file)
    return (
        result.exit_code,
        dict(line[4:].split(":", 1) for line in result.stdout.splitlines()),
        result.stdout,
    )


def test_jobs_are_listed_and_each_is_checked_without_asking_ninjaone(settings, acme, sandbox):
    client = sandbox.clients["native"]
    profiles.save(profiles.Profile("heron", sandbox.base_url, client.client_id, "native"))
    wrong = {
        "typo": 'run = "fleet_overvie"',
        "absent": 'run = "none.ipynb"',
        "format": 'run = "fleet_overview"\nformats = "docx"',
        "unknown": 'run = "fleet_overview"\nparameters = { activ_days = 3 }',
        "time": 'run = "fleet_overview"\nat = "61 * * * *"',
        "period": 'run = "00_connect"\nperiod = "previous-month"',
        "when": 'run = "00_connect"\nperiod = "month"',
        "compares": 'run = "fleet_drift"',
        "whose": 'run = "00_connect"\norganizations = "each"',
    }
    rows = "".join(f'[jobs.{name}]\nprofile = "acme"\n{lines}\n' for name, lines in wrong.items())
    nobody = '[jobs.nobody]\nprofile = "nobody"\nrun = "fleet_overview"\n'
    good = '[jobs.good]\nprofile = "acme"\nrun = ["fleet_overview", "10_fleet"]\n'
    nightly = MONTHLY[MONTHLY.index("[jobs.nightly]") :]

    code, told, text = listed(settings(good + nightly + rows + nobody))

    assert code == 2
    assert "ok  good: fleet_overview, 10_fleet for acme; into" in text
    assert "ok  nightly: fleet_overview for heron; each organization; into" in text
    assert text.count("\nno  ") == len(wrong) + 1
    assert "Did you mean 'fleet_overview'" in told["typo"]
    assert "There is no notebook" in told["absent"]
    assert "Known: csv, html, parquet, pdf, png, svg, xlsx" in told["format"]
    assert "Did you mean 'active_days'" in told["unknown"]
    assert "'61' is no minute of cron" in told["time"]
    assert "has no parameter 'period'; it has: disconnect_at_the_end, profile" in told["period"]
    assert "is not a period" in told["when"]
    assert "-p since=30d" in told["compares"]
    assert "has no parameter 'organization'" in told["whose"]
    assert "no profile named 'nobody'" in told["nobody"]


def test_good_jobs_alone_are_exit_code_0_and_none_is_told(settings, acme):
    assert listed(settings(job("")))[0] == 0
    assert "There are no jobs" in ninja_analytics("jobs", "--settings", settings("")).stdout


def test_of_several_sources_each_gets_the_parameters_that_it_has(settings, acme):
    both = 'run = ["fleet_overview", "60_history"]\nparameters = { active_days = 45 }'

    assert listed(settings(f'[jobs.monthly]\nprofile = "acme"\n{both}'))[0] == 0
    none = both.replace("active_days", "activ_days")
    code, told, _ = listed(settings(f'[jobs.monthly]\nprofile = "acme"\n{none}'))
    assert code == 2
    assert "Did you mean 'active_days'" in told["monthly"]


def test_the_jobs_of_the_guide_are_good(settings, acme):
    guide = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)

    assert listed(settings(block))[0] == 0
    assert load_job("customers", settings(block)).organizations == "each"
