"""Runs with nobody there: notebooks and reports, once or as named jobs, and what starts them.

running    one run: a dated record, a page, and an honest end
sources    what can be run by its name, and with which parameters
executing  a notebook through papermill
relaying   the log lines of a kernel
records    the files of a run, the pointers to the latest, the summary
page       the record as one HTML page
retrying   another try where time may heal
plan       the runs that a job comes to, customer by customer
several    all of them, whatever becomes of one
crontimes  when a job starts, in cron's words
entries    what to install for cron, systemd and Windows
"""

from __future__ import annotations

from ninja_analytics.schedule.records import RunResult, write_summary
from ninja_analytics.schedule.retrying import Patience
from ninja_analytics.schedule.running import refuse_partial, refuse_what_dies, run_notebook
from ninja_analytics.schedule.several import Outcome, run_all
from ninja_analytics.schedule.sources import (
    Source,
    book_of,
    notebooks,
    parameter_names,
    parameters_of,
    read,
    source_of,
)

__all__ = [
    "Outcome",
    "Patience",
    "RunResult",
    "Source",
    "book_of",
    "notebooks",
    "parameter_names",
    "parameters_of",
    "read",
    "refuse_partial",
    "refuse_what_dies",
    "run_all",
    "run_notebook",
    "source_of",
    "write_summary",
]
