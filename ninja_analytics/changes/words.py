"""Values as a person reads them: before and after, as text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd


def told(column: pd.Series, kind: str) -> pd.Series:
    """The column as text: times in UTC, yes and no, lists with commas; missing stays missing."""
    dtype = column.dtype
    if isinstance(dtype, pd.DatetimeTZDtype):
        form = "%Y-%m-%d" if kind == "date" else "%Y-%m-%d %H:%M:%S UTC"
        times: pd.Series[str] = column.dt.tz_convert("UTC").dt.strftime(form).astype("str")
        return times
    if isinstance(dtype, pd.CategoricalDtype | pd.StringDtype):
        return column.astype("str")
    grouped = kind in ("integer", "number")
    if pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.ArrowDtype):
        words = [None if _missing(value) else _plain(value, grouped) for value in column]
        return pd.Series(words, index=column.index, dtype="str")
    codes, values = pd.factorize(column, use_na_sentinel=True)
    known = pd.Series([_plain(value, grouped) for value in values], dtype="str")
    return pd.Series(known.reindex(codes).to_numpy(), index=column.index, dtype="str")


def _missing(value: Any) -> bool:
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def _plain(value: Any, grouped: bool = False) -> str:
    """One value in words; numbers that count something with their thousands apart."""
    if isinstance(value, str):
        return value
    if pd.api.types.is_bool(value):
        return "yes" if value else "no"
    if grouped and pd.api.types.is_number(value):
        return f"{value:,}"
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, Iterable):
        return ", ".join(_plain(one) for one in value)
    return str(value)
