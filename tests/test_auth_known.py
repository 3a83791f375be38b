"""What this machine knows as a secret: by hash, for the next process too, never in plain text."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time

import pytest

from ninja_analytics.auth import known
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.locks import exclusive
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import MemoryStore, open_store
from ninja_analytics.auth.tokens import Token


@pytest.fixture(autouse=True)
def new_process(monkeypatch):
    """As in a process that has handled no secret yet."""
    monkeypatch.setattr(known, "_of_this_process", set())


def known_elsewhere(*texts: str) -> list[bool]:
    """Whether another process of this user knows each of *texts*."""
    code = (
        "import sys; from ninja_analytics.auth.known import knows; print(*map(knows, sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *texts], capture_output=True, text=True, check=True
    )
    return [word == "True" for word in done.stdout.split()]


def test_a_secret_is_known_here_and_in_the_next_process_and_nothing_else_is():
    known.remember("canary-one", None, "", "canary-two")

    texts = ["canary-one", "canary-two", "canary-one ", "canary", "x"]
    assert [known.knows(text) for text in texts] == [True, True, False, False, False]
    assert not known.knows("")
    assert known_elsewhere(*texts) == [True, True, False, False, False]


def test_the_file_holds_no_secret_and_is_private(home):
    known.remember("canary-one")
    file = home / "known-secrets"

    assert "canary" not in file.read_text(encoding="ascii")
    assert len(file.read_text(encoding="ascii").split()) == 1
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_not_to_last_is_known_in_this_process_only(home):
    known.remember("canary", lasting=False)

    assert known.knows("canary")
    assert not home.exists()

    known.remember("canary")
    assert known_elsewhere("canary") == [True]


def test_only_the_newest_are_kept(home, monkeypatch):
    monkeypatch.setattr(known, "_KEPT", 3)
    for number in range(5):
        known.remember(f"canary-{number}")
    known.remember("canary-4")
    known._of_this_process.clear()

    assert [known.knows(f"canary-{number}") for number in range(5)] == [False] * 2 + [True] * 3


def test_processes_that_remember_at_once_lose_nothing():
    code = (
        "import sys; from ninja_analytics.auth.known import remember\n"
        "for number in range(20): remember(f'canary-{sys.argv[1]}-{number}')"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(3)]

    assert [writer.wait(timeout=30) for writer in writers] == [0, 0, 0]
    assert all(known.knows(f"canary-{n}-{number}") for n in range(3) for number in range(20))


def test_what_cannot_be_written_down_stops_nobody(home, monkeypatch):
    home.write_text("a file where a folder should be", encoding="utf-8")
    known.remember("canary-one")
    assert known.knows("canary-one")
    assert not known.knows("another")

    home.unlink()
    monkeypatch.setattr(known, "_LOCK_SECONDS", 0.05)
    with exclusive("known-secrets", wait=1, among_processes=True):
        began = time.monotonic()
        known.remember("canary-two")
        assert time.monotonic() - began < 1
    assert known.knows("canary-two")
    assert not (home / "known-secrets").exists()


def test_a_damaged_file_is_no_obstacle(home):
    home.mkdir()
    (home / "known-secrets").write_bytes(b"\xff\x00 nonsense\n")
    known.remember("canary")

    assert known_elsewhere("canary", "nonsense") == [True, False]


def test_a_keeper_remembers_every_token_and_secret_that_it_keeps(home):
    now = time.time()
    token = Token("canary-access", "canary-refresh", now + 3600, ("monitoring",), now)
    profile = resolve("acme", base_url="https://127.0.0.1:9", client_id="id", platform="web")
    secrets = ["canary-access", "canary-refresh", "canary-secret"]

    TokenKeeper(profile, MemoryStore(), "canary-secret").accept(token)
    assert all(map(known.knows, secrets))
    assert not (home / "known-secrets").exists()

    TokenKeeper(profile, open_store("file"), "canary-secret").accept(token)
    assert known_elsewhere(*secrets, "canary-other") == [True] * 3 + [False]
