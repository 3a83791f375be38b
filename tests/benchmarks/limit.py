"""The limits: the same bytes with nothing done to them, and decoding what is in memory already."""

from __future__ import annotations

import http.client
import queue
import re
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from tests.benchmarks.asking import base_url, token

if TYPE_CHECKING:
    from tests.benchmarks.ways import Task

# Only the head of a page is looked at, which costs nothing.
CURSOR = re.compile(rb'\{"cursor":\{"name":"([^"]*)"[^}]*"count":(\d+)')


def download(task: Task) -> Callable[[], Any]:
    """The same requests over as many connections; answers the number of rows, where pages tell it."""
    bearer = token()

    def run() -> int | None:
        counted = [0]
        lock = threading.Lock()

        def take(chain: dict[str, Any], _body: bytes, rows: int) -> None:
            with lock:
                counted[0] += rows if chain["path"] == task.path else 0

        repeat(task, bearer, take)
        return counted[0] if task.paging == "cursor" else None

    return run


def decode(task: Task) -> Callable[[], Any]:
    """Pages that are in memory into the frame."""
    from ninja_analytics.catalog import TABLES
    from ninja_analytics.frames import frame

    bodies: list[bytes] = []

    def take(chain: dict[str, Any], body: bytes, _rows: int) -> None:
        if chain["path"] == task.path:
            bodies.append(body)

    repeat(task, token(), take)
    return lambda: frame(TABLES[task.table], bodies)[0]


def repeat(task: Task, bearer: str, take: Callable[[dict[str, Any], bytes, int], None]) -> None:
    """Ask for all chains, each page by page, and hand out chain, body and number of rows."""
    waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    for chain in task.chains:
        waiting.put(chain)
    errors: list[Exception] = []

    def work() -> None:
        here = http.client.HTTPConnection(urlsplit(base_url()).netloc, timeout=90)
        try:
            while True:
                chain = waiting.get_nowait()
                for body, rows in pages(here, chain, bearer):
                    take(chain, body, rows)
        except queue.Empty:
            here.close()
        except (OSError, RuntimeError, http.client.HTTPException) as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(task.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def pages(
    here: http.client.HTTPConnection, chain: dict[str, Any], bearer: str
) -> Iterator[tuple[bytes, int]]:
    """The bodies of a chain: as its cursor leads, or where it has none, of the same pages again."""
    for after in chain["after"]:
        moves = {} if after is None else {"after": after}
        body = get(here, chain, moves, bearer)
        met = CURSOR.match(body)
        yield body, int(met[2]) if met else 0
        if met:
            break
    while met and met[1] and int(met[2]):
        body = get(here, chain, {"cursor": met[1].decode()}, bearer)
        met = CURSOR.match(body)
        yield body, int(met[2]) if met else 0


def get(
    here: http.client.HTTPConnection, chain: dict[str, Any], moves: dict[str, str], bearer: str
) -> bytes:
    query = urlencode({**chain["query"], **moves}, quote_via=quote, safe="")
    here.request("GET", f"{chain['path']}?{query}", headers={"Authorization": f"Bearer {bearer}"})
    answer = here.getresponse()
    body = answer.read()
    if answer.status != 200:
        msg = f"{chain['path']} answered {answer.status}"
        raise RuntimeError(msg)
    return body
