"""Dice without a state: the same numbers always give the same fraction, of one device or of many."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

_ALL = (1 << 64) - 1
# The constants of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def fraction(seed: int, salt: int, identity: int, number: int) -> float:
    """A number from 0 up to 1 for these four."""
    mixed = (_start(seed, salt, number) + identity * _STEP) & _ALL
    mixed = ((mixed ^ (mixed >> 30)) * _FIRST) & _ALL
    mixed = ((mixed ^ (mixed >> 27)) * _SECOND) & _ALL
    return ((mixed ^ (mixed >> 31)) >> 11) / float(1 << 53)


def fractions(seed: int, salt: int, identities: Numbers, number: int) -> Numbers:
    """The same of many identities at once."""
    start = np.uint64(_start(seed, salt, number))
    mixed = identities.astype(np.uint64) * np.uint64(_STEP) + start
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
    found: Numbers = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)) / float(1 << 53)
    return found


def _start(seed: int, salt: int, number: int) -> int:
    mixed = (seed * _FIRST + salt * _SECOND + number * 0xD1342543DE82EF95 + 1) & _ALL
    mixed = ((mixed ^ (mixed >> 29)) * _FIRST) & _ALL
    return mixed ^ (mixed >> 32)
