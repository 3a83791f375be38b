"""What tests of histories share: connections whose history is in a folder, frames as they compare."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

import ninja_analytics as na
from ninja_analytics.catalog import TABLES
from ninja_analytics.history import Snapshot, reading, snapshots
from ninja_analytics.history.writing import drafted
from tests.conftest import ROOT, api_services

SMALL = ("organizations", "devices", "software")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def connected(sandbox: Any, **options: Any) -> na.Ninja:
    """A connection to *sandbox*, which it has as `sandbox`."""
    ninja = na.connect(**api_services(sandbox), **options)
    ninja.sandbox = sandbox
    return ninja


def data_files(ninja: na.Ninja, table: str = "") -> list[Path]:
    """The Parquet files on the disk, of one table or of all."""
    root = Path(ninja.history.folder.url)
    return sorted(root.glob(f"table={table or '*'}/date=*/*.parquet"))


def log_files(ninja: na.Ninja) -> list[Path]:
    """The files of the log on the disk."""
    return sorted((Path(ninja.history.folder.url) / "log").glob("*.json"))


def everything(ninja: na.Ninja) -> dict[str, pd.DataFrame]:
    """All that can be read of a history: every table of every snapshot, and every table over time."""
    found = {}
    log = snapshots.read(ninja.history.folder)
    for taken in log.kept:
        past = ninja.as_of(taken.id)
        found |= {f"{taken.id} {name}": past.table(name) for name in taken.tables}
    names = sorted({name for taken in log.snapshots for name in taken.tables})
    return found | {name: ninja.history(name) for name in names}


def assert_same(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> None:
    """Both have the same frames, to the cell and the dtype."""
    assert list(one) == list(other)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name], obj=name)


def aged(paths: Iterable[Path], *, days: float) -> None:
    """Have files as if they were written so many days ago."""
    for path in paths:
        then = path.stat().st_mtime - days * 86_400
        os.utime(path, (then, then))


def elsewhere(program: str, sandbox: Any, *told: Any, **environment: str) -> subprocess.Popen[str]:
    """A process that runs *program* with `ninja`, connected to *sandbox*, and `told` at hand."""
    beginning = (
        "import json, sys\n"
        "import ninja_analytics as na\n"
        "services, *told = json.loads(sys.argv[1])\n"
        "ninja = na.connect(**services)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", beginning + program, json.dumps([api_services(sandbox), *told])],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, **environment},
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> str:
    """What a process printed that ended well."""
    out, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    return out


def leftovers(ninja: na.Ninja) -> list[Path]:
    """The files on the disk that no snapshot is made of."""
    root = Path(ninja.history.folder.url)
    log = snapshots.read(ninja.history.folder)
    known = {root / name for name in (*log.used, *log.names)}
    return sorted(path for path in root.rglob("*") if path.is_file() and path not in known)


def rewritten(
    ninja: na.Ninja, taken: Snapshot, name: str, change: Callable[[pa.Table], pa.Table]
) -> Snapshot:
    """Snapshot *taken* with table *name* as if its rows had been what *change* makes of them."""
    folder = ninja.history.folder
    (piece,) = reading.pieces([taken], name)
    rows = change(reading.rows_of(folder, TABLES[name], piece))
    with drafted(rows.combine_chunks().to_batches(), rows.schema) as draft:
        file = draft.into(folder, piece.path)
    told = replace(taken.tables[name], file=file)
    made = replace(taken, tables={**taken.tables, name: told})
    folder.put(f"{snapshots.LOG}/{taken.id}.json", snapshots.text_of([made]))
    return made
