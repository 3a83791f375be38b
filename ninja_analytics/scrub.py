"""Finds secrets in notebooks, wherever their JSON has text, and removes them.

A secret is what this machine knows as one, by its hash, or what a row of `_SHAPES` describes.
Text is searched as it stands and as it reads: color codes and the escapes of JSON, HTML and
addresses hide nothing. What merely looks random is none: an id, a hash, an image.
"""

from __future__ import annotations

import base64
import binascii
import functools
import html
import json
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ninja_analytics import whole
from ninja_analytics.auth import known
from ninja_analytics.errors import ExportError, UsageError

REMOVED = "[secret removed]"


@dataclass(frozen=True, slots=True)
class Finding:
    """A secret in a notebook: in which cell (from 1; None: in none), where in it, of what kind."""

    cell: int | None
    where: str
    kind: str

    def __str__(self) -> str:
        place = self.where if self.cell is None else f"cell {self.cell}, {self.where}"
        return f"{place}: {self.kind}"


def _is_random(value: str) -> bool:
    """Whether *value* looks made by chance, as against a word, a name in code or a path."""
    return bool(re.search(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]{6})[A-Za-z0-9]*\d[A-Za-z]", value))


def _are_random(*values: str) -> bool:
    return all(map(_is_random, values))


def _is_one_random(*values: str) -> bool:
    return any(_is_random(value) and len(value) >= 16 for value in values)


def _is_login(value: str) -> bool:
    """Whether *value* is what a Basic header carries: a name and a secret, in base64."""
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return False
    return bool(colon) and (name + secret).isprintable() and len(secret) >= _SHORTEST


def _always(*_: str) -> bool:
    return True


_SHORTEST = 8  # of a known secret; anything shorter is a word somewhere
_LONGEST = 8192
_PLAIN = r"A-Za-z0-9._~+/\-"
_CHARACTER = rf"(?:[{_PLAIN}=]|%[0-9A-Fa-f]{{2}}|\\/|\\u00[0-9A-Fa-f]{{2}})"
_VALUE = rf"({_CHARACTER}{{16,}})"
_BEGINS = r"(?<![^\W_])"  # behind "_" too, as in NINJA_CLIENT_SECRET
_NAMES = r"(?:access|refresh|id)_?token|client_?secret|code_?verifier"
_GAP = r"[\s\"'\\\]]*"
# An argument, as in setdefault("NINJA_CLIENT_SECRET", "…"), or the next cell of a table.
_NEXT = r"(?:[\"']\s*,\s*[\"']|</t[dh]>\s*<td[^>]{0,200}>)"
_SENT = rf"{_BEGINS}(?:code|state)\s*=\s*([^\s&\"'<>]{{6,}})"
_BETWEEN = r"[^\"'<>\n]{0,2000}?"
_PAIR = r"[\"'](?:code|state)[\"']\s*:\s*[\"']([^\s\"']{16,})[\"']"

# What a secret looks like: its kind, a pattern whose groups are secret, and a test of these.
_SHAPES: tuple[tuple[str, re.Pattern[str], Callable[..., bool]], ...] = tuple(
    (kind, re.compile(pattern, re.IGNORECASE), test)
    for kind, pattern, test in (
        ("Bearer header", rf"{_BEGINS}Bearer\s+{_VALUE}", _is_random),
        ("Basic header", rf"{_BEGINS}Basic\s+([A-Za-z0-9+/]{{12,}}={{0,2}})", _is_login),
        (
            "refresh token",
            r"(?<![\w-])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[\w-]{42,44})(?![\w-])",
            _always,
        ),
        ("JSON Web Token", r"(?<![\w-])(eyJ[\w-]{10,}(?:\.[\w-]*){2,4})", _is_random),
        (
            "token or secret by its name",
            rf"{_BEGINS}(?:{_NAMES}){_GAP}[:=]{_GAP}(?:b{_GAP})?{_VALUE}",
            _is_random,
        ),
        ("token or secret by its name", rf"{_BEGINS}(?:{_NAMES}){_NEXT}{_VALUE}", _is_random),
        ("token or secret by its name", rf"%(?:set_)?env\s+\w*(?:{_NAMES})\s+{_VALUE}", _is_random),
        ("code and state of a consent", rf"{_SENT}\s*&(?:{_BETWEEN}&)?\s*{_SENT}", _is_one_random),
        ("code and state of a consent", rf"{_PAIR}[^{{}}]{{0,500}}?{_PAIR}", _are_random),
        (
            "address of a consent",
            rf"oauth(?:/|%(?:25)*2F)authorize\s*\?{_BETWEEN}{_SENT}",
            _is_random,
        ),
    )
)
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_PIXELS = re.compile(r"image/(?:png|jpeg|gif|webp)")  # in base64: megabytes without a word
_KNOWN = "token or secret known here"

