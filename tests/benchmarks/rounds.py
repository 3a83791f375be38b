"""The rounds of a job: each way in turn, each in a process of its own, all against one sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ninja_analytics.catalog import TABLES
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.usage.limits import DEFAULT_PARALLEL
from tests.benchmarks import peer
from tests.benchmarks.chains import chains
from tests.benchmarks.jobs import Job
from tests.benchmarks.ways import Task

Rounds = dict[str, list[dict[str, Any]]]


def run(job: Job, rounds: int, *, without: tuple[str, ...] = ()) -> Rounds:
    """What each way of *job* took in each of *rounds*; a way that cannot be had has none."""
    ways = [way for way in job.ways if way not in without]
    python = dict.fromkeys(ways, sys.executable)
    if "ninjapy" in python:
        python["ninjapy"] = peer.interpreter() or ""
    ways = [way for way in ways if python[way]]
    found: Rounds = {way: [] for way in ways}
    with (
        tempfile.TemporaryDirectory() as home,
        Sandbox(job.devices, token_lifetime=86_400, latency=job.latency) as sandbox,
    ):
        settings = environment(sandbox, home)
        task = first(job, sandbox, settings, Path(home))
        for number in range(rounds):
            for way in ways:
                if number and way in job.once:
                    continue
                asked = replace(task, way=way, digest=number == 0)
                found[way].append(measure(python[way], asked, settings))
                said = "{seconds:.2f} s ({cpu:.2f} of CPU), {peak:.0f} MB".format(**found[way][-1])
                print(f"{job.name}, round {number + 1}, {way}: {said}", file=sys.stderr)
            if number == 0:
                check(found)
    return found


def environment(sandbox: Sandbox, home: str) -> dict[str, str]:
    """The settings of a user of the sandbox, and none of whoever runs this."""
    client = sandbox.clients["api-services"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NINJA_")}
    return kept | {
        "NINJA_BASE_URL": sandbox.base_url,
        "NINJA_CLIENT_ID": client.client_id,
        "NINJA_CLIENT_SECRET": str(client.client_secret),
        "NINJA_PLATFORM": "api-services",
        "NINJA_HOME": home,
        "NINJA_TOKEN_STORE": "memory",
        "PYTHONPATH": str(Path.cwd()),
    }


def first(job: Job, sandbox: Sandbox, settings: dict[str, str], home: Path) -> Task:
    """The task, after one pull by the package that nobody times: it shows what is to be asked.

    It also lets the sandbox make what it makes once only.
    """
    table = TABLES[job.table]
    columns = {
        column.field: (column.name, column.kind)
        for column in table.columns
        if column.kind not in ("json", "rows", "texts", "ids")
    }
    file = str(home / "rows.parquet") if job.to_file else None
    task = Task("ours", table.name, table.path, table.paging, columns, file=file)
    measure(sys.executable, task, settings)
    asked = chains(sandbox.requests(), table.path)
    return replace(task, chains=asked, connections=DEFAULT_PARALLEL)


def measure(python: str, task: Task, settings: Mapping[str, str]) -> dict[str, Any]:
    command = [python, "-m", "tests.benchmarks.ways"]
    answer = subprocess.run(
        command,
        env=settings,
        input=json.dumps(asdict(task)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return dict(json.loads(answer.stdout.splitlines()[-1]))


def check(found: Rounds) -> None:
    """The ways must have given the same rows, else the comparison means nothing."""
    ours = found["ours"][0]
    for way, (other, *_) in found.items():
        if other["rows"] is not None and other["rows"] != ours["rows"]:
            raise SystemExit(f"{way} gave {other['rows']} rows, the package {ours['rows']}")
        for name, summed in (other["digest"] or {}).items():
            if ours["digest"].get(name) != summed:
                raise SystemExit(f"{name} differs: {way} {summed}, {ours['digest'].get(name)}")
