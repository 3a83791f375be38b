"""A report's files: all formats, hostile names, partial reports."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest

from ninja_analytics import exports
from ninja_analytics.errors import UnknownNameError
from ninja_analytics.exports.cells import FORMULA_STARTS
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.page import PAGE_ROWS
from tests.made_frames import NOW, fleet, typed
from tests.written import rows

HOSTILE = [
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '"><img src=x onerror=alert(1)>',
    "${7*7}{{7*7}}",
    "$\\frac{1}$",
    "]]>--><svg onload=alert(1)>",
    "a,b;c\nd",
]


def overview(frames=None, **parameters):
    frames = fleet(40, 6) if frames is None else frames
    return REPORTS["fleet_overview"].build(frames, now=NOW, **parameters)


def hostile_frames():
    """A fleet whose names all attack whoever shows them."""
    numbers = range(1, len(HOSTILE) + 1)
    place = [
        {"organization_id": n, "organization_name": h}
        for n, h in zip(numbers, HOSTILE, strict=True)
    ]
    machines = [
        {
            "device_id": n,
            "organization_id": n,
            "approval_status": "APPROVED",
            "node_class": h,
            "system_name": h,
            "last_contact_at": NOW,
        }
        for n, h in zip(numbers, HOSTILE, strict=True)
    ]
    return {
        "organizations": typed("organizations", place),
        "devices": typed("devices", machines, instance="<b>http://evil</b>", where="<i>"),
        "operating_systems": typed(
            "operating_systems",
            [{"device_id": n, "name": h} for n, h in zip(numbers, HOSTILE, strict=True)],
        ),
        "device_health": typed(
            "device_health", [{"device_id": n, "health_status": "UNHEALTHY"} for n in numbers]
        ),
        "alerts": typed(
            "alerts",
            [{"device_id": n, "subject": h} for n, h in zip(numbers, HOSTILE, strict=True)],
        ),
    }


def test_a_cell_of_a_page_reads_as_people_write_it():
    frame = pd.DataFrame(
        {
            "days": [1234.5, float("nan")],
            "devices": pd.array([12_345, None], dtype="Int64"),
            "healthy_share": [0.99999, float("nan")],
            "agent_id": [12_345, 7],
            "offline": pd.array([True, None], dtype="boolean"),
            "seen_at": [NOW, pd.NaT],
        }
    )
    cells = re.findall(r"<td[^>]*>(.*?)</td>", str(exports.table_html(frame)))
    assert cells[:6] == ["1,234.50", "12,345", "99.9 %", "12345", "yes", f"{NOW:%Y-%m-%d %H:%M}"]
    assert cells[6:] == ["", "", "", "7", "", ""]


def test_a_report_is_saved_in_all_formats_with_dated_names(tmp_path):
    report = overview()
    saved = report.save(tmp_path / "new" / "folder")
    assert list(saved) == ["html", "xlsx", "csv", "png", "manifest"]
    files = [path for paths in saved.values() for path in paths]
    assert all(path.name.startswith("fleet_overview_2026-11-23T1600Z") for path in files)
    assert sorted(files) == sorted((tmp_path / "new" / "folder").iterdir())
    assert len(saved["png"]) == len(report.charts)
    assert len(saved["csv"]) == len(report.tables) + 7


def test_only_the_formats_asked_for_are_written(tmp_path):
    assert list(overview().save(tmp_path, formats="csv")) == ["csv", "manifest"]
    with pytest.raises(UnknownNameError, match="html"):
        overview().save(tmp_path, formats=["htm"])


def test_the_same_frames_and_time_give_the_same_bytes(tmp_path):
    one, two = overview().save(tmp_path / "a"), overview().save(tmp_path / "b")
    for name, paths in one.items():
        for path, other in zip(paths, two[name], strict=True):
            assert path.read_bytes() == other.read_bytes(), path.name


def test_a_later_report_leaves_the_earlier_one_alone(tmp_path):
    overview().save(tmp_path, "html")
    later = REPORTS["fleet_overview"].build(fleet(10, 2), now=NOW + pd.Timedelta(minutes=1))
    later.save(tmp_path, "html")
    assert len(list(tmp_path.glob("*.html"))) == len(list(tmp_path.glob("*.json"))) == 2


def test_the_workbook_of_a_report_has_its_sheets_and_its_numbers(tmp_path):
    report = overview()
    [path] = report.save(tmp_path, "xlsx")["xlsx"]
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "Summary",
        "Actions",
        "Devices by organization",
        "Health by organization",
        "Operating systems",
        "Problem devices",
        "Stale devices",
        "Definitions",
        "Data quality",
        "Parameters",
    ]
    summary = {row[0]: row for row in book["Summary"].iter_rows(min_row=2, values_only=True)}
    healthy = report.kpi("devices_healthy")
    assert summary["devices_healthy"][3] == healthy.value
    assert summary["devices_healthy"][5:8] == (
        healthy.numerator,
        healthy.denominator,
        healthy.unknown,
    )
    assert book["Health by organization"]["G2"].number_format == "0.0%"
    assert book.properties.created == NOW.tz_localize(None).to_pydatetime()
    assert all(cells.freeze_panes == "A2" for cells in book)


def test_the_change_of_a_kpi_is_a_number_in_the_workbook_and_words_on_the_page(tmp_path):
    earlier = REPORTS["fleet_overview"].build(fleet(30, 6), now=NOW - pd.Timedelta(days=30))
    report = overview().since(earlier)
    saved = report.save(tmp_path, ["html", "xlsx"])
    rows = openpyxl.load_workbook(saved["xlsx"][0])["Summary"].iter_rows(values_only=True)
    head, *body = rows
    found = dict(zip(head, body[0], strict=True))
    managed = report.kpi("devices_managed")
    assert found["change"] == managed.value - managed.before != 0
    assert found["before_at"] == managed.before_at.tz_localize(None).to_pydatetime()
    assert managed.change in "".join(Page(saved["html"][0].read_text()).text)


def test_a_partial_report_says_so_in_every_format(tmp_path):
    frames = fleet(40, 6)
    del frames["alerts"]
    report = overview(frames)
    saved = report.save(tmp_path)
    assert "partial" in saved["html"][0].read_text()
    assert openpyxl.load_workbook(saved["xlsx"][0]).sheetnames[0] == "INCOMPLETE"
    assert all(rows(path)[0][0].startswith("# INCOMPLETE") for path in saved["csv"])
    assert "This report is partial" in report._repr_html_()


class Page(HTMLParser):
    """What a browser would meet in a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.addresses, self.labels = [], [], [], []
        self.script, self.policy = "", ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "xlink:href", "srcset", "action"):
                self.addresses.append(value)
            if name == "aria-label":
                self.labels.append(value)
        if ("http-equiv", "Content-Security-Policy") in attrs:
            self.policy = dict(attrs)["content"]

    def handle_data(self, data):
        if self.tags[-1:] == ["script"] and not self.script:
            self.script = data
        else:
            self.text.append(data)


