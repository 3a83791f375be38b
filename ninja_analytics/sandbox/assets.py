"""What is said about assets: tags, relationships, custom tabs, and where scans come from."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.asked import Row, number_of
from ninja_analytics.sandbox.definitions import definition_row
from ninja_analytics.sandbox.directory import STAFF
from ninja_analytics.sandbox.field_words import DEFINITIONS
from ninja_analytics.sandbox.fleet import APPROVED, CLASS_NAMES, Fleet
from ninja_analytics.sandbox.machines import device_row
from ninja_analytics.sandbox.people import staff_email
from ninja_analytics.sandbox.times import DAY, day_text, stamp
from ninja_analytics.sandbox.writings import RELATION_TYPES, SCAN_GROUPS, TABS, TAG_NOTES

_FIRST_RELATION = 700
_FIRST_FIELD = 901
_ALSO_SAME = ("apiPermission", "content", "active", "description", "createTime", "updateTime")
_SERVERS = [number for number, name in enumerate(CLASS_NAMES) if "SERVER" in name]


def tag_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/tag; each counts the devices that carry it."""
    listed = np.flatnonzero(fleet.status == APPROVED).tolist()
    counts = Counter(tag for index in listed for tag in device_row(fleet, index).get("tags", ()))
    return [
        _tag(fleet, number, name, counts[name]) for number, name in enumerate(vocabulary.TAGS, 1)
    ]


def relation_type_rows() -> list[Row]:
    """The rows of /v2/itam/asset-relationship/types; what is in them is a guess."""
    return [
        {"id": number, "name": name, "inverseName": inverse}
        for number, name, inverse in RELATION_TYPES
    ]


def relation_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/itam/asset-relationship/relations, as a guess: what runs on or needs what."""
    return [
        {
            "id": _FIRST_RELATION + number,
            "name": name,
            "relationshipTypeId": type_id,
            "sourceType": "NODE",
            "sourceId": source,
            "targetType": "NODE",
            "targetId": target,
            "createTime": stamp(fleet.now - (source % 600 + 1) * DAY),
        }
        for number, ((type_id, name, _), source, target) in enumerate(_pairs(fleet))
    ]


def _pairs(fleet: Fleet) -> list[tuple[tuple[int, str, str], int, int]]:
    """Virtual machines with their hosts, and in every organization a device that needs a server."""
    there, runs, needs = fleet.status == APPROVED, RELATION_TYPES[0], RELATION_TYPES[1]
    guests = np.flatnonzero((fleet.parent > 0) & there).tolist()
    found = [(runs, int(fleet.ids[index]), int(fleet.parent[index])) for index in guests]
    server = np.isin(fleet.kind, _SERVERS)
    for place in range(len(fleet.organizations)):
        here = there & fleet.agents & (fleet.organization == place)
        servers, others = fleet.ids[here & server], fleet.ids[here & ~server]
        if len(servers) and len(others):
            found.append((needs, int(others[0]), int(servers[0])))
    return found


def entity_relation_rows(fleet: Fleet, entity_type: str, entity_id: str) -> list[Row] | None:
    """The relationships of one asset; None if its id is no number."""
    number = number_of(entity_id)
    if number < 0:
        return None
    wanted = (entity_type, number)
    return [
        row
        for row in relation_rows(fleet)
        if wanted in ((row["sourceType"], row["sourceId"]), (row["targetType"], row["targetId"]))
    ]


def tab_rows(entity_type: str, role_ids: frozenset[int] | None = None) -> list[Row]:
    """A summary of the tabs for one kind of thing; of device roles only those of *role_ids*."""
    return [
        {"id": tab_id, "name": name, "entityType": kind, "position": place}
        for place, (tab_id, name, kind, role_id, _) in enumerate(TABS)
        if kind == entity_type and (role_ids is None or role_id in role_ids)
    ]


def role_tab_rows(role_id: str) -> list[Row] | None:
    """The tabs of a device role, those of its parent role too; None if there is no such role."""
    parents = {row[0]: row[5] for row in vocabulary.ROLES}
    number = number_of(role_id)
    if number not in parents:
        return None
    return tab_rows("NODE_ROLE", frozenset({number, parents[number] or number}))


def tab_row(fleet: Fleet, tab_id: str) -> Row | None:
    """The answer of /v2/tab/{id}; None if there is no such tab."""
    number = number_of(tab_id)
    for place, (one, name, kind, role_id, fields) in enumerate(TABS):
        if one == number:
            row: Row = {"id": one, "name": name, "entityType": kind, "position": place}
            row |= {"default": False, "isDefault": False}
            row["items"] = [_field(fleet, field) for field in fields]
            return row | ({} if role_id is None else {"entityId": role_id})
    return None


def scan_group_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/vulnerability/scan-groups."""
    return [
        {
            "id": number,
            "groupName": name,
            "fileName": file,
            "status": status,
            "vendor": vendor,
            "deviceIdHeader": header,
            "deviceInternalMapping": field,
            "cveIdHeader": cves,
            "lastFileUploadDate": f"{day_text(fleet.now - number % 10 * DAY)}T06:30:00Z",
            "recordsProcessed": records,
        }
        for number, name, file, status, vendor, header, field, cves, records in SCAN_GROUPS
    ]


def _tag(fleet: Fleet, number: int, name: str, count: int) -> Row:
    made = fleet.now - number * 90 * DAY
    emails = {one.id: staff_email(one) for one in STAFF}
    row: dict[str, Any] = {
        "id": number,
        "name": name,
        "createTime": stamp(made),
        "updateTime": stamp(made + DAY),
        "targetsCount": count,
    }
    for doing, shift in (("created", 0), ("updated", 1)):
        user_id, person = vocabulary.TECHNICIANS[(number + shift) % len(vocabulary.TECHNICIANS)]
        row[f"{doing}ByUserId"] = user_id
        row[f"{doing}By"] = {"id": user_id, "name": person, "email": emails[user_id]}
    return row | ({"description": TAG_NOTES[name]} if name in TAG_NOTES else {})


def _field(fleet: Fleet, name: str) -> Row:
    """A custom field as a tab shows it."""
    number, known = next((n, one) for n, one in enumerate(DEFINITIONS) if one.name == name)
    told = definition_row(fleet, known)
    row: Row = {"id": _FIRST_FIELD + number, "name": told["label"], "fieldName": name}
    row |= {"attributeType": told["type"], "attributeScope": told["scope"]}
    same = ("entityType", "definitionScope", "technicianPermission", "scriptPermission")
    return row | {one: told[one] for one in (*same, *_ALSO_SAME) if one in told}
