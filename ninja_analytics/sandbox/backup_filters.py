"""What backup jobs can be asked for: the filters of status, plan type, start and deleted devices.

sf   status = FAILED                    status in (RUNNING, PROCESSING)
ptf  planType = IMAGE                   planType in (IMAGE, FILE_FOLDER)
stf  startTime after <ISO time>         startTime between (<ISO time>,<ISO time>)
ddf  a device filter, for the devices that were removed; `include` says whether they count
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ninja_analytics.sandbox.device_filter import BadFilterError, select
from ninja_analytics.sandbox.fleet import APPROVED, ORPHAN, Fleet, Numbers
from ninja_analytics.sandbox.times import parse_time

Row = dict[str, Any]
Test = Callable[[Row], bool]

STATUSES = ("PROCESSING", "RUNNING", "COMPLETED", "CANCELED", "FAILED")
TYPES = ("IMAGE", "FILE_FOLDER")
INCLUDES = ("active", "deleted", "all")

# parameter: the word that it asks about, the field of a job, and the values that there are
_WORDS = {"sf": ("status", "jobStatus", STATUSES), "ptf": ("planType", "planType", TYPES)}
_WORD = re.compile(r"(\w+)\s*(!=|=|\b(?:eq|neq|in|notin|nin)\b)\s*(.+)", re.IGNORECASE)
_TIME = re.compile(r"(\w+)\s*(<|>|\b(?:after|before|gt|lt|between)\b)\s*(.+)", re.IGNORECASE)


def devices(fleet: Fleet, asked: Mapping[str, str], *, ignore_unknown: bool) -> Numbers:
    """The indexes of the devices whose jobs are asked for; ValueError for a bad `include`."""
    include = asked.get("include") or "active"
    if include not in INCLUDES:
        raise ValueError(f"include must be one of {', '.join(INCLUDES)}")
    found = np.zeros(0, dtype=int)
    if include != "deleted":
        active = select(fleet, asked.get("df"), ignore_unknown=ignore_unknown)
        found = active[fleet.status[active] == APPROVED]
    if include != "active":
        removed = select(
            fleet, asked.get("ddf") or None, orphans=True, ignore_unknown=ignore_unknown
        )
        found = np.union1d(found, removed[fleet.status[removed] == ORPHAN])
    return found


def tests(asked: Mapping[str, str], *, ignore_unknown: bool) -> list[Test]:
    """What a job must pass; BadFilterError for what cannot be read, unless that is passed over."""
    found = []
    for name, make in (("sf", _word), ("ptf", _word), ("stf", _time)):
        if not asked.get(name):
            continue
        try:
            found.append(make(name, asked[name].strip()))
        except BadFilterError:
            if not ignore_unknown:
                raise
    return found


def _word(parameter: str, text: str) -> Test:
    name, field, known = _WORDS[parameter]
    match = _WORD.fullmatch(text)
    if not match or match[1].lower() != name.lower():
        raise BadFilterError(f"{parameter} asks about {name}, not {text[:60]!r}")
    operator = match[2].lower()
    words = _values(match[3], listed=operator in ("in", "notin", "nin"))
    if not set(words) <= set(known):
        raise BadFilterError(f"{name} is one of {', '.join(known)}")
    negated = operator in ("!=", "neq", "notin", "nin")
    return lambda row: (row[field] in words) != negated


def _time(parameter: str, text: str) -> Test:
    match = _TIME.fullmatch(text)
    if not match or match[1].lower() != "starttime":
        raise BadFilterError(f"{parameter} asks about startTime, not {text[:60]!r}")
    operator = match[2].lower()
    try:
        moments = [parse_time(word) for word in _values(match[3], listed=operator == "between")]
    except (ValueError, OverflowError) as error:
        raise BadFilterError("startTime takes ISO times") from error
    low = moments[0] if operator in (">", "after", "gt", "between") else -1e18
    high = moments[-1] if operator in ("<", "before", "lt", "between") else 1e18
    return lambda row: low < float(bytes(row["jobStartTime"])) < high


def _values(text: str, *, listed: bool) -> list[str]:
    """The values of a filter: one, or with *listed* several in parentheses."""
    if listed != (text.startswith("(") and text.endswith(")")):
        raise BadFilterError(f"Cannot read the values near {text[:60]!r}")
    words = [word.strip().strip("'\"").upper() for word in text.strip("()").split(",")]
    if not all(words):
        raise BadFilterError("A value is missing")
    return words
