"""What a user may set of the request budget: by argument, else by environment variable."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ninja_analytics.errors import ProfileError, UsageError

DEFAULT_PARALLEL = 8
MOST_PARALLEL = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """The most requests at once, and the most in any 60 seconds (None: as many as go).

    NinjaOne publishes no limit. Eight at once is what other clients are known to get away with
    and keeps a pull busy; the pace begins at half of it and is halved when NinjaOne objects.
    """

    parallel: int = DEFAULT_PARALLEL
    requests_per_minute: int | None = None


def limits(parallel: int | None = None, requests_per_minute: int | None = None) -> Limits:
    """The limits by these arguments, over NINJA_PARALLEL and NINJA_REQUESTS_PER_MINUTE.

    Raises UsageError for an argument and ProfileError for a variable that is no such number.
    """
    at_once = _number("parallel", parallel, "NINJA_PARALLEL", MOST_PARALLEL)
    cap = _number("requests_per_minute", requests_per_minute, "NINJA_REQUESTS_PER_MINUTE", None)
    return Limits(at_once or DEFAULT_PARALLEL, cap)


def _number(name: str, given: object, variable: str, most: int | None) -> int | None:
    """What is *given*, else what the *variable* says; None where neither says anything."""
    upto = f"from 1 to {most}" if most else "of 1 or more"
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, int) or not _fits(given, most):
            msg = f"{name} is {given!r}. Give a whole number {upto}, or leave it out."
            raise UsageError(msg)
        return given
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and _fits(int(text), most)):
        msg = f"{variable} is {text!r}. Set it to a whole number {upto}, or unset it."
        raise ProfileError(msg)
    return int(text)


def _fits(number: int, most: int | None) -> bool:
    return number >= 1 and (most is None or number <= most)
