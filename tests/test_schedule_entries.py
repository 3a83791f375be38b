"""What starts a job by itself: the entries for cron, systemd and Windows, and the times in them."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.errors import UsageError
from ninja_analytics.jobs import Job
from ninja_analytics.schedule import entries
from ninja_analytics.schedule.crontimes import cron_time, on_calendar, schtasks
from tests.commands import ninja_analytics

ODD = Path("/srv/R&D 100% \"big\" $HOME 'x' \\y/ninja-analytics.toml")
needs_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"),
    reason="without systemd-analyze nobody checks that systemd takes the units and times; to run this, "
    "install systemd",
)


def job(at: str | None = "0 6 1 * *", file: Path = ODD) -> Job:
    return Job("acme", ("fleet_overview",), name="monthly", at=at, settings=file)


def expected(file: Path = ODD) -> list[str]:
    command = [sys.executable, "-m", "ninja_analytics", "run", "--job", "monthly"]
    return [*command, "--settings", str(file)]


def test_a_line_for_cron_runs_the_job_from_any_folder():
    text = entries.cron(job(), {"NINJA_HOME": "/srv/my home", "NINJA_CLIENT_SECRET": "canary"})

    comments, line = text.rstrip().rsplit("\n", 1)
    assert all(one.startswith("# ") for one in comments.splitlines())
    times, command = line.split(maxsplit=5)[:5], line.split(maxsplit=5)[5]
    assert times == ["0", "6", "1", "*", "*"]
    assert "%" not in command.replace("\\%", "")  # a bare % is a line break to cron
    assert shlex.split(command.replace("\\%", "%")) == ["NINJA_HOME=/srv/my home", *expected()]
    assert "canary" not in text
    assert "connect --profile acme" in comments


def test_an_entry_carries_where_things_are_and_no_login(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    told = {
        "NINJA_HOME": "home",
        "NINJA_TOKEN_STORE": "file",
        "NINJA_HISTORY": "s3://bucket/history",
        "NINJA_CLIENT_SECRET": "canary",
    }

    assert entries.kept(told) == {
        "NINJA_HOME": str(tmp_path / "home"),
        "NINJA_TOKEN_STORE": "file",
        "NINJA_HISTORY": "s3://bucket/history",
    }
    assert entries.kept({"NINJA_HISTORY": "ftp://heron:canary@history.example/"}) == {}


def units(text: str, folder: Path) -> list[Path]:
    """The files that a text of units holds, each behind the line that says where it goes."""
    made = []
    for part in text.split("# ~/.config/systemd/user/")[1:]:
        name, _, body = part.partition("\n")
        made.append(folder / name)
        made[-1].write_text(body, encoding="utf-8")
    return made


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units_and_reads_the_command_as_meant(tmp_path):
    spoken = tmp_path / "R&D 100% $HOME 'x' ninja.toml"

    text = entries.systemd(job(file=spoken), {"NINJA_HOME": "/srv/my home%"})

    made = units(text, tmp_path)
    assert [one.name for one in made] == [
        "ninja-analytics-monthly.service",
        "ninja-analytics-monthly.timer",
    ]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *map(str, made)],
        capture_output=True,
        text=True,
        timeout=60,
        env={"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        check=False,
    )
    ours = [line for line in checked.stderr.splitlines() if "ninja-analytics" in line]
    assert (ours, checked.returncode) == ([], 0), checked.stderr


def test_a_service_holds_the_command_in_systemds_quotes():
    text = entries.systemd(job(), {"NINJA_HOME": "/srv/my home%", "NINJA_CLIENT_SECRET": "canary"})

    assert (
        f"ExecStart={sys.executable} -m ninja_analytics run --job monthly --settings "
        r'''"/srv/R&D 100%% \"big\" $$HOME 'x' \\y/ninja-analytics.toml"'''
    ) in text
    assert 'Environment="NINJA_HOME=/srv/my home%%"' in text
    assert "OnCalendar=*-*-01 06:00:00" in text
    assert "canary" not in text


def test_a_task_for_windows_holds_the_command_in_its_quotes():
    file = Path("/srv/R&D big/ninja-analytics.toml")

    line = entries.windows(job(file=file), {"NINJA_HOME": "/srv/my home"}).splitlines()

    assert line[-2] == 'setx NINJA_HOME "/srv/my home"'
    assert line[-1] == (
        f'schtasks /Create /F /TN "ninja-analytics monthly" /TR "{sys.executable} -m '
        f'ninja_analytics run --job monthly --settings \\"{file}\\"" /SC MONTHLY /D 1 /ST 06:00'
    )


@pytest.mark.parametrize(
    ("file", "says"),
    [(ODD, "quotation mark"), (Path("/srv") / ("x" * 250) / "a.toml", "schtasks takes 261")],
)
def test_what_windows_cannot_be_told_is_refused(file, says):
    with pytest.raises(UsageError, match=says):
        entries.windows(job(file=file), {})


@pytest.mark.parametrize(
    ("at", "calendar", "task"),
    [
        ("0 6 1 * *", "*-*-01 06:00:00", "/SC MONTHLY /D 1 /ST 06:00"),
        ("30 2 * * *", "*-*-* 02:30:00", "/SC DAILY /ST 02:30"),
        ("0 7 * * 1-5", "Mon,Tue,Wed,Thu,Fri *-*-* 07:00:00",
         "/SC WEEKLY /D MON,TUE,WED,THU,FRI /ST 07:00"),
        ("0 7 * * sun,7", "Sun *-*-* 07:00:00", "/SC WEEKLY /D SUN /ST 07:00"),
        ("0 7 * * 0-7", "*-*-* 07:00:00", "/SC DAILY /ST 07:00"),
        ("5 6 1 jan,4-10/3 *", "*-01,04,07,10-01 06:05:00",
         "/SC MONTHLY /D 1 /M JAN,APR,JUL,OCT /ST 06:05"),
        ("*/15 * * * *", "*-*-* *:00,15,30,45:00", "/SC MINUTE /MO 15 /ST 00:00"),
        ("10 * * * *", "*-*-* *:10:00", "/SC HOURLY /ST 00:10"),
        ("10 1/6 * * *", "*-*-* 01,07,13,19:10:00", "/SC HOURLY /MO 6 /ST 01:10"),
        ("@weekly", "Sun *-*-* 00:00:00", "/SC WEEKLY /D SUN /ST 00:00"),
    ],
)  # fmt: skip
def test_the_usual_times_are_said_in_every_schedulers_words(at, calendar, task):
    assert on_calendar(cron_time(at)) == calendar
    assert " ".join(schtasks(cron_time(at))) == task


@pytest.mark.parametrize(
    "at", ["0 6 1,15 * *", "0 6,19 * * *", "*/7 * * * *", "0 6 * 1 *", "0 */5 * * *", "0 6 1 * 1"]
)
def test_what_schtasks_cannot_say_is_refused(at):
    with pytest.raises(UsageError, match=r"Simplify it|Leave one of them"):
        schtasks(cron_time(at))


def test_this_day_or_that_weekday_is_a_thing_of_crons_alone():
    assert "0 6 1 * 1 " in entries.cron(job("0 6 1 * 1"), {})
    with pytest.raises(UsageError, match="this day of the month or that weekday"):
        entries.systemd(job("0 6 1 * 1"), {})


@pytest.mark.parametrize(
    "at",
    ["", "0 6 1 *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
     "*/0 * * * *", "a * * * *", "*-5 * * * *", "1, * * * *", "@reboot", "0 0 6 1 * *"],
)  # fmt: skip
def test_what_is_no_time_of_cron_is_refused_with_an_example(at):
    with pytest.raises(UsageError, match=r"e\.g\. 0 6 1 \* \*"):
        cron_time(at)


FIELDS = st.sampled_from(["*", "*/5", "3", "1-4", "2,5", "1-6/2", "8/2"])


@needs_systemd
@settings(max_examples=15, deadline=None)
@given(fields=st.tuples(FIELDS, FIELDS, FIELDS, FIELDS, st.just("*")))
def test_systemd_starts_next_when_cron_would(fields):
    time = cron_time(" ".join(fields))
    asked = ["systemd-analyze", "calendar", "--base-time=2026-02-27 12:34:00", on_calendar(time)]

    said = subprocess.run(
        asked,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={"TZ": "UTC", "LC_ALL": "C"},
    ).stdout

    told = next(line for line in said.splitlines() if "Next elapse:" in line).split()
    assert datetime.fromisoformat(f"{told[3]} {told[4]}") == next_start(time)


def next_start(time) -> datetime:
    """When cron would start next after that moment, by trying the minutes of the days that fit."""
    begin = day = datetime(2026, 2, 27, 12, 34)  # noqa: DTZ001 (as systemd prints it)
    while True:
        fits = all(
            allowed is None or value in allowed
            for value, allowed in ((day.day, time.days), (day.month, time.months))
        )
        starts = (
            day.replace(hour=hour, minute=minute)
            for hour in (range(24) if time.hours is None else time.hours)
            for minute in (range(60) if time.minutes is None else time.minutes)
        )
        found = next((one for one in starts if fits and one > begin), None)
        if found:
            return found
        day += timedelta(days=1)


def test_an_entry_is_printed_for_exactly_one_scheduler(acme, tmp_path):
    file = tmp_path / "ninja-analytics.toml"
    file.write_text('[jobs.monthly]\nprofile = "acme"\nrun = "fleet_overview"\nat = "@daily"\n')

    printed = ninja_analytics("schedule", "monthly", "--cron", "--settings", file)

    assert printed.exit_code == 0, printed.output
    assert printed.stdout.splitlines()[-1].startswith("0 0 * * * NINJA_HOME=")
    for options in ([], ["--cron", "--systemd"]):
        refused = ninja_analytics("schedule", "monthly", *options, "--settings", file)
        assert refused.exit_code == 2
        assert "exactly one of --cron, --systemd and --windows" in refused.output


def test_a_job_that_does_not_say_when_is_told_how_to(acme, tmp_path):
    file = tmp_path / "ninja-analytics.toml"
    file.write_text('[jobs.monthly]\nprofile = "acme"\nrun = "fleet_overview"\n')

    refused = ninja_analytics("schedule", "monthly", "--systemd", "--settings", file)

    assert refused.exit_code == 2
    assert 'add at = "0 6 1 * *"' in refused.output