_Spans = Iterator[tuple[int, int, str]]
_Find = Callable[[str], _Spans]
_Path = tuple[str | int, ...]


def scrub(
    path: str | Path, *, secrets: Iterable[str] = (), check: bool = False
) -> tuple[Finding, ...]:
    """The secrets in the notebook at *path*, which are then removed from it, or with *check* not.

    *secrets* are more to look for; NINJA_CLIENT_SECRET and what this machine has kept as a token
    are always looked for. The file is replaced at once or not at all, and left alone where nothing
    is found. Raises UsageError for what is no notebook, ExportError when it cannot be written.
    """
    path = Path(path)
    text, notebook = _read(path)
    mine = {*secrets, os.environ.get("NINJA_CLIENT_SECRET", "")}
    clean, found = scrubbed(notebook, secrets=mine)
    if found and not check:
        _replace(path.resolve(), _written_like(text, clean))
    return tuple(found)


def scrubbed(
    notebook: Mapping[str, Any],
    *,
    secrets: Iterable[str] = (),
    knows: Callable[[str], bool] | None = None,
) -> tuple[dict[str, Any], list[Finding]]:
    """*notebook* without its secrets, and what was found, each kind once for a place.

    *secrets* are found inside anything; what *knows* says yes to, where other text ends around it
    (None: what this machine has kept).
    """
    found: dict[Finding, None] = {}
    find = functools.partial(_spans, exact=_exactly(secrets), knows=knows or known.lookup())
    clean: dict[str, Any] = _cleaned(notebook, (), find, lambda one: found.setdefault(one))
    return clean, list(found)


def without(text: str, secrets: Iterable[str] = ()) -> str:
    """*text* with no secret in it: none of *secrets*, none known here, none by its shape."""
    find = functools.partial(_spans, exact=_exactly(secrets), knows=known.lookup())
    return _cut(text, list(find(text)))


def _cleaned(node: Any, path: _Path, find: _Find, tell: Callable[[Finding], object]) -> Any:
    """*node* of a notebook's JSON, which lies at *path*, without secrets."""
    if isinstance(node, str):
        spans = list(find(node))
        for _, _, kind in spans:
            tell(_finding(path, kind))
        return _cut(node, spans)
    if isinstance(node, Mapping):
        return _cleaned_members(node, path, find, tell)
    if isinstance(node, list) and _are_lines(node):
        whole = _cleaned("".join(node), path, find, tell)
        return re.findall(r"[^\n]*\n|[^\n]+", whole) + ([""] if node[-1:] == [""] else [])
    if isinstance(node, list):
        return [_cleaned(one, (*path, at), find, tell) for at, one in enumerate(node)]
    return node


def _cleaned_members(
    node: Mapping[str, Any], path: _Path, find: _Find, tell: Callable[[Finding], object]
) -> dict[str, Any]:
    clean: dict[str, Any] = {}
    named = _secret_by_name(node)
    for key, value in node.items():
        name = _cleaned(key, path, find, tell)
        while name in clean:
            name += "_"  # two names that were secrets stay two
        pixels = _PIXELS.fullmatch(key) and "outputs" in path
        clean[name] = value if pixels else _cleaned(value, (*path, key), find, tell)
        if key in named and clean[name] == value:
            tell(_finding((*path, key), "token or secret by its name"))
            clean[name] = REMOVED
    return clean


