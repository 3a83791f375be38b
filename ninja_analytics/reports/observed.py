"""From when on a log tells of a period: what happened before it begins, nobody knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from ninja_analytics.periods import Period

SLACK = pd.Timedelta(days=1)
"""By how much a log may begin after a period before it is called too short: quiet days happen."""
LEAST = 20
"""From how many entries on a quiet beginning can be judged: of 20 gaps between the entries of one and
the same log, by chance the first is the longest once, which is the usual 5 %."""


@dataclass(frozen=True, slots=True)
class Observed:
    """How much of a `period` (the part that is past) a log tells of.

    `begins` is when the log begins, where that is after the period does; None where it tells of all
    of it, or nobody can say. `first_at` is its first entry, `entries` how many it has.
    """

    log: str
    period: Period
    begins: pd.Timestamp | None
    first_at: pd.Timestamp | None
    entries: int

    @property
    def span(self) -> Period | None:
        """The part of the period that the log tells of; None where it begins only afterwards."""
        if self.begins is None:
            return self.period
        return None if self.begins >= self.period.end else replace(self.period, start=self.begins)

    @property
    def days(self) -> float:
        """How many days of 24 hours the log tells of."""
        span = self.span
        return 0.0 if span is None else (span.end - span.start) / pd.Timedelta(days=1)

    @property
    def note(self) -> str:
        """For a KPI: when the log begins, where that is late; else nothing."""
        return "" if self.begins is None else f"the log begins on {self.begins:%Y-%m-%d}"

    @property
    def notes(self) -> tuple[str, ...]:
        """For a report: when the log begins and what was counted, or that nobody can say; or nothing."""
        first, start = self.first_at, self.period.start
        told = ""
        if self.begins is not None:
            told = (
                f"The log begins on {self.begins:%Y-%m-%d %H:%M} UTC ({self.log}), and the period on "
                f"{start:%Y-%m-%d %H:%M} UTC: what happened before is not in it, and rates count the "
                f"{self.days:.1f} days since. Its first entry is taken for its beginning, since the quiet "
                "before it is longer than a day and than any after it."
            )
        elif first is not None and first > start + SLACK and self.entries < LEAST:
            told = (
                f"The first of {self.entries:,} entries of the log ({self.log}) is of "
                f"{first:%Y-%m-%d %H:%M} UTC. They are too few to tell whether it begins there or it was "
                "quiet before; the whole period counts."
            )
        return (told,) if told else ()


def observed(times: pd.Series, period: Period, *, now: pd.Timestamp, log: str) -> Observed:
    """How much of the *period* a log tells of whose entries are of these *times*, in UTC.

    All entries count that there are up to *now*, whatever they tell of and also those before the
    period. A log begins late when its first entry is more than SLACK after the period's start, and
    the quiet before it is longer than any between two later entries; of fewer than LEAST entries
    nobody can say. An empty log says nothing about when it begins.
    """
    past = replace(period, end=min(period.end, now)) if period.start < now else period
    known = times[times <= now].dropna()
    first = known.min() if len(known) else None
    begins = None
    if first is not None and len(known) >= LEAST and first > past.start + SLACK:
        longest = known.sort_values().diff().max()
        begins = first if first - past.start > longest else None
    return Observed(log, past, begins, first, len(known))


def noted(*parts: str) -> str:
    """The parts of a note that say something, in one."""
    return "; ".join(part for part in parts if part)
