"""A frame without what would tell whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.sharing.about import FREE_TEXT, PLAIN, about, whose_id
from ninja_analytics.sharing.aliases import aliased, numbered
from ninja_analytics.sharing.fates import MEASURED, NUMBER, fate, is_foreign, of_frame
from ninja_analytics.sharing.key import key_from

_KEPT_ATTRS = ("table", "part", "shape", "pulled_at", "complete")
_SAFE_KINDS = "biufM"  # booleans, numbers and times
_IDS = re.compile(r"list<\w+: int64>\[pyarrow\]")


def shared(
    frame: pd.DataFrame, *, key: str | None = None, keep: Iterable[str] = ()
) -> pd.DataFrame:
    """A copy of *frame* with aliases for organizations, locations, devices, users, addresses, serials.

    The same input has the same alias in every frame shared by one *key* (default: a secret of this
    user's own, in the home folder), and other ids still merge. Free texts, free JSON, lists of
    objects, custom fields and columns that no table has are left out, except those of *keep*;
    `attrs["ninja"]["dropped"]` names those of the catalogue and `["dropped_unknown"]` counts the
    others. The index becomes a plain one. Raises UsageError for columns that are not plain names.
    """
    told = frame.attrs.get("ninja", {})
    secret = key_from(key)
    flat = _flat(frame)
    keeps = _kept_names(flat, keep)
    columns: dict[str, pd.Series[Any]] = {}
    dropped, unknown = [], 0
    for name in flat.columns:
        foreign = is_foreign(told, name)
        known = None if foreign else fate(of_frame(told), name)
        if name in keeps:
            columns[name] = flat[name]
        elif not foreign and (column := _told(flat[name], known, secret)) is not None:
            columns[name] = column
        elif known is None:
            unknown += 1
        else:
            dropped.append(name)
    answer = pd.DataFrame(columns, index=flat.index)
    answer.attrs = {"ninja": _provenance(told, len(answer), dropped, unknown)}
    return answer


def _provenance(
    told: Mapping[str, Any], rows: int, dropped: list[str], unknown: int
) -> dict[str, Any]:
    """What a shared frame tells of itself: nothing of where it came from."""
    kept = {name: told[name] for name in _KEPT_ATTRS if name in told}
    return kept | {"rows": rows, "shared": True, "dropped": dropped, "dropped_unknown": unknown}


def _told(column: pd.Series[Any], known: str | None, secret: bytes) -> pd.Series[Any] | None:
    """What others see of a column; None if it is left out. *known* is its fate by the catalogue."""
    name = str(column.name)
    text = _holds_text(column)
    if known is None:
        known = _guessed(name) if text else NUMBER if re.search("_ids?$", name) else None
    if known is None or known == FREE_TEXT:
        return None
    if known in (NUMBER, MEASURED) and text:  # not the column of that name which a table has
        return None
    if known == NUMBER:
        return numbered(column, secret, whose_id(name))
    if known in (PLAIN, MEASURED):
        return _without_unused(column)
    return aliased(column, secret, known) if text else None


def _holds_text(column: pd.Series[Any]) -> bool:
    kind = column.dtype
    numbers = pd.api.types.is_numeric_dtype(kind) or _IDS.fullmatch(str(kind))
    return not numbers and kind.kind not in _SAFE_KINDS


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
