"""The documents of organizations, and their templates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.asked import Asked, Row, chosen, number_of, truth_of
from ninja_analytics.sandbox.contacts import uid_of
from ninja_analytics.sandbox.fleet import APPROVED, Fleet
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.writings import APPLICATIONS, NOTES, TEMPLATES

_SECRET = "TEXT_ENCRYPTED"  # noqa: S105 - a type of field


def document_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/organization/documents that are asked for."""
    rows = [row for place in range(len(fleet.organizations)) for row in documents_at(fleet, place)]
    return chosen(
        rows,
        asked,
        ids={"organizationIds": "organizationId", "templateIds": "documentTemplateId"},
        texts={"templateName": "documentTemplateName", "documentName": "documentName"},
    )


def organization_document_rows(fleet: Fleet, organization_id: str) -> list[Row] | None:
    """The documents of one organization; None if there is no such organization."""
    number = number_of(organization_id)
    for place, organization in enumerate(fleet.organizations):
        if organization.id == number:
            return documents_at(fleet, place)
    return None


def documents_at(fleet: Fleet, place: int) -> list[Row]:
    """The documents of the organization at *place*: one or none of most templates, some twice."""
    dice = fleet.dice("documents", place)
    counts = [dice.choice((0, 1, 1, 2) if row[2] else (0, 1, 1)) for row in TEMPLATES]
    return [
        _document(fleet, place, template, number)
        for template, count in enumerate(counts)
        for number in range(count)
    ]


def template_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/document-templates that are asked for."""
    with_roles = bool(truth_of(asked, "includeTechnicianRoles"))
    rows = [_template(fleet, *row, with_roles=with_roles) for row in TEMPLATES]
    return chosen(rows, asked, texts={"templateName": "name"})


def _document(fleet: Fleet, place: int, template: int, number: int) -> Row:
    home = fleet.organizations[place]
    template_id, name, _, fields = TEMPLATES[template]
    document_id = home.id * 100 + template * 10 + number
    dice = fleet.dice("document", document_id)
    at = fleet.now - dice.uniform(1, 900) * DAY
    values = []
    for field in fields:
        value = _value(fleet, place, field, document_id)
        if value is not None and dice.random() < 0.85:
            values.append({"name": field[1], "value": value, "valueUpdateTime": stamp(at)})
    row: Row = {
        "documentId": document_id,
        "documentName": dice.choice(APPLICATIONS) if template == 1 else name,
        "documentUpdateTime": stamp(at),
        "fields": values,
        "documentTemplateId": template_id,
        "documentTemplateName": name,
        "organizationId": home.id,
    }
    return row | ({"documentDescription": dice.choice(NOTES)} if dice.random() < 0.3 else {})


def _value(fleet: Fleet, place: int, field: tuple[Any, ...], document_id: int) -> Row | None:
    """What a field of a document holds, as an object; nothing for what is kept secret."""
    field_id, _, _, kind, options = field
    dice = fleet.dice("document value", document_id * 1000 + field_id)
    if kind == _SECRET:
        return None
    if kind == "NODE_DROPDOWN":
        there = np.flatnonzero((fleet.organization == place) & (fleet.status == APPROVED))
        if not len(there):
            return None
        index = int(there[dice.randrange(len(there))])
        return {"entityId": int(fleet.ids[index]), "type": "NODE", "name": fleet.system_name(index)}
    if options:
        number = dice.randrange(len(options))
        return {"id": _option_uid(fleet, field_id, number), "name": options[number]}
    text = dice.choice(NOTES)
    return {"text": text, "html": f"<p>{text}</p>"}


def _option_uid(fleet: Fleet, field_id: int, number: int) -> str:
    return uid_of(fleet.dice("document option", field_id * 10 + number))


def _template(
    fleet: Fleet,
    template_id: int,
    name: str,
    several: bool,
    fields: tuple[Any, ...],
    *,
    with_roles: bool,
) -> Row:
    made = stamp(fleet.now - 1200 * DAY)
    row: Row = {
        "id": template_id,
        "name": name,
        "allowMultiple": several,
        "mandatory": template_id == TEMPLATES[0][0],
        "createTime": made,
        "updateTime": stamp(fleet.now - template_id * DAY),
        "fields": [_heading(fleet, template_id, made)],
        "availableToAllTechnicians": template_id != TEMPLATES[1][0],
        "archived": template_id == TEMPLATES[-1][0],
    }
    row["fields"] += [_field(fleet, field, made) for field in fields]
    if row["archived"]:
        user_id, person = vocabulary.TECHNICIANS[0]
        row["archivedTime"] = stamp(fleet.now - 30 * DAY)
        row["archivedBy"] = {"id": user_id, "displayName": person, "deleted": False}
    if with_roles:
        row["allowedTechnicianRoles"] = [] if row["availableToAllTechnicians"] else [2]
    return row


def _heading(fleet: Fleet, template_id: int, made: Any) -> Row:
    return {
        "uiElementUid": uid_of(fleet.dice("heading", template_id)),
        "uiElementName": "General",
        "uiElementType": "TITLE",
        "createdTime": made,
    }


def _field(fleet: Fleet, field: tuple[Any, ...], made: Any) -> Row:
    field_id, name, label, kind, options = field
    values = [
        {"id": _option_uid(fleet, field_id, number), "name": option, "active": True}
        for number, option in enumerate(options)
    ]
    return {
        "fieldId": field_id,
        "fieldLabel": label,
        "fieldName": name,
        "fieldType": kind,
        "fieldTechnicianPermission": "EDITABLE",
        "fieldScriptPermission": "NONE",
        "fieldApiPermission": "NONE" if kind == _SECRET else "READ_ONLY",
        "fieldContent": {"values": values, "required": False},
        "createdTime": made,
        "updatedTime": made,
    }
