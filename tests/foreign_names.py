"""A search for what is another customer's: names in all that can be read in a file, and ids."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pyarrow.parquet as pq

NAMED = (
    ("organizations", ("organization_name",)),
    ("locations", ("location_name",)),
    ("devices", ("system_name", "display_name", "dns_name", "netbios_name")),
)


def owners_of(ninja) -> dict[str, set[int]]:
    """Whose each name is: of organizations, their locations, and their devices."""
    found: dict[str, set[int]] = {}
    for table, columns in NAMED:
        frame = ninja.table(table)
        for column in columns:
            for name, owner in frame[[column, "organization_id"]].dropna().itertuples(index=False):
                found.setdefault(name.lower(), set()).add(int(owner))
    return found


def texts(file: Path) -> str:
    """All that can be read in a file, hidden sheets, alt texts and metadata included."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            return " ".join(
                unescape(book.read(n).decode("utf-8", "replace")) for n in book.namelist()
            )
    if file.suffix == ".parquet":
        table = pq.read_table(file)
        return f"{table.to_pandas().to_csv()} {table.schema.metadata}"
    if file.suffix == ".ipynb":
        return unescape(" ".join(_strings(json.loads(file.read_text("utf-8")))))
    return unescape(file.read_bytes().decode("utf-8", "replace"))


def _strings(told: object) -> list[str]:
    """All texts in what a JSON file says, with line ends and letters as a reader sees them."""
    if isinstance(told, dict):
        return [one for value in told.values() for one in _strings(value)]
    if isinstance(told, list):
        return [one for value in told for one in _strings(value)]
    return [told] if isinstance(told, str) else []


def foreign(text: str, owners: Mapping[str, set[int]], own: int) -> list[str]:
    """The names in a text that are of others only, as whole words."""
    lower = text.lower()
    return sorted(
        name
        for name, whose in owners.items()
        if own not in whose
        and name in lower
        and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", lower)
    )
