"""The panel after the consent, before there is a profile, and in the light and the dark."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.person import (
    ROWS,
    Canaries,
    address_of,
    allow,
    connect,
    expect_connected,
    expect_status,
    link_of,
)

FORM = """\
import ninja_analytics as na

ninja = na.connect("fresh")
print("connect() is back:", ninja.profile.name)"""
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# Texts of the panel whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3).
UNREADABLE = """panel => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = color => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const behind = part => {
    for (let at = part; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const light = color => {
    const [r, g, b] = color.slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const hasText = part => [...part.childNodes].some(one => one.nodeType === 3 && one.data.trim());
  return [...panel.querySelectorAll("*")]
    .filter(part => hasText(part) && part.checkVisibility() && !part.disabled)
    .map(part => {
      const [dim, bright] = [light(rgba(getComputedStyle(part).color)), light(behind(part))]
        .sort((one, other) => one - other);
      return [part.textContent, (bright + 0.05) / (dim + 0.05)];
    })
    .filter(([, contrast]) => contrast < 4.5);
}"""

# Words in a column of terms, or on a button, that take more than a line.
BROKEN = """panel => [...panel.querySelectorAll("dt, button, .open")]
  .filter(part => part.checkVisibility())
  .filter(part => {
    const text = document.createRange();
    text.selectNodeContents(part);
    return text.getClientRects().length > 1;
  })
  .map(part => part.textContent)"""


def eventually(claim: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until *claim* holds."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline


def test_a_connection_is_refreshed_ended_and_begun_again_in_one_panel(place, tenant):
    notebook, canaries = place.open(connect(tenant), ROWS), Canaries(place)
    panel = notebook.panel(0)
    button = lambda name: panel.get_by_role("button", name=name, exact=True)  # noqa: E731

    notebook.run(0)
    allow(panel)
    expect_connected(panel)
    expect(panel.locator(".token")).to_contain_text(re.compile("good for (1:00:00|59:)"))
    canaries.gather()

    tenant.switch(token_lifetime=600)
    button("Refresh now").click()
    expect(panel.locator(".token")).to_contain_text(re.compile("good for (10:00|09:)"))
    expect(panel.locator(".age")).to_be_visible()
    canaries.gather()

    button("Disconnect").click()
    expect_status(panel, "signed-out", "Signed out")
    assert [seen["status"] for seen in tenant.requests() if seen["path"].endswith("revoke")]
    button("Connect").click()
    allow(panel)
    expect_connected(panel)
    notebook.run(1)
    expect(notebook.output(1).locator("table")).to_be_visible()
    canaries.expect_none_in(notebook, at_least=12)


def test_the_first_run_asks_who_connects_and_what_was_wrong(place, tenant):
    notebook, canaries = place.open(FORM), Canaries(place)
    panel = notebook.panel()

    notebook.run(0)
    expect_status(panel, "form", "Set up a connection")
    panel.get_by_label("Instance", exact=True).select_option("Other host…")
    panel.get_by_label("Host", exact=True).fill(tenant.base_url)
    panel.get_by_label("Client ID").fill("nobody-knows-me")
    panel.get_by_role("button", name="Connect", exact=True).click()
    expect(panel.get_by_role("alert")).to_contain_text("no client app")
    expect_status(panel, "form")
    expect(panel.get_by_label("Host", exact=True)).to_have_value(tenant.base_url)

    panel.get_by_label("Client ID").fill(tenant.clients["native"].client_id)
    panel.get_by_role("button", name="Connect", exact=True).click()
    allow(panel)
    expect_connected(panel, "fresh")
    if not place.is_voila:
        expect(notebook.output(0)).to_contain_text("run this cell again")
        notebook.run(0)
        expect(notebook.output(0)).to_contain_text("connect() is back: fresh")
        expect_connected(panel, "fresh")
    canaries.expect_none_in(notebook, at_least=5)


def test_a_waiting_panel_leaves_no_link_in_the_file_and_is_back_after_a_reload(lab, tenant):
    lab.end_kernel()  # JupyterLab learns to talk to a busy kernel while the first cell runs
    notebook = lab.open(connect(tenant))
    panel = notebook.panel(0)
    notebook.run(0)
    link = address_of(panel)
    eventually(lambda: "/ws/oauth/authorize" not in notebook.saved())

    lab.reload(notebook)
    lab.interrupt()  # a busy kernel does not tell a new page of its widgets
    assert address_of(panel) == link
    allow(panel)
    expect_connected(panel)
    assert "/ws/oauth/authorize" not in notebook.saved()


def test_panels_on_one_page_keep_their_labels_apart(lab, tenant):
    notebook = lab.open(*(connect(tenant, wait=0, name=name) for name in ("one", "two")))
    for number in (0, 1):
        notebook.run(number)
        link_of(notebook.panel(number))

    for number in (0, 1):
        box = notebook.panel(number).get_by_role("textbox")
        expect(box).to_have_accessible_name(re.compile("paste the whole address"))


def test_a_session_that_cannot_be_refreshed_says_when_it_ends_and_offers_no_refresh(lab, tenant):
    notebook = lab.open(connect(tenant, "single-page", wait=0))
    panel = notebook.panel(0)
    notebook.run(0)
    allow(panel)
    expect_connected(panel)

    expect(panel.locator(".note")).to_contain_text(re.compile("this session ends at .* UTC"))
    expect(panel.locator(".token")).to_contain_text("then this session ends")
    expect(panel.get_by_role("button", name="Disconnect")).to_be_visible()
    expect(panel.get_by_role("button", name="Refresh now")).to_be_hidden()


@pytest.mark.parametrize("theme", THEMES)
def test_every_state_can_be_read_in_the_light_and_in_the_dark(lab, tenant, pictures, theme):
    notebook = lab.open(FORM, connect(tenant, wait=0))
    lab.wear(THEMES[theme])
    form, panel = notebook.panel(0), notebook.panel(1)

    def look(name: str, number: int) -> None:
        seen = notebook.panel(number)
        assert seen.evaluate(UNREADABLE) == []
        assert seen.evaluate(BROKEN) == []
        assert seen.evaluate("it => it.scrollWidth <= it.clientWidth")
        if pictures:
            notebook.cell(number).screenshot(path=pictures / f"{name}-{theme}.png")

    if pictures:
        notebook.page.set_viewport_size({"width": 1100, "height": 1500})
    notebook.run(0)
    expect_status(form, "form")
    look("form", 0)
    notebook.run(1)
    link_of(panel)
    look("waiting", 1)
    panel.get_by_role("button", name="Cancel").click()
    expect_status(panel, "failed")
    look("failed", 1)
    panel.get_by_role("button", name="Connect", exact=True).click()
    allow(panel)
    expect_connected(panel)
    look("connected", 1)