def _secret_by_name(node: Mapping[str, Any]) -> set[str]:
    """The members of a JSON object whose name says that their text is secret."""
    texts = {key: value for key, value in node.items() if isinstance(value, str)}
    random = {key for key, value in texts.items() if len(value) >= 16 and _is_random(value)}
    both = {"code", "state"} if {"code", "state"} <= random else set()
    return {key for key in random if _SECRET_NAME.fullmatch(key)} | both


def _are_lines(node: list[Any]) -> bool:
    """Whether a list is one text, line by line, as notebooks keep it."""
    if not node or not all(isinstance(line, str) for line in node):
        return False
    ends = [line.find("\n") for line in node]
    whole = all(end == len(line) - 1 >= 0 for line, end in zip(node[:-1], ends, strict=False))
    return whole and ends[-1] in (-1, len(node[-1]) - 1)


def _finding(path: _Path, kind: str) -> Finding:
    """What to say of a secret at *path*, which may itself hold one."""
    number = path[1] if path[:1] == ("cells",) and len(path) > 1 else None
    cell = number + 1 if isinstance(number, int) else None
    rest = path if cell is None else path[2:]
    if "papermill" in rest and "parameters" in rest:
        return Finding(cell, "parameters", kind)
    if rest[:2] == ("metadata", "widgets"):
        return Finding(cell, "widget state", kind)
    places = {"outputs": "output", "source": "source", "attachments": "attachment"}
    return Finding(cell, next((places[one] for one in rest[:1] if one in places), "metadata"), kind)


