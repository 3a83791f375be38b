"""The keeper among processes, some of which are killed: one refresh, no token lost, no lock left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.locks import exclusive
from ninja_analytics.auth.store import open_store
from tests.keepers import again, age, connected, fresh_token, token_requests

pytestmark = pytest.mark.timeout(60)

EXPIRY = """
import sys, threading
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store
keeper = TokenKeeper(resolve("sandbox", base_url=sys.argv[1]), open_store())
keeper.access_token()
print("ready", flush=True)
sys.stdin.readline()
together = threading.Barrier(8)
found = []
def ask():
    together.wait()
    found.append(keeper.access_token())
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(*found)
"""

# Asks once per line of its input, with a new keeper as each cell or job has it, on 8 threads at
# once. A line names the moment at which to stay, to be killed there.
ASKING = """
import json, os, sys, threading, time
from ninja_analytics.auth import grants, keeper
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import open_store

def stay(*_, **__):
    os.write(1, b"there\\n")  # in one piece, also from 8 threads at once
    time.sleep(60)

def stay_at(moment, mine):
    save = mine._store.save
    if moment == "before the lock":
        keeper.exclusive = stay
    elif moment == "holding the lock":
        grants.refresh = stay
    elif moment == "answered, not saved":
        mine._store.save = stay
    elif moment == "saved":
        mine._store.save = lambda *what: (save(*what), stay())

