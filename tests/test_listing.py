"""The catalogue as it is told: the list, one table, the page of docs; nothing is left unsaid."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from ninja_analytics import listing
from ninja_analytics.catalog import LEFT_OUT, SUBJECTS, TABLES
from ninja_analytics.frames import frame
from ninja_analytics.listing.facts import DTYPES, walked
from tests.commands import ninja_analytics
from tests.conftest import ROOT

tables = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())


class Reader(HTMLParser):
    """The text of HTML, and its tags as they open and close."""

    def __init__(self, markup):
        super().__init__()
        self.open, self.said = [], []
        self.feed(markup)

    def handle_starttag(self, tag, _attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data.strip("\N{EM SPACE}"))


def test_the_page_of_the_docs_is_what_the_catalogue_says_now():
    page = ROOT / "docs" / "tables.md"

    assert page.read_text(encoding="utf-8") == listing.page(), (
        "Write it anew: python -m ninja_analytics tables --markdown > docs/tables.md"
    )


def test_the_page_has_a_line_for_every_table_and_for_all_that_is_left_out():
    lines = listing.page().splitlines()

    for table in TABLES.values():
        assert sum(line.startswith(f"| `{table.name}`") for line in lines) == 1, table.name
    for row in LEFT_OUT:
        assert any(line.startswith(f"| `{row.path}` | {row.reason}") for line in lines), row.path
    columns = {line.count(" | ") for line in lines if line.startswith("| `") and "/v2" not in line}
    assert columns == {5}


def test_the_command_prints_the_page_and_says_that_it_is_of_all_tables():
    assert ninja_analytics("tables", "--markdown").output == listing.page()
    assert ninja_analytics("tables", "volumes", "--markdown").exit_code == 2


def test_the_list_has_every_table_under_its_subject_and_fits_the_terminal():
    lines = listing.tables(80).splitlines()

    assert [line[2:] for line in lines if line.startswith("# ")] == list(SUBJECTS)
    named = [line.split()[0] for line in lines if re.match(r"[a-z]", line)]
    assert named == [table.name for found in SUBJECTS.values() for table in found]
    assert max(map(len, lines)) <= 80


@tables
def test_one_table_is_told_whole_in_eighty_columns(table):
    told = listing.one_table(table, 80)
    words = " ".join(told.split())

    assert max(map(len, told.splitlines())) <= max(80, 12 + len(table.path))
    assert table.holds in words
    for one in (*table.parameters, *(column for _, column in walked(table.columns))):
        assert re.search(rf"^ +{one.name}\b", told, re.MULTILINE), one.name
    units = [column.unit for _, column in walked(table.columns) if column.unit]
    assert all(f"[{unit}]" in words for unit in units)
    for said in (table.path, f"scope {table.scope}", *table.per, *table.row_key):
        assert said in words


@tables
def test_one_table_is_told_whole_in_a_notebook_and_its_markup_is_closed(table):
    reader = Reader(listing.one_table_html(table))

    assert reader.open == []
    for _, column in walked(table.columns):
        assert {column.name, column.meaning} <= set(reader.said)
    assert {table.holds, table.path} <= {said.strip() for said in reader.said}


def test_the_list_in_a_notebook_names_every_table_and_its_markup_is_closed():
    reader = Reader(listing.tables_html())

    assert reader.open == []
    assert set(TABLES) <= set(reader.said)


def test_columns_of_nested_rows_stand_under_theirs_and_further_in():
    lines = listing.one_table(TABLES["checklists"], 80).splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("  tasks "))

    assert lines[place + 1].startswith("    task_id ")


def test_what_nobody_knows_is_said_and_what_is_known_is_not_doubted():
    assert "not known" in listing.one_table(TABLES["documents"])
    assert "not known" not in listing.one_table(TABLES["devices"])
    assert "does not document its rows" in " ".join(
        listing.one_table(TABLES["billing_invoices"]).split()
    )


@pytest.mark.parametrize("kind", ["id", "integer", "number", "text", "category", "boolean", "time"])
def test_the_dtypes_told_are_those_that_frames_have(kind):
    column = next(c for t in TABLES.values() for c in t.columns if c.kind == kind and not t.per)
    table = next(t for t in TABLES.values() if column in t.columns and not t.per)
    empty, _ = frame(table, [])

    assert str(empty[column.name].dtype) == DTYPES[kind]


def test_a_table_of_the_shelf_shows_itself_and_is_a_table_of_the_catalogue(ninja):
    volumes = ninja.tables["volumes"]

    assert repr(volumes) == listing.one_table(TABLES["volumes"])
    assert volumes._repr_html_() == listing.one_table_html(TABLES["volumes"])
    assert (volumes.path, volumes.columns) == (TABLES["volumes"].path, TABLES["volumes"].columns)
    assert repr(ninja.tables) == listing.tables()
    assert ninja.tables._repr_html_() == listing.tables_html()
