"""Events over many recordings: each once, the last way it was told, and none asked for in vain."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.catalog import TABLES
from ninja_analytics.history import snapshots
from ninja_analytics.history.events import last_of_each, news
from ninja_analytics.history.recorded_tables import EVENTS
from tests.histories import NOW, connected, data_files, rewritten
from tests.pulls import asked


@pytest.fixture
def ninja(history_folder, fresh_sandbox):
    """A connection to a sandbox that has backups."""
    return connected(fresh_sandbox(devices=40, seed=3, now=NOW.isoformat()))


def queries(ninja, name):
    path = TABLES[name].path
    return [one["query"] for one in asked(ninja.sandbox, path)]


def new_rows(taken, name):
    file = taken.tables[name].file
    return file.rows if file else 0


@pytest.mark.parametrize("name", list(EVENTS))
def test_a_second_recording_adds_nothing_if_nothing_happened(ninja, name):
    first = ninja.record([name], now=NOW, progress="none")
    second = ninja.record([name], now=NOW + timedelta(hours=1), progress="none")

    assert second.tables[name].file is None
    assert len(ninja.history(name)) == len(ninja.as_of().table(name)) == new_rows(first, name)


def test_events_that_arrive_late_are_added_and_no_other(ninja):
    counts = []
    for late, hours in ((30, -3), (20, -2), (20, -1), (0, 0)):
        ninja.sandbox.switch(late_activities=late)
        taken = ninja.record(["activities"], now=NOW + timedelta(hours=hours), progress="none")
        counts.append(new_rows(taken, "activities"))

    assert counts[1:] == [10, 0, 20]
    pulled = ninja.table("activities", since=NOW - timedelta(days=29), progress="none")
    told = ninja.history("activities")
    assert not told.duplicated("activity_id").any()
    assert set(pulled["activity_id"]) <= set(told["activity_id"])


@pytest.mark.parametrize("name", list(EVENTS))
def test_only_the_time_since_the_last_recording_is_asked_for(ninja, name):
    first = ninja.record([name], now=NOW, progress="none")
    begun = queries(ninja, name)
    ninja.sandbox.forget_requests()
    ninja.record([name], now=NOW + timedelta(days=1), progress="none")

    then = queries(ninja, name)

    reached = first.tables[name].reached
    since = pd.Timestamp(reached or NOW) - (EVENTS[name].overlap if reached else timedelta(days=29))
    bounds = {bound for one in then for bound in _bounds(one)}
    assert begun
    assert len(bounds) == 1
    assert abs(bounds.pop() - since) <= pd.Timedelta("2s")


def _bounds(query):
    """The bound in time that a request has, by whatever name."""
    for name in ("after", "installedAfter"):
        if name in query:
            number = query[name].replace(".", "").isdigit()
            yield pd.to_datetime(
                float(query[name]) if number else query[name],
                unit="s" if number else None,
                utc=True,
            )
    if "stf" in query:
        yield pd.Timestamp(query["stf"].split()[-1])


@pytest.mark.parametrize("name", list(EVENTS))
def test_all_is_asked_for_again_from_time_to_time_if_some_events_have_no_time(ninja, name):
    every = EVENTS[name].whole_every
    ninja.record([name], now=NOW - timedelta(minutes=2), progress="none")
    second = ninja.record([name], now=NOW - timedelta(minutes=1), progress="none")
    later = ninja.record([name], now=NOW + timedelta(days=31), progress="none")

    assert later.tables[name].whole == (every is not None)
    if later.tables[name].reached and every is None:
        assert not second.tables[name].whole


def test_the_first_time_goes_back_as_far_as_it_is_told(ninja):
    ninja.record(["activities"], now=NOW, since="3d", progress="none")
    short = ninja.history("activities")

    assert (short["activity_at"] >= NOW - timedelta(days=3)).all()
    assert len(short) == len(
        ninja.table("activities", since=NOW - timedelta(days=3), progress="none")
    )


def test_a_job_that_ran_and_is_done_counts_once_as_done(ninja):
    ninja.record(["backup_jobs"], now=NOW - timedelta(hours=1), progress="none")
    (taken,) = snapshots.read(ninja.history.folder).snapshots
    done = ninja.history("backup_jobs")
    rewritten(ninja, taken, "backup_jobs", running)
    assert set(ninja.history("backup_jobs")["job_status"]) == {"RUNNING"}

    again = ninja.record(["backup_jobs"], now=NOW, progress="none")

    told = ninja.history("backup_jobs")
    assert len(told) == len(done) > 0
    assert not told.duplicated("job_id").any()
    window = again.tables["backup_jobs"].rows
    assert (told["job_status"] == "RUNNING").sum() == len(done) - window
    assert new_rows(again, "backup_jobs") == window
    assert set(ninja.as_of(NOW - timedelta(minutes=30)).table("backup_jobs")["job_status"]) == {
        "RUNNING"
    }
    assert len(ninja.sql("select job_id from backup_jobs_history")) == len(told)


def running(rows):
    """*rows* as if every job ran still."""
    place = rows.schema.get_field_index("job_status")
    words = pa.array(["RUNNING"] * rows.num_rows, pa.string()).dictionary_encode()
    return rows.set_column(place, rows.schema.field(place), words)


def test_an_install_without_a_time_comes_once(ninja):
    for hours in (-2, -1, 0):
        ninja.record(["os_patch_installs"], now=NOW + timedelta(hours=hours), progress="none")

    told = ninja.history("os_patch_installs")

    assert told["installed_at"].isna().any()
    assert not told.duplicated(list(EVENTS["os_patch_installs"].key)).any()
    assert len(data_files(ninja, "os_patch_installs")) == 1


_ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 2), st.none() | st.sampled_from("ab"),
        st.none() | st.integers(0, 1), st.none() | st.lists(st.sampled_from("xy"), max_size=2), st.integers(0, 9),
    ),
    max_size=12,
)  # fmt: skip
_SCHEMA = pa.schema(
    [
        ("number", pa.int64()), ("word", pa.dictionary(pa.int32(), pa.string())),
        ("value", pa.int64()), ("list", pa.list_(pa.string())), ("noise", pa.int64()),
    ]
)  # fmt: skip
_KEY = ("number", "word")


def as_table(rows, pieces=1):
    columns = list(zip(*rows, strict=True)) or [[]] * 5
    plain = pa.schema([("number", pa.int64()), ("word", pa.string()), *list(_SCHEMA)[2:]])
    whole = pa.table(
        [pa.array(one, kind.type) for one, kind in zip(columns, plain, strict=True)], schema=plain
    )
    size = max(1, -(-whole.num_rows // pieces))
    return pa.concat_tables(
        [whole.slice(at, size).cast(_SCHEMA) for at in range(0, max(1, whole.num_rows), size)]
    )


def plainly_last(rows):
    last = {row[:2]: place for place, row in enumerate(rows)}
    return [rows[place] for place in sorted(last.values())]


def as_rows(table):
    return [tuple(one.values()) for one in table.to_pylist()]


@settings(deadline=None, max_examples=50)
@given(_ROWS, st.integers(1, 3))
def test_the_last_of_each_is_what_plain_python_finds(rows, pieces):
    assert as_rows(last_of_each(as_table(rows, pieces), _KEY)) == plainly_last(rows)


@settings(deadline=None, max_examples=50)
@given(_ROWS, _ROWS, st.integers(1, 3))
def test_what_is_new_is_what_plain_python_finds(fresh, known, pieces):
    known = plainly_last(known)
    there = {row[:2]: (row[2], row[3]) for row in known}
    expected = [
        row for row in plainly_last(fresh) if row[:2] not in there or there[row[:2]] != (row[2], row[3])
    ]  # fmt: skip

    found = news(
        as_table(fresh, pieces).unify_dictionaries(),
        as_table(known, pieces),
        _KEY,
        without=("noise",),
    )

    assert as_rows(found) == expected
