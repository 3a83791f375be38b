"""What NinjaOne has, as data: instances, scopes, platforms and tables.

A new table is a new row in one of the files beside this one; nothing else knows a path or a field
name. The facts come from NinjaOne's public API documentation (2.0) and from what its clients have
met; where a page size or a parameter is undocumented, the row says so.

Kinds of columns, and the pandas dtype that each becomes:

    id        Int64               never a float
    integer   Int64
    number    Float64
    text      str
    category  category            an open vocabulary of few words; unknown words pass through
    boolean   boolean
    time      datetime64[us, UTC] from epoch seconds (or milliseconds); 0 and absurd values are missing
    date      datetime64[us, UTC] a day, at midnight
    texts     list<string>[pyarrow]
    ids       list<int64>[pyarrow]
    rows      list<struct>[pyarrow]  objects with columns of their own; `part=` makes rows of them
    json      str                 free objects, as JSON text

Nested objects of a known shape are flattened: the columns carry a prefix.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ninja_analytics.catalog import (
    activity,
    assets,
    automation,
    backups,
    custom_fields,
    devices,
    documents,
    hardware,
    knowledge_base,
    licensing,
    of_device,
    people,
    places,
    security,
    software,
    ticketing,
)
from ninja_analytics.catalog.columns import NODE_CLASSES
from ninja_analytics.catalog.connecting import (
    AUTH_METHODS,
    DEFAULT_SCOPE,
    INSTANCES,
    PLATFORMS,
    SANDBOX_CLIENT_IDS,
    SANDBOX_URL,
    SCOPES,
)
from ninja_analytics.catalog.left_out import LEFT_OUT
from ninja_analytics.catalog.shapes import (
    Answer,
    Certainty,
    Column,
    Grant,
    Instance,
    Kind,
    LeftOut,
    Paging,
    Parameter,
    Platform,
    Reason,
    Table,
    Window,
)

__all__ = [
    "AUTH_METHODS",
    "DEFAULT_SCOPE",
    "INSTANCES",
    "LEFT_OUT",
    "NODE_CLASSES",
    "PLATFORMS",
    "SANDBOX_CLIENT_IDS",
    "SANDBOX_URL",
    "SCOPES",
    "SUBJECTS",
    "TABLES",
    "Answer",
    "Certainty",
    "Column",
    "Grant",
    "Instance",
    "Kind",
    "LeftOut",
    "Paging",
    "Parameter",
    "Platform",
    "Reason",
    "Table",
    "Window",
]

# The tables by subject; a new file gets a line here.
SUBJECTS: Mapping[str, tuple[Table, ...]] = MappingProxyType(
    {
        "devices": devices.TABLES,
        "places": places.TABLES,
        "custom fields": custom_fields.TABLES,
        "people": people.TABLES,
        "hardware": hardware.TABLES,
        "software": software.TABLES,
        "security": security.TABLES,
        "backups": backups.TABLES,
        "activity": activity.TABLES,
        "automation": automation.TABLES,
        "one device": of_device.TABLES,
        "ticketing": ticketing.TABLES,
        "documents": documents.TABLES,
        "knowledge base": knowledge_base.TABLES,
        "assets": assets.TABLES,
        "licensing": licensing.TABLES,
    }
)
TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for tables in SUBJECTS.values() for table in tables}
)