profile = resolve("sandbox", base_url=sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    mine = keeper.TokenKeeper(profile, open_store())
    stay_at(line.strip(), mine)
    together, found = threading.Barrier(8), []
    def ask():
        together.wait()
        try:
            found.append(mine.access_token())
        except Exception as error:
            found.append(f"{type(error).__name__}: {error}")
    threads = [threading.Thread(target=ask, daemon=True) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    print(json.dumps(found), flush=True)
"""


@contextmanager
def processes(number: int, program: str, sandbox) -> Iterator[list[subprocess.Popen[str]]]:
    """*number* processes that run *program* and are ready."""
    command = [sys.executable, "-c", program, sandbox.base_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen(command, **pipes) for _ in range(number)]
    try:
        assert [one.stdout.readline() for one in started] == ["ready\n"] * number
        yield list(started)
    finally:
        for one in started:
            kill(one)


def kill(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
        process.communicate()


def tell(process: subprocess.Popen[str], line: str = "") -> None:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def answers(some: list[subprocess.Popen[str]]) -> set[str]:
    """What all threads of *some* processes have got, which all have answered."""
    found = [json.loads(one.stdout.readline()) for one in some]
    assert [len(one) for one in found] == [8] * len(some)
    return {text for one in found for text in one}


def killed_while_others_ask(
    victim: subprocess.Popen[str], others: list[subprocess.Popen[str]], moment: str
) -> set[str]:
    """What the *others* get who asked while *victim* was at *moment*, where it was killed."""
    tell(victim, moment)
    assert victim.stdout.readline() == "there\n"
    for other in others:
        tell(other)
    time.sleep(0.3)  # so that they wait for what the victim holds
    kill(victim)
    return answers(others)


def is_locked(keeper: TokenKeeper) -> bool:
    with exclusive(keeper.profile.key, wait=0, among_processes=True) as held:
        return not held


def test_8_threads_in_each_of_6_processes_refresh_once_at_expiry(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, token_lifetime=2)
    keeper = connected(sandbox)
    with processes(6, EXPIRY, sandbox) as workers:
        sandbox.switch(token_lifetime=3600)
        expires_at = keeper.token().expires_at
        before = token_requests(sandbox)
        time.sleep(max(0.0, expires_at - time.time()) + 0.1)
        for worker in workers:
            tell(worker)
        found = [worker.communicate(timeout=60)[0].split() for worker in workers]

    assert token_requests(sandbox) - before == 1
    assert [len(texts) for texts in found] == [8] * 6
    tokens = {text for texts in found for text in texts}
    assert tokens == {again(keeper).token().access_token}
    assert tokens != {keeper._token.access_token}


def test_processes_go_on_with_one_refresh_whenever_one_of_them_is_killed(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3)
    keeper = connected(sandbox)
    with processes(6, ASKING, sandbox) as workers:
        for moment in ("before the lock", "holding the lock", "saved"):
            old = keeper.token()
            age(keeper, left=-1)
            before = token_requests(sandbox)
            victim = workers.pop()
            found = killed_while_others_ask(victim, workers, moment)

            new = again(keeper).token()
            assert found == {new.access_token}, moment
            assert new.refresh_token != old.refresh_token, moment
            assert token_requests(sandbox) - before == 1, moment
            assert not is_locked(keeper), moment


def test_a_killed_process_takes_the_token_that_it_did_not_save_with_it(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3)
    keeper = connected(sandbox)
    with processes(3, ASKING, sandbox) as (victim, *others):
        age(keeper, left=-1)
        old = keeper.token()
        found = killed_while_others_ask(victim, others, "answered, not saved")

        # NinjaOne has rotated: nobody has the new one, and the old one counts as stolen.
        (sentence,) = found
        assert sentence.startswith("ConsentRequiredError: The consent for profile 'sandbox' has")
        assert "Run: ninja-analytics connect --profile sandbox" in sentence
        assert again(keeper).token() == old
        assert not is_locked(keeper)

        consented = fresh_token(sandbox, keeper.profile)
        keeper.accept(consented)
        for other in others:
            tell(other)
        assert answers(others) == {consented.access_token}


def test_without_rotation_nothing_is_lost_with_a_killed_process(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, rotate=False)
    keeper = connected(sandbox)
    with processes(3, ASKING, sandbox) as (victim, *others):
        age(keeper, left=-1)
        old, before = keeper.token(), token_requests(sandbox)
        found = killed_while_others_ask(victim, others, "answered, not saved")

        new = again(keeper).token()
        assert found == {new.access_token} != {old.access_token}
        assert new.refresh_token == old.refresh_token
        assert token_requests(sandbox) - before == 2  # the victim's, and one for all others


HOLDER = """
import sys, time
from ninja_analytics.auth.locks import exclusive
with exclusive(sys.argv[1], wait=5, among_processes=True) as held:
    print(held, flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(
    os.name == "nt", reason="Windows has no SIGKILL; to run this, use Linux or macOS"
)
def test_a_process_that_is_killed_in_the_lock_does_not_block(own):
    keeper = connected(own)
    age(keeper, left=-1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, keeper.profile.key], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout.readline() == "True\n"
    waiting = ThreadPoolExecutor(1)
    answer = waiting.submit(again(keeper).access_token)
    time.sleep(0.3)
    assert not answer.done()

    holder.send_signal(signal.SIGKILL)
    holder.communicate()

    assert answer.result(timeout=5) == keeper.token().access_token
    waiting.shutdown()


def test_while_another_process_renews_a_living_token_serves(own):
    keeper = connected(own)
    age(keeper, left=30)
    keeper = again(keeper)
    living = keeper.token().access_token
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, keeper.profile.key], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "True\n"
        began = time.monotonic()
        assert keeper.access_token() == living
        assert time.monotonic() - began < 2
    finally:
        holder.kill()
        holder.communicate()


def test_an_interrupt_does_not_break_a_refresh_off(own):
    code = (
        "import sys, os, signal, threading, time\n"
        "from ninja_analytics.auth import grants\n"
        "from ninja_analytics.auth.keeper import TokenKeeper\n"
        "from ninja_analytics.auth.profiles import resolve\n"
        "from ninja_analytics.auth.store import open_store\n"
        "keeper = TokenKeeper(resolve('sandbox', base_url=sys.argv[1]), open_store())\n"
        "save = keeper._store.save\n"
        "def slow(key, token):\n"
        "    os.kill(os.getpid(), signal.SIGINT); time.sleep(0.5); save(key, token)\n"
        "keeper._store.save = slow\n"
        "try:\n"
        "    keeper.renew(keeper.access_token())\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    keeper = connected(own)
    old = keeper.token()
    done = subprocess.run(
        [sys.executable, "-c", code, own.base_url], capture_output=True, text=True, check=False
    )

    assert done.stdout == "interrupted\n", done.stderr
    new = open_store().load(keeper.profile.key)
    assert new.refresh_token != old.refresh_token
    assert grants.refresh(keeper.profile, new.refresh_token).access_token
