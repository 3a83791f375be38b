"""Another try where time may heal what went wrong: NinjaOne down, too many requests, a broken pull."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

from ninja_analytics import errors
from ninja_analytics.errors import NinjaError, RunError

log = logging.getLogger(__name__)

T = TypeVar("T")
Pause = Callable[[float], object]

LONGEST = 900.0
_AFTER_LIMIT = (
    600.0  # a pull itself waits out what is shorter, and what a cell was told is not known
)

# A wrong call, a missing consent, a refused right and a bug stay what they are.
_HEALS = (
    errors.ServerError,
    errors.RateLimitError,
    errors.UnreachableError,
    errors.AnswerError,
    errors.IncompleteError,
)
_STAYS = (errors.PartialReportError,)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often to try again, and after how long: `first` seconds, then twice that, and so on.

    `pause` is what waits.
    """

    retries: int
    first: float
    pause: Pause

    def waits(self) -> Iterator[float]:
        """The seconds before each further try, 15 minutes at most."""
        return (min(self.first * 2**number, LONGEST) for number in range(self.retries))


def may_heal(error: NinjaError) -> bool:
    """Whether the same may go well a little later; of a failed run, by the error in its cell."""
    kind: object = type(error)
    if isinstance(error, RunError):
        kind = getattr(errors, error.cause or "", None)
    return isinstance(kind, type) and issubclass(kind, _HEALS) and not issubclass(kind, _STAYS)


@dataclass(frozen=True, slots=True)
class Tried(Generic[T]):
    """What came of some work: its `value` or its `error`, after how many tries and seconds."""

    value: T | None
    error: NinjaError | None
    tries: int
    seconds: float


def patiently(work: Callable[[], T], what: str, patience: Patience) -> Tried[T]:
    """What comes of *work*, tried again with *patience* while time may heal how it fails.

    *what* begins the log line of each failure.
    """
    began, waits = time.monotonic(), patience.waits()
    for tries in count(1):
        value, error = _once(work)
        seconds = next(waits, None) if error and may_heal(error) else None
        if error is None or seconds is None:
            return Tried(value, error, tries, time.monotonic() - began)
        seconds = max(seconds, _asked(error))
        log.warning("%s: %s Trying again in %.0f s.", what, error, seconds)
        patience.pause(seconds)
    raise AssertionError("count() does not end")


def _asked(error: NinjaError) -> float:
    """For how many seconds NinjaOne asks to be left alone."""
    if isinstance(error, RunError) and error.cause == "RateLimitError":
        return _AFTER_LIMIT
    return min(getattr(error, "retry_after", None) or 0.0, LONGEST)


def _once(work: Callable[[], T]) -> tuple[T | None, NinjaError | None]:
    """What *work* answers, or how it failed; a foreign error is a defect, whose text is not shown."""
    try:
        return work(), None
    except NinjaError as error:
        return None, error
    except Exception as error:  # noqa: BLE001 (one customer's run must not stop the others)
        name = type(error).__name__
        defect = RunError(
            f"{name}: a defect of ours. See where with: ninja-analytics --debug …", cause=name
        )
        defect.__cause__ = error
        return None, defect
