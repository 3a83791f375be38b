"""Commands for what runs with nobody there: run, jobs, schedule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ninja_analytics import errors
from ninja_analytics.cli.app import Values, command
from ninja_analytics.cli.exits import exit_code

if TYPE_CHECKING:
    from ninja_analytics.jobs import Job

Settings = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Thresholds and jobs; default: NINJA_SETTINGS, else ninja-analytics.toml here.",
    ),
]


@command(
    "run notebooks/10_fleet.ipynb --profile acme --out out/",
    "run my.ipynb --profile acme --out out/ -p days=30",
    "run fleet_overview --profile acme --format html --format xlsx",
    "run fleet_overview --profile acme --each-organization --out out/",
    "run --job monthly",
)
def run(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NOTEBOOK|REPORT",
            help="A notebook's path, the name of one that comes along (10_fleet), or a report.",
        ),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(envvar="NINJA_PROFILE", metavar="NAME", help="Which profile to pull as."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="The folder for the dated files; default: out."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="previous-month, 30d, 2026-10, 2026-Q3, …"),
    ] = None,
    organization: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|ID", help="Only this organization; may be repeated."),
    ] = None,
    each_organization: Annotated[
        bool,
        typer.Option("--each-organization", help="Once per organization that has devices."),
    ] = False,
    parameter: Values = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", help="Of reports: html, xlsx, csv or png."),
    ] = None,
    retries: Annotated[
        int | None,
        typer.Option(
            metavar="NUMBER", min=0, max=20, help="Further tries where time may heal; default: 2."
        ),
    ] = None,
    retry_wait: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", min=0, help="Before the first of them; then twice that, and so on."
        ),
    ] = 30,
    job: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A job of the settings file; may be repeated."),
    ] = None,
    settings: Settings = None,
) -> None:
    """Execute notebooks and reports with nobody there.

    For cron, systemd, Task Scheduler and CI. Writes the executed notebook, its HTML page and the
    saved files under dated names and overwrites nothing; NAME-PROFILE-latest leads to the newest. It
    never asks: a profile without a usable token ends with exit code 3 before anything starts.

    Of several runs one that fails stops no other: a summary says which, also as a file, and the exit
    code is that of the worst. What is said here goes before what a job says.
    """
    import time

    from ninja_analytics.cli import ran, terminal
    from ninja_analytics.schedule import Patience, run_all

    if organization and each_organization:
        raise errors.UsageError("Give either --organization or --each-organization.")
    given = {
        "profile": profile,
        "out": out,
        "period": period,
        "organizations": "each" if each_organization else tuple(organization or ()) or None,
        "formats": tuple(formats or ()) or None,
        "retries": retries,
    }
    said = {name: value for name, value in given.items() if value is not None}
    if job and not _is_typed(
        "profile", context
    ):  # NINJA_PROFILE puts no customer in another's place
        said.pop("profile", None)
    jobs = _jobs(names or [], job or [], terminal.values(parameter), said, settings)
    began = datetime.now().astimezone()
    outcomes = list(run_all(jobs, patience=Patience(0, retry_wait, time.sleep)))
    ran.tell(outcomes, began)


def _jobs(
    names: list[str],
    jobs: list[str],
    parameters: dict[str, Any],
    said: dict[str, Any],
    settings: Path | None,
) -> list[Job]:
    """What is to be run: the *jobs* of these names, or one without a name."""
    from ninja_analytics.jobs import Job, load_job, settings_file

    if jobs and names:
        raise errors.UsageError("A job says itself what it runs: leave NOTEBOOK or --job out.")
    if jobs:
        found = [load_job(name, settings) for name in jobs]
        return [replace(one, **said, parameters={**one.parameters, **parameters}) for one in found]
    if "profile" not in said:
        raise errors.UsageError("Which profile? Add --profile NAME, or set NINJA_PROFILE.")
    file = settings_file(settings)
    return [Job(run=tuple(names), parameters=parameters, settings=file, **said)]


def _is_typed(name: str, context: typer.Context) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


@command("jobs", "jobs --settings customers.toml")
def jobs(settings: Settings = None) -> None:
    """List the jobs of the settings file and check them, without asking NinjaOne.

    Exit code 2 if one of them cannot be.
    """
    from ninja_analytics.jobs import job_names, load_job, settings_file

    names = job_names(settings)
    if not names:
        where = settings_file(settings) or "no ninja-analytics.toml is here, and none is named"
        typer.echo(f"There are no jobs: {where}. See docs/scheduling.md for how to write one.")
        return
    worst = 0
    for name in names:
        try:
            one = load_job(name, settings)
            told = f"ok  {name}: {_told(one)}"
            _check(one)
        except errors.NinjaError as error:
            told, worst = f"no  {name}: {error}", exit_code(error)
        typer.echo(told)
    if worst:
        raise typer.Exit(worst)


def _told(job: Job) -> str:
    each = job.organizations == "each"
    some = job.organizations if job.organizations and not each else ()
    whose = "each organization" if each else ", ".join(map(str, some))
    return "; ".join(
        filter(
            None,
            (
                f"{', '.join(job.run)} for {job.profile}",
                whose,
                job.period,
                f"into {job.out}",
                f"at {job.at}" if job.at else "",
            ),
        )
    )


def _check(job: Job) -> None:
    from ninja_analytics.auth import profiles
    from ninja_analytics.schedule.crontimes import cron_time
    from ninja_analytics.schedule.plan import check

    profiles.resolve(job.profile)
    check(job, now=datetime.now().astimezone())
    if job.at is not None:
        cron_time(job.at)


@command("schedule monthly --cron", "schedule monthly --systemd", "schedule monthly --windows")
def schedule(
    job: Annotated[str, typer.Argument(metavar="JOB", help="A job of the settings file.")],
    cron: Annotated[bool, typer.Option("--cron", help="A line for crontab -e.")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="A service and a timer.")] = False,
    windows: Annotated[bool, typer.Option("--windows", help="A schtasks line.")] = False,
    settings: Settings = None,
) -> None:
    """Print the entry that starts a job by itself: for cron, systemd or Windows.

    Nothing is installed. There is no secret in it.
    """
    from ninja_analytics.jobs import load_job
    from ninja_analytics.schedule.entries import ENTRIES

    asked = _chosen({"cron": cron, "systemd": systemd, "windows": windows})
    found = load_job(job, settings)
    _check(found)
    typer.echo(ENTRIES[asked](found), nl=False)


def _chosen(options: dict[str, bool]) -> str:
    chosen: Iterable[str] = [name for name, on in options.items() if on]
    if len(list(chosen)) != 1:
        raise errors.UsageError("Say for what: exactly one of --cron, --systemd and --windows.")
    return next(iter(chosen))
