"""All runs of some jobs, one after another: what fails for one customer stops no other."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from ninja_analytics.errors import NinjaError, RunError
from ninja_analytics.jobs import Job
from ninja_analytics.schedule.plan import Run, plan
from ninja_analytics.schedule.records import RunResult
from ninja_analytics.schedule.retrying import Patience, patiently
from ninja_analytics.schedule.running import run_notebook

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run, or of a job that came to none (`run` is None): the error, or the files.

    `tries` is how often it was begun, `seconds` how long all of them took.
    """

    job: Job
    run: Run | None
    error: NinjaError | None
    made: RunResult | None
    tries: int
    seconds: float

    @property
    def notebook(self) -> Path | None:
        """The record, also of a run that failed; None if it never began."""
        if self.made is not None:
            return self.made.notebook
        return self.error.notebook if isinstance(self.error, RunError) else None

    @property
    def files(self) -> tuple[Path, ...]:
        """What it left: the record, the page, and the saved files."""
        record = self.notebook
        if record is None:
            return ()
        saved = sorted(one for one in record.with_suffix("").rglob("*") if one.is_file())
        beside = (record, record.with_suffix(".html"))
        return tuple(one for one in (*beside, *saved) if one.exists())


def run_all(
    jobs: Sequence[Job], *, now: datetime | None = None, patience: Patience
) -> Iterator[Outcome]:
    """The outcome of each run of *jobs*, as it ends.

    *now* dates the files and is when periods are counted from (default: the moment that each begins).
    How often to try again is said by the job, how long to wait by *patience*.
    """
    for job in jobs:
        own = replace(patience, retries=job.retries)
        label = job.name or ", ".join(Path(one).name for one in job.run)
        planned = patiently(partial(_plan, job, now), label, own)
        if planned.error:
            _log(label, planned.error, alone=len(jobs) == 1)
            yield Outcome(job, None, planned.error, None, planned.tries, planned.seconds)
        runs = planned.value or []
        for run in runs:
            log.info("%s begins", run.label)
            tried = patiently(partial(_begin, run, now), run.label, own)
            if tried.error:
                _log(run.label, tried.error, alone=len(jobs) == len(runs) == 1)
            yield Outcome(job, run, tried.error, tried.value, tried.tries, tried.seconds)


def _log(label: str, error: NinjaError, *, alone: bool) -> None:
    """Log a failure while others go on; what fails alone is said once, at the end."""
    if not alone:
        log.warning("%s: %s", label, error)


def _plan(job: Job, now: datetime | None) -> list[Run]:
    return plan(job, now=now or datetime.now().astimezone())


def _begin(run: Run, now: datetime | None) -> RunResult:
    return run_notebook(
        run.source,
        profile=run.job.profile,
        out=run.out,
        parameters=run.parameters,
        settings=run.job.settings,
        now=now,
    )