@pytest.mark.parametrize("shown", ["page", "cell"])
def test_hostile_names_stay_text_in_html(tmp_path, shown):
    report = overview(hostile_frames())
    if shown == "page":
        [path] = report.save(tmp_path, "html")["html"]
        page = Page(path.read_text())
    else:
        page = Page(report._repr_html_())
    assert not {"img", "iframe", "object", "link", "form"} & set(page.tags)
    assert page.tags.count("script") == 1  # ours, which no name got into
    assert not [name for name in HOSTILE if name in page.script]
    assert page.tags.count("svg") == len(report.charts)
    assert "<script>alert(1)</script>" in "".join(page.text)
    assert "${7*7}{{7*7}}" in "".join(page.text)


def test_hostile_names_are_neutral_in_every_cell_of_csv_and_workbook(tmp_path):
    saved = overview(hostile_frames()).save(tmp_path, ["csv", "xlsx"])
    cells = [cell for path in saved["csv"] for row in rows(path) for cell in row]
    for one in openpyxl.load_workbook(saved["xlsx"][0]):
        cells += [cell for row in one.iter_rows(values_only=True) for cell in row]
    texts = [cell for cell in cells if isinstance(cell, str)]
    assert any("cmd|" in text for text in texts)
    assert not [text for text in texts if text.startswith(FORMULA_STARTS)]


