"""The ways in which NinjaOne hands out a long list, each as a generator of pages.

A page is asked through `get(path, params) -> bytes`, so nothing here knows HTTP. What comes out is
always in the form that the table's row in the catalogue names: a bare array, or an object with the
rows under `rows_in`.

    after        the next page begins behind the largest id seen
    cursor       the answer names a cursor; its name stays the same while its offset grows
    older_than   newest first; the next page holds what is older than the smallest id seen
    anchor       the next page begins behind the last row of this one
    cursor_name  the answer names the next page, or is the last
    none         one answer holds everything

Only an empty page (or a cursor without a name) is the end. A short page is not: the server may give
fewer rows than asked for, and one more request is cheaper than a list cut short.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

import msgspec

from ninja_analytics.answers import RepeatedBody
from ninja_analytics.errors import AnswerError, NotAvailableError, RefusedError

Get = Callable[[str, Mapping[str, object]], bytes]
Params = Mapping[str, object]

# Names under which rows are met where the documentation promises a bare array.
_ENVELOPES = ("results", "data", "items", "content")
_LONGEST_ID = 19  # digits of the largest int64


class CursorError(AnswerError):
    """A cursor that cannot be trusted or is gone: rows may be missing, so the walk must begin again."""


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


@dataclass(slots=True)
class Place:
    """How far a walk has come: what the next request adds, and the pages that it is checked against.

    `lost` says that the last request brought no page: a cursor may have moved on all the same. A walk that broke off goes on from its place, unless it was a CursorError that broke it.
    """

    params: dict[str, object] = field(default_factory=dict)
    first: Page | None = field(default=None, repr=False)
    previous: Page | None = field(default=None, repr=False)
    done: bool = False
    lost: bool = False

    def passed(self, page: Page, **params: object) -> None:
        """Note that *page* has come, and what the next request will add."""
        self.first = self.first or page
        self.previous = page
        self.params = params

    def end(self) -> None:
        """Note that all has come; the pages are of no more use, and there may be many such places."""
        self.done = True
        self.first = self.previous = None


def pages(
    get: Get,
    path: str,
    params: Params,
    *,
    paging: str,
    page_size: int = 1000,
    rows_in: str | None = None,
    answer: str = "rows",
    anchor: tuple[str, str] | None = None,
    counts: str = "rows",
    place: Place | None = None,
) -> Iterator[Page]:
    """Every page of the list at *path* that has rows, in the server's order.

    *counts* is what the offset of a cursor counts: if not "rows", it tells nothing of a gap. *place*
    is where an earlier walk has come to; it is kept up to date. Raises CursorError when a
    cursor passes over rows, gives some twice or is gone, and AnswerError when an answer is not a
    page (asked twice) or when paging does not advance.
    """
    ask = functools.partial(_ask, get, path, rows_in=rows_in, answer=answer, by_id=paging in _BY_ID)
    if paging != "none":
        params = {**params, "pageSize": page_size}
    if paging == "anchor":
        return _anchor(ask, params, place or Place(), *(anchor or ("", "")))
    if paging == "cursor":
        return _cursor(ask, params, place or Place(), told=counts == "rows")
    return _WAYS[paging](ask, params, place or Place())


def _none(ask: Callable[[Params], Page], params: Params, place: Place) -> Iterator[Page]:
    page = ask(params)
    place.end()
    if page.rows:
        yield page


def _after(ask: Callable[[Params], Page], params: Params, place: Place) -> Iterator[Page]:
    while (page := ask({**params, **place.params})).rows:
        previous = place.previous
        if previous and page.body == previous.body and page.rows < int(str(params["pageSize"])):
            break  # a server that ignores `after` has given the whole list at once
        last = place.params.get("after")
        place.passed(page, after=_advanced(max(page.ids, default=None), last, what="after"))
        yield page
    place.end()


def _older_than(ask: Callable[[Params], Page], params: Params, place: Place) -> Iterator[Page]:
    while (page := ask({**params, **place.params})).rows:
        last, smallest = place.params.get("olderThan"), min(page.ids, default=None)
        place.passed(page, olderThan=_advanced(smallest, last, what="olderThan", falling=True))
        yield page
    place.end()


def _anchor(
    ask: Callable[[Params], Page], params: Params, place: Place, parameter: str, name: str
) -> Iterator[Page]:
    while (page := ask({**params, **place.params})).rows:
        row = json.loads(page.body)[-1]
        anchor = row.get(name) if isinstance(row, dict) else None
        place.passed(
            page, **{parameter: _moved(anchor, place.params.get(parameter), what=parameter)}
        )
        yield page
    place.end()


def _cursor_name(ask: Callable[[Params], Page], params: Params, place: Place) -> Iterator[Page]:
    while (page := ask({**params, **place.params})).rows:
        last = place.params.get("cursorName")
        name = page.cursor and _moved(page.cursor, last, what="cursorName")
        place.passed(page, cursorName=name)
        place.done = not name
        yield page
        if place.done:
            break
    place.end()


def _cursor(
    ask: Callable[[Params], Page], params: Params, place: Place, *, told: bool
) -> Iterator[Page]:
    while True:
        lost, place.lost = place.lost, True
        page = _asked_at(ask, {**params, **place.params}, began=place.previous is not None)
        _check(place, replace(page, repeated=page.repeated or lost), told=told)
        place.lost = False
        if not page.rows:
            break
        place.passed(page, cursor=page.cursor)
        # Before the page is handed out: who stops there must not ask on with an empty cursor.
        place.done = not page.cursor
        yield page
        if place.done:
            break
    place.end()


_WAYS = {
    "none": _none,
    "after": _after,
    "older_than": _older_than,
    "cursor_name": _cursor_name,
}


def _asked_at(ask: Callable[[Params], Page], params: Params, *, began: bool) -> Page:
    """The page at a cursor; a refusal after the first page means that the cursor is gone."""
    try:
        return ask(params)
    except (RefusedError, NotAvailableError) as error:
        if not began or error.status == 500:
            raise
        msg = f"NinjaOne no longer knows the cursor of this pull ({error.status}). Pull again."
        raise CursorError(msg) from error


def _check(place: Place, page: Page, *, told: bool) -> None:
    """Raise CursorError where rows are missing between the pages, or come twice.

    *told* says whether the offsets count rows.
    """
    if place.previous is None or place.first is None:
        return
    if _stuck(place.previous, page):
        raise CursorError(
            f"NinjaOne sent the same page of {page.rows} rows twice: its cursor does not move. "
            "Pull again; if it stays so, tell NinjaOne's support."
        )
    gap = _gap(place.first, place.previous, page) if told else None
    if gap:
        what = f"passed over {gap} rows" if gap > 0 else f"gave {-gap} rows twice"
        raise CursorError(
            f"NinjaOne's cursor {what}: the answer that held them was lost on its way, and asking "
            "again gave the one after it. Pull again."
        )
    if gap is None and page.repeated:
        raise CursorError(
            "An answer was lost on its way, and nothing tells whether asking again gave the same "
            "rows or those after them. Pull again."
        )


def _advanced(found: int | None, last: object, *, what: str, falling: bool = False) -> int:
    """The id to go on from; an error if it lies no further than the last one."""
    if found is None:
        msg = f"NinjaOne sent rows without ids, so the next page ({what}=…) cannot be asked for."
        raise AnswerError(msg)
    if isinstance(last, int) and (found >= last if falling else found <= last):
        raise _not_moving(what, last)
    return found


def _moved(found: object, last: object, *, what: str) -> object:
    """What the next page is asked by; an error if it is nothing, or what it was."""
    if found is None or found == "":
        msg = f"NinjaOne sent rows without what names the next page ({what}=…). Pull again."
        raise AnswerError(msg)
    if found == last:
        raise _not_moving(what, last)
    return found


def _not_moving(what: str, last: object) -> AnswerError:
    return AnswerError(
        f"NinjaOne sent rows again that it had sent before: {what}={last} does not move on. "
        "Pull again; if it stays so, tell NinjaOne's support."
    )


def _stuck(previous: Page, page: Page) -> bool:
    """Whether *page* is *previous* over again; an equal cursor name alone is the normal case."""
    if page.rows != previous.rows or not page.rows:
        return False
    if page.offset is not None and previous.offset is not None and page.offset > previous.offset:
        return False
    return _rows_text(page.body) == _rows_text(previous.body)


def _gap(first: Page, previous: Page, page: Page) -> int | None:
    """How many rows between *previous* and *page* did not arrive (less than 0: came twice).

    The offset is where a page ends or where it begins: the first page shows which. None: nothing
    tells. A cursor that moves on by whole pages, however many rows pass its filter, has no gap.
    """
    if page.offset is None or previous.offset is None:
        return None
    arrived = {first.rows: page.rows, 0: previous.rows}.get(first.offset or 0)
    if arrived is None:
        return None
    step = page.offset - previous.offset
    return 0 if step in (arrived, first.rows) else step - arrived


def _rows_text(body: bytes) -> list[bytes]:
    if body[:1] == b"[":
        return [body]
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return [bytes(raw) for key, raw in members.items() if key != "cursor"]


def _ask(
    get: Get, path: str, params: Params, *, rows_in: str | None, answer: str, by_id: bool
) -> Page:
    """The page that *params* ask for; one that cannot be read is asked for a second time."""
    body = get(path, params)
    repeated = isinstance(body, RepeatedBody)
    try:
        page = read(_as_rows(body, answer), rows_in, path=path, by_id=by_id)
    except AnswerError:
        repeated = True
        page = read(_as_rows(get(path, params), answer), rows_in, path=path, by_id=by_id)
    return replace(page, repeated=True) if repeated else page


def latest(page: Page, name: str, rows_in: str | None) -> float | None:
    """The highest number in the field *name* of the rows of *page*; None if there is none."""
    answer = json.loads(page.body)
    rows = answer if isinstance(answer, list) else answer.get(rows_in) or []
    numbers = [row.get(name) for row in rows if isinstance(row, dict)]
    return max((one for one in numbers if isinstance(one, int | float)), default=None)


def _as_rows(body: bytes, answer: str) -> bytes:
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


_BY_ID = ("after", "older_than")  # the ways that ask for the next page by an id


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
