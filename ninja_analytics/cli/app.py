"""What all commands share: the app, its help, how it ends, and the options that recur."""

from __future__ import annotations

import logging
import signal
import traceback
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from ninja_analytics import __version__
from ninja_analytics.cli.exits import CODES, DEFECT, exit_code
from ninja_analytics.errors import NinjaError


class Commands(TyperGroup):
    """The commands, with every error of ours told in one line."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; leave with the exit code of what went wrong."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, typer.Abort):  # the latter at a question
            _leave("stopped.", 130)
        except NinjaError as error:
            _traceback_if_asked(ctx)
            _leave(str(error), exit_code(error))
        except (typer.Exit, BrokenPipeError):
            raise
        except Exception as error:
            if type(error).__module__.startswith(("typer", "click")):
                raise  # wrong options, which typer words itself
            _traceback_if_asked(ctx)
            # The text of a foreign error may hold an address with a code in it: not shown.
            name = type(error).__name__
            _leave(f"{name}: a defect of ours. See where with: ninja-analytics --debug …", DEFECT)


def _traceback_if_asked(ctx: Any) -> None:
    if ctx.params.get("debug"):
        from ninja_analytics.auth.redaction import redacted

        typer.echo(redacted(traceback.format_exc()), err=True)


def _leave(message: str, code: int) -> NoReturn:
    typer.echo(f"ninja-analytics: {' '.join(message.split())}", err=True)
    raise typer.Exit(code) from None


HELP = f"""Analytics for NinjaOne: connect, pull tables, make reports, run notebooks. Read-only.

\b
Try it on this machine alone:
  ninja-analytics demo
Or with your NinjaOne; it asks for what it has to know:
  ninja-analytics connect --profile acme
  ninja-analytics report fleet_overview --profile acme -o out/

\b
Exit codes, for schedulers:
{CODES}
"""

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile", metavar="NAME", help="Which profile; default: NINJA_PROFILE, or the only one."
    ),
]
Values = Annotated[
    list[str] | None,
    typer.Option("-p", "--parameter", metavar="NAME=VALUE", help="A parameter; may be repeated."),
]


def command(*examples: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command whose help ends with *examples*, shown as they are."""
    lines = "\n".join(f"  ninja-analytics {example}" for example in examples)
    return app.command(epilog=f"\b\nExamples:\n{lines}")


def main() -> None:
    """Run the command line."""
    # A scheduler ends us with SIGTERM: leave as by Ctrl-C, so that what must be tidied is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app(prog_name="ninja-analytics")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ninja-analytics {__version__}")
        raise typer.Exit


@app.callback(help=HELP)
def root(
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
    debug: Annotated[  # noqa: ARG001 (Commands reads it)
        bool, typer.Option("--debug", envvar="NINJA_DEBUG", help="Show tracebacks of errors.")
    ] = False,
) -> None:
    """Set up log lines on stderr; the commands do the rest."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("ninja_analytics").setLevel(logging.INFO)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # nor a word on each try
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what it logs, we say as an error
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # nor of a kernel that was told to stop
