"""What a report is before it is made: its question, what it reads, and what it loses without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import pandas as pd

Tables = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class About:
    """A report's name, title and question, and the tables that it reads.

    `degrades` has for each table what the report loses without it. `parameters` are those with which
    a table is asked for. Of the `events`, which grow for ever, only what happened since `reach` is
    asked for: a function of now and the report's parameters.
    """

    name: str
    title: str
    question: str
    degrades: Mapping[str, str]
    parameters: Tables = field(default_factory=dict)
    events: tuple[str, ...] = ()
    reach: Callable[[pd.Timestamp, Mapping[str, Any]], pd.Timestamp] | None = None

    @property
    def tables(self) -> Tables:
        """The tables that it reads, with the parameters that each is asked for with."""
        return MappingProxyType(
            {name: MappingProxyType(dict(self.parameters.get(name, {}))) for name in self.degrades}
        )

    def asks(
        self, now: pd.Timestamp, parameters: Mapping[str, Any], *, recorded: bool = False
    ) -> Tables:
        """The tables as they are asked for, with the beginning of what events are wanted.

        What is *recorded* was asked for already; only its rows can be chosen by time.
        """
        if self.reach is None or not self.events:
            return self.tables
        since = self.reach(now, parameters)
        windows = {name: _window(name, since, recorded=recorded) for name in self.events}
        return {name: {**asked, **windows.get(name, {})} for name, asked in self.tables.items()}


def _window(table: str, since: pd.Timestamp, *, recorded: bool) -> dict[str, Any]:
    """How an event table is asked for what happened since a time."""
    if table not in _FILTERED:
        return {"since": since.to_pydatetime()}
    return {} if recorded else {"start_time_filter": f"startTime after {since:%Y-%m-%dT%H:%M:%SZ}"}


# Event tables whose window is a filter of their own.
_FILTERED = ("backup_jobs", "integrity_check_jobs")
