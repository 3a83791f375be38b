"""A device filter as a tree: conditions on one field each, of which all or any must hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

Value = int | str | datetime
Operator = Literal["in", "not in", ">", "<"]

MILLISECOND = timedelta(milliseconds=1)
"""What NinjaOne counts: "not after t" is "before t plus one"."""


@dataclass(frozen=True, slots=True)
class Field:
    """What can be asked of a device: our name, NinjaOne's word, the column of `devices`, its title.

    `named` tells whether a value may be a name, to be looked up in the table of that name.
    """

    name: str
    word: str
    column: str
    title: str
    named: bool = False


FIELDS = MappingProxyType(
    {
        field.name: field
        for field in (
            Field("id", "id", "device_id", "device"),
            Field("organization", "org", "organization_id", "organization", named=True),
            Field("location", "loc", "location_id", "location", named=True),
            Field("role", "role", "role_id", "role", named=True),
            Field("group", "group", "group_id", "group", named=True),
            Field("node_class", "class", "node_class", "node class"),
            Field("approval_status", "status", "approval_status", "approval status"),
            Field("created", "created", "created_at", "time of enrollment"),
            Field("offline", "offline", "offline", "connection"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition: a field, what is asked of it, and the values; a name is a text not yet an id.

    Offline is `offline in (1,)`, online `offline in (0,)`. A moment that is `in` stands for its day.
    """

    field: str
    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Conditions that must all hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Conditions of which one must hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A filter that is sent as it was written, because it could not be read."""

    text: str


Node = Leaf | All | Any | Text


def all_of(nodes: Iterable[Node]) -> Node:
    """The node that holds where all *nodes* do; what is within another `All` moves up."""
    parts = tuple(dict.fromkeys(part for node in nodes for part in conjuncts(node)))
    return parts[0] if len(parts) == 1 else All(parts)


def any_of(nodes: Iterable[Node]) -> Node:
    """The node that holds where any of *nodes* does; values of one field become one list."""
    each = (node.parts if isinstance(node, Any) else (node,) for node in nodes)
    parts = tuple(dict.fromkeys(part for several in each for part in several))
    lists = [part for part in parts if isinstance(part, Leaf) and _is_list(part)]
    if len(lists) == len(parts) and len({leaf.field for leaf in lists}) == 1:
        values = dict.fromkeys(value for leaf in lists for value in leaf.values)
        return Leaf(lists[0].field, "in", tuple(values))
    return parts[0] if len(parts) == 1 else Any(parts)


def _is_list(leaf: Leaf) -> bool:
    # Online and offline are opposites of each other: a list of both would have none.
    return leaf.operator == "in" and leaf.field != "offline"


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The conditions that must all hold."""
    return node.parts if isinstance(node, All) else (node,)


def leaves(node: Node) -> Iterator[Leaf]:
    """Every condition in the tree."""
    if isinstance(node, Leaf):
        yield node
    elif not isinstance(node, Text):
        for part in node.parts:
            yield from leaves(part)


def opposite(node: Node) -> Node | None:
    """The node that holds where *node* does not; None if a text in it could not be read."""
    if isinstance(node, Text):
        return None
    if isinstance(node, Leaf):
        return _opposite(node)
    parts = [opposite(part) for part in node.parts]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return any_of(known) if isinstance(node, All) else all_of(known)


def _opposite(leaf: Leaf) -> Leaf:
    if leaf.field == "offline":
        return Leaf("offline", "in", tuple(1 - int(value) for value in leaf.values))  # type: ignore[arg-type]
    moments = [value for value in leaf.values if isinstance(value, datetime)]
    match leaf.operator:
        case ">":
            return Leaf(leaf.field, "<", (moments[0] + MILLISECOND,))
        case "<":
            return Leaf(leaf.field, ">", (moments[0] - MILLISECOND,))
        case "in":
            return Leaf(leaf.field, "not in", leaf.values)
    return Leaf(leaf.field, "in", leaf.values)
