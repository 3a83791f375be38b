"""The KPIs over time counted a second time: in plain Python, over rows.

*made* are the snapshots: when each was taken, its rows by table, the columns that its files lack.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

DAY = timedelta(days=1)


def known(row, name):
    return row.get(name) or ""


def installs(made):
    devices, counts = defaultdict(set), defaultdict(int)
    for when, there, old in made:
        for row in there.get("software", ()):
            key = (when, row["name"], None if "version" in old else row["version"])
            devices[key] |= {row["device_id"]} - {None}
            counts[key] += 1
    return {key: (len(devices[key]), counts[key]) for key in counts}


def compliance(made):
    last = {when.date(): (when, there) for when, there, _ in made if whole(there)}
    found = {}
    for day, (when, there) in last.items():
        events = [told for time, told, _ in made if time <= when]
        for device, organization in eligible(there["devices"], when).items():
            state = state_of(device, there["os_patches"], events, when)
            key = (day, organization)
            found.setdefault(key, defaultdict(int))[state] += 1
    return found


def whole(there):
    return {"devices", "os_patches"} <= set(there)


def eligible(devices, when):
    found = {}
    for row in devices:
        heard = row["last_contact_at"]
        if row["approval_status"] != "APPROVED" or row["device_id"] is None or heard is None:
            continue
        if row["node_class"] in ("MAC", "WINDOWS_SERVER") and heard >= when - 30 * DAY:
            known = found.get(row["device_id"])
            ids = [one for one in (known, row["organization_id"]) if one is not None]
            found[row["device_id"]] = max(ids, default=None)
    return found


def state_of(device, patches, events, when):
    own = [row for row in patches if row["device_id"] == device]
    counted = [
        known(row, "status").upper()
        for row in own
        if known(row, "type").upper() not in ("DRIVER_UPDATES", "FEATURE_UPDATES")
        and row["kb_number"] != "KB2267602"
    ]
    if {"APPROVED", "FAILED"} & set(counted):
        return "failed"
    if {"REJECTED", "DELAYED"} & set(counted):
        return "exceptions"
    return "passed" if own or seen(device, events, when) else "unknown"


def seen(device, events, when):
    times = [
        row["installed_at"]
        for told in events
        for row in told.get("os_patch_installs", ())
        if row["device_id"] == device
    ] + [
        row["activity_at"]
        for told in events
        for row in told.get("activities", ())
        if row["device_id"] == device and known(row, "status_code").endswith("SCAN_COMPLETED")
    ]
    return any(one and when - 35 * DAY <= one <= when for one in times)


def free_space(made):
    found = defaultdict(list)
    for _, there, _ in made:
        for row in there.get("volumes", ()):
            if row["device_id"] is not None and row["collected_at"] is not None:
                key = (row["device_id"], row["name"] or None, row["drive_letter"])
                found[*key, row["collected_at"].date()].append(row)
    return {key: last_of(told) for key, told in found.items()}


def last_of(told):
    latest = max(row["collected_at"] for row in told)
    told = [row for row in told if row["collected_at"] == latest]
    capacities = [row["capacity_bytes"] for row in told if row["capacity_bytes"] is not None]
    free = [row["free_bytes"] for row in told if row["free_bytes"] is not None]
    return latest, max(capacities, default=None), min(free, default=None)
