"""A device filter in words: NinjaOne's text of it, or why there is none."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from ninja_analytics.filters.tree import FIELDS, All, Any, Leaf, Node, Text, Value, leaves

IN_PANDAS = "Add in_pandas=True to have those rows chosen here"

_OR = (
    "NinjaOne's device filter has no OR",
    "for values of one field use .isin([...]), otherwise pull each and join with pd.concat([...])",
)
_NOT_GROUP = (
    "NinjaOne can ask for the devices of a group, not for all others",
    "pull without it and drop rows in pandas",
)
_GROUPS = (
    "NinjaOne can ask for one group at a time",
    "pull each group on its own and join the frames with pd.concat([...])",
)
_STATUSES = (
    "NinjaOne compares the approval status with one word only",
    "pull each status on its own and join the frames with pd.concat([...])",
)
_NOT_DAY = ("NinjaOne has no opposite of a day", "use created < and created > instead")


def written(node: Node) -> str:
    """*node* in NinjaOne's words; an OR and a name, which it does not have, stand out as such."""
    match node:
        case Text(text):
            return text
        case Leaf():
            return _clause(node)
        case All(parts):
            return " AND ".join(
                f"({written(part)})" if isinstance(part, Any) else written(part) for part in parts
            )
        case Any(parts):
            return " OR ".join(
                f"({written(part)})" if isinstance(part, All) else written(part) for part in parts
            )


def _clause(leaf: Leaf) -> str:
    word, values = FIELDS[leaf.field].word, [_value(value) for value in leaf.values]
    if leaf.field == "offline":
        return "offline" if leaf.values[0] else "online"
    if leaf.field == "group" and len(values) == 1 and leaf.operator == "in":
        return f"group {values[0]}"
    if leaf.operator in "<>":
        return f"{word} {leaf.operator} {values[0]}"
    if leaf.field == "approval_status" and leaf.operator == "not in":
        return " AND ".join(f"{word} != {value}" for value in values)
    if len(values) == 1:
        return f"{word} {'=' if leaf.operator == 'in' else '!='} {values[0]}"
    return f"{word} {leaf.operator.replace(' ', '')} ({', '.join(values)})"


def _value(value: Value) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03d}Z"
    return str(value)


def shown(node: Node) -> str:
    """*node* for a person: as `written`, the names in quotes."""
    if isinstance(node, Leaf) and _has_names(node):
        quoted = [repr(value) if isinstance(value, str) else value for value in node.values]
        return _clause(Leaf(node.field, node.operator, tuple(quoted)))
    if isinstance(node, All | Any):
        return written(type(node)(tuple(Text(_within(node, part)) for part in node.parts)))
    return written(node)


def _within(whole: All | Any, part: Node) -> str:
    text = shown(part)
    return f"({text})" if isinstance(part, All | Any) and type(part) is not type(whole) else text


def _has_names(leaf: Leaf) -> bool:
    return FIELDS[leaf.field].named and any(isinstance(value, str) for value in leaf.values)


def unresolved(node: Node) -> list[Leaf]:
    """The conditions that name what NinjaOne knows by id."""
    return [leaf for leaf in leaves(node) if _has_names(leaf)]


def why_not(node: Node, ignores: Collection[str] = ()) -> tuple[str, str] | None:
    """Why NinjaOne cannot be asked for *node*, and the way round; None if it can.

    *ignores* are the fields that the table's filter passes over, by our name or NinjaOne's word.
    """
    if isinstance(node, Any):
        return _OR
    if isinstance(node, All):
        return next(filter(None, (why_not(part, ignores) for part in node.parts)), None)
    return None if isinstance(node, Text) else _why_not(node, ignores)


def _why_not(leaf: Leaf, ignores: Collection[str]) -> tuple[str, str] | None:
    field = FIELDS[leaf.field]
    if field.name in ignores or field.word in ignores:
        return (
            f"NinjaOne passes over the {field.title} on this table",
            "leave it out and choose rows in pandas",
        )
    several = len(leaf.values) > 1
    match leaf.field, leaf.operator:
        case "group", "not in":
            return _NOT_GROUP
        case "group", "in" if several:
            return _GROUPS
        case "approval_status", "in" if several:
            return _STATUSES
        case "created", "not in":
            return _NOT_DAY
    return None
