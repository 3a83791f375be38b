"""Can the numbers be trusted: where each table came from, and how much of the fleet it covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

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
    unmatched: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> pd.DataFrame:
    """The data-quality panel, one row per table.

    `device_ids` are all devices of the tenant, for telling orphan rows; `expected` names the tables
    that should have a row per device, and the devices that should have one; `degrades` says what
    the report loses without a table; `unmatched` are the values of a table that nothing here knows,
    such as names of operating systems.
    """
    rows = [
        _quality(source, frames.get(source.table), now, device_ids, expected, degrades)
        | {"unmatched": _unmatched(unmatched.get(source.table, ()))}
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
    "p95_age_days": "Float64",
    "undated_share": "Float64",
    "unknown_type_share": "Float64",
    "unmatched": "str",
    "pulled_at": "datetime64[us, UTC]",
    "note": "str",
}


# The time without which a row cannot be counted in a period, and the words by which rows are told
# apart; NinjaOne leaves either out now and then.
DATED = MappingProxyType(
    {
        "os_patch_installs": "installed_at",
        "software_patch_installs": "installed_at",
        "software": "installed_on",
        "activities": "activity_at",
        "backup_jobs": "ended_at",
        "alerts": "created_at",
        "devices": "last_contact_at",
    }
)
TYPED = MappingProxyType(
    {
        "os_patches": ("type", "severity"),
        "os_patch_installs": ("type", "severity"),
        "software_patches": ("type", "impact"),
        "software_patch_installs": ("type", "impact"),
        "device_health": ("health_status",),
        "antivirus_status": ("definition_status",),
        "devices": ("node_class",),
        "alerts": ("severity",),
    }
)
UNKNOWN_WORDS = ("", "UNKNOWN", "UNSPECIFIED", "NONE")


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
    if frame is None:
        return row
    row["undated_share"] = _undated(source.table, frame)
    row["unknown_type_share"] = _unknown_types(source.table, frame)
    if "device_id" not in frame or source.table == "devices":
        return row
    if source.table in expected:
        there = expected[source.table]["device_id"].isin(frame["device_id"].dropna())
        row["devices_covered"] = int(there.sum())
    row["orphan_rows"] = int((~frame["device_id"].isin(device_ids)).sum())
    if "collected_at" in frame:
        row["median_age_days"] = _age(frame["collected_at"], now, 0.5)
        row["p95_age_days"] = _age(frame["collected_at"], now, 0.95)
    return row


def _undated(table: str, frame: pd.DataFrame) -> float | None:
    """The share of rows without the time by which they are counted."""
    column = DATED.get(table)
    if column not in frame or not len(frame):
        return None
    return float(frame[column].isna().mean())


def _unknown_types(table: str, frame: pd.DataFrame) -> float | None:
    """The share of rows of which a word that tells them apart is missing or says nothing."""
    columns = [name for name in TYPED.get(table, ()) if name in frame]
    if not columns or not len(frame):
        return None
    unknown = [
        frame[name].astype("str").fillna("").str.upper().isin(UNKNOWN_WORDS) for name in columns
    ]
    return float(pd.concat(unknown, axis=1).any(axis=1).mean())


def _unmatched(values: Iterable[str]) -> str:
    """Up to ten different values that nothing here knows, and how many more there are."""
    different = sorted(set(values))
    more = f" and {len(different) - 10:,} more" if len(different) > 10 else ""
    return "; ".join(different[:10]) + more


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


def _age(collected_at: pd.Series, now: pd.Timestamp, quantile: float) -> float | None:
    """The age in days that this share of rows has at most, to a hundredth; None without a time."""
    age = (now - collected_at).dt.total_seconds().quantile(quantile) / 86_400
    return None if pd.isna(age) else round(max(age, 0.0), 2)
