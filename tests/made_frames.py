"""Frames made by hand out of the catalogue: an invented, seeded fleet for tests of reports."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pandas as pd
import pyarrow as pa

from ninja_analytics.catalog import TABLES, Column, Table

NOW = pd.Timestamp("2026-11-23T16:00:00Z")
DTYPES = {
    "id": "Int64",
    "integer": "Int64",
    "number": "Float64",
    "text": "str",
    "category": "category",
    "boolean": "boolean",
    "time": "datetime64[us, UTC]",
    "date": "datetime64[us, UTC]",
    "texts": pd.ArrowDtype(pa.list_(pa.string())),
    "ids": pd.ArrowDtype(pa.list_(pa.int64())),
    "json": "str",
}


def dtype_of(column: Column) -> object:
    """The dtype that the catalogue promises for *column*."""
    if column.kind != "rows":
        return DTYPES[column.kind]
    return pd.ArrowDtype(pa.list_(_struct(column)))


def _struct(column: Column) -> pa.DataType:
    plain = {**DTYPES, "category": "str"}
    arrow = {
        "Int64": pa.int64(), "Float64": pa.float64(), "str": pa.string(), "boolean": pa.bool_(),
        "datetime64[us, UTC]": pa.timestamp("us", "UTC"),
    }  # fmt: skip

    def member(one: Column) -> pa.DataType:
        if one.kind == "rows":
            return pa.list_(_struct(one))
        dtype = plain[one.kind]
        return dtype.pyarrow_dtype if isinstance(dtype, pd.ArrowDtype) else arrow[str(dtype)]

    return pa.struct([(one.name, member(one)) for one in column.columns])


EVERYTHING = Table(
    "everything",
    "/v2/everything",
    "cursor",
    "one column of each kind, and a nested one",
    ("thing_id",),
    (
        *(Column(f"the_{kind}", kind, kind, "") for kind in DTYPES),  # type: ignore[arg-type]
        Column(
            "the_rows",
            "rows",
            "rows",
            "",
            columns=(
                Column("name", "name", "text", ""),
                Column("state", "state", "category", ""),
                Column("size_bytes", "size", "integer", ""),
                Column("seen_at", "seen", "time", ""),
                Column("extra", "extra", "json", ""),
            ),
        ),
        Column("os_name", "os.name", "text", ""),
        Column("os_booted_at", "os.boot.time", "time", ""),
        Column("os_parts", "os.parts", "json", ""),
    ),
    rows_in="results",
)


THINGS = replace(EVERYTHING, row_key=("the_id",))


def body(*rows: Any) -> bytes:
    return json.dumps({"cursor": {"name": ""}, "results": rows}).encode()


WORDS = ["Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Gorse", "Hazel", "Ivy", "Juniper"]
TRADES = ["Bakery", "Clinic", "Dental", "Foundry", "Law", "Logistics", "School", "Vineyard"]
CLASSES = ["WINDOWS_WORKSTATION"] * 12 + ["MAC"] * 3 + ["WINDOWS_SERVER"] * 4 + ["LINUX_SERVER"]
CLASSES += ["NMS_SWITCH", "NMS_PRINTER", "VMWARE_VM_HOST", "APPLE_IOS", "CLOUD_MONITOR_TARGET"]
SYSTEMS = {
    "WINDOWS_WORKSTATION": [
        ("Windows 11 Pro", "24H2"),
        ("Windows 11 Enterprise", "25H2"),
        ("Windows 10 Pro", "22H2"),
        ("Microsoft Windows 11 Pro", "23H2"),
    ],
    "WINDOWS_SERVER": [
        ("Microsoft Windows Server 2022 Standard", "21H2"),
        ("Windows Server 2019 Datacenter", "1809"),
        ("Windows Server 2012 R2 Standard", None),
    ],
    "MAC": [("macOS 15.1 (Sequoia)", None), ("macOS Sonoma 14.6", None)],
    "LINUX_SERVER": [("Ubuntu 22.04.5 LTS", None), ("Debian GNU/Linux 12 (bookworm)", None)],
}


def typed(name: str, rows: list[dict[str, object]], **told: object) -> pd.DataFrame:
    """Rows as a frame with the columns and dtypes of table *name*, and its provenance."""
    table = TABLES[name]
    frame = pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name) for row in rows], dtype=dtype_of(column))
            for column in table.columns
        }
    )
    frame.attrs["ninja"] = {
        "table": name,
        "path": table.path,
        "instance": "http://127.0.0.1:8724",
        "where": "",
        "parameters": {},
        "pulled_at": NOW.isoformat(),
        "requests": 1,
        "rows": len(rows),
        "complete": True,
        "drift": {},
        **told,
    }
    return frame


def fleet(devices: int = 40, organizations: int = 6, seed: int = 7) -> dict[str, pd.DataFrame]:
    """The tables of fleet_overview, with the dirt that real ones have."""
    chance = random.Random(seed)
    customers = [
        {
            "organization_id": number,
            "organization_name": f"{chance.choice(WORDS)} {chance.choice(TRADES)} {number}",
        }
        for number in range(1, organizations + 1)
    ]
    if organizations > 2:
        customers[1]["organization_name"] = "Bürgerhilfe & Söhne Holding für Wasser <Nord> GmbH"
    places = [
        {
            "location_id": number * 10,
            "organization_id": number,
            "location_name": f"Site {number}",
        }
        for number in range(1, organizations + 1)
    ]
    weights = [1 / (rank + 1) ** 0.9 for rank in range(organizations)]
    rows = [
        _device(chance, number, chance.choices(range(1, organizations + 1), weights)[0])
        for number in range(1, devices + 1)
    ]
    systems, health, alerts = [], [], []
    for row in rows:
        known = SYSTEMS.get(str(row["node_class"]))
        if known and chance.random() < 0.97:
            systems.append(_system(chance, row["device_id"], *chance.choice(known)))
        if chance.random() < 0.96:
            health.append(_health(chance, row["device_id"]))
        alerts += [_alert(chance, row["device_id"]) for _ in range(chance.choice([0] * 8 + [1, 3]))]
    if devices > 10:
        rows[3]["organization_id"] = 99_999
        health.append(_health(chance, 88_888))
        rows.append(dict(rows[5]))
    return {
        "organizations": typed("organizations", customers),
        "locations": typed("locations", places),
        "devices": typed("devices", rows),
        "operating_systems": typed("operating_systems", systems),
        "device_health": typed("device_health", health),
        "alerts": typed("alerts", alerts),
    }


def _device(chance: random.Random, number: int, organization: int) -> dict[str, object]:
    silent = chance.choice([0.01, 0.02, 0.1, 0.5, 0.9, 1.5, -0.2, chance.expovariate(1 / 40)])
    kind = chance.choice(CLASSES)
    return {
        "device_id": number,
        "organization_id": organization,
        "location_id": organization * 10,
        "node_class": kind,
        "approval_status": chance.choices(["APPROVED", "PENDING", "STAGED", None], [94, 3, 1, 2])[
            0
        ],
        "offline": chance.random() < 0.2,
        "system_name": f"{kind[:3]}-{number:05}",
        "display_name": "Front desk" if chance.random() < 0.03 else None,
        "created_at": NOW - pd.Timedelta(days=chance.uniform(1, 1200)),
        "last_contact_at": None if chance.random() < 0.02 else NOW - pd.Timedelta(days=silent),
        "maintenance_status": "IN_MAINTENANCE" if chance.random() < 0.02 else None,
    }


def _system(
    chance: random.Random, device: object, name: str, release: str | None
) -> dict[str, object]:
    return {
        "device_id": device,
        "name": name,
        "release_id": release,
        "needs_reboot": chance.choice([True, False, False, False, None]),
        "collected_at": NOW - pd.Timedelta(days=chance.uniform(0, 3)),
    }


def _health(chance: random.Random, device: object) -> dict[str, object]:
    words = ["HEALTHY", "NEEDS_ATTENTION", "UNHEALTHY", "UNKNOWN", "ON_HOLIDAY", None]
    state = chance.choices(words, [80, 12, 5, 3, 1, 1])
    return {
        "device_id": device,
        "health_status": state[0],
        "alert_count": chance.choice([0, 0, 0, 2]),
        "active_threats_count": chance.choice([0] * 60 + [1, 2]),
        "failed_os_patches_count": chance.choice([0] * 9 + [1, 4]),
        "failed_software_patches_count": chance.choice([0] * 9 + [None, 2]),
    }


def _alert(chance: random.Random, device: object) -> dict[str, object]:
    return {
        "alert_uid": f"{chance.getrandbits(64):016x}",
        "device_id": device,
        "subject": chance.choice(["Disk space low", "Service stopped", "Agent offline", None]),
        "message": "condition met",
    }
