"""Cells as text: times in UTC, nothing as nothing, and no text that a spreadsheet would calculate."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from numbers import Real
from typing import Any, Literal

import pandas as pd

Look = Literal["time", "text", "share", "id", "number", "fraction"]

# What Excel, LibreOffice and Google Sheets take for the beginning of a formula (OWASP, "CSV
# injection"); the last four are the full-width forms that some of them read alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plain(value: object) -> str:
    """Any cell as text: times as ISO 8601 in UTC, lists with commas, nothing as ""."""
    if missing(value):
        return ""
    if isinstance(value, pd.Timestamp | datetime):
        at = pd.Timestamp(value)
        return at.tz_convert("UTC").strftime("%Y-%m-%dT%H:%M:%SZ") if at.tzinfo else at.isoformat()
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, Iterable):
        return ", ".join(plain(one) for one in value)
    return str(value)


def look(name: str, kind: Any) -> Look:
    """Which of the number formats a column has."""
    if isinstance(kind, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(kind):
        return "time"
    if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        return "text"
    if name == "share" or name.endswith("_share"):
        return "share"
    if name.endswith("_id"):
        return "id"
    return "number" if pd.api.types.is_integer_dtype(kind) else "fraction"


def looks(frame: pd.DataFrame) -> list[Look]:
    """Which of the formats each column of the frame has."""
    return [look(str(name), frame.iloc[:, at].dtype) for at, name in enumerate(frame.columns)]


def bytes_text(size: float) -> str:
    """A size in the unit that people would say, in powers of 1024."""
    steps = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
    step = min(int(math.log(max(abs(size), 1), 1024)), len(steps) - 1)
    return f"{size / 1024**step:,.{0 if step == 0 else 1}f} {steps[step]}"


def missing(cell: Any) -> bool:
    """The cell holds nothing: None, NA, NaT or NaN."""
    return (
        cell is None
        or cell is pd.NA
        or cell is pd.NaT
        or (isinstance(cell, float) and cell != cell)
    )


def texts(column: pd.Series[Any], *, neutralize: bool) -> pd.Series[Any]:
    """The column as files need it: numbers and booleans as they are, the rest as text.

    Times are ISO 8601 in UTC, missing cells stay missing.
    """
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        words = texts(pd.Series(kind.categories), neutralize=neutralize)
        told: pd.Series[Any] = column.cat.codes.map(dict(enumerate(words)))
    elif isinstance(kind, pd.DatetimeTZDtype):
        told = column.dt.tz_convert("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    elif pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind):
        told = column
    elif isinstance(kind, pd.StringDtype):
        told = _neutralized(column) if neutralize else column
    else:
        cells = [_cell(cell, neutralize) for cell in column]
        told = pd.Series(cells, index=column.index, dtype="object")
    return told


def _neutralized(column: pd.Series[Any]) -> pd.Series[Any]:
    formula = column.str.startswith(FORMULA_STARTS).fillna(False).astype(bool)
    return column.mask(formula, "'" + column)


def _cell(cell: Any, neutralize: bool) -> Any:
    """One cell of a column of mixed types."""
    if missing(cell):
        return None
    if isinstance(cell, Real):
        return cell
    return neutral(plain(cell)) if neutralize else plain(cell)
