"""NinjaOne's filter text, read into the tree, in all its spellings.

org in (1, 2) AND class = WINDOWS_SERVER && offline
status eq PENDING and created after 20260101
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ninja_analytics.errors import FilterError
from ninja_analytics.filters import values
from ninja_analytics.filters.tree import FIELDS, Leaf, Node, Operator, Text, Value, all_of

_AND = re.compile(r"\s+and\s+|\s*&&\s*", re.IGNORECASE)
_COMPARED = re.compile(r"(\w+)\s*(!=|<>|=|<|>|\b[a-z]+\b)\s*([^\s()<>=!,]+)", re.IGNORECASE)
_LISTED = re.compile(r"(\w+)\s*(!?\b(?:in|notin|nin)\b)\s*\(([^()]*)\)", re.IGNORECASE)
_GROUP = re.compile(r"group\s+(\d{1,18})", re.IGNORECASE)
_ID = re.compile(r"\d{1,18}")
_COMPACT_DAY = re.compile(r"\d{8}")

_NAMES = {field.word: field.name for field in FIELDS.values()} | {
    "organization": "organization",
    "location": "location",
}
_ONE: dict[str, Operator] = {
    "=": "in", "eq": "in", "!=": "not in", "neq": "not in", "<>": "not in",
    "<": "<", "lt": "<", "before": "<", ">": ">", "gt": ">", "after": ">",
}  # fmt: skip
_MANY: dict[str, Operator] = {"in": "in", "notin": "not in", "nin": "not in", "!in": "not in"}


def parsed(text: str) -> Node:
    """The tree of *text*; one `Text` that is sent as it stands if any of it cannot be read."""
    try:
        return all_of(_clause(part) for part in _AND.split(text.strip()))
    except (FilterError, KeyError):
        return Text(text.strip())


def _clause(part: str) -> Leaf:
    """One condition; FilterError or KeyError if it is none."""
    if part.lower() in ("online", "offline"):
        return Leaf("offline", "in", (int(part.lower() == "offline"),))
    if group := _GROUP.fullmatch(part):
        return Leaf("group", "in", (int(group[1]),))
    if several := _LISTED.fullmatch(part):
        name, operator, texts = several[1], _MANY[several[2].lower()], several[3].split(",")
    elif one := _COMPARED.fullmatch(part):
        name, operator, texts = one[1], _ONE[one[2].lower()], [one[3]]
    else:
        raise FilterError(f"{part!r} is no condition.")
    field = _NAMES[name.lower()]
    if field in ("group", "offline") or (operator in "<>") != (
        field == "created" and operator != "in"
    ):
        raise FilterError(f"{part!r} asks what {name} does not have.")
    found = dict.fromkeys(_value(field, text.strip().strip("'\"")) for text in texts)
    return Leaf(field, operator, tuple(found))


def _value(field: str, text: str) -> Value:
    if field == "created":
        return _moment(text)
    if field in ("node_class", "approval_status"):
        return values.word(text, FIELDS[field].title)
    if not _ID.fullmatch(text):
        raise FilterError(f"{text!r} is no id.")
    return int(text)


def _moment(text: str) -> datetime:
    if _COMPACT_DAY.fullmatch(text):
        try:
            return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC)
        except ValueError as error:
            raise FilterError(f"{text!r} is no day.") from error
    return values.moment(text)
