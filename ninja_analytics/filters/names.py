"""Names in a device filter, turned into the ids by which NinjaOne knows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any as Anything

import pandas as pd

from ninja_analytics.errors import UnknownNameError
from ninja_analytics.filters.tree import FIELDS, All, Any, Leaf, Node, Value

Lookup = Callable[[str], pd.DataFrame]
"""Gives for "organization" a frame with the columns organization_id and organization_name."""


def resolved(node: Node, lookup: Lookup) -> Node:
    """*node* with ids for names; a name that several have stands for all of them.

    Raises UnknownNameError for a name that nothing has.
    """
    if isinstance(node, All | Any):
        return type(node)(tuple(resolved(part, lookup) for part in node.parts))
    if isinstance(node, Leaf) and FIELDS[node.field].named:
        return _with_ids(node, lookup)
    return node


def _with_ids(leaf: Leaf, lookup: Lookup) -> Leaf:
    names = [value for value in leaf.values if isinstance(value, str)]
    if not names:
        return leaf
    known = lookup(leaf.field)
    ids: dict[Value, None] = {}
    for value in leaf.values:
        found = _ids(leaf.field, value, known) if isinstance(value, str) else [value]
        ids.update(dict.fromkeys(found))
    return Leaf(leaf.field, leaf.operator, tuple(ids))


def _ids(field: str, name: str, known: pd.DataFrame) -> list[Value]:
    """The ids of those called *name*: to the letter, else without regard to case."""
    named: Anything = known[f"{field}_name"].astype("str").fillna("")
    same = named.str.strip() == name
    if not same.any():
        same = named.str.strip().str.casefold() == name.casefold()
    if not same.any():
        raise UnknownNameError.among(field, name, {one for one in named if one})
    return [int(one) for one in known.loc[same, f"{field}_id"].dropna()]
