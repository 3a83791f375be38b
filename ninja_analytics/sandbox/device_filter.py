"""NinjaOne's device filter (df) as its server understands it: a text, and the devices it lets pass.

    org in (1, 2) AND class = WINDOWS_SERVER && offline
    status eq PENDING and created after 2026-01-01

There is no OR and there are no parentheses beyond a list's. A name that the server does not know
makes it fail, or, on other instances, is passed over; both have been met.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ninja_analytics.sandbox.fleet import APPROVAL, APPROVED, CLASS_NAMES, ORPHAN, Fleet, Numbers
from ninja_analytics.sandbox.times import DAY, parse_time

_EQUAL = {"=": "in", "eq": "in", "in": "in"}
_UNEQUAL = dict.fromkeys(("!=", "<>", "neq", "notin", "nin", "!in"), "not in")
_ORDER = {"<": "<", "lt": "<", "before": "<", ">": ">", "gt": ">", "after": ">"}
_OPERATORS = _EQUAL | _UNEQUAL | _ORDER
_AND = re.compile(r"\s+(?:and|&&)\s+|\s*&&\s*", re.IGNORECASE)
_CLAUSE = re.compile(
    r"(?P<name>\w+)\s*(?P<operator>!=|<>|=|<|>|!in\b|\b(?:eq|neq|in|notin|nin|lt|gt|before|after)\b)"
    r"\s*(?P<value>\(.*\)|[^\s()]+|'[^']*'|\"[^\"]*\")",
    re.IGNORECASE,
)
_GROUP = re.compile(r"group\s+(?P<id>\d+)", re.IGNORECASE)
_NAMES = {"organization": "org", "location": "loc"}
# The groups (saved searches) of this tenant, by id.
GROUPS = {
    1: "class = WINDOWS_SERVER",
    2: "class = WINDOWS_WORKSTATION",
    3: "offline",
    4: "class = MAC",
    6: "class in (WINDOWS_SERVER, LINUX_SERVER)",
    7: "role in (3, 5)",
    9: "class = WINDOWS_SERVER AND offline",
    12: "created after 2026-01-01",
    15: "class = HYPERV_VMM_HOST",
}


class BadFilterError(Exception):
    """A filter that the server cannot answer."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: a name, what is asked of it ("in", "not in", "<", ">") and the values."""

    name: str
    operator: str
    values: tuple[str, ...]


def parse(text: str) -> list[Clause]:
    """The conditions of a filter, all of which must hold; BadFilterError for anything else."""
    return [_clause(part.strip()) for part in _AND.split(text.strip())]


def _clause(part: str) -> Clause:
    if part.lower() in ("online", "offline"):
        return Clause(part.lower(), "in", ())
    group = _GROUP.fullmatch(part)
    if group:
        return Clause("group", "in", (group["id"],))
    match = _CLAUSE.fullmatch(part)
    if not match or match["name"].lower() in ("online", "offline", "group"):
        raise BadFilterError(f"Cannot read the filter near {part[:60]!r}")
    name, operator, value = match["name"].lower(), match["operator"].lower(), match["value"]
    values = value.strip("()").split(",") if value.startswith("(") else [value]
    listed = operator in ("in", "notin", "nin", "!in")
    if listed != value.startswith("(") or not all(word.strip() for word in values):
        raise BadFilterError(f"Cannot read the values near {part[:60]!r}")
    cleaned = tuple(word.strip().strip("'\"") for word in values)
    return Clause(_NAMES.get(name, name), _OPERATORS[operator], cleaned)


def select(
    fleet: Fleet,
    text: str | None,
    *,
    orphans: bool = False,
    class_counts: bool = True,
    ignore_unknown: bool = False,
) -> Numbers:
    """The indexes of the devices that pass, ascending by id.

    Without a condition on the status only approved devices pass; with *orphans* also those that
    were removed, whose data are still there. *class_counts* false passes over conditions on the
    class, as NinjaOne does for patches; *ignore_unknown* passes over what cannot be understood.
    """
    keep = np.ones(len(fleet), dtype=bool)
    by_status = False
    for clause in _clauses(text, ignore_unknown=ignore_unknown):
        if clause.name == "class" and not class_counts:
            continue
        by_status |= clause.name == "status"
        keep &= _passes(fleet, clause)
    if not by_status:
        keep &= (fleet.status == APPROVED) | (orphans & (fleet.status == ORPHAN))
    return np.flatnonzero(keep)


def _clauses(text: str | None, *, ignore_unknown: bool) -> list[Clause]:
    if text is None:
        return []
    if not ignore_unknown:
        clauses = parse(text)
        for clause in clauses:
            _check(clause)
        return clauses
    found = []
    for part in _AND.split(text.strip()):
        try:
            clause = _clause(part.strip())
            _check(clause)
        except BadFilterError:
            continue
        found.append(clause)
    return found


def _check(clause: Clause) -> None:
    """Refuse unknown names, operators that a name does not have and values that cannot be."""
    if clause.name not in _COLUMNS and clause.name not in ("online", "offline", "group", "created"):
        raise BadFilterError(f"Unknown name {clause.name[:40]!r}")
    if clause.operator in ("<", ">") and clause.name != "created":
        raise BadFilterError(f"{clause.name} cannot be compared")
    numeric = clause.name in ("org", "loc", "role", "id", "group")
    if numeric and not all(re.fullmatch(r"[0-9]{1,18}", word) for word in clause.values):
        raise BadFilterError(f"{clause.name} takes numbers")
    if clause.name == "status" and not {word.upper() for word in clause.values} <= set(APPROVAL):
        raise BadFilterError("Unknown status")
    if clause.name == "created":
        try:
            for word in clause.values:
                parse_time(word)
        except (ValueError, OverflowError) as error:
            raise BadFilterError("created takes a date") from error


def _passes(fleet: Fleet, clause: Clause) -> Numbers:
    if clause.name in ("online", "offline"):
        return np.asarray(fleet.offline == (clause.name == "offline"))
    if clause.name == "created":
        return _created(fleet, clause)
    if clause.name == "group":
        meaning = GROUPS.get(int(clause.values[0]))
        keep = np.full(len(fleet), meaning is not None)
        for part in parse(meaning) if meaning else ():
            keep &= _passes(fleet, part)
        return keep
    found = np.isin(_COLUMNS[clause.name](fleet), [_value(word) for word in clause.values])
    return found if clause.operator == "in" else ~found


def _value(word: str) -> int | str:
    return int(word) if word.isdigit() else word.upper()


def _created(fleet: Fleet, clause: Clause) -> Numbers:
    """A day stands for its beginning when compared, and for the whole day when equal."""
    moments = [parse_time(word) for word in clause.values]
    if clause.operator == "<":
        return np.asarray(fleet.created < moments[0])
    if clause.operator == ">":
        return np.asarray(fleet.created > moments[0])
    same = np.isin(fleet.created // DAY, [moment // DAY for moment in moments])
    return same if clause.operator == "in" else ~same


_COLUMNS: Mapping[str, Callable[[Fleet], Numbers]] = {
    "org": lambda fleet: np.array([one.id for one in fleet.organizations])[fleet.organization],
    "loc": lambda fleet: fleet.location,
    "role": lambda fleet: fleet.role,
    "id": lambda fleet: fleet.ids,
    "class": lambda fleet: np.array(CLASS_NAMES)[fleet.kind],
    "status": lambda fleet: np.array(APPROVAL)[fleet.status],
}
