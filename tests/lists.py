"""NinjaOne's ways of paging over a plain list, as `get` functions: no network, no sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


class Listed:
    """A `get` over *rows* that keeps every request; *page_size* caps what is asked for."""

    def __init__(
        self, rows: list[dict[str, Any]], *, page_size: int = 10**6, **options: Any
    ) -> None:
        self.rows = rows
        self.page_size = page_size
        self.options = options
        self.asked: list[dict[str, object]] = []

    def __call__(self, path: str, params: Mapping[str, object]) -> bytes:
        self.asked.append(dict(params))
        return json.dumps(self.answer(params)).encode()

    def size(self, params: Mapping[str, object]) -> int:
        return min(int(str(params["pageSize"])), self.page_size)

    def answer(self, params: Mapping[str, object]) -> Any:
        raise NotImplementedError


class After(Listed):
    def answer(self, params: Mapping[str, object]) -> Any:
        after = int(str(params.get("after", -1)))
        return [row for row in self.rows if row["id"] > after][: self.size(params)]


class Cursor(Listed):
    """The cursor's name stays the same; `at_end` is what comes with the last rows."""

    def answer(self, params: Mapping[str, object]) -> Any:
        start = 0 if "cursor" not in params else self.place
        self.place = start + self.size(params)
        page = self.rows[start : self.place]
        cursor: Any = {"name": "c-1", "offset": self.place, "count": len(page), "expires": 1.9e9}
        if self.place >= len(self.rows) and "at_end" in self.options:
            cursor = self.options["at_end"]
        return {"cursor": cursor, "results": page}


class OlderThan(Listed):
    def answer(self, params: Mapping[str, object]) -> Any:
        bound = int(str(params.get("olderThan", 10**12)))
        newest = sorted((row for row in self.rows if row["id"] < bound), key=lambda row: -row["id"])
        last = max((row["id"] for row in self.rows), default=0)
        return {"lastActivityId": last, "activities": newest[: self.size(params)]}


class Whole(Listed):
    def answer(self, params: Mapping[str, object]) -> Any:
        return self.rows
