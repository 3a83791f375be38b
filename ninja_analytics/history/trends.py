"""KPIs over time: what each means, and its numbers from all snapshots, computed by the engine you choose.

Every trend has one definition, a formula over lazy frames (see `formulas`). pandas and DuckDB run it
here, Dask runs it on a cluster: one task per snapshot, so nothing is moved between workers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import narwhals.stable.v2 as nw
import pandas as pd
import pyarrow as pa

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.frames.kinds import TIME
from ninja_analytics.history import engines, formulas, reading
from ninja_analytics.history.cluster import TEXT
from ninja_analytics.history.engines import Columns
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.reading import Piece
from ninja_analytics.history.snapshots import Snapshot
from ninja_analytics.reports.patching.patches import EVIDENCE_DAYS

Engine = Literal["duckdb", "pandas", "dask"]


@dataclass(frozen=True, slots=True)
class Trend:
    """A KPI over time: in words, and as the formula that computes it.

    `tables` must be in a snapshot, else it has no part in the trend; of the event tables in `evidence`
    what is recorded counts, up to `reach` before the snapshot. `key` are the columns that name a row,
    `columns` all of them with their dtypes. With `daily` the last snapshot of each day in UTC counts.
    With `across` rows of several snapshots have the same key, and the formula makes one of them.
    """

    name: str
    question: str
    formula: str
    source: str
    tables: Columns
    key: tuple[str, ...]
    columns: Mapping[str, str]
    compute: Callable[..., formulas.Lazy]
    evidence: Columns = field(default_factory=dict)
    reach: timedelta = timedelta(0)
    daily: bool = False
    across: bool = False

    @property
    def parameters(self) -> Mapping[str, object]:
        """What can be set, with what it is unless it is set."""
        told = inspect.signature(self.compute).parameters.values()
        return {one.name: one.default for one in told if one.kind is one.KEYWORD_ONLY}


_AT, _INTEGER, _SHARE, _TEXT = "datetime64[us, UTC]", "Int64", "Float64", "str"
_ARROW = MappingProxyType(
    {_AT: TIME, _INTEGER: pa.int64(), _SHARE: pa.float64(), _TEXT: pa.string()}
)
_PANDAS = MappingProxyType(
    {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(), pa.string(): TEXT}
)

TRENDS: Mapping[str, Trend] = MappingProxyType(
    {
        trend.name: trend
        for trend in (
            Trend(
                "installs",
                "On how many devices is each version of each product?",
                "devices: distinct devices with a row of that name and version; rows: those rows, "
                "more than devices where a program is there per user or NinjaOne repeats a row; "
                "rows without a device count as rows alone",
                "the table software, every snapshot; names and versions as they are reported",
                {"software": ("device_id", "name", "version")},
                ("snapshot_at", "name", "version"),
                {
                    "snapshot_at": _AT, "name": _TEXT, "version": _TEXT, "devices": _INTEGER,
                    "rows": _INTEGER,
                },
                formulas.installs,
            ),
            Trend(
                "compliance",
                "Which share of each organization's computers lacks no patch?",
                "share: passed / (passed + failed), missing where both are 0. Eligible: approved "
                "servers and workstations that were in contact in the last active_days (30) before "
                "the snapshot. Failed: with an OS patch that is APPROVED, MANUAL, PENDING or FAILED. "
                "Exceptions: not failed, but with one that is REJECTED or DELAYED. Unknown: none of "
                "these, no row of os_patches at all, and no install attempt or completed scan in "
                "the 35 days before the snapshot. Passed: the others. Drivers, definitions, feature "
                "updates, Defender's definitions (KB2267602) and patches below severity (default: "
                "none is) do not count; a patch of unknown severity does",
                "the tables devices and os_patches of the last snapshot of each day (UTC), "
                "os_patch_installs and activities as recorded until then",
                {
                    "devices": (
                        "device_id", "organization_id", "node_class", "approval_status",
                        "last_contact_at",
                    ),
                    "os_patches": ("device_id", "kb_number", "severity", "status", "type"),
                },
                ("day", "organization_id"),
                {
                    "day": _AT, "snapshot_at": _AT, "organization_id": _INTEGER,
                    "eligible": _INTEGER, "passed": _INTEGER, "failed": _INTEGER,
                    "exceptions": _INTEGER, "unknown": _INTEGER, "share": _SHARE,
                },
                formulas.compliance,
                evidence={
                    "os_patch_installs": ("device_id", "installed_at"),
                    "activities": ("device_id", "activity_at", "status_code"),
                },
                reach=timedelta(days=EVIDENCE_DAYS),
                daily=True,
            ),
            Trend(
                "free_space",
                "How much of each volume is free, day by day?",
                "free_share: free_bytes / capacity_bytes, missing where the capacity is unknown or "
                "0; one row per volume and day (UTC) on which its agent collected it, from the last "
                "collection of that day (repeated rows: the larger capacity, the smaller free "
                "space). An offline device repeats old rows: they add no day. Rows without a time "
                "of collection or a device have no place in it",
                "the table volumes, every snapshot; a volume is device_id, name and drive_letter",
                {
                        "volumes": (
                            "device_id", "name", "drive_letter", "capacity_bytes", "free_bytes",
                            "collected_at",
                        )
                    },
                ("device_id", "name", "drive_letter", "day"),
                {
                    "device_id": _INTEGER, "name": _TEXT, "drive_letter": _TEXT, "day": _AT,
                    "collected_at": _AT, "capacity_bytes": _INTEGER, "free_bytes": _INTEGER,
                    "free_share": _SHARE,
                },
                formulas.free_space,
                across=True,
            ),
        )
    }
)  # fmt: skip


def trend(
    folder: Folder,
    snapshots: Sequence[Snapshot],
    name: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    engine: Engine = "duckdb",
    client: Any = None,
    **parameters: Any,
) -> pd.DataFrame:
    """The trend *name* over the *snapshots* taken from *since* on and before *until*.

    Its columns and dtypes are those of TRENDS, its rows sorted by their key, the same whichever
    *engine* computes: "duckdb" (all cores of this machine, in bounded memory), "pandas" (one snapshot
    after the other) or "dask" (the workers of *client*, else Dask's default scheduler).

    Raises UnknownNameError for a trend, an engine or a parameter that is not there, UsageError for a
    *client* without Dask, and HistoryError for a file that is missing or damaged.
    """
    if name not in TRENDS:
        raise UnknownNameError.among("trend", name, TRENDS)
    asked = TRENDS[name]
    for parameter in parameters:
        if parameter not in asked.parameters:
            raise UnknownNameError.among(f"parameter of {name}", parameter, asked.parameters)
    if engine not in engines.ENGINES:
        raise UnknownNameError.among("engine", engine, engines.ENGINES)
    if client is not None and engine != "dask":
        raise UsageError(f'client= is for engine="dask"; without it {engine} computes here.')
    formula = partial(asked.compute, **parameters)
    columns = {**asked.tables, **asked.evidence}
    # Without snapshots of nothing: so the parameters are looked at in any case.
    bundles = _bundles(asked, snapshots, since, until) or [dict.fromkeys(columns, ())]
    results = engines.results(engine, folder, formula, columns, bundles, client=client)
    data = _typed(asked, results)
    if asked.across and len(results) > 1:
        (name,) = asked.tables
        again = formula({name: nw.from_native(data).lazy()}).collect().to_arrow()
        data = _typed(asked, [again])
    return data.sort_values(list(asked.key), kind="stable", ignore_index=True)


def _bundles(
    asked: Trend,
    snapshots: Sequence[Snapshot],
    since: datetime | None,
    until: datetime | None,
) -> list[engines.Bundle]:
    """What each snapshot that has a part in the trend has of each table, oldest first."""
    taken = [
        one
        for one in snapshots
        if asked.tables.keys() <= one.tables.keys()
        and (since is None or one.taken_at >= since)
        and (until is None or one.taken_at < until)
    ]
    if asked.daily:
        taken = list({one.taken_at.date(): one for one in taken}.values())
    return [
        {name: reading.pieces([one], name) for name in asked.tables}
        | {name: _recent(asked, snapshots, name, one) for name in asked.evidence}
        for one in taken
    ]


def _recent(
    asked: Trend, snapshots: Sequence[Snapshot], name: str, at: Snapshot
) -> tuple[Piece, ...]:
    """What was recorded of events that may have happened within the reach of the trend."""
    before = [one for one in snapshots if one.taken_at <= at.taken_at]
    return reading.pieces(before, name, since=at.taken_at - asked.reach)


def _typed(asked: Trend, results: Sequence[pa.Table]) -> pd.DataFrame:
    """All *results* as one frame with the columns and dtypes of the trend."""
    schema = pa.schema([(name, _ARROW[dtype]) for name, dtype in asked.columns.items()])
    parts = [
        pa.table([one[name].cast(schema.field(name).type) for name in schema.names], schema=schema)
        for one in results
    ]
    whole = pa.concat_tables([schema.empty_table(), *parts])
    data: pd.DataFrame = whole.to_pandas(types_mapper=_PANDAS.get)
    return data
