"""How many devices have a program, and how many seats of it the user owns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.own_rows import file_rows

_SEATS = {"product": "str", "seats": "Int64", "line": "Int64"}


def read_seats(path: Path) -> pd.DataFrame:
    """The seats in the CSV file at *path*: product (* and ? are wildcards), seats, line.

    Raises UsageError or UnknownNameError for a mistake, with its line.
    """
    found: list[dict[str, object]] = []
    seen: dict[str, int] = {}
    for row in file_rows(path, ("product", "seats")):
        name = row.required("product")
        if name.casefold() in seen:
            raise UsageError(
                f"{row.where} has {name} again, after line {seen[name.casefold()]}. Put the seats "
                "into one line."
            )
        seen[name.casefold()] = row.line
        found.append({"product": name, "seats": row.count("seats"), "line": row.line})
    return pd.DataFrame(found, columns=list(_SEATS)).astype(_SEATS)
