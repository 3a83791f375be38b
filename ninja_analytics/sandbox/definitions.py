"""How custom fields are defined: the rows of definitions, and the identifiers of their options."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ninja_analytics.sandbox.field_words import DEFINITIONS, HIDDEN, SCOPES, SECURE, Definition
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp

Asked = Mapping[str, str]
Row = dict[str, Any]

BY_NAME = {one.name: one for one in DEFINITIONS}
VISIBLE = frozenset(
    one.name for one in DEFINITIONS if one.api not in HIDDEN and one.type not in SECURE
)

_SETTINGS: dict[str, Row] = {
    "ATTACHMENT": {"fileMaxSize": 20, "fileExtensions": ["JPEG", "PDF"]},
    "DATE": {"dateFilters": {"type": "NONE"}},
    "DATE_TIME": {"dateFilters": {"type": "PAST_DATES_ONLY", "selected": []}},
    "TEXT": {"maxCharacters": 200},
    "TEXT_MULTILINE": {"maxCharacters": 10_000},
    "WYSIWYG": {"expandLargeValueOnRender": True},
    "TEXT_ENCRYPTED": {
        "maxCharacters": 100,
        "complexityRules": {
            "mustContainOneInteger": True,
            "mustContainOneLowercaseLetter": False,
            "mustContainOneUppercaseLetter": False,
            "greaterOrEqualThanSixCharacters": True,
        },
    },
    "NUMERIC": {"numericRange": {"min": 0, "max": 100_000}},
    "DECIMAL": {"numericRange": {"min": 0.5, "max": 10_000.0}},
    "MONETARY": {"monetary": {"currency": "USD"}},
    "IP_ADDRESS": {"ipAddressType": "ALL"},
    "NODE_DROPDOWN": {"nodeClass": ["WINDOWS_SERVER", "LINUX_SERVER"]},
    "CLIENT_DOCUMENT_DROPDOWN": {"templates": []},
    "CLIENT_LOCATION_MULTI_SELECT": {"org": []},
    "IDENTIFIER": {
        "identifier": {
            "automaticGenerationEnabled": True,
            "scope": "GLOBAL",
            "assignTo": "NEW_AND_EXISTING_ASSETS",
            "type": "SEQUENCE",
            "nextSequenceNumber": 100_000,
            "prefix": "INV-",
            "suffix": "",
        }
    },
}


def option_uid(definition: Definition, option: str) -> str:
    """The identifier of a choice, as values carry it; the same in every tenant of the sandbox."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{definition.name}/{option}"))


def definition_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/device-custom-fields: all but those that only end users have."""
    wanted = scopes_of(asked)
    found = [one for one in DEFINITIONS if wanted & set(one.scopes) - {"E"}]
    return [definition_row(fleet, one) for one in found]


def all_definition_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/custom-fields: every definition."""
    return [definition_row(fleet, one) for one in DEFINITIONS]


def scopes_of(asked: Asked) -> set[str]:
    """The letters of the scopes that *asked* names; ValueError for one that there is not."""
    words = [word.strip().upper() for word in asked.get("scopes", "all").split(",") if word.strip()]
    letters = {name: letter for letter, name in SCOPES.items()}
    if unknown := [word for word in words if word not in letters and word != "ALL"]:
        raise ValueError(f"unknown scope {unknown[0][:40]!r}")
    return set(SCOPES) if "ALL" in words else {letters[word] for word in words}


def definition_row(fleet: Fleet, one: Definition) -> Row:
    """What the API tells of a definition."""
    place = DEFINITIONS.index(one)
    made = fleet.born // DAY * DAY - (1400 - 31 * place) * DAY
    row: Row = {
        "entityType": "USER" if one.scopes == "E" else "NODE",
        "scope": "NODE_GLOBAL",
        "definitionScope": [SCOPES[letter] for letter in one.scopes],
        "type": one.type,
        "label": one.label,
        "name": one.name,
        "endUserPermission": "READ_ONLY" if place % 6 == 0 else "HIDDEN",
        "technicianPermission": "READ_ONLY" if one.system else "EDITABLE",
        "scriptPermission": one.script,
        "apiPermission": one.api,
        "content": _content(one),
        "system": one.system,
        "active": one.active,
        "createTime": stamp(made),
        "updateTime": stamp(made + (place % 4) * 40 * DAY),
    }
    row |= {"description": one.description} if one.description else {}
    return row | ({"defaultValue": one.default} if one.default else {})


def _content(one: Definition) -> Row:
    content: Row = {"required": False, "customizeForEndUser": one.name == "assetTag"}
    if one.name == "assetTag":
        content["tooltipText"] = "The sticker on the case"
        content["endUserCustomization"] = {"name": "sticker", "label": "Number on the sticker"}
    if one.options:
        content["values"] = [
            {"id": option_uid(one, option), "name": option, "active": True, "system": False}
            for option in one.options
        ]
    if one.type in _SETTINGS:
        content["advancedSettings"] = _SETTINGS[one.type]
    return content
