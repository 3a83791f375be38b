"""The checklists of organizations, and their templates."""

from __future__ import annotations

from ninja_analytics.sandbox import vocabulary
from ninja_analytics.sandbox.asked import Asked, Row, chosen, without_archived
from ninja_analytics.sandbox.fleet import Fleet
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.writings import ARCHIVED_CHECKLIST, CHECKLISTS

_GONE = (27, "Lee Farrow")  # no longer a user
_USERS = (*vocabulary.TECHNICIANS, _GONE)


def template_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/checklist/templates that are asked for."""
    rows = [_template(fleet, *row) for row in CHECKLISTS]
    return chosen(
        without_archived(rows, asked),
        asked,
        ids={"checklistTemplateIds": "id"},
        texts={"checklistTemplateName": "name"},
        truths={"required": "required"},
    )


def checklist_rows(fleet: Fleet, asked: Asked) -> list[Row]:
    """The rows of /v2/organization/checklists that are asked for."""
    rows = [row for place in range(len(fleet.organizations)) for row in _checklists(fleet, place)]
    if asked.get("assignedToUserId"):
        user = int(asked["assignedToUserId"])
        rows = [row for row in rows if row.get("assignedTo", {}).get("id") == user]
    return chosen(
        without_archived(rows, asked),
        asked,
        ids={"checklistIds": "id", "organizationIds": "organizationId"},
        texts={"checklistName": "name"},
        truths={"completed": "completed", "required": "required"},
    )


def _user(number: int) -> Row:
    """A technician, as checklists name people."""
    user_id, name = _USERS[number % len(_USERS)]
    first, last = name.split()
    return {"id": user_id, "firstName": first, "lastName": last, "deleted": user_id == _GONE[0]}


def _put_away(fleet: Fleet, archived: bool) -> Row:
    if not archived:
        return {"archived": False}
    return {"archived": True, "archivedBy": _user(0), "archiveTime": stamp(fleet.now - 60 * DAY)}


def _text(words: str) -> Row:
    return {"text": words, "html": f"<p>{words}</p>"}


def _template(
    fleet: Fleet, template_id: int, name: str, required: bool, tasks: tuple[str, ...]
) -> Row:
    steps: list[Row] = [{"position": n, "name": task} for n, task in enumerate(tasks, 1)]
    steps[0]["description"] = _text("Begin with this one.")
    return {
        "id": template_id,
        "name": name,
        "description": _text(f"Steps for: {name.lower()}"),
        "tasks": steps,
        "required": required,
        "lastUpdatedOn": stamp(fleet.now - template_id * 3 * DAY),
        "lastUpdatedBy": _user(template_id),
    } | _put_away(fleet, template_id == ARCHIVED_CHECKLIST)


def _checklists(fleet: Fleet, place: int) -> list[Row]:
    dice = fleet.dice("checklists", place)
    taken = [row for row in CHECKLISTS if dice.random() < 0.45]
    return [_checklist(fleet, place, *row) for row in taken]


def _checklist(
    fleet: Fleet, place: int, template_id: int, name: str, required: bool, tasks: tuple[str, ...]
) -> Row:
    home = fleet.organizations[place]
    checklist_id = home.id * 100 + template_id
    dice = fleet.dice("checklist", checklist_id)
    begun = fleet.now - dice.uniform(3, 300) * DAY
    done = dice.randrange(len(tasks) + 1)
    steps = [
        _task(checklist_id, n, task, begun, done, fleet.now) for n, task in enumerate(tasks, 1)
    ]
    row: Row = {
        "id": checklist_id,
        "name": name,
        "required": required,
        "completed": done == len(tasks),
        "lastUpdatedOn": stamp(fleet.now - dice.uniform(0, 2) * DAY),
        "lastUpdatedBy": _user(checklist_id),
        "completedTaskCount": done,
        "totalTaskCount": len(tasks),
        "tasks": steps,
        "organizationId": home.id,
        "clientName": home.name,
    }
    if row["completed"]:
        row["completedOn"] = steps[-1]["completedOn"]
    if dice.random() < 0.6:
        row |= {
            "dueDate": stamp(begun + 30 * DAY),
            "assignedTo": _user(dice.randrange(len(_USERS))),
        }
    return row | _put_away(fleet, template_id == ARCHIVED_CHECKLIST)


def _task(checklist_id: int, number: int, name: str, begun: float, done: int, now: float) -> Row:
    row: Row = {"id": checklist_id * 10 + number, "position": number, "name": name}
    row["completed"] = number <= done
    if row["completed"]:
        at = begun + (now - begun) * number / (done + 1)
        row |= {"completedOn": stamp(at), "completedBy": _user(number)}
    return row
