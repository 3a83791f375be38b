"""Large pulls on a sandbox: in parts side by side, and every row once, whatever happens on the way."""

from __future__ import annotations

import json
from collections import Counter

import pytest

import ninja_analytics as na
from ninja_analytics.errors import IncompleteError, NotAvailableError, ServerError
from tests.conftest import api_services

SOFTWARE = "/v2/queries/software"
DEVICES = 150


@pytest.fixture
def started(fresh_sandbox):
    """A maker of a sandbox, whose pages are small, and a connection to it; switches as given."""

    def start(**switches):
        sandbox = fresh_sandbox(devices=DEVICES, seed=7)
        sandbox.switch(**{"page_size": 1000, **switches})
        return sandbox, na.connect(**api_services(sandbox))

    return start


def rows_of(frame):
    """Each row as text, with how often it comes."""
    return Counter(frame.astype("str").agg("|".join, axis=1))


def keys(frame):
    """What tells one row from another, as the truth has it too."""
    columns = ["device_id", "name", "version", "path"]
    return Counter(
        frame[columns]
        .astype("object")
        .where(frame[columns].notna(), None)
        .itertuples(index=False, name=None)
    )


def truth(sandbox):
    fields = ("deviceId", "name", "version", "location")
    return Counter(tuple(row.get(name) for name in fields) for row in sandbox.truth("software"))


def test_a_slow_query_is_pulled_in_parts_that_make_the_whole(started):
    sandbox, ninja = started(latency=0.06)

    frame = ninja.table("software")

    assert keys(frame) == truth(sandbox)
    assert frame.attrs["ninja"]["parts"] > 3
    filters = [one["query"].get("df") for one in sandbox.requests() if one["path"] == SOFTWARE]
    assert sum("notin" in (text or "") for text in filters) >= 1


def test_a_quick_query_of_a_small_fleet_is_not_split(started):
    sandbox, ninja = started()
    ninja.table("devices")

    frame = ninja.table("software", where=na.device.node_class == "WINDOWS_SERVER")

    assert frame.attrs["ninja"]["parts"] == 1
    assert {one["path"] for one in sandbox.requests()} >= {SOFTWARE}


def test_parts_keep_the_filter_that_was_asked_for(started):
    sandbox, ninja = started(latency=0.06, page_size=200)
    asked = na.device.node_class == "WINDOWS_WORKSTATION"

    frame = ninja.table("software", where=asked)

    expected = sandbox.truth("software", df=str(asked))
    assert frame.attrs["ninja"]["parts"] > 1
    assert len(frame) == len(expected)
    assert set(frame["device_id"]) == {row["deviceId"] for row in expected}


@pytest.mark.parametrize("table", ["devices", "devices_detailed"])
def test_devices_are_pulled_in_parts_too(started, table):
    sandbox, ninja = started(latency=0.06, page_size=100)

    frame = ninja.table(table)

    assert frame.attrs["ninja"]["parts"] > 1
    assert sorted(frame["device_id"]) == sorted(row["id"] for row in sandbox.truth(table))


def test_a_filter_that_ninjaone_passes_over_is_noticed(started):
    sandbox, ninja = started(latency=0.06, device_filter="ignore")

    frame = ninja.table("software")

    assert keys(frame) == truth(sandbox)
    assert frame.attrs["ninja"]["filter_ignored"]
    assert frame.attrs["ninja"]["parts"] == 1


ENDS = ("empty-name", "missing", "null", "empty-object", "empty-page")
OFFSETS = ("end", "start", "none")
LOST = [
    *(("drop", 14, offset, end) for offset in OFFSETS for end in ENDS),  # the last page of all
    *((kind, 2, offset, "empty-name") for kind in ("drop", "cut") for offset in OFFSETS),
    *((kind, 0, "end", "empty-name") for kind in ("drop", "cut")),
]


