"""The tables as text: the list by subject, and one table with its columns, in a given width."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ninja_analytics.catalog import SUBJECTS, Table
from ninja_analytics.listing.facts import dtypes, facts, meaning, walked

WIDTH = 80
_MOST = 34  # letters of a name before it gets a line of its own


def tables(width: int = WIDTH) -> str:
    """All tables by subject, each with what it holds."""
    parts = []
    for subject, found in SUBJECTS.items():
        rows = [(f"{table.name}", table.holds) for table in found]
        parts.append("\n".join([f"# {subject}", *aligned(rows, width)]))
    return "\n\n".join(parts)


def one_table(table: Table, width: int = WIDTH) -> str:
    """Everything about a table: how it is asked, what it needs, its parameters and columns."""
    parts = ["\n".join(textwrap.wrap(f"{table.name}: {table.holds}", width))]
    parts.append("\n".join(aligned(facts(table), width, indent="  ")))
    if table.parameters:
        rows = [(one.name, one.kind, meaning(one)) for one in table.parameters]
        parts.append("\n".join(["Parameters", *aligned(rows, width, indent="  ")]))
    columns = [
        ("  " * depth + column.name, column.kind, meaning(column))
        for depth, column in walked(table.columns)
    ]
    parts.append("\n".join(["Columns", *aligned(columns, width, indent="  ")]))
    parts.append("\n".join(textwrap.wrap(f"In pandas: {dtypes(table)}.", width)))
    return "\n\n".join(parts)


def aligned(rows: Iterable[tuple[str, ...]], width: int, indent: str = "") -> Iterator[str]:
    """Rows whose last cell wraps under itself; a first cell that is too long stands alone."""
    rows = list(rows)
    widths = [max((len(row[n]) for row in rows), default=0) for n in range(len(rows[0]) - 1)]
    widths[0] = min(widths[0], _MOST)
    for *heads, last in rows:
        if len(heads[0]) > widths[0]:
            yield indent + heads[0]
            heads[0] = ""
        padded = zip(heads, widths, strict=True)
        start = indent + "".join(f"{head:<{size}}  " for head, size in padded)
        yield from textwrap.wrap(
            last or "-",
            max(width, len(start) + 20),
            initial_indent=start,
            subsequent_indent=" " * len(start),
            break_on_hyphens=False,
            break_long_words=False,
        )
