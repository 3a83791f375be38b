"""A table as it was asked for: its parameters checked, its rows in a frame that knows its origin.

`frame.attrs["ninja"]` says which table, filter, instance and time a frame comes from, how many
requests it took, whether it is complete, and where the answers departed from the catalogue.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from ninja_analytics.catalog import Table
from ninja_analytics.errors import (
    DriftWarning,
    FilterWarning,
    IncompleteError,
    NinjaError,
)
from ninja_analytics.filters import Filter
from ninja_analytics.frames import Drift, assembled, part_of
from ninja_analytics.naming import with_names
from ninja_analytics.pages import Get
from ninja_analytics.progress import Collector, silent, tell
from ninja_analytics.progress import progress as open_progress
from ninja_analytics.tables import asked, fields, filtering, spans
from ninja_analytics.tables.kept import Kept
from ninja_analytics.tables.provenance import drift_text, told
from ninja_analytics.tables.pulling import Pull
from ninja_analytics.tables.questions import Question, question
from ninja_analytics.tables.sources import Source
from ninja_analytics.windows import length, time_zone
from ninja_analytics.zones import in_zone


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of the rows that come, beyond their table: see `fetch`."""

    names: tuple[str, ...] = ()
    part: str | None = None
    shape: str | None = None
    tz: Any = None
    now: datetime | None = None


def fetch(
    source: Source | Get,
    name: str,
    *,
    where: Filter | str | None = None,
    in_pandas: bool = False,
    since: object = None,
    until: object = None,
    names: Iterable[str] | None = (),
    part: str | None = None,
    shape: str | None = None,
    tz: str | None = None,
    max_age: object = None,
    resume: bool = False,
    progress: str | Collector | None = None,
    now: datetime | None = None,
    **parameters: object,
) -> pd.DataFrame:
    """The rows of table *name*, typed as the catalogue says, also when there are none.

    *where* is a device filter; the rows that come are held against it, and with *in_pandas* what
    NinjaOne cannot be asked is done to them here. *since* and *until* bound tables that have a time.
    *names* adds the columns organization_name, location_name and so on; *part* is a column of lists
    whose members are to be the rows, *shape* "wide" or "long" is for custom fields, *tz* a zone in
    which times are to read. An answer that is at most *max_age* old is taken from the disk; with
    *resume* the pull is kept there and goes on from where an earlier one of the same question broke
    off. *progress* is a kind of progress or an open collector; *parameters* are those of the table.

    Raises UnknownNameError, FilterError and UsageError for what the table does not have, what `get`
    raises when nothing has arrived yet, and IncompleteError with `.partial` when a pull breaks later.
    """
    source = source if isinstance(source, Source) else Source(source)
    table = asked.known(name)
    wanted = wanted_of(table, names=names, part=part, shape=shape, tz=tz, now=now)
    age = None if max_age is None else length("max_age", max_age).total_seconds()
    asking = question(
        source, name,
        where=where, in_pandas=in_pandas, since=since, until=until, now=now, **parameters,
    )  # fmt: skip
    kept = asking.kept(source)
    if age is not None and kept:
        told_as = progress if isinstance(progress, str) else "log"
        found = _remembered(source, asking, kept, wanted, age, told_as)
        if found is not None:
            return found
    with _collector(progress, name) as collector:
        pull = Pull(source, asking.ask, collector, kept)
        pull.run(early=resume, resume=resume, keep=resume or age is not None)
        return _frame(source, asking, pull, wanted, keep=age is not None)


def wanted_of(
    table: Table,
    *,
    names: Iterable[str] | None,
    part: str | None,
    shape: str | None,
    tz: str | None,
    now: datetime | None,
) -> Wanted:
    """What is to be made of the rows of *table*, checked; see `fetch`."""
    part = asked.part(table, part)
    return Wanted(
        names=asked.names(part_of(table, part) if part else table, names),
        part=part,
        shape=asked.shape(table, shape, part),
        tz=None if tz is None else time_zone(tz),
        now=now,
    )


def _remembered(
    source: Source, asking: Question, kept: Kept, wanted: Wanted, age: float, told_as: str
) -> pd.DataFrame | None:
    """The frame of an answer on the disk that is young enough; None if there is none."""
    found = kept.answer(age)
    if found is None:
        return None
    parts, about, old = found
    table = asking.ask.table
    tell(f"{table.name}: as it was {_spoken(old)} ago.", told_as)
    pull = Pull(source, asking.ask, silent())
    data, met = assembled(table, parts, pull.decoder, part=wanted.part)
    drift = replace(met, retyped=about["drift"]["retyped"])  # that was met when it was decoded
    about = {**about, "age_seconds": round(old, 1), "drift": drift.to_dict(), "part": wanted.part}
    if drift and table.shape_known:
        # 4: as in _frame
        warnings.warn(drift_text(table.name, drift), DriftWarning, stacklevel=4)
    if wanted.part is None:
        del about["part"]
    return finished(source, asking, pull, wanted, data, about)


