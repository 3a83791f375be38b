"""How many requests a run will make: counted, estimated, or at least."""

from __future__ import annotations

import pytest

import ninja_analytics as na
from ninja_analytics.preflight import preflight
from tests.preflights import answers, asked, says
from tests.test_schedule import write


@pytest.fixture
def book(tmp_path):
    """A maker of notebooks of code cells, the first of them tagged `parameters`."""
    return lambda *cells, **how: write(tmp_path / "fleet.ipynb", *cells, **how)


def test_it_counts_the_requests_that_the_run_then_makes(fresh_sandbox, machine, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    sandbox.switch(page_size=40)
    name = machine(sandbox)

    found = preflight("fleet_overview", name, tmp_path / "out")
    sandbox.forget_requests()
    na.connect(name).report("fleet_overview")

    made = len(asked(sandbox))
    assert made > 6
    assert abs(found.requests - made) <= 3  # an estimate where two pages are not all
    assert "about" in says(found, "requests")


def test_where_the_first_pages_are_all_the_number_is_exact(fresh_sandbox, machine, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    cell = "for name in ninja.table('devices').system_name: print(name)\nninja.table('roles')"

    found = preflight(book(cell), machine(sandbox), tmp_path / "out")
    sandbox.forget_requests()
    ninja = na.connect("acme")
    assert len(ninja.table("devices")) * len(ninja.table("roles"))

    assert found.requests == len(asked(sandbox)) == 3
    assert says(found, "requests") == "The pull needs 3 requests as things are now."


def test_an_estimate_goes_by_the_rows_that_a_device_has(fresh_sandbox, machine, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    sandbox.switch(page_size=300)
    machine(sandbox)
    rows = len(sandbox.truth("software"))

    found = preflight(book("ninja.table('software')"), "acme", tmp_path)

    assert rows / 300 > 8
    assert found.requests == pytest.approx(rows / 300, rel=0.5)
    assert "about" in says(found, "requests")


@pytest.mark.parametrize(
    "cell",
    [
        "ninja.table('activities')",
        "[ninja.table(name) for name in names]",
        "ninja.table('roles')\nninja.report(chosen)",
        "def pull():\n    return ninja.table('roles')",
    ],
)
def test_what_cannot_be_known_beforehand_is_at_least(fresh_sandbox, machine, book, tmp_path, cell):
    sandbox = fresh_sandbox(devices=60)
    sandbox.switch(page_size=40)

    found = preflight(book(cell), machine(sandbox), tmp_path)

    assert found.ok
    assert "at least" in says(found, "requests")


def test_a_fleet_too_large_to_be_walked_is_at_least(fresh_sandbox, machine, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    sandbox.switch(page_size=4)

    found = preflight(book("ninja.table('devices')"), machine(sandbox), tmp_path)

    assert found.requests == 11
    assert "at least 11 requests" in says(found, "requests")


def test_a_table_is_tried_with_the_smallest_page(fresh_sandbox, machine, book, tmp_path):
    sandbox = fresh_sandbox(devices=60)
    name = machine(sandbox)
    sandbox.forget_requests()

    preflight(book("ninja.table('software')\nninja.table('activities')"), name, tmp_path)

    tried = [one for one in sandbox.requests() if one["path"].startswith("/v2/")][:2]
    assert [one["query"]["pageSize"] for one in tried] == ["1", "10"]


@pytest.mark.parametrize(
    "cell",
    [
        "ninja.table('devices', names=['organization', 'location'])",
        "ninja.table('volumes', names=('organization',))",
        "ninja.table('volumes', names=['device'], progress='none')",
    ],
)
def test_the_tables_in_which_names_are_looked_up_are_counted(
    fresh_sandbox, machine, book, tmp_path, cell
):
    sandbox = fresh_sandbox(devices=30)
    profile = machine(sandbox)
    found = preflight(book(cell), profile, tmp_path)
    sandbox.forget_requests()

    ninja = na.connect(profile)
    exec(cell, {"ninja": ninja})

    assert found.ok
    assert says(found, "requests").endswith("as things are now.")
    assert found.requests == len(asked(sandbox))


def test_where_nothing_can_be_read_no_requests_are_counted(acme, book, tmp_path):
    found = preflight(book("ninja.table('devces')"), acme, tmp_path)

    assert answers(found)["requests"] is None
    assert found.requests is None
