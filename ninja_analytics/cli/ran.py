"""What `run` says when its runs are over: the files of one, a table and a summary file of several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import typer

from ninja_analytics import __version__
from ninja_analytics.cli.exits import WORDS, exit_code, worst
from ninja_analytics.errors import NinjaError
from ninja_analytics.schedule import Outcome, write_summary
from ninja_analytics.schedule.records import slug


def tell(outcomes: Sequence[Outcome], began: datetime) -> None:
    """Say what became of the runs; one that failed alone is raised, several end with the worst code."""
    if len(outcomes) == 1:
        _one(outcomes[0])
        return
    code = worst(_code(one) for one in outcomes)
    typer.echo(_table(outcomes))
    for path in _summaries(outcomes, began):
        typer.echo(path)
    if code:
        raise typer.Exit(code)


def _one(outcome: Outcome) -> None:
    if outcome.error:
        raise outcome.error
    made = outcome.made
    if made:
        typer.echo(f"{made.notebook}\n{made.html}")
        if made.files.is_dir():
            typer.echo(made.files)


def _code(outcome: Outcome) -> int:
    return exit_code(outcome.error) if outcome.error else 0


def _table(outcomes: Sequence[Outcome]) -> str:
    """A line for each run: what, for whom, how it ended, and the record or the sentence."""
    rows = [("run", "profile", "customer", "outcome", "record")]
    for one in outcomes:
        record = one.notebook.name if one.notebook else ""
        told = _told(one)
        rows.append((told["run"], one.job.profile, told["organization"], told["outcome"], record))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    failed = [one for one in outcomes if one.error]
    lines += ["", f"{len(outcomes) - len(failed)} of {len(outcomes)} runs are done."]
    lines += [f"{_whose(one)}: {' '.join(str(one.error).split())}" for one in failed]
    return "\n".join(lines)


def _whose(outcome: Outcome) -> str:
    return outcome.run.label if outcome.run else f"{outcome.job.name or outcome.job.profile}"


def _told(outcome: Outcome) -> dict[str, Any]:
    code, error = _code(outcome), outcome.error
    return {
        "run": outcome.run.source.title if outcome.run else ", ".join(outcome.job.run),
        "job": outcome.job.name or None,
        "profile": outcome.job.profile,
        "organization": outcome.run.customer if outcome.run else "",
        "outcome": WORDS[code],
        "exit_code": code,
        "sentence": " ".join(str(error).split()) if isinstance(error, NinjaError) else None,
        "tries": outcome.tries,
        "seconds": round(outcome.seconds, 1),
        "record": outcome.notebook,
        "files": [str(file) for file in outcome.files],
    }


def _summaries(outcomes: Sequence[Outcome], began: datetime) -> list[str]:
    """The summary files, one in the folder of each job that had something to run."""
    folders = dict.fromkeys(one.job.out for one in outcomes)
    paths = []
    for out in folders:
        here = [one for one in outcomes if one.job.out == out]
        name = here[0].job.name or here[0].job.profile
        told = {
            "version": f"ninja_analytics {__version__}",
            "began_at": began.isoformat(timespec="seconds"),
            "ended_at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "exit_code": worst(_code(one) for one in here),
            "runs": [_told(one) for one in here],
        }
        paths.append(str(write_summary(out, f"run-{slug(name) or 'profile'}", began, told)))
    return paths
