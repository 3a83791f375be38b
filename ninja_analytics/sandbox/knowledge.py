"""The knowledge base: folders and articles, and what is linked to what."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.asked import (
    Asked,
    Row,
    chosen,
    number_of,
    truth_of,
    without_archived,
    word_of,
)
from ninja_analytics.sandbox.contacts import contact_rows
from ninja_analytics.sandbox.documents import documents_at
from ninja_analytics.sandbox.fleet import APPROVED, Fleet
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.writings import ARCHIVED_FOLDER, ARTICLES, FOLDERS

HOSTS = (
    "ORGANIZATION", "DOCUMENT", "LOCATION", "NODE", "CHECKLIST", "KB_DOCUMENT", "END_USER",
    "SOFTWARE_LICENSE",
)  # fmt: skip
_SCOPES = ("ALL", "HOSTING", "HOSTED_BY")
_FOLDERS = {folder_id: (name, above) for folder_id, name, above in FOLDERS}
_OF_ORGANIZATION = 302  # the article that many organizations have a version of their own of


def global_article_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/knowledgebase/global/articles that are asked for."""
    return _asked_for((_article(fleet, *row) for row in ARTICLES), asked)


def organization_article_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/knowledgebase/organization/articles that are asked for."""
    rows = [_own_article(fleet, place) for place in _with_articles(fleet)]
    return _asked_for(rows, asked)


def folder_row(fleet: Fleet, folder_id: str, asked: Asked) -> Row | None:
    """The answer of /v2/knowledgebase/folder/{id}; None if there is no such folder."""
    number = number_of(folder_id)
    archived = truth_of(asked, "includeArchived")
    if number not in _FOLDERS or (number == ARCHIVED_FOLDER and not archived):
        return None
    return _folder(fleet, number) | {"content": _content(fleet, number)}


def related_rows(fleet: Fleet) -> list[Row]:
    """The rows of /v2/related-items: about four of every organization."""
    contacts = {row["clientId"]: row for row in contact_rows(fleet)}
    places = range(len(fleet.organizations))
    rows = [row for place in places for row in _related(fleet, place, contacts)]
    return [{"id": number} | row for number, row in enumerate(rows, 801)]


def entity_related_rows(
    fleet: Fleet, entity_type: str, entity_id: str, asked: Asked
) -> list[Row] | None:
    """The links of one thing; None if there is no such kind of thing, or its id is no number."""
    scope, number = word_of(asked, "scope", _SCOPES) or "ALL", number_of(entity_id)
    if entity_type not in HOSTS or number < 0:
        return None
    wanted = (entity_type, number)
    return [
        row
        for row in related_rows(fleet)
        if (scope != "HOSTED_BY" and (row["entityType"], row["entityId"]) == wanted)
        or (scope != "HOSTING" and (row["relEntityType"], row.get("relEntityId")) == wanted)
    ]


def _asked_for(rows: Iterable[Row], asked: Asked) -> list[Row]:
    found = without_archived(rows, asked, "isArchived")
    ids, texts = {"organizationIds": "organizationId"}, {"articleName": "name"}
    return chosen(found, asked, ids=ids, texts=texts)


def _path(folder_id: int | None) -> str:
    names: list[str] = []
    while folder_id is not None:
        name, folder_id = _FOLDERS[folder_id]
        names.insert(0, name)
    return "/".join(names)


def _article(fleet: Fleet, article_id: int, folder: int | None, name: str, text: str) -> Row:
    made = fleet.now - (article_id * 7 % 900 + 2) * DAY
    row: Row = {
        "id": article_id,
        "name": name,
        "isNinjaArticle": bool(text),
        "isArchived": folder == ARCHIVED_FOLDER,
        "attachments": [],
        "createTime": stamp(made),
        "updateTime": stamp(made + DAY),
        "path": _path(folder),
    }
    if text:
        row["content"] = {"html": f"<p>{text}</p>", "text": text}
    else:
        row["attachments"] = [_file(article_id, name)]
    if folder is not None:
        row["parentFolderId"] = folder
    if row["isArchived"]:
        row["archivedTime"] = stamp(fleet.now - 20 * DAY)
    return row


def _file(article_id: int, name: str) -> Row:
    metadata = {"name": name, "mimeType": "application/pdf", "size": "48213", "extension": "pdf"}
    return {"id": article_id * 10, "uploadStatus": "SUCCESS", "metadata": metadata}


def _with_articles(fleet: Fleet) -> list[int]:
    return [place for place, one in enumerate(fleet.organizations) if one.id % 3 == 0 or not place]


def _own_article(fleet: Fleet, place: int) -> Row:
    """An organization's own version of an article, which lies in no folder."""
    home = fleet.organizations[place]
    _, _, name, text = next(row for row in ARTICLES if row[0] == _OF_ORGANIZATION)
    row = _article(fleet, 10_000 + home.id, None, name, f"{text} At {home.name} ask first.")
    return row | {"organizationId": home.id}


