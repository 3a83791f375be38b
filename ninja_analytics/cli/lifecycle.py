"""Commands for the table of support dates: show it, refresh the user's own copy, drop that."""

from __future__ import annotations

from typing import Annotated

import typer

from ninja_analytics.cli.app import app

dates = typer.Typer(invoke_without_command=True, rich_markup_mode=None)
app.add_typer(
    dates,
    name="lifecycle",
    help="Until when operating systems are supported: show the table, refresh, reset.",
)


@dates.callback()
def lifecycle(context: typer.Context) -> None:
    """Show the table of support dates that the reports use: its rows, its age, where it is from."""
    if context.invoked_subcommand is not None:
        return
    import pandas as pd

    from ninja_analytics.lifecycle import reading

    own = reading.own_copy()
    table = reading.read_table()
    now = pd.Timestamp.now("UTC")
    place = str(own) if own.exists() else "the package"
    checked = reading.checked_on(table)
    typer.echo(f"{len(table):,} rows from {place}")
    typer.echo(f"last checked on {checked:%Y-%m-%d}, {reading.age_days(table, now):,} days ago")
    ended = int((table["eol_on"] < now.floor("D")).sum())
    open_end = int(table["eol_on"].isna().sum())
    typer.echo(f"{ended:,} are out of support today, {open_end:,} are supported without a date")
    for product, rows in table["product"].value_counts(sort=False).items():
        typer.echo(f"  {product:<16}{rows:>3} rows")
    if warning := reading.stale_warning(table, now):
        typer.echo(f"ninja-analytics: {warning}", err=True)


@dates.command("refresh")
def refresh(
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|URL", help="A CSV file as the packaged one, or JSON as below."),
    ],
    product: Annotated[
        str | None,
        typer.Option(
            "--product", metavar="NAME",
            help="Which product a JSON file of endoflife.date speaks of, e.g. windows-server.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Make a table of your own out of a file or an address; a bad one leaves the old as it was.

    Nothing but that address is asked. With --product it may be in the form of endoflife.date, e.g.
    https://endoflife.date/api/windows-server.json, and replaces the dates of that product alone.
    """
    import pandas as pd

    from ninja_analytics.lifecycle import reading
    from ninja_analytics.lifecycle.refresh import refresh as refreshed

    made = refreshed(source, into=reading.own_copy(), now=pd.Timestamp.now("UTC"), product=product)
    typer.echo(f"{made.rows:,} rows, {made.changed:,} changed or new, written to {made.path}")
    if made.left:
        typer.echo(f"left out: {', '.join(made.left)}")


@dates.command("reset")
def reset() -> None:
    """Drop your own table: the packaged one counts again."""
    from ninja_analytics.lifecycle import reading
    from ninja_analytics.lifecycle.refresh import reset as dropped

    own = reading.own_copy()
    there = dropped(own)
    typer.echo(f"{own} removed" if there else "There is no table of your own.")
