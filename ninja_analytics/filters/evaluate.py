"""A device filter applied to rows in pandas: what passes, what does not, what cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

import pandas as pd

from ninja_analytics.errors import FilterError
from ninja_analytics.filters.text import shown
from ninja_analytics.filters.tree import FIELDS, All, Any, Leaf, Node, Text

Groups = Mapping[int, Collection[int]]
"""The ids of a group's devices, by the id of the group."""


def can_be_told(node: Node, groups: Groups) -> bool:
    """Whether rows can be held against *node*: it was read, and its groups are known."""
    if isinstance(node, Text):
        return False
    if isinstance(node, Leaf):
        return node.field != "group" or all(value in groups for value in node.values)
    return all(can_be_told(part, groups) for part in node.parts)


def passes(node: Node, leaf_passes: Callable[[Leaf], pd.Series]) -> pd.Series:
    """For each row whether *node* holds, by what *leaf_passes* says of each condition.

    The answer is `boolean`, missing where a condition that would decide it cannot be told.
    """
    match node:
        case Leaf():
            return leaf_passes(node)
        case Text(text):
            msg = f"The filter {text!r} could not be read, so rows cannot be held against it."
            raise FilterError(msg)
        case All(parts):
            answer = passes(parts[0], leaf_passes)
            for part in parts[1:]:
                answer = answer & passes(part, leaf_passes)
            return answer
        case Any(parts):
            answer = passes(parts[0], leaf_passes)
            for part in parts[1:]:
                answer = answer | passes(part, leaf_passes)
            return answer


def leaf_passes(leaf: Leaf, devices: pd.DataFrame, groups: Groups) -> pd.Series:
    """For each of *devices* whether the condition holds; what is missing passes only a "not in"."""
    column = "device_id" if leaf.field == "group" else FIELDS[leaf.field].column
    if column not in devices:
        msg = f"The rows have no {column}, so {shown(leaf)!r} cannot be held against them."
        raise FilterError(msg)
    return _answer(leaf, devices[column], groups).fillna(value=False).astype("boolean")


def _answer(leaf: Leaf, found: pd.Series, groups: Groups) -> pd.Series:
    if leaf.field == "created":
        return _answer_of_time(leaf, found)
    if leaf.field == "offline":
        return found.astype("boolean").isin([bool(value) for value in leaf.values])
    values = [value for value in leaf.values if not isinstance(value, datetime)]
    if leaf.field == "group":
        if not all(value in groups for value in values):
            msg = f"It is not known which devices {shown(leaf)!r} has."
            raise FilterError(msg)
        values = [device for value in values for device in groups[int(value)]]
    if leaf.field in ("node_class", "approval_status"):
        found = found.astype("str").str.upper()
    inside = found.isin(values)
    return inside if leaf.operator == "in" else ~inside


def _answer_of_time(leaf: Leaf, found: pd.Series) -> pd.Series:
    moments = [pd.Timestamp(value) for value in leaf.values if isinstance(value, datetime)]
    counted = found.dt.floor("ms")  # as NinjaOne counts
    if leaf.operator in "<>":
        than = counted.gt if leaf.operator == ">" else counted.lt
        answer: pd.Series = than(moments[0])
        return answer
    inside = counted.dt.floor("D").isin([moment.floor("D") for moment in moments])
    outside: pd.Series = found.notna() & ~inside
    return inside if leaf.operator == "in" else outside
