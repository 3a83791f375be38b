"""A connection in plain HTML and plain text, for places where no widget draws.

Each may be given the authorization URL as *link*, and must then be replaced in the notebook when
the consent ends; without, it may be saved by anyone. *seen* is what `Desk.seen` tells.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

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
_HEADS = {
    "form": "Not set up",
    "waiting": "Waiting for consent",
    "checking": "Waiting for consent",
    "connected": "Connected",
    "signed-out": "Signed out",
    "failed": "Not connected",
}

Seen = Mapping[str, Any]


def instance_title(profile: Profile) -> str:
    """The instance of *profile* as people call it, with its host."""
    host = urlsplit(profile.base_url).netloc
    titles = {instance.base_url: instance.title for instance in INSTANCES.values()}
    title = titles.get(profile.base_url.rstrip("/"))
    return f"{host} ({title})" if title else host


def outcome(seen: Seen) -> str:
    """How it stands, in one line without secrets."""
    who = seen["profile"] + (f" at {seen['instance']}" if seen["instance"] else "")
    line = f"{_HEADS[seen['status']]}: {who}"
    return f"{line}. {seen['message']}" if seen["message"] else line


def command(seen: Seen) -> str:
    """What to type in a terminal to connect, where no form draws."""
    return f"ninja-analytics connect --profile {shlex.quote(seen['profile'])}"


def text(seen: Seen, link: str = "") -> str:
    """The connection as plain text."""
    if seen["status"] == "form":
        return f"{outcome(seen)}\nType in a terminal: {command(seen)}"
    if not link:
        return outcome(seen)
    hints = "".join(f"{hint}\n" for hint in seen["hints"])
    return (
        f"{outcome(seen)}\n"
        f"Open this link in a browser and allow access:\n\n  {link}\n\n{hints}"
        "If the browser ends on a page that does not load, stop this cell or command, type this,\n"
        "and paste the whole address of the page that its link leads to:\n\n  "
        + _BY_PASTE.replace("\n", "\n  ")
    )


def html(seen: Seen, link: str = "") -> str:
    """The connection as HTML that needs no script."""
    told = f"<p>{escape(outcome(seen))}</p>"
    if seen["status"] == "form":
        return f"<div>{told}<p>Type in a terminal:</p><pre>{escape(command(seen))}</pre></div>"
    if not link:
        return told
    hints = "".join(f"<p>{escape(hint)}</p>" for hint in seen["hints"])
    return (
        f"<div><p><strong>Connect to NinjaOne</strong></p>{told}"
        f'<p><a href="{escape(link)}" target="_blank" '
        f'rel="noopener noreferrer">Open NinjaOne and allow access</a></p>{hints}'
        "<p>If the browser ends on a page that does not load, stop this cell, run these lines "
        "in a new one, and paste the whole address of the page that their link leads to:</p>"
        f"<pre>{escape(_BY_PASTE)}</pre></div>"
    )
