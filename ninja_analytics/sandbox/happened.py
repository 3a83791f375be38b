"""What happened in an hour, as far as the activity log tells of it besides its usual noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ninja_analytics.sandbox.fleet import Numbers

# Kinds of activities, by their numbers in the log.
REBOOTED, CREATED, DELETED, ALERTED, RESET = 17, 24, 25, 26, 27


class Event(NamedTuple):
    """Something that happened at a time (epoch seconds) to a device; 0 is no series."""

    at: float
    kind: int
    device: int
    series: int = 0


@dataclass(frozen=True, slots=True)
class Happened:
    """The events of an hour as columns, and how many devices were there at its end."""

    living: int
    at: Numbers
    kind: Numbers
    device: Numbers
    series: Numbers


def happened(events: list[Event], *, living: int) -> Happened:
    """The same events as columns."""
    at, kind, device, series = zip(*events, strict=True) if events else ((), (), (), ())
    return Happened(
        living,
        np.array(at, dtype=float),
        np.array(kind, dtype=np.int16),
        np.array(device, dtype=np.int64),
        np.array(series, dtype=np.int64),
    )
