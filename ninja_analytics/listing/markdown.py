"""The page docs/tables.md: a line for each table, and what is left out with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ninja_analytics.catalog import LEFT_OUT, SUBJECTS, TABLES, LeftOut, Table
from ninja_analytics.listing.facts import asked_by, device_filter, needs

HEAD = """\
# Tables

Written by `ninja-analytics tables --markdown`; columns, parameters and units are in
`ninja-analytics tables NAME` or, in a notebook, `ninja.tables["NAME"]`.

- *asked*: a table by id takes one or a list (`ninja.table("tickets", ticket_id=[1001, 1002])`), all
  others come whole.
- *filter*: whether `where=` is sent to NinjaOne.
- *needs*: the scope, and the license or module without which NinjaOne answers 403 or 404. `✓` seen to
  be enough, `?` nobody knows whether it is; otherwise as documented.
- `~` behind a name: NinjaOne does not document the rows, so columns may be missing and others come.
"""
_SURE = {"seen": " ✓", "documented": "", "unknown": " ?"}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for subject, tables in SUBJECTS.items():
        heads = ("table", "what it holds", "row key", "asked", "filter", "needs")
        parts.append(f"## {subject.capitalize()}\n\n{_grid(heads, map(_line, tables))}")
    gone = _grid(("path", "why it is no table"), map(_gone, LEFT_OUT))
    parts.append(f"## Left out\n\n{len(TABLES)} tables are above. These are none:\n\n{gone}")
    return "\n".join(parts)


def _line(table: Table) -> tuple[str, ...]:
    return (
        f"`{table.name}`{'' if table.shape_known else ' ~'}",
        table.holds,
        ", ".join(table.row_key),
        asked_by(table),
        device_filter(table).replace("device filter", "yes").replace("none", ""),
        needs(table).removeprefix("scope ").replace("license ", "") + _SURE[table.known],
    )


def _gone(row: LeftOut) -> tuple[str, str]:
    same = f", see `{row.table}`" if row.table else ""
    return f"`{row.path}`", f"{row.reason}{same}{f'; {row.why}' if row.why else ''}"


def _grid(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join([_row(heads), _row(["---"] * len(heads)), *_rows(rows)]) + "\n"


def _rows(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    return (_row(row) for row in rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
