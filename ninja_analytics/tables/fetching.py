"""A table as it was asked for: its parameters checked, its rows in a frame that knows its origin.

`frame.attrs["ninja"]` says which table, filter, instance and time a frame comes from, how many
requests it took, whether it is complete, and where the answers departed from the catalogue.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from ninja_analytics.errors import DriftWarning, IncompleteError, NinjaError
from ninja_analytics.filters import Filter
from ninja_analytics.frames import Drift, assembled
from ninja_analytics.naming import with_names
from ninja_analytics.pages import Get
from ninja_analytics.progress import Collector
from ninja_analytics.progress import progress as open_progress
from ninja_analytics.tables import asked
from ninja_analytics.tables.asked import Ask
from ninja_analytics.tables.kept import Kept, question
from ninja_analytics.tables.provenance import drift_text, told
from ninja_analytics.tables.pulling import Pull
from ninja_analytics.tables.sources import Source


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of the rows that come: names to join, a list as the table, when it is."""

    names: tuple[str, ...] = ()
    part: str | None = None
    now: datetime | None = None


def fetch(
    source: Source | Get,
    name: str,
    *,
    where: Filter | str | None = None,
    names: Iterable[str] | None = (),
    part: str | None = None,
    resume: bool = False,
    progress: str | Collector | None = None,
    now: datetime | None = None,
    **parameters: object,
) -> pd.DataFrame:
    """The rows of table *name*, typed as the catalogue says, also when there are none.

    *where* is a device filter; *names* adds the columns organization_name, location_name and
    device_name for any of "organization", "location" and "device"; *part* is a column of lists
    whose members are to be the rows; with *resume* the pull is kept on the disk and goes on from
    where an earlier one of the same question broke off; *progress* is a kind of progress or an open
    collector; *parameters* are those of the table.

    Raises UnknownNameError and FilterError for what the table does not have, what `get` raises
    when nothing has arrived yet, and IncompleteError with `.partial` when a pull breaks later.
    """
    source = source if isinstance(source, Source) else Source(source)
    ask = asked.ask(name, where=where, **parameters)
    wanted = Wanted(asked.names(ask.table, names), asked.part(ask.table, part), now)
    with _collector(progress, name) as collector:
        pull = Pull(source, ask, collector, _kept(source, ask))
        pull.run(early=resume, resume=resume, keep=resume)
        return _frame(source, pull, wanted)


def _frame(source: Source, pull: Pull, wanted: Wanted) -> pd.DataFrame:
    """The frame of what *pull* has received; IncompleteError with it if that is not all."""
    table = pull.ask.table
    parts = [part for one in pull.received for part in one.parts]
    data, drift = assembled(table, parts, pull.decoder, part=wanted.part)
    broken = pull.broken
    if broken is None:
        try:
            data = with_names(data, wanted.names, lambda name: source.lookups.frame(name, pull.get))
        except NinjaError as error:
            broken = error
    data = told(_about(source, pull, wanted, drift, complete=broken is None), data)
    if drift and table.shape_known:
        # 4: the line of the person who asked for the table, through fetch and Ninja.table
        warnings.warn(drift_text(table.name, drift), DriftWarning, stacklevel=4)
    if broken:

        def again() -> pd.DataFrame:
            pull.run()
            return _frame(source, pull, wanted)

        whole = pull.broken is None
        raise IncompleteError(
            _incomplete(table.name, len(data), broken, whole=whole), partial=data, again=again
        ) from broken
    pull.settle()
    return data


def _about(
    source: Source, pull: Pull, wanted: Wanted, drift: Drift, *, complete: bool
) -> dict[str, Any]:
    ask = pull.ask
    absent = [dict(one.shard.given) for one in pull.received if one.absent]
    return {
        "table": ask.table.name,
        "path": ask.table.path,
        "instance": source.instance,
        "connection": source.connection,
        "where": ask.where or None,
        "parameters": dict(ask.said),
        "pulled_at": (wanted.now or datetime.now(UTC)).isoformat(),
        "requests": pull.requests,
        "complete": complete,
        "drift": drift.to_dict(),
        "parts": len(pull.received),
        "restarts": pull.restarts,
        **({"part": wanted.part} if wanted.part else {}),
        **({"absent": absent} if absent else {}),
        **({"filter_ignored": True} if pull.fell_back else {}),
    }


def _incomplete(name: str, rows: int, cause: NinjaError, *, whole: bool) -> str:
    if whole:
        return (
            f"All {rows} rows of {name} arrived, but not the names to join: {cause} The rows are in "
            "this error's .partial, without names; .resume() tries again."
        )
    return (
        f"The pull of {name} broke off after {rows} rows: {cause} What had arrived is in this "
        "error's .partial; it is not the whole table. .resume() goes on from there."
    )


def _kept(source: Source, ask: Ask) -> Kept | None:
    if source.folder is None:
        return None
    key = question(
        source.key, ask.table, where=ask.where, params=dict(ask.params), ids=list(ask.ids)
    )
    return Kept(source.folder / key, ask.table)


def _collector(progress: str | Collector | None, name: str) -> AbstractContextManager[Collector]:
    if progress is None or isinstance(progress, str):
        return open_progress(name, progress or "none")
    return nullcontext(progress)
