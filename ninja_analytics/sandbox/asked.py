"""What a request asks of a whole list: ids, words, truths; a bad one is a ValueError."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Row = dict[str, Any]
Asked = Mapping[str, str]


def ids_of(asked: Asked, parameter: str) -> frozenset[int] | None:
    """The ids that stand in *parameter*, separated by commas; None if it was not given."""
    if not asked.get(parameter):
        return None
    return frozenset(int(word) for word in asked[parameter].split(","))


def truth_of(asked: Asked, parameter: str) -> bool | None:
    """Whether *parameter* says true; None if it was not given."""
    word = asked.get(parameter, "").lower()
    if word not in ("", "true", "false"):
        raise ValueError(f"{parameter} must be true or false")
    return word == "true" if word else None


def word_of(asked: Asked, parameter: str, words: Iterable[str]) -> str | None:
    """The word in *parameter*, which must be one of *words*; None if it was not given."""
    word = asked.get(parameter) or None
    if word is not None and word not in (known := tuple(words)):
        raise ValueError(f"{parameter} must be one of {', '.join(known)}")
    return word


def number_of(text: str) -> int:
    """The id that stands in a path; if it is no number, -1, which nothing has."""
    return int(text) if text.isdecimal() else -1


def chosen(
    rows: Iterable[Row],
    asked: Asked,
    *,
    ids: Mapping[str, str] | None = None,
    texts: Mapping[str, str] | None = None,
    truths: Mapping[str, str] | None = None,
) -> list[Row]:
    """The *rows* that have what is asked for: parameter -> field, by what the parameter holds."""
    wanted: list[tuple[str, Any]] = []
    for parameter, field in (ids or {}).items():
        wanted.append((field, ids_of(asked, parameter)))
    for parameter, field in (texts or {}).items():
        word = asked.get(parameter)
        wanted.append((field, frozenset([word]) if word else None))
    for parameter, field in (truths or {}).items():
        truth = truth_of(asked, parameter)
        wanted.append((field, None if truth is None else frozenset([truth])))
    tests = [(field, values) for field, values in wanted if values is not None]
    return [row for row in rows if all(row.get(field) in values for field, values in tests)]


def without_archived(rows: Iterable[Row], asked: Asked, field: str = "archived") -> list[Row]:
    """The *rows*, those put away only if they are asked for."""
    every = truth_of(asked, "includeArchived")
    return [row for row in rows if every or not row.get(field)]
