"""Where tables come from: how to ask, how much at once, and what is remembered between pulls."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ninja_analytics.catalog import TABLES
from ninja_analytics.frames import frame
from ninja_analytics.pages import Get, Page, Place, pages

# Organizations, locations and the like change seldom; what is older than this is looked up again.
_LIFE = 300.0


class Lookups:
    """The small tables in which names and places are looked up, each pulled once in a while.

    May be used from several threads. *given* gives the tables of a record, and then nobody is asked.
    """

    def __init__(
        self,
        *,
        life: float = _LIFE,
        clock: Callable[[], float] = time.monotonic,
        given: Callable[[str], pd.DataFrame] | None = None,
    ) -> None:
        self._given = given
        self._life = life
        self._clock = clock
        self._found: dict[str, tuple[float, pd.DataFrame]] = {}
        self._locks: dict[str, threading.Lock] = {}

    def frame(self, name: str, get: Get) -> pd.DataFrame:
        """The whole table *name*, asked for by *get* unless it was not long ago."""
        with self._locks.setdefault(name, threading.Lock()):
            if (known := self._found.get(name)) and self._clock() - known[0] < self._life:
                return known[1]
            found = self._given(name) if self._given else _pulled(name, get)
            self._found[name] = (self._clock(), found)
            return found

    def has(self, name: str) -> bool:
        """Whether the table *name* is there without a request."""
        known = self._found.get(name)
        return self._given is not None or (
            known is not None and self._clock() - known[0] < self._life
        )

    def forget(self) -> None:
        """Have everything looked up anew."""
        self._found.clear()


def _pulled(name: str, get: Get) -> pd.DataFrame:
    table = TABLES[name]
    return frame(table, (page.body for page in walk(get, name, table.path)))[0]


@dataclass(frozen=True, slots=True)
class Source:
    """One NinjaOne to pull from.

    `parallel` is the most requests at once, `folder` where pulls are kept on the disk (None: nowhere),
    `key` the name under which they belong to one profile; `connection` is that name for people. `page_sizes` remembers the tables
    that refused a large page, `rates` how many rows a device had in the last whole pull.
    """

    get: Get
    instance: str = ""
    connection: str = ""
    key: str = ""
    parallel: int = 1
    folder: Path | None = None
    lookups: Lookups = field(default_factory=Lookups, repr=False)
    page_sizes: dict[str, int] = field(default_factory=dict, repr=False)
    rates: dict[str, float] = field(default_factory=dict, repr=False)

    def page_size(self, name: str) -> int:
        """How many rows to ask for at once from table *name*."""
        return self.page_sizes.get(name, TABLES[name].page_size)


def walk(
    get: Get,
    name: str,
    path: str,
    params: Mapping[str, object] | None = None,
    *,
    place: Place | None = None,
    page_size: int | None = None,
) -> Iterator[Page]:
    """The pages of table *name* at *path*, from *place* on."""
    table = TABLES[name]
    return pages(
        get,
        path,
        params or {},
        paging=table.paging,
        page_size=page_size or min(table.page_size, _SAFE_SIZE),
        rows_in=table.rows_in,
        answer=table.answer,
        anchor=table.anchor,
        counts=table.page_counts,
        place=place,
    )


# What every table is known to take.
_SAFE_SIZE = 1000
