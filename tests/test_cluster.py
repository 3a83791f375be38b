"""A recorded table as a Dask DataFrame: typed, pruned, and read by workers in other processes."""

from __future__ import annotations

import pickle
import sys

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from ninja_analytics.catalog import TABLES
from ninja_analytics.errors import HistoryError, UnknownNameError, UsageError
from ninja_analytics.history import Folder, History, cluster, writing
from ninja_analytics.history.recorded_tables import EVENTS, POSSIBLE
from tests.made_history import at, commit, snapshot
from tests.workers import workers


@pytest.fixture(scope="module", autouse=True)
def client():
    with workers() as client:
        yield client


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def history(folder, *taken):
    commit(folder, taken)
    return History(folder, profile="made", instance="https://example.com")


def program(number, name, **more):
    return {"device_id": number, "name": name, "publisher": f"Maker of {name}", **more}


def put_in_order(data):
    """The rows in one order, whatever order they came in, with words as text."""
    data = cluster.plain_words(data)
    return data.sort_values(list(data.columns), ignore_index=True)


@pytest.mark.parametrize("name", POSSIBLE)
def test_the_dtypes_are_those_of_the_catalogue_with_words_as_text(folder, name):
    known = history(folder, snapshot(folder, at(0), {name: [{}]}))

    found = known.dask(name)

    told = cluster.plain_words(known(name))
    assert found.dtypes.to_dict() == told.dtypes.to_dict()
    assert found.compute().dtypes.to_dict() == told.dtypes.to_dict()


def test_workers_read_what_the_history_gives(folder):
    known = history(
        folder,
        snapshot(folder, at(0), {"software": [program(1, "Tor", size_bytes=2**60)]}),
        snapshot(folder, at(1), {"software": [program(1, "Gimp"), program(None, None)]}),
        snapshot(folder, at(2), {"software": []}),
        snapshot(folder, at(3), {"software": [program(2, "Tor")]}, without=("publisher", "path")),
    )

    found = known.dask("software")

    assert found.npartitions == 4
    assert_frame_equal(put_in_order(found.compute()), put_in_order(known("software")))


def test_it_can_be_grouped_and_counted_over_words_that_differ_from_file_to_file(folder):
    known = history(
        folder,
        *(
            snapshot(folder, at(day), {"software": [program(n, name) for n in range(day + 1)]})
            for day, name in enumerate(["Tor", "Gimp", "Tor"])
        ),
    )

    found = known.dask("software").groupby(["publisher", "snapshot_at"]).size().compute()

    assert found.sort_index().to_dict() == {
        ("Maker of Gimp", pd.Timestamp(at(1))): 2,
        ("Maker of Tor", pd.Timestamp(at(0))): 1,
        ("Maker of Tor", pd.Timestamp(at(2))): 3,
    }


def test_of_the_snapshots_only_those_asked_for_are_opened(folder):
    taken = [snapshot(folder, at(day), {"software": [program(day, "Tor")]}) for day in range(4)]
    known = history(folder, *taken)
    for one in (taken[0], taken[3]):
        folder.remove(one.tables["software"].file.path)

    found = known.dask("software", since=at(1), until=at(3))

    assert found.npartitions == 2
    assert sorted(found["device_id"].compute()) == [1, 2]


def test_only_the_columns_that_are_used_are_read(folder):
    known = history(folder, snapshot(folder, at(0), {"software": [program(1, "Tor")]}))

    frame = known.dask("software")
    used = frame[frame["device_id"] == 1]["name"].optimize(fuse=False)

    (reading,) = [one for one in used.expr.walk() if type(one).__name__ == "FromMapProjectable"]
    assert sorted(reading.columns) == ["device_id", "name"]


def test_the_columns_asked_for_come_in_the_order_of_the_catalogue(folder):
    known = history(folder, snapshot(folder, at(0), {"software": [program(1, "Tor")]}))

    found = known.dask("software", columns=["version", "name"])

    assert (
        list(found.columns) == list(found.compute().columns) == ["snapshot_at", "name", "version"]
    )


def test_the_rows_can_be_counted_without_a_column(folder):
    rows = [program(n, "Tor") for n in range(3)]
    known = history(folder, *(snapshot(folder, at(day), {"software": rows}) for day in range(2)))

    assert len(known.dask("software")) == 6


