"""Commands for the past: record, sql, and what keeps a history in order: list, prune, compact, verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ninja_analytics import errors
from ninja_analytics.cli.app import ProfileName, app, command

if TYPE_CHECKING:
    from ninja_analytics.history import History

Place = Annotated[
    str | None,
    typer.Option(
        "--place", metavar="PLACE",
        help="A folder, or s3://… and the like; default: NINJA_HISTORY, or the usual folder.",
    ),
]  # fmt: skip


@command(
    "record --profile acme",
    "record --profile acme --table devices --table software",
    "record --profile acme --place s3://reports/ninja",
)
def record(
    profile: ProfileName = None,
    table: Annotated[
        list[str] | None,
        typer.Option(
            "--table", metavar="NAME", help="Only these tables; default: what the reports need."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How far back activities go the first time, e.g. 90d."),
    ] = None,
    place: Place = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only say how much it would be.")
    ] = False,
) -> None:
    """Take a snapshot of the tables: for a daily schedule. Exit code 5 if a table is not in it."""
    import ninja_analytics as na
    from ninja_analytics.catalog import TABLES
    from ninja_analytics.cli import terminal

    for name in table or ():
        terminal.among("table", name, TABLES)
    ninja = na.connect(profile, interactive=False)
    history = ninja.history if place is None else ninja.history.at(place)
    if estimate:
        typer.echo(history.estimate(table).to_string(index=False))
        return
    made = history.record(table, since=since, progress="log")
    typer.echo(f"{_n(made.rows, 'row')} of {_n(len(made.tables), 'table')} recorded as {made.id}")
    if made.problems:
        left = "; ".join(f"{name}: {why}" for name, why in made.problems.items())
        raise errors.IncompleteError(f"Not in the snapshot: {left}")


@command(
    'sql "select snapshot_at, count(*) from software_history group by all" --profile acme',
    'sql "from device_health_history" -o health.parquet',
)
def sql(
    query: Annotated[
        str, typer.Argument(metavar="QUERY", help="A SELECT over software_history and the like.")
    ],
    profile: ProfileName = None,
    place: Place = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="A .csv, .xlsx, .parquet or .html."),
    ] = None,
    rows: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="How many rows to show.")] = 10,
) -> None:
    """Ask the history in SQL, read-only; nothing is asked of NinjaOne."""
    from ninja_analytics import exports
    from ninja_analytics.cli import terminal

    if output is not None:
        exports.writer(output)
        exports.make_folder(output.parent)
    found = _opened(profile, place).sql(query)
    if output is not None:
        typer.echo(f"{len(found):,} rows written to {exports.export(found, output)}")
    else:
        typer.echo(terminal.head(found, rows))


kept = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
app.add_typer(kept, name="history", help="The snapshots: list, prune, compact, verify.")


@kept.command("list")
def listed(profile: ProfileName = None, place: Place = None) -> None:
    """List the snapshots, the newest last."""
    from ninja_analytics.cli import terminal

    history = _opened(profile, place)
    found = history.snapshots
    if found.empty:
        typer.echo(f"Nothing was recorded yet: ninja-analytics record --profile {history.profile}")
        return
    typer.echo(terminal.head(found.drop(columns="ended_at"), len(found)))


@kept.command("prune")
def prune(
    keep: Annotated[
        str, typer.Option(metavar="LENGTH", help="Keep all snapshots of the last 90d, 52w, ….")
    ] = "",
    days: Annotated[int, typer.Option(min=0, help="The last of each of so many days.")] = 0,
    weeks: Annotated[int, typer.Option(min=0, help="The last of each of so many weeks.")] = 0,
    months: Annotated[int, typer.Option(min=0, help="The last of each of so many months.")] = 0,
    years: Annotated[int, typer.Option(min=0, help="The last of each of so many years.")] = 0,
    profile: ProfileName = None,
    place: Place = None,
) -> None:
    """Let snapshots go; the newest and all events stay."""
    spans = {"days": days, "weeks": weeks, "months": months, "years": years}
    wanted: Any = keep or {name: count for name, count in spans.items() if count}
    if not wanted or (keep and any(spans.values())):
        raise errors.UsageError("Say what to keep: --keep 90d, or --days 30 --months 24.")
    gone = _opened(profile, place).prune(wanted)
    typer.echo(f"{_n(len(gone), 'snapshot')} let go; what no other needs is removed in a day.")


@kept.command("compact")
def compact(profile: ProfileName = None, place: Place = None) -> None:
    """Fold the small files of past months into one per table and month."""
    fewer = _opened(profile, place).compact()
    typer.echo(f"{_n(fewer, 'file')} fewer, once the old ones are removed in a day.")


@kept.command("verify")
def verify(profile: ProfileName = None, place: Place = None) -> None:
    """Read every file, and name those that are not as they were written. Exit code 1 if one is."""
    history = _opened(profile, place)
    found = history.verify()
    if found.empty:
        count = len(history.snapshots)
        typer.echo(f"{_n(count, 'snapshot')}: every file is as it was written.")
        return
    for row in found.itertuples(index=False):
        typer.echo(f"{row.file}: {row.problem} (snapshots {row.snapshots})")
    raise typer.Exit(1)


def _opened(profile: str | None, place: str | None) -> History:
    import ninja_analytics as na

    return na.open_history(profile, place=place)


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