def test_the_page_needs_nothing_from_outside(tmp_path):
    [path] = overview().save(tmp_path, "html")["html"]
    text = path.read_text()
    page = Page(text)
    assert all(address.startswith("#") for address in page.addresses)
    assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttpRequest|import\(", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_a_browser_lets_the_page_load_nothing_and_run_its_own_script_only(tmp_path):
    [path] = overview().save(tmp_path, "html")["html"]
    page = Page(path.read_text())
    digest = b64encode(sha256(page.script.encode()).digest()).decode()
    rules = dict(rule.split(" ", 1) for rule in page.policy.split("; "))
    assert rules["default-src"] == rules["form-action"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert rules.get("connect-src") is None


def test_every_chart_of_the_page_has_its_alt_text(tmp_path):
    report = overview()
    [path] = report.save(tmp_path, "html")["html"]
    labels = Page(path.read_text()).labels
    assert {chart.alt for chart in report.charts.values()} <= set(labels)


def test_the_page_tells_time_instance_parameters_and_version(tmp_path):
    report = overview(organizations=[1, 3], active_days=14)
    [path] = report.save(tmp_path, "html")["html"]
    text = "".join(Page(path.read_text()).text)
    assert "2026-11-23 16:00 UTC · http://127.0.0.1:8724" in text
    assert "organizations: 1, 3" in text
    assert "active_days: 14" in text
    assert f"ninja_analytics {report.version}" in text


def test_a_long_table_is_cut_on_the_page_and_says_where_the_rest_is(tmp_path):
    report = overview(fleet(900, PAGE_ROWS + 20))
    [path] = report.save(tmp_path, "html")["html"]
    total = len(report.tables["devices_by_organization"])
    assert total > PAGE_ROWS
    assert f"The first {PAGE_ROWS} of {total} rows" in path.read_text()
    table = tmp_path / f"{report.stem}_fact_devices_by_organization.csv"
    report.save(tmp_path, "csv")
    assert len(rows(table)) == total + 1


@pytest.mark.parametrize("columns", [8, 9, 10, 16, 30])
def test_a_table_of_many_columns_has_room_for_all_of_them_on_paper(columns):
    frame = pd.DataFrame({f"organization {at}": ["WINDOWS_WORKSTATION x"] for at in range(columns)})
    rooms = [int(room) for room in re.findall(r"--na-room: (\d+)", str(exports.table_html(frame)))]
    assert len(rooms) == (columns if columns > 8 else 0)
    assert sum(rooms) + len(rooms) <= 145
    assert columns != 10 or set(rooms) == {12}  # organization is whole, WORKSTATION as well


def test_the_cell_of_a_notebook_stays_small_and_styles_only_itself():
    text = overview(fleet(5000, 200))._repr_html_()
    assert len(text) < 500_000
    for style in re.findall(r"<style>(.*?)</style>", text, re.S):
        bare = re.sub(r"/\*.*?\*/|@(?:media|container)[^{]*\{", "", style, flags=re.S)
        rules = re.sub(r"\{[^{}]*\}", "", bare)
        selectors = [one.strip() for one in re.split(r"[,\n}]", rules) if one.strip()]
        assert selectors
        assert all(".na-report" in one for one in selectors), selectors


def test_a_chart_of_a_report_shows_itself():
    chart = overview().charts["last_contact"]
    assert Page(chart._repr_html_()).labels == [chart.alt]


@pytest.mark.parametrize("devices", [1, 40])
def test_a_folded_table_of_a_cell_says_its_rows_as_a_person_does(devices):
    report = overview(fleet(devices, 3))
    told = re.findall(r'<span class="na-quiet">([\d,]+) (rows?)</span>', report._repr_html_())

    assert [(int(count), word) for count, word in told] == [
        (len(table), "row" if len(table) == 1 else "rows")
        for table in report.tables.values()
        if len(table)
    ]


def test_a_cell_says_where_the_rest_of_the_actions_is_and_where_that_of_the_tables():
    cell = overview(fleet(900, 30))._repr_html_()
    assert "all of them: report.actions, or report.save(" in cell
    assert "all of them: report.tables, or report.save(" in cell
