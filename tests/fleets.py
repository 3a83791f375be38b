"""Fleets of several seeds to count twice: the frames that reports read, and the raw rows in SQL."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd

import ninja_analytics as na
from ninja_analytics.reports import REPORTS, Report
from ninja_analytics.sandbox import Sandbox
from tests.conftest import api_services

SEEDS = (3, 7, 11)
"""Seeds whose small fleets have, at NOW, all the dirt that the sandbox knows."""
NOW = "2026-11-23T16:00:00+00:00"
"""When they live: what chance gives a fleet depends on the time as well."""


@dataclass
class Fleet:
    """A sandbox's fleet: what a connection pulls of it, and the truth that it was pulled from."""

    sandbox: Sandbox
    ninja: na.Ninja
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    base: sqlite3.Connection = field(default_factory=lambda: sqlite3.connect(":memory:"))
    loaded: set[str] = field(default_factory=set)

    @property
    def now(self) -> pd.Timestamp:
        """The time at which the fleet lives."""
        return pd.Timestamp(self.sandbox.now)

    def of(self, report: str) -> dict[str, pd.DataFrame]:
        """All frames that *report* reads, events without a window."""
        for name, parameters in REPORTS[report].tables.items():
            key = f"{name} {dict(parameters)}"
            if key not in self.frames:
                self.frames[key] = self.ninja.table(name, **parameters)
        return {
            name: self.frames[f"{name} {dict(parameters)}"]
            for name, parameters in REPORTS[report].tables.items()
        }

    def report(self, name: str, **parameters: Any) -> Report:
        """The report on this fleet at its time."""
        return REPORTS[name].build(self.of(name), now=self.now, **parameters)

    def sql(self, query: str, *tables: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows that a query gives over the raw rows of *tables*, as NinjaOne would send them.

        Columns are NinjaOne's fields; a field in a field has a dot between (`"references.x"`), lists
        are JSON text. Times are epoch seconds, :now as well. A table is asked for as reports do.
        """
        for name in tables:
            if name not in self.loaded:
                self._load(name)
        return self.base.execute(query, {"now": self.now.timestamp(), **values}).fetchall()

    def count(self, query: str, *tables: str, **values: Any) -> Any:
        """The one number that a query gives."""
        return self.sql(query, *tables, **values)[0][0]

    def _load(self, name: str) -> None:
        given = next(
            (dict(spec.tables[name]) for spec in REPORTS.values() if spec.tables.get(name)),
            {},
        )
        given.pop("where", None)  # the query chooses its rows
        rows = [flat(row) for row in self.sandbox.truth(name, **_as_ninjaone(given))]
        columns = sorted({column for row in rows for column in row}, key=str.lower)
        seen: dict[str, str] = {}
        columns = [seen.setdefault(c.lower(), c) for c in columns if c.lower() not in seen]
        named = ", ".join(f'"{column}"' for column in columns) or '"deviceId"'
        self.base.execute(f'create table "{name}" ({named})')
        marks = ", ".join("?" * max(len(columns), 1))
        self.base.executemany(
            f'insert into "{name}" values ({marks})',
            [[row.get(column) for column in columns] for row in rows],
        )
        self.loaded.add(name)


def _as_ninjaone(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a table under NinjaOne's names: those that reports ask with."""
    names = {"include_last_job_times": "includeLastBackupJobTimes"}
    return {
        names.get(name, name): str(value).lower() if isinstance(value, bool) else value
        for name, value in parameters.items()
    }


def flat(row: dict[str, Any], above: str = "") -> dict[str, Any]:
    """A row of the API with what is within it in columns of its own."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        key = f"{above}{name}"
        if isinstance(value, dict):
            found |= flat(value, f"{key}.")
        else:
            found[key] = json.dumps(value) if isinstance(value, list) else value
    return found


@cache
def fleet(seed: int, devices: int = 60, **more: Any) -> Fleet:
    """The fleet of a seed; one sandbox for all tests of this process, which stops at its end."""
    sandbox = Sandbox(devices=devices, seed=seed, **{"now": NOW, **more})
    return Fleet(sandbox, na.connect(**api_services(sandbox)))
