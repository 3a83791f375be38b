"""The walk over the catalogue: a table as it was asked for, pulled whole and fast."""

from __future__ import annotations

from ninja_analytics.tables.asked import all_known, refuse_unknown
from ninja_analytics.tables.estimates import estimate
from ninja_analytics.tables.fetching import fetch
from ninja_analytics.tables.recorded import record_source, recorded
from ninja_analytics.tables.several import Frames, at_once, in_parts
from ninja_analytics.tables.sources import Lookups, Source
from ninja_analytics.tables.streaming import Stream, stream

__all__ = [
    "Frames",
    "Lookups",
    "Source",
    "Stream",
    "all_known",
    "at_once",
    "estimate",
    "fetch",
    "in_parts",
    "record_source",
    "recorded",
    "refuse_unknown",
    "stream",
]
