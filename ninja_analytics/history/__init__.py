"""What was recorded of NinjaOne: snapshots, the past, what changed, and the door to a cluster.

    place            where the history of a profile is
    folder           files on this machine or at an address that fsspec knows
    snapshots        what a snapshot holds; its manifest, whose appearance commits it
    recorded_tables  which tables are recorded, and which of them are events
    taking           a snapshot of a live connection
    recording        the snapshot in the making: one table after the other, then the commit
    writing          rows into a Parquet file
    events           which events are new, which recording of one counts
    today            rows of any age in the columns of today
    reading          recorded rows as Arrow data sets and as typed frames
    past             tables and reports as of a time
    ages             since when things are so
    sql              DuckDB over all of it
    formulas         the KPIs over time, over lazy frames
    trends           what they are called and mean, and their numbers over all snapshots
    engines          what computes them: pandas, DuckDB, Dask
    cluster          a table as a Dask DataFrame
    keeping          prune, compact, verify, sweep
    history          all of that for one profile

Libraries that few need (DuckDB, narwhals, Dask) are imported when they are.
"""

from __future__ import annotations

from ninja_analytics.history.folder import Folder
from ninja_analytics.history.history import History
from ninja_analytics.history.past import Past
from ninja_analytics.history.place import of_profile
from ninja_analytics.history.snapshots import Snapshot

__all__ = ["Folder", "History", "Past", "Snapshot", "of_profile"]
