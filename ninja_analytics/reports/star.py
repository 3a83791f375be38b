"""A report as a star schema: its organizations and devices once, and facts that point at them by id."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ninja_analytics.exports.cells import texts
from ninja_analytics.reports.page import kpi_frame
from ninja_analytics.reports.report import Report


def star(report: Report) -> dict[str, pd.DataFrame]:
    """The tables of the star by name, the same ones with the same columns for every report.

    `dim_organization`, `dim_device` and `dim_kpi` have a row per id or key; each `fact_*` has the
    columns `report` and `as_of_at` before its own, and points at the others by `organization_id`,
    `device_id` and `kpi`. Every id in a fact is in its dimension. Ids are Int64, times are UTC, and
    cells with several values are one text.
    """
    facts = {
        "fact_kpi": kpi_frame(report.kpis).drop(columns=["label", "unit"]),
        "fact_action": report.actions,
        **{f"fact_{name}": frame for name, frame in report.tables.items()},
        "fact_data_quality": report.quality,
        "fact_parameter": parameters(report),
    }
    facts = {name: _storable(_keyed(report, frame)) for name, frame in facts.items()}
    dimensions = {
        f"dim_{what}": _storable(_dimension(what, report.dimensions.get(what), facts.values()))
        for what in ("organization", "device")
    }
    # A device that only a fact names may bring an organization that nothing else does.
    dimensions["dim_organization"] = _whole(
        "organization", dimensions["dim_organization"], [dimensions["dim_device"]]
    )
    made = {**dimensions, "dim_kpi": kpi_dimension(report), **facts}
    for frame in made.values():
        frame.attrs["ninja"] = {"report": report.name, "complete": not report.partial}
    return made


def kpi_dimension(report: Report) -> pd.DataFrame:
    """The KPIs of the report with their definitions and thresholds, by key."""
    rows = [
        {
            "kpi": one.key,
            "label": one.label,
            "unit": one.unit,
            "meaning": one.meaning,
            "formula": one.formula,
            "unknown": one.unknown,
            "exceptions": one.exceptions,
            "less_is_better": one.less_is_better,
            "good": one.good,
            "watch": one.watch,
            "source": one.source,
        }
        for one in report.definitions
    ]
    kinds = {"less_is_better": "bool", "good": "Float64", "watch": "Float64"}
    return pd.DataFrame(rows).astype(kinds).drop_duplicates("kpi", ignore_index=True)


def parameters(report: Report) -> pd.DataFrame:
    """What the report was asked with, a row per parameter."""
    names = list(report.parameters)
    values = pd.Series(list(report.parameters.values()), dtype="object")
    told = {
        "parameter": names,
        "value": texts(values, neutralize=False).map(str, na_action="ignore"),
    }
    return pd.DataFrame(told, dtype="str")


def _keyed(report: Report, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the report and its time before its own columns."""
    made = frame.reset_index(drop=True)
    made.attrs = {}
    made.insert(0, "report", pd.Series(report.name, index=made.index, dtype="str"))
    at = pd.Series(report.created_at, index=made.index, dtype="datetime64[us, UTC]")
    made.insert(1, "as_of_at", at)
    return made


def _dimension(
    what: str, given: pd.DataFrame | None, facts: Iterable[pd.DataFrame]
) -> pd.DataFrame:
    """The dimension that the report gives, and the ids that only facts have."""
    columns = {f"{what}_id": "Int64", what: "str"}
    if what == "device":
        columns["organization_id"] = "Int64"
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    own = empty if given is None else given.dropna(subset=[f"{what}_id"])
    # Rows that only facts have know little of themselves: what they lack must be able to be missing.
    own = own.astype({name: _NULLABLE.get(str(kind), kind) for name, kind in own.dtypes.items()})
    return _whole(what, own.drop_duplicates(f"{what}_id", ignore_index=True), facts)


_NULLABLE = {"bool": "boolean", "int64": "Int64", "float64": "Float64"}


def _whole(what: str, own: pd.DataFrame, facts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The dimension with a row for each id that only *facts* have, named as they name it."""
    key = f"{what}_id"
    columns = [key, what, *(["organization_id"] if what == "device" else [])]
    seen = [one.reindex(columns=columns) for one in facts if key in one]
    if not seen:
        return own
    more = pd.concat(seen, ignore_index=True).dropna(subset=[key])
    more = more[~more[key].isin(own[key])].sort_values(what, kind="stable").drop_duplicates(key)
    if more.empty:
        return own
    more = more.sort_values(key, kind="stable")
    kinds = {name: kind for name, kind in own.dtypes.items() if name in more}
    whole = [own, more.astype(kinds).reindex(columns=list(own.columns))]
    return pd.concat(whole, ignore_index=True).astype(own.dtypes.to_dict())


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns in types that every reader of files knows: ids Int64, odd ones as text."""
    return pd.DataFrame({name: _column(str(name), frame[name]) for name in frame.columns})


def _column(name: str, column: pd.Series[Any]) -> pd.Series[Any]:
    kind = column.dtype
    if name.endswith("_id") and pd.api.types.is_numeric_dtype(kind):
        return column.astype("Int64")
    if isinstance(kind, pd.CategoricalDtype):
        return column.astype(kind.categories.dtype if len(kind.categories) else "str")
    if isinstance(kind, pd.StringDtype) or _is_plain(kind):
        return column
    return texts(column, neutralize=False).map(str, na_action="ignore").astype("str")


def _is_plain(kind: Any) -> bool:
    """The dtype is that of numbers, booleans or times."""
    types = pd.api.types
    return (
        types.is_numeric_dtype(kind)
        or types.is_bool_dtype(kind)
        or types.is_datetime64_any_dtype(kind)
    )
