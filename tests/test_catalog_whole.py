"""The catalogue as a whole: every GET of NinjaOne's specification is a table or left out, with why."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from ninja_analytics.catalog import LEFT_OUT, SUBJECTS, TABLES


def anonymous(path):
    """*path* without the names of its parts, which the catalogue names in its own way."""
    return re.sub(r"{[\w-]+}", "{}", path)


OURS = Counter(anonymous(table.path) for table in TABLES.values())
THEIRS = Counter(anonymous(row.path) for row in LEFT_OUT)


def test_everything_that_can_be_read_is_a_table_or_left_out_with_a_reason(spec):
    read = [path for path, verbs in spec["paths"].items() if "get" in verbs]
    places = {path: OURS[anonymous(path)] + THEIRS[anonymous(path)] for path in read}

    assert len(read) > 100
    assert [path for path, count in places.items() if count == 0] == []
    assert [path for path, count in places.items() if count > 1] == []


def test_the_catalogue_knows_no_path_that_the_specification_lacks(spec):
    documented = {anonymous(path) for path in spec["paths"]}

    assert set(OURS) - documented == set()
    assert {row.path for row in LEFT_OUT} - set(spec["paths"]) == set()


def test_what_is_no_get_says_so_and_nothing_else_does(spec):
    for row in LEFT_OUT:
        assert ("get" in spec["paths"][row.path]) == (row.reason != "not a GET"), row.path


@pytest.mark.parametrize("row", LEFT_OUT, ids=lambda row: row.path)
def test_what_is_left_out_names_the_table_that_has_it_or_says_why_it_is_none(row):
    if row.table:
        assert row.table in TABLES
    else:
        assert row.why or row.reason in ("download", "signed URL")


def test_every_table_has_one_subject_and_a_name_of_its_own():
    counts = Counter(table.name for tables in SUBJECTS.values() for table in tables)

    assert set(counts.values()) == {1}
    assert set(counts) == set(TABLES)


def test_where_it_is_unknown_what_a_table_needs_or_holds_the_catalogue_says_so():
    unsure = {table.name for table in TABLES.values() if table.known == "unknown"}
    vague = {table.name for table in TABLES.values() if not table.shape_known}

    assert {"tickets", "billing_invoices", "documents", "software_licenses"} <= unsure
    assert "devices" not in unsure
    assert {"billing_accounts", "asset_relations", "role_tabs"} <= vague
    assert "documents" not in vague
