"""What is contracted: seats and prices by organization and class group, as the user lists them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports.own_rows import Row, file_rows, frame_rows
from ninja_analytics.reports.population import CLASS_GROUPS

BILLED = tuple(group for group in CLASS_GROUPS if group != "other")
"""The class groups that a contract can name; "other" has what no agent manages."""
ALL = "all"

NEEDED = ("organization", "class_group", "contracted")
OPTIONAL = ("price", "currency")
KINDS = {
    "organization": "str",
    "class_group": "str",
    "contracted": "Int64",
    "price": "Float64",
    "currency": "str",
    "line": "Int64",
}


def read_contract(path: Path) -> pd.DataFrame:
    """The contract in the CSV file at *path*: a row per organization and class group.

    organization (its name or id, as written), class_group (one of BILLED, or "all"), contracted
    (seats), price (of a seat; missing where there is none), currency ("" where none is said), line.
    Raises UsageError or UnknownNameError for a mistake, with its line.
    """
    return _contract(file_rows(path, NEEDED, OPTIONAL))


def contract_of(given: object) -> pd.DataFrame:
    """A contract that was given as a frame, checked as a file is; it may be one read already."""
    if not isinstance(given, pd.DataFrame):
        raise UsageError(
            f"contract={given!r} is not a frame. Name the file in the settings: "
            '[contract] file = "contract.csv"; or read it with pandas.'
        )
    optional = [*OPTIONAL, "line"]
    return _contract(frame_rows(given, "contract", NEEDED, optional))


def _contract(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as a frame; what one alone cannot tell, two lines for the same, is told here."""
    found = [_line(row) for row in rows]
    seen: dict[tuple[str, str], int] = {}
    for row, told in zip(rows, found, strict=True):
        organization, group = str(told["organization"]).casefold(), str(told["class_group"])
        for earlier in (group, ALL) if group != ALL else (ALL, *BILLED):
            before = seen.get((organization, earlier))
            if before is not None:
                raise UsageError(
                    f"{row.where} has {told['organization']} with {group} again, after {earlier} in "
                    f"line {before}. Put the seats into one line."
                )
        seen[organization, group] = row.line
    return pd.DataFrame(found, columns=list(KINDS)).astype(KINDS)


def _line(row: Row) -> dict[str, object]:
    """One line of the contract, checked."""
    group = row.required("class_group").casefold()
    if group not in (*BILLED, ALL):
        raise UnknownNameError.among(f"class group in {row.where}", group, [*BILLED, ALL])
    currency = row.text("currency").upper()
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        raise UsageError(
            f"{row.where}: currency is {row.text('currency')}, but must have three letters, e.g. EUR."
        )
    return {
        "organization": row.required("organization"),
        "class_group": group,
        "contracted": row.count("contracted"),
        "price": row.number("price"),
        "currency": currency,
        "line": int(row.text("line") or row.line),
    }
