"""Frames in SQLite, for a second computation of what a report says of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

import pandas as pd


def base_of(frames: Mapping[str, pd.DataFrame]) -> sqlite3.Connection:
    """The rows of *frames*, a table each: times as epoch seconds, missing as null, lists left out."""
    base = sqlite3.connect(":memory:")
    for name, frame in frames.items():
        plain = pd.DataFrame(index=frame.index)
        for column in frame.columns:
            kind = str(frame[column].dtype)
            if kind.startswith("datetime64"):
                seconds = (frame[column] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
                plain[column] = seconds
            elif not kind.startswith("list"):
                plain[column] = frame[column].astype(object).where(frame[column].notna(), None)
        plain.to_sql(name, base, index=False)
    return base


def one(base: sqlite3.Connection, query: str, **values: Any) -> Any:
    """The one number that a query gives; 0 for a sum of nothing."""
    return base.execute(query, values).fetchone()[0] or 0
