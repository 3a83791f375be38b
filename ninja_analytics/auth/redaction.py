"""Keeps tokens, codes, secrets and verifiers out of log records, whoever writes them.

requests-oauthlib logs whole request and response bodies at DEBUG level, tokens included
(https://github.com/requests/requests-oauthlib/issues/536).
"""

from __future__ import annotations

import logging
import re
import threading
from collections import deque
from collections.abc import Iterable

# The last two are a kernel's: they log whole widget messages, an address pasted into the panel too.
_FAMILIES = ("requests_oauthlib", "oauthlib", "urllib3", "ninja_analytics", "Comm", "IPKernelApp")
_HIDDEN = "[hidden]"
_NAMES = (
    "access_token|refresh_token|id_token|client_secret|code_verifier|code_challenge|code|state"
    "|token|password"
)
_PATTERNS = (
    # JSON, a Python dict
    re.compile(rf"""(['"](?:{_NAMES})['"]\s*:\s*b?['"])[^'"]*"""),
    # a form or a query
    re.compile(rf"(\b(?:{_NAMES})=)[^&\s'\")}}>]*"),
    re.compile(r"(\b(?:Bearer|Basic)\s+)[\w.~+/=-]+", re.IGNORECASE),
    # the two sentences of requests-oauthlib that hold a bare value
    re.compile(r"(Generated new state ).*"),
    re.compile(r"(client_secret \")[^\"]*"),
)

# Values that have passed through here lately, for texts that no pattern foresees. Bounded, so a
# kernel that runs for weeks does not collect them.
_seen: deque[str] = deque(maxlen=64)
_SHORTEST = 8
_lock = threading.Lock()


def hide(*values: str | None) -> None:
    """Remove *values* from every later log record of ours and of the libraries beneath."""
    with _lock:
        for value in values:
            if value and len(value) >= _SHORTEST:
                if value in _seen:
                    _seen.remove(value)  # to the end: what is used again is not forgotten first
                _seen.append(value)


def redacted(text: str) -> str:
    """*text* without anything that looks like a secret or is known as one."""
    with _lock:
        known = sorted(_seen, key=len, reverse=True)
    for value in known:
        text = text.replace(value, _HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{_HIDDEN}", text)
    return text


class Redaction(logging.Filter):
    """Rewrites a log record so that no secret is left in message or traceback.

    The traceback stays as text alone: the frames of the exception hold what it was about.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true: the record stays, its secrets go."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError):
            text = f"{record.msg} {record.args}"
        record.msg, record.args = redacted(text), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text, record.exc_info = redacted(record.exc_text), None
        return True


_FILTER = Redaction()


def install() -> None:
    """Put the filter on every logger of these families; again for those made since.

    A filter on a parent does not see the records of its children, so each logger has its own.
    """
    for name in _loggers():
        logging.getLogger(name).addFilter(_FILTER)


def _loggers() -> Iterable[str]:
    known = [*_FAMILIES, *logging.root.manager.loggerDict]
    return [name for name in known if name.split(".")[0] in _FAMILIES]
