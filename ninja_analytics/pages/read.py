"""One answer of NinjaOne as a page: its rows in the form that the catalogue promises, and what follows."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import msgspec

from ninja_analytics.errors import AnswerError

# Names under which rows are met where the documentation promises a bare array.
_ENVELOPES = ("results", "data", "items", "content")
_LONGEST_ID = 19  # digits of the largest int64


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its JSON `body`, how many `rows` it has and what tells where the next one begins.

    `repeated` says that an answer to the same request was lost before this one came.
    """

    body: bytes = field(repr=False)
    rows: int
    ids: tuple[int, ...] = field(default=(), repr=False)
    cursor: str = ""
    offset: int | None = None
    repeated: bool = False


def latest(page: Page, name: str, rows_in: str | None) -> float | None:
    """The highest number in the field *name* of the rows of *page*; None if there is none."""
    answer = json.loads(page.body)
    rows = answer if isinstance(answer, list) else answer.get(rows_in) or []
    numbers = [row.get(name) for row in rows if isinstance(row, dict)]
    return max((one for one in numbers if isinstance(one, int | float)), default=None)


def as_rows(body: bytes, answer: str) -> bytes:
    """A *body* that is no list of rows, as one: a single row, custom fields by name, bare values."""
    if answer == "rows" or not body.strip():
        return body
    if answer == "values":
        return msgspec.json.encode([{"value": raw} for raw in _decoded(body, list[msgspec.Raw])])
    members = _decoded(body, dict[str, msgspec.Raw])
    return msgspec.json.encode([members if answer == "row" else {"fields": members}])


def _decoded(body: bytes, kind: Any) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        msg = f"NinjaOne answered with something else than expected ({len(body)} bytes). Try again."
        raise AnswerError(msg) from error


class _Row(msgspec.Struct, gc=False):
    id: int | float | str | None = None


class _Counted(msgspec.Struct, gc=False):
    """A row of which only matters that it is there."""


@functools.cache
def _bare(*, by_id: bool) -> msgspec.json.Decoder[Any]:
    """A decoder that skims over a bare array of rows."""
    return msgspec.json.Decoder(list[_Row] if by_id else list[_Counted])


@functools.cache
def _envelope(rows_in: str, *, by_id: bool) -> msgspec.json.Decoder[Any]:
    """A decoder that skims over an answer: the ids of its rows and its cursor, nothing else."""
    fields: list[tuple[str, Any, Any]] = [
        ("rows", (list[_Row] if by_id else list[_Counted]) | None, msgspec.UNSET),
        ("cursor", msgspec.Raw, msgspec.Raw(b"null")),
        ("next_name", str | int | None, None),
    ]
    rename = {"rows": rows_in, "next_name": "cursorName"}
    struct = msgspec.defstruct("Envelope", fields, rename=rename)
    return msgspec.json.Decoder(struct)


def read(body: bytes, rows_in: str | None, *, path: str = "", by_id: bool = True) -> Page:
    """The page in *body*, brought into the form that *rows_in* promises; *by_id* with its ids.

    Raises AnswerError if there are no rows where rows must be.
    """
    body = body.strip()
    if body in (b"", b"null"):
        return Page(b"[]", 0)
    try:
        return _skim(body, rows_in, by_id=by_id)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _look_closer(body, rows_in, path)


def _skim(body: bytes, rows_in: str | None, *, by_id: bool) -> Page:
    if body[:1] == b"[":
        rows = _bare(by_id=by_id).decode(body)
        return Page(body, len(rows), _ids(rows) if by_id else ())
    envelope = _envelope(rows_in or _ENVELOPES[0], by_id=by_id).decode(body)
    if envelope.rows is msgspec.UNSET:
        msg = "no rows under the expected name"
        raise msgspec.ValidationError(msg)
    name, offset = _cursor_of(bytes(envelope.cursor))
    name = name or str(envelope.next_name or "")
    if rows_in is None:
        body = bytes(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[_ENVELOPES[0]])
    rows = envelope.rows or []
    return Page(body, len(rows), _ids(rows) if by_id else (), name, offset)


def _ids(rows: list[_Row]) -> tuple[int, ...]:
    return tuple(int(row.id) for row in rows if _is_number(row.id))


def _is_number(value: object) -> TypeGuard[int | str]:
    return type(value) is int or (
        isinstance(value, str) and value.isdecimal() and len(value) <= _LONGEST_ID
    )


def _cursor_of(raw: bytes) -> tuple[str, int | None]:
    """Name and offset of a cursor: an object, on old versions a plain string, at the end nothing."""
    cursor = json.loads(raw)
    if isinstance(cursor, str):
        return cursor, None
    if not isinstance(cursor, dict):
        return "", None
    offset = cursor.get("offset")
    if isinstance(offset, str) and offset.isdecimal():
        offset = int(offset)
    return str(cursor.get("name") or ""), offset if isinstance(offset, int) else None


def _look_closer(body: bytes, rows_in: str | None, path: str) -> Page:
    """The page in a *body* that the skimming decoder refused, read by plain `json`."""
    try:
        answer = json.loads(body.decode(errors="replace"), strict=False)
    except (ValueError, RecursionError) as error:
        msg = f"The answer to {path} is not readable JSON ({len(body)} bytes). Pull again."
        raise AnswerError(msg) from error
    rows = _rows_of(answer, rows_in)
    if rows is None:
        raise AnswerError(_no_rows(answer, path))
    ids = [row.get("id") for row in rows if isinstance(row, dict)]
    numbers = tuple(int(value) for value in ids if _is_number(value))
    cursor = answer.get("cursor") if isinstance(answer, dict) else None
    name, offset = _cursor_of(json.dumps(cursor).encode())
    # Written anew, without odd encodings, control characters and lone surrogates.
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return Page(text.encode(errors="replace"), len(rows), numbers, name, offset)


def _rows_of(answer: Any, rows_in: str | None) -> list[Any] | None:
    """The list of rows in an *answer*, under whatever name; None if there is none."""
    if isinstance(answer, list):
        return answer
    if not isinstance(answer, dict):
        return None
    for name in (rows_in, *_ENVELOPES):
        if name in answer:
            return answer[name] if isinstance(answer[name], list) else None
    return None


def _no_rows(answer: Any, path: str) -> str:
    words = [
        str(answer[key])
        for key in ("error", "error_description", "resultCode", "errorMessage", "message")
        if isinstance(answer, dict) and answer.get(key)
    ]
    said = f" It says: {', '.join(words)[:200]}." if words else ""
    return f"The answer to {path} holds no rows where rows must be.{said} Pull again."
