"""What stands in a CSV file or a workbook that was written."""

from __future__ import annotations

import csv
import io

import openpyxl


def rows(path):
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def sheet(path, name=None):
    book = openpyxl.load_workbook(path)
    return book[name] if name else book.active
