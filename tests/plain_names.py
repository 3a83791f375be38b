"""Names of programs and their versions a second time, word by word: for SQL to call."""

from __future__ import annotations

import re

DASHES = ("-", "–")
ARCHITECTURES = {"x64", "x86", "x86_64", "amd64", "arm64", "aarch64", "i386", "i686",
                 "32bit", "64bit", "32bits", "64bits"}  # fmt: skip
LANGUAGES = {"de", "en", "es", "fr", "it", "nl", "pt", "pl"}


def product(name: str) -> str:
    """The words of a name that are no version, architecture or language."""
    words = re.sub(r"\b(32|64) bit", r"\1-bit", name).split()
    kept: list[str] = []
    before = word = ""
    while words:
        before, word = word, words.pop(0)
        ahead = words[0] if words else ""
        if word.startswith("("):
            group = [word]
            while not group[-1].endswith(")") and words:
                group.append(words.pop(0))
            inside = re.split(r"[\s,/]+", " ".join(group).strip("()"))
            if all(noise(one) or locale(one) for one in inside):
                without_dash(kept, before)
            else:
                kept += group
        elif noise(word):
            without_dash(kept, before)
        elif (word in DASHES and locale(ahead)) or (word.lower() == "update" and ahead.isdigit()):
            word = words.pop(0)
        else:
            kept.append(word)
    return " ".join(kept) or name.strip()


def without_dash(kept: list[str], before: str) -> None:
    if kept and kept[-1] == before and before in DASHES:
        kept.pop()


def noise(word: str) -> bool:
    plain = word.lower().replace("-bit", "bit")
    return plain in ARCHITECTURES or bool(re.match(r"v?\d+\.\d", plain))


def locale(word: str) -> bool:
    language, _, country = word.lower().replace("_", "-").partition("-")
    return language in LANGUAGES and len(country) == 2 and country.isalpha()


def place(version: str | None) -> str | None:
    """A text that sorts as the version: numbers padded, ! before the end #, words after it."""
    if version is None:
        return None
    plain = re.sub(r"(\.0+)+(?=$|[^\d.])", "", version.lower())
    marks = {"beta": "!"}
    parts = re.findall(r"\d+|[a-z]+", plain)
    text = "".join(
        f"n{part:0>15}" if part.isdigit() else marks.get(part, f"a{part} ") for part in parts
    )
    return text + "#"
