"""How long things have been so, as far as the snapshots tell: first and last seen, and ages.

NinjaOne does not say since when a patch waits, a restart is pending or definitions are out of date.
The first snapshot that shows it does, or for a patch the month in its name; which of the two is in the
column `basis`, and an age that began before the first snapshot is `at_least`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import pandas as pd

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import UnknownNameError
from ninja_analytics.reports.patching.patches import released_at

Ask = Callable[[str], pd.DataFrame]
"""Answers a query over `<table>_history`."""

RELEASED, SEEN = "release_inferred", "first_seen"


@dataclass(frozen=True, slots=True)
class Age:
    """An age: its question, the table and the key of what has it, and when a row has it.

    `holds` is a condition in SQL, `shows` are more columns of the newest row, and `released` is the
    column whose text may name the month of publication.
    """

    question: str
    table: str
    key: tuple[str, ...]
    holds: str
    shows: tuple[str, ...] = ()
    released: str = ""
    missing_ends_it: bool = False


_OPEN = "status is null or status not in ('INSTALLED')"

AGES: Mapping[str, Age] = MappingProxyType(
    {
        "open_os_patches": Age(
            "Since when is each OS patch open?", "os_patches", ("device_id", "patch_id"), _OPEN,
            ("kb_number", "name", "severity", "type", "status"), "name", missing_ends_it=True,
        ),
        "open_software_patches": Age(
            "Since when is each software patch open?", "software_patches",
            ("device_id", "patch_id"), _OPEN, ("title", "impact", "type", "status"),
            missing_ends_it=True,
        ),
        "pending_restarts": Age(
            "Since when does each computer wait for a restart?", "operating_systems", ("device_id",),
            "needs_reboot", ("name",),
        ),
        "outdated_antivirus": Age(
            "Since when are the definitions of each antivirus out of date?", "antivirus_status",
            ("device_id", "product_name"), "lower(definition_status) = 'out-of-date'",
            ("definition_status", "product_state"),
        ),
    }
)  # fmt: skip


def seen(ask: Ask, table: Table) -> pd.DataFrame:
    """When each row key of *table* was first and last seen in a snapshot.

    Columns: the row key; first_seen_at, last_seen_at; snapshots (how many have it); still_there (the
    newest one has it); at_least (the first one had it, so it may be older).
    """
    key = _listed(table.row_key)
    return ask(f"""
        with ends as (select min(snapshot_at) as first, max(snapshot_at) as last from {table.name}_history)
        select {key}, min(snapshot_at) as first_seen_at, max(snapshot_at) as last_seen_at,
            count(distinct snapshot_at) as snapshots,
            max(snapshot_at) = any_value(ends.last) as still_there,
            min(snapshot_at) = any_value(ends.first) as at_least
        from {table.name}_history, ends group by {key} order by first_seen_at, {key}
    """)  # noqa: S608  # names of the catalogue


def age_of(ask: Ask, kind: str, *, now: datetime) -> pd.DataFrame:
    """For everything that the newest snapshot shows to be so: since when, by what, and for how many days.

    Columns: the key; what is shown of the newest row; since_at; basis ("release_inferred" or
    "first_seen"); at_least (the first snapshot that has the table showed it already);
    otherwise_at (the last snapshot that showed it otherwise); days, floored, until *now*.
    Raises UnknownNameError for a *kind* that does not exist.
    """
    if kind not in AGES:
        raise UnknownNameError.among("age", kind, AGES)
    age, found = AGES[kind], since(ask, kind)
    found["basis"] = pd.Series(SEEN, index=found.index, dtype="str")
    if age.released:
        _by_release(found, age.released)
    days = (pd.Timestamp(now) - found["since_at"]).dt.days
    found["days"] = days.astype("Int64").clip(lower=0)
    told = ["since_at", "basis", "at_least", "otherwise_at", "days"]
    return found[[*age.key, *age.shows, *told]]


def since(ask: Ask, kind: str) -> pd.DataFrame:
    """As age_of, by snapshots alone: the key, what is shown, since_at, otherwise_at and at_least."""
    return ask(_query(AGES[kind]))


def _query(age: Age) -> str:
    """Since when the condition holds without a break, for each key of which it holds now.

    Where a missing row means that it is over, the snapshots are counted; else the rows of each key,
    since of a snapshot that does not have it nobody knows.
    """
    key, rows = _listed(age.key), f"{age.table}_history"
    shows = "".join(f", arg_max({one}, snapshot_at) as {one}" for one in age.shows)
    number = (
        "taken.n"
        if age.missing_ends_it
        else f"row_number() over (partition by {key} order by seen)"
    )
    whole = "(select max(n) from taken)" if age.missing_ends_it else "ends.n"
    before = (
        "(select max(taken.seen) from taken where taken.n = min(run.n) - 1)"
        if age.missing_ends_it
        else f"(select max(told.seen) from told where told.seen < min(run.seen) and {_same(age.key)})"  # noqa: S608
    )
    return f"""
        with taken as (
            select seen, row_number() over (order by seen) as n
            from (select distinct snapshot_at as seen from {rows})),
        told as (
            select {key}, snapshot_at as seen, bool_or(coalesce({age.holds}, false)) as holds{shows}
            from {rows} group by {key}, snapshot_at),
        counted as (select told.*, {number} as n from told join taken using (seen)),
        ends as (select {key}, max(n) as n from counted group by {key}),
        run as (
            select *, n - row_number() over (partition by {key} order by n) as stretch
            from counted where holds)
        select {_listed(age.key, "run.")}{"".join(f", arg_max({one}, run.n) as {one}" for one in age.shows)},
            min(run.seen) as since_at, {before} as otherwise_at,
            min(run.seen) = (select min(seen) from taken) as at_least
        from run join ends on {_same(age.key, "run", "ends")}
        group by {_listed(age.key, "run.")}, run.stretch, ends.n having max(run.n) = {whole}
            and max(run.seen) = (select max(seen) from taken)
        order by since_at, {_listed(age.key, "run.")}
    """  # noqa: S608  # names of the catalogue


def _same(key: Sequence[str], one: str = "run", other: str = "told") -> str:
    return " and ".join(f"{one}.{name} is not distinct from {other}.{name}" for name in key)


def _by_release(found: pd.DataFrame, column: str) -> None:
    """Take the month that a patch names in place of the first snapshot: its second Tuesday."""
    released = released_at(found[column])
    earlier = released.notna() & (released <= found["since_at"])
    found["since_at"] = found["since_at"].mask(earlier, released)
    found["basis"] = found["basis"].mask(earlier, RELEASED)
    found["at_least"] = found["at_least"] & ~earlier


def _listed(columns: Sequence[str], before: str = "") -> str:
    return ", ".join(f"{before}{one}" for one in columns)


def table_of(name: str) -> Table:
    """The table *name*; UnknownNameError if there is none."""
    if name not in TABLES:
        raise UnknownNameError.among("table", name, TABLES)
    return TABLES[name]
