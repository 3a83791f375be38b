"""The consent panel: what a person sees and clicks in the notebook to connect."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.consent import plain
from ninja_analytics.place import place

if TYPE_CHECKING:
    from ninja_analytics.consent.panel import ConsentPanel

__all__ = ["show"]


def show(pending: PendingConsent[Any], *, insist: bool = False) -> ConsentPanel | None:
    """Show *pending* to the person: as a live panel in a notebook, else as a line on stderr.

    With *insist* the line is written also where nobody seems to read it: the consoles of some
    editors are no terminals. Returns the panel, or None where there is no notebook. Does not wait
    for the answer.
    """
    if not _in_kernel():
        if insist or place() == "terminal":
            print(plain.text(pending, link=True), file=sys.stderr, flush=True)  # noqa: T201
        return None
    from ninja_analytics.consent.panel import ConsentPanel

    panel = ConsentPanel(pending)
    panel.show()
    return panel


def _in_kernel() -> bool:
    """Whether a Jupyter kernel runs this, also one with nobody at it."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