@pytest.mark.parametrize(("kind", "after", "offset", "end"), LOST)
def test_a_lost_answer_on_a_cursor_that_moved_on_loses_no_row(started, kind, after, offset, end):
    sandbox, ninja = started(
        cursor_keeps_place=True, cursor_offset=offset, cursor_end=end, page_size=1000
    )
    pages = -(-len(sandbox.truth("software")) // 1000)
    sandbox.fault(kind, path=SOFTWARE, after=min(after, pages - 1))

    frame = ninja.table("software")

    assert keys(frame) == truth(sandbox)
    assert frame.attrs["ninja"]["restarts"] == (0 if after == 0 else 1)


@pytest.mark.parametrize("kind", ["429-without-retry-after", "500", "502", "drop", "cut", "html"])
def test_a_failure_in_the_middle_costs_no_row_and_no_restart(started, kind):
    sandbox, ninja = started()
    sandbox.fault(kind, path=SOFTWARE, after=3)

    frame = ninja.table("software")

    assert keys(frame) == truth(sandbox)
    assert frame.attrs["ninja"]["restarts"] == 0


def test_a_cursor_that_expires_begins_its_part_again(started):
    sandbox, ninja = started(latency=0.06)
    sandbox.fault("forget-cursors", path=SOFTWARE, after=12)

    frame = ninja.table("software")

    assert keys(frame) == truth(sandbox)
    assert frame.attrs["ninja"]["restarts"] >= 1


def test_a_token_that_dies_in_the_middle_is_renewed(started):
    sandbox, ninja = started(latency=0.06, token_lifetime=1)

    frame = ninja.table("software")

    assert keys(frame) == truth(sandbox)


def broken(ninja, **more):
    """The error of a pull of software that cannot end."""
    with pytest.raises(IncompleteError) as caught:
        ninja.table("software", **more)
    return caught.value


@pytest.mark.parametrize("latency", [0.0, 0.06], ids=["one cursor", "parts"])
def test_a_pull_that_breaks_keeps_what_came_and_goes_on_from_there(started, latency):
    sandbox, ninja = started(latency=latency)
    sandbox.fault("500", path=SOFTWARE, after=9, times=40)

    error = broken(ninja)

    assert 0 < len(error.partial) < sum(truth(sandbox).values())
    assert error.partial.attrs["ninja"]["complete"] is False
    assert not keys(error.partial) - truth(sandbox)
    sandbox.switch(faults=[])
    sandbox.forget_requests()
    assert keys(error.resume()) == truth(sandbox)
    asked = [one for one in sandbox.requests() if one["path"] == SOFTWARE]
    pages = -(-sum(truth(sandbox).values()) // 1000)
    assert len(asked) < pages + (0 if latency == 0 else 20)


def test_what_is_not_whole_says_so_wherever_it_is_shown(started):
    sandbox, ninja = started()
    sandbox.fault("500", path=SOFTWARE, after=3, times=40)

    partial = broken(ninja).partial

    for shown in (
        repr(partial),
        partial._repr_html_(),
        repr(partial.head(2)),
        repr(partial[["name"]]),
    ):
        assert "INCOMPLETE" in shown
    assert "INCOMPLETE" not in repr(ninja.table("organizations"))


def test_a_pull_that_resumes_and_breaks_again_can_be_resumed_again(started):
    sandbox, ninja = started()
    sandbox.fault("500", path=SOFTWARE, after=3, times=40)
    first = broken(ninja)
    sandbox.switch(faults=[])
    sandbox.fault("500", path=SOFTWARE, after=3, times=40)

    with pytest.raises(IncompleteError) as second:
        first.resume()

    assert len(second.value.partial) > len(first.partial)
    sandbox.switch(faults=[])
    assert keys(second.value.resume()) == truth(sandbox)


def test_a_pull_of_which_nothing_came_raises_what_went_wrong(started):
    sandbox, ninja = started()
    sandbox.fault("403", path=SOFTWARE, times=3)
    with pytest.raises(NotAvailableError):
        ninja.table("software")
    sandbox.switch(faults=[])
    sandbox.fault("502", path=SOFTWARE, times=40)
    with pytest.raises(ServerError):
        ninja.table("software")


def test_nothing_stays_on_the_disk_of_a_pull_that_ended_well(started, home):
    _, ninja = started(latency=0.06)

    ninja.table("software")

    assert [one for one in (home / "pulls").rglob("*") if one.suffix != ".lock"] == []


def test_what_is_kept_on_the_disk_is_for_this_user_only_and_holds_no_secret(started, home):
    sandbox, ninja = started(latency=0.06)
    sandbox.fault("500", path=SOFTWARE, after=9, times=40)
    broken(ninja)

    files = [one for one in (home / "pulls").rglob("*") if one.is_file()]

    assert any(one.suffix == ".arrow" for one in files)
    assert (home / "pulls").stat().st_mode & 0o077 == 0
    secret = sandbox.clients["api-services"].client_secret
    token = json.dumps(ninja._keeper.access_token())[1:-1]
    for one in files:
        data = one.read_bytes()
        assert secret.encode() not in data, one
        assert token.encode() not in data, one
