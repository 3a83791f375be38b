"""What the package does, as its user would ask for it: the budget and the record of requests included."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.benchmarks.ways import Task


def prepare(task: Task) -> Callable[[], Any]:
    """`na.connect().table(…)`, or the command line where the rows go to a file."""
    if task.file:
        return command(task.table, task.file)
    import ninja_analytics as na

    ninja = na.connect(interactive=False)
    return lambda: ninja.table(task.table, progress="none")


def command(table: str, file: str) -> Callable[[], int]:
    """`ninja-analytics table TABLE -o FILE`; answers how many rows are in the file."""
    from pyarrow import parquet

    from ninja_analytics.cli import app

    def run() -> int:
        arguments = ["table", table, "-o", file]
        failed = app(arguments, prog_name="ninja-analytics", standalone_mode=False)
        if failed:
            raise SystemExit(failed)
        return int(parquet.ParquetFile(file).metadata.num_rows)

    return run
