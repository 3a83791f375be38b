"""The file of a profile's requests: private, bounded, mended, and never in the way of a request."""

from __future__ import annotations

import logging
import os
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import Profile
from ninja_analytics.auth.store import MemoryStore
from ninja_analytics.auth.tokens import Token
from ninja_analytics.ninja import Ninja
from ninja_analytics.usage import Budget, Ledger
from tests.odd_server import OddServer

PATH = "/v2/devices"
DAY = 86_400.0
posix = pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has no file modes and limits; to run this, use Linux or macOS",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "usage" / "acme.sqlite"


def ask(ledger: Ledger, times: int = 1, **settings: object) -> None:
    budget = Budget(ledger, **settings)
    for _ in range(times):
        with budget.slot(PATH) as slot:
            slot.status = 200


def statuses(ledger: Ledger) -> list[object]:
    return [row[2] for row in ledger.made()]


@posix
def test_only_this_user_can_read_it_whatever_the_umask(file):
    before = os.umask(0)
    try:
        ask(Ledger(file))
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert modes == {"acme.sqlite": 0o600, "acme.sqlite-journal": 0o600}
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_nothing_is_written_before_the_first_request(file):
    Budget(Ledger(file))

    assert not file.parent.exists()


def test_requests_are_kept_for_ninety_days(file):
    ledger = Ledger(file)
    for age in (91, 89, 0):
        ask(ledger, clock=lambda age=age: time.time() - age * DAY)

    ages = [round((time.time() - row[0]) / DAY) for row in Ledger(file).made()]
    assert ages == [89, 0]


def test_ledgers_that_nobody_used_for_as_long_are_removed(file):
    ask(Ledger(file))
    old, young = file.with_name("old.sqlite"), file.with_name("young.sqlite")
    for path, age in ((old, 91), (young, 89)):
        path.touch()
        os.utime(path, (time.time() - age * DAY,) * 2)

    ask(Ledger(file))

    assert (old.exists(), young.exists()) == (False, True)


def test_where_no_file_can_be_made_it_is_kept_in_memory_and_said_once(tmp_path, caplog):
    (tmp_path / "usage").write_text("this is no folder")
    ledger = Ledger(tmp_path / "usage" / "acme.sqlite")
    ask(ledger, 3)

    assert statuses(ledger) == [200] * 3
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "kept in memory" in caplog.text


@posix
def test_a_full_disk_stops_no_request(file):
    ask(Ledger(file))
    code = (
        "import resource, sys, pathlib\n"
        "from ninja_analytics.usage import Budget, Ledger\n"
        "ledger = Ledger(pathlib.Path(sys.argv[1])); budget = Budget(ledger)\n"
        "for number in range(300):\n"
        "    if number == 100: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "    with budget.slot('/v2/' + 'x' * 300) as slot: slot.status = 200\n"
        "print(len(ledger.made()))\n"
    )

    run = subprocess.run([sys.executable, "-c", code, file], capture_output=True, text=True)

    assert run.returncode == 0, run.stderr
    assert int(run.stdout) == 200
    assert run.stderr.count("kept in memory") == 1
    assert len(Ledger(file).made()) == 101


def test_work_that_is_interrupted_leaves_no_half(file):
    ledger = Ledger(file)
    ask(ledger)

    def halfway(db: sqlite3.Connection) -> None:
        db.execute("delete from requests")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.do(halfway)
    assert statuses(ledger) == [200]


@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
@pytest.mark.parametrize("damage", [b"no database at all" * 400, b"SQLite format 3\0" * 300])
def test_a_damaged_file_is_set_aside_and_begun_anew(file, caplog, when, damage):
    ledger = Ledger(file)
    ask(ledger)
    if when == "before it is opened":
        ledger = Ledger(file)
    file.write_bytes(damage)
    ask(ledger, 2)

    assert statuses(ledger) == statuses(Ledger(file)) == [200, 200]
    assert file.with_name("acme.sqlite.damaged").read_bytes() == damage
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "was damaged" in caplog.text


def test_a_file_that_somebody_removes_is_made_again(file, caplog):
    ledger = Ledger(file)
    budget = Budget(ledger)
    with budget.slot(PATH) as slot:
        slot.status = 200
        for path in file.parent.iterdir():
            path.unlink()
    ask(ledger)

    assert statuses(Ledger(file)) == [200, 200]
    assert caplog.text == ""


def test_no_token_filter_parameter_or_answer_is_in_the_file(home):
    token = Token("canary-token", "canary-refresh", time.time() + 3600, (), time.time())
    with OddServer(body=b'["canary-answer"]') as server:
        keeper = TokenKeeper(Profile("acme", server.url, "id"), MemoryStore())
        keeper.accept(token)
        ninja = Ninja(keeper)
        ninja.get("/v2/devices?df=canary-query", df="canary-filter", search="canary-parameter")

    assert "canary-filter" in server.lines[0]
    assert server.bearers == ["Bearer canary-token"]
    written = b"".join(path.read_bytes() for path in (home / "usage").iterdir())
    assert b"/v2/devices" in written
    assert b"canary" not in written
    assert "canary" not in ninja.usage().to_csv()
