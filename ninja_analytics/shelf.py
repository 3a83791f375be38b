"""Things by name that one can list, look up, and read: the tables and the reports of a `Ninja`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Shelf(Mapping[str, Item], Generic[Item]):
    """A read-only mapping of names to items that shows each name with what it is for."""

    def __init__(self, items: Mapping[str, Item], purpose: Callable[[Item], str]) -> None:
        self._items = items
        self._purpose = purpose

    def __getitem__(self, name: str) -> Item:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {self._purpose(self[name])}" for name in self)

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><td style="text-align:left"><code>{escape(name)}</code></td>'
            f'<td style="text-align:left">{escape(self._purpose(self[name]))}</td></tr>'
            for name in self
        )
        return f"<table><tbody>{rows}</tbody></table>"
