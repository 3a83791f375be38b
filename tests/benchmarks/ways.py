"""One way of doing a job, run in a process of its own: prints seconds, peak memory and a digest.

    python -m tests.benchmarks.ways < TASK

TASK is a JSON object: see `Task`. Who asks, and where, comes from the NINJA_* environment, as for
any script. Whatever a way imports, it imports itself, so that its peak is its own.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# way -> the function that prepares it: prepare(task) answers what is to be timed.
WAYS = {
    "ours": "tests.benchmarks.ours:prepare",
    "by-hand": "tests.benchmarks.by_hand:prepare",
    "ninjapy": "tests.benchmarks.peer:prepare",
    "download": "tests.benchmarks.limit:download",
    "decode": "tests.benchmarks.limit:decode",
}


@dataclass(frozen=True, slots=True)
class Task:
    """What a way has to do.

    `columns` are name and kind of each field of the table, `path` where it is asked, `paging` how.
    `chains` are the requests to repeat, for the ways that need to know (see `chains`), over as many
    `connections`. The rows go to `file` if there is one. With `digest` the rows are summed up.
    """

    way: str
    table: str
    path: str
    paging: str
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    chains: list[Any] = field(default_factory=list)
    connections: int = 1
    file: str | None = None
    digest: bool = False


def peak_megabytes() -> float:
    """The most memory this process ever had; its parent's is not in it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


def digest(data: Any) -> dict[str, list[Any]]:
    """Per column its dtype and the sum of the hashes of its values, in whatever order they came."""
    from pandas.util import hash_array

    flat = [name for name in data.columns if not _holds_lists(data[name])]
    return {
        str(name): [str(data[name].dtype), str(int(hash_array(data[name].array).sum()))]
        for name in flat
    }


def _holds_lists(column: Any) -> bool:
    """Whether the values are lists or objects, for which every way has a type of its own."""
    if column.dtype == object:
        return any(isinstance(value, (list, dict)) for value in column)
    return "list<" in str(column.dtype)


def main() -> None:
    task = Task(**json.load(sys.stdin))
    module, _, name = WAYS[task.way].partition(":")
    work = getattr(importlib.import_module(module), name)(task)
    began, began_cpu = time.perf_counter(), time.process_time()
    result = work()
    seconds = time.perf_counter() - began
    cpu = time.process_time() - began_cpu
    found = {"seconds": seconds, "cpu": cpu, "peak": peak_megabytes()}
    is_frame = hasattr(result, "columns")
    found["rows"] = len(result) if is_frame else result
    found["digest"] = digest(result) if is_frame and task.digest else None
    print(json.dumps(found))


if __name__ == "__main__":
    main()