def _cut(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """*text* with each of *spans* replaced."""
    parts, at = [], 0
    for start, end, _ in sorted(spans):
        if start >= at:
            parts += [text[at:start], REMOVED]
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _spans(text: str, *, exact: re.Pattern[str] | None, knows: Callable[[str], bool]) -> _Spans:
    """Where in *text* secrets stand, and of what kind; one that several rules find is named once."""
    seen: list[tuple[int, int]] = []
    for start, end, kind in _candidates(text, exact, knows):
        if not any(first <= start and end <= last for first, last in seen):
            seen.append((start, end))
            yield start, end, kind


def _candidates(text: str, exact: re.Pattern[str] | None, knows: Callable[[str], bool]) -> _Spans:
    if len(text) < _SHORTEST:
        return
    for found in exact.finditer(text) if exact else ():
        yield *found.span(), _KNOWN
    readable = _WRAPPED.sub(_unwrapped, text)
    for form in {text, readable}:
        for start, end in _runs(form):
            if knows(_plain(form[start:end])):
                yield start, end, _KNOWN
    for kind, shape, test in _SHAPES:
        for found in shape.finditer(readable):
            if test(*found.groups()):
                yield from ((*found.span(at + 1), kind) for at in range(len(found.groups())))


_RUN = re.compile(rf"{_CHARACTER}{{16,}}")
_LETTER = re.compile("[A-Za-z]")
_PARTS = tuple(re.compile(f"[^{ends}]+") for ends in ("=", "=/", "=/+", "=/+.", "=/+.~-"))


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Where in *text* a token may stand: runs of its characters, whole, trimmed and in parts."""
    for run in _RUN.finditer(text):
        start, end = run.span()
        if not _LETTER.search(run[0]):  # a number, of which charts are full
            continue
        if run[0].isalnum() and end - start <= _LONGEST:  # a hash, an id
            yield start, end
            continue
        spans = {(start, end), (start + run[0].find("=") + 1, end)}
        # A longer run is a file in base64, which has "/" and "+" in it by chance.
        for part in _PARTS if end - start <= _LONGEST else _PARTS[:1]:
            spans |= {found.span() for found in part.finditer(text, start, end)}
        for first, last in spans:
            piece = text[first:last]
            for form in {piece, piece.rstrip("."), piece.rstrip("./"), piece.strip("./=-+~")}:
                if 16 <= len(form) <= _LONGEST:
                    at = first + piece.find(form)
                    yield at, at + len(form)


# What stands for a character in color, in HTML, in an address, in JSON within JSON.
_WRAPPED = re.compile(
    r"\x1b\[[\d;]*m|&(?:quot|amp|#\d{2,3}|#x[0-9a-f]{2});|%(?:25)*[23][0-9a-f]"
    r"|\\+(?:u00[0-9a-f]{2}|[\"'nrt])",
    re.IGNORECASE,
)


def _unwrapped(found: re.Match[str]) -> str:
    """The character meant, padded to the same length; what may belong to a token stays."""
    text = found[0]
    if text[0] == "&":
        character = html.unescape(text)
    elif text[0] == "%" or text[-5:-2].lower() == "u00":
        character = chr(int(text[-2:], 16))
    else:
        character = text[-1] if text[-1] in "\"'" else " "
    return text if re.match(f"[{_PLAIN}]", character) else character.ljust(len(text))


def _plain(text: str) -> str:
    """*text* without the escapes of JSON and of addresses."""
    text = re.sub(r"\\u(00[0-9A-Fa-f]{2})", lambda code: chr(int(code[1], 16)), text)
    text = text.replace("\\/", "/")
    return unquote(unquote(text)) if "%" in text else text


def _exactly(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for *secrets* in the forms that text gives them; None if there are none."""
    plain = {secret for secret in secrets if len(secret) >= _SHORTEST}
    forms = plain | {json.dumps(one)[1:-1] for one in plain} | {html.escape(one) for one in plain}
    forms |= {quote(one, safe) for one in plain for safe in ("", "/")}
    forms |= {quote(one, "") for one in forms}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first))) if forms else None


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """The notebook at *path*, as text and as what it means."""
    try:
        text = path.read_bytes().decode("utf-8")
        notebook = json.loads(text.removeprefix("\ufeff"))
    except FileNotFoundError as error:
        raise UsageError(f"There is no notebook {path}. Check the path.") from error
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read ({why}). Pass an .ipynb file.") from error
    except (ValueError, RecursionError):  # not chained: it carries the whole text
        raise UsageError(f"{path} is not a notebook. Pass an .ipynb file.") from None
    if not isinstance(notebook, dict) or not {"cells", "worksheets"} & notebook.keys():
        raise UsageError(f"{path} is not a notebook. Pass an .ipynb file.")
    return text, notebook


def _written_like(text: str, notebook: Mapping[str, Any]) -> bytes:
    """*notebook* as JSON in the manner of *text*: indents, line ends, escapes and last newline."""
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(bom).replace("\r\n", "\n")
    indented = re.match(r"\{\n([ \t]+)", body)
    compact = not indented and not re.match(r'\{"\w+": ', body)
    written = functools.partial(
        json.dumps,
        notebook,
        indent=indented[1] if indented else None,
        separators=(",", ":") if compact else None,
    )
    end = body[len(body.rstrip()) :]
    try:
        made = (bom + written(ensure_ascii=body.isascii()) + end).encode()
    except UnicodeEncodeError:  # half a character, which only an escape can hold
        made = (bom + written(ensure_ascii=True) + end).encode()
    return made.replace(b"\n", b"\r\n") if "\r\n" in text else made


def _replace(path: Path, content: bytes) -> None:
    """Put *content* in the place of the file at *path*, at once or not at all."""
    try:
        whole.put(path, content, mode=stat.S_IMODE(path.stat().st_mode))
    except OSError as error:
        why = error.strerror or type(error).__name__
        msg = (
            f"{path} cannot be written ({why}), so its secrets are still in it. Free it, try again."
        )
        raise ExportError(msg) from error
