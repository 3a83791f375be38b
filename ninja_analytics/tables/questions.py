"""One question to one NinjaOne: the table, its parameters, its device filter and its window together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ninja_analytics.errors import UsageError
from ninja_analytics.filters import Filter, Ready
from ninja_analytics.tables import asked, filtering, spans
from ninja_analytics.tables.asked import Ask
from ninja_analytics.tables.kept import Kept, name_of
from ninja_analytics.tables.sources import Source
from ninja_analytics.tables.spans import LAST, Span


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the filter and the window that its rows are held against, and its name.

    `mark` is the name under which the next question with since="last" goes on from here; "" if none
    does.
    """

    ask: Ask
    name: str
    filter: Ready | None = None
    span: Span | None = None
    mark: str = ""

    def kept(self, source: Source) -> Kept | None:
        """Where this question has its place on the disk; None if nothing is kept."""
        return Kept(source.folder / self.name, self.ask.table) if source.folder else None


def question(
    source: Source,
    table: str,
    *,
    where: Filter | str | None = None,
    in_pandas: bool = False,
    since: object = None,
    until: object = None,
    now: datetime | None = None,
    **parameters: object,
) -> Question:
    """The question for *table*, checked; names in the filter are looked up.

    Raises UnknownNameError, FilterError and UsageError for what the table does not have or take.
    """
    plain = asked.ask(table, **parameters)
    ready = filtering.filtered(source, plain.table, where, in_pandas=in_pandas)
    plain = replace(plain, filters=tuple(ready.texts()) if ready else ("",))
    last_time = isinstance(since, str) and since == LAST
    mark = _name(source, plain, chosen_here=_local(ready)) if last_time else ""
    last = spans.last_seen(source.folder, mark) if mark else None
    span = spans.span(plain.table, since, until, now=now, last=last)
    if span is None:
        return Question(plain, _name(source, plain), ready)
    ask = _bounded(plain, parameters, span)
    # A window that moves with the time has one name all the time: so an answer is found again.
    moving = spans.moving(since, until)
    name = _name(source, plain, moving=moving) if moving else _name(source, ask)
    return Question(ask, name, ready, span, mark)


def _local(ready: Ready | None) -> str:
    """What is done here of a filter, as text."""
    return repr(ready.local) if ready and ready.local is not None else ""


def _bounded(plain: Ask, parameters: Mapping[str, object], span: Span) -> Ask:
    """The question *plain*, bounded by a window."""
    sent = span.parameters()
    if both := sent.keys() & parameters.keys():
        msg = (
            f"{min(both)}= and since= or until= say the same of {plain.table.name}. "
            "Leave one of them out."
        )
        raise UsageError(msg)
    since = span.within.since
    return replace(
        asked.ask(plain.table.name, **parameters, **sent),
        filters=plain.filters,
        edge=since.timestamp() if since else None,
        newer_than=span.newer_than,
    )


def _name(source: Source, ask: Ask, **more: str) -> str:
    asked_for = {"filters": ask.filters, "params": dict(ask.params), "ids": list(ask.ids)}
    return name_of(source.key, ask.table, **asked_for, **more)
