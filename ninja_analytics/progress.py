"""How far a pull has come, shown in the way that suits the place.

    widget    a bar in a live notebook
    terminal  a bar on the standard error of a terminal
    log       one log line every few seconds, for schedules and pipes
    none      nothing

"auto" takes the bar where a person watches, else the log. A notebook that runs with nobody there
gets no widget, so its saved file holds no widget state.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, Protocol

from ninja_analytics.errors import UnknownNameError
from ninja_analytics.place import place

Kind = Literal["auto", "widget", "terminal", "log", "none"]

_log = logging.getLogger("ninja_analytics")
_KINDS = ("auto", "widget", "terminal", "log", "none")


class Collector(Protocol):
    """What counts rows and pages, and shows them or not."""

    def advance(self, *, rows: int = 0, pages: int = 0) -> None:
        """Count *rows* and *pages* that have arrived."""

    def note(self, text: str) -> None:
        """Show a short remark, such as the reason of a wait."""

    def close(self) -> None:
        """Show the end."""


@contextmanager
def progress(description: str, kind: str = "auto", *, every: float = 10.0) -> Iterator[Collector]:
    """A collector for one pull; *every* is the least number of seconds between two log lines.

    Raises UnknownNameError for a kind that does not exist.
    """
    collector = _collector(description, kind, every)
    _open.append(collector)
    try:
        yield collector
    finally:
        _open.remove(collector)
        collector.close()


def silent() -> Collector:
    """A collector that shows nothing."""
    return _Silent()


def shared(collector: Collector) -> Collector:
    """*collector* for several pulls at once, each on a thread of its own."""
    return _Shared(collector)


def announce(seconds: float, reason: str) -> None:
    """Show that a wait of *seconds* begins, at the pull that is under way or in the log."""
    text = f"{reason} Waiting {seconds:.0f} s."
    newest = _open[-1:]  # in one step, because another thread may close it just now
    if newest:
        newest[0].note(text)
    else:
        _log.warning("%s", text)


def tell(text: str, kind: str = "auto") -> None:
    """Show a *text* where progress of this *kind* would be shown: below the cell, or in the log."""
    where = _suitable() if kind == "auto" else kind
    if where == "widget":
        sys.stdout.write(f"{text}\n")
    elif where == "terminal":
        sys.stderr.write(f"{text}\n")
    elif where == "log":
        _log.info("%s", text)


def log_to(path: str) -> None:
    """Append the log lines of this process to the file at *path*, each led by its level.

    So a kernel with nobody at it hands them to whoever started it.
    """
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(_OneLine("%(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)


class _OneLine(logging.Formatter):
    """A record as one line, whatever its message holds."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join(super().format(record).split())


# The collectors of pulls under way, the newest last.
_open: list[Collector] = []


def _collector(description: str, kind: str, every: float) -> Collector:
    if kind not in _KINDS:
        raise UnknownNameError.among("kind of progress", kind, _KINDS)
    if kind == "auto":
        kind = _suitable()
    if kind == "widget":
        return _Bar(_notebook_bar(), description)
    if kind == "terminal":
        from tqdm import tqdm

        return _Bar(tqdm, description)
    return _LogLines(description, every) if kind == "log" else _Silent()


def _suitable() -> str:
    if place() == "notebook":
        return "widget"
    return "terminal" if sys.stderr is not None and sys.stderr.isatty() else "log"


def _notebook_bar() -> Any:
    """Tqdm's bar of widgets; without ipywidgets, its bar of text."""
    try:
        import ipywidgets  # noqa: F401
        from tqdm.notebook import tqdm
    except ImportError:
        from tqdm import tqdm
    return tqdm


class _Bar:
    """A bar of tqdm; how many rows will come is not known, so it counts up."""

    def __init__(self, tqdm: Any, description: str) -> None:
        self._pages = 0
        self._bar = tqdm(
            desc=description,
            unit=" rows",
            unit_scale=True,
            leave=False,
            delay=0.5,
            file=sys.stderr,
            # The usual form has a place for what remains, which nobody knows.
            bar_format="{desc}: {n_fmt}{unit}, {elapsed}, {rate_fmt}{postfix}",
        )

    def advance(self, *, rows: int = 0, pages: int = 0) -> None:
        self._pages += pages
        self._bar.set_postfix_str(f"{self._pages} pages", refresh=False)
        self._bar.update(rows)

    def note(self, text: str) -> None:
        self._bar.set_postfix_str(text)

    def close(self) -> None:
        self._bar.close()


class _LogLines:
    """Log lines with long pauses between them; a quick pull writes none."""

    def __init__(self, description: str, every: float) -> None:
        self._description = description
        self._every = every
        self._began = self._last = time.monotonic()
        self._rows = self._pages = self._lines = 0

    def advance(self, *, rows: int = 0, pages: int = 0) -> None:
        self._rows += rows
        self._pages += pages
        if time.monotonic() - self._last >= self._every:
            self._line("so far")

    def note(self, text: str) -> None:
        _log.warning("%s: %s", self._description, text)

    def close(self) -> None:
        if self._lines:
            self._line("done")

    def _line(self, state: str) -> None:
        self._last = time.monotonic()
        self._lines += 1
        _log.info(
            "%s: %s, %d rows in %d pages, %.0f s",
            self._description, state, self._rows, self._pages, self._last - self._began,
        )  # fmt: skip


class _Silent:
    """Counts nothing and shows nothing."""

    def advance(self, *, rows: int = 0, pages: int = 0) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def close(self) -> None:
        pass


class _Shared:
    """Passes on to another collector, one thread at a time."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self._lock = threading.Lock()

    def advance(self, *, rows: int = 0, pages: int = 0) -> None:
        with self._lock:
            self._collector.advance(rows=rows, pages=pages)

    def note(self, text: str) -> None:
        with self._lock:
            self._collector.note(text)

    def close(self) -> None:
        pass
