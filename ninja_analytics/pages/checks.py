"""Whether a cursor gave every row once, as far as its offsets and its rows can tell."""

from __future__ import annotations

import msgspec

from ninja_analytics.errors import AnswerError
from ninja_analytics.pages.read import Page


class CursorError(AnswerError):
    """A cursor that cannot be trusted or is gone: rows may be missing, so the walk must begin again."""


def check(first: Page | None, previous: Page | None, page: Page, *, told: bool) -> None:
    """Raise CursorError where rows are missing between the pages, or come twice.

    *told* says whether the offsets count rows.
    """
    if previous is None or first is None:
        return
    if _stuck(previous, page):
        raise CursorError(
            f"NinjaOne sent the same page of {page.rows} rows twice: its cursor does not move. "
            "Pull again; if it stays so, tell NinjaOne's support."
        )
    gap = _gap(first, previous, page) if told else None
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
    tells; so it is with a cursor that moves on by whole pages, however many rows pass its filter.
    """
    if page.offset is None or previous.offset is None:
        return None
    arrived = {first.rows: page.rows, 0: previous.rows}.get(first.offset or 0)
    if arrived is None:
        return None
    step = page.offset - previous.offset
    return None if step != arrived and step == first.rows else step - arrived


def _rows_text(body: bytes) -> list[bytes]:
    if body[:1] == b"[":
        return [body]
    members = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return [bytes(raw) for key, raw in members.items() if key != "cursor"]
