"""What tests of pulls share: connections to a sandbox, rows as they compare, pulls in a process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd

import ninja_analytics as na
from ninja_analytics.catalog import TABLES
from ninja_analytics.frames import frame
from tests.conftest import api_services

SOFTWARE = "/v2/queries/software"
_PULL = """
import json, sys, threading
import ninja_analytics as na
services, name, options = json.loads(sys.argv[1])
ninja = na.connect(**services)
try:
    if isinstance(name, list):
        ninja.tables_at_once(name, **options)
    else:
        print(json.dumps({"rows": len(ninja.table(name, **options))}))
except KeyboardInterrupt:
    print(json.dumps({"interrupted": [one.name for one in threading.enumerate()]}))
"""


def connected(sandbox: Any) -> na.Ninja:
    """A connection to *sandbox* of its own, as another process would have it."""
    return na.connect(**api_services(sandbox))


def pull_elsewhere(sandbox: Any, name: str | list[str], **options: Any) -> subprocess.Popen[str]:
    """A process with the same home that pulls a table, or several, and prints what came of it."""
    told = json.dumps([api_services(sandbox), name, options])
    return subprocess.Popen(
        [sys.executable, "-c", _PULL, told],
        stdout=subprocess.PIPE, text=True, env=os.environ.copy(), cwd=Path(__file__).parent.parent,
    )  # fmt: skip


def until(happened: Callable[[], object], *, seconds: float = 20.0) -> None:
    """Wait until something has happened."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def rows(data: pd.DataFrame) -> Counter[str]:
    """Each row as text, with how often it comes."""
    return Counter(data.astype("object").agg(lambda row: "|".join(map(str, row)), axis="columns"))


def typed(name: str, truth: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Rows as the sandbox has them, as the catalogue types them."""
    table = TABLES[name]
    text = msgspec.json.encode(list(truth)).decode()
    page = text if table.rows_in is None else f'{{"{table.rows_in}": {text}}}'
    return frame(table, [page.encode()])[0]


def assert_whole(data: pd.DataFrame, sandbox: Any, name: str, **parameters: Any) -> None:
    """*data* has exactly the rows that the sandbox has, and says that it is complete."""
    assert data.attrs["ninja"]["complete"] is True
    expected = typed(name, sandbox.truth(name, **parameters))
    assert rows(data[list(expected)]) == rows(expected)


def asked(sandbox: Any, path: str) -> list[dict[str, Any]]:
    """The requests for *path* that the sandbox has seen."""
    return [one for one in sandbox.requests() if one["path"] == path]
