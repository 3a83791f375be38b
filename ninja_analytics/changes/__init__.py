"""What differs between two frames of one table: rows added, removed, changed, not observed again.

Pure: two frames in, one answer out. Rows are told apart by the row key of the catalogue; columns
that move by themselves (`NOISY`, `NOISY_IN`) are left out of the comparison.
"""

from __future__ import annotations

from ninja_analytics.changes.comparing import changes
from ninja_analytics.changes.noisy import NOISY, NOISY_IN, noisy_columns, observed_column
from ninja_analytics.changes.result import Changes, Ledger

__all__ = [
    "NOISY",
    "NOISY_IN",
    "Changes",
    "Ledger",
    "changes",
    "noisy_columns",
    "observed_column",
]
