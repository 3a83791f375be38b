"""What the API answers for one device: the rows of its queries, without the device's id and time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant

Asked = Mapping[str, str]
Row = dict[str, Any]
Answer = Callable[["Tenant", tuple[str, ...], Asked], Any]

_OF_A_QUERY = ("deviceId", "timestamp")
_MOST = 1000  # activities on a page


def rows(query: str, *, whole: bool = False) -> Answer:
    """What answers with a device's rows of *query*; *whole* leaves the device's id in them."""

    def answer(tenant: Tenant, ids: tuple[str, ...], asked: Asked) -> list[Row] | None:
        index = tenant.index_of(ids[0])
        if index is None:
            return None
        found = tenant.rows_of(query, index, asked)
        return found if whole else [_bare(row) for row in found]

    return answer


def row(query: str, empty: Row) -> Answer:
    """What answers with a device's one row of *query*, or with *empty* if it has none."""

    def answer(tenant: Tenant, ids: tuple[str, ...], asked: Asked) -> Row | None:
        found = rows(query)(tenant, ids, asked)
        return found if found is None else next(iter(found), dict(empty))

    return answer


def software(tenant: Tenant, ids: tuple[str, ...], _asked: Asked) -> list[Row] | None:
    """The programs of a device."""
    index = tenant.index_of(ids[0])
    if index is None:
        return None
    if not tenant.fleet.software_rows[index]:
        return []
    made = tenant.software.rows(index, iso=tenant.switches.iso_install_dates)
    return [_bare(msgspec.json.decode(one)) for one in made]


def activities(tenant: Tenant, ids: tuple[str, ...], asked: Asked) -> list[Row] | None:
    """The activities of a device that make the page that is asked for, newest first."""
    if tenant.index_of(ids[0]) is None:
        return None
    wanted = dict(asked) | {"df": f"id = {ids[0]}", "type": asked.get("activityType", "")}
    count = int(asked.get("pageSize") or _MOST)
    found = itertools.islice(tenant.recent(wanted), max(count, 0))
    return [tenant.activities.row(day, place) for day, place in found]


def _bare(found: Row) -> Row:
    return {name: value for name, value in found.items() if name not in _OF_A_QUERY}
