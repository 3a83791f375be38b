"""The address is pasted, the port is taken, the link is old or replaced: the panel says what to do."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.person import (
    Canaries,
    address_of,
    allow,
    connect,
    expect_connected,
    expect_status,
    leave_client_secret,
    paste,
)

WRONG = {
    "another-session": "http://127.0.0.1/?code=stolen&state=of-another-session",
    "the-link-itself": "",
    "no-address": "it does not load, what now?",
}


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port of 127.0.0.1 on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_wrong_addresses_are_refused_in_words_and_the_right_one_connects(place, sandbox):
    notebook, canaries = place.open(connect(sandbox)), Canaries(place)
    panel = notebook.panel()

    notebook.run(0)
    link = address_of(panel)
    said = set()
    for wrong in WRONG.values():
        box = paste(panel, wrong or link)
        alert = panel.get_by_role("alert")
        expect(alert).to_be_visible()
        expect(box).to_have_value("")
        expect_status(panel, "waiting", "Waiting for your consent")
        expect(alert).not_to_have_text(re.compile("|".join(map(re.escape, said)) or "^$"))
        said.add(alert.inner_text())
    arrived = sandbox.browse(link)
    paste(panel, arrived)

    expect_connected(panel)
    expect(panel.get_by_role("alert")).to_be_hidden()
    expect(notebook.output(0)).to_contain_text("connect() is back: acme")
    assert len(said) == len(WRONG)
    canaries.gather(link, arrived)
    canaries.expect_none_in(notebook, at_least=5)


def test_a_code_that_came_too_late_is_told_and_the_same_panel_begins_again(place, tenant):
    tenant.switch(code_lifetime=0)
    notebook, canaries = place.open(connect(tenant)), Canaries(place)
    panel = notebook.panel()

    notebook.run(0)
    tab = allow(panel)
    expect(tab.get_by_role("heading")).to_have_text("Not connected to NinjaOne")
    expect_status(panel, "failed", "Not connected")
    expect(panel.get_by_role("alert")).to_be_visible()
    canaries.expect_none_in(notebook, at_least=3)

    tenant.switch(code_lifetime=60)
    panel.get_by_role("button", name="Connect", exact=True).click()
    allow(panel)
    expect_connected(panel)
    canaries.expect_none_in(notebook, at_least=8)


def test_a_port_that_is_taken_is_told_and_pasting_works(place, tenant, taken_port):
    redirect_uri = f"http://localhost:{taken_port}/"
    tenant.switch(redirect_uris=redirect_uri)
    leave_client_secret(place, tenant)
    notebook = place.open(connect(tenant, "web", redirect_uri=redirect_uri))
    canaries = Canaries(place, tenant.clients["web"].client_secret)
    panel = notebook.panel()

    notebook.run(0)
    expect(panel.get_by_role("alert")).to_contain_text(f"{taken_port}")
    expect_status(panel, "waiting")
    link = address_of(panel)
    arrived = tenant.browse(link)
    paste(panel, arrived)

    expect_connected(panel)
    canaries.gather(link, arrived)
    # also the client secret
    canaries.expect_none_in(notebook, at_least=6)


def test_the_newest_link_wins_and_the_older_panel_says_that_it_was_replaced(place, tenant):
    cell = connect(tenant, wait=0)
    notebook, canaries = place.open(cell, cell), Canaries(place)
    older, newer = notebook.panel(0), notebook.panel(1)

    notebook.run(0)
    if not place.is_voila:  # its page has both panels from the start
        expect_status(older, "waiting")
        late = tenant.browse(address_of(older))
    notebook.run(1)
    expect_status(newer, "waiting")
    expect_status(older, "failed", "Not connected")
    expect(older.get_by_role("alert")).to_contain_text("replaced by a newer link")
    if not place.is_voila:
        paste(newer, late)
        expect(newer.get_by_role("alert")).to_be_visible()

    allow(newer)
    expect_connected(newer)
    expect_status(older, "failed", "Not connected")
    canaries.expect_none_in(notebook, at_least=5)
