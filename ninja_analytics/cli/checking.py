"""Commands that check something: whether a run will work, whether a notebook holds secrets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ninja_analytics.cli.app import command
from ninja_analytics.cli.exits import exit_code
from ninja_analytics.errors import NinjaError


@command(
    "preflight notebooks/10_fleet.ipynb --profile acme",
    "preflight fleet_overview --profile acme --out out/ --json",
)
def preflight(
    notebook: Annotated[
        str, typer.Argument(metavar="NOTEBOOK|REPORT", help="The notebook or report to be run.")
    ],
    profile: Annotated[
        str,
        typer.Option(envvar="NINJA_PROFILE", metavar="NAME", help="Which profile will pull."),
    ],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The folder for the dated files.")
    ] = Path("out"),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")] = False,
) -> None:
    """Check whether tonight's run will authenticate and pull.

    Refreshes the token, reads a little of every table that the notebook or report names, counts
    the requests, and looks for room on the disk. Nothing is executed and nobody is asked. The exit
    code is that of the first failing check.
    """
    from ninja_analytics import preflight as flight

    found = flight.preflight(notebook, profile, out)
    if as_json:
        checks = [{"name": one.name, "ok": one.ok, "says": one.says} for one in found.checks]
        told = {"ok": found.ok, "requests": found.requests, "checks": checks}
        typer.echo(json.dumps(told, indent=2))
    else:
        width = max(len(check.name) for check in found.checks)
        for check in found.checks:
            word = {True: "ok", False: "no", None: "-"}[check.ok]
            typer.echo(f"{word:<3} {check.name:<{width}}  {check.says}")
    if found.error:
        raise typer.Exit(exit_code(found.error))


@command(
    "scrub report.ipynb",
    "scrub --check notebooks/*.ipynb",
)
def scrub(
    notebooks: Annotated[
        list[Path], typer.Argument(metavar="NOTEBOOK", help="The notebooks to look into.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if a secret is found.")
    ] = False,
) -> None:
    """Find secrets in notebooks and remove them.

    Looks for tokens and client secrets that this machine has kept, for NINJA_CLIENT_SECRET, and for
    what looks like a token: in outputs, widget state, parameters, metadata and code. What is found
    is named by its place and kind, never shown.
    """
    from ninja_analytics import scrub as scrubbing

    found, failed = 0, None
    for notebook in notebooks:
        try:
            findings = scrubbing.scrub(notebook, check=check)
        except NinjaError as error:
            typer.echo(f"ninja-analytics: {error}", err=True)
            failed = failed or error
            continue
        found += len(findings)
        for finding in findings:
            typer.echo(f"{notebook}: {finding}{'' if check else ', removed'}")
    if check and found:
        raise typer.Exit(1)
    if failed:
        raise typer.Exit(exit_code(failed))
