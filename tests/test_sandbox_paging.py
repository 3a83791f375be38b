"""The sandbox's three ways of paging, as NinjaOne's really behave."""

from __future__ import annotations

import itertools

import pytest
import requests

from ninja_analytics import catalog
from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker, name_of, rows_of, truth_of

AFTER = [table for table in catalog.TABLES.values() if table.paging == "after"]
NOW = "2026-11-23T17:00:00Z"


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=35, seed=9, now=NOW) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.mark.parametrize("table", catalog.TABLES.values(), ids=name_of)
def test_a_walk_finds_all_rows_once(town, ask, table):
    truth = truth_of(town, table)
    walked = ask.rows(table.name)

    assert walked == truth
    assert truth


# after


@pytest.mark.parametrize("table", AFTER, ids=name_of)
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_rows_ascend_by_id_whatever_the_page_size(town, ask, table, over):
    truth = truth_of(town, table)
    size = max(1, len(truth) // 2 + over)

    pages = list(ask.pages(table.name, pageSize=size))

    assert [row for page in pages for row in page] == truth
    assert [row["id"] for row in truth] == sorted(row["id"] for row in truth)
    assert all(len(page) == size for page in pages[:-1])


def test_after_the_last_id_comes_an_empty_array(town, ask):
    last = town.truth("devices")[-1]["id"]

    assert ask.table("devices", after=last).json() == []
    assert ask.table("devices", after=last - 1).json() != []


def test_without_a_page_size_a_hundred_rows_come(fresh_sandbox):
    ask = Asker(fresh_sandbox(devices=130))

    assert len(ask.table("devices").json()) == 100
    assert len(ask.table("software").json()["results"]) == 100
    assert len(ask.table("activities").json()["activities"]) == 200


# cursor


@pytest.mark.parametrize("size", [1, 7, 16, 17, 33, 34, 35, 36, 1000])
def test_the_name_of_a_cursor_stays_while_its_offset_grows(town, ask, size):
    envelopes = list(ask.envelopes("operating_systems", pageSize=size))
    names = [envelope["cursor"]["name"] for envelope in envelopes]
    counts = [envelope["cursor"]["count"] for envelope in envelopes]

    assert len(set(names[:-1])) <= 1
    assert names[-1] == ""
    assert counts == [len(envelope["results"]) for envelope in envelopes]
    offsets = [envelope["cursor"]["offset"] for envelope in envelopes]
    assert offsets == list(itertools.accumulate(counts))
    assert all(counts)
    assert sum(counts) == len(town.truth("operating_systems"))


@pytest.mark.parametrize(
    ("ending", "last"),
    [("empty-name", ""), ("missing", None), ("null", None), ("empty-object", None)],
)
def test_the_end_of_a_query_comes_with_its_last_rows(fresh_sandbox, ending, last):
    sandbox = fresh_sandbox(devices=20, cursor_end=ending)
    envelopes = list(Asker(sandbox).envelopes("operating_systems", pageSize=7))

    assert all(envelope["results"] for envelope in envelopes)
    assert all(envelope["cursor"]["name"] for envelope in envelopes[:-1])
    assert (envelopes[-1].get("cursor") or {}).get("name") == last
    assert ("cursor" in envelopes[-1]) == (ending != "missing")
    total = sum(len(envelope["results"]) for envelope in envelopes)
    assert total == len(sandbox.truth("operating_systems"))


def test_the_end_of_a_query_may_be_an_empty_page(fresh_sandbox):
    sandbox = fresh_sandbox(devices=20, cursor_end="empty-page")
    rows = len(sandbox.truth("operating_systems"))

    for size in (rows, rows - 1, 1000):
        envelopes = list(Asker(sandbox).envelopes("operating_systems", pageSize=size))
        assert [bool(envelope["results"]) for envelope in envelopes][-2:] == [True, False]
        assert len({envelope["cursor"]["name"] for envelope in envelopes[:-1]}) == 1
        assert sum(len(envelope["results"]) for envelope in envelopes) == rows


def test_a_query_without_rows_is_one_empty_page(ask):
    envelopes = list(ask.envelopes("volumes", df="id = 1"))

    assert [envelope["results"] for envelope in envelopes] == [[]]
    assert envelopes[0]["cursor"]["name"] == ""


def test_the_count_may_be_text(fresh_sandbox):
    ask = Asker(fresh_sandbox(devices=5, count_as_text=True))

    cursor = ask.table("volumes", pageSize=2).json()["cursor"]
    assert cursor["count"] == "2"
    assert cursor["offset"] == 2


def test_the_page_size_may_change_on_the_way(town, ask):
    truth = town.truth("volumes")
    first = ask.table("volumes", pageSize=3).json()
    name = first["cursor"]["name"]
    second = ask.table("volumes", pageSize=len(truth) - 5, cursor=name).json()
    third = ask.table("volumes", pageSize=50, cursor=name).json()

    assert first["results"] + second["results"] + third["results"] == truth


def test_two_cursors_do_not_disturb_each_other(town, ask):
    truth = town.truth("volumes")
    one, two = (ask.table("volumes", pageSize=4).json() for _ in range(2))

    assert one["cursor"]["name"] != two["cursor"]["name"]
    for first in (one, two):
        rest = ask.table("volumes", pageSize=1000, cursor=first["cursor"]["name"]).json()
        assert first["results"] + rest["results"] == truth


def test_an_unknown_cursor_is_refused(ask):
    name = ask.table("volumes", pageSize=4).json()["cursor"]["name"]

    assert ask.table("software", cursor=name).status_code == 400
    answer = ask.table("volumes", cursor="never-given")
    assert answer.status_code == 400
    assert answer.json()["resultCode"] == "INVALID_CURSOR"


@pytest.mark.parametrize(("loses", "missing"), [(False, 0), (True, 4)])
def test_a_page_that_was_cut_is_sent_again_unless_the_cursor_moved_on(
    fresh_sandbox, loses, missing
):
    sandbox = fresh_sandbox(devices=10)
    ask = Asker(sandbox)
    first = ask.table("volumes", pageSize=4).json()
    sandbox.fault("cut", path="/v2/queries/volumes", loses=loses)

    with pytest.raises(requests.RequestException):
        ask.table("volumes", pageSize=4, cursor=first["cursor"]["name"])
    rest = ask.table("volumes", pageSize=1000, cursor=first["cursor"]["name"]).json()

    assert len(first["results"] + rest["results"]) == len(sandbox.truth("volumes")) - missing
    assert rest["cursor"]["offset"] == len(sandbox.truth("volumes"))


# activities


def test_activities_come_newest_first_and_older_than_an_id(town, ask):
    truth = town.truth("activities")
    page = ask.table("activities", pageSize=10).json()

    assert page["activities"] == truth[:10]
    assert page["lastActivityId"] == truth[0]["id"]
    older = ask.table("activities", pageSize=10, olderThan=truth[9]["id"]).json()
    assert older["activities"] == truth[10:20]
    assert older["lastActivityId"] == truth[0]["id"]
    ids = [row["id"] for row in truth]
    assert ids == sorted(ids, reverse=True)


def test_the_last_activity_id_is_no_place_to_go_on(town, ask):
    newest = ask.table("activities", pageSize=10, df="class = MAC").json()["lastActivityId"]

    assert newest == town.truth("activities")[0]["id"]


def test_the_ids_of_activities_are_not_strictly_in_the_order_of_time(fresh_sandbox):
    ask = Asker(fresh_sandbox(devices=800, now=NOW))
    times = [
        row["activityTime"] for row in ask.table("activities", pageSize=1000).json()["activities"]
    ]

    falling = sum(later <= earlier for earlier, later in itertools.pairwise(times))
    assert 0.5 < falling / (len(times) - 1) < 1


def test_newer_than_is_an_id_and_not_a_time(town, ask):
    truth = town.truth("activities")

    newer = ask.rows("activities", newerThan=truth[25]["id"])
    assert newer == truth[:25]
    assert ask.rows("activities", newerThan=1_795_000_000) == []


def test_after_and_before_are_times(town, ask):
    low, high = 1_795_046_400, 1_795_219_200  # two days, 2026-11-19 and -20
    expected = [row for row in town.truth("activities") if low < row["activityTime"] < high]

    assert len(expected) > 50
    assert ask.rows("activities", after="2026-11-19", before="2026-11-21") == expected
    assert ask.rows("activities", after=f"{low}", before="2026-11-21T00:00:00Z") == expected


# bounds


@pytest.mark.parametrize(
    ("table", "size"),
    [
        ("devices", 0), ("devices", 1001), ("devices", -1), ("locations", "many"),
        ("software", 0), ("software", 10_001), ("volumes", "1.5"), ("volumes", ""),
        ("activities", 9), ("activities", 1001), ("activities", "٣٠"),
    ],
)  # fmt: skip
def test_a_page_size_out_of_bounds_is_refused(ask, table, size):
    answer = ask.table(table, pageSize=size)

    assert answer.status_code == 400
    assert "pageSize" in answer.json()["errorMessage"]


@pytest.mark.parametrize(
    ("table", "size"), [("devices", 1), ("devices", 1000), ("software", 10_000), ("activities", 10)]
)
def test_a_page_size_at_its_bounds_is_taken(ask, table, size):
    assert ask.table(table, pageSize=size).status_code == 200


def test_the_server_may_send_less_than_asked_for(fresh_sandbox):
    sandbox = fresh_sandbox(devices=30, page_size=8)
    ask = Asker(sandbox)

    for table in ("devices", "volumes", "locations"):
        pages = list(ask.pages(table, pageSize=100))
        assert max(len(page) for page in pages) == 8
        assert [row for page in pages for row in page] == sandbox.truth(table)
    assert len(ask.table("activities", pageSize=100).json()["activities"]) == 8


@pytest.mark.parametrize(
    ("table", "usual", "least"), [("windows_services", 1000, 10), ("backup_jobs", 10_000, 1)]
)
def test_where_a_range_is_documented_it_holds(fresh_sandbox, table, usual, least):
    ask = Asker(fresh_sandbox(devices=130, now=NOW))
    rows = len(ask.sandbox.truth(table))

    assert len(ask.table(table).json()["results"]) == min(rows, usual)
    assert len(ask.table(table, pageSize=least).json()["results"]) == least
    assert ask.table(table, pageSize=least - 1).status_code == 400
    assert ask.table(table, pageSize=10_001).status_code == 400


@pytest.mark.parametrize("table", ["software", "os_patch_installs", "windows_services", "devices"])
def test_a_page_larger_than_is_taken_is_refused_or_has_fewer_rows(fresh_sandbox, table):
    sandbox = fresh_sandbox(devices=40, largest_page=25)
    ask = Asker(sandbox)

    answer = ask.table(table, pageSize=26)
    assert answer.status_code == 400
    assert "25" in answer.json()["errorMessage"]
    assert len(rows_of(ask.table(table, pageSize=25).json())) == 25
    sandbox.switch(larger_page="fewer")
    assert len(rows_of(ask.table(table, pageSize=26).json())) == 25
    assert len(rows_of(ask.table(table, pageSize=5000).json())) == 25
    if table != "software":
        assert ask.rows(table, pageSize=5000) == sandbox.truth(table)


def test_without_a_switch_more_than_the_api_takes_is_refused_or_has_as_many_as_it_takes(
    fresh_sandbox,
):
    sandbox = fresh_sandbox(devices=130)
    ask = Asker(sandbox)

    assert ask.table("activities", pageSize=1001).status_code == 400
    sandbox.switch(larger_page="fewer")
    assert len(ask.table("activities", pageSize=1001).json()["activities"]) == 1000
    assert ask.table("activities", pageSize=9).status_code == 400


def test_a_page_of_network_interfaces_may_count_devices(fresh_sandbox):
    sandbox = fresh_sandbox(devices=40, now=NOW, interface_pages="devices")
    truth = sandbox.truth("network_interfaces")
    envelopes = list(Asker(sandbox).envelopes("network_interfaces", pageSize=10))
    pages = [envelope["results"] for envelope in envelopes]

    assert [row for page in pages for row in page] == truth
    assert all(len({row["deviceId"] for row in page}) == 10 for page in pages[:-1])
    assert len(pages[0]) > 10
    assert envelopes[1]["cursor"]["offset"] == 20
