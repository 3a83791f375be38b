"""The connections that live in this process, found again by what a frame says of its origin."""

from __future__ import annotations

from typing import Any, Protocol
from weakref import WeakSet

import pandas as pd


class Connection(Protocol):
    """What pulls tables as one profile: a `Ninja`."""

    @property
    def profile(self) -> Any:
        """Who is connected to what."""
        ...

    def lookup(self, name: str, /) -> pd.DataFrame:
        """A whole table, as it was a few minutes ago at most."""
        ...


_LIVE: WeakSet[Connection] = WeakSet()


def remember(connection: Connection) -> None:
    """Let frames that come from *connection* find it, as long as it lives."""
    _LIVE.add(connection)


def key(connection: Connection) -> str:
    """How a frame names its connection: the profile and the instance, no secret."""
    return f"{connection.profile.name} at {connection.profile.base_url}"


def of(frame: pd.DataFrame) -> Connection | None:
    """The connection from which *frame* came, if it still lives."""
    told = frame.attrs.get("ninja", {}).get("connection")
    return next((one for one in _LIVE if told and key(one) == told), None)
