"""The comparison of two frames of one table."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.changes.codes import Codes, combined
from ninja_analytics.changes.noisy import noisy_columns, observed_column
from ninja_analytics.changes.pairing import Pairs, paired
from ninja_analytics.changes.result import Changes, Ledger
from ninja_analytics.changes.sides import Sides
from ninja_analytics.changes.words import told
from ninja_analytics.errors import UnknownNameError, UsageError


def changes(
    opening: pd.DataFrame,
    closing: pd.DataFrame,
    table: Table | str,
    *,
    noisy: Iterable[str] | None = None,
) -> Changes:
    """What became of the rows of *opening* until *closing*, two frames of one *table*.

    Rows are told apart by the table's row key; missing is equal to missing, in keys as in values.
    *noisy* names the columns to leave out of the comparison; by default those that move by
    themselves (`noisy_columns`), and () compares everything. Raises UnknownNameError for a table or
    column that nobody has, UsageError for a frame without the columns of the key.
    """
    table = _table(table)
    sides = Sides.of(opening, closing, table)
    ignored = _ignored(table, sides, noisy)
    compared = [name for name in sides.common if name not in (*table.row_key, *ignored)]
    keys = combined([sides.codes(name) for name in table.row_key], sides.length)
    seen = sides.codes(_observed(table, sides)) if _observed(table, sides) else None

    def contents(rows: Codes) -> tuple[Codes, ...]:
        parts = [sides.codes(name)[rows] for name in compared]
        content = combined(parts, len(rows))
        return (content,) if seen is None else (combined([content, seen[rows]], len(rows)), content)

    pairs = paired(keys, len(sides.opening), contents)
    return _answer(table, sides, pairs, compared, ignored)


def _table(table: Table | str) -> Table:
    if isinstance(table, Table):
        return table
    if table not in TABLES:
        raise UnknownNameError.among("table", table, TABLES)
    return TABLES[table]


def _ignored(table: Table, sides: Sides, noisy: Iterable[str] | None) -> list[str]:
    """The columns that both sides have and that are not compared."""
    if noisy is None:
        asked = list(noisy_columns(table))
    else:
        asked = [noisy] if isinstance(noisy, str) else list(noisy)
        known = {*(one.name for one in table.columns), *sides.opening, *sides.closing}
        for name in asked:
            if name not in known:
                raise UnknownNameError.among(f"column of {table.name}", name, known)
            if name in table.row_key:
                raise UsageError(
                    f"{name} tells rows of {table.name} apart and is always compared. "
                    "Leave it out of noisy=."
                )
    return [name for name in sides.common if name in asked]


def _observed(table: Table, sides: Sides) -> str:
    """The time of collection that both sides have; "" if there is none."""
    name = observed_column(table)
    return name if name in sides.common else ""


def _answer(
    table: Table, sides: Sides, pairs: Pairs, compared: list[str], ignored: list[str]
) -> Changes:
    """The rows by what became of them."""
    split, observed = len(sides.opening), _observed(table, sides)
    differs = _differences(sides, pairs, compared)
    changed = np.zeros(len(pairs.closing), dtype=bool)
    for different in differs.values():
        changed |= different
    again, timeless = np.zeros_like(changed), 0
    if observed:
        before, after = sides.codes(observed)[:split], sides.codes(observed)[split:]
        at = after[pairs.closing]
        again = ~changed & (at >= 0) & (before[pairs.opening] == at)
        timeless = int((~changed & (at < 0)).sum())
    ledger = _ledger(sides, pairs)
    return Changes(
        table=table.name,
        key=table.row_key,
        added=_rows(sides.closing, pairs.added),
        removed=_rows(sides.opening, pairs.removed),
        changed=_values(sides, pairs, differs),
        changed_rows=_changed_rows(sides, pairs, differs, changed),
        not_observed=_rows(sides.closing, pairs.closing[again]),
        unchanged=_rows(sides.closing, pairs.closing[~changed & ~again]),
        unpaired_opening=_rows(sides.opening, pairs.unpaired_opening),
        unpaired_closing=_rows(sides.closing, pairs.unpaired_closing),
        ledger=ledger,
        compared=tuple(compared),
        ignored=tuple(ignored),
        observed_by=observed,
        columns_added=tuple(sides.columns_added),
        columns_removed=tuple(sides.columns_removed),
        notes=_notes(sides, ledger, observed, timeless),
    )


def _differences(sides: Sides, pairs: Pairs, compared: list[str]) -> dict[str, Codes]:
    """For each column in which a pair differs: which pairs do."""
    split = len(sides.opening)
    found = {}
    for name in compared:
        code = sides.codes(name)
        different = code[:split][pairs.opening] != code[split:][pairs.closing]
        if different.any():
            found[name] = different
    return found


def _ledger(sides: Sides, pairs: Pairs) -> Ledger:
    return Ledger(
        opening=len(sides.opening),
        added=len(pairs.added),
        removed=len(pairs.removed),
        closing=len(sides.closing),
        unpaired_opening=len(pairs.unpaired_opening),
        unpaired_closing=len(pairs.unpaired_closing),
        doubled_opening=pairs.doubled_opening,
        doubled_closing=pairs.doubled_closing,
    )


def _rows(frame: pd.DataFrame, places: Codes) -> pd.DataFrame:
    return frame.iloc[places].reset_index(drop=True)


def _values(sides: Sides, pairs: Pairs, differs: dict[str, Codes]) -> pd.DataFrame:
    """A row for each value that changed: the key, the column, before and after."""
    key = list(sides.table.row_key)
    parts = [_keys(sides, pairs.closing[:0]).assign(
        column=pd.Series(dtype="str"), before=pd.Series(dtype="str"), after=pd.Series(dtype="str"),
        place=pd.Series(dtype="int64"),
    )]  # fmt: skip
    for place, (name, different) in enumerate(differs.items()):
        kind = sides.kind(name)
        before = _rows(sides.opening[[name]], pairs.opening[different])[name]
        after = _rows(sides.closing[[name]], pairs.closing[different])[name]
        part = _keys(sides, pairs.closing[different]).assign(
            column=name, before=told(before, kind), after=told(after, kind), place=place
        )
        parts.append(part.astype({"column": "str"}))
    whole = pd.concat(parts, ignore_index=True)
    # Doubled keys have nothing else to be ordered by than what they hold.
    order = [*key, "place", "before", "after"]
    whole = whole.sort_values(order, kind="stable", ignore_index=True)
    return whole[[*key, "column", "before", "after"]]


def _changed_rows(
    sides: Sides, pairs: Pairs, differs: dict[str, Codes], changed: Codes
) -> pd.DataFrame:
    """The key of each changed row and the names of the columns that changed."""
    patterns = [different[changed].astype(np.int64) for different in differs.values()]
    code = combined(patterns, int(changed.sum()))
    _, first = np.unique(code, return_index=True)
    words = np.array([
        ", ".join(name for name, one in zip(differs, patterns, strict=True) if one[at])
        for at in first
    ], dtype=object)  # fmt: skip
    columns = pd.Series(words[code] if len(words) else [], dtype="str")
    found = _keys(sides, pairs.closing[changed]).assign(columns=columns)
    return found.sort_values([*sides.table.row_key, "columns"], kind="stable", ignore_index=True)


def _keys(sides: Sides, places: Codes) -> pd.DataFrame:
    """The key columns of some rows of the closing; words as text, so that they sort as words."""
    found = _rows(sides.closing[list(sides.table.row_key)], places)
    found.attrs = {}
    words = [name for name in found if isinstance(found[name].dtype, pd.CategoricalDtype)]
    return found.astype(dict.fromkeys(words, "str"))


def _notes(sides: Sides, ledger: Ledger, observed: str, timeless: int) -> tuple[str, ...]:
    """One sentence for each thing that a reader should know."""
    notes = list(ledger.notes)
    for names, when in ((sides.columns_added, "closing"), (sides.columns_removed, "opening")):
        if names:
            notes.append(f"only in the {when}, and no change of any row: {', '.join(names)}")
    if not observed:
        notes.append(
            f"{sides.table.name} has no time of collection here, so whether a row was looked at "
            "again is not known"
        )
    elif timeless:
        notes.append(
            f"{timeless:,} unchanged rows have no time of collection: whether they were looked at "
            "again is not known"
        )
    return tuple(notes)
