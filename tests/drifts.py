"""Reports of drift over a few made rows, and what is asked of them again and again."""

from __future__ import annotations

from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.drift.kinds import KINDS
from tests.made_frames import NOW, typed

SPEC = REPORTS["fleet_drift"]
KPIS = ("drift_opening", "drift_added", "drift_removed", "drift_reenrolled", "drift_closing")


def drift(opening, closing, **parameters):
    return SPEC.build(closing, opening=opening, now=NOW, **parameters)


def listed(*rows, name="devices_detailed"):
    return typed(name, [{"last_update_at": NOW, **row} for row in rows])


def pair(before, after, name="devices_detailed"):
    """The two snapshots of devices given as rows."""
    return {name: listed(*before, name=name)}, {name: listed(*after, name=name)}


def with_devices(table, before, after, ids=(1,)):
    """The two snapshots of the same devices, with another table that changed."""
    both = listed(*({"device_id": one} for one in ids))
    return ({"devices_detailed": both, table: typed(table, before)},
            {"devices_detailed": both, table: typed(table, after)})  # fmt: skip


def counts(report):
    return tuple(report.kpi(key).numerator for key in KPIS)


def changes(report):
    """How many there are of every kind of change that occurs."""
    found = {name: len(report.tables[name]) for name in [*KINDS, *SOFTWARE]}
    return {name: count for name, count in found.items() if count}


SOFTWARE = ("software_new", "software_gone", "software_upgraded")
