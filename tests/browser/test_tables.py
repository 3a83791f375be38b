"""Long tables on a page and in JupyterLab: sorted and searched by mouse and by keyboard."""

from __future__ import annotations

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from ninja_analytics import exports
from tests.made_frames import NOW

DEVICES = [5, 1200, None, 40, 300, 7, 9, 11, 13, 15, 17, 19, 21, 23]
FEW = ["A-10", "A-9", "Ä-1"]
# Two reports with a long table each, of which nothing may mix.
TWO = """\
from dataclasses import replace
from tests.made_frames import NOW, fleet
from ninja_analytics.reports import REPORTS
made = [REPORTS["fleet_overview"].build(fleet(90, 20, seed), now=NOW) for seed in (1, 2)]
display(*(replace(one, charts={}) for one in made))"""


@pytest.fixture
def frame():
    """Fourteen rows whose texts do not say in which order they are."""
    return pd.DataFrame(
        {
            "device": [*FEW, *(f"B-{number:02}" for number in range(11))],
            "devices": pd.array(DEVICES, dtype="Int64"),
            "healthy_share": [0.99991 + at / 1_000_000 * (-1) ** at for at in range(14)],
            "last_contact_at": [NOW - pd.Timedelta(days=at * 7 % 13) for at in range(14)],
        }
    )


@pytest.fixture
def shown(browser: Browser, frame, tmp_path):
    """The page of the frame; the test fails on console messages and outside requests."""
    file = exports.export(frame, tmp_path / "devices.html")
    heard, asked = [], []
    context = browser.new_context(viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert heard == []
    assert asked == [file.as_uri()]


def column(page: Page, at: int) -> list[str]:
    cells = page.locator(f".na-box >> nth=0 >> tbody tr:not([hidden]) td:nth-child({at})")
    return cells.all_text_contents()


def head(page: Page, name: str):
    return page.get_by_role("columnheader", name=name, exact=True)


def test_a_click_sorts_by_value_a_second_one_turns_it_and_a_third_takes_it_back(shown, frame):
    before = column(shown, 2)
    button = head(shown, "devices").get_by_role("button")
    ordered = [f"{number:,}" for number in sorted(filter(None, DEVICES))]

    button.click()
    assert column(shown, 2) == [*ordered, ""]
    expect(head(shown, "devices")).to_have_attribute("aria-sort", "ascending")
    button.click()
    assert column(shown, 2) == [*ordered[::-1], ""]  # nothing comes last, whichever way
    expect(head(shown, "devices")).to_have_attribute("aria-sort", "descending")
    button.click()
    assert column(shown, 2) == before
    expect(head(shown, "devices")).to_have_attribute("aria-sort", "none")


def test_shares_that_read_alike_are_sorted_by_what_they_are(shown, frame):
    assert set(column(shown, 3)) == {"99.9 %"}

    head(shown, "healthy share").get_by_role("button").click()

    expected = frame.sort_values("healthy_share")["device"].to_list()
    assert column(shown, 1) == expected


def test_times_and_names_are_sorted_as_people_read_them(shown, frame):
    head(shown, "last contact").get_by_role("button").click()
    times = column(shown, 4)
    assert times == sorted(times)
    assert times != [f"{at:%Y-%m-%d %H:%M}" for at in frame["last_contact_at"]]

    head(shown, "device").get_by_role("button").click()
    assert column(shown, 1)[:3] == ["Ä-1", "A-9", "A-10"]
    expect(head(shown, "last contact")).to_have_attribute("aria-sort", "none")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_sorts_too(shown, key):
    button = head(shown, "devices").get_by_role("button")
    button.focus()
    shown.keyboard.press(key)
    assert column(shown, 2)[0] == "5"
    expect(button).to_be_focused()


def test_a_search_leaves_the_rows_with_all_words_and_counts_them(shown):
    field = shown.get_by_role("searchbox")
    status = shown.get_by_role("status")

    field.fill("b-0 11-2")
    found = column(shown, 1)
    assert 1 < len(found) < 14
    assert all(name.startswith("B-0") for name in found)
    expect(status).to_have_text(f"{len(found)} of 14 rows match")
    field.fill("<b>nothing</b>")
    assert column(shown, 1) == []
    expect(status).to_have_text("0 of 14 rows match")
    field.fill("")
    assert len(column(shown, 1)) == 14
    expect(status).to_have_text("")


def test_a_search_holds_while_the_table_is_sorted(shown):
    shown.get_by_role("searchbox").fill("b-")
    head(shown, "devices").get_by_role("button").click()
    assert column(shown, 2)[:2] == ["7", "9"]
    assert len(column(shown, 1)) == 11


def test_paper_shows_all_rows_and_no_tools(shown):
    shown.get_by_role("searchbox").fill("a-9")
    shown.emulate_media(media="print")
    expect(shown.get_by_role("searchbox")).to_be_hidden()
    assert shown.locator("tbody >> nth=0 >> tr:visible").count() == 14


def test_a_short_table_has_no_tools_and_a_long_one_is_whole_without_script(
    browser: Browser, frame, tmp_path
):
    short = exports.export(frame.head(12), tmp_path / "short.html")
    whole = exports.export(frame, tmp_path / "whole.html")
    for file, script, count in ((short, True, 12), (whole, False, 14)):
        context = browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.locator("tbody >> nth=0 >> tr:visible").count() == count
        assert page.locator("button, input").count() == 0
        context.close()


def test_two_reports_in_jupyterlab_sort_and_search_each_for_itself(open_notebook, pictures):
    notebook = open_notebook(TWO)
    notebook.run(0)
    reports = notebook.page.locator(".na-report")
    expect(reports).to_have_count(2)
    first, second = (
        reports.nth(at).locator("details", has_text="Devices by organization") for at in (0, 1)
    )
    for one in (first, second):
        one.locator("summary").click()
        expect(one.get_by_role("searchbox")).to_have_count(1)
    rows = second.locator("tbody tr:visible").count()

    # Letters that are shortcuts of JupyterLab: d twice would delete the cell.
    first.get_by_role("searchbox").click()
    notebook.page.keyboard.type("dd")
    expect(first.get_by_role("searchbox")).to_have_value("dd")
    expect(first.get_by_role("status")).to_contain_text("rows match")
    first.get_by_role("searchbox").fill("")
    first.get_by_role("columnheader", name="devices", exact=True).get_by_role("button").focus()
    notebook.page.keyboard.press("Enter")
    ascending = first.locator("tbody tr td:nth-child(2)").all_text_contents()

    aligned = first.locator("tbody tr:first-child td").evaluate_all(
        "cells => cells.slice(0, 2).map(cell => getComputedStyle(cell).textAlign)"
    )
    assert aligned == ["left", "right"]
    assert ascending == sorted(ascending, key=int)
    expect(reports).to_have_count(2)
    assert second.locator("tbody tr:visible").count() == rows
    assert second.locator('[aria-sort="ascending"]').count() == 0
    if pictures:
        notebook.page.screenshot(path=str(pictures / "report-in-lab.png"))
