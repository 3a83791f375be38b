"""The dtypes of the catalogue on a frame that was made by other means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DTYPES = {
    "id": "Int64",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "text": "str",
    "category": "category",
}


def typed(data: Any, columns: Mapping[str, tuple[str, str]]) -> Any:
    """*data* with those of its fields that are in *columns*, as (name, kind); lists stay lists."""
    there = {field: column for field, column in columns.items() if field in data.columns}
    data = data[list(there)].rename(columns={field: name for field, (name, _) in there.items()})
    for name, kind in there.values():
        if kind in ("time", "date"):
            data[name] = moments(data[name])
    return data.astype({name: DTYPES[kind] for name, kind in there.values() if kind in DTYPES})


def moments(values: Any) -> Any:
    """Epoch seconds or ISO texts as UTC times to the microsecond."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(values):
        times = pd.to_datetime(values, unit="s", utc=True)
    else:
        times = pd.to_datetime(values, format="ISO8601", utc=True)
    return times.dt.round("us").dt.as_unit("us")
