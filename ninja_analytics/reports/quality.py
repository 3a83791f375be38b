"""Can the numbers be trusted: where each table came from, and how much of the fleet it covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Source:
    """One table of a report: where its rows came from and whether they are all there.

    `rows` is None when the table could not be read. `complete` is None when nobody said.
    """

    table: str
    rows: int | None
    instance: str = ""
    pulled_at: pd.Timestamp | None = None
    complete: bool | None = None
    where: str = ""
    drift: str = ""

    @property
    def missing(self) -> bool:
        """The table could not be read."""
        return self.rows is None

    @property
    def partial(self) -> bool:
        """The table is missing, or its pull broke on the way."""
        return self.missing or self.complete is False


def sources(frames: Mapping[str, pd.DataFrame], names: tuple[str, ...]) -> tuple[Source, ...]:
    """The source of each named table; frames made by hand, without provenance, are fine."""
    return tuple(_source(name, frames.get(name)) for name in names)


def _source(name: str, frame: pd.DataFrame | None) -> Source:
    if frame is None:
        return Source(name, None)
    told = frame.attrs.get("ninja") or {}
    pulled_at = pd.to_datetime(str(told.get("pulled_at")), utc=True, errors="coerce")
    complete = told.get("complete")
    return Source(
        table=name,
        rows=len(frame),
        instance=str(told.get("instance") or ""),
        pulled_at=None if pd.isna(pulled_at) else pulled_at,
        complete=None if complete is None else bool(complete),
        where=str(told.get("where") or ""),
        drift=_drift_text(told.get("drift")),
    )


def _drift_text(drift: object) -> str:
    """What differed from the catalog, in one line; "" when nothing did."""
    if not drift:
        return ""
    if not isinstance(drift, Mapping):
        return str(drift)
    words = {"unknown": "new fields", "retyped": "values of another type"}
    told = [
        f"{words.get(what, what)}: {', '.join(map(str, found))}"
        for what, found in drift.items()
        if found
    ]
    return "; ".join(told)


def panel(
    frames: Mapping[str, pd.DataFrame],
    told: tuple[Source, ...],
    *,
    now: pd.Timestamp,
    device_ids: pd.Series,
    expected: Mapping[str, pd.DataFrame],
    degrades: Mapping[str, str],
) -> pd.DataFrame:
    """The data-quality panel, one row per table.

    `device_ids` are all devices of the tenant, for telling orphan rows; `expected` names the tables
    that should have a row per device, and the devices that should have one; `degrades` says what
    the report loses without a table.
    """
    rows = [
        _quality(source, frames.get(source.table), now, device_ids, expected, degrades)
        for source in told
    ]
    return pd.DataFrame(rows, columns=list(_PANEL)).astype(_PANEL)


_PANEL = {
    "table": "str",
    "rows": "Int64",
    "complete": "str",
    "devices_covered": "Int64",
    "devices_expected": "Int64",
    "orphan_rows": "Int64",
    "median_age_days": "Float64",
    "pulled_at": "datetime64[us, UTC]",
    "note": "str",
}


def _quality(
    source: Source,
    frame: pd.DataFrame | None,
    now: pd.Timestamp,
    device_ids: pd.Series,
    expected: Mapping[str, pd.DataFrame],
    degrades: Mapping[str, str],
) -> dict[str, object]:
    """One row of the panel."""
    row: dict[str, object] = {
        "table": source.table,
        "rows": source.rows,
        "complete": _completeness(source),
        "pulled_at": source.pulled_at,
        "note": _note(source, degrades),
    }
    if source.table in expected:
        row["devices_expected"] = len(expected[source.table])
        row["devices_covered"] = 0
    if frame is None or "device_id" not in frame or source.table == "devices":
        return row
    if source.table in expected:
        there = expected[source.table]["device_id"].isin(frame["device_id"].dropna())
        row["devices_covered"] = int(there.sum())
    row["orphan_rows"] = int((~frame["device_id"].isin(device_ids)).sum())
    if "collected_at" in frame:
        row["median_age_days"] = _median_age(frame["collected_at"], now)
    return row


def _completeness(source: Source) -> str:
    if source.missing:
        return "not readable"
    return {True: "yes", False: "NO: partial", None: "not known"}[source.complete]


def _note(source: Source, degrades: Mapping[str, str]) -> str:
    parts = []
    if source.missing:
        parts.append(degrades[source.table])
    elif source.partial:
        parts.append("some of its rows did not arrive, so what is counted from it is too low")
    if source.where:
        parts.append(f"only devices where {source.where}")
    if source.drift:
        parts.append(source.drift)
    return "; ".join(parts)


def _median_age(collected_at: pd.Series, now: pd.Timestamp) -> float | None:
    """The median age in days of rows, to a hundredth; None when no row has a time."""
    age = (now - collected_at).dt.total_seconds().median() / 86_400
    return None if pd.isna(age) else round(max(age, 0.0), 2)
