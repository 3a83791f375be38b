"""The rows of tasks, scripts, products to patch, notification channels and conditions of policies."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from ninja_analytics.sandbox.automation_words import (
    CHANNELS,
    EVENT_CONDITIONS,
    FIELD_CONDITIONS,
    SCRIPTS,
    TASKS,
    VARIABLES,
    Script,
)
from ninja_analytics.sandbox.definitions import BY_NAME, option_uid
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.versions import Product, all_products
from ninja_analytics.sandbox.vocabulary import POLICIES

Row = dict[str, Any]

_PARENTS = {row[0]: row[4] for row in POLICIES}


def task_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/tasks; one waits for its first run."""
    rows = []
    for number, name, description, enabled, age, every in TASKS:
        made = fleet.now // DAY * DAY - age * DAY
        row: Row = {"id": number, "name": name, "enabled": enabled, "created": stamp(made)}
        if description:
            row["description"] = description
        end = fleet.now if enabled else made + 30 * DAY
        runs = int((end - made) / DAY / every) if every else 0
        row["runCount"] = runs
        if runs and every:
            row["lastRun"] = stamp(made + runs * every * DAY)
        rows.append(row)
    return rows


def script_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/automation/scripts."""
    return [_script(fleet, one) for one in SCRIPTS]


def product_rows() -> list[Row]:
    """The rows of /v2/software-products: the programs for Windows that get new versions."""
    found = {one.name: one for one in all_products() if _patched(one)}
    return [
        {
            "id": product_uid(name),
            "vendorName": one.publisher,
            "productName": name,
            "installable": place % 3 != 0,
            "active": place % 17 != 16,
        }
        for place, (name, one) in enumerate(sorted(found.items()))
    ]


def product_uid(name: str) -> str:
    """The identifier of a product that NinjaOne can patch; software patches carry it too."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def channel_rows(*, enabled_only: bool) -> list[Row]:
    """The rows of /v2/notification-channels, or of those that are enabled."""
    return [
        {"id": number, "name": name, "enabled": enabled, "type": kind}
        | ({"description": description} if description else {})
        for number, name, description, enabled, kind in CHANNELS
        if enabled or not enabled_only
    ]


def field_conditions(policy_id: str) -> list[Row] | None:
    """The conditions on custom fields of a policy, inherited ones too; None for no such policy."""
    found = _of_policy(policy_id, FIELD_CONDITIONS)
    if found is None:
        return None
    rows = []
    for head, (every, some) in found:
        row = head | {"matchAll": [_match(*one) for one in every]}
        rows.append(row | {"matchAny": [_match(*one) for one in some]})
    return rows


def event_conditions(policy_id: str) -> list[Row] | None:
    """The conditions on the Windows event log of a policy; None for no such policy."""
    found = _of_policy(policy_id, EVENT_CONDITIONS)
    if found is None:
        return None
    rows = []
    for head, (source, events, words, often) in found:
        row = head | {"source": source, "eventIds": list(events)}
        if words:
            row["text"] = {"values": list(words), "condition": "CONTAINS", "include": "ANY"}
        if often:
            row["occurrence"] = {"enabled": True, "threshold": often[0], "duration": often[1]}
        rows.append(row)
    return rows


def _of_policy(
    policy_id: str, conditions: dict[int, Any]
) -> list[tuple[Row, tuple[Any, ...]]] | None:
    """What all conditions have in common, and the rest of each."""
    if not policy_id.isdecimal() or int(policy_id) not in _PARENTS:
        return None
    return [
        (_condition(int(policy_id), source, one), one[5:])
        for source in _lineage(int(policy_id))
        for one in conditions.get(source, ())
    ]


def _lineage(policy: int) -> Iterator[int]:
    """A policy and those from which it inherits."""
    at: int | None = policy
    while at is not None:
        yield at
        at = _PARENTS[at]


def _condition(policy: int, source: int, one: tuple[Any, ...]) -> Row:
    name, severity, priority, channels, scripts = one[:5]
    row: Row = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{policy} {name}")),
        "conditionName": "CONDITION",
        "displayName": name,
        "enabled": True,
        "severity": severity,
        "priority": priority,
        "channels": list(channels),
        "scripts": [
            {"scriptId": number, "runAs": "SYSTEM", "scriptVariables": []} for number in scripts
        ],
        "notificationAction": "SEND" if channels else "NONE",
        "notifyOnReset": bool(channels),
        "resetThreshold": 3600,
        "inheritance": {"inherited": policy != source, "overridden": False},
    }
    if policy != source:
        row["inheritance"]["sourcePolicyId"] = source
    return row


def _match(name: str, operator: str, value: str) -> Row:
    definition = BY_NAME[name]
    chosen = option_uid(definition, value) if value in definition.options else value
    return {"fieldName": name, "operator": operator, "value": chosen}


def _script(fleet: Fleet, one: Script) -> Row:
    made, changed = (fleet.now // DAY * DAY - days * DAY for days in one.days)
    row: Row = {
        "id": one.id,
        "name": one.name,
        "active": one.active,
        "language": one.language,
        "architecture": ["64", "32"] if one.language != "sh" else ["64"],
        "operatingSystems": list(one.systems),
        "scriptParameters": list(one.parameters),
        "scriptVariables": [_variable(*parts) for parts in VARIABLES.get(one.id, ())],
        "createdBy": one.author,
        "lastUpdatedBy": one.editor,
        "createdOn": stamp(made),
        "updatedOn": stamp(changed),
    }
    return row | ({"description": one.description} if one.description else {})


def _variable(
    uid: str, name: str, kind: str, default: str | None, required: bool, choices: tuple[str, ...]
) -> Row:
    row: Row = {"id": uid, "name": name, "type": kind, "source": "LITERAL", "required": required}
    row |= {"valueList": list(choices)} if choices else {}
    return row | ({"defaultValue": default} if default is not None else {})


def _patched(one: Product) -> bool:
    return one.family == "windows" and one.days > 0
