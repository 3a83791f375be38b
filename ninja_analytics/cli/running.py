"""Commands that start something for a while: the sandbox, the demo."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from ninja_analytics import errors
from ninja_analytics.cli.app import command

Devices = Annotated[int, typer.Option(metavar="NUMBER", help="How many devices to invent.")]


@command(
    "sandbox",
    "sandbox --devices 5000 --latency 0.2 --token-lifetime 60 --fault 429",
)
def sandbox(
    port: Annotated[
        int, typer.Option(metavar="NUMBER", help="Where to listen on 127.0.0.1; 0: any.")
    ] = 8724,
    devices: Devices = 400,
    organizations: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="How many organizations.")
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="NUMBER", help="The same seed gives the same fleet.")
    ] = 7,
    token_lifetime: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long an access token lives.")
    ] = 3600,
    latency: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long each answer is held back.")
    ] = 0,
    page_size: Annotated[
        int | None, typer.Option(metavar="ROWS", help="Most rows of a page.")
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="FAULT", help="What goes wrong next, e.g. 429, 502, drop, cut, html."),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="Another switch, e.g. consent=deny."),
    ] = None,
) -> None:
    """Run a NinjaOne of your own on this machine.

    It has an invented fleet, and runs until Ctrl-C.
    """
    from ninja_analytics.cli import terminal
    from ninja_analytics.sandbox import Sandbox

    settings = terminal.values(switch) | {
        "token_lifetime": token_lifetime,
        "latency": latency,
        "page_size": page_size,
        "faults": tuple(fault or ()),
    }
    with (
        suppress(KeyboardInterrupt),
        Sandbox(devices, organizations, seed, port=port, **settings) as running,
    ):
        typer.echo(terminal.welcome(running))
        code = running.wait()
        raise errors.SandboxError(
            f"The sandbox ended by itself with exit code {code}: start it again."
        )


@command(
    "demo",
    "demo --out out/ --devices 2000",
)
def demo(
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="The folder for the report.")] = Path(
        "out"
    ),
    devices: Devices = 400,
) -> None:
    """Show the whole way on this machine.

    Sandbox, consent over HTTP, pull, report. Your own profiles and tokens are not touched, and
    nothing leaves this machine.
    """
    from ninja_analytics import demo as demonstration

    made = demonstration.run(out, devices=devices, say=typer.echo)
    typer.echo("\nOpen the report in a browser, or its workbook in a spreadsheet:")
    for file in demonstration.worth_opening(made):
        typer.echo(f"  {file.as_uri()}")
