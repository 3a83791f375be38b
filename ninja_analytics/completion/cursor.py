"""Where the cursor stands in the code of a cell: in a text or not, and within which brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DOTTED = re.compile(r"([A-Za-z_][\w.]*)\s*$")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the cursor stands: the code before the word or text under way, and its open brackets."""

    before: str
    word: str
    in_text: bool
    brackets: tuple[int, ...]


def opened_by(spot: Spot) -> tuple[str, str, str] | None:
    """The innermost bracket that belongs to a name, that name, and what follows the bracket."""
    for at in reversed(spot.brackets):
        name = _DOTTED.search(spot.before[:at])
        if name:
            return spot.before[at], name[1], spot.before[at + 1 :]
    return None


def spot_at_end(code: str) -> Spot:
    """Where the end of *code* is, by a walk over its texts, comments and brackets."""
    brackets: list[int] = []
    at = 0
    while at < len(code):
        sign = code[at]
        if sign == "#":
            at = _end(code, at, "\n")
        elif sign in "'\"":
            quotes = sign * 3 if code.startswith(sign * 3, at) else sign
            end = _end_of_text(code, at + len(quotes), quotes)
            if end is None:
                before = re.sub(r"[A-Za-z]{0,2}$", "", code[:at])
                return Spot(before, code[at + len(quotes) :], True, tuple(brackets))
            at = end
        else:
            if sign in "([{":
                brackets.append(at)
            elif sign in ")]}" and brackets:
                brackets.pop()
            at += 1
    word = re.search(r"[\w.]*$", code)
    typed = word[0] if word else ""
    return Spot(code[: len(code) - len(typed)], typed, False, tuple(brackets))


def _end(code: str, at: int, sign: str) -> int:
    found = code.find(sign, at)
    return len(code) if found < 0 else found + len(sign)


def _end_of_text(code: str, at: int, quotes: str) -> int | None:
    """Where the text that began at *at* is over; None if it is still open. A line ends a short one."""
    while at < len(code):
        if code[at] == "\\":
            at += 2
        elif code.startswith(quotes, at) or (code[at] == "\n" and len(quotes) == 1):
            return at + (1 if code[at] == "\n" else len(quotes))
        else:
            at += 1
    return None
