"""What a frame can do itself, as `frame.ninja`: tell its source, get names, be grouped and shared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from ninja_analytics import connections, naming, sharing, windows
from ninja_analytics.connections import Connection
from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.zones import in_zone

_GROUPED_BY = (*naming.NAMED, "node_class")


class Source(Mapping[str, Any]):
    """Where a frame came from, as a read-only mapping that shows itself."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = dict(told)

    def __getitem__(self, name: str) -> Any:
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._told)

    def __len__(self) -> int:
        return len(self._told)

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {_shown(self[name])}" for name in self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th>'
            f'<td style="text-align:left">{escape(_shown(self[name]))}</td></tr>'
            for name in self
        )
        return f"<table><tbody>{rows}</tbody></table>"


@pd.api.extensions.register_dataframe_accessor("ninja")
class NinjaAccessor:
    """What `frame.ninja` offers for a frame that `Ninja.table` gave, or that was made from one."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    @property
    def source(self) -> Source:
        """Where the frame came from: table, filter, instance, time, rows, whether it is complete.

        Raises UsageError for a frame that does not know: pandas forgets it when frames are joined.
        """
        told = self._frame.attrs.get("ninja")
        if not told:
            msg = (
                "This frame does not know where it came from. Ask one that ninja.table(...) gave; "
                "joining and grouping frames makes pandas forget it."
            )
            raise UsageError(msg)
        return Source(told)

    def with_names(self, *which: str, ninja: Connection | None = None) -> pd.DataFrame:
        """A copy with the columns organization_name, location_name, device_name and so on.

        *which* are any of "organization", "location", "device", "role" and "policy"; by default all
        that the frame's ids allow. Rows without a match stay, unnamed. The names are pulled by
        *ninja*, else by the connection that gave the frame, and are kept for some minutes.

        Raises UnknownNameError for another name, UsageError where the frame has no such ids or its
        connection is gone, and what a pull raises.
        """
        return naming.with_names(
            self._frame, which or naming.nameable(self._frame), self._lookup(ninja)
        )

    def by(self, what: str, *, ninja: Connection | None = None) -> Any:
        """The rows grouped by the name of their "organization", "location", "device" and so on.

        The answer is a pandas GroupBy of the frame, whose index is the names:
        `frame.ninja.by("organization").size()`, `…["free_bytes"].sum()`, or
        `….agg(rows=("name", "size"), devices=("device_id", "nunique"))`. "role", "policy"
        and "node_class" are known as well. Equal names of different things are told apart, "Main Office (Heron
        Ltd)"; rows of which nothing is known are in "(unknown)". Raises as `with_names` does.
        """
        if what not in _GROUPED_BY:
            raise UnknownNameError.among("way to group", what, _GROUPED_BY)
        labels = naming.labels(self._frame, what, self._lookup(ninja))
        return self._frame.groupby(labels, observed=True)

    def share(self, *, key: str | None = None, keep: Iterable[str] = ()) -> pd.DataFrame:
        """A copy for others: organizations, locations, devices, users, addresses under aliases.

        So are serial numbers, tags, the tenant's own names and all ids. The same input has the same
        alias in every frame, so that they still merge; *key*, a text of 12 characters or more, makes
        the aliases (default: a secret of yours that never leaves the home folder). Free texts, free
        JSON, lists of objects (share those pulled with part=), custom fields and columns that no
        table has are left out, but for those named in *keep*; the copy's `.source["dropped"]` says
        which, `["dropped_unknown"]` how many more. Names of programs, patches and vendors, numbers and times
        stay: who knows the fleet may still recognize a machine by them.
        """
        return sharing.shared(self._frame, key=key, keep=keep)

    def export(self, path: str | Path, *, neutralize: bool = True) -> Path:
        """The file written from the frame; the suffix picks csv, xlsx, parquet or html.

        With *neutralize*, texts that a spreadsheet would take for a formula are made harmless.
        Raises UsageError for another suffix, ExportError when the file cannot be written.
        """
        from ninja_analytics.exports import export

        return export(self._frame, path, neutralize=neutralize)

    def in_tz(self, zone: str) -> pd.DataFrame:
        """A copy whose times read in the time zone *zone*, e.g. "Europe/Berlin", for display.

        They are the same moments. Days (columns that end in `_on`) stay days. Raises
        UnknownNameError for a zone that there is not.
        """
        return in_zone(self._frame, windows.time_zone(zone))

    def __repr__(self) -> str:
        told = self._frame.attrs.get("ninja", {}).get("table", "a frame of unknown origin")
        return f"<ninja of {told}: .source, .with_names, .by, .share, .export, .in_tz>"

    def _lookup(self, ninja: Connection | None) -> naming.Lookup:
        found = ninja or connections.of(self._frame)
        if found is not None:
            return found.lookup
        msg = (
            "Names are pulled from NinjaOne, and the connection that this frame came from is not here. "
            "Give one: .with_names(ninja=ninja), .by(..., ninja=ninja)."
        )

        def refuse(_: str) -> pd.DataFrame:
            raise UsageError(msg)

        return refuse


def _shown(value: object) -> str:
    """A value of the provenance for a person."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_shown(one)}" for name, one in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(_shown, value)) or "-"
    if value is None or value == "":
        return "-"
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )
