"""What a program is: its name without version, architecture and language, and its versions in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

_VERSION = r"v?\d+(?:\.\d+)+[\w.+~-]*"
_ARCHITECTURE = r"x64|x86|x86_64|amd64|arm64|aarch64|i[36]86|(?:32|64)[- ]?bits?"
# The languages that programs are shipped in, by ISO 639-1; Wi-Fi must not read as one.
_LANGUAGES = (
    "ar|bg|ca|cs|da|de|el|en|es|et|eu|fi|fr|gl|he|hi|hr|hu|id|is|it|ja|ko|lt|lv|ms|mt|nb|nl|nn|no|pl|"
    "pt|ro|ru|sk|sl|sq|sr|sv|th|tr|uk|vi|zh"
)
_LOCALE = rf"(?:{_LANGUAGES})[-_](?:[a-z]{{2}}|latn|cyrl|hans|hant|419)"
# In parentheses where nothing else is in them, or as words of their own; a locale as a word of its own
# only behind a dash, where Microsoft puts it. The dash before any of them goes with it.
_WITHIN = rf"(?:{_VERSION}|{_ARCHITECTURE}|{_LOCALE})"
_NOISE = re.compile(
    rf"(?:[-–]\s+)?(?<!\S)(?:\({_WITHIN}(?:[\s,/]+{_WITHIN})*\)|(?:{_VERSION}|{_ARCHITECTURE})(?!\S))"
    rf"|[-–]\s+{_LOCALE}(?!\S)|(?<!\S)Update\s+\d+(?!\S)",
    re.IGNORECASE,
)


@cache
def product(name: str) -> str:
    """The name of a program without version, architecture and language in it.

    "7-Zip 24.09 (x64)" is "7-Zip", "Java 8 Update 421 (64-bit)" is "Java 8", "Mozilla Firefox (x64
    en-US)" is "Mozilla Firefox". What would leave nothing stays as it is.
    """
    return " ".join(_NOISE.sub(" ", name).split()) or name.strip()


def products(names: Iterable[str]) -> dict[str, str]:
    """The product of each of different *names*."""
    return {name: product(name) for name in names}


# Words for what comes before the version that it is named after.
_BEFORE = frozenset(("alpha", "beta", "rc", "pre", "preview", "dev", "snapshot"))
_EARLY, _END, _WORD, _NUMBER = range(4)


@cache
def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """What versions are ordered by: 9.9 is below 10.0, 1.0-beta below 1.0, and 1.0 is 1.0.0."""
    key: list[tuple[int, int, str]] = []
    for part in [*re.findall(r"\d+|[a-z]+", version.casefold()), ""]:
        if part.isdecimal():
            key.append((_NUMBER, int(part), ""))
            continue
        while key and key[-1] == (_NUMBER, 0, ""):
            key.pop()
        key.append((_EARLY if part in _BEFORE else _WORD if part else _END, 0, part))
    return tuple(key)


def ranked(versions: Iterable[str]) -> tuple[dict[str, int], dict[int, str]]:
    """The place of each of different *versions* in the order of all, and the version of each place."""
    ordered = sorted(versions, key=lambda one: (version_key(one), one))
    ranks: dict[str, int] = {}
    texts: dict[int, str] = {}
    last: object = None
    for one in ordered:
        key = version_key(one)
        ranks[one] = len(texts) - (key == last)
        texts.setdefault(ranks[one], one)
        last = key
    return ranks, texts


def rules(names: Iterable[str], patterns: Iterable[str]) -> dict[str, str]:
    """Which of *patterns* is the first that fits each of different *names* of programs.

    A pattern has * and ? as wildcards, case does not matter, and it may name the program with or
    without its version, architecture and language. Names that none fits are left out.
    """
    compiled = [(pattern, _wild(pattern)) for pattern in patterns]
    found: dict[str, str] = {}
    for name in names if compiled else ():
        plain = product(name)
        fitting = (pattern for pattern, fits in compiled if fits(name) or fits(plain))
        rule = next(fitting, None)
        if rule is not None:
            found[name] = rule
    return found


def _wild(pattern: str) -> Callable[[str], object]:
    """Whether a name fits a pattern with wildcards, as a question."""
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern.strip())
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL).fullmatch
