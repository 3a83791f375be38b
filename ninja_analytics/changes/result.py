"""The answer to "what differs": its rows by what became of them, and the ledger that must balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

import pandas as pd


@dataclass(frozen=True, slots=True)
class Ledger:
    """Rows counted: opening + added - removed = closing, unless doubled keys stand in the way.

    `unpaired_*` are rows whose key is in both frames, but more often than their content tells
    apart; `doubled_*` count the keys that occur more than once.
    """

    opening: int
    added: int
    removed: int
    closing: int
    unpaired_opening: int = 0
    unpaired_closing: int = 0
    doubled_opening: int = 0
    doubled_closing: int = 0

    @property
    def balances(self) -> bool:
        """Whether opening + added - removed is closing."""
        return self.opening + self.added - self.removed == self.closing

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each thing that stands in the way of an exact answer."""
        doubled = (
            f"{_n(count, 'key')} {'occurs' if count == 1 else 'occur'} more than once in the {when}"
            for count, when in (
                (self.doubled_opening, "opening"),
                (self.doubled_closing, "closing"),
            )
            if count
        )
        unpaired = (
            f"{_n(self.unpaired_opening, 'row')} of the opening and "
            f"{_n(self.unpaired_closing, 'row')} of the closing have a key in common with others "
            "and cannot be paired"
        )
        return (*doubled, *((unpaired,) if self.unpaired_opening or self.unpaired_closing else ()))

    @property
    def frame(self) -> pd.DataFrame:
        """The ledger as a table: what, and how many rows."""
        rows = [
            ("opening", self.opening),
            ("added", self.added),
            ("removed", -self.removed),
            ("doubled rows that cannot be paired", self.unpaired_closing - self.unpaired_opening),
            ("closing", self.closing),
        ]
        return pd.DataFrame(rows, columns=["what", "rows"]).astype({"what": "str", "rows": "Int64"})

    def __str__(self) -> str:
        odd = self.unpaired_closing - self.unpaired_opening
        doubled = f" {'+' if odd > 0 else '−'} {abs(odd):,} doubled" if odd else ""
        return (
            f"{self.opening:,} + {self.added:,} added − {self.removed:,} removed{doubled}"
            f" = {self.closing:,}"
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Changes:
    """What differs between an opening and a closing frame of one table.

    Every row is in one place only:

        added, removed    rows whose key is in the closing or in the opening only
        changed_rows      rows of both that differ: the key and `columns`, which ones; `changed` has
                          a row for each value: key, `column`, `before` and `after` as text
        not_observed      rows of both with the same content and the same time of collection: nobody
                          looked again, so nobody knows whether they changed
        unchanged         rows of both with the same content, looked at anew (or at no known time)
        unpaired_opening, unpaired_closing
                          rows with a doubled key that nothing tells apart

    `compared` are the columns that were compared, `ignored` the noisy ones that were not,
    `observed_by` is the time of collection ("" when the table has none). Columns that are in one of
    the two only are in `columns_added` and `columns_removed`, and are no change of any row.
    """

    table: str
    key: tuple[str, ...]
    added: pd.DataFrame
    removed: pd.DataFrame
    changed: pd.DataFrame
    changed_rows: pd.DataFrame
    not_observed: pd.DataFrame
    unchanged: pd.DataFrame
    unpaired_opening: pd.DataFrame
    unpaired_closing: pd.DataFrame
    ledger: Ledger
    compared: tuple[str, ...]
    ignored: tuple[str, ...]
    observed_by: str
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """What a reader should know: doubled keys, unknown times, columns of one side."""

    @property
    def counts(self) -> dict[str, int]:
        """How many rows became what."""
        return {
            "added": len(self.added),
            "removed": len(self.removed),
            "changed": len(self.changed_rows),
            "not_observed": len(self.not_observed),
            "unchanged": len(self.unchanged),
        }

    def __repr__(self) -> str:
        told = " · ".join(f"{n:,} {what.replace('_', ' ')}" for what, n in self.counts.items())
        lines = [f"Changes of {self.table}: {self.ledger}", f"  {told}"]
        return "\n".join([*lines, *(f"  ! {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{what.replace('_', ' ')}</th>" for what in self.counts)
        cells = "".join(f"<td>{count:,}</td>" for count in self.counts.values())
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.notes)
        return (
            f"<p><b>Changes of {escape(self.table)}</b>: {escape(str(self.ledger))}</p>"
            f"<table><thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody></table>"
            + (f"<ul>{notes}</ul>" if notes else "")
        )


def _n(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
