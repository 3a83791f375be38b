"""What a device was at first, and what has happened to it since the sandbox began.

What is drawn from a device's dice is what it was at first; a sandbox that moves on in time only
writes down what became different. So the past is drawn as it always was.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]

HOUR = 3600.0
WORDS = 72  # of 32 hours each: whether a device was there is remembered for 96 days
REMEMBERED = WORDS * 32
LEAVES = 300  # the salt of the dice that say when within an hour a device went away
CONDITIONS = 7  # that can raise an alert


@dataclass(frozen=True, slots=True)
class First:
    """What devices were when the sandbox began, or when they came; one entry per device.

    `since` is when its hardware was enrolled first: a device that is enrolled again keeps it.
    `seen` and `contact` are when its data were collected and when it was last heard of.
    """

    status: Numbers
    home: Numbers
    seen: Numbers
    contact: Numbers
    low: Numbers
    system: Numbers
    since: Numbers


@dataclass(frozen=True, slots=True)
class Life:
    """What has happened to devices since; one entry per device, and by index where it is rare.

    `away` says who is gone for weeks. `free` is the share of the main volume that was free at
    first (nan: not looked up yet), by whose factor exp(`filled`) it has changed. `renamed`,
    `memory` and `swapped` count: names given, memory doubled, drives replaced. `bitlocker`,
    `antivirus` and `definitions` are 0 as it was at first, else a state of their own.
    `upgraded` is when the operating system was replaced (inf: never). `presence` has a bit for
    each of the last hours. `watched` and `raised` are about each condition: whether it is, and
    since when there is an alert (nan: there is none).
    """

    away: Numbers
    free: Numbers
    filled: Numbers
    renamed: Numbers
    memory: Numbers
    swapped: Numbers
    bitlocker: Numbers
    antivirus: Numbers
    definitions: Numbers
    upgraded: Numbers
    presence: Numbers
    watched: Numbers
    raised: Numbers
    # Where it was before: until when, the index of the organization and the id of the location.
    places: dict[int, tuple[tuple[float, int, int], ...]]
    # From when until when it was away for days.
    absences: dict[int, tuple[tuple[float, float], ...]]
    # Custom fields that were written since: their names and when.
    fields: dict[int, dict[str, float]]


def unmoved(total: int) -> Life:
    """The life of *total* devices to which nothing has happened yet."""

    def none() -> Numbers:
        return np.zeros(total, dtype=np.int8)

    return Life(
        away=np.zeros(total, dtype=bool),
        free=np.full(total, np.nan),
        filled=np.zeros(total),
        renamed=none(),
        memory=none(),
        swapped=none(),
        bitlocker=none(),
        antivirus=none(),
        definitions=none(),
        upgraded=np.full(total, np.inf),
        presence=np.zeros((total, WORDS), dtype=np.uint32),
        watched=np.zeros((total, CONDITIONS), dtype=bool),
        raised=np.full((total, CONDITIONS), np.nan),
        places={},
        absences={},
        fields={},
    )


def copied(life: Life) -> Life:
    """A life of its own, which can be written on."""
    return Life(**{one.name: getattr(life, one.name).copy() for one in fields(life)})


def present(life: Life, index: int, step: int) -> bool:
    """Whether a device was there at the end of an hour, by the number of the hour."""
    slot = step % REMEMBERED
    return bool(int(life.presence[index, slot // 32]) >> (slot % 32) & 1)


def mark(life: Life, step: int, there: Numbers) -> None:
    """Write down who was there at the end of an hour."""
    slot = step % REMEMBERED
    word, bit = life.presence[:, slot // 32], np.uint32(1 << slot % 32)
    word &= ~bit
    word[there] |= bit


def marked(life: Life, step: int) -> Numbers:
    """The indexes of the devices that were there at the end of an hour."""
    slot = step % REMEMBERED
    found: Numbers = np.flatnonzero(life.presence[:, slot // 32] >> np.uint32(slot % 32) & 1)
    return found
