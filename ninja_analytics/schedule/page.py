"""The executed notebook as one HTML page: no code, nothing loaded from elsewhere."""

from __future__ import annotations

import re
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from ninja_analytics.schedule.records import RunResult
from ninja_analytics.schedule.sources import Source, read

if TYPE_CHECKING:
    from nbformat import NotebookNode

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; background: #fff;
       max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } a.anchor-link, div.prompt { display: none; }
img { max-width: 100%; height: auto; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
div.output_subarea, div.output_html { overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: .15rem .6rem; text-align: left; vertical-align: top; }
table.dataframe { border: 0; border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
table.dataframe th, table.dataframe td { padding: .25rem .6rem; text-align: right; border: 0;
       border-bottom: 1px solid #d8dee4; }
footer { margin-top: 3rem; padding-top: .5rem; border-top: 1px solid #d8dee4; color: #57606a;
       font-size: 13px; }
@page { size: A4; margin: 14mm 13mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
       h1, h2, h3 { break-after: avoid; } tr, img { break-inside: avoid; } }
"""


def write_page(result: RunResult, source: Source, day: datetime) -> None:
    """Write the page of an executed notebook."""
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic", exclude_input=True, exclude_output_prompt=True
    )
    record = read(result.notebook)
    body, _ = exporter.from_notebook_node(record)
    title = escape(_title(record) or source.name)
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n"
        f"<footer>{escape(source.title)}, executed {day:%Y-%m-%d %H:%M %Z}. "
        f"The record with its code is {escape(result.notebook.name)}.</footer></body></html>\n"
    )
    result.html.write_text(page, encoding="utf-8")


def _title(notebook: NotebookNode) -> str:
    """The first heading of the notebook."""
    for cell in notebook.cells:
        found = re.search(r"^#+ +(.+)$", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return str(found[1]).strip()
    return ""
