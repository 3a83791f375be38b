"""Several tables pulled together, within one budget of requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import escape
from typing import Any

import pandas as pd

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import (
    AnswerError,
    ApiError,
    IncompleteError,
    NinjaError,
    NotAvailableError,
    ServerError,
    UnreachableError,
)
from ninja_analytics.tables.pulling import HALT

_AT_ONCE = 4  # each of them may be pulled in parts, so more would only wait


class Frames(Mapping[str, pd.DataFrame]):
    """Frames by the name of their table, in the order asked for; `problems` says what is not whole.

    A table that is not there (403 or 404) or failed before any row came has no frame; one that broke
    off has the frame of what came, which says so. `problems` has the error of each, by name.
    """

    def __init__(
        self, frames: Mapping[str, pd.DataFrame], problems: Mapping[str, NinjaError]
    ) -> None:
        self._frames = dict(frames)
        self.problems = dict(problems)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name in self.problems and name not in self._frames:
            raise self.problems[name]
        return self._frames[name]

    def __contains__(self, name: object) -> bool:
        return name in self._frames

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def _lines(self) -> Iterator[tuple[str, str]]:
        for name, frame in self._frames.items():
            state = "INCOMPLETE" if name in self.problems else "complete"
            yield name, f"{len(frame):,} rows, {state}"
        for name, error in self.problems.items():
            if name not in self._frames:
                yield name, f"not there: {error}"

    def __repr__(self) -> str:
        return "\n".join(f"{name:<28} {what}" for name, what in self._lines())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td>{escape(what)}</td></tr>"
            for name, what in self._lines()
        )
        return f"<table><tbody>{rows}</tbody></table>"


def at_once(names: Iterable[str], fetch: Callable[[str], pd.DataFrame]) -> Frames:
    """The frames that *fetch* gives for each of *names*, several at a time.

    Raises what is no matter of one table: a wrong name, no consent, no network.
    """
    frames: dict[str, pd.DataFrame] = {}
    problems: dict[str, NinjaError] = {}
    wanted = list(dict.fromkeys(names))
    halt = threading.Event()

    def pull(name: str) -> pd.DataFrame:
        HALT.set(halt)  # in this thread only
        return fetch(name)

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="table") as pool:
        futures = {name: pool.submit(pull, name) for name in wanted}
        try:
            for name, future in futures.items():
                try:
                    frames[name] = future.result()
                except IncompleteError as error:
                    frames[name], problems[name] = error.partial, error
                except (ApiError, AnswerError, UnreachableError) as error:
                    problems[name] = error
        except BaseException:
            halt.set()
            pool.shutdown(cancel_futures=True)
            raise
    unreachable = [one for one in problems.values() if isinstance(one, UnreachableError)]
    if unreachable and len(unreachable) == len(wanted):
        raise unreachable[0]
    return Frames(frames, problems)


def in_parts(
    wanted: Mapping[str, Mapping[str, Any] | tuple[Mapping[str, Any], ...]],
    pull: Callable[[Mapping[str, Mapping[str, Any]]], Frames],
) -> dict[str, pd.DataFrame]:
    """Those of the tables *wanted*, by name with their options, that there are, as *pull* gives them.

    A table with several options is asked for by each of them, and put together. One that is not there
    or not in the rights is left out; any other error of a table of which nothing came is raised.
    """
    parts = {
        name: options if isinstance(options, tuple) else (options,)
        for name, options in wanted.items()
    }
    found: dict[str, list[pd.DataFrame]] = {}
    for number in range(max(map(len, parts.values()), default=0)):
        frames = pull({name: some[number] for name, some in parts.items() if number < len(some)})
        for table, error in frames.problems.items():
            if table not in frames and not _is_not_there(table, error):
                raise error
        for table, frame in frames.items():
            found.setdefault(table, []).append(frame)
    return {name: together(found[name]) for name in parts if name in found}


def _is_not_there(table: str, error: Exception) -> bool:
    """Whether a *table* is not to be had; without its license some answer with a server error."""
    unlicensed = isinstance(error, ServerError) and bool(TABLES[table].licence)
    return unlicensed or isinstance(error, NotAvailableError)


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One frame out of the *parts* of a table that was asked for in several ways, each row once.

    It is complete if all of them are, and as old as the oldest.
    """
    if len(parts) == 1:
        return parts[0]
    whole = pd.concat(parts, ignore_index=True)
    told = [part.attrs.get("ninja", {}) for part in parts]
    table = TABLES.get(str(told[0].get("table")))
    if table:
        whole = whole.drop_duplicates(list(table.row_key), ignore_index=True)
    whole.attrs["ninja"] = {
        **told[0],
        "rows": len(whole),
        "requests": sum(one.get("requests", 0) for one in told),
        "pulled_at": min(str(one.get("pulled_at", "")) for one in told),
        "complete": all(one.get("complete") for one in told),
        "parameters": {"any of": [one.get("parameters", {}) for one in told]},
    }
    return whole