def _frame(
    source: Source, asking: Question, pull: Pull, wanted: Wanted, *, keep: bool
) -> pd.DataFrame:
    """The frame of what *pull* has received; IncompleteError with it if that is not all."""
    parts = [part for one in pull.received for part in one.parts]
    if pull.broken is None:
        pull.hand_over()  # so that each Arrow column is freed as soon as pandas has it
    data, drift = assembled(pull.ask.table, parts, pull.decoder, part=wanted.part)
    about = _about(source, asking, pull, wanted, drift)
    if drift and pull.ask.table.shape_known:
        # 4: the line of the person who asked for the table, through fetch and Ninja.table
        warnings.warn(drift_text(pull.ask.table.name, drift), DriftWarning, stacklevel=4)
    if pull.broken is None:
        pull.settle(about if keep else None)
        return finished(source, asking, pull, wanted, data, about)

    def again() -> pd.DataFrame:
        pull.run()
        return _frame(source, asking, pull, wanted, keep=keep)

    told_so = told({**about, "requests": pull.requests, "complete": False}, data)
    msg = (
        f"The pull of {pull.ask.table.name} broke off after {len(data)} rows: {pull.broken} What had "
        "arrived is in this error's .partial; it is not the whole table. .resume() goes on from there."
    )
    raise IncompleteError(msg, partial=_shown(told_so, wanted), again=again) from pull.broken


def finished(
    source: Source,
    asking: Question,
    pull: Pull,
    wanted: Wanted,
    data: pd.DataFrame,
    about: dict[str, Any],
) -> pd.DataFrame:
    """*data*, all of whose rows are there, as it is wanted; IncompleteError if a look-up fails."""
    try:
        made, more = _made(source, asking, pull, data, wanted)
    except NinjaError as error:
        as_it_came = told({**about, "requests": pull.requests, "complete": False}, data.copy())
        msg = (
            f"All {len(data)} rows of {pull.ask.table.name} arrived, but not the names to join, or the "
            f"devices to hold them against: {error} The rows are in this error's .partial, as they "
            "came; .resume() tries again."
        )
        raise IncompleteError(
            msg,
            partial=_shown(as_it_came, wanted),
            again=lambda: finished(source, asking, pull, wanted, data, about),
        ) from error
    return _shown(told({**about, **more, "requests": pull.requests}, made), wanted)


def _made(
    source: Source, asking: Question, pull: Pull, data: pd.DataFrame, wanted: Wanted
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """*data* held against filter and window, in the shape and with the names that are wanted.

    With it comes what there is to tell of that. Raises what a look-up raises.
    """
    table, more = pull.ask.table, dict[str, Any]()
    if asking.filter is not None:
        found = filtering.held(source, table, data, asking.filter, pull.get)
        data, more["filter"] = found.rows, found.told
        if found.warning:
            # 6: as for DriftWarning, two further up
            warnings.warn(found.warning, FilterWarning, stacklevel=6)
    if asking.span is not None:
        if asking.span.bounds.column in data:
            data = data[asking.span.has(data)].reset_index(drop=True)
        more["window"] = asking.span.told()
    if wanted.shape is not None:
        definitions = source.lookups.frame("custom_field_definitions", pull.get)
        data, drift = _shaped(data, definitions, wanted.shape)
        more |= {"shape": wanted.shape} | ({"shape_drift": drift.to_dict()} if drift else {})
    data = with_names(data, wanted.names, lambda name: source.lookups.frame(name, pull.get))
    if asking.mark:  # at last, so that nothing is passed over that was not handed out
        spans.remember_last(source.folder, asking.mark, spans.newest(data))
    return data, more


def _shaped(
    data: pd.DataFrame, definitions: pd.DataFrame, shape: str
) -> tuple[pd.DataFrame, Drift]:
    if shape == "long":
        return fields.long(data, definitions), Drift()
    found, drift = fields.wide(data, definitions)
    if drift:
        # 7: as for DriftWarning, three further up
        text = drift_text("custom fields", drift, under="shape_drift")
        warnings.warn(text, DriftWarning, stacklevel=7)
    return found, drift


def _shown(data: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    return data if wanted.tz is None else in_zone(data, wanted.tz)


def _about(
    source: Source, asking: Question, pull: Pull, wanted: Wanted, drift: Drift
) -> dict[str, Any]:
    ask = pull.ask
    absent = pull.absent()
    return {
        "table": ask.table.name,
        "path": ask.table.path,
        "instance": source.instance,
        "connection": source.connection,
        "where": (asking.filter.shown or None) if asking.filter else None,
        "parameters": dict(ask.said),
        "pulled_at": (wanted.now or datetime.now(UTC)).isoformat(),
        "complete": True,
        "drift": drift.to_dict(),
        "parts": len(pull.received),
        "restarts": pull.restarts,
        **({"filter": None} if asking.filter else {}),
        **({"part": wanted.part} if wanted.part else {}),
        **({"absent": absent} if absent else {}),
        **({"filter_ignored": True} if pull.fell_back else {}),
        **({"began_at": _iso(pull.began_at)} if pull.began_at else {}),
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _spoken(seconds: float) -> str:
    """A length of time as a person says it."""
    for least, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= least:
            return f"{seconds / least:.0f} {unit}"
    return f"{seconds:.0f} s"


def _collector(progress: str | Collector | None, name: str) -> AbstractContextManager[Collector]:
    if progress is None or isinstance(progress, str):
        return open_progress(name, progress or "none")
    return nullcontext(progress)