def test_a_large_file_becomes_several_partitions_that_have_each_row_once(folder, monkeypatch):
    monkeypatch.setattr(writing, "ROWS_PER_GROUP", 2)
    monkeypatch.setattr(cluster, "ROWS_PER_PARTITION", 3)
    rows = [program(n, f"Program {n}") for n in range(7)]
    known = history(folder, snapshot(folder, at(0), {"software": rows}))

    found = known.dask("software")

    assert found.npartitions == 3
    assert sorted(found["device_id"].compute()) == list(range(7))


def test_more_partitions_than_row_groups_have_each_row_once(folder, monkeypatch):
    monkeypatch.setattr(cluster, "ROWS_PER_PARTITION", 1)
    rows = [program(n, f"Program {n}") for n in range(3)]
    known = history(folder, snapshot(folder, at(0), {"software": rows}))

    found = known.dask("software")

    assert found.npartitions == 3
    assert sorted(found["device_id"].compute()) == [0, 1, 2]


EVENT_ROWS = {
    "activities": [{"activity_id": 1, "message": "a"}, {"activity_id": 2, "message": "b"}],
    "os_patch_installs": [
        {"device_id": 1, "patch_id": "p", "status": "FAILED", "installed_at": at(-1), "name": "a"},
        {"device_id": 1, "patch_id": "p", "status": "FAILED", "name": "b"},
    ],
}


@pytest.mark.parametrize("name", EVENT_ROWS)
def test_of_an_event_that_was_recorded_several_times_the_last_recording_counts(folder, name):
    first, second = EVENT_ROWS[name]
    word = "message" if name == "activities" else "name"
    known = history(
        folder,
        snapshot(folder, at(0), {name: [first, second]}),
        snapshot(folder, at(1), {name: [{**first, word: "c"}]}),
        snapshot(folder, at(2), {name: [{**second, word: "d"}]}),
        snapshot(folder, at(3), {name: []}),
    )

    found = known.dask(name)

    assert sorted(found[word].compute()) == ["c", "d"]
    assert_frame_equal(put_in_order(found.compute()), put_in_order(known(name)))


@pytest.mark.parametrize("name", EVENTS)
def test_the_columns_of_events_need_not_include_their_key(folder, name):
    column = TABLES[name].columns[-1].name
    known = history(folder, snapshot(folder, at(0), {name: [{}, {}]}))

    found = known.dask(name, columns=[column]).compute()

    assert list(found.columns) == ["snapshot_at", column]
    assert len(found) == 1


def test_without_a_snapshot_in_the_window_it_is_empty_and_typed(folder):
    known = history(folder, snapshot(folder, at(0), {"volumes": [{"device_id": 1}]}))

    found = known.dask("volumes", since=at(5))

    assert len(found) == 0
    assert found.dtypes.to_dict() == known.dask("volumes").dtypes.to_dict()


def test_it_can_be_sent_to_another_process(folder, client):
    known = history(folder, snapshot(folder, at(0), {"software": [program(1, "Tor")]}))

    found = pickle.loads(pickle.dumps(known.dask("software")))

    assert client.compute(found["name"], sync=True).tolist() == ["Tor"]


def test_what_a_worker_cannot_read_is_told_here(folder):
    taken = snapshot(folder, at(0), {"software": [program(1, "Tor")]})
    known = history(folder, taken)
    path = taken.tables["software"].file.path
    folder.remove(path)

    with pytest.raises(HistoryError, match=path):
        known.dask("software").compute()


def test_a_file_that_is_missing_is_also_told_where_it_is_read_in_parts(folder, monkeypatch):
    monkeypatch.setattr(cluster, "ROWS_PER_PARTITION", 1)
    taken = snapshot(folder, at(0), {"software": [program(1, "Tor"), program(2, "Tor")]})
    known = history(folder, taken)
    path = taken.tables["software"].file.path
    folder.remove(path)

    with pytest.raises(HistoryError, match=f"{path} is missing"):
        known.dask("software").compute()


def test_a_column_that_the_table_does_not_have_is_refused(folder):
    known = history(folder, snapshot(folder, at(0), {"software": []}))

    with pytest.raises(UnknownNameError, match="Did you mean 'version'"):
        known.dask("software", columns=["versoin"])


@pytest.mark.parametrize(
    "ask", [lambda h: h.dask("software"), lambda h: h.trend("installs", engine="dask")]
)
def test_without_dask_one_sentence_says_what_to_install(folder, monkeypatch, ask):
    known = history(folder, snapshot(folder, at(0), {"software": []}))
    monkeypatch.setitem(sys.modules, "dask", None)

    with pytest.raises(UsageError, match=r'pip install "ninja-analytics\[cluster\]"'):
        ask(known)
