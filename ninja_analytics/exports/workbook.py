"""Excel workbooks: frozen headers, filters, real dates and numbers, widths that fit."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from ninja_analytics.errors import ExportError
from ninja_analytics.exports.cells import Look, looks, neutral, plain, texts

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

EXCEL_ROWS = 1_048_576
EXCEL_TEXT = 32_767
EXCEL_EXACT = 999_999_999_999_999
"""Excel keeps 15 digits; longer ids are written as text."""
WIDEST, FEW = 60, 100
"""The widest column, and the most rows of a sheet whose sentences are wrapped."""
EXCEL_ZERO, EXCEL_FIRST = pd.Timestamp("1899-12-30"), pd.Timestamp("1900-03-01")
"""The day from which Excel counts, and the first one that it counts right."""


def workbook_bytes(
    sheets: Mapping[str, pd.DataFrame],
    *,
    title: str,
    created: datetime,
    neutralize: bool = True,
    warning: str = "",
) -> bytes:
    """An Excel workbook with one sheet per frame: frozen header, filter, real dates and numbers.

    Columns that end in _share are shown as percentages, times are UTC. A *warning* goes into the
    header of every sheet's print and onto a first sheet of its own.
    Raises ExportError for more rows than Excel can hold.
    """
    import xlsxwriter

    if warning:
        sheets = {"INCOMPLETE": pd.DataFrame({"warning": [warning]}), **sheets}
    long = [name for name, frame in sheets.items() if len(frame) >= EXCEL_ROWS]
    if long:
        msg = f"Excel holds {EXCEL_ROWS - 1:,} rows, {long[0]} has more. Use .parquet or .csv."
        raise ExportError(msg)
    buffer = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "constant_memory": sum(map(len, sheets.values())) > 100_000,
    }
    book = xlsxwriter.Workbook(buffer, options)
    stamp = pd.Timestamp(created).tz_convert("UTC").tz_localize(None).to_pydatetime()
    book.set_properties({"title": title, "created": stamp})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "bg_color": "#e8eef4"}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        "share": book.add_format({"num_format": "0.0%"}),
        "number": book.add_format({"num_format": "#,##0"}),
        "id": book.add_format({"num_format": "0"}),
        "fraction": book.add_format({"num_format": "#,##0.00"}),
        "sentence": book.add_format({"text_wrap": True, "valign": "top"}),
    }
    taken: set[str] = set()
    for name, frame in sheets.items():
        sheet = book.add_worksheet(_sheet_name(name, taken))
        _fill(sheet, frame, formats, neutralize)
        if warning:
            sheet.set_header(f'&C&"Arial,Bold"{warning.replace("&", "&&")[:200]}')
    book.close()
    return buffer.getvalue()


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel allows: at most 31 characters, none of its seven signs, not twice."""
    clean = "".join("-" if c in "[]:*?/\\" else c for c in name).strip("'")[:31] or "Sheet"
    while clean.casefold() in taken:
        clean = f"{clean[:28]}_{len(taken)}"
    taken.add(clean.casefold())
    return clean


def _fill(
    sheet: Worksheet,
    frame: pd.DataFrame,
    formats: Mapping[str, Format],
    neutralize: bool,
) -> None:
    """The frame on its sheet, row by row, which is what constant memory needs."""
    names = [str(name) for name in frame.columns]
    formatted = looks(frame)
    writers = []
    for at, (name, look) in enumerate(zip(names, formatted, strict=True)):
        column = frame.iloc[:, at]
        width = _width(name, column, look)
        # Sentences are read whole, but a long list keeps rows of one height.
        sentences = look == "text" and width == WIDEST and len(frame) <= FEW
        sheet.set_column(at, at, width, formats.get("sentence" if sentences else look))
        sheet.write_string(0, at, neutral(name) if neutralize else name, formats["head"])
        writers.append(_writer(sheet, at, column, look, formats, neutralize))
    sheet.freeze_panes(1, 0)
    _on_paper(sheet)
    if names:
        sheet.autofilter(0, 0, max(len(frame), 1), len(names) - 1)
    for row in range(len(frame)):
        for write in writers:
            write(row)


def _on_paper(sheet: Worksheet) -> None:
    """How the sheet prints: A4 across, as wide as the page, its header on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _writer(
    sheet: Worksheet,
    at: int,
    column: pd.Series[Any],
    look: Look,
    formats: Mapping[str, Format],
    neutralize: bool,
) -> Callable[[int], None]:
    """What writes one cell of the column: as the type it is, or as text where Excel cannot hold it."""
    cells = _serials(column) if look == "time" else texts(column, neutralize=neutralize)
    values, given = list(cells), column.notna().to_list()
    form = formats.get(look)

    def write(row: int) -> None:
        value = values[row]
        if not given[row]:
            return
        if isinstance(value, str):
            sheet.write_string(row + 1, at, value[:EXCEL_TEXT])
        elif pd.api.types.is_bool(value):
            sheet.write_boolean(row + 1, at, bool(value))
        elif abs(float(value)) <= EXCEL_EXACT:
            sheet.write_number(row + 1, at, float(value), form)
        else:
            sheet.write_string(row + 1, at, str(value))

    return write


def _serials(column: pd.Series[Any]) -> pd.Series[Any]:
    """Times as Excel counts them, in days; those before its calendar is right as text."""
    utc = column.dt.tz_convert("UTC").dt.tz_localize(None) if column.dt.tz else column
    days = ((utc - EXCEL_ZERO).dt.total_seconds() / 86_400).astype(object)
    return days.where(utc >= EXCEL_FIRST, texts(column, neutralize=False))


_NUMBERS: Mapping[str, Callable[[Any], str]] = {
    "number": "{:,}".format,
    "fraction": "{:,.2f}".format,
}


def _width(name: str, column: pd.Series, look: str) -> float:
    """A width that fits the header and the first thousand cells, within reason."""
    if look == "time":
        return max(17, len(name) + 4)
    if look == "share":
        return max(8, len(name) + 4)
    words = _NUMBERS.get(look, plain)
    longest = max((len(words(cell)) for cell in column.head(1000).dropna()), default=0)
    return min(max(longest + 2, len(name) + 4, 6), WIDEST)
