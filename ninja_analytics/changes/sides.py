"""The opening and the closing side by side: the columns that both have, as comparable numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd

from ninja_analytics.catalog import Table
from ninja_analytics.changes.codes import Codes, canonical, codes
from ninja_analytics.errors import UsageError

# What a history writes beside a row: when it was recorded is not part of it.
_OF_THE_RECORD = ("snapshot_at", "snapshot")
_OTHERS = "unknown_fields"


@dataclass(slots=True)
class Sides:
    """The two frames, and the codes of their columns once somebody asks for them."""

    opening: pd.DataFrame
    closing: pd.DataFrame
    table: Table
    common: list[str]
    columns_added: list[str]
    columns_removed: list[str]
    known: dict[str, Codes] = field(default_factory=dict)

    @classmethod
    def of(cls, opening: pd.DataFrame, closing: pd.DataFrame, table: Table) -> Sides:
        """The two sides, with the columns that both have, or an error if keys are missing."""
        one, other = (frame.drop(columns=list(_OF_THE_RECORD), errors="ignore")
                      for frame in (opening, closing))  # fmt: skip
        # A frame without columns has no rows either, and so nothing against those of the other.
        if one.columns.empty:
            one = other.iloc[:0]
        if other.columns.empty:
            other = one.iloc[:0]
        for when, frame in (("opening", one), ("closing", other)):
            lacking = [name for name in table.row_key if name not in frame]
            if lacking:
                raise UsageError(
                    f"The {when} has no column {', '.join(lacking)}, by which rows of {table.name} "
                    "are told apart. Compare frames of the whole table."
                )
        added = [name for name in other.columns if name not in one]
        removed = [name for name in one.columns if name not in other]
        common = [name for name in other.columns if name in one]
        sides = cls(one, other, table, common, added, removed)
        if _OTHERS in common:
            sides.known[_OTHERS] = sides._unknown_fields()
        return sides

    @property
    def length(self) -> int:
        """The rows of both sides together."""
        return len(self.opening) + len(self.closing)

    def codes(self, name: str) -> Codes:
        """The codes of a column, the opening's rows first."""
        if name not in self.known:
            as_json = self.kind(name) == "json"
            self.known[name] = codes(self.opening[name], self.closing[name], as_json=as_json)
        return self.known[name]

    def kind(self, name: str) -> str:
        """The catalogue's word for a column; "" for one that it does not know."""
        return next((one.kind for one in self.table.columns if one.name == name), "")

    def _unknown_fields(self) -> Codes:
        """The codes of the fields that nobody knows; one that only one side has is no change."""
        frames = (self.opening, self.closing)
        texts = [{text: _fields(text) for text in frame[_OTHERS].dropna().unique()}
                 for frame in frames]  # fmt: skip
        before, after = ({name for found in side.values() for name in found} for side in texts)
        self.columns_added += [f"{_OTHERS}.{name}" for name in sorted(after - before)]
        self.columns_removed += [f"{_OTHERS}.{name}" for name in sorted(before - after)]
        columns = []
        for frame, known in zip(frames, texts, strict=True):
            shared = {
                text: json.dumps(kept, sort_keys=True)
                for text, found in known.items()
                if (kept := {name: found[name] for name in found if name in before & after})
            }
            columns.append(frame[_OTHERS].map(shared).astype("str"))
        return codes(columns[0], columns[1])


def _fields(text: str) -> dict[str, object]:
    """The fields of a JSON object; other JSON counts as one field without a name."""
    try:
        found = json.loads(text)
    except ValueError:
        found = canonical(text)
    return found if isinstance(found, dict) else {"": found}
