"""The command that makes a folder of files for each customer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ninja_analytics import errors
from ninja_analytics.cli.app import ProfileName, Values, command


@command(
    "pack qbr --by organization --profile acme --out out/",
    "pack qbr --organization 'Oakline Architects' --format html --format xlsx",
    "pack qbr --as-of 2026-10-31 --since 2026-07-31 --share",
)
def pack(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to pack: qbr.")],
    profile: ProfileName = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the new folder goes.")
    ] = Path("out"),
    by: Annotated[
        str, typer.Option(metavar="WHAT", help="What gets a folder each: organization.")
    ] = "organization",
    organization: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|ID", help="Only this one; may be repeated. Default: all."),
    ] = None,
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="E.g. previous-quarter (default), 2026-10, 30d."),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", help="html, xlsx, csv, …; may be repeated."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="From a snapshot, asking nobody.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Against which snapshot; default: the last one."),
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Aliases in the place of names and ids.")
    ] = False,
    peers: Annotated[
        bool | None,
        typer.Option(
            "--peers/--no-peers",
            help="Quantiles of the other customers; default: where all are packed.",
        ),
    ] = None,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your thresholds; see docs/reports.md.")
    ] = None,
    parameter: Values = None,
) -> None:
    """Make a folder per customer, and an index.

    No folder holds anything of another customer. One who fails does not stop the others: the last
    lines say which, and the exit code is 6 (failed) or 5 (partial).
    """
    from ninja_analytics import packs
    from ninja_analytics.cli import terminal
    from ninja_analytics.reports import FORMATS

    terminal.among("pack", name, packs.PACKS)
    for one in formats or ():
        terminal.among("format of a report", one, FORMATS)
    given = terminal.values(parameter) | ({} if period is None else {"period": period})
    tenant, earlier, now = _tenant(profile, as_of, since)
    made = packs.pack(
        tenant, name, out=out, by=by, organizations=organization, earlier=earlier, now=now,
        settings=settings, formats=formats, share=share, peers=peers, say=typer.echo, **given,
    )  # fmt: skip
    typer.echo(made.index.resolve())
    if made.failed:
        told = "; ".join(f"{one.organization}: {one.problem}" for one in made.failed)
        raise errors.PackError(f"{len(made.failed)} of {len(made.customers)} failed. {told}")
    if made.partial:
        names = ", ".join(one.organization for one in made.partial)
        raise errors.IncompleteError(f"The files of some are partial: {names}.")


def _tenant(profile: str | None, as_of: str | None, since: str | None) -> tuple[Any, Any, Any]:
    """What to pull from, the past to compare with and its time, and the time of the pack."""
    import pandas as pd

    import ninja_analytics as na

    if as_of is None:
        ninja = na.connect(profile, interactive=False)
        return ninja, _with_time(ninja.history.earlier(since)), None
    past = na.open_history(profile).as_of(as_of)
    return past, _with_time(past.earlier(since)), pd.Timestamp(past.at)


def _with_time(past: Any) -> Any:
    """A past and its time, as a pack compares with it; None where there is none."""
    import pandas as pd

    return None if past is None else (past, pd.Timestamp(past.at))
