"""Compliance over time: which state a device is in, and what does not count."""

from __future__ import annotations

import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.history.folder import Folder
from ninja_analytics.history.trends import trend
from tests.made_history import at, snapshot


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path)


def device(number, **more):
    usual = {"organization_id": 1, "node_class": "MAC", "approval_status": "APPROVED"}
    return {"device_id": number, **usual, "last_contact_at": at(0), **more}


def patch(number, severity):
    return {"device_id": number, "status": "MANUAL", "severity": severity}


@pytest.mark.parametrize(
    ("days", "state"),
    [
        ([-35], "passed"),
        ([0], "passed"),
        ([-35.01], "unknown"),
        ([0.01], "unknown"),
        ([-35.01, -34.99], "passed"),  # both on one day
        ([-0.01, 0.01], "passed"),
        ([-35.01, 0.01], "unknown"),
        ([], "unknown"),
    ],
)
@pytest.mark.parametrize("engine", ["duckdb", "pandas"])
def test_a_device_without_patches_passed_if_it_was_patched_lately(folder, days, state, engine):
    tables = {
        "devices": [device(1)],
        "os_patches": [],
        "os_patch_installs": [{"device_id": 1, "installed_at": at(day)} for day in days],
    }

    found = trend(folder, [snapshot(folder, at(0), tables)], "compliance", engine=engine)

    assert found.loc[0, ["passed", "unknown"]].tolist() == [state == "passed", state == "unknown"]


def test_what_was_recorded_later_does_not_change_an_earlier_snapshot(folder):
    tables = {"devices": [device(1)], "os_patches": []}
    installs = {"os_patch_installs": [{"device_id": 1, "installed_at": at(-1)}]}
    taken = [snapshot(folder, at(0), tables), snapshot(folder, at(1), {**tables, **installs})]

    found = trend(folder, taken, "compliance")

    assert found["unknown"].tolist() == [1, 0]
    assert found["share"].astype(object).where(found["share"].notna(), None).tolist() == [None, 1.0]


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([{"status": "MANUAL"}, {"status": "REJECTED"}], "failed"),
        ([{"status": "REJECTED"}], "exceptions"),
        ([{"status": "delayed"}, {"status": "MANUAL", "type": "DRIVER_UPDATES"}], "exceptions"),
        ([{"status": "MANUAL", "type": "Feature_Updates"}], "passed"),
        ([{"status": "MANUAL", "kb_number": "KB2267602"}], "passed"),
        ([{"status": "pending", "kb_number": "KB5"}], "failed"),
        ([{"status": None}], "passed"),
        ([{"status": "a new word"}], "passed"),
    ],
)
def test_a_device_is_in_one_state(folder, rows, state):
    patches = [{"device_id": 1, **row} for row in rows]
    taken = [snapshot(folder, at(0), {"devices": [device(1)], "os_patches": patches})]

    found = trend(folder, taken, "compliance").iloc[0]

    states = ("passed", "failed", "exceptions", "unknown")
    assert [one for one in states if found[one]] == [state]


@pytest.mark.parametrize(
    ("severity", "failed"),
    [(None, 5), ("low", 4), ("MODERATE", 3), ("Important", 3), ("critical", 2)],
)
def test_milder_patches_do_not_count_and_those_of_unknown_severity_do(folder, severity, failed):
    words = ("optional", "LOW", "Important", "CRITICAL", "security")
    tables = {
        "devices": [device(n) for n in range(5)],
        "os_patches": [patch(n, word) for n, word in enumerate(words)],
    }

    found = trend(folder, [snapshot(folder, at(0), tables)], "compliance", severity=severity)

    assert found.loc[0, ["eligible", "passed", "failed"]].tolist() == [5, 5 - failed, failed]


def test_a_device_counts_as_active_for_as_many_days_as_asked(folder):
    tables = {"devices": [device(1), device(2, last_contact_at=at(-9))], "os_patches": []}
    taken = [snapshot(folder, at(0), tables)]

    counts = [trend(folder, taken, "compliance", active_days=n)["eligible"].sum() for n in (8, 9)]

    assert counts == [1, 2]


@pytest.mark.parametrize("days", [0, -1, True, "30"])
def test_active_days_must_be_a_number_above_0(folder, days):
    taken = [snapshot(folder, at(0), {"devices": [], "os_patches": []})]

    with pytest.raises(UsageError, match="active_days"):
        trend(folder, taken, "compliance", active_days=days)
