"""Tables that show themselves, as text and in a notebook; the catalogue's own are data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.listing.markup import one_table_html
from ninja_analytics.listing.text import one_table


@dataclass(frozen=True, slots=True, repr=False)
class ShownTable(Table):
    """A table of the catalogue that shows what it holds, how it is asked and what its columns are."""

    def __repr__(self) -> str:
        return one_table(self)

    def _repr_html_(self) -> str:
        return one_table_html(self)


SHOWN: Mapping[str, ShownTable] = MappingProxyType(
    {
        name: ShownTable(**{one.name: getattr(table, one.name) for one in fields(table)})
        for name, table in TABLES.items()
    }
)
