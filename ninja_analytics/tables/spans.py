"""Windows of time over a table: what is sent for them, when a walk may stop, and which rows are in."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from ninja_analytics.catalog import Table
from ninja_analytics.catalog import Window as Bounds
from ninja_analytics.errors import UsageError
from ninja_analytics.whole import make_private, put
from ninja_analytics.windows import Window, length, window

_log = logging.getLogger("ninja_analytics")

LAST = "last"
_FIRST_TIME = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """A window that was asked for: `bounds` of the table, `within` in time, above `newer_than` by id."""

    bounds: Bounds
    within: Window
    newer_than: int | None = None

    def parameters(self) -> dict[str, object]:
        """What is sent for it, by our names of the parameters."""
        sent: dict[str, object] = {}
        if self.newer_than is not None:
            return {"newer_than": self.newer_than}
        if self.within.since:
            # A second early, since nobody says whether NinjaOne counts the bound itself.
            sent[self.bounds.since] = self.within.since - timedelta(seconds=1)
        if self.within.until:
            sent[self.bounds.until] = self.within.until + timedelta(seconds=1)
        return sent

    def has(self, data: pd.DataFrame) -> pd.Series[Any]:
        """Which rows of *data* are in the window; one without a time may be, so it is."""
        times = data[self.bounds.column]
        keep = pd.Series(data=True, index=data.index)
        if self.within.since:
            keep &= ~(times < self.within.since)
        if self.within.until:
            keep &= ~(times >= self.within.until)
        if self.newer_than is not None:
            keep &= ~(data["activity_id"] <= self.newer_than).fillna(value=False).astype(bool)
        return keep

    def told(self) -> dict[str, object]:
        """The window as plain data."""
        since, until = self.within.since, self.within.until
        return {
            "column": self.bounds.column,
            "since": since.isoformat() if since else None,
            "until": until.isoformat() if until else None,
            **({"newer_than": self.newer_than} if self.newer_than is not None else {}),
        }


def span(
    table: Table, since: object, until: object, *, now: datetime | None, last: int | None
) -> Span | None:
    """The window from *since* until *until* over *table*; None if neither is given.

    since="last" is what is newer than activity *last*, or the last seven days if there is none.
    Raises UsageError for a table without a time to bound, and for what is no window.
    """
    if since is None and until is None:
        return None
    last_time = isinstance(since, str) and since == LAST
    if last_time and until is not None:
        msg = (
            f"since='last' of {table.name} goes up to now. Leave until= out, or give since= a time."
        )
        raise UsageError(msg)
    if table.window is None:
        msg = f"{table.name} has no time by which NinjaOne bounds it. Leave since= and until= out."
        raise UsageError(msg)
    now = now or datetime.now(UTC)
    if not last_time:
        return Span(table.window, window(since, until, now=now))
    if table.paging != "older_than":
        msg = f"{table.name} cannot be asked for what is new. Give since= a time, e.g. since='7d'."
        raise UsageError(msg)
    if last is None:
        return Span(table.window, window(now - _FIRST_TIME, now=now))
    return Span(table.window, Window(), newer_than=last)


def moving(since: object, until: object) -> str:
    """How far a window goes back whose bound moves with the time, as in since="7d"; "" if none does."""
    if until is not None or not isinstance(since, str | timedelta):
        return ""
    try:
        return str(length("since", since))
    except UsageError:
        return ""


def last_seen(folder: Path | None, question: str) -> int | None:
    """The id up to which an earlier pull of the same *question* has come; None if there was none."""
    if folder is None:
        return None
    try:
        found = json.loads((folder / f"{question}.last").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, int) else None


def newest(data: pd.DataFrame) -> int | None:
    """The highest id of an activity in *data*; None if there is none."""
    highest = data["activity_id"].max()
    return None if pd.isna(highest) else int(highest)


def remember_last(folder: Path | None, question: str, highest: int | None) -> None:
    """Note the *highest* id that was handed out, for the next pull of the same *question*.

    What cannot be noted is said in the log: then the same rows will come once more.
    """
    if folder is None or highest is None or highest <= (last_seen(folder, question) or 0):
        return
    try:
        make_private(folder)
        put(folder / f"{question}.last", json.dumps(highest).encode())
    except OSError as error:
        _log.warning(
            "How far the activities have come cannot be noted (%s), so since='last' will bring these "
            "rows again. Make room in %s, or set NINJA_HOME.",
            error.strerror or type(error).__name__, folder,
        )  # fmt: skip
