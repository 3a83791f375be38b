"""How many API requests the sandbox takes: at once, and in a span of time; the others get a 429."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable

from ninja_analytics.sandbox.switches import Switches


class Crowd:
    """Counts the API requests that are let in, and says for how long another is to stay away."""

    def __init__(self, switches: Switches, clock: Callable[[], float] = time.monotonic) -> None:
        self.inside = 0
        self._switches = switches
        self._clock = clock
        self._entered: deque[float] = deque()

    def enter(self) -> int | None:
        """None if the request is let in, which is to `leave` then; else the seconds to wait."""
        limit, now = self._switches.rate_limit, self._clock()
        while self._entered and self._entered[0] <= now - self._switches.rate_window:
            self._entered.popleft()
        if limit is not None and len(self._entered) >= limit:
            oldest = self._entered[-limit] if limit else now
            return max(1, math.ceil(oldest + self._switches.rate_window - now))
        at_once = self._switches.concurrency_limit
        if at_once is not None and self.inside >= at_once:
            return 1
        self._entered.append(now)
        self.inside += 1
        return None

    def leave(self) -> None:
        """Count a request out that was let in."""
        self.inside -= 1
