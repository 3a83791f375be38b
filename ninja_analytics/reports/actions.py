"""What somebody should do: the devices of a report, in three buckets, with the reason."""

from __future__ import annotations

from typing import Literal

import pandas as pd

Bucket = Literal["fix now", "plan", "watch"]
BUCKETS: tuple[Bucket, ...] = ("fix now", "plan", "watch")

_COLUMNS = {
    "bucket": "str",
    "action": "str",
    "organization": "str",
    "device": "str",
    "why": "str",
    "organization_id": "Int64",
    "device_id": "Int64",
}


def to_do(bucket: Bucket, action: str, rows: pd.DataFrame, *, why: pd.Series | str) -> pd.DataFrame:
    """One action for each of *rows*, which have organization and device as a report's devices have.

    A row about an organization or a product has no device.
    """
    row: dict[str, object] = {"bucket": bucket, "action": action, "why": why}
    row |= {
        name: rows.get(name) for name in ("organization", "device", "organization_id", "device_id")
    }
    return pd.DataFrame(row, index=rows.index, columns=list(_COLUMNS)).astype(_COLUMNS)


def grouped(counts: pd.Series) -> pd.Series:
    """Counts as the words of an action have them: 2,000."""
    return counts.map("{:,}".format).astype("str")


def actions(*parts: pd.DataFrame) -> pd.DataFrame:
    """All actions, what is to be fixed now first; within a bucket in the order given."""
    whole = [part for part in parts if len(part)]
    if not whole:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _COLUMNS.items()})
    rank = {bucket: place for place, bucket in enumerate(BUCKETS)}
    found = pd.concat(whole, ignore_index=True)
    return found.sort_values(
        "bucket", key=lambda one: one.map(rank), kind="stable", ignore_index=True
    )
