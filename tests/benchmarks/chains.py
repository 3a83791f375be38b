"""What a pull asked for, as chains of requests that others can repeat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

# What moves on from page to page; everything else in a query is the same along a chain.
MOVES = ("cursor", "after")


def chains(requests: Iterable[Mapping[str, Any]], path: str) -> list[dict[str, Any]]:
    """One chain per list that was walked: its path, its query, and the `after` of each page.

    *requests* are those that the sandbox saw. A walk without a filter over *path* that was given up
    for several with one is left out.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in requests:
        if not one["path"].startswith("/v2/"):
            continue
        query = {name: value for name, value in one["query"].items() if name not in MOVES}
        key = (one["path"], *sorted(query.items()))
        chain = found.setdefault(key, {"path": one["path"], "query": query, "after": []})
        chain["after"].append(one["query"].get("after"))
    split = any(chain["path"] == path and "df" in chain["query"] for chain in found.values())
    return [
        chain
        for chain in found.values()
        if not (split and chain["path"] == path and "df" not in chain["query"])
    ]
