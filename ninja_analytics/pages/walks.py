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

from ninja_analytics.answers import RepeatedBody
from ninja_analytics.errors import AnswerError, NotAvailableError, RefusedError
from ninja_analytics.pages.checks import CursorError, check
from ninja_analytics.pages.read import Page, as_rows, read

Get = Callable[[str, Mapping[str, object]], bytes]
Params = Mapping[str, object]

_BY_ID = ("after", "older_than")  # the ways that ask for the next page by an id


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
        page = replace(page, repeated=page.repeated or lost)
        check(place.first, place.previous, page, told=told)
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


def _ask(
    get: Get, path: str, params: Params, *, rows_in: str | None, answer: str, by_id: bool
) -> Page:
    """The page that *params* ask for; one that cannot be read is asked for a second time."""
    body = get(path, params)
    repeated = isinstance(body, RepeatedBody)
    try:
        page = read(as_rows(body, answer), rows_in, path=path, by_id=by_id)
    except AnswerError:
        repeated = True
        page = read(as_rows(get(path, params), answer), rows_in, path=path, by_id=by_id)
    return replace(page, repeated=True) if repeated else page
