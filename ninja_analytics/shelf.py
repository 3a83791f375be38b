"""Things by name that one can list, look up, and read: the tables and the reports of a `Ninja`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Shelf(Mapping[str, Item], Generic[Item]):
    """A read-only mapping of names to items that shows each name with what it is for."""

    def __init__(
        self,
        items: Mapping[str, Item],
        purpose: Callable[[Item], str],
        *,
        text: Callable[[], str] | None = None,
        html: Callable[[], str] | None = None,
    ) -> None:
        """*text* and *html* show the whole shelf, where a line for each item is not enough."""
        self._items = items
        self._purpose = purpose
        self._text = text
        self._html = html

    def __getitem__(self, name: str) -> Item:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __getattr__(self, name: str) -> Item:
        # Only what is no attribute comes here: `ninja.tables.software` is `ninja.tables["software"]`.
        try:
            return self.__dict__["_items"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(
                f"There is nothing named {name!r} here.", name=name, obj=self
            ) from None

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self})

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        if self._text:
            return self._text()
        width = max(map(len, self), default=0)
        return "\n".join(f"{name:<{width}}  {self._purpose(self[name])}" for name in self)

    def _repr_html_(self) -> str:
        if self._html:
            return self._html()
        rows = "".join(
            f'<tr><td style="text-align:left"><code>{escape(name)}</code></td>'
            f'<td style="text-align:left">{escape(self._purpose(self[name]))}</td></tr>'
            for name in self
        )
        return f"<table><tbody>{rows}</tbody></table>"
