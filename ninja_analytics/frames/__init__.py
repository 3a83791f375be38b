"""Pages of JSON into typed DataFrames: kinds, the fast path, the tolerant path, the assembly."""

from __future__ import annotations

from ninja_analytics.frames.assemble import Decoding, Drift, assembled, decoded, frame, retyped
from ninja_analytics.frames.decode import Decoded, Decoder
from ninja_analytics.frames.parts import lists_of, part_of
from ninja_analytics.frames.tolerant import members

__all__ = [
    "Decoded",
    "Decoder",
    "Decoding",
    "Drift",
    "assembled",
    "decoded",
    "frame",
    "lists_of",
    "members",
    "part_of",
    "retyped",
]
