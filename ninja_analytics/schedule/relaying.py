"""What a kernel logs, passed on while it runs: a schedule's log has lines where a person has bars."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ninja_analytics.auth.redaction import redacted

log = logging.getLogger(__name__)

_EVERY = 0.5


@contextmanager
def relayed(title: str) -> Iterator[Path]:
    """A private file; each line that a kernel writes to it is logged here, led by *title*.

    A kernel's standard error is no way out: it ends in the notebook, and there it would stay.
    """
    with tempfile.TemporaryDirectory(prefix="ninja-run-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "log"
        path.touch(mode=0o600)
        ended = threading.Event()
        reader = threading.Thread(target=_follow, args=(path, title, ended.wait), daemon=True)
        reader.start()
        try:
            yield path
        finally:
            ended.set()
            reader.join(5)


def _follow(path: Path, title: str, wait: Callable[[float], bool]) -> None:
    """Log every line of the file at *path* until *wait* says that there will be no more."""
    with path.open(encoding="utf-8", errors="replace") as file:
        begun, last = "", False
        while not last:
            last = wait(_EVERY)
            *lines, begun = (begun + file.read()).split("\n")
            for line in lines:
                level, _, text = line.partition(" ")
                how = logging.WARNING if level in ("WARNING", "ERROR", "CRITICAL") else logging.INFO
                log.log(how, "%s: %s", title, redacted(text))
