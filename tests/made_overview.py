"""The report fleet_overview of frames made by hand."""

from __future__ import annotations

from ninja_analytics.reports import REPORTS
from tests.made_frames import NOW, typed

SPEC = REPORTS["fleet_overview"]


def overview(frames, **parameters):
    return SPEC.build(frames, now=NOW, **parameters)


def devices(*rows):
    whole = {"approval_status": "APPROVED", "node_class": "WINDOWS_SERVER", "last_contact_at": NOW}
    return typed("devices", [{"device_id": at, **whole, **row} for at, row in enumerate(rows, 1)])


def healths(*states):
    rows = [{"device_id": at, "health_status": state} for at, state in enumerate(states, 1)]
    return typed("device_health", rows)
