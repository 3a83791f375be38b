"""Files out of frames: the suffix picks csv, xlsx, parquet or html.

Every file appears whole or not at all, the same input gives the same bytes, and a frame whose pull
broke says so in its file. Texts that a spreadsheet would take for a formula are neutralized.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.exports.cells import neutral, plain, texts
from ninja_analytics.exports.files import make_folder, write_file
from ninja_analytics.exports.markup import render, table_html
from ninja_analytics.exports.parquet import parquet_bytes
from ninja_analytics.exports.pdf import pdf_bytes, pdf_printer
from ninja_analytics.exports.streams import write_parquet
from ninja_analytics.exports.workbook import workbook_bytes

__all__ = [
    "csv_bytes",
    "export",
    "make_folder",
    "parquet_bytes",
    "pdf_bytes",
    "pdf_printer",
    "render",
    "table_html",
    "workbook_bytes",
    "write_file",
    "write_parquet",
    "writer",
]

HTML_ROWS = 5_000

Writer = Callable[[pd.DataFrame, Path, bool], None]
"""Writes a frame to a file, neutralizing texts or not."""


def export(frame: pd.DataFrame, path: str | Path, *, neutralize: bool = True) -> Path:
    """The file written from *frame*; the suffix of *path* picks csv, xlsx, parquet or html.

    An existing file is replaced, the folder is made. CSV is UTF-8 with a byte order mark, which
    Excel needs, and times are ISO 8601 in UTC; xlsx has times as Excel's own, in UTC without a
    zone. Where the frame came from goes along: in Parquet's metadata, on a sheet, at the foot of
    the page, and for CSV in `NAME.csv-metadata.json` beside it. An incomplete frame says so; in
    CSV by a first line that begins with `# INCOMPLETE`.

    Raises UsageError for another suffix, ExportError when the file cannot be written.
    """
    target = Path(path)
    writer(target)(frame, target, neutralize)
    return target


def writer(path: str | Path) -> Writer:
    """What writes the format that the suffix of *path* picks; UsageError for another suffix."""
    name = Path(path)
    if name.suffix.lower() not in _WRITERS:
        msg = f"{name.name!r} does not end in a format. Use one of {', '.join(_WRITERS)}."
        raise UsageError(msg)
    return _WRITERS[name.suffix.lower()]


def _export_csv(frame: pd.DataFrame, target: Path, neutralize: bool) -> None:
    write_file(target, csv_bytes(frame, incomplete=incomplete(frame), neutralize=neutralize))
    if "ninja" in frame.attrs:
        told = json.dumps(frame.attrs["ninja"], indent=1, default=str, ensure_ascii=False)
        write_file(target.with_name(f"{target.name}-metadata.json"), told.encode())


def _export_xlsx(frame: pd.DataFrame, target: Path, neutralize: bool) -> None:
    sheets = {"Data": frame, "Source": source_frame(frame)}
    told = frame.attrs.get("ninja", {})
    created = pd.to_datetime(str(told.get("pulled_at")), utc=True, errors="coerce")
    data = workbook_bytes(
        sheets,
        title=str(told.get("table", "Data")),
        created=datetime.now(UTC) if pd.isna(created) else created,
        neutralize=neutralize,
        warning=incomplete(frame),
    )
    write_file(target, data)


def _export_parquet(frame: pd.DataFrame, target: Path, _: bool) -> None:
    write_file(target, parquet_bytes(frame))


def _export_html(frame: pd.DataFrame, target: Path, _: bool) -> None:
    title = str(frame.attrs.get("ninja", {}).get("table", target.stem))
    page = render(
        "table_page.html.j2",
        title=title,
        warning=incomplete(frame),
        table=table_html(frame, limit=HTML_ROWS),
        source=table_html(source_frame(frame)),
    )
    write_file(target, page.encode())


_WRITERS: Mapping[str, Writer] = {
    ".csv": _export_csv,
    ".xlsx": _export_xlsx,
    ".parquet": _export_parquet,
    ".html": _export_html,
}


def incomplete(frame: pd.DataFrame) -> str:
    """The sentence that an incomplete frame carries into its file; "" for a complete one."""
    told = frame.attrs.get("ninja", {})
    if told.get("complete") is not False:
        return ""
    return (
        f"INCOMPLETE: the pull of {told.get('table', 'this table')} broke after {len(frame):,} rows. "
        "Pull it again."
    )


def source_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Where a frame came from, as a table of names and values."""
    told = {"rows": len(frame), **frame.attrs.get("ninja", {})}
    rows = [(name, plain(value)) for name, value in told.items()]
    return pd.DataFrame(rows, columns=["what", "value"], dtype="str")


def csv_bytes(frame: pd.DataFrame, *, incomplete: str = "", neutralize: bool = True) -> bytes:
    """The frame as CSV: UTF-8 with a byte order mark, CRLF, times in ISO 8601 UTC, no index."""
    told = pd.DataFrame({name: texts(frame[name], neutralize=neutralize) for name in frame.columns})
    told.columns = [neutral(str(name)) if neutralize else str(name) for name in frame.columns]
    text = told.to_csv(index=False, lineterminator="\r\n")
    return (f"# {incomplete}\r\n{text}" if incomplete else text).encode("utf-8-sig")
