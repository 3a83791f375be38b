"""What could be typed next in a cell, by its code and the objects that it names.

Plain names are looked up in the notebook; nothing is called.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from ninja_analytics.catalog import NODE_CLASSES, TABLES
from ninja_analytics.completion.cursor import Spot, opened_by, spot_at_end
from ninja_analytics.filters import Device
from ninja_analytics.filters.filter import STATUSES
from ninja_analytics.naming import NAMED
from ninja_analytics.shelf import Shelf

_PACKAGE = "ninja_analytics"
_KEYWORD = re.compile(r"(\w+)\s*=\s*$")
_COMPARED = re.compile(r"([A-Za-z_][\w.]*)\s*[!=]=\s*$")
_FIRST_TEXT = re.compile(r"\s*['\"](\w+)['\"]")
_VERBS = {"table": "tables", "report": "reports"}
_OF_DEVICES = {"node_class": NODE_CLASSES, "approval_status": STATUSES}
_OF_FRAMES = {".ninja.by": (*NAMED, "node_class"), ".ninja.with_names": tuple(NAMED)}
_WORDS = {
    "names": ("organization", "location", "device"),
    "progress": ("auto", "widget", "terminal", "log", "none"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What could stand where `fragment` is typed: the texts, and what they are."""

    fragment: str
    texts: tuple[str, ...]
    kind: str
    alone: bool = True


def offer(code: str, namespace: Mapping[str, Any], connection: type) -> Offer | None:
    """What could be typed at the end of *code*, by the objects in *namespace*; None for nothing."""
    spot = spot_at_end(code)
    look = _Look(namespace, connection)
    found = _in_text(spot, look) if spot.in_text else _in_code(spot, look)
    if found is None:
        return None
    texts = tuple(dict.fromkeys(text for text in found.texts if text.startswith(found.fragment)))
    return Offer(found.fragment, texts, found.kind, found.alone) if texts else None


@dataclass(frozen=True, slots=True)
class _Look:
    """Looks names up in a notebook's namespace, without calling anything."""

    namespace: Mapping[str, Any]
    connection: type

    def up(self, dotted: str) -> Any:
        """The object of that name; None if there is none, or code would run to get it."""
        first, *rest = dotted.split(".")
        found = self.namespace.get(first)
        for name in rest:
            if isinstance(found, self.connection) and name in _VERBS.values():
                found = getattr(found, name)  # ours, and without effect
            elif isinstance(found, ModuleType):
                found = vars(found).get(name)
            else:
                found = inspect.getattr_static(found, name, None)
        return found

    def shelf_of(self, callee: str) -> Shelf[Any] | None:
        """The tables for `ninja.table`, the reports for `ninja.report`."""
        owner, _, verb = callee.rpartition(".")
        if verb not in _VERBS or not isinstance(self.up(owner), self.connection):
            return None
        shelf = self.up(f"{owner}.{_VERBS[verb]}")
        return shelf if isinstance(shelf, Shelf) else None

    def devices(self) -> Iterator[str]:
        """How the notebook writes `device`: na.device, or as it was imported."""
        for name, value in self.namespace.items():
            if name.startswith("_"):
                continue
            if isinstance(value, ModuleType) and value.__name__ == _PACKAGE:
                yield f"{name}.device"
            elif isinstance(value, Device):
                yield name


def _in_text(spot: Spot, look: _Look) -> Offer | None:
    """What could stand within the quotes that are open."""
    compared = _COMPARED.search(spot.before)
    if compared:
        return _values(spot, look, compared[1])
    opened = opened_by(spot)
    if opened is None:
        return None
    bracket, callee, given = opened
    if bracket == "[":
        shelf = look.up(callee)
        return Offer(spot.word, tuple(shelf), "text") if isinstance(shelf, Shelf) else None
    for ending, words in _OF_FRAMES.items():
        if f".{callee}".endswith(ending):
            return Offer(spot.word, words, "text")
    if callee.endswith(".sql"):
        return _in_query(spot, look, callee.removesuffix(".sql"))
    if callee.endswith(".isin"):
        return _values(spot, look, callee.removesuffix(".isin"))
    shelf = look.shelf_of(callee)
    if shelf is None:
        return None
    if not given.strip():
        return Offer(spot.word, tuple(shelf), "text")
    keyword = _KEYWORD.search(re.sub(r"[\[({][^\[\](){}]*$", "", given))
    return _choices(spot, shelf, given, keyword[1]) if keyword else None


