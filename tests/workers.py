"""Dask workers in processes of their own on this machine, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def workers(count: int = 3) -> Iterator[Any]:
    """A client of *count* workers, each a process; skips where Dask is not installed."""
    distributed = pytest.importorskip(
        "distributed", reason='needs Dask; to run this: pip install "ninja-analytics[cluster]"'
    )
    with (
        distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # None would take port 8787 of every interface
            memory_limit=0,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client
