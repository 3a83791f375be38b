"""Lists that a user keeps in a CSV file or a frame: each row with its line, each mistake one sentence."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ninja_analytics.errors import UnknownNameError, UsageError


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: its fields by column, and where it stands, e.g. "line 4 of contract.csv"."""

    where: str
    line: int
    fields: Mapping[str, str]

    def text(self, column: str) -> str:
        """The field without the spaces around it; "" where there is none."""
        return self.fields.get(column, "")

    def required(self, column: str) -> str:
        """The field; UsageError where there is none."""
        if not self.text(column):
            raise UsageError(f"{self.where} has no {column}. Fill it in, or take the line out.")
        return self.text(column)

    def count(self, column: str) -> int:
        """The field as a whole number from 0; UsageError for anything else."""
        number = self.number(column)
        if number is None or number != int(number):
            told = self.text(column) or "nothing"
            raise UsageError(f"{self.where}: {column} is {told}, but must be a whole number.")
        return int(number)

    def number(self, column: str) -> float | None:
        """The field as a number from 0, None where there is none; UsageError for anything else."""
        text = self.text(column)
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not 0 <= number < float("inf"):
            raise UsageError(
                f"{self.where}: {column} is {text}, but must be a number from 0 on, e.g. 12.50."
            )
        return number


def file_rows(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """The rows of the CSV file at *path*, which has the *needed* columns and may have the *optional*.

    Commas or semicolons lie between the fields, as the first line has them. Raises UsageError for a
    file that cannot be read or lacks a column, UnknownNameError for a column that nobody asked for.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}. Check the path in the settings.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not UTF-8. Save it as CSV UTF-8.") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read ({why}).") from error
    head = text.partition("\n")[0]
    between = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text), delimiter=between)
    try:
        columns = _columns(next(reader, []), path.name, needed, optional)
        return [
            _row(fields, columns, path.name, reader.line_num)
            for fields in reader
            if any(field.strip() for field in fields)
        ]
    except csv.Error as error:
        raise UsageError(f"line {reader.line_num} of {path.name} is not CSV ({error}).") from error


def frame_rows(
    frame: pd.DataFrame, what: str, needed: Sequence[str], optional: Sequence[str] = ()
) -> list[Row]:
    """The rows of a *frame* that is to serve as *what*, counted from 1; errors as for a file."""
    columns = _columns([str(column) for column in frame.columns], what, needed, optional)
    texts = frame.astype(object).where(frame.notna(), "")
    return [
        Row(f"row {number} of {what}", number,
            {name: str(field).strip() for name, field in zip(columns, row, strict=True)})
        for number, row in enumerate(texts.itertuples(index=False), start=1)
    ]  # fmt: skip


def _columns(
    told: Sequence[str], where: str, needed: Sequence[str], optional: Sequence[str]
) -> list[str]:
    """The names of the columns, as asked for."""
    columns = [name.strip().casefold().replace(" ", "_") for name in told]
    known = [*needed, *optional]
    for name in needed:
        if name not in columns:
            raise UsageError(
                f"{where} has no column {name}. Its first line must name the columns: "
                f"{', '.join(known)}."
            )
    for name in columns:
        if name not in known:
            raise UnknownNameError.among(f"column of {where}", name, known)
    for name in known:
        if columns.count(name) > 1:
            raise UsageError(f"{where} has the column {name} twice. Take one out.")
    return columns


def _row(fields: list[str], columns: list[str], file: str, line: int) -> Row:
    """One row of a file; UsageError where it has more or fewer fields than there are columns."""
    where = f"line {line} of {file}"
    if len(fields) != len(columns):
        raise UsageError(
            f"{where} has {len(fields)} fields, but the first line names {len(columns)} columns. "
            "Put a field with a comma in it into quotation marks."
        )
    return Row(where, line, dict(zip(columns, map(str.strip, fields), strict=True)))
