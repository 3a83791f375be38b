"""A device filter made ready for one table: what NinjaOne is asked, and what is done here after."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pandas as pd

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import evaluate
from ninja_analytics.filters.checked import OWN, checked
from ninja_analytics.filters.filter import Filter, as_filter
from ninja_analytics.filters.names import Lookup
from ninja_analytics.filters.text import shown
from ninja_analytics.filters.tree import all_of, conjuncts, leaves

Members = Callable[[int], Collection[int]]
"""Gives the ids of the devices in a group, by the group's id."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The part of a filter that is sent, the part for which rows are chosen here, and its groups."""

    server: Filter | None
    local: Filter | None
    groups: evaluate.Groups = field(default_factory=dict, repr=False)

    def texts(self, most: int = 200) -> list[str]:
        """The filter texts to send, each with a pull of its own; [""] for none."""
        if self.server is None:
            return [""]
        return [str(chunk) for chunk in self.server.chunks(most)]

    @property
    def shown(self) -> str:
        """What NinjaOne is asked, as one text; "" for nothing."""
        return "" if self.server is None else str(self.server)

    @property
    def status(self) -> Filter | None:
        """With which filter to pull the list of devices, so that it has those that are asked for."""
        if self.server is None:
            return None
        parts = [
            part
            for part in conjuncts(self.server.node)
            if any(leaf.field == "approval_status" for leaf in leaves(part))
        ]
        return Filter(all_of(parts)) if parts else None

    def needs_devices(self, columns: Collection[str]) -> bool:
        """Whether rows of these *columns* must be looked up in the list of devices."""
        parts = [part for part in (self.server, self.local) if part is not None]
        fields = {name for part in parts for name in part.fields}
        return any(OWN.get(name) not in columns for name in fields)

    def held(
        self,
        rows: pd.DataFrame,
        devices: pd.DataFrame,
        *,
        table: str,
    ) -> Held:
        """What of *rows* is to be kept, and what to say about it.

        *devices* is the list of devices, pulled with `status`; for a table of devices it is *rows*.
        Rows that NinjaOne should not have sent are dropped and warned of; rows of devices that are
        not in the list are kept for NinjaOne's part of the filter, and left out by the part that is
        done here.
        """
        told: dict[str, object] = {"checked": True, "ignored": False, "dropped": 0}
        told |= {"unknown": 0, "changed": 0}
        warning = ""
        if self.server is not None:
            found = checked(rows, devices, self.server, self.groups)
            told, warning = found.told, found.warning(self.server, table)
            rows = rows if found.keeps.all() else rows[found.keeps]
        if self.local is not None:
            chosen = checked(rows, devices, self.local, self.groups, forgive=False)
            here = chosen.fits.fillna(value=False).astype(bool)
            told |= {"in_pandas": shown(self.local.node), "left_out": int((~here).sum())}
            rows = rows if here.all() else rows[here]
        return Held(rows.reset_index(drop=True), told, warning)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The rows that stay, plain data for the frame's provenance, and a warning or ""."""

    rows: pd.DataFrame
    told: dict[str, object]
    warning: str


def ready(
    where: object,
    lookup: Lookup,
    *,
    ignores: Collection[str] = (),
    in_pandas: bool = False,
    members: Members | None = None,
) -> Ready | None:
    """*where* made ready for a table; None for no filter.

    *lookup* gives the names, see `Filter.resolved`; *ignores* are the fields that the table's filter
    passes over; *members* gives the ids of a group's devices, without which a group is not checked.
    Raises FilterError for what NinjaOne cannot be asked, unless *in_pandas* and it can be done here,
    and UnknownNameError for a name that nothing has.
    """
    given = as_filter(where)
    if given is None:
        return None
    if not in_pandas:
        given.sendable(ignores)  # before anything is looked up
    resolved = given.resolved(lookup)
    server, local = resolved.split(ignores)
    if local is not None and not in_pandas:  # a group's name that several have
        resolved.sendable(ignores)
    groups = {one: members(one) for one in resolved.groups} if members else {}
    if local is not None:
        _refuse_untold(local, groups)
    return Ready(server, local, groups)


def _refuse_untold(local: Filter, groups: evaluate.Groups) -> None:
    """Raise FilterError, before a pull that may take minutes, for what could not be done after it."""
    for part in conjuncts(local.node):
        if not evaluate.can_be_told(part, groups):
            msg = (
                f"{shown(part)!r} cannot be done here: it names a group whose devices are not known, or "
                "could not be read. Leave it out, and choose rows in pandas."
            )
            raise FilterError(msg)
