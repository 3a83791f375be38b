"""A person in JupyterLab: connects by clicking or pasting, says no, and leaves no secret behind."""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import Lab, Notebook

CONNECT = """\
import ninja_analytics as na

ninja = na.connect("sandbox", base_url={base_url!r}, client_id={client_id!r})
print("connected as", ninja.profile.name)"""
PULL = 'ninja.table("organizations")[["organization_id", "organization_name"]]'


@pytest.fixture
def addresses(context: BrowserContext) -> list[str]:
    """Every address that the browser asks for, as the test goes on."""
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    return asked


@pytest.fixture(autouse=True)
def signed_out(lab: Lab) -> None:
    """No token is kept from an earlier test."""
    for kept in lab.home.rglob("*.token"):
        kept.unlink()


def connect_to(sandbox) -> str:
    return CONNECT.format(base_url=sandbox.base_url, client_id=sandbox.clients["native"].client_id)


def panel_of(notebook: Notebook) -> Locator:
    return notebook.page.locator(".ninja-consent")


def link_of(notebook: Notebook) -> Locator:
    """The link of the panel, once it leads somewhere."""
    link = panel_of(notebook).get_by_role("link", name="Open NinjaOne and allow access")
    expect(link).to_have_attribute("href", re.compile("/ws/oauth/authorize"))
    return link


def open_consent(notebook: Notebook, context: BrowserContext, sandbox) -> Page:
    """The consent page in its new tab, after signing in."""
    link = link_of(notebook)
    with context.expect_page() as opened:
        link.click()
    tab = opened.value
    tab.get_by_label("Username").fill(sandbox.username)
    tab.get_by_label("Password").fill(sandbox.password)
    tab.get_by_role("button", name="Sign in").click()
    tab.get_by_role("heading", name="Allow access?").wait_for()
    return tab


def secrets_of(lab: Lab, addresses: list[str], *more: str) -> set[str]:
    """State, challenge, code and tokens of the consents of this test."""
    found = set()
    for address in [*addresses, *more]:
        query = parse_qs(urlsplit(address).query)
        if "state" in query:
            found |= {*query["state"], *query.get("code", []), *query.get("code_challenge", [])}
    for kept in lab.home.rglob("*.token"):
        token = json.loads(kept.read_text(encoding="utf-8"))
        found |= {token["access_token"], token["refresh_token"]}
    return found


def expect_no_secret(saved: str, secrets: set[str], *, at_least: int) -> None:
    assert len(secrets) >= at_least
    assert not [secret for secret in secrets if secret in saved]
    assert "/ws/oauth/authorize" not in saved


def test_a_person_connects_by_clicking_and_pulls_a_table(
    lab, open_notebook, context, sandbox, addresses
):
    notebook = open_notebook("click.ipynb", connect_to(sandbox), PULL)

    notebook.run(0)
    tab = open_consent(notebook, context, sandbox)
    tab.get_by_role("button", name="Allow").click()
    expect(panel_of(notebook)).to_contain_text("Connected: sandbox at")
    expect(panel_of(notebook)).to_contain_text(re.compile(r"access token good for \d\d:\d\d"))
    expect(notebook.cell(0)).to_contain_text("connected as sandbox")
    notebook.run(1)
    table = notebook.cell(1).locator("table")
    for row in sandbox.truth("organizations"):
        expect(table).to_contain_text(row["name"])

    # state, challenge, code, access token, refresh token
    expect_no_secret(notebook.save(), secrets_of(lab, addresses), at_least=5)


def test_a_person_pastes_the_address_while_the_cell_waits(lab, open_notebook, sandbox, addresses):
    notebook = open_notebook("paste.ipynb", connect_to(sandbox))

    notebook.run(0)
    url = link_of(notebook).get_attribute("href")
    box = panel_of(notebook).get_by_label("paste the whole address")
    box.fill("http://127.0.0.1/?code=stolen&state=of-another-session")
    box.press("Enter")
    expect(panel_of(notebook).get_by_role("alert")).to_be_visible()
    expect(box).to_have_value("")
    answer = sandbox.browse(url)
    box.fill(answer)
    box.press("Enter")
    expect(panel_of(notebook)).to_contain_text("Connected: sandbox at")
    expect(notebook.cell(0)).to_contain_text("connected as sandbox")

    expect_no_secret(notebook.save(), secrets_of(lab, addresses, url, answer), at_least=5)


def test_a_person_who_denies_reads_why_it_failed(lab, open_notebook, context, sandbox, addresses):
    notebook = open_notebook("deny.ipynb", connect_to(sandbox))

    notebook.run(0)
    tab = open_consent(notebook, context, sandbox)
    tab.get_by_role("button", name="Deny").click()
    expect(panel_of(notebook).get_by_role("status")).to_have_text("Not connected")
    expect(panel_of(notebook).get_by_role("alert")).to_be_visible()
    expect(notebook.cell(0)).to_contain_text("ConsentDeniedError")

    expect_no_secret(notebook.save(), secrets_of(lab, addresses), at_least=2)


def test_the_keyboard_alone_opens_the_link_and_cancels(open_notebook, context, sandbox):
    notebook = open_notebook("keyboard.ipynb", connect_to(sandbox))

    notebook.run(0)
    link = link_of(notebook)
    link.focus()
    with context.expect_page() as opened:
        notebook.page.keyboard.press("Enter")
    opened.value.get_by_label("Username").wait_for()
    notebook.page.bring_to_front()
    link.focus()
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")
    expect(panel_of(notebook).get_by_role("status")).to_have_text("Not connected")
    expect(notebook.cell(0)).to_contain_text("ConsentError")
