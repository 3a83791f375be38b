"""A frame without what would tell whose it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.sharing.about import FREE_TEXT, MEASURED, NUMBER, PLAIN, about, fate, whose_id
from ninja_analytics.sharing.aliases import aliased, numbered
from ninja_analytics.sharing.key import key_from

_KEPT_ATTRS = ("table", "pulled_at", "complete")
_SAFE_KINDS = "biufM"  # booleans, numbers and times


def shared(
    frame: pd.DataFrame, *, key: str | None = None, keep: Iterable[str] = ()
) -> pd.DataFrame:
    """A copy of *frame* with aliases for organizations, locations, devices, users, addresses, serials.

    The same input has the same alias in every frame shared by one *key* (default: a secret of this
    user's own, in the home folder), and other ids still merge. Free texts, free JSON and columns
    that no table has are left out, except those of *keep*; `attrs["ninja"]["dropped"]` names them.
    The index becomes a plain one. Raises UsageError for columns that are not plain names.
    """
    told = frame.attrs.get("ninja", {})
    secret = key_from(key)
    flat = _flat(frame)
    keeps = _kept_names(flat, keep)
    columns: dict[str, pd.Series[Any]] = {}
    dropped, unknown = [], 0
    for name in flat.columns:
        known = fate(str(told.get("table", "")), name)
        column = flat[name] if name in keeps else _told(flat[name], known, secret)
        if column is not None:
            columns[name] = column
        elif known is None:
            unknown += 1
        else:
            dropped.append(name)
    answer = pd.DataFrame(columns, index=flat.index)
    answer.attrs = {
        "ninja": {name: told[name] for name in _KEPT_ATTRS if name in told}
        | {"rows": len(answer), "shared": True, "dropped": dropped, "dropped_unknown": unknown}
    }
    return answer


def _told(column: pd.Series[Any], known: str | None, secret: bytes) -> pd.Series[Any] | None:
    """What others see of a column; None if it is left out. *known* is its fate by the catalogue."""
    name = str(column.name)
    text = not pd.api.types.is_numeric_dtype(column.dtype) and column.dtype.kind not in _SAFE_KINDS
    if known is None:
        known = _guessed(name) if text else NUMBER if name.endswith("_id") else None
    if known is None or known == FREE_TEXT:
        return None
    if known in (NUMBER, MEASURED) and text:  # not the column of that name which a table has
        return None
    if known == NUMBER:
        return numbered(column, secret, whose_id(name))
    if known in (PLAIN, MEASURED):
        return _without_unused(column)
    return aliased(column, secret, known) if text else None


def _guessed(name: str) -> str | None:
    """What a text column that no table has is about; a name can be hidden, but not called plain."""
    found = about("", name)
    return None if found == PLAIN else found


def _without_unused(column: pd.Series[Any]) -> pd.Series[Any]:
    """The column as it is, but for words of a category that no row has any more."""
    is_category = isinstance(column.dtype, pd.CategoricalDtype)
    return column.cat.remove_unused_categories() if is_category else column.copy()


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its index, which may hold names, as columns."""
    columns = frame.columns
    plain = all(isinstance(name, str) for name in columns) and columns.is_unique
    if isinstance(columns, pd.MultiIndex) or not plain or columns.name is not None:
        msg = (
            "The columns of this frame are themselves data, which may be names. Make them plain ones "
            "first, e.g. by frame.reset_index().melt(...), then share."
        )
        raise UsageError(msg)
    names = [name for name in frame.index.names if name is not None and name not in columns]
    moved = frame.reset_index(names) if names else frame
    return moved.reset_index(drop=True)


def _kept_names(frame: pd.DataFrame, keep: Iterable[str]) -> set[str]:
    wanted = {keep} if isinstance(keep, str) else set(keep)
    missing = sorted(wanted - set(frame.columns))
    if missing:
        raise UsageError(f"keep= names what the frame does not have: {', '.join(missing)}.")
    return wanted
