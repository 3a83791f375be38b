"""What a person does with the panel and at NinjaOne, and what of it must stay a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

from tests.browser.places import Notebook, Place

LINK = "Open NinjaOne and allow access"
# The same in every place: it waits where it can, and Voila's page is there at once.
CONNECT = """\
import ninja_analytics as na

ninja = na.connect({name!r}, base_url={base_url!r}, client_id={client_id!r}{more})
print("connect() is back:", ninja.profile.name)"""
ROWS = """\
import ipywidgets
from IPython.display import display

rows = ipywidgets.HTML()
display(rows)
ninja.when_connected(lambda ninja: setattr(rows, "value", ninja.table("organizations").to_html()))"""


def connect(sandbox, platform: str = "native", *, name: str = "acme", **more: object) -> str:
    """A cell that connects to *sandbox*; *more* are further arguments of `connect`."""
    client = sandbox.clients[platform]
    if platform != "native":
        more["platform"] = platform
    written = "".join(f", {key}={value!r}" for key, value in more.items())
    if client.client_secret:
        written += ", client_secret=open('client-secret').read()"
    return CONNECT.format(
        name=name, base_url=sandbox.base_url, client_id=client.client_id, more=written
    )


def leave_client_secret(place: Place, sandbox, platform: str = "web") -> None:
    """Put the client secret into a file beside the notebooks: in a cell it would be saved."""
    secret = sandbox.clients[platform].client_secret
    (place.server.folder / "client-secret").write_text(secret)


def link_of(panel: Locator) -> Locator:
    """The link of the panel, once it leads somewhere."""
    link = panel.get_by_role("link", name=LINK)
    expect(link).to_have_attribute("href", re.compile("/ws/oauth/authorize"))
    return link


def address_of(panel: Locator) -> str:
    """Where the link of the panel leads."""
    return str(link_of(panel).get_attribute("href"))


def follow(panel: Locator) -> Page:
    """Click the link; the tab that it opens."""
    link = link_of(panel)
    with panel.page.context.expect_page() as opened:
        link.click()
    return opened.value


def sign_in(tab: Page, sandbox) -> None:
    """Sign in at NinjaOne, up to the consent page."""
    tab.get_by_label("Username").fill(sandbox.username)
    tab.get_by_label("Password").fill(sandbox.password)
    tab.get_by_role("button", name="Sign in").click()


def answer(panel: Locator, tab: Page, word: str = "Allow") -> None:
    """Press "Allow" or "Deny" on the consent page, and go back to the notebook."""
    tab.get_by_role("button", name=word, exact=True).click()
    panel.page.bring_to_front()


def allow(panel: Locator) -> Page:
    """Click the link and allow access, being signed in; the tab, which says how it went."""
    tab = follow(panel)
    answer(panel, tab)
    return tab


def paste(panel: Locator, address: str) -> Locator:
    """Paste *address* into the panel's box and send it; the box."""
    box = panel.get_by_label(re.compile("paste the whole address", re.IGNORECASE))
    box.fill(address)
    panel.get_by_role("button", name="Use this address").click()
    return box


def expect_status(panel: Locator, status: str, text: str | re.Pattern[str] | None = None) -> None:
    """Wait until the panel stands so, for the eye and for a screen reader."""
    expect(panel).to_have_attribute("data-status", status)
    if text is not None:
        expect(panel.get_by_role("status")).to_have_text(text)


def expect_connected(panel: Locator, name: str = "acme") -> None:
    """Wait until the panel says who is connected."""
    expect_status(panel, "connected", re.compile(rf"Connected: {name} at .* · monitoring"))


class Canaries:
    """The secrets of a test, which must not be found where a notebook is saved."""

    def __init__(self, place: Place, *more: str | None) -> None:
        self._place = place
        self._found = {secret for secret in more if secret}

    def gather(self, *addresses: str) -> set[str]:
        """All secrets so far: of addresses that the browser asked for, and of stored tokens.

        To be called before tokens are replaced or forgotten, too.
        """
        for address in (*self._place.asked, *addresses):
            self._found |= set(_secrets_of(address))
        for kept in self._place.server.home.rglob("*.token"):
            token = json.loads(kept.read_text(encoding="utf-8"))
            self._found |= {token["access_token"], token.get("refresh_token") or ""} - {""}
        return self._found

    def expect_none_in(self, notebook: Notebook, *, at_least: int) -> None:
        """Save the notebook, and find none of the secrets, of which there are *at_least* so many."""
        saved = notebook.saved()
        assert len(self.gather()) >= at_least
        assert not [secret for secret in self._found if secret in saved]
        assert "/ws/oauth/authorize" not in saved
        # What was looked for would be there: JupyterLab has saved the state of the panel as well.
        assert self._place.is_voila or "widget-state+json" in saved


def _secrets_of(address: str) -> Iterator[str]:
    parts = urlsplit(address)
    for fields in (parse_qs(parts.query), parse_qs(parts.fragment)):
        if "state" in fields:
            for name in ("state", "code", "code_challenge", "access_token"):
                yield from fields.get(name, [])
