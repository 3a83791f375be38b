"""What a report is before it is made: its question, what it reads, and what it loses without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd

from ninja_analytics.periods import period_of

Tables = Mapping[str, Mapping[str, Any]]
Asks = Mapping[str, Mapping[str, Any] | tuple[Mapping[str, Any], ...]]
"""Tables with their options; one that is asked several times for its parts has a tuple of them."""


@dataclass(frozen=True, slots=True)
class About:
    """A report's name, title and question, and the tables that it reads.

    `degrades` has for each table what the report loses without it. `parameters` are those with which
    a table is asked for. Of the `events`, which grow for ever, only what happened since `reach` is
    asked for: a function of now and the report's parameters. Of a `narrowed` table NinjaOne is asked
    for the parts that the report needs only, each by options of its own. `since_when` names the tables
    whose rows a history, where there is one, dates, and the age of it that does (history/ages.py).
    """

    name: str
    title: str
    question: str
    degrades: Mapping[str, str]
    parameters: Tables = field(default_factory=dict)
    events: tuple[str, ...] = ()
    reach: Callable[[pd.Timestamp, Mapping[str, Any]], pd.Timestamp] | None = None
    narrowed: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    since_when: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> Tables:
        """The tables that it reads, with the parameters that each is asked for with."""
        return MappingProxyType(
            {name: MappingProxyType(dict(self.parameters.get(name, {}))) for name in self.degrades}
        )

    def asks(self, now: pd.Timestamp, parameters: Mapping[str, Any]) -> Asks:
        """The tables as NinjaOne is asked for them: of events those since a time, of some tables parts."""
        whole = self._since(now, parameters, recorded=False)
        return {
            name: tuple({**asked, **part} for part in self.narrowed[name])
            if name in self.narrowed
            else asked
            for name, asked in whole.items()
        }

    def asks_of_record(self, now: pd.Timestamp, parameters: Mapping[str, Any]) -> Tables:
        """The tables as a record is asked for them: what was recorded can be chosen by time only."""
        return self._since(now, parameters, recorded=True)

    def _since(
        self, now: pd.Timestamp, parameters: Mapping[str, Any], *, recorded: bool
    ) -> dict[str, Mapping[str, Any]]:
        windows: dict[str, Mapping[str, Any]] = {}
        if self.reach is not None and self.events:
            since = self.reach(now, parameters)
            windows = {name: _window(name, since, recorded=recorded) for name in self.events}
        return {name: {**asked, **windows.get(name, {})} for name, asked in self.tables.items()}


def since_period(now: pd.Timestamp, parameters: Mapping[str, Any]) -> pd.Timestamp:
    """When the period begins that a report's parameters name by `period` and `tz`."""
    asked, tz = parameters.get("period", "30d"), str(parameters.get("tz", "UTC"))
    return period_of(asked, now=now, tz=tz).start


def _window(table: str, since: pd.Timestamp, *, recorded: bool) -> dict[str, Any]:
    """How an event table is asked for what happened since a time."""
    if table not in _FILTERED:
        return {"since": since.to_pydatetime()}
    return {} if recorded else {"start_time_filter": f"startTime after {since:%Y-%m-%dT%H:%M:%SZ}"}


# Event tables whose window is a filter of their own.
_FILTERED = ("backup_jobs", "integrity_check_jobs")
