"""The consent in plain HTML and plain text, for places where no widget draws.

Each has two forms. With *link* it holds the authorization URL and must be replaced in the
notebook when the consent ends; without, it may be saved by anyone.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import urlsplit

from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.catalog import INSTANCES

# The address belongs to one link only, so this shows its own; what it shows goes when it is answered.
_BY_PASTE = (
    "import getpass\n"
    "from ninja_analytics import consent\n"
    "pending = na.begin_consent(...)   # the same arguments as connect\n"
    "consent.show(pending)             # open this link, not an earlier one\n"
    'ninja = pending.complete(getpass.getpass("Address: "))'
)


def instance_title(profile: Profile) -> str:
    """The instance of *profile* as people call it, with its host."""
    host = urlsplit(profile.base_url).netloc
    titles = {instance.base_url: instance.title for instance in INSTANCES.values()}
    title = titles.get(profile.base_url.rstrip("/"))
    return f"{host} ({title})" if title else host


def outcome(pending: PendingConsent[Any]) -> str:
    """How *pending* stands, in one line without secrets."""
    who = f"{pending.profile.name} at {instance_title(pending.profile)}"
    if not pending.done:
        return f"Waiting for consent: {who}"
    if pending.error is not None:
        return f"Not connected: {who}. {pending.error}"
    return f"Connected: {who}"


def text(pending: PendingConsent[Any], *, link: bool) -> str:
    """The consent as plain text."""
    if pending.done or not link:
        return outcome(pending)
    return (
        f"{outcome(pending)}\n"
        f"Open this link in a browser and allow access:\n\n  {pending.authorization_url}\n\n"
        "If the browser ends on a page that does not load, stop this cell or command, type this,\n"
        "and paste the whole address of the page that its link leads to:\n\n  "
        + _BY_PASTE.replace("\n", "\n  ")
    )


def html(pending: PendingConsent[Any], *, link: bool) -> str:
    """The consent as HTML that needs no script."""
    if pending.done or not link:
        return f"<p>{escape(outcome(pending))}</p>"
    return (
        "<div><p><strong>Connect to NinjaOne</strong></p>"
        f"<p>{escape(outcome(pending))}</p>"
        f'<p><a href="{escape(pending.authorization_url)}" target="_blank" '
        'rel="noopener noreferrer">Open NinjaOne and allow access</a></p>'
        "<p>If the browser ends on a page that does not load, stop this cell, run these lines "
        "in a new one, and paste the whole address of the page that their link leads to:</p>"
        f"<pre>{escape(_BY_PASTE)}</pre></div>"
    )
