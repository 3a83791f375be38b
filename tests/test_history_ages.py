"""Since when things are so: each age computed a second time, by walking the snapshots in Python."""

from __future__ import annotations

import calendar
import datetime as dt
import re

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import HistoryError, UnknownNameError
from ninja_analytics.history import History
from ninja_analytics.history.ages import AGES
from ninja_analytics.sandbox import Sandbox
from tests.conftest import api_services

TABLES = ["os_patches", "software_patches", "operating_systems", "antivirus_status"]

HOLDS = {
    "open_os_patches": lambda row: row.status != "INSTALLED",
    "open_software_patches": lambda row: row.status != "INSTALLED",
    "pending_restarts": lambda row: row.needs_reboot is True,
    "outdated_antivirus": lambda row: row.definition_status == "Out-of-Date",
}
# A patch that is not in the list is installed or superseded; a device that is not there is silent.
GONE_IS_OVER = {"open_os_patches", "open_software_patches"}


@pytest.fixture(scope="module")
def months(tmp_path_factory):
    """A history of six snapshots over a month and a half of a fleet that lives."""
    with pytest.MonkeyPatch.context() as patch, Sandbox(devices=60, seed=11) as sandbox:
        patch.setenv("NINJA_HOME", str(tmp_path_factory.mktemp("ages")))
        patch.setenv("NINJA_TOKEN_STORE", "memory")
        history = na.connect(**api_services(sandbox)).history
        history.record(TABLES, now=sandbox.now)
        for days in (1, 3, 9, 16, 16):
            history.record(TABLES, now=sandbox.advance(days=days))
        yield History(history.folder, profile=history.profile, instance=history.instance)


def walked(history, kind: str) -> dict[tuple[object, ...], tuple[object, object]]:
    """For each key that is so now: the first snapshot of the unbroken run, and the one before it."""
    age = AGES[kind]
    rows = history(age.table)
    rows = rows.astype(object).where(rows.notna(), None)
    times = sorted(rows["snapshot_at"].unique())
    told: dict[tuple[object, ...], dict[object, bool]] = {}
    for row in rows.itertuples(index=False):
        key = tuple(getattr(row, name) for name in age.key)
        states = told.setdefault(key, {})
        states[row.snapshot_at] = states.get(row.snapshot_at, False) or HOLDS[kind](row)
    found = {}
    for key, states in told.items():
        if kind in GONE_IS_OVER:
            states = {time: states.get(time, False) for time in times}
        if not states.get(times[-1], False):
            continue
        since, before = times[-1], None
        for time in sorted(states, reverse=True):
            if not states[time]:
                before = time
                break
            since = time
        found[key] = (since, before)
    return found


@pytest.mark.parametrize("kind", AGES)
def test_an_age_begins_with_the_first_snapshot_of_an_unbroken_run(months, kind):
    expected, found = walked(months, kind), months.age(kind)
    newest = months.as_of().at
    oldest = pd.Timestamp(months.snapshots["snapshot_at"].iloc[0])

    keys = list(found[list(AGES[kind].key)].itertuples(index=False, name=None))
    assert sorted(keys, key=str) == sorted(expected, key=str)
    assert len(keys) > 3
    for key, row in zip(keys, found.itertuples(index=False), strict=True):
        since, before = expected[key]
        released = month_of(row.name) if kind == "open_os_patches" else None
        if released is not None and released <= since:
            assert (row.since_at, row.basis, row.at_least) == (released, "release_inferred", False)
        else:
            assert (row.since_at, row.basis) == (since, "first_seen")
            assert row.at_least == (since == oldest)
        assert (None if pd.isna(row.otherwise_at) else row.otherwise_at) == before
        assert row.days == (pd.Timestamp(newest) - row.since_at).days


def month_of(name: object) -> pd.Timestamp | None:
    """The second Tuesday of the month that the name of a patch tells, by the calendar."""
    told = re.search(r"(\d{4})-(\d\d)\b", str(name))
    if told is None or not 1 <= int(told[2]) <= 12:
        return None
    weeks = calendar.Calendar().monthdatescalendar(int(told[1]), int(told[2]))
    tuesdays = [week[1] for week in weeks if week[1].month == int(told[2])]
    return pd.Timestamp(dt.datetime.combine(tuesdays[1], dt.time(17), dt.UTC))


def test_both_bases_and_an_end_before_the_oldest_snapshot_are_met(months):
    patches = months.age("open_os_patches")

    assert set(patches["basis"]) == {"first_seen", "release_inferred"}
    assert patches["at_least"].any()
    assert patches["otherwise_at"].notna().any()
    assert patches["days"].dtype == "Int64"
    assert patches["since_at"].dtype == "datetime64[us, UTC]"


def test_an_age_counts_up_to_the_time_that_is_asked(months):
    later = months.as_of().at + dt.timedelta(days=5, hours=3)

    now, then = months.age("pending_restarts"), months.age("pending_restarts", now=later)

    assert (then["days"] - now["days"] == 5).all()


def test_first_and_last_seen_are_those_of_the_snapshots(months):
    rows = months("os_patches", columns=["device_id", "patch_id"])
    times = sorted(rows["snapshot_at"].unique())
    by_hand = rows.groupby(["device_id", "patch_id"])["snapshot_at"].agg(["min", "max", "nunique"])

    found = months.first_seen("os_patches").set_index(["device_id", "patch_id"]).sort_index()

    assert found["first_seen_at"].tolist() == by_hand["min"].tolist()
    assert found["last_seen_at"].tolist() == by_hand["max"].tolist()
    assert found["snapshots"].tolist() == by_hand["nunique"].tolist()
    assert (found["still_there"] == (by_hand["max"] == times[-1])).all()
    assert (found["at_least"] == (by_hand["min"] == times[0])).all()
    assert 0 < found["still_there"].sum() < len(found)


def test_a_wrong_kind_and_a_table_that_was_not_recorded_are_told(months):
    with pytest.raises(UnknownNameError, match="Did you mean 'pending_restarts'"):
        months.age("pending_restart")
    with pytest.raises(HistoryError, match="software was never recorded"):
        months.first_seen("software")
    with pytest.raises(UnknownNameError):
        months.first_seen("softwares")
