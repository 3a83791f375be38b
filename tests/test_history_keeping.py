"""A history over the years: thinned out, folded, swept, and still the same to read."""

from __future__ import annotations

import shutil
import time
import warnings
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from ninja_analytics.errors import DriftWarning, UsageError
from ninja_analytics.history import keeping, snapshots, writing
from ninja_analytics.history.snapshots import Snapshot
from tests.histories import (
    NOW,
    assert_same,
    connected,
    data_files,
    everything,
    leftovers,
    log_files,
)

# About twice a month over two years, and more of it at the end.
TIMES = [
    *(datetime(2024, 11, 3, tzinfo=UTC) + timedelta(days=16 * n) for n in range(46)),
    *(datetime(2026, 11, 17, 6, tzinfo=UTC) + timedelta(hours=9 * n) for n in range(8)),
]


def taken_at(when):
    return Snapshot(f"{when:%Y%m%d%H}", when, when, "", "", "", {})


def plainly(times, keep, now):
    """Which of *times* are to be kept, told by pandas."""
    data = pd.DataFrame({"at": pd.DatetimeIndex(times)})
    kept = {data["at"].max(), data.loc[data["at"] <= now, "at"].max()}
    if isinstance(keep, str):
        return kept | set(data.loc[data["at"] >= now - pd.Timedelta(keep.replace("d", "D")), "at"])
    for span, rule in (("days", "D"), ("weeks", "W"), ("months", "M"), ("years", "Y")):
        last = data.groupby(data["at"].dt.tz_localize(None).dt.to_period(rule))["at"].max()
        kept |= set(last.tail(keep.get(span, 0)))
    return kept


@pytest.mark.parametrize(
    "keep",
    [
        "90d", "1h", "3000d", {"days": 3}, {"weeks": 3}, {"months": 5}, {"years": 2}, {"years": 9},
        {"days": 2, "weeks": 4, "months": 12, "years": 3}, {"days": 0, "months": 1},
    ],
    ids=str,
)  # fmt: skip
def test_exactly_what_keep_says_is_kept(keep):
    ids = keeping.to_keep(map(taken_at, TIMES), keep, now=NOW)

    assert ids == {taken_at(one).id for one in plainly(TIMES, keep, NOW)}


def test_a_snapshot_of_the_future_does_not_push_out_the_newest_of_today():
    ids = keeping.to_keep(
        map(taken_at, [*TIMES, datetime(2040, 1, 1, tzinfo=UTC)]), {"days": 1}, now=NOW
    )

    assert ids == {"2040010100", max(taken_at(one).id for one in TIMES if one <= NOW)}


