"""A device filter over a table: names looked up, sent as NinjaOne takes it, held against the rows."""

from __future__ import annotations

import pandas as pd

from ninja_analytics.catalog import TABLES, Table
from ninja_analytics.errors import FilterError
from ninja_analytics.filters import Filter, Held, Ready, as_filter, ready
from ninja_analytics.frames import frame
from ninja_analytics.pages import Get
from ninja_analytics.tables.sources import Source, walk

# The table in which the things of a field are found by name.
_NAMED_IN = {
    "organization": "organizations", "location": "locations", "role": "roles", "group": "groups",
}  # fmt: skip


def filtered(
    source: Source, table: Table, where: Filter | str | None, *, in_pandas: bool
) -> Ready | None:
    """*where* made ready for *table*; None for no filter. Names in it are looked up.

    Raises FilterError for what the table or NinjaOne does not take, UnknownNameError for a name that
    nothing has.
    """
    if as_filter(where) is None:
        return None
    if not table.device_filter:
        msg = (
            f"{table.name} takes no device filter. Leave where= out and choose rows in pandas, "
            "e.g. frame[frame.organization_id == 7]."
        )
        raise FilterError(msg)

    def lookup(field: str) -> pd.DataFrame:
        return source.lookups.frame(_NAMED_IN[field], source.get)

    return ready(
        where,
        lookup,
        ignores=table.filter_ignores,
        in_pandas=in_pandas,
        members=lambda number: _group(number, source.get),
    )


def held(source: Source, table: Table, data: pd.DataFrame, asked: Ready, get: Get) -> Held:
    """*data* held against the filter by which it was asked for; raises what *get* raises."""
    devices = _devices(source, data, asked, get)
    return asked.held(data, devices, table=table.name)


def _devices(source: Source, data: pd.DataFrame, asked: Ready, get: Get) -> pd.DataFrame:
    """The devices to which the rows of *data* belong, as far as the list of devices knows them.

    The devices of the filter are asked for first: they are few. Only if rows belong to others, the
    whole list must tell whether NinjaOne passed over the filter.
    """
    if "system_name" in data or not asked.needs_devices(data.columns):
        return data
    if not asked.status and source.lookups.has("devices"):
        return source.lookups.frame("devices", get)
    texts = asked.texts()
    if len(texts) == 1:
        found = _pulled(texts[0], get)
        if data["device_id"].dropna().isin(found["device_id"]).all():
            return found
    return _pulled(str(asked.status), get) if asked.status else source.lookups.frame("devices", get)


def _pulled(text: str, get: Get) -> pd.DataFrame:
    table = TABLES["devices"]
    params = {"df": text} if text else {}
    return frame(table, (page.body for page in walk(get, table.name, table.path, params)))[0]


def _group(number: int, get: Get) -> frozenset[int]:
    """The ids of the devices of a group."""
    table = TABLES["group_device_ids"]
    pages = walk(get, table.name, table.path.format(group_id=number))
    found, _ = frame(table, (page.body for page in pages))
    return frozenset(int(one) for one in found["device_id"].dropna())
