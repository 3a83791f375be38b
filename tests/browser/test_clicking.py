"""A person connects by clicking, in every place, and says no; no secret stays in the notebook."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.person import (
    ROWS,
    Canaries,
    address_of,
    allow,
    answer,
    connect,
    expect_connected,
    expect_status,
    follow,
    link_of,
    sign_in,
)


def test_a_person_connects_by_clicking_and_pulls_a_table(place, sandbox):
    notebook, canaries = place.open(connect(sandbox), ROWS), Canaries(place)
    panel = notebook.panel(0)

    notebook.run(0)
    expect_status(panel, "waiting", "Waiting for your consent")
    if not place.is_voila:
        expect(notebook.output(0)).not_to_contain_text("connect() is back")
    tab = follow(panel)
    sign_in(tab, sandbox)
    tab.get_by_role("heading", name="Allow access?").wait_for()
    answer(panel, tab)
    expect(tab.get_by_role("heading")).to_have_text("Connected to NinjaOne")

    expect_connected(panel)
    expect(panel.locator(".token")).to_have_text(
        re.compile(r"access token good for (\d\d:\d\d|1:00:00), refreshes by itself")
    )
    expect(panel.get_by_role("link")).to_have_count(0)
    expect(notebook.output(0)).to_contain_text("connect() is back: acme")
    notebook.run(1)
    for row in sandbox.truth("organizations"):
        expect(notebook.output(1).locator("table")).to_contain_text(row["name"])
    # state, challenge, code, access token, refresh token
    canaries.expect_none_in(notebook, at_least=5)
    assert place.complaints == []


def test_a_person_who_denies_reads_why_it_failed_and_may_think_again(place, tenant):
    notebook, canaries = place.open(connect(tenant)), Canaries(place)
    panel = notebook.panel()

    notebook.run(0)
    answer(panel, follow(panel), "Deny")
    expect_status(panel, "failed", "Not connected")
    expect(panel.get_by_role("alert")).to_be_visible()
    if not place.is_voila:
        expect(notebook.output(0)).to_contain_text("ConsentDeniedError")
    canaries.expect_none_in(notebook, at_least=2)

    panel.get_by_role("button", name="Connect", exact=True).click()
    allow(panel)
    expect_connected(panel)
    canaries.expect_none_in(notebook, at_least=7)


def test_strangers_at_the_listener_do_not_disturb_the_click(place, tenant):
    notebook, canaries = place.open(connect(tenant)), Canaries(place)
    panel = notebook.panel()

    notebook.run(0)
    [listener] = parse_qs(urlsplit(address_of(panel)).query)["redirect_uri"]
    assert _status(f"{listener}/favicon.ico") == 404
    assert _status(f"{listener}/wp-admin/setup.php") == 404
    assert _status(f"{listener}/?code=stolen&state=guessed") == 400
    assert _status(f"{listener}/", method="HEAD") in (400, 405)
    assert _status(f"{listener}/", b"code=stolen&state=guessed") in (400, 404, 405)
    _babble(int(urlsplit(listener).port or 0))
    expect_status(panel, "waiting", "Waiting for your consent")

    allow(panel)
    expect_connected(panel)
    canaries.expect_none_in(notebook, at_least=5)


def test_the_implicit_grant_is_given_by_clicking(place, tenant):
    tenant.switch(implicit=True)
    notebook, canaries = place.open(connect(tenant, grant="implicit"), ROWS), Canaries(place)
    panel = notebook.panel(0)

    notebook.run(0)
    tab = allow(panel)
    expect(tab.get_by_role("heading")).to_have_text("Connected to NinjaOne")
    assert "#" not in tab.url
    expect_connected(panel)
    expect(panel.locator(".token")).not_to_contain_text("refreshes by itself")
    notebook.run(1)
    expect(notebook.output(1).locator("table")).to_be_visible()
    # state, access token
    canaries.expect_none_in(notebook, at_least=2)


@pytest.mark.parametrize("place", ["lab", "notebook7"], indirect=True)
def test_the_keyboard_alone_connects(place, sandbox):
    notebook = place.open(connect(sandbox))
    panel, keyboard = notebook.panel(), notebook.page.keyboard

    notebook.run(0)
    link_of(panel).focus()
    with notebook.page.context.expect_page() as opened:
        keyboard.press("Enter")
    tab = opened.value
    tab.get_by_label("Username").wait_for()
    tab.keyboard.type(sandbox.username)
    tab.keyboard.press("Tab")
    tab.keyboard.type(sandbox.password)
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Allow access?").wait_for()
    for _ in ("Deny", "Allow"):
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    notebook.page.bring_to_front()
    expect_connected(panel)


@pytest.mark.parametrize("place", ["lab", "notebook7"], indirect=True)
def test_the_keyboard_alone_cancels(place, sandbox):
    notebook = place.open(connect(sandbox))
    panel, keyboard = notebook.panel(), notebook.page.keyboard

    notebook.run(0)
    link_of(panel).focus()
    keyboard.press("Tab")
    expect(panel.get_by_role("button", name="Cancel")).to_be_focused()
    keyboard.press("Enter")
    expect_status(panel, "failed", "Not connected")
    expect(notebook.output(0)).to_contain_text("ConsentError")


def _status(url: str, body: bytes | None = None, method: str | None = None) -> int:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, method=method), timeout=5
        ) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return refusal.code


def _babble(port: int) -> None:
    """What a port scanner says: nothing, and no HTTP."""
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as scanner:
        scanner.sendall(b"\x16\x03\x01\x00\x05hello\r\n\r\n")
        scanner.recv(100)
