"""What a history of daily snapshots costs: to record, to read, to aggregate, and how that grows."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ninja_analytics.sandbox import Sandbox
from tests.benchmarks.rounds import environment

TITLE = "A million software rows a day, for 30 days"
DEVICES, DAYS = 10_200, (1, 5, 10, 30)
SMALL_DEVICES, SMALL_DAYS = 60, (2,)
ENGINES = ("pandas", "duckdb", "dask")


def run(*, small: bool = False) -> str:
    """The Markdown tables of one round: each figure is of many snapshots already."""
    devices, spans = (SMALL_DEVICES, SMALL_DAYS) if small else (DEVICES, DAYS)
    with tempfile.TemporaryDirectory() as home:
        place = str(Path(home) / "history")
        with Sandbox(devices, token_lifetime=86_400) as sandbox:
            settings = environment(sandbox, home)
            recorded = measure(settings, do="record", place=place, days=spans[-1])
        asked = {
            (do, engine, days): measure(settings, do=do, place=place, engine=engine, days=days)
            for do in ("read", "installs")
            for engine in ENGINES
            for days in spans
        }
    check(asked)
    return report(recorded, asked)


def measure(settings: Mapping[str, str], **task: Any) -> dict[str, Any]:
    """What one process with that *task* took."""
    command = [sys.executable, "-m", "tests.benchmarks.snapshots"]
    answer = subprocess.run(
        command,
        env=dict(settings),
        input=json.dumps(task),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found = dict(json.loads(answer.stdout.splitlines()[-1]))
    told = sum(found["seconds"]) if task["do"] == "record" else found["seconds"]
    what = " ".join(str(task[name]) for name in ("do", "engine", "days") if name in task)
    print(f"history, {what}: {told:.1f} s, {found['peak']:.0f} MB", file=sys.stderr)
    return found


def check(asked: Mapping[tuple[str, str, int], Mapping[str, Any]]) -> None:
    """The engines must have found as many rows, else the comparison means nothing."""
    for (do, engine, days), found in asked.items():
        if found["rows"] != (rows := asked[do, ENGINES[0], days]["rows"]):
            raise SystemExit(f"{do} of {days}: {engine} found {found['rows']} rows, not {rows}")


def report(
    recorded: Mapping[str, Any], asked: Mapping[tuple[str, str, int], Mapping[str, Any]]
) -> str:
    """The tables: recording by number of snapshots, then each thing asked by engine."""
    seconds = recorded["seconds"]
    spans = sorted({days for _, _, days in asked})
    size = recorded["bytes"] / recorded["rows"]
    told = (
        f"{len(seconds)} snapshots, {recorded['rows']:,} rows, {size:.1f} bytes per row on disk; "
        f"peak of recording {recorded['peak']:.0f} MB, the rows of a day included. Cells: seconds "
        "per snapshot (CPU seconds per snapshot, peak MB; of Dask with its two workers)."
    )
    lines = [
        told,
        "",
        "| snapshots | " + " | ".join(map(str, spans)) + " |",
        "|---" * (len(spans) + 1) + "|",
    ]
    cpu = recorded["cpu"]
    of_each = [f"{sum(seconds[:n]) / n:.2f} ({sum(cpu[:n]) / n:.2f} CPU)" for n in spans]
    lines.append(_row("record", of_each))
    names = {"read": "read three columns", "installs": "installs per product and version"}
    for do, name in names.items():
        for engine in ENGINES:
            cells = [_cell(asked[do, engine, days], days) for days in spans]
            lines.append(_row(f"{name}, {engine}", cells))
    return "\n".join(lines)


def _cell(found: Mapping[str, Any], days: int) -> str:
    seconds, cpu = (found[name] / days for name in ("seconds", "cpu"))
    return f"{seconds:.2f} ({cpu:.2f} CPU, {found['peak']:.0f} MB)"


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"
