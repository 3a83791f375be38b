from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import cycle, islice

import pytest
from playwright.sync_api import Browser

from ninja_analytics.reports import REPORTS
from tests.made_frames import NOW, fleet

WIDER = "element => element.scrollWidth > element.clientWidth + 1"


@pytest.fixture(scope="module", params=[(0, 0), (40, 6), (2000, 120)], ids=str)
def saved(request, tmp_path_factory):
    """The HTML file of a report."""
    report = REPORTS["fleet_overview"].build(fleet(*request.param), now=NOW)
    [path] = report.save(tmp_path_factory.mktemp("page"), "html")["html"]
    return path


@pytest.fixture
def shown(browser: Browser, saved):
    """A maker of open pages, which fails the test on console messages and outside requests."""
    heard, asked, contexts = [], [], []

    def open_page(width, **look):
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}, **look))
        page = contexts[-1].new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(saved.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert heard == []
    assert {url for url in asked if url != saved.as_uri()} == set()


@pytest.mark.parametrize("width", [320, 390, 800, 1280])
def test_nothing_of_a_report_is_wider_than_the_screen(shown, width):
    page = shown(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.locator("h1, h2, h3, p, dt, dd, figcaption").evaluate_all(
        f"all => all.filter({WIDER}).map(element => element.textContent)"
    )
    assert cut == []


def test_on_paper_no_table_and_no_chart_is_cut(shown):
    # A4 without its margins, in CSS pixels.
    page = shown(695)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") <= 695
    assert page.locator(".na-box, .na-draw").evaluate_all(f"all => all.filter({WIDER}).length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_and_text_have_the_ink_of_the_scheme(shown, scheme):
    page = shown(1000, color_scheme=scheme)
    # A chart with nothing to show is a sentence and no drawing.
    inks = page.evaluate(
        """() => [...document.querySelectorAll(".na-report, .na-chart svg")].map(
            one => getComputedStyle(one).color)"""
    )
    assert len(set(inks)) == 1
    brightness = sum(int(part) for part in inks[0].strip("rgb()").split(","))
    assert (brightness > 600) == (scheme == "dark")


@pytest.mark.parametrize(
    ("cards", "rows"), [(1, [1]), (6, [6]), (7, [4, 3]), (8, [4, 4]), (13, [5, 5, 3])]
)
def test_no_card_is_left_alone_in_a_row(context, tmp_path, cards, rows):
    report = REPORTS["fleet_overview"].build(fleet(8, 2), now=NOW)
    told = [kpi for kpi in report.kpis if kpi.value is not None]
    report = replace(report, kpis=tuple(islice(cycle(told), cards)))
    [path] = report.save(tmp_path, "html")["html"]
    page = context.new_page()

    page.set_content(path.read_text("utf-8"))

    tops = page.locator(".na-kpi").evaluate_all("all => all.map(card => card.offsetTop)")
    assert list(Counter(tops).values()) == rows
