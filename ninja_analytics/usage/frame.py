"""The requests made, as a frame."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pandas as pd

from ninja_analytics.errors import UsageError
from ninja_analytics.usage.ledger import Ledger

COLUMNS = {
    "requested_at": "datetime64[us, UTC]",
    "path": "str",
    "status": "Int64",
    "size_bytes": "Int64",
    "milliseconds": "Float64",
    "retries": "Int64",
    "process_id": "Int64",
}

Time = pd.Timestamp | datetime | date | str


def usage_frame(ledger: Ledger, *, since: Time | None = None) -> pd.DataFrame:
    """The requests in *ledger* begun at or after *since*, a row for each try, oldest first.

    requested_at (UTC), path, status (0: no answer came), size_bytes of the answer, milliseconds,
    retries (tries of the same request before this one), process_id. What is on its way is not in it.
    Raises UsageError for a *since* that is no time.
    """
    rows = ledger.made(_epoch(since))
    if not rows:
        return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in COLUMNS.items()})
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    micros = np.rint(frame["requested_at"].to_numpy(dtype=float) * 1e6).astype("datetime64[us]")
    frame["requested_at"] = pd.Series(micros).dt.tz_localize("UTC")
    return frame.astype(COLUMNS)


def _epoch(since: Time | None) -> float:
    """*since* in epoch seconds; a time without a zone is UTC."""
    if since is None:
        return 0.0
    try:
        time = pd.Timestamp(since)
        return float((time if time.tzinfo else time.tz_localize("UTC")).timestamp())
    except (ValueError, TypeError, OverflowError) as error:
        msg = f"since is {since!r}. Give a time, e.g. '2026-01-31' or pd.Timestamp.now('UTC')."
        raise UsageError(msg) from error
