"""The tables as HTML for a notebook; its colors are those of the theme."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from ninja_analytics.catalog import SUBJECTS, Table
from ninja_analytics.listing.facts import DTYPES, facts, meaning, walked

_LEFT = 'style="text-align:left"'


def tables_html() -> str:
    """All tables by subject, each subject to be folded away."""
    parts = []
    for subject, found in SUBJECTS.items():
        rows = [(code(table.name), escape(table.holds)) for table in found]
        title = f"<summary><b>{escape(subject)}</b> ({len(rows)})</summary>"
        parts.append(f"<details open>{title}{table_html(rows)}</details>")
    return f"<div>{''.join(parts)}</div>"


def one_table_html(table: Table) -> str:
    """Everything about a table: how it is asked, what it needs, its parameters and columns."""
    parts = [f"<p><b>{code(table.name)}</b> {escape(table.holds)}</p>"]
    parts.append(table_html((escape(what), escape(how)) for what, how in facts(table)))
    if table.parameters:
        rows = [
            (code(one.name), escape(one.kind), escape(meaning(one))) for one in table.parameters
        ]
        parts.append(table_html(rows, ("parameter", "kind", "meaning")))
    columns = [
        (
            "&emsp;" * depth + code(column.name),
            escape(column.kind),
            "" if depth else code(DTYPES[column.kind]),
            escape(column.unit),
            escape(column.meaning),
        )
        for depth, column in walked(table.columns)
    ]
    parts.append(table_html(columns, ("column", "kind", "dtype", "unit", "meaning")))
    return f"<div>{''.join(parts)}</div>"


def code(text: str) -> str:
    """*text* as a name or value."""
    return f"<code>{escape(text)}</code>"


def table_html(rows: Iterable[tuple[str, ...]], heads: tuple[str, ...] = ()) -> str:
    """A table of cells that are HTML already, under *heads* if there are any."""
    head = "".join(f"<th {_LEFT}>{one}</th>" for one in heads)
    body = "".join(
        f"<tr>{''.join(f'<td {_LEFT}>{cell}</td>' for cell in row)}</tr>" for row in rows
    )
    return (
        f"<table>{f'<thead><tr>{head}</tr></thead>' if heads else ''}<tbody>{body}</tbody></table>"
    )
