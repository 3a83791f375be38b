"""How often a request is tried, and how long it waits in between, by what went wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ninja_analytics.errors import (
    AnswerError,
    ApiError,
    NinjaError,
    RateLimitError,
    ServerError,
    UnreachableError,
)

LONGEST_WAIT = 300.0

# How often an answer of each kind is asked for before it is believed.
_TRIES = ((RateLimitError, 8), (ServerError, 5), (UnreachableError, 4), (AnswerError, 3))
# A filter that NinjaOne does not understand makes it answer 500 every time, so 500 gets fewer tries
# than its gateway's errors.
_TRIES_AT_500 = 3
# A web page in the place of data may be how NinjaOne asks to slow down.
_TRIES_AT_PAGE = 5


_given_up: ContextVar[Callable[[], bool]] = ContextVar("given_up", default=lambda: False)


@contextmanager
def given_up_when(is_over: Callable[[], bool]) -> Iterator[None]:
    """Within this, in this thread, a failed request is not tried again once *is_over* says so."""
    token = _given_up.set(is_over)
    try:
        yield
    finally:
        _given_up.reset(token)


class Tries:
    """The tries of one request: how many were `made` in vain, and the `wait` before the next.

    `lost` says that NinjaOne may have begun to answer one of them, and the answer did not arrive: a
    cursor may have moved on. Only who is told to slow down knows that nothing was done.
    """

    def __init__(self, longest_wait: float = LONGEST_WAIT) -> None:
        self.made = 0
        self.wait = 0.0
        self.lost = False
        self._longest_wait = longest_wait
        self._error: NinjaError | None = None
        self._crowded = False

    def failed(self, error: NinjaError, *, crowded: bool) -> None:
        """Count a try that ended with *error*; *crowded* says that the answer asks to slow down."""
        self.made += 1
        self.lost = self.lost or not isinstance(error, RateLimitError)
        self._error, self._crowded = error, crowded
        asked = error.retry_after if isinstance(error, ApiError) else None
        # "At once" is not taken literally: the clocks may differ, or it may not help.
        slowest = 2.0 if crowded else 0.5
        growing = slowest * 2 ** (self.made - 1) * random.uniform(0.5, 1.0)  # noqa: S311  # jitter
        self.wait = asked or growing

    def are_over(self, error: NinjaError) -> bool:
        """Whether *error* is to be believed: also one that came before anything was sent."""
        if error is not self._error or _given_up.get()():
            return True
        return self.made >= self._most(error) or self.wait > self._longest_wait

    def _most(self, error: NinjaError) -> int:
        if isinstance(error, ApiError) and error.status == 500:
            return _TRIES_AT_500
        if isinstance(error, AnswerError) and self._crowded:
            return _TRIES_AT_PAGE
        return next(tries for kind, tries in _TRIES if isinstance(error, kind))
