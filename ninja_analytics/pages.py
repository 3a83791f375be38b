"""The four ways in which NinjaOne hands out a long list, each as a generator of pages.

A page is asked through `get(path, params) -> bytes`, so nothing here knows HTTP. What comes out is
always in the form that the table's row in the catalogue names: a bare array, or an object with the
rows under `rows_in`.

    after       the next page begins behind the largest id seen
    cursor      the answer names a cursor; its name stays the same while its offset grows
    older_than  newest first; the next page holds what is older than the smallest id seen
    none        one answer holds everything

Only an empty page (or a cursor without a name) is the end. A short page is not: the server may give
fewer rows than asked for, and one more request is cheaper than a list cut short.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

import msgspec

from ninja_analytics.errors import AnswerError

Get = Callable[[str, Mapping[str, object]], bytes]
Params = Mapping[str, object]

# Names under which rows are met where the documentation promises a bare array.
_ENVELOPES = ("results", "data", "items", "content")
_LONGEST_ID = 19  # digits of the largest int64


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: its JSON `body`, how many `rows` it has and what tells where the next one begins."""

    body: bytes = field(repr=False)
    rows: int
    ids: tuple[int, ...] = field(default=(), repr=False)
    cursor: str = ""
    offset: int | None = None


def pages(
    get: Get,
    path: str,
    params: Params,
    *,
    paging: str,
    page_size: int = 1000,
    rows_in: str | None = None,
) -> Iterator[Page]:
    """Every page of the list at *path* that has rows, in the server's order.

    Raises AnswerError when an answer is not a page (asked twice), when paging does not advance, or
    when it passes over rows.
    """
    ask = functools.partial(_ask, get, path, rows_in=rows_in)
    if paging != "none":
        params = {**params, "pageSize": page_size}
    return _WAYS[paging](ask, params)


def _none(ask: Callable[[Params], Page], params: Params) -> Iterator[Page]:
    page = ask(params)
    if page.rows:
        yield page


def _after(ask: Callable[[Params], Page], params: Params) -> Iterator[Page]:
    page = ask(params)
    highest = None
    while page.rows:
        yield page
        highest = _advanced(max(page.ids, default=None), highest, what="after")
        previous, page = page, ask({**params, "after": highest})
        if page.body == previous.body and page.rows < int(str(params["pageSize"])):
            return  # a server that ignores `after` has given the whole list at once


def _older_than(ask: Callable[[Params], Page], params: Params) -> Iterator[Page]:
    page = ask(params)
    lowest = None
    while page.rows:
        yield page
        smallest = min(page.ids, default=None)
        lowest = _advanced(smallest, lowest, what="olderThan", falling=True)
        page = ask({**params, "olderThan": lowest})


def _cursor(ask: Callable[[Params], Page], params: Params) -> Iterator[Page]:
    first = page = ask(params)
    while page.rows:
        yield page
        if not page.cursor:
            return
        previous, page = page, ask({**params, "cursor": page.cursor})
        if lost := _passed_over(first, previous, page):
            msg = (
                f"NinjaOne's cursor passed over {lost} rows: the answer that held them was lost on "
                "its way, and asking again gave the one after it. Pull again."
            )
            raise AnswerError(msg)
        if _stuck(previous, page):
            msg = (
                f"NinjaOne sent the same page of {page.rows} rows twice: its cursor does not move. "
                "Pull again; if it stays so, tell NinjaOne's support."
            )
            raise AnswerError(msg)


_WAYS = {"none": _none, "after": _after, "older_than": _older_than, "cursor": _cursor}


def _advanced(found: int | None, last: int | None, *, what: str, falling: bool = False) -> int:
    """The id to go on from; an error if it lies no further than the last one."""
    if found is None:
        msg = f"NinjaOne sent rows without ids, so the next page ({what}=…) cannot be asked for."
        raise AnswerError(msg)
    if last is not None and (found >= last if falling else found <= last):
        msg = (
            f"NinjaOne sent rows again that it had sent before: {what}={last} does not move on. "
            "Pull again; if it stays so, tell NinjaOne's support."
        )
        raise AnswerError(msg)
    return found


def _stuck(previous: Page, page: Page) -> bool:
    """Whether *page* is *previous* over again; an equal cursor name alone is the normal case."""
    if page.rows != previous.rows or not page.rows:
        return False
    if page.offset is not None and previous.offset is not None and page.offset > previous.offset:
        return False
    return _rows_text(page.body) == _rows_text(previous.body)


def _passed_over(first: Page, previous: Page, page: Page) -> int:
    """How many rows lie between *previous* and *page* that did not arrive.

    A cursor keeps its place on the server, so a repeated request may get the page after the one
    that was lost. The offset is where a page ends or where it begins: the first page shows which.
    One that shows neither tells nothing, and one that moves on by whole pages is no gap.
    """
    if page.offset is None or previous.offset is None:
        return 0
    arrived = {first.rows: page.rows, 0: previous.rows}.get(first.offset or 0)
    step = page.offset - previous.offset
    return 0 if arrived is None or step in (arrived, first.rows) else max(0, step - arrived)


def _rows_text(body: bytes) -> list[bytes]:
    if body[:1] == b"[":
        return [body]
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return [bytes(raw) for key, raw in members.items() if key != "cursor"]


def _ask(get: Get, path: str, params: Params, *, rows_in: str | None) -> Page:
    """The page that *params* ask for; one that cannot be read is asked for a second time."""
    body = get(path, params)
    try:
        return read(body, rows_in, path=path)
    except AnswerError:
        return read(get(path, params), rows_in, path=path)


class _Row(msgspec.Struct, gc=False):
    id: int | float | str | None = None


_Rows = msgspec.json.Decoder(list[_Row])


@functools.cache
def _envelope(rows_in: str) -> msgspec.json.Decoder[Any]:
    """A decoder that skims over an answer: the ids of its rows and its cursor, nothing else."""
    fields: list[tuple[str, Any, Any]] = [
        ("rows", list[_Row] | None, msgspec.UNSET),
        ("cursor", msgspec.Raw, msgspec.Raw(b"null")),
    ]
    struct = msgspec.defstruct("Envelope", fields, rename={"rows": rows_in})
    return msgspec.json.Decoder(struct)


def read(body: bytes, rows_in: str | None, *, path: str = "") -> Page:
    """The page in *body*, brought into the form that *rows_in* promises.

    Raises AnswerError if there are no rows where rows must be.
    """
    body = body.strip()
    if body in (b"", b"null"):
        return Page(b"[]", 0)
    try:
        return _skim(body, rows_in)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _look_closer(body, rows_in, path)


def _skim(body: bytes, rows_in: str | None) -> Page:
    if body[:1] == b"[":
        rows = _Rows.decode(body)
        return Page(body, len(rows), _ids(rows))
    envelope = _envelope(rows_in or _ENVELOPES[0]).decode(body)
    if envelope.rows is msgspec.UNSET:
        msg = "no rows under the expected name"
        raise msgspec.ValidationError(msg)
    name, offset = _cursor_of(bytes(envelope.cursor))
    if rows_in is None:
        body = bytes(msgspec.json.decode(body, type=dict[str, msgspec.Raw])[_ENVELOPES[0]])
    rows = envelope.rows or []
    return Page(body, len(rows), _ids(rows), name, offset)


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
