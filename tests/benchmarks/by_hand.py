"""What an analyst writes: a loop, json_normalize per page, concat, then the dtypes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from tests.benchmarks.asking import base_url, token
from tests.benchmarks.dtypes import typed

if TYPE_CHECKING:
    from tests.benchmarks.ways import Task

PAGE_SIZE = 1000


def prepare(task: Task) -> Callable[[], Any]:
    import pandas as pd
    import requests

    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {token()}"
    pages = {"cursor": by_cursor, "after": after_the_last}[task.paging]

    def pull() -> Any:
        frames = [pd.json_normalize(rows) for rows in pages(http, base_url() + task.path)]
        data = typed(pd.concat(frames, ignore_index=True), task.columns)
        if task.file is None:
            return data
        data.to_parquet(task.file, compression="zstd")
        return len(data)

    return pull


def by_cursor(http: Any, url: str) -> Iterator[list[dict[str, Any]]]:
    params: dict[str, Any] = {"pageSize": PAGE_SIZE}
    while True:
        answer = http.get(url, params=params, timeout=90)
        answer.raise_for_status()
        page = answer.json()
        if not page["results"]:
            break
        yield page["results"]
        name = (page.get("cursor") or {}).get("name")
        if not name:
            break
        params["cursor"] = name


def after_the_last(http: Any, url: str) -> Iterator[list[dict[str, Any]]]:
    params: dict[str, Any] = {"pageSize": PAGE_SIZE}
    while True:
        answer = http.get(url, params=params, timeout=90)
        answer.raise_for_status()
        rows = answer.json()
        if not rows:
            break
        yield rows
        params["after"] = rows[-1]["id"]
