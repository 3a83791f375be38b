"""Pages of JSON into typed DataFrames: kinds, the fast path, the tolerant path, the assembly."""

from __future__ import annotations

from ninja_analytics.frames.assemble import Drift, frame

__all__ = ["Drift", "frame"]
