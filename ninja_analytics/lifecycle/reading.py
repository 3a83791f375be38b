"""Which table of support dates counts: a file that was named, the user's own copy, or the packaged."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import pandas as pd

from ninja_analytics.auth.profiles import home
from ninja_analytics.errors import UsageError
from ninja_analytics.lifecycle.table import parsed

FILE = "os_lifecycle.csv"
STALE_DAYS = 180
REFRESH = "ninja-analytics lifecycle refresh FILE|URL"


def read_table(path: str | os.PathLike[str] | None = None) -> pd.DataFrame:
    """The table at *path*, else the user's own copy, else the packaged one.

    The columns are those of `table.COLUMNS`. Raises UsageError for a file that is missing or holds
    no such table.
    """
    if path is not None:
        return _read(Path(path), "name another file, or leave it out for the packaged table")
    if own_copy().exists():
        return _read(own_copy(), "drop it with: ninja-analytics lifecycle reset")
    return packaged()


def packaged() -> pd.DataFrame:
    """The table that comes with this version of the package."""
    return parsed((files(__package__) / FILE).read_bytes(), named=f"the packaged {FILE}")


def own_copy() -> Path:
    """Where the user's refreshed table is, or would be: in the folder of profiles and tokens."""
    return home() / FILE


def checked_on(table: pd.DataFrame) -> pd.Timestamp:
    """The day on which a row of the table was last held against its source."""
    newest: pd.Timestamp = table["checked_on"].max()
    return newest


def age_days(table: pd.DataFrame, now: pd.Timestamp) -> int:
    """For how many days no row of the table was held against its source; never less than 0."""
    return max((now.tz_convert("UTC") - checked_on(table)).days, 0)


def stale_warning(table: pd.DataFrame, now: pd.Timestamp) -> str:
    """What to tell when nobody has checked the table for more than `STALE_DAYS`; "" otherwise."""
    age = age_days(table, now)
    if age <= STALE_DAYS:
        return ""
    return (
        f"The support dates were last checked on {checked_on(table):%Y-%m-%d}, {age:,} days ago: "
        f"refresh them with: {REFRESH}"
    )


def _read(path: Path, otherwise: str) -> pd.DataFrame:
    try:
        data = path.read_bytes()
    except OSError as error:
        msg = f"The table of support dates {path} cannot be read: {otherwise}."
        raise UsageError(msg) from error
    try:
        return parsed(data, named=str(path))
    except UsageError as error:
        raise type(error)(f"{str(error).rstrip('.')}; or {otherwise}.") from error
