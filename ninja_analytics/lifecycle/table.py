"""What the table of support dates holds, and whether what stands in a file is such a table."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError

PRODUCTS: Mapping[str, str] = MappingProxyType(
    {
        "windows": "Windows",
        "windows-server": "Windows Server",
        "macos": "macOS",
        "ubuntu": "Ubuntu",
        "debian": "Debian",
        "rhel": "Red Hat Enterprise Linux",
        "almalinux": "AlmaLinux",
        "rocky-linux": "Rocky Linux",
        "centos": "CentOS Linux",
        "oracle-linux": "Oracle Linux",
    }
)
"""The products by their names at endoflife.date, and how people call them."""

# Windows editions share a date in groups: W is Home and Pro, E is Enterprise and Education; a row
# without a group speaks of every edition that has no row of its own.
EDITION_GROUPS = ("", "W", "E", "LTSC", "IoT LTSC")
EOL_KINDS = ("vendor", "inferred")
KEY = ("product", "release", "edition_group")
DATES = ("released_on", "mainstream_until", "eol_on", "extended_until", "checked_on")
COLUMNS = (
    "product", "release", "build", "edition_group", "released_on", "mainstream_until", "eol_on",
    "eol_kind", "extended_until", "extended_kind", "source_url", "checked_on",
)  # fmt: skip
_ORDER = ("released_on", "mainstream_until", "eol_on", "extended_until")
_TIME = "datetime64[us, UTC]"
_WORDS = {"product": tuple(PRODUCTS), "edition_group": EDITION_GROUPS, "eol_kind": EOL_KINDS}

Row = Mapping[str, str]


def parsed(data: bytes, *, named: str) -> pd.DataFrame:
    """The table of support dates that the CSV *data* hold; *named* is their file or address.

    One row per product, release and edition group; the columns are `COLUMNS`, those of `DATES` are
    days as datetime64[us, UTC], the others text. Raises UsageError for what is no such table, with
    the row as a spreadsheet numbers it: the header is row 1.
    """
    return frame(_checked(_rows(data, named), named))


def frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a frame with the dtypes of the table."""
    table = pd.DataFrame(list(rows), columns=list(COLUMNS), dtype="str")
    for name in DATES:
        table[name] = pd.to_datetime(table[name].replace("", None), format="%Y-%m-%d", utc=True)
    return table.astype(dict.fromkeys(DATES, _TIME))


def texts(table: pd.DataFrame) -> list[dict[str, str]]:
    """The rows of the table as they stand in its file."""
    told = table.assign(**{name: table[name].dt.strftime("%Y-%m-%d").fillna("") for name in DATES})
    return [
        {str(name): str(value) for name, value in row.items()} for row in told.to_dict("records")
    ]


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """The file of the rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def check(rows: Iterable[Row], *, named: str) -> None:
    """Raise UsageError unless the rows can stand in a table."""
    _checked(list(enumerate(rows, 2)), named)


def _rows(data: bytes, named: str) -> list[tuple[int, Row]]:
    """The rows of the file with their numbers; blank ones are left out."""
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header, *lines = [[cell.strip() for cell in line] for line in reader] or [[]]
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{named} is no CSV file in UTF-8: give the table of support dates in that form."
        raise UsageError(msg) from error
    if sorted(header) != sorted(COLUMNS):
        wrong = [name for name in COLUMNS if name not in header]
        what = f"has no column {wrong[0]}" if wrong else "has a column too many"
        msg = f"{named} {what}: the header must be {','.join(COLUMNS)}."
        raise UsageError(msg)
    found: list[tuple[int, Row]] = []
    for number, line in enumerate(lines, 2):
        if any(line) and len(line) != len(header):
            told = f"has {len(line)} cells, the header {len(header)}: correct the row"
            raise UsageError(_wrong(named, number, told))
        if any(line):
            found.append((number, dict(zip(header, line, strict=True))))
    return found


def _checked(rows: list[tuple[int, Row]], named: str) -> list[Row]:
    """The rows, of which each is right by itself and none is there twice."""
    if not rows:
        raise UsageError(f"{named} holds no row: give a table with at least one release.")
    seen: dict[tuple[str, ...], int] = {}
    for number, row in rows:
        _check_words(row, number, named)
        _check_dates(row, number, named)
        keys = [("release", *(row[name] for name in KEY))]
        if row["build"]:
            keys.append(("build", row["product"], row["build"], row["edition_group"]))
        for key in keys:
            if first := seen.get(key):
                told = f"repeats the {key[0]} of row {first}: keep one of them"
                raise UsageError(_wrong(named, number, told))
            seen[key] = number
    return [row for _, row in rows]


def _check_words(row: Row, number: int, named: str) -> None:
    for name, known in _WORDS.items():
        if row[name] not in known:
            raise UnknownNameError.among(f"{name} (row {number} of {named})", row[name], known)
    if not (row["release"] and row["release"].isprintable()):
        raise UsageError(_wrong(named, number, "has no release: name it in one line"))
    if row["build"] and not row["build"].isdecimal():
        told = f"has the build {row['build']!r}: give its number alone, e.g. 19045"
        raise UsageError(_wrong(named, number, told))
    if not row["source_url"].startswith(("https://", "http://")):
        told = "does not say its source: put the address of the vendor's page into source_url"
        raise UsageError(_wrong(named, number, told))
    if bool(row["extended_until"]) != bool(row["extended_kind"]):
        told = "has one of extended_until and extended_kind: give both, or neither"
        raise UsageError(_wrong(named, number, told))


def _check_dates(row: Row, number: int, named: str) -> None:
    for name in DATES:
        if row[name] and not is_day(row[name]):
            told = f"has {row[name]!r} as {name}: give a day as 2026-10-13"
            raise UsageError(_wrong(named, number, told))
    if not row["checked_on"]:
        raise UsageError(_wrong(named, number, "does not say when it was checked: fill checked_on"))
    if row["extended_until"] and not row["eol_on"]:
        told = "has extended_until without eol_on: say when the usual support ends"
        raise UsageError(_wrong(named, number, told))
    there = [name for name in _ORDER if row[name]]
    for earlier, later in itertools.pairwise(there):
        if row[earlier] > row[later]:
            told = f"has {later} before {earlier}: one of the two is wrong"
            raise UsageError(_wrong(named, number, told))


def is_day(text: str) -> bool:
    """Whether the text is a day as 2026-10-13, which also puts days into their order."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _wrong(named: str, number: int, told: str) -> str:
    return f"Row {number} of {named} {told}."