@pytest.mark.parametrize(
    "keep",
    [90, 0, None, "", "soon", {}, {"days": 0}, {"days": -1}, {"days": True}, {"days": 1.5}, {"hours": 3}, ["90d"], {1: 2}],
    ids=str,
)  # fmt: skip
def test_a_keep_that_says_nothing_is_refused_and_nothing_goes(recorder, keep):
    recorder.record(["organizations"], now="2026-01-01", progress="none")
    recorder.record(["roles"], now=NOW, progress="none")

    with pytest.raises(UsageError, match="keep="):
        recorder.history.prune(keep)

    assert len(recorder.history.snapshots) == 2


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A sandbox, and the folder of a history of two years, most of whose snapshots have rows of their own."""
    from ninja_analytics.sandbox import Sandbox

    folder = tmp_path_factory.mktemp("origin")
    with pytest.MonkeyPatch.context() as patch, Sandbox(devices=3, now=NOW.isoformat()) as sandbox:
        patch.setenv("NINJA_HISTORY", str(folder))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        ninja = connected(sandbox)
        for number, when in enumerate(TIMES):
            sandbox.switch(late_activities=max(0, 100 - 2 * number))
            if number % 3 == 1:
                sandbox.fault("unknown-field", path="/v2/organizations")
            names = ["organizations", "alerts", "activities"][: 2 + (number % 4 == 0)]
            with warnings.catch_warnings(action="ignore", category=DriftWarning):
                since = (
                    datetime(2026, 11, 10, tzinfo=UTC)
                    if when.year == 2026
                    else when - timedelta(days=1)
                )
                ninja.record(
                    names, now=when, since=min(since, when - timedelta(days=1)), progress="none"
                )
        yield sandbox, folder


@pytest.fixture
def years(origin, history_folder):
    """A connection with a copy of that history."""
    sandbox, folder = origin
    shutil.copytree(folder, history_folder)
    return connected(sandbox)


def test_folding_leaves_all_that_is_read_the_same_in_fewer_files(years):
    asked = "select snapshot, organization_name, count(*) as n, max(snapshot_at) as at from organizations_history group by all order by all"
    events = "select * from activities_history order by activity_id"
    before, told = everything(years), [years.sql(asked), years.sql(events)]
    files = [*data_files(years), *log_files(years)]

    fewer = years.history.compact(now=NOW)
    keeping.sweep(years.history.folder, now=time.time() + 2 * keeping.GRACE)

    assert_same(before, everything(years))
    for one, query in zip(told, (asked, events), strict=True):
        pd.testing.assert_frame_equal(one, years.sql(query))
    assert years.history.verify().empty
    assert len([*data_files(years), *log_files(years)]) == len(files) - fewer
    assert fewer > len(files) / 2
    assert leftovers(years) == []
    assert years.history.compact(now=NOW) == 0


def test_thinning_out_lets_go_what_it_says_and_no_event(years):
    before = everything(years)
    expected = {f"{one:%Y%m%dT%H%M%S}" for one in plainly(TIMES, {"months": 6, "days": 3}, NOW)}

    gone = years.history.prune({"months": 6, "days": 3}, now=NOW)

    left = years.history.snapshots["snapshot"]
    assert {one[:15] for one in left} == expected
    assert len(gone) == len(TIMES) - len(left)
    now = everything(years)
    assert_same(
        {name: before[name] for name in now if " " in name},
        {k: v for k, v in now.items() if " " in k},
    )
    pd.testing.assert_frame_equal(now["activities"], before["activities"])
    assert years.history.verify().empty


def test_folding_and_thinning_out_in_any_order_keep_what_is_kept(years):
    before = everything(years)
    years.history.compact(now="2025-12-20")
    years.history.prune("400d", now=NOW)
    years.record(["organizations", "activities"], now=NOW, progress="none")
    years.history.compact(now=NOW)
    years.history.prune({"months": 2}, now=NOW)
    keeping.sweep(years.history.folder, now=time.time() + 2 * keeping.GRACE)

    now = everything(years)
    assert years.history.verify().empty
    kept = {name: data for name, data in now.items() if name in before and " " in name}
    assert kept
    assert_same({name: before[name] for name in kept}, kept)
    assert set(before["activities"]["activity_id"]) <= set(now["activities"]["activity_id"])
    assert len(log_files(years)) == 1


def test_what_is_let_go_is_there_for_a_day(recorder):
    recorder.record(["organizations", "software"], now="2026-01-01", progress="none")
    recorder.record(["roles", "organizations"], now=NOW, progress="none")
    files, folder = data_files(recorder), recorder.history.folder

    recorder.history.prune({"days": 1}, now=NOW)

    assert data_files(recorder) == files
    assert keeping.sweep(folder, now=time.time() + keeping.GRACE - 60) == ()
    (gone,) = keeping.sweep(folder, now=time.time() + keeping.GRACE + 60)
    assert gone.startswith("table=software/")


def test_a_file_that_is_let_go_a_second_time_has_its_day_anew(recorder):
    first = recorder.record(["organizations"], now="2026-01-01", progress="none")
    recorder.record(["roles"], now="2026-01-02", progress="none")
    folder = recorder.history.folder
    (path,) = (one.path for one in first.files)
    recorder.history.prune({"days": 1}, now=NOW)
    log = snapshots.read(folder)
    # A recording that began before that refers to the file, as one that is running may.
    folder.put(f"log/{first.id}.json", snapshots.text_of([first]))
    long_ago = {one: at - 5 * keeping.GRACE for one, at in log.dropped.items()}
    folder.put(log.names[0], snapshots.text_of(log.snapshots, dropped=long_ago))
    keeping.sweep(folder)
    assert recorder.history.verify().empty

    recorder.history.prune({"days": 1}, now=NOW)

    assert folder.exists(path)
    assert path in keeping.sweep(folder, now=time.time() + keeping.GRACE + 60)


def test_files_of_many_row_groups_are_read_and_folded_like_others(recorder, monkeypatch):
    monkeypatch.setattr(writing, "ROWS_PER_GROUP", 30)
    for late, when in ((100, "2026-10-30"), (50, "2026-10-31")):
        recorder.sandbox.switch(late_activities=late)
        names = ["software", "activities", "alerts"]
        recorder.record(names, now=when, since="2026-10-29", progress="none")
    pulled = recorder.table("software", progress="none")
    pulled = pulled.sort_values("device_id", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(recorder.as_of().table("software"), pulled)
    before = everything(recorder)

    recorder.history.compact(now=NOW)
    keeping.sweep(recorder.history.folder, now=time.time() + 2 * keeping.GRACE)

    assert_same(before, everything(recorder))
    assert recorder.history.verify().empty
    assert len(data_files(recorder, "activities")) == 1


def test_a_table_that_did_not_change_is_one_file_over_all_its_snapshots(years):
    roles = [
        years.record(["roles"], now=when, progress="none") for when in ("2026-11-20", "2026-11-21")
    ]

    assert len(data_files(years, "roles")) == 1
    assert len(years.history("roles")) == sum(one.rows for one in roles)


def test_what_was_folded_meanwhile_is_not_folded_by_what_was_known_before(recorder):
    for when in ("2026-01-01", "2026-01-02"):
        recorder.record(
            ["organizations", "activities"], now=when, since="2025-12-01", progress="none"
        )
    folder = recorder.history.folder
    asleep = snapshots.read(folder)
    recorder.history.compact(now=NOW)
    keeping.sweep(folder, now=time.time() + 2 * keeping.GRACE)
    names = folder.names()

    assert not keeping._fold(folder, asleep, list(asleep.snapshots))

    assert folder.names() == names
    assert recorder.history.verify().empty
