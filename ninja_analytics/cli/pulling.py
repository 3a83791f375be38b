"""Commands for what is there: tables, table, reports, report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ninja_analytics import errors
from ninja_analytics.catalog import TABLES
from ninja_analytics.cli.app import ProfileName, Values, command

if TYPE_CHECKING:
    import pandas as pd

AsOf = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="As recorded by then: 2026-11-01, 7d, or a snapshot's id."),
]


@command(
    "tables",
    "tables os_patches",
)
def tables(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Show all about this table: how it is asked, columns."),
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the page docs/tables.md instead.")
    ] = False,
) -> None:
    """List the tables by subject, or all about one."""
    from ninja_analytics import listing
    from ninja_analytics.cli import terminal

    if markdown and name is None:
        typer.echo(listing.page(), nl=False)
    elif markdown:
        raise errors.UsageError("--markdown prints the page of all tables. Leave NAME out.")
    else:
        typer.echo(terminal.tables(name))


@command(
    "table devices --profile acme",
    'table os_patches --profile acme --where "org = 7" -o patches.xlsx',
    "table software -o software.parquet",
    "table os_patch_installs --since 30d --names organization --names device -o installs.xlsx",
    "table device_disks -p device_id=7",
    "table devices --as-of 2026-11-01",
)
def table(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The table; see `ninja-analytics tables`.")
    ],
    profile: ProfileName = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="A .csv, .xlsx, .parquet or .html file."
        ),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(metavar="FILTER", help="A device filter in NinjaOne's words, e.g. 'org = 7'."),
    ] = None,
    names: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WHOSE", help="Add names of: organization, location, device, role, policy."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Only from then on: 2026-01-31, 7d, 36h; last: what is new."
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only before then.")] = None,
    part: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Rows of the lists in this column.")
    ] = None,
    shape: Annotated[
        str | None, typer.Option(metavar="SHAPE", help="Custom fields: wide or long.")
    ] = None,
    tz: Annotated[
        str | None, typer.Option(metavar="ZONE", help="Times as in Europe/Berlin; default: UTC.")
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option(metavar="LENGTH", help="An answer of the last 1h, 30min, … will do."),
    ] = None,
    resume: Annotated[
        bool, typer.Option(help="Go on with a pull that was killed on its way.")
    ] = False,
    as_of: AsOf = None,
    parameter: Values = None,
    rows: Annotated[int, typer.Option(metavar="NUMBER", min=1, help="How many rows to show.")] = 10,
) -> None:
    """Pull a table to the screen or to a file.

    The screen gets the first rows; the suffix of a file picks its kind. Parquet takes a table of any
    size in bounded memory.
    """
    import ninja_analytics as na
    from ninja_analytics import exports
    from ninja_analytics.cli import terminal

    # What is wrong here shows before anybody is asked or anything is pulled.
    terminal.among("table", name, TABLES)
    if output is not None:
        exports.writer(output)
        exports.make_folder(output.parent)
    asked: dict[str, Any] = {
        "where": where,
        "since": since,
        "until": until,
        **terminal.values(parameter),
    }
    made: dict[str, Any] = {"names": names or (), "part": part, "shape": shape, "tz": tz}
    if as_of is not None:
        if max_age or resume:
            raise errors.UsageError("--as-of asks nobody: leave --max-age and --resume out.")
        frame = na.open_history(profile).as_of(as_of).table(name, **asked, **made)
        _put_out(frame, output, rows)
        return
    made |= {"max_age": max_age, "resume": resume}
    ninja = na.connect(profile, interactive=False)
    if output is not None and output.suffix.lower() == ".parquet" and not any(made.values()):
        stream = ninja.stream(name, **asked)
        exports.write_parquet(output, stream.schema, stream, stream.about, stream.empty())
        typer.echo(f"{stream.rows:,} rows written to {output}")
        return
    try:
        frame = ninja.table(name, **asked, **made)
    except errors.IncompleteError as error:
        raise terminal.export_partial(error, output) if output else error from None
    _put_out(frame, output, rows)


def _put_out(frame: pd.DataFrame, output: Path | None, rows: int) -> None:
    """Write *frame* to the file, or its first *rows* to the screen."""
    from ninja_analytics import exports
    from ninja_analytics.cli import terminal

    if output is not None:
        typer.echo(f"{len(frame):,} rows written to {exports.export(frame, output)}")
    else:
        typer.echo(terminal.head(frame, rows))


@command(
    "reports",
    "reports patch_compliance",
)
def reports(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="Show all about this report: parameters, tables, KPIs."
        ),
    ] = None,
) -> None:
    """List the reports and the questions that they answer, or all about one."""
    from ninja_analytics.cli import terminal

    typer.echo(terminal.reports(name))


@command(
    "report fleet_overview --profile acme -o out/",
    "report fleet_overview --profile acme -o out/ --format html --format xlsx --format pdf",
    "report fleet_overview --profile acme --as-of 2026-11-01",
    "report fleet_drift --profile acme --since 30d",
)
def report(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The report; see `ninja-analytics reports`.")
    ],
    profile: ProfileName = None,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FOLDER", help="The folder to write to.")
    ] = Path("out"),
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="html, xlsx, csv, parquet, png, svg or pdf; default: html, xlsx, csv, png.",
        ),
    ] = None,
    as_of: AsOf = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Against which snapshot; default: the last one."),
    ] = None,
    parameter: Values = None,
) -> None:
    """Make a report from data pulled now, or from a snapshot, and save it."""
    import ninja_analytics as na
    from ninja_analytics.cli import reporting, terminal
    from ninja_analytics.exports import make_folder, pdf_printer
    from ninja_analytics.reports import FORMATS, REPORTS
    from ninja_analytics.reports.report import USUAL

    # What is wrong here shows before anybody is asked or anything is pulled.
    parameters = terminal.values(parameter)
    terminal.among("report", name, REPORTS)
    REPORTS[name].check(set(parameters) - {"now"})
    for one in formats or ():
        terminal.among("format of a report", one, FORMATS)
    if "pdf" in (formats or ()):
        pdf_printer()
    make_folder(output)
    if as_of is None:
        made = na.connect(profile, interactive=False).report(name, since=since, **parameters)
    else:
        made = na.open_history(profile).as_of(as_of).report(name, since=since, **parameters)
    saved = made.save(output, formats=formats or USUAL)
    reporting.show(made)
    typer.echo()
    for files in saved.values():
        for file in files:
            typer.echo(file.resolve())
    broken = [source.table for source in made.sources if source.partial and not source.missing]
    if broken:
        raise errors.IncompleteError(
            f"The report is partial: {', '.join(broken)} did not arrive whole."
        )
