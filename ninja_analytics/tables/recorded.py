"""A table out of a record, asked for as from NinjaOne: filter, window, names, part, shape and zone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd

from ninja_analytics.errors import NotAvailableError
from ninja_analytics.filters import Filter, Ready
from ninja_analytics.frames import Decoded, assembled
from ninja_analytics.progress import silent
from ninja_analytics.tables import asked, filtering
from ninja_analytics.tables.fetching import finished, wanted_of
from ninja_analytics.tables.pulling import Pull
from ninja_analytics.tables.questions import Question, question
from ninja_analytics.tables.sources import Lookups, Source


def record_source(
    instance: str, connection: str, frame_of: Callable[[str], pd.DataFrame]
) -> Source:
    """A source that asks nobody: what is looked up, *frame_of* gives by the name of the table."""

    def refuse(path: str, _params: object = None) -> bytes:
        msg = f"{path} was not recorded, and of the past NinjaOne cannot be asked. Leave it out."
        raise NotAvailableError(msg)

    lookups = Lookups(life=math.inf, given=frame_of)
    return Source(refuse, instance=instance, connection=connection, lookups=lookups)


def recorded(
    source: Source,
    name: str,
    parts: list[Decoded],
    about: Mapping[str, Any],
    *,
    where: Filter | str | None = None,
    since: object = None,
    until: object = None,
    names: Iterable[str] | None = (),
    part: str | None = None,
    shape: str | None = None,
    tz: str | None = None,
    now: datetime | None = None,
) -> pd.DataFrame:
    """The rows in *parts* of table *name* as `fetch` would give them, *about* being their origin.

    Every filter and window is done here, to the rows. Arguments and errors are those of `fetch`.
    """
    table = asked.known(name)
    wanted = wanted_of(table, names=names, part=part, shape=shape, tz=tz, now=now)
    asking = question(source, name, since=since, until=until, now=now)
    ready = _here(filtering.filtered(source, table, where, in_pandas=True))
    asking = Question(replace(asking.ask, filters=("",)), asking.name, ready, asking.span)
    pull = Pull(source, asking.ask, silent())
    data, _ = assembled(table, parts, pull.decoder, part=wanted.part)
    told = {**about, "part": wanted.part} if wanted.part else dict(about)
    told["where"] = None  # nobody was asked; what was done here, the provenance has under "filter"
    found = finished(source, asking, pull, wanted, data, told)
    for name_of, dtype in found.dtypes.items():  # words that no row has left would not have come
        if isinstance(dtype, pd.CategoricalDtype):
            found[name_of] = found[name_of].cat.remove_unused_categories()
    return found


def _here(ready: Ready | None) -> Ready | None:
    """*ready* with all of it done here."""
    if ready is None or ready.server is None:
        return ready
    whole = ready.server if ready.local is None else ready.server & ready.local
    return Ready(None, whole, ready.groups)