def _folder(fleet: Fleet, folder_id: int) -> Row:
    name, above = _FOLDERS[folder_id]
    row: Row = {
        "id": folder_id,
        "name": name,
        "isArchived": folder_id == ARCHIVED_FOLDER,
        "createTime": stamp(fleet.now - 900 * DAY),
        "updateTime": stamp(fleet.now - folder_id * DAY),
    }
    if row["isArchived"]:
        row["archivedTime"] = stamp(fleet.now - 20 * DAY)
    return row | ({} if above is None else {"parentFolderId": above})


def _content(fleet: Fleet, folder_id: int) -> list[Row]:
    folders = [_folder(fleet, one) for one, (_, above) in _FOLDERS.items() if above == folder_id]
    articles = [_article(fleet, *row) for row in ARTICLES if row[1] == folder_id]
    items = [_item(row, is_folder=True) for row in folders]
    for row in articles:
        item = _item(row, is_folder=False) | {"fileExtension": "ninja"}
        if not row["isNinjaArticle"]:
            item |= {"fileExtension": "pdf", "fileSize": "48213", "fileUploadStatus": "SUCCESS"}
        items.append(item)
    return items


def _item(row: Row, *, is_folder: bool) -> Row:
    taken = ("id", "parentFolderId", "name", "isArchived", "createTime", "updateTime")
    item: Row = {name: row[name] for name in taken if name in row}
    return item | {"isFolder": is_folder, "folder": is_folder, "archived": row["isArchived"]}


def _related(fleet: Fleet, place: int, contacts: dict[int, Row]) -> list[Row]:
    """A device with a document, an article and a file; the organization with a contact."""
    home, dice = fleet.organizations[place], fleet.dice("related", place)
    there = np.flatnonzero((fleet.organization == place) & (fleet.status == APPROVED))
    contact, documents = contacts.get(home.id), documents_at(fleet, place)
    rows = []
    if contact:
        about = ("CONTACT", contact["id"], contact["displayName"])
        rows.append(_link(fleet, "ORGANIZATION", home.id, home.name, *about))
    if len(there):
        index = int(there[dice.randrange(len(there))])
        device = ("NODE", int(fleet.ids[index]), fleet.system_name(index))
        article = ARTICLES[dice.randrange(len(ARTICLES))]
        rows.append(_link(fleet, *device, "KB_DOCUMENT", article[0], article[2]))
        rows += [
            _link(fleet, "DOCUMENT", one["documentId"], one["documentName"], *device)
            for one in documents[:1]
        ]
        if dice.random() < 0.3:
            rows.append(_attachment(fleet, device))
    return rows


def _link(
    fleet: Fleet, kind: str, number: int, name: str, related: str, other: int, other_name: str
) -> Row:
    return {
        "type": "ENTITY",
        "entity": {"id": number, "name": name},
        "entityId": number,
        "entityType": kind,
        "relEntity": {"id": other, "name": other_name},
        "relEntityId": other,
        "relEntityType": related,
        "createTime": stamp(fleet.now - (number % 700 + 1) * DAY),
        "createdByAppUserId": vocabulary.TECHNICIANS[number % 4][0],
    }


def _attachment(fleet: Fleet, device: tuple[str, int, str]) -> Row:
    kind, number, name = device
    return {
        "type": "VALUE",
        "entity": {"id": number, "name": name},
        "entityId": number,
        "entityType": kind,
        "relEntityType": "ATTACHMENT",
        "value": {"metadata": {"name": "photo.jpg", "mimeType": "image/jpeg", "size": 231_004}},
        "createTime": stamp(fleet.now - (number % 90 + 1) * DAY),
        "createdByAppUserId": vocabulary.TECHNICIANS[0][0],
    }