def _is_ours(found: object) -> bool:
    return type(found).__module__.partition(".")[0] == _PACKAGE


def _in_query(spot: Spot, look: _Look, owner: str) -> Offer | None:
    """The tables that could stand in the SQL under way, after from, join or a comma."""
    asked = look.up(owner.removesuffix(".history"))
    if not isinstance(asked, look.connection) and not _is_ours(asked):
        return None
    word = re.search(r"\w*$", spot.word)
    fragment = word[0] if word else ""
    before = spot.word[: len(spot.word) - len(fragment)]
    if not re.search(r"(?i)\b(from|join)\s+([\w\s]+,\s*)*$", before):
        return None
    names = [name for name, table in TABLES.items() if not table.per]
    return Offer(fragment, (*(f"{name}_history" for name in names), *names), "text")


def _values(spot: Spot, look: _Look, dotted: str) -> Offer | None:
    owner, _, field = dotted.rpartition(".")
    if field not in _OF_DEVICES or not isinstance(look.up(owner), Device):
        return None
    return Offer(spot.word, tuple(_OF_DEVICES[field]), "text")


def _choices(spot: Spot, shelf: Shelf[Any], given: str, keyword: str) -> Offer | None:
    choices = [
        choice
        for parameter in _parameters(shelf, given)
        if getattr(parameter, "name", parameter) == keyword
        for choice in getattr(parameter, "choices", ())
    ]
    texts = (*choices, *_WORDS.get(keyword, ()))
    return Offer(spot.word, texts, "text") if texts else None


def _in_code(spot: Spot, look: _Look) -> Offer | None:
    """What could stand where a name is typed, or begins."""
    owner, dot, rest = spot.word.rpartition(".")
    if dot:
        found = look.up(owner)
        if isinstance(found, Shelf):
            return Offer(rest, tuple(found), "instance")
        if isinstance(found, Device):
            return Offer(rest, tuple(vars(found)), "instance")
    opened = opened_by(spot)
    if opened is None or opened[0] != "(":
        return None
    _, callee, given = opened
    shelf = look.shelf_of(callee)
    if shelf is None:
        return None
    if not given.strip():
        return None if spot.word else Offer("", tuple(f'"{name}"' for name in shelf), "text")
    if re.search(r"\bwhere\s*=\s*\(*$", given):
        texts = [f"{one}.{field}" for one in look.devices() for field in vars(Device())]
        return Offer(spot.word, tuple(texts), "instance", alone=not spot.word)
    if given.rstrip().endswith(",") and not dot:
        return Offer(spot.word, tuple(_keywords(shelf, given, look, callee)), "param")
    return None


def _keywords(shelf: Shelf[Any], given: str, look: _Look, callee: str) -> Iterator[str]:
    """The parameters that can still be given: those of the table or report first."""
    there = set(re.findall(r"(\w+)\s*=(?!=)", given))
    verb = inspect.signature(getattr(look.connection, callee.rpartition(".")[2]))
    common = [one.name for one in verb.parameters.values() if one.kind is one.KEYWORD_ONLY]
    for parameter in (*_parameters(shelf, given), *common):
        name = getattr(parameter, "name", parameter)
        if name not in there:
            yield f"{name}="


def _parameters(shelf: Shelf[Any], given: str) -> Iterable[Any]:
    """The parameters of the table or report that the call names first."""
    first = _FIRST_TEXT.match(given)
    return getattr(shelf[first[1]], "parameters", ()) if first and first[1] in shelf else ()
