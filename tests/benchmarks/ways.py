"""One way of doing a job, run in a process of its own: prints seconds, peak memory and a digest.

    python -m tests.benchmarks.ways WAY BASE_URL

The address of the sandbox is an argument; its client comes from the environment, as for any script.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATH = "/v2/queries/software"
PAGE_SIZE = 1000


def token(base_url: str) -> str:
    import requests

    form = {
        "grant_type": "client_credentials",
        "client_id": os.environ["BENCH_CLIENT_ID"],
        "client_secret": os.environ["BENCH_CLIENT_SECRET"],
        "scope": "monitoring",
    }
    answer = requests.post(f"{base_url}/ws/oauth/token", data=form, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


class Keeper:
    """Hands out one token that outlives the measurement."""

    def __init__(self, base_url: str) -> None:
        self._token = token(base_url)

    def access_token(self) -> str:
        return self._token

    def renew(self, rejected: str) -> str:
        raise RuntimeError("the token died during the measurement")


def ours(base_url: str) -> Callable[[], Any]:
    """What the package does."""
    from ninja_analytics.session import Session
    from ninja_analytics.tables import fetch

    session = Session(base_url, Keeper(base_url))
    return lambda: fetch(session.get, "software")


def by_hand(base_url: str) -> Callable[[], Any]:
    """What an analyst writes: a loop, json_normalize per page, concat, then the same dtypes."""
    import pandas as pd
    import requests

    http = requests.Session()
    http.headers["Authorization"] = f"Bearer {token(base_url)}"

    def pull() -> pd.DataFrame:
        params: dict[str, Any] = {"pageSize": PAGE_SIZE}
        pages = []
        while True:
            answer = http.get(base_url + PATH, params=params, timeout=90)
            answer.raise_for_status()
            page = answer.json()
            if not page["results"]:
                break
            pages.append(pd.json_normalize(page["results"]))
            name = (page.get("cursor") or {}).get("name")
            if not name:
                break
            params["cursor"] = name
        data = pd.concat(pages, ignore_index=True)
        return typed(data)

    def typed(data: pd.DataFrame) -> pd.DataFrame:
        names = {
            "deviceId": "device_id", "name": "name", "version": "version",
            "publisher": "publisher", "installDate": "installed_on", "size": "size_bytes",
            "location": "path", "productCode": "product_code",
            "isSystemComponent": "system_component", "timestamp": "collected_at",
        }  # fmt: skip
        data = data.reindex(columns=list(names)).rename(columns=names)
        data["installed_on"] = pd.to_datetime(data["installed_on"], utc=True).dt.as_unit("us")
        seconds = pd.to_datetime(data["collected_at"], unit="s", utc=True)
        data["collected_at"] = seconds.dt.round("us").dt.as_unit("us")
        return data.astype(
            {
                "device_id": "Int64", "size_bytes": "Int64", "system_component": "boolean",
                "name": "str", "version": "str", "path": "str", "product_code": "str",
                "publisher": "category",
            }
        )  # fmt: skip

    return pull


def download(base_url: str) -> Callable[[], Any]:
    """The same pages and nothing done with them: how fast the sandbox itself is."""
    from ninja_analytics.session import Session

    session = Session(base_url, Keeper(base_url))
    return lambda: bodies(session.get)


def bodies(get: Callable[..., bytes], *, keep: bool = False) -> list[bytes]:
    params: dict[str, object] = {"pageSize": PAGE_SIZE}
    kept = []
    while True:
        body = get(PATH, params)
        if keep and b'"results":[]' not in body[-20:]:
            kept.append(body)
        # Only the head is looked at, and it costs nothing.
        name = re.match(rb'\{"cursor":\{"name":"([^"]+)"', body)
        if not name or b'"results":[]' in body[-20:]:
            return kept
        params["cursor"] = name[1].decode()


def decode(base_url: str) -> Callable[[], Any]:
    """Pages that are in memory already into the frame."""
    from ninja_analytics.catalog import TABLES
    from ninja_analytics.frames import frame
    from ninja_analytics.session import Session

    pages = bodies(Session(base_url, Keeper(base_url)).get, keep=True)
    return lambda: frame(TABLES["software"], pages)[0]


WAYS = {"ours": ours, "by-hand": by_hand, "download": download, "decode": decode}


def peak_megabytes() -> float:
    """The most memory this process ever had; its parent's is not in it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)


def digest(data: Any) -> dict[str, list[int]]:
    """Enough of a frame to see that two ways gave the same: values and distinct values per column."""
    if not hasattr(data, "columns"):
        return {}
    return {
        str(name): [int(data[name].notna().sum()), int(data[name].nunique())]
        for name in data.columns
    }


def main() -> None:
    way, base_url = sys.argv[1:3]
    work = WAYS[way](base_url)
    began, began_cpu = time.perf_counter(), time.process_time()
    result = work()
    seconds = time.perf_counter() - began
    cpu = time.process_time() - began_cpu
    peak = peak_megabytes()
    rows = len(result) if hasattr(result, "columns") else None
    dtypes = [str(t) for t in getattr(result, "dtypes", [])]
    found = {"seconds": seconds, "cpu": cpu, "peak": peak, "rows": rows, "dtypes": dtypes}
    print(json.dumps({**found, "digest": digest(result)}))


if __name__ == "__main__":
    main()
