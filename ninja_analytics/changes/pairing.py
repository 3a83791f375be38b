"""Which row of the opening is which row of the closing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.changes.codes import Codes, combined


@dataclass(frozen=True, slots=True)
class Pairs:
    """Positions of rows: `opening[i]` and `closing[i]` are the same row, the rest is told apart.

    `unpaired_*` are rows whose key is in both, but more often than what they hold tells apart.
    """

    opening: Codes
    closing: Codes
    removed: Codes
    added: Codes
    unpaired_opening: Codes
    unpaired_closing: Codes
    doubled_opening: int
    doubled_closing: int


def paired(keys: Codes, split: int, contents: Callable[[Codes], tuple[Codes, ...]]) -> Pairs:
    """The pairs of rows, given the key of each row: the first *split* are those of the opening.

    A key that occurs once in both is one row. Doubled keys are paired where the content is the
    same: *contents* answers the codes of given rows, the strictest first. What is left is paired
    where all rows of a key are alike on either side.
    """
    ours, theirs = keys[:split], keys[split:]
    size = int(keys.max(initial=-1)) + 1
    before, after = np.bincount(ours, minlength=size), np.bincount(theirs, minlength=size)
    pairs = [_single(ours, theirs, (before == 1) & (after == 1))]
    several = (before > 0) & (after > 0) & (before + after > 2)
    rows = np.flatnonzero(several[keys])
    if len(rows):
        found, rows = _by_content(keys, rows, split, contents(rows))
        pairs += found
    left, right = rows[rows < split], rows[rows >= split] - split
    opening, closing = (np.concatenate(side) for side in zip(*pairs, strict=True))
    order = np.argsort(closing, kind="stable")
    return Pairs(
        opening=opening[order],
        closing=closing[order],
        removed=np.flatnonzero(after[ours] == 0),
        added=np.flatnonzero(before[theirs] == 0),
        unpaired_opening=left,
        unpaired_closing=right,
        doubled_opening=int((before > 1).sum()),
        doubled_closing=int((after > 1).sum()),
    )


def _by_content(
    keys: Codes, rows: Codes, split: int, contents: tuple[Codes, ...]
) -> tuple[list[tuple[Codes, Codes]], Codes]:
    """The pairs among the given rows that hold the same, and the rows that are left."""
    pairs = []
    left = np.arange(len(rows))
    for content in contents:
        half = int((rows[left] < split).sum())
        group = _numbered(combined([keys[rows[left]], content[left]], len(left)), half)
        ours, theirs = _single_of(group, half)
        pairs.append((rows[left[ours]], rows[left[half + theirs]] - split))
        left = np.delete(left, np.concatenate([ours, half + theirs]))
    sure = left[_one_content_each(keys[rows[left]], contents[-1][left], rows[left] < split)]
    half = int((rows[sure] < split).sum())
    ours, theirs = _single_of(_numbered(keys[rows[sure]], half), half)
    pairs.append((rows[sure[ours]], rows[sure[half + theirs]] - split))
    return pairs, rows[np.setdiff1d(left, np.concatenate([sure[ours], sure[half + theirs]]))]


def _one_content_each(keys: Codes, content: Codes, ours: Codes) -> Codes:
    """Where the rows of a key all hold the same in the opening, and all the same in the closing."""
    size = int(keys.max(initial=-1)) + 1
    sure = np.ones(size, dtype=bool)
    for side in (ours, ~ours):
        _, first = np.unique(combined([keys[side], content[side]], side.sum()), return_index=True)
        sure &= np.bincount(keys[side][first], minlength=size) == 1
    where: Codes = sure[keys]
    return where


def _single(ours: Codes, theirs: Codes, wanted: Codes) -> tuple[Codes, Codes]:
    """The positions of the wanted keys, each of which occurs once on either side."""
    places = []
    for side in (ours, theirs):
        where = np.zeros(len(wanted), dtype=np.int64)
        where[side] = np.arange(len(side))
        places.append(where[wanted])
    return places[0], places[1]


def _numbered(group: Codes, split: int) -> Codes:
    """The groups with equal rows told apart by number, on each side from 0."""
    sides = (pd.Series(group[:split]), pd.Series(group[split:]))
    number = np.concatenate([side.groupby(side).cumcount().to_numpy() for side in sides])
    return combined([group, number], len(group))


def _single_of(group: Codes, split: int) -> tuple[Codes, Codes]:
    """Where the same number stands on both sides; each side has it at most once."""
    _, left, right = np.intersect1d(
        group[:split], group[split:], assume_unique=True, return_indices=True
    )
    return left, right
