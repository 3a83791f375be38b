"""Who signed in last on a device, and which sections of its policy were changed by hand."""

from __future__ import annotations

from typing import Any

from ninja_analytics.sandbox.fleet import APPROVED, Fleet
from ninja_analytics.sandbox.machines import detailed_row
from ninja_analytics.sandbox.times import DAY, stamp

Row = dict[str, Any]

SECTIONS = (
    "ANTIVIRUS", "BACKUP", "CONDITIONS", "OS_PATCH_MANAGEMENT", "REMOTE_CONTROL",
    "SCHEDULED_AUTOMATIONS", "SOFTWARE_PATCH_MANAGEMENT",
)  # fmt: skip


def logon_rows(fleet: Fleet, index: int) -> list[Row]:
    """The row of queries/logged-on-users of one device: the user of its detailed row."""
    user = detailed_row(fleet, index).get("lastLoggedInUser")
    if user is None:
        return []
    dice, seen = fleet.chance(index, 211), float(fleet.last_contact[index])
    row: Row = {"userName": user, "deviceId": int(fleet.ids[index])}
    draw = dice.random()
    if draw < 0.01:
        return [row]
    since = max(float(fleet.created[index]), float(fleet.last_boot[index]))
    first = float(fleet.first.contact[index])
    days = (seen - first) // DAY  # somebody signs in once a day
    at = max(first - dice.expovariate(1 / 2.5) * DAY + days * DAY, since)
    return [row | {"logonTime": stamp(0 if draw < 0.025 else at)}]


def override_rows(fleet: Fleet, index: int) -> list[Row]:
    """The row of queries/policy-overrides of one device, if its policy was ever changed on it."""
    dice = fleet.chance(index, 212)
    if fleet.status[index] != APPROVED or dice.random() > 0.1:
        return []
    count = dice.choice((0, 1, 1, 1, 2, 3))  # none: it was taken back
    sections = sorted(dice.sample(SECTIONS, count))
    return [{"deviceId": int(fleet.ids[index]), "overrides": sections}]
