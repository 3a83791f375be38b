"""The consent panel: what a person sees and clicks in the notebook to connect."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.consent import plain
from ninja_analytics.consent.desk import Desk
from ninja_analytics.place import is_seen, place

if TYPE_CHECKING:
    from ninja_analytics.consent.panel import ConsentPanel

__all__ = ["show", "show_connected", "show_form"]


def show(pending: PendingConsent[Any], *, insist: bool = False) -> ConsentPanel | None:
    """Show *pending* to the person: as a live panel in a notebook, else as a line on stderr.

    With *insist* the line is written also where nobody seems to read it: the consoles of some
    editors are no terminals. Returns the panel, or None where there is no notebook. Does not wait
    for the answer. In a notebook that runs with nobody at it, nothing is shown.
    """
    if _draws():
        return _panel(Desk.of_consent(pending))
    if place() == "terminal" or (insist and is_seen()):
        seen = Desk.of_consent(pending).seen()
        print(plain.text(seen, pending.authorization_url), file=sys.stderr, flush=True)  # noqa: T201
    return None


def show_connected(keeper: TokenKeeper) -> ConsentPanel | None:
    """Show in one quiet line that *keeper* is connected, in a notebook with a person at it."""
    return _panel(Desk.of_keeper(keeper)) if _draws() else None


def show_form(
    name: str | None,
    given: Mapping[str, str],
    *,
    problem: str,
    on_connected: Callable[[TokenKeeper], Any],
) -> ConsentPanel | None:
    """Show a form for the profile *name*, which does not exist or lacks something: *problem* says.

    What is *given* (base_url, client_id, platform, redirect_uri, scope, grant, auth_method) stands
    in it already. The finished form becomes the panel of its consent, and the profile is saved once
    it is connected; *on_connected* is called with its keeper. None where there is no notebook.
    """
    if not _draws():
        return None
    return _panel(Desk.of_form(name, given, problem, on_connected))


def _panel(desk: Desk) -> ConsentPanel:
    from ninja_analytics.consent.panel import ConsentPanel

    panel = ConsentPanel(desk)
    panel.show()
    return panel


def _draws() -> bool:
    return place() in ("notebook", "voila")
