"""A report in JupyterLab and on its page: nothing covers anything, nothing is cut off."""

from __future__ import annotations

from itertools import combinations

import pytest
from playwright.sync_api import BrowserContext

from ninja_analytics.reports import REPORTS
from tests.made_frames import NOW, fleet
from tests.test_reports_star import made

WIDER = "element => element.scrollWidth > element.clientWidth + 1"
SHOW = """\
import ninja_analytics as na

ninja = na.connect(base_url={base_url!r}, client_id={client_id!r}, client_secret={client_secret!r},
                   platform="api-services", interactive=False)
ninja.report("fleet_overview")"""

# The place of every text in the headline numbers: x, y, width, height.
BOXES = """cards => cards.flatMap(card => [...card.querySelectorAll("dt, dd")].map(part => {
  const text = document.createRange(); text.selectNodeContents(part);
  const at = text.getBoundingClientRect();
  return [at.x, at.y, at.width, at.height]; }))"""
LINES = """values => values.map(value => {
  const text = document.createRange(); text.selectNodeContents(value);
  return text.getClientRects().length; })"""


def overlaps(one: list[float], other: list[float]) -> bool:
    """Whether two boxes share more than a hair's breadth."""
    shared = [
        min(one[at] + one[at + 2], other[at] + other[at + 2]) - max(one[at], other[at])
        for at in (0, 1)
    ]
    return min(shared) > 1


def test_the_headline_numbers_stand_clear_of_each_other_in_jupyterlab(open_notebook, sandbox):
    client = sandbox.clients["api-services"]
    cell = SHOW.format(
        base_url=sandbox.base_url, client_id=client.client_id, client_secret=client.client_secret
    )
    notebook = open_notebook(cell)

    notebook.run(0)
    cards = notebook.page.locator(".na-report .na-kpi")
    cards.first.wait_for()

    boxes = cards.evaluate_all(BOXES)
    assert len(boxes) > 12
    assert not [pair for pair in combinations(boxes, 2) if overlaps(*pair)]
    assert set(cards.locator(".na-value").evaluate_all(LINES)) == {1}


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_the_page_never_scrolls_sideways(context: BrowserContext, tmp_path, width):
    report = REPORTS["fleet_overview"].build(fleet(400, 12), now=NOW)
    (file,) = report.save(tmp_path, formats="html")["html"]
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 900})

    page.set_content(file.read_text(encoding="utf-8"))

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    boxes = page.locator(".na-kpi").evaluate_all(BOXES)
    assert not [pair for pair in combinations(boxes, 2) if overlaps(*pair)]


@pytest.mark.parametrize("name", REPORTS)
def test_no_report_is_wider_than_a_phone_or_than_paper(context: BrowserContext, tmp_path, name):
    report = made(name)
    (file,) = report.save(tmp_path, formats="html")["html"]
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 900})
    page.set_content(file.read_text(encoding="utf-8"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    values = page.locator(".na-value").evaluate_all(f"all => all.filter({WIDER}).length")
    assert values == 0

    # A4 without its margins, in CSS pixels.
    page.set_viewport_size({"width": 695, "height": 900})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 695
    assert page.locator(".na-box, .na-draw").evaluate_all(f"all => all.filter({WIDER}).length") == 0
