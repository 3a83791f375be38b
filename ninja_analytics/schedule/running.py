"""Runs one notebook or report with nobody there: a dated record, a page, and an honest end.

Nobody is asked anything: without a usable token it ends before a kernel starts, and a cell that
fails ends it with one sentence while the notebook executed so far stays as the record.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import TokenStore, open_store
from ninja_analytics.connecting import connect
from ninja_analytics.errors import (
    ConsentRequiredError,
    IncompleteError,
    PartialReportError,
    RunError,
    UnknownNameError,
)
from ninja_analytics.jobs import refuse_secrets
from ninja_analytics.reports import Report
from ninja_analytics.schedule.executing import execute
from ninja_analytics.schedule.page import write_page
from ninja_analytics.schedule.records import RunResult, point_to, reserve, slug
from ninja_analytics.schedule.sources import Source, parameters_of, source_of

log = logging.getLogger(__name__)


def run_notebook(
    notebook: str | Path | Source,
    *,
    profile: str,
    out: str | Path,
    parameters: Mapping[str, Any] | None = None,
    settings: str | Path | None = None,
    now: datetime | None = None,
) -> RunResult:
    """The files that *notebook* leaves when it is executed for *profile* with nobody there.

    *notebook* is a path, the name of one that comes along, or that of a report, for which a notebook
    is made. Into the folder *out* go `NAME-PROFILE-DATE.ipynb` (the record) and `.html` (the page,
    code hidden); the cell tagged `parameters` gets `profile`, and as `out` the folder of the same
    dated name, unless *parameters* says otherwise. Nothing is overwritten: a second run of the day
    ends in -2. After a success `NAME-PROFILE-latest` and `-latest.html` lead to it. *settings* is
    the file that reports read their thresholds from, *now* dates the files (default: this moment).

    Raises ConsentRequiredError before anything starts when no token is usable, UsageError for a
    notebook or parameter that cannot be, ExportError for a folder that cannot be written, and
    RunError when a cell fails.
    """
    source, day = source_of(notebook), now or datetime.now().astimezone()
    given = dict(parameters or {})
    refuse_secrets(given)
    who = usable(profile)  # first: reading a notebook takes an import of more than a second
    known = parameters_of(source)
    refuse_unknown(given, known, source)
    stem = f"{slug(source.name)}-{slug(profile) or 'profile'}"
    made = reserve(Path(out), stem, day)
    ours = {"profile": profile, "out": str(made.files)}
    values = {name: value for name, value in ours.items() if name in known} | given
    started = time.monotonic()
    try:
        execute(source, made, values, who, settings=Path(settings).absolute() if settings else None)
    except RunError as error:
        if source.report and error.cause in ("IncompleteError", "PartialReportError"):
            write_page(made, source, day)
        raise
    write_page(made, source, day)
    point_to(made, stem)
    log.info("%s finished after %.0f s", source.title, time.monotonic() - started)
    return made


def refuse_unknown(given: Mapping[str, Any], known: set[str], source: Source) -> None:
    """Raise UnknownNameError for a parameter that *source* does not have."""
    for name in given:
        if name not in known:
            raise UnknownNameError.among(f"parameter of {source.what}", name, known)


def usable(profile: str) -> Profile:
    """Who will pull, after making sure that a kernel with nobody there can: by doing it here."""
    who = connect(profile, interactive=False).profile
    refuse_what_dies(who, open_store())
    return who


def refuse_what_dies(who: Profile, store: TokenStore) -> None:
    """Raise ConsentRequiredError for a consent kept in memory, where no later process finds it."""
    if who.flow != "client_credentials" and not store.shared:
        raise ConsentRequiredError(
            f"The token of profile {who.name!r} is kept in memory only, where a notebook's kernel "
            "cannot see it. Set NINJA_TOKEN_STORE to file or keyring, then run: "
            f"ninja-analytics connect --profile {who.name}"
        )


def refuse_partial(report: Report) -> None:
    """Raise an error for a report that lacks rows, so that a run says so by how it ends.

    IncompleteError where a pull broke, which may be whole the next time, and PartialReportError where
    this instance or these rights do not have a table.
    """
    if not report.partial:
        return
    broken = any(source.partial and not source.missing for source in report.sources)
    said = " ".join(report.warnings)
    raise (IncompleteError if broken else PartialReportError)(
        f"The report {report.name} is partial: {said}"
    )
