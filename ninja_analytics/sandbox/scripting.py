"""Which scripts and built-in actions can be run on a device, by what it is."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ninja_analytics.sandbox.asked import Asked, Row
from ninja_analytics.sandbox.automation_words import SCRIPTS, Script

if TYPE_CHECKING:
    from ninja_analytics.sandbox.tenant import Tenant

_ACTIONS = ("Restart", "Refresh inventory", "Run a disk check")
_CATEGORIES = ((1, "Built in", True), (2, "Maintenance", False))
_SYSTEMS = {"WINDOWS": "Windows", "MAC": "Mac", "LINUX": "Linux"}
_CREDENTIALS = ((81, "Domain administrator", "BASIC"), (82, "Switches", "SNMPV3"))


def options_of(tenant: Tenant, ids: tuple[str, ...], _asked: Asked) -> Row | None:
    """The answer of /v2/device/{id}/scripting/options; None if there is no such device."""
    index = tenant.index_of(ids[0])
    if index is None:
        return None
    system = _SYSTEMS.get(tenant.fleet.class_name(index).split("_")[0])
    scripts = [_script(one) for one in SCRIPTS if one.active and system in one.systems]
    actions = [_action(name) for name in _ACTIONS] if system else []
    return {
        "categories": [
            {"id": number, "name": name, "internal": internal}
            for number, name, internal in _CATEGORIES
        ],
        "scripts": [*actions, *scripts],
        "credentials": {
            "roles": ["system", "loggedonuser"] if system else [],
            "credentials": [
                {"id": number, "name": name, "type": kind} for number, name, kind in _CREDENTIALS
            ],
        },
    }


def _action(name: str) -> Row:
    uid = str(uuid.uuid5(uuid.NAMESPACE_OID, name))
    return {"type": "ACTION", "uid": uid, "name": name, "categoryId": _CATEGORIES[0][0]}


def _script(one: Script) -> Row:
    row: Row = {
        "type": "SCRIPT",
        "id": one.id,
        "name": one.name,
        "language": one.language,
        "architecture": ["64"],
        "categoryId": _CATEGORIES[1][0],
    }
    return row | ({"description": one.description} if one.description else {})
