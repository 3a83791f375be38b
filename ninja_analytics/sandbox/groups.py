"""The groups of devices: saved searches with a name, a count of some time ago, and their members."""

from __future__ import annotations

from typing import Any

from ninja_analytics.sandbox.device_filter import GROUPS, select
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp

# id: name, description, shared with all technicians; what it searches for is in GROUPS
_NAMES: dict[int, tuple[str, str | None, bool]] = {
    1: ("All Windows servers", "For the patch window on Sundays", True),
    2: ("All Windows workstations", None, True),
    3: ("Offline", None, True),
    4: ("Macs", None, True),
    6: ("Servers", "Windows and Linux", True),
    7: ("Laptops", None, False),
    9: ("Windows servers that are offline", "Look here first", True),
    12: ("Enrolled since 2026", None, False),
    15: ("Hyper-V hosts", "All gone by now", False),
}
_NOT_EVALUATED = 7


def group_rows(fleet: Fleet) -> list[dict[str, Any]]:
    """The rows of /v2/groups; one was not evaluated for so long that it has no count."""
    return [_row(fleet, number) for number in GROUPS]


def members(fleet: Fleet, group_id: str) -> list[int] | None:
    """The ids of the devices in a group now; None if there is no such group."""
    if not group_id.isdecimal() or int(group_id) not in GROUPS:
        return None
    ids: list[int] = fleet.ids[select(fleet, f"group {int(group_id)}")].tolist()
    return ids


def _row(fleet: Fleet, number: int) -> dict[str, Any]:
    name, description, shared = _NAMES[number]
    made = fleet.born // DAY * DAY - (900 - 50 * number) * DAY
    row: dict[str, Any] = {
        "id": number,
        "name": name,
        "shared": shared,
        "created": stamp(made),
        "updated": stamp(made + number * 3 * DAY),
    }
    if description:
        row["description"] = description
    if number == _NOT_EVALUATED:
        return row | {"lastEvaluated": 0}
    found = members(fleet, str(number)) or []
    return row | {"deviceCount": len(found), "lastEvaluated": stamp(fleet.now - 600)}
