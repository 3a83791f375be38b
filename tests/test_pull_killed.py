"""Pulls on the disk: a process that is killed or interrupted, another at the same time, a bad disk."""

from __future__ import annotations

import json
import logging
import shutil
import signal

import pytest

from ninja_analytics.errors import IncompleteError
from tests.pulls import SOFTWARE, asked, assert_whole, connected, pull_elsewhere, until

DEVICES = 100


@pytest.fixture
def sandbox(fresh_sandbox):
    """A sandbox whose software takes a while: about a hundred pages in several parts."""
    running = fresh_sandbox(devices=DEVICES, seed=7)
    running.switch(page_size=200)
    return running


def ended_parts(home):
    """The parts of pulls that are on the disk whole."""
    return [one for one in (home / "pulls").glob("*/*.json") if one.stem.isdigit()]


def asked_parts(sandbox):
    """The filters of the parts that were asked for."""
    return {one["query"].get("df") for one in asked(sandbox, SOFTWARE)}


def pages(sandbox):
    return -(-len(sandbox.truth("software")) // 200)


@pytest.mark.parametrize(("resume", "latency"), [(True, 0.02), (False, 0.07)])
def test_a_pull_whose_process_was_killed_goes_on_from_what_it_had(sandbox, home, resume, latency):
    sandbox.switch(latency=latency)
    process = pull_elsewhere(sandbox, "software", resume=resume)
    until(lambda: len(ended_parts(home)) >= 2)
    process.kill()
    process.communicate()
    there = len(ended_parts(home))
    sandbox.switch(latency=0)
    sandbox.forget_requests()

    frame = connected(sandbox).table("software", resume=True)

    assert_whole(frame, sandbox, "software")
    assert len(asked_parts(sandbox)) == frame.attrs["ninja"]["parts"] - there
    assert frame.attrs["ninja"]["began_at"] < frame.attrs["ninja"]["pulled_at"]
    assert not list((home / "pulls").glob("*/*.arrow"))


def test_a_pull_that_ended_well_is_not_gone_on_with(sandbox):
    ninja = connected(sandbox)
    ninja.table("software", max_age="1h")
    sandbox.forget_requests()

    frame = ninja.table("software", resume=True)

    assert "began_at" not in frame.attrs["ninja"]
    assert len(asked(sandbox, SOFTWARE)) >= pages(sandbox)


def test_two_processes_that_pull_the_same_do_not_disturb_each_other(sandbox, home):
    sandbox.switch(latency=0.02)
    process = pull_elsewhere(sandbox, "software", resume=True)
    until(lambda: ended_parts(home))

    frame = connected(sandbox).table("software", resume=True)

    assert_whole(frame, sandbox, "software")
    out, _ = process.communicate(timeout=30)
    assert json.loads(out) == {"rows": len(frame)}


@pytest.mark.parametrize("latency", [0.0, 0.07], ids=["one cursor", "parts"])
def test_a_pull_that_is_interrupted_ends_at_once_and_can_be_gone_on_with(sandbox, home, latency):
    sandbox.switch(latency=latency or 0.02)
    process = pull_elsewhere(sandbox, "software", resume=bool(latency))
    until(lambda: ended_parts(home) if latency else len(asked(sandbox, SOFTWARE)) > 3)
    process.send_signal(signal.SIGINT)

    out, _ = process.communicate(timeout=5)

    threads = json.loads(out)["interrupted"]
    assert not [one for one in threads if one.startswith(("pull", "decode"))]
    sandbox.switch(latency=0)
    assert_whole(connected(sandbox).table("software", resume=True), sandbox, "software")


def test_several_tables_that_are_interrupted_end_at_once_too(sandbox):
    sandbox.switch(latency=0.1, page_size=20)
    process = pull_elsewhere(sandbox, ["software", "volumes", "os_patches", "devices"])
    until(lambda: len(asked(sandbox, SOFTWARE)) > 8)
    process.send_signal(signal.SIGINT)

    out, _ = process.communicate(timeout=5)

    threads = json.loads(out)["interrupted"]
    assert not [one for one in threads if one.startswith(("table", "pull", "decode"))]


@pytest.fixture
def broken(sandbox, home):
    """The folder of a pull that broke in the middle; its error is still held, as a notebook does."""
    sandbox.fault("500", path=SOFTWARE, after=40, times=60)
    with pytest.raises(IncompleteError) as caught:
        connected(sandbox).table("software", resume=True)
    sandbox.switch(faults=[])
    assert len(ended_parts(home)) >= 2
    folder = next(one for one in (home / "pulls").iterdir() if one.is_dir())
    yield folder
    assert caught.value.partial is not None


def cut(path):
    path.write_bytes(path.read_bytes()[:-20])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def header_only(path):
    path.write_bytes(path.read_bytes()[:200])


def other(path):
    path.write_text('{"parts": "x", "form": 2}')


def nothing(path):
    path.write_bytes(b"")


DAMAGES = [
    ("*.arrow", cut), ("*.arrow", flip), ("*.arrow", header_only), ("*.arrow", nothing),
    ("[0-9]*.json", cut), ("[0-9]*.json", flip), ("[0-9]*.json", other),
    ("plan.json", flip), ("plan.json", other), ("plan.json", nothing),
]  # fmt: skip


def test_a_file_that_the_disk_has_damaged_is_not_believed(sandbox, broken, tmp_path):
    shutil.copytree(broken, tmp_path / "kept")
    ninja = connected(sandbox)
    for pattern, damage in DAMAGES:
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(tmp_path / "kept", broken)
        for path in broken.glob(pattern):
            damage(path)

        frame = ninja.table("software", resume=True)

        assert len(frame) == len(sandbox.truth("software")), (pattern, damage.__name__)
    assert_whole(frame, sandbox, "software")


def test_the_same_kernel_goes_on_too_though_it_still_holds_the_error(sandbox, broken):
    there = len(ended_parts(broken.parent.parent))
    sandbox.forget_requests()

    frame = connected(sandbox).table("software", resume=True)

    assert_whole(frame, sandbox, "software")
    assert len(asked_parts(sandbox)) == frame.attrs["ninja"]["parts"] - there


def test_a_part_on_the_disk_that_is_too_old_says_nothing_of_today(sandbox, broken, monkeypatch):
    monkeypatch.setattr("ninja_analytics.tables.kept._OLDEST", 0.001)
    sandbox.forget_requests()

    frame = connected(sandbox).table("software", resume=True)

    assert_whole(frame, sandbox, "software")
    assert len(asked(sandbox, SOFTWARE)) >= pages(sandbox)


def test_a_disk_that_takes_nothing_costs_the_keeping_and_not_the_pull(sandbox, home, caplog):
    home.mkdir()
    (home / "pulls").write_text("in the way")
    ninja = connected(sandbox)

    with caplog.at_level(logging.WARNING, "ninja_analytics"):
        frame = ninja.table("software", resume=True, max_age="1h")

    assert_whole(frame, sandbox, "software")
    assert len([one for one in caplog.messages if "not kept on the disk" in one]) == 1


def test_a_disk_that_fills_up_meanwhile_costs_the_keeping_too(sandbox, home, caplog, monkeypatch):
    sizes = []

    def packed(table, decoded):
        sizes.append(decoded.rows)
        if len(sizes) > 2:
            raise OSError(28, "No space left on device")
        return kept_packed(table, decoded)

    from ninja_analytics.tables import kept

    kept_packed = kept.batches.packed
    monkeypatch.setattr(kept.batches, "packed", packed)

    with caplog.at_level(logging.WARNING, "ninja_analytics"):
        frame = connected(sandbox).table("software", resume=True)

    assert_whole(frame, sandbox, "software")
    said = [one for one in caplog.messages if "not kept on the disk" in one]
    assert len(said) == 1
    assert "No space left" in said[0]
    assert not list((home / "pulls").glob("*/*.arrow"))
