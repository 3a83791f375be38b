"""One thing to do with a history, in a process of its own: prints seconds and peak memory.

    python -m tests.benchmarks.snapshots < TASK

TASK is a JSON object: `do` ("record", "read" or "installs"), `place` (a folder), `engine`, `days`.
Recording asks the sandbox that the NINJA_* environment names for the first day.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from importlib import import_module
from typing import Any

from tests.benchmarks.ways import peak_megabytes

COLUMNS = ["device_id", "name", "version"]
WORKERS = 2


def record(place: str, days: int) -> dict[str, Any]:
    """Record *days* snapshots of software; the seconds of each, rows and bytes of all."""
    import pyarrow as pa

    import ninja_analytics as na
    from ninja_analytics.history import Folder
    from ninja_analytics.history.recording import Recording
    from tests.benchmarks import made_days

    stream = na.connect(interactive=False).rows_to_record("software", progress="none")
    first = pa.Table.from_batches(list(stream)).unify_dictionaries().combine_chunks()
    folder, seconds, cpu, rows, size = Folder(place), [], [], 0, 0
    for at, day in made_days.days(first, days):
        began, began_cpu = time.perf_counter(), time.process_time()
        recording = Recording(folder, lambda *_, day=day, **__: day, taken_at=at)
        recording.take("software")
        made = recording.commit(profile="made", instance="", version="0", moved={})
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
        rows += made.rows
        size += sum(file.bytes for file in made.files)
    peak = peak_megabytes()
    return {"seconds": seconds, "cpu": cpu, "rows": rows, "bytes": size, "peak": peak}


def ask(do: str, place: str, engine: str, days: int) -> dict[str, Any]:
    """Read or aggregate the first *days* snapshots."""
    from ninja_analytics.history import Folder, History
    from tests.benchmarks.made_days import FIRST

    history = History(Folder(place), profile="made", instance="")
    with ExitStack() as stack:
        client = stack.enter_context(_client()) if engine == "dask" else None
        work = {"read": _read, "installs": _installs}[do](history, engine, client)
        work(FIRST)  # no snapshot: it imports what it needs, also in the workers
        began, began_cpu = time.perf_counter(), _of_all(time.process_time, client)
        rows = work(FIRST + timedelta(days=days, hours=-1))
        seconds = time.perf_counter() - began
        cpu = _of_all(time.process_time, client) - began_cpu
        peak = _of_all(peak_megabytes, client)
    return {"seconds": seconds, "cpu": cpu, "rows": rows, "peak": peak}


def _of_all(measure: Callable[[], float], client: Any) -> float:
    """The sum of a measure over this process and the workers, if there are any."""
    return measure() + (sum(client.run(measure).values()) if client is not None else 0.0)


def _client() -> Any:
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=WORKERS, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0",
        memory_limit=0,
    )  # fmt: skip
    client = Client(cluster)
    client.run(_warm)
    return client


def _warm() -> None:
    """Import what a worker will need, since that is not what is timed."""
    for name in ("dask.dataframe", "duckdb", "ninja_analytics.history.trends"):
        import_module(name)


def _installs(history: Any, engine: str, client: Any) -> Callable[[Any], int]:
    return lambda until: len(history.trend("installs", until=until, engine=engine, client=client))


def _read(history: Any, engine: str, _client: Any) -> Callable[[Any], int]:
    """Three columns into a frame, or where they are computed on through the same."""
    if engine == "pandas":
        return lambda until: len(history("software", until=until, columns=COLUMNS))
    if engine == "dask":
        return lambda until: int(
            history.dask("software", until=until, columns=COLUMNS)[COLUMNS].count().compute().max()
        )
    counts = ", ".join(f"count({name})" for name in COLUMNS)
    query = f"select {counts} from software_history where snapshot_at < '{{}}'"
    return lambda until: int(history.sql(query.format(until)).max(axis=None))


def main() -> None:
    task = json.load(sys.stdin)
    if task["do"] == "record":
        found = record(task["place"], task["days"])
    else:
        found = ask(task["do"], task["place"], task["engine"], task["days"])
    print(json.dumps(found))


if __name__ == "__main__":
    main()
