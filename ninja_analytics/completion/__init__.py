"""Completion in a cell: names of tables and reports, their parameters, and device filters."""

from __future__ import annotations

import sys
from typing import Any

from ninja_analytics.completion.offers import offer

__all__ = ["offer", "register"]

_ID = "ninja_analytics"
_PRIORITY = 100.0  # before IPython's own, which then stay away


def register(connection: type) -> None:
    """Let the running IPython complete with what objects of the type *connection* know.

    Where there is none, or an old one without such matchers, nothing happens.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython and hasattr(ipython, "get_ipython") else None
    matchers = getattr(getattr(shell, "Completer", None), "custom_matchers", None)
    if shell is None or not isinstance(matchers, list):
        return
    if any(getattr(one, "matcher_identifier", "") == _ID for one in matchers):
        return
    try:
        from IPython.core.completer import SimpleCompletion, context_matcher
    except ImportError:
        return

    def match(context: Any) -> dict[str, Any]:
        lines = context.full_text.split("\n")[: context.cursor_line + 1]
        code = "\n".join([*lines[:-1], lines[-1][: context.cursor_position]])
        found = offer(code, shell.user_ns, connection)
        if found is None:
            return {"completions": []}
        return {
            "completions": [SimpleCompletion(text=text, type=found.kind) for text in found.texts],
            "matched_fragment": found.fragment,
            "suppress": found.alone,
            "ordered": True,
        }

    matchers.append(context_matcher(priority=_PRIORITY, identifier=_ID)(match))
