"""Values as whole numbers: two rows have the same code if, and only if, they hold the same value.

Missing is -1, and so the same as missing. Words are compared as words, whether a column keeps them
as text or as categories; numbers as numbers; times as moments; JSON by what it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

Codes = np.ndarray
_WIDEST = 2**62


def codes(opening: pd.Series, closing: pd.Series, *, as_json: bool = False) -> Codes:
    """The codes of the rows of *opening*, then of those of *closing*."""
    both = _joined(_comparable(opening), _comparable(closing))
    return _json(both) if as_json else _own(both)


def combined(parts: Sequence[Codes], length: int) -> Codes:
    """One code per row for the values of several columns together, from 0 without gaps."""
    whole, size = np.zeros(length, dtype=np.int64), 1
    for part in parts:
        width = int(part.max(initial=-1)) + 2
        if size * width >= _WIDEST:
            whole = _dense(whole)
            size = int(whole.max(initial=0)) + 1
        whole = whole * width + (part + 1)
        size *= width
    return _dense(whole)


def _dense(numbers: Codes) -> Codes:
    found: Codes = pd.factorize(numbers)[0].astype(np.int64)
    return found


def _comparable(column: pd.Series) -> pd.Series:
    """The column with its times in UTC and its lists, if they are Python's, as JSON text."""
    column = column.reset_index(drop=True)
    kind = column.dtype
    if isinstance(kind, pd.DatetimeTZDtype):
        column = column.dt.tz_convert("UTC").dt.as_unit("us")
    elif pd.api.types.is_datetime64_dtype(kind):
        column = column.dt.tz_localize("UTC").dt.as_unit("us")
    elif pd.api.types.is_object_dtype(kind):
        column = column.map(_hashable, na_action="ignore")
    return column


def _joined(opening: pd.Series, closing: pd.Series) -> pd.Series:
    """The two columns as one, under a dtype that holds the values of both as they are."""
    one, other = opening.dtype, closing.dtype
    if isinstance(one, pd.CategoricalDtype) and isinstance(other, pd.CategoricalDtype):
        if one.categories.dtype == other.categories.dtype:
            both = [opening.array, closing.array]
            return pd.Series(pd.api.types.union_categoricals(both, ignore_order=True))
    elif one == other:
        return pd.concat([opening, closing], ignore_index=True)
    kind = _common(one, other)
    if kind is object:
        opening, closing = (
            column.astype(object).map(_hashable, na_action="ignore")
            for column in (opening, closing)
        )
    return pd.concat([opening.astype(kind), closing.astype(kind)], ignore_index=True)


def _common(one: Any, other: Any) -> Any:
    """The dtype for columns of two dtypes."""
    kinds = [
        kind.categories.dtype if isinstance(kind, pd.CategoricalDtype) else kind
        for kind in (one, other)
    ]
    if all(map(pd.api.types.is_string_dtype, kinds)):
        return "str"
    if all(map(pd.api.types.is_bool_dtype, kinds)):
        return "boolean"
    if all(map(pd.api.types.is_integer_dtype, kinds)):
        return "Int64"
    return object


def _own(column: pd.Series) -> Codes:
    """The codes of one column."""
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(dtype=np.int64)
    if isinstance(kind, pd.ArrowDtype):
        if str(kind).startswith(("list", "large_list")):
            return _lists(column)
        if str(kind).startswith("struct"):
            members = column.struct.explode()
            parts = [_own(members.iloc[:, at]) for at in range(members.shape[1])]
            missing = column.isna().to_numpy(dtype=bool)
            return np.where(missing, -1, combined(parts, len(column)))
    return _factorized(column)[0]


def _factorized(column: pd.Series) -> tuple[Codes, Any]:
    found, values = pd.factorize(column, use_na_sentinel=True)
    return found.astype(np.int64), values


def _lists(column: pd.Series) -> Codes:
    """The codes of lists, in their order: by length, then by one place after the other."""
    lengths = column.list.len().fillna(-1).to_numpy(dtype=np.int64)
    members = _own(column.list.flatten().reset_index(drop=True))
    starts = np.cumsum(np.maximum(lengths, 0)) - np.maximum(lengths, 0)
    found, free = lengths.copy(), int(lengths.max(initial=0)) + 1
    for place in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > place)
        found[rows] = free + combined([found[rows], members[starts[rows] + place]], len(rows))
        free += len(rows)
    return np.where(lengths < 0, -1, _dense(found))


def _json(column: pd.Series) -> Codes:
    """The codes of JSON texts: the order of members and the space between do not count."""
    found, values = _factorized(column)
    alike = pd.factorize(np.array([canonical(text) for text in values], dtype=object))[0]
    return np.where(found < 0, -1, alike[found] if len(alike) else -1)


def canonical(text: object) -> str:
    """A JSON text with its members in order; what is no JSON stays as it is."""
    try:
        return _dumped(json.loads(str(text)))
    except ValueError:
        return str(text)


def _hashable(value: Any) -> Any:
    """A list or an object as JSON text, anything else as it is."""
    if isinstance(value, Mapping) or (isinstance(value, Iterable) and not isinstance(value, str)):
        return _dumped(value)
    return value


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON has no word for: an array as a list, anything else as text."""
    return value.tolist() if isinstance(value, np.ndarray) else str(value)
