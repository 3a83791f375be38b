"""Names of customers, their places and their devices in free text, and a word in their place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

_WORD = re.compile(r"\w[\w.\-]*")
LEAST = 3
"""Letters from which a name is looked for: a shorter one is in every other word."""

# What bears a name, by table, and where the name stands.
_NAMED = (
    ("organizations", "organization", ("organization_name",)),
    ("locations", "location", ("location_name",)),
    ("devices", "device", ("system_name", "display_name", "dns_name", "netbios_name")),
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The names by their first word: each in lower case, of what, and whose (organization ids)."""

    names: Mapping[str, tuple[tuple[str, str, frozenset[int]], ...]]

    def without_others(self, texts: pd.Series, *organization_ids: int) -> pd.Series:
        """The *texts* with "(another device)" and the like for each name that is not of these.

        A name that one of these organizations has as well stays.
        """
        own = frozenset(organization_ids)
        different = {text: self._told(text, own) for text in texts.dropna().astype("str").unique()}
        if all(text == told for text, told in different.items()):
            return texts
        made: pd.Series = texts.map(different, na_action="ignore").astype(texts.dtype)
        return made

    def _told(self, text: str, own: frozenset[int]) -> str:
        parts, end = [], 0
        lower = _lower(text)
        for word in _WORD.finditer(lower):
            at = word.start()
            if at < end:
                continue
            for name, what, owners in self.names.get(_key(word[0]), ()):
                if (
                    not lower.startswith(name, at)
                    or lower[at + len(name) : at + len(name) + 1].isalnum()
                ):
                    continue
                if own.isdisjoint(owners):
                    parts += [text[end:at], f"(another {what})"]
                    end = at + len(name)
                break
        return "".join((*parts, text[end:])) if parts else text


def mentions(*snapshots: Mapping[str, pd.DataFrame]) -> Mentions:
    """All names that the frames of the *snapshots* have of organizations, locations and devices."""
    found: dict[tuple[str, str], set[int]] = {}
    wanted = [
        (frames.get(table), what, columns)
        for frames in snapshots
        for table, what, columns in _NAMED
    ]
    for frame, what, columns in wanted:
        if frame is None or "organization_id" not in frame:
            continue
        for column in columns:
            if column in frame:
                for name, owner in _pairs(frame, column):
                    found.setdefault((name, what), set()).add(owner)
    return Mentions(_by_first_word(found))


def _pairs(frame: pd.DataFrame, column: str) -> Iterable[tuple[str, int]]:
    told = frame[[column, "organization_id"]].dropna().drop_duplicates()
    for name, owner in told.itertuples(index=False, name=None):
        clean = _lower(str(name).strip())
        if len(clean) >= LEAST and _WORD.match(clean):
            yield clean, int(owner)


def _by_first_word(
    found: Mapping[tuple[str, str], set[int]],
) -> dict[str, tuple[tuple[str, str, frozenset[int]], ...]]:
    """The names by the word with which they begin, the longest first: it is what is meant."""
    # One name of several things belongs to all of their owners: it tells of nobody.
    owners: dict[str, set[int]] = {}
    for (name, _), whose in found.items():
        owners.setdefault(name, set()).update(whose)
    sorted_by: dict[str, list[tuple[str, str, frozenset[int]]]] = {}
    for name, what in sorted(found, key=lambda one: (-len(one[0]), one)):
        first = _WORD.match(name)
        key = _key(first[0]) if first else name
        sorted_by.setdefault(key, []).append((name, what, frozenset(owners[name])))
    return {key: tuple(names) for key, names in sorted_by.items()}


def _lower(text: str) -> str:
    """In lower case and of the same length, so that places are the same in both."""
    return "".join(one if len(low := one.lower()) != 1 else low for one in text)


def _key(word: str) -> str:
    """What two spellings of a first word have in common: its letters up to the first sign."""
    return re.split(r"[.\-]", word, maxsplit=1)[0]
