"""The command for what was asked of NinjaOne: usage."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ninja_analytics.cli.app import ProfileName, command

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = 100


@command(
    "usage --profile acme",
    "usage --profile acme --since 2026-01-01 -o requests.csv",
)
def usage(
    profile: ProfileName = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only from then on; UTC without a zone.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE",
            help="Every request, to a .csv, .xlsx, .parquet or .html file.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Show the requests of the last 90 days, per day; nothing is asked of NinjaOne."""
    from ninja_analytics import exports
    from ninja_analytics.auth import profiles
    from ninja_analytics.usage import ledger_of, usage_frame

    if output is not None:
        exports.writer(output)
        exports.make_folder(output.parent)
    who = profiles.resolve(profile)
    made = usage_frame(ledger_of(who), since=since)
    if output is not None:
        typer.echo(f"{len(made):,} requests written to {exports.export(made, output)}")
    elif made.empty:
        typer.echo(f"No request of profile {who.name} is on record.")
    else:
        _show(made)


def _show(made: pd.DataFrame) -> None:
    """Print a line for each day, the newest last, and one for all of them."""
    from rich.console import Console
    from rich.table import Table

    from ninja_analytics.reports.requests import per_day

    days = per_day(made)
    table = Table(box=None, pad_edge=False, show_footer=len(days) > 1)
    total = days[["requests", "failed", "slowed_down", "size_bytes"]].sum()
    footers = [f"{total['requests']:,}", f"{total['failed']:,}", f"{total['slowed_down']:,}",
               f"{days['busiest_minute'].max():,}", _size(total["size_bytes"])]  # fmt: skip
    table.add_column("Day (UTC)", "In all")
    for title, footer in zip(
        ("Requests", "Failed", "429", "Busiest minute", "Received"), footers, strict=True
    ):
        table.add_column(title, footer, justify="right")
    for day in days.to_dict("records"):
        table.add_row(
            f"{day['requested_on']:%Y-%m-%d}", f"{day['requests']:,}", f"{day['failed']:,}",
            f"{day['slowed_down']:,}", f"{day['busiest_minute']:,}", _size(day["size_bytes"]),
        )  # fmt: skip
    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH)
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)


def _size(size: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} GB"
