"""A device filter that a person writes, joins and sends."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import evaluate, names, text, tree
from ninja_analytics.filters.parse import parsed

_JOINED = "(device.organization == 7) & device.online"
STATUSES = ("DECOMMISSIONED", "STAGED", "PENDING", "APPROVED")  # the first that may be left out


@dataclass(frozen=True, slots=True, repr=False)
class Filter:
    """A device filter, as `na.device` makes it; `str()` gives NinjaOne's text.

    Join with `&` and `|`, negate with `~`. What NinjaOne cannot be asked is refused when it is to
    be sent, not when it is written: see `split`.
    """

    node: tree.Node

    def __str__(self) -> str:
        for leaf in text.unresolved(self.node):
            msg = (
                f"{text.shown(leaf)!r} has a name in it, which is looked up when a table is pulled."
            )
            raise FilterError(msg)
        for part in tree.conjuncts(self.node):
            if reason := text.why_not(part):
                raise refusal(Filter(part), reason)
        return text.written(self.node)

    def __repr__(self) -> str:
        return f"Filter({text.shown(self.node)!r})"

    def __and__(self, other: object) -> Filter:
        return Filter(tree.all_of((self.node, _operand(other, "&"))))

    def __or__(self, other: object) -> Filter:
        return Filter(tree.any_of((self.node, _operand(other, "|"))))

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> Filter:
        node = tree.opposite(self.node)
        if node is None:
            msg = f"{text.shown(self.node)!r} could not be read, so it has no opposite."
            raise FilterError(msg)
        return Filter(node)

    def __bool__(self) -> bool:
        msg = (
            "A device filter is neither true nor false: join with & instead of `and`, negate with ~ "
            "instead of `not`, and use .isin([...]) instead of `or` or `in`."
        )
        raise FilterError(msg)

    @property
    def fields(self) -> frozenset[str]:
        """The fields of a device that it asks for, e.g. {"organization", "offline"}."""
        return frozenset(leaf.field for leaf in tree.leaves(self.node))

    @property
    def unresolved(self) -> frozenset[str]:
        """The fields in which something is named, so that `resolved` must look it up."""
        return frozenset(leaf.field for leaf in text.unresolved(self.node))

    @property
    def groups(self) -> frozenset[int]:
        """The ids of the groups that it asks for."""
        asked = (leaf for leaf in tree.leaves(self.node) if leaf.field == "group")
        return frozenset(one for leaf in asked for one in leaf.values if isinstance(one, int))

    @property
    def unread(self) -> bool:
        """Whether it is a text that could not be read: it is sent as it is, and not checked."""
        return any(isinstance(part, tree.Text) for part in tree.conjuncts(self.node))

    def resolved(self, lookup: names.Lookup) -> Filter:
        """The same filter with ids for names, by `lookup("organization")` and the like.

        That is a frame with the columns organization_id and organization_name. Capitals count only
        where they decide, and a name that several have stands for all of them. Raises
        UnknownNameError for a name that nothing has.
        """
        return Filter(names.resolved(self.node, lookup))

    def split(self, ignores: Collection[str] = ()) -> tuple[Filter | None, Filter | None]:
        """What NinjaOne can be asked, and what is left to be held against the rows.

        *ignores* are the fields that the filter of the table passes over. Both hold together where
        this does. Raises FilterError for a status within an OR: NinjaOne would not send its rows.
        """
        server: list[tree.Node] = []
        local: list[tree.Node] = []
        for part in tree.conjuncts(self.node):
            if text.why_not(part, ignores) is None:
                server.append(part)
                continue
            local.append(part)
            server += _wider(part)
        return _joined(server), _joined(local)

    def sendable(self, ignores: Collection[str] = ()) -> Filter:
        """The same filter; FilterError with the way round if NinjaOne cannot be asked for all of it."""
        for part in tree.conjuncts(self.node):
            if reason := text.why_not(part, ignores):
                raise refusal(Filter(part), reason)
        return self

    def keeps(self, devices: pd.DataFrame, groups: evaluate.Groups | None = None) -> pd.Series:
        """For each of *devices*, a frame like the table of that name, whether it passes.

        *groups* gives the ids of a group's devices. What is missing passes no comparison but `!=`.
        Raises FilterError for a name, a text that could not be read and an unknown group.
        """
        for leaf in text.unresolved(self.node):
            raise FilterError(f"{text.shown(leaf)!r} has a name in it; look it up first.")
        return evaluate.passes(
            self.node, lambda leaf: evaluate.leaf_passes(leaf, devices, groups or {})
        )

    def chunks(self, most: int = 200) -> list[Filter]:
        """Filters that together fit the same devices, each once; no list longer than *most*.

        The longest filter that NinjaOne takes is not known. Only `in` can be divided.
        """
        parts = tree.conjuncts(self.node)
        for place, part in enumerate(parts):
            if isinstance(part, tree.Leaf) and part.operator == "in" and len(part.values) > most:
                return [
                    chunk
                    for piece in _pieces(part, most)
                    for chunk in Filter(
                        tree.all_of((*parts[:place], piece, *parts[place + 1 :]))
                    ).chunks(most)
                ]
        return [self]


def as_filter(where: object) -> Filter | None:
    """*where* as a filter: one already, NinjaOne's own text, or None for none."""
    if where is None or (isinstance(where, str) and not where.strip()):
        return None
    if isinstance(where, str):
        return Filter(parsed(where))
    if not isinstance(where, Filter):
        msg = f"where={where!r} is no device filter. Write e.g. where=na.device.organization == 7."
        raise FilterError(msg)
    return where


def refusal(asked: Filter, reason: tuple[str, str]) -> FilterError:
    """The error for what NinjaOne cannot be asked."""
    why, way_round = reason
    shown = text.shown(asked.node)
    return FilterError(f"{shown!r}: {why}. {text.IN_PANDAS}, or {way_round}.")


def _operand(other: object, sign: str) -> tree.Node:
    if isinstance(other, Filter):
        return other.node
    msg = (
        f"A device filter cannot be joined with {other!r}. Python reads {sign} before == and >: "
        f"put each comparison in parentheses, as in {_JOINED.replace('&', sign)}."
    )
    raise FilterError(msg)


def _joined(parts: list[tree.Node]) -> Filter | None:
    return Filter(tree.all_of(parts)) if parts else None


def _wider(part: tree.Node) -> list[tree.Node]:
    """What to ask NinjaOne for, so that the rows for *part*, which it cannot be asked, are there.

    Without a condition on the status it shows approved devices only.
    """
    statuses = [leaf for leaf in tree.leaves(part) if leaf.field == "approval_status"]
    if not statuses:
        return []
    other = [word for word in STATUSES if word not in statuses[0].values]
    if not isinstance(part, tree.Leaf) or not other:
        msg = (
            f"{text.shown(part)!r}: NinjaOne hides all but approved devices unless it is asked for a "
            "status by itself. Pull each status on its own and join the frames with pd.concat([...])."
        )
        raise FilterError(msg)
    return [tree.Leaf("approval_status", "not in", (other[0],))]


def _pieces(leaf: tree.Leaf, most: int) -> list[tree.Leaf]:
    """*leaf* in pieces of about equal length."""
    count = math.ceil(len(leaf.values) / most)
    size = math.ceil(len(leaf.values) / count)
    starts = range(0, len(leaf.values), size)
    return [tree.Leaf(leaf.field, "in", leaf.values[at : at + size]) for at in starts]
