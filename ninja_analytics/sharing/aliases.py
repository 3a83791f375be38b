"""Stable aliases by a keyed hash: the same input gives the same alias, and nobody reads it back."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from typing import Any

import pandas as pd

# Crockford's alphabet: no letter is taken for a digit. 8 of them are 40 bits: among 20,000 devices
# two share an alias once in 5,000 fleets.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TITLES = {"named": "Name", "identifier": "Id"}


def alias(key: bytes, about: str, text: str) -> str:
    """The alias of *text*, e.g. "Device 7QK3-M9XA"; capitals and blanks around it do not count."""
    found = _digest(key, about, unicodedata.normalize("NFKC", text).strip().casefold())
    letters = "".join(_LETTERS[(found >> shift) & 31] for shift in range(0, 40, 5))
    return f"{_TITLES.get(about, about.capitalize())} {letters[:4]}-{letters[4:]}"


def number(key: bytes, about: str, value: int) -> int:
    """The number that stands for the id *value*: 15 digits, so that JavaScript holds it, too."""
    return 10**14 + _digest(key, f"{about} id", str(value)) % (9 * 10**14)


def _digest(key: bytes, about: str, text: str) -> int:
    told = hmac.digest(key, f"{about}\0{text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return int.from_bytes(told[:8])


def aliased(column: pd.Series[Any], key: bytes, about: str) -> pd.Series[Any]:
    """The column with an alias for each text, or for each text of each list; missing stays so."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return aliased(column.astype("str"), key, about).astype("category")
    if _holds_lists(column):
        cells = [None if _is_none(cell) else _each(cell, key, about) for cell in column]
        return pd.Series(cells, index=column.index, dtype=kind)
    words = {word: alias(key, about, word) for word in column.dropna().astype("str").unique()}
    return column.astype("str").map(words).astype("str")


def numbered(column: pd.Series[Any], key: bytes, about: str) -> pd.Series[Any]:
    """The column with another number for each id, or for each id of each list; missing stays so."""
    if _holds_lists(column):
        cells = [
            None if _is_none(cell) else [_number(one, key, about) for one in cell]
            for cell in column
        ]
        return pd.Series(cells, index=column.index, dtype=column.dtype)
    found = {value: number(key, about, int(value)) for value in column.dropna().unique()}
    return column.map(found).astype("Int64")


def _number(value: Any, key: bytes, about: str) -> int | None:
    return None if _is_none(value) else number(key, about, int(value))


def _holds_lists(column: pd.Series[Any]) -> bool:
    return "list" in str(column.dtype) or any(isinstance(cell, list) for cell in column.head(1000))


def _is_none(cell: object) -> bool:
    return cell is None or cell is pd.NA or (isinstance(cell, float) and cell != cell)


def _each(cells: Iterable[object], key: bytes, about: str) -> list[str | None]:
    return [None if _is_none(cell) else alias(key, about, str(cell)) for cell in cells]
