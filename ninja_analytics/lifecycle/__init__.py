"""When vendors end the support of operating systems: a table with its sources, and who falls under it.

    table     what the table holds, and whether a file holds such a table
    reading   the packaged table, or the user's own copy, and how old it is
    matching  which release each device runs, by build, name and release
    refresh   the user's own copy, made of a file or an address that the user names

Nothing here asks a network by itself. A report is given the table; it reads no file.
"""

from ninja_analytics.lifecycle.matching import matched
from ninja_analytics.lifecycle.reading import (
    age_days,
    own_copy,
    packaged,
    read_table,
    stale_warning,
)
from ninja_analytics.lifecycle.table import PRODUCTS

__all__ = [
    "PRODUCTS",
    "age_days",
    "matched",
    "own_copy",
    "packaged",
    "read_table",
    "stale_warning",
]
