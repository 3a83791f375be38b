"""What has arrived of each part of a pull: its rows, how far it came, and what ended it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from ninja_analytics.errors import NinjaError
from ninja_analytics.frames import Decoded
from ninja_analytics.pages import Place
from ninja_analytics.tables.shards import Shard


class Parts(Protocol):
    """What holds the rows of a shard, in memory or elsewhere."""

    def append(self, part: Decoded, /) -> None:
        """Hold *part*, too."""

    def clear(self) -> None:
        """Hold nothing."""

    def __iter__(self) -> Iterator[Decoded]: ...

    def __len__(self) -> int: ...


@dataclass(slots=True, eq=False)
class Received:
    """What has arrived of one shard; `rows` counts it, `broken` is the error that ended it early."""

    shard: Shard
    parts: Parts = field(default_factory=list[Decoded], repr=False)
    place: Place = field(default_factory=Place, repr=False)
    broken: NinjaError | None = None
    absent: NinjaError | None = None
    rows: int = 0

    def add(self, part: Decoded) -> None:
        """Take up a *part* of the rows."""
        self.parts.append(part)
        self.rows += part.rows

    def begin_again(self) -> None:
        """Forget everything that arrived."""
        self.parts.clear()
        self.rows = 0
        self.place = Place()
        self.broken = None
