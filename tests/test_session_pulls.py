"""Whole tables through a session: whatever goes wrong on the way, no row is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ninja_analytics import errors
from ninja_analytics.catalog import TABLES
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.session import Session
from ninja_analytics.tables import fetch
from tests.sandbox_client import parts_of, truth_of
from tests.sessions import Keeper, session


@pytest.fixture
def faulty(fresh_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox of the test's own, for its faults and switches."""
    return fresh_sandbox(devices=30, seed=7)


def rows_of(sandbox: Sandbox, table: str, get: Callable[..., bytes]) -> tuple[int, int]:
    asked = parts_of(sandbox, TABLES[table])
    return len(fetch(get, table, **asked)), len(truth_of(sandbox, TABLES[table]))


@pytest.mark.parametrize("table", TABLES)
def test_every_table_comes_whole_from_the_sandbox(faulty, table):
    pulled, there = rows_of(faulty, table, session(faulty).get)

    assert pulled == there > 0


@pytest.mark.parametrize("end", ["empty-name", "missing", "null", "empty-object", "empty-page"])
@pytest.mark.parametrize("page_size", [None, 50, 7])
def test_a_query_comes_whole_however_its_cursor_ends(faulty, end, page_size):
    faulty.switch(cursor_end=end, page_size=page_size)

    pulled, there = rows_of(faulty, "volumes", session(faulty).get)

    assert pulled == there


@pytest.mark.parametrize("table", ["devices", "volumes", "activities"])
@pytest.mark.parametrize("kind", ["429", "502", "drop", "cut", "html"])
def test_a_fault_in_the_middle_loses_no_row(faulty, table, kind):
    faulty.switch(page_size=20 if table != "activities" else 1000)
    faulty.fault(kind, after=1)

    pulled, there = rows_of(faulty, table, session(faulty).get)

    assert pulled == there


def test_a_page_that_the_cursor_left_behind_is_asked_for_again_from_the_beginning(faulty):
    faulty.switch(page_size=20)
    faulty.fault("502", after=1, loses=True)

    data = fetch(session(faulty).get, "volumes")

    assert len(data) == len(faulty.truth("volumes"))
    assert data.attrs["ninja"]["restarts"] == 1


@pytest.mark.parametrize(
    ("kind", "where"), [("wrong-type", "retyped"), ("unknown-field", "unknown")]
)
def test_a_surprise_in_one_page_is_told_and_costs_no_row(faulty, kind, where):
    faulty.switch(page_size=20)
    faulty.fault(kind, after=1)

    with pytest.warns(errors.DriftWarning):
        data = fetch(session(faulty).get, "volumes")

    assert len(data) == len(faulty.truth("volumes"))
    assert data.attrs["ninja"]["drift"][where]


def test_explicit_nulls_are_the_same_as_absent_keys(faulty):
    faulty.switch(explicit_nulls=False)
    absent = fetch(session(faulty).get, "devices_detailed")
    faulty.switch(explicit_nulls=True)
    null = fetch(session(faulty).get, "devices_detailed")
    faulty.switch(explicit_nulls=False)

    assert absent.equals(null)


def test_a_token_that_dies_in_the_middle_of_a_pull_is_renewed(faulty):
    faulty.switch(page_size=20)
    keeper = Keeper(faulty)
    reader = Session(faulty.base_url, keeper)
    calls = []

    def get(path: str, params: Any) -> bytes:
        calls.append(path)
        if len(calls) == 3:
            faulty.revoke_grants()
        return reader.get(path, params)

    assert len(fetch(get, "volumes")) == len(faulty.truth("volumes"))
    assert keeper.renewed == 1
