"""The backlog with a history: patches whose names tell no month are as old as the snapshots say."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import HistoryWarning
from ninja_analytics.history import dating
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.patching import patches
from ninja_analytics.sandbox import Sandbox
from tests.histories import connected, data_files
from tests.made_frames import NOW, typed

TABLES = ["organizations", "locations", "devices", "os_patches", "os_patch_installs"]
KEY = ["device_id", "patch_id"]
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory):
    """A connection with four snapshots over two weeks; two days have gone by since the last."""
    with pytest.MonkeyPatch.context() as patch, Sandbox(devices=60, seed=11) as sandbox:
        patch.setenv("NINJA_HISTORY", str(tmp_path_factory.mktemp("history")))
        ninja = connected(sandbox)
        ninja.record(TABLES, now=sandbox.now)
        for days in (1, 4, 9):
            ninja.record(TABLES, now=sandbox.advance(days=days))
        sandbox.advance(days=2)
        yield ninja


def walked(ninja, rows, now):
    """Since when each row of *rows* is open without a break, by walking the snapshots; and at least."""
    times = list(ninja.history.snapshots["snapshot_at"])
    there = []
    for time in times:
        taken = ninja.as_of(time).table("os_patches")
        kept = taken[taken["status"].astype("str") != "INSTALLED"]
        there.append(set(kept[KEY].itertuples(index=False, name=None)))
    found = []
    for key in rows[KEY].itertuples(index=False, name=None):
        since = now
        for time, keys in zip(reversed(times), reversed(there), strict=True):
            if key not in keys:
                break
            since = time
        found.append((since, since == times[0]))
    return found


@pytest.mark.parametrize("live", [False, True])
def test_rows_are_dated_by_the_unbroken_run_of_snapshots_that_leads_up_to_them(weeks, live):
    spec = REPORTS["patch_backlog"]
    source = weeks if live else weeks.as_of()
    now = pd.Timestamp(weeks.sandbox.now if live else source.at)

    frames = source.frames_for(spec, now, {})

    rows = frames["os_patches"]
    rows = rows[rows["status"].astype("str") != "INSTALLED"]
    told = list(rows[["first_seen_at", "at_least"]].itertuples(index=False, name=None))
    assert told == walked(weeks, rows, now)
    assert rows["first_seen_at"].nunique() >= 3
    assert (rows["first_seen_at"] == now).any()
    assert frames["os_patches"].attrs["ninja"]["table"] == "os_patches"


def test_the_report_says_by_what_ages_are_known_and_knows_more_of_them_with_a_history(weeks):
    past = weeks.as_of()
    report = past.report("patch_backlog")
    spec, now = REPORTS["patch_backlog"], pd.Timestamp(past.at)
    bare = spec.build(past.frames(spec.about.asks_of_record(now, spec.whole({}))), now=now)

    assert bare.kpi("median_patch_age").unknown > 0
    assert report.kpi("median_patch_age").unknown == 0
    dated = report.kpi("median_patch_age").numerator - bare.kpi("median_patch_age").numerator
    assert any(f"first saw it ({dated:,});" in note for note in report.notes)
    assert any("first saw it (0);" in note for note in bare.notes)


def test_other_reports_and_an_instance_without_a_history_are_as_they_were(
    weeks, tmp_path, monkeypatch
):
    past = weeks.as_of()
    other = REPORTS["patch_compliance"]
    assert "first_seen_at" not in past.frames_for(other, pd.Timestamp(past.at), {})["os_patches"]
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path))
    frames = weeks.frames_for(REPORTS["patch_backlog"], pd.Timestamp(weeks.sandbox.now), {})
    assert "first_seen_at" not in frames["os_patches"]


def test_a_damaged_record_costs_the_ages_and_not_the_report(tmp_path, monkeypatch, sandbox):
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path))
    ninja = connected(sandbox)
    ninja.record(["organizations", "os_patches"], now=sandbox.now)
    for file in data_files(ninja, "os_patches"):
        file.write_bytes(b"no rows")
    with pytest.warns(HistoryWarning, match="ages of os_patches are not known"):
        frames = ninja.frames_for(REPORTS["patch_backlog"], pd.Timestamp(sandbox.now), {})
    assert "first_seen_at" not in frames["os_patches"]


@pytest.mark.parametrize(
    ("days", "at_least", "state"),
    [(3, False, "pass"), (3, True, "unknown"), (20, False, "fail"), (20, True, "fail")],
)
def test_an_age_that_is_known_at_least_fails_but_never_passes(days, at_least, state):
    frames = {
        "devices": typed("devices", [{"device_id": 1, "node_class": "WINDOWS_SERVER",
                                      "approval_status": "APPROVED", "last_contact_at": NOW}]),
        "os_patches": typed("os_patches", [{"device_id": 1, "patch_id": "a", "name": "no month",
                                            "severity": "CRITICAL", "status": "MANUAL"}]),
        "os_patch_installs": typed("os_patch_installs", []),
    }  # fmt: skip
    frames["os_patches"] = frames["os_patches"].assign(
        first_seen_at=NOW - days * DAY, at_least=at_least
    )
    report = REPORTS["patch_backlog"].build(frames, now=NOW)

    kpi = report.kpi("patch_sla")
    assert (kpi.numerator, kpi.denominator, kpi.unknown) == {
        "pass": (1, 1, 0), "fail": (0, 1, 0), "unknown": (0, 0, 1),
    }[state]  # fmt: skip
    assert report.kpi("stuck_patches").unknown == int(at_least)
    told = any("there when the history began: 1." in note for note in report.notes)
    assert told is at_least


def test_a_month_in_the_name_goes_before_what_a_history_saw():
    rows = pd.DataFrame({"name": ["2026-10 Cumulative Update", "other"],
                         "first_seen_at": [NOW - DAY] * 2, "at_least": [True, True]})  # fmt: skip
    found = patches.aged(rows.astype({"name": "str"}), NOW)

    assert found["basis"].tolist() == ["release_inferred", "first_seen"]
    assert found["at_least"].tolist() == [False, True]


def test_a_row_without_its_key_has_no_age():
    told = pd.DataFrame(
        {"device_id": [1], "patch_id": ["a"], "since_at": [NOW], "at_least": [True]}
    )
    told = told.astype({"device_id": "Int64", "patch_id": "str"})
    rows = typed("os_patches", [{"device_id": 1, "patch_id": "a"}, {"device_id": 1}])

    found = dating._joined(rows, told, ("device_id", "patch_id"), NOW + DAY)

    assert found["first_seen_at"].iloc[0] == NOW
    assert pd.isna(found["first_seen_at"].iloc[1])
