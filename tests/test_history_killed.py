"""A recording, a prune and a compaction that are killed: the history is as before, or as after."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from ninja_analytics.errors import DriftWarning
from tests.conftest import ROOT, api_services
from tests.histories import (
    NOW,
    aged,
    assert_same,
    connected,
    data_files,
    elsewhere,
    ended,
    everything,
    leftovers,
    log_files,
)
from tests.killing import TABLES

SKIPPED = not hasattr(os, "fork")
pytestmark = pytest.mark.skipif(
    SKIPPED,
    reason="without fork nothing can be killed at a step of a commit; to run this, use Linux or macOS",
)


@pytest.fixture
def grown(history_folder, fresh_sandbox):
    """A connection with a history of several months, each snapshot with rows of its own."""
    recorder = connected(fresh_sandbox(devices=2, now=NOW.isoformat()))
    for late, when in (
        (60, "2026-09-01"),
        (40, "2026-09-20"),
        (20, "2026-10-01"),
        (10, "2026-10-02"),
    ):
        recorder.sandbox.switch(late_activities=late)
        recorder.sandbox.fault("unknown-field", path="/v2/organizations")
        with pytest.warns(DriftWarning):
            recorder.record(
                TABLES[:1] if late == 10 else TABLES, now=when, progress="none", since="2026-08-25"
            )
    recorder.sandbox.switch(late_activities=0)
    return recorder


@pytest.mark.parametrize("what", ["record", "prune", "compact"])
def test_a_kill_at_any_step_leaves_the_history_as_before_or_as_after(
    grown, what, history_folder, tmp_path
):
    (tmp_path / "copies").mkdir()
    told = json.dumps(
        [api_services(grown.sandbox), what, str(history_folder), str(tmp_path / "copies")]
    )

    answer = subprocess.run(
        [sys.executable, "-m", "tests.killing", told], cwd=ROOT, capture_output=True, text=True, timeout=170
    )  # fmt: skip

    steps = [json.loads(line) for line in answer.stdout.splitlines()]
    assert [one for one in steps if one["checked"]] == [], answer.stderr
    assert answer.returncode == 0, answer.stderr
    assert steps[-1]["code"] == 0
    assert len(steps) > 8, len(steps)


def test_a_recording_that_is_killed_at_any_time_leaves_no_half_snapshot(grown):
    before = everything(grown)
    chance = random.Random(7)
    for _ in range(4):
        running = elsewhere(
            f"print('ready', flush=True)\nwhile True: ninja.record({TABLES!r}, progress='none')",
            grown.sandbox,
        )
        running.stdout.readline()
        time.sleep(chance.uniform(0.05, 0.4))
        running.send_signal(signal.SIGKILL)
        running.communicate()

    now = everything(grown)

    assert grown.history.verify().empty
    there = {name.split()[0] for name in now if " " in name}
    assert all(f"{one} {name}" in now for one in there if one > "20261003" for name in TABLES)
    assert_same(
        {k: v for k, v in before.items() if " " in k}, {k: now[k] for k in before if " " in k}
    )
    assert not now["activities"].duplicated("activity_id").any()


def test_what_a_kill_left_is_swept_by_a_later_recording_once_it_is_a_day_old(recorder):
    recorder.record(["organizations"], now=NOW, progress="none")
    first = data_files(recorder)[0]
    young, old = first.with_name("young.parquet"), first.with_name("old.parquet")
    part = log_files(recorder)[0].with_name(".abc.part")
    foreign = first.parents[2] / "notes.txt"
    for one in (young, old, part, foreign):
        one.write_bytes(b"half")
    aged([old, part, foreign, first], days=1.1)

    recorder.record(["organizations"], progress="none")

    assert leftovers(recorder) == sorted([foreign, young])
    assert first.exists()


def test_ctrl_c_leaves_no_snapshot_and_the_next_one_works(recorder):
    recorder.sandbox.switch(latency=0.3)
    running = elsewhere(
        "print('ready', flush=True)\n"
        "try: ninja.record(['organizations', 'roles', 'devices', 'policies'], progress='none')\n"
        "except KeyboardInterrupt: print('interrupted')",
        recorder.sandbox,
    )
    running.stdout.readline()
    time.sleep(0.7)
    running.send_signal(signal.SIGINT)

    assert "interrupted" in ended(running)
    recorder.sandbox.switch(latency=0)
    assert recorder.history.snapshots.empty
    recorder.record(["organizations"], progress="none")
    assert len(recorder.history.snapshots) == 1
