"""Rows held against the filter they were asked by: NinjaOne passes over what it does not understand."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ninja_analytics.filters import evaluate
from ninja_analytics.filters.filter import Filter
from ninja_analytics.filters.text import shown
from ninja_analytics.filters.tree import FIELDS, Leaf, conjuncts, leaves

CHANGED_MOST = 0.05
"""The share of devices that may have gone on or off line between two requests.

Within the minutes of a pull few of a hundred do. A filter that is passed over brings as many
misfits as the fleet has: about four fifths for `offline`, about one fifth for `online`.
"""
# What a row says of its own device. Its created_at, say, is when the row itself was made.
OWN = {
    "id": "device_id",
    "group": "device_id",
    "organization": "organization_id",
    "location": "location_id",
    "offline": "offline",
}


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """What the check found, per row: `fits` is true, false, or missing where it cannot be told.

    `unchecked` are the parts of the filter against which rows could not be held at all; `changed`
    counts the devices that went on or off line meanwhile, as far as can be told.
    """

    fits: pd.Series
    unchecked: tuple[str, ...] = ()
    changed: int = 0

    @property
    def keeps(self) -> pd.Series:
        """The rows to keep: all but those that do not fit."""
        return self.fits.fillna(value=True).astype(bool)

    @property
    def told(self) -> dict[str, object]:
        """The same as plain data, for the frame's provenance."""
        dropped = int((~self.keeps).sum())
        return {
            "checked": not self.unchecked,
            "ignored": dropped > 0,
            "dropped": dropped,
            "unknown": int(self.fits.isna().sum()),
            "changed": self.changed,
        }

    def warning(self, asked: Filter, table: str) -> str:
        """The sentence for a FilterWarning; "" if nothing was dropped."""
        told = self.told
        if not told["ignored"]:
            return ""
        return (
            f"{table}: NinjaOne did not keep to the filter {shown(asked.node)!r}: {told['dropped']} of "
            f"{len(self.fits)} rows did not fit and were dropped. "
            'See frame.attrs["ninja"]["filter"].'
        )


def checked(
    rows: pd.DataFrame,
    devices: pd.DataFrame,
    asked: Filter,
    groups: evaluate.Groups | None = None,
    *,
    forgive: bool = True,
) -> Checked:
    """Which of *rows* fit the filter *asked*, by what they say themselves and by *devices*.

    *devices* is a frame like the table of that name, pulled with the status that was asked for; for
    a table of devices it is *rows*. A device that is not in it can only be told by its own row.
    With *forgive* a few devices may have gone on or off line since the rows were pulled.
    """
    parts = [part for part in conjuncts(asked.node) if evaluate.can_be_told(part, groups or {})]
    others = [shown(part) for part in conjuncts(asked.node) if part not in parts]
    fits = pd.Series(True, index=rows.index, dtype="boolean")
    changed = 0
    about = _About(rows, devices, groups or {})
    for part in parts:
        answer = evaluate.passes(part, about.passes)
        if (
            forgive
            and not about.says_offline
            and any(leaf.field == "offline" for leaf in leaves(part))
        ):
            answer, count = _forgiven(rows, answer)
            changed += count
        fits = fits & answer
    return Checked(fits, tuple(others), changed)


class _About:
    """What is known about the device of each row: of its own, or by the list of devices."""

    def __init__(self, rows: pd.DataFrame, devices: pd.DataFrame, groups: evaluate.Groups) -> None:
        self._rows, self._groups = rows, groups
        if "device_id" not in devices:
            devices = pd.DataFrame({"device_id": pd.array([], "Int64")})
        ids = devices["device_id"]
        self._devices = devices[ids.notna() & ~ids.duplicated()]
        known = pd.Index(self._devices["device_id"].astype("int64"))
        own = rows["device_id"] if "device_id" in rows else pd.Series(pd.NA, index=rows.index)
        # An id is never negative, so this one is nobody's.
        self._places = known.get_indexer(pd.Index(own.fillna(-1).astype("int64")))
        self.says_offline = "offline" in rows

    def passes(self, leaf: Leaf) -> pd.Series:
        """For each row whether the condition holds, missing where nothing is known."""
        by_list = self._by_list(leaf)
        column = OWN.get(leaf.field)
        if column not in self._rows:
            return by_list
        of_row = evaluate.leaf_passes(leaf, self._rows, self._groups)
        return of_row.where(self._rows[column].notna(), by_list)

    def _by_list(self, leaf: Leaf) -> pd.Series:
        column = "device_id" if leaf.field == "group" else FIELDS[leaf.field].column
        if column not in self._devices or self._devices.empty:
            return pd.Series(pd.NA, index=self._rows.index, dtype="boolean")
        answers = evaluate.leaf_passes(leaf, self._devices, self._groups).array
        of_rows = pd.Series(answers.take(self._places), index=self._rows.index)
        return of_rows.where(self._places >= 0, pd.NA)


def _forgiven(rows: pd.DataFrame, answer: pd.Series) -> tuple[pd.Series, int]:
    """*answer* with few misfits taken as devices that changed meanwhile, and how many these are."""
    misfits = ~answer.fillna(value=True)
    if not misfits.any():
        return answer, 0
    found = rows.loc[misfits, "device_id"].nunique()
    if found > max(1, CHANGED_MOST * rows["device_id"].nunique()):
        return answer, 0
    return answer.mask(misfits, other=True), int(found)
