"""Slots for requests: how many at once and per minute, the common pace, and pauses."""

from __future__ import annotations

import _thread
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from ninja_analytics import errors
from ninja_analytics.usage import Budget, Ledger, Limits
from ninja_analytics.usage.budget import GROWS_AFTER

PATH = "/v2/devices"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(tmp_path: Path, clock: Clock) -> Callable[..., Budget]:
    """A maker of budgets that share one file, as those of several processes do."""

    def make(parallel: int = 8, requests_per_minute: int | None = None, **more: object) -> Budget:
        limits = Limits(parallel, requests_per_minute)
        given = {"clock": clock, "sleep": clock.sleep} | more
        return Budget(Ledger(tmp_path / "usage" / "acme.sqlite"), limits, **given)

    return make


def answered(budget: Budget, times: int = 1, status: int = 200) -> None:
    for _ in range(times):
        with budget.slot(PATH) as slot:
            slot.status = status


def slowed_down(budget: Budget, pause: float = 0.0) -> None:
    with budget.slot(PATH) as slot:
        slot.status, slot.slow_down, slot.pause = 429, True, pause


def test_never_more_requests_are_on_their_way_than_the_pace_allows(budget):
    many, lock = [budget(sleep=time.sleep, clock=time.time) for _ in range(2)], threading.Lock()
    inside, most = 0, []

    def ask(number: int) -> None:
        nonlocal inside
        with many[number % 2].slot(PATH) as slot:
            with lock:
                inside += 1
                most.append(inside)
            time.sleep(0.005)
            with lock:
                inside -= 1
            slot.status = 500  # which leaves the pace as it is

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, range(60)))

    assert max(most) == many[0].parallel == 4
    assert len(most) == 60


def test_a_user_may_allow_less_than_the_pace_does(budget):
    assert budget(parallel=2).parallel == 2


def test_answers_to_requests_that_were_on_their_way_together_halve_the_pace_once(budget):
    one = budget()
    with ExitStack() as together:
        for slot in [together.enter_context(one.slot(PATH)) for _ in range(4)]:
            slot.status, slot.slow_down = 429, True

    assert one.parallel == 2


def test_every_later_one_halves_it_again_down_to_one(budget, clock):
    one, paces = budget(), []
    for _ in range(4):
        clock.now += 1
        slowed_down(one)
        paces.append(one.parallel)

    assert paces == [2, 1, 1, 1]


def test_good_answers_raise_the_pace_slowly_and_not_beyond_the_limit(budget, clock):
    one, paces = budget(parallel=3), []
    slowed_down(one)
    for _ in range(4):
        clock.now += 1
        answered(one, GROWS_AFTER)
        paces.append(one.parallel)

    assert paces == [2, 3, 3, 3]


def test_what_failed_is_no_reason_to_go_faster(budget):
    one = budget()
    answered(one, 3 * GROWS_AFTER, status=500)

    assert one.parallel == 4


def test_an_answer_to_a_request_from_before_the_halving_is_no_reason_either(budget, clock):
    one = budget()
    with one.slot(PATH) as early:
        clock.now += 1
        slowed_down(one)
        clock.now += 1
        answered(one, GROWS_AFTER - 1)
        early.status = 200

    assert one.parallel == 2


def test_a_pause_is_common_and_told(budget, clock):
    told = []
    one, other = budget(), budget(on_wait=lambda seconds, reason: told.append((seconds, reason)))
    slowed_down(one, pause=30)

    answered(other)

    assert clock.slept == [30]
    assert told == [(30, "NinjaOne asked to slow down.")]


def test_who_waited_out_the_pause_does_not_wait_again(budget, clock):
    one = budget()
    with one.slot(PATH) as slot:
        slot.status, slot.slow_down, slot.pause = 429, True, 30
    with one.slot(PATH, retries=1, rested_until=slot.rested_until):
        pass

    assert clock.slept == []


def test_a_pause_longer_than_the_longest_wait_is_an_error(budget):
    slowed_down(budget(), pause=120)

    with pytest.raises(errors.RateLimitError, match="120 s more") as caught:
        answered(budget(longest_wait=30))

    assert caught.value.retry_after == 120


def test_a_pause_by_a_clock_that_was_set_back_since_stops_nobody(budget, clock):
    slowed_down(budget(), pause=30)
    clock.now -= 86_400

    answered(budget())

    assert clock.slept == []


def test_no_minute_has_more_requests_than_the_cap_whoever_asks(budget, clock):
    both, begun = [budget(requests_per_minute=5), budget(requests_per_minute=5)], []
    for number in range(23):
        with both[number % 2].slot(PATH) as slot:
            begun.append(slot.began_at)
            clock.now += number % 4
            slot.status = 200

    # NinjaOne meets a request at some time while it is on its way, up to three seconds here.
    windows = [[at for at in begun if start <= at < start + 57] for start in begun]
    assert max(map(len, windows)) == 5
    assert sum(clock.slept) < 23 / 5 * 64


def test_a_cap_of_one_is_one_at_once_and_one_in_a_minute(budget, clock):
    one = budget(requests_per_minute=1)
    answered(one, 3)

    assert clock.slept == [60, 60]


def test_the_cap_counts_requests_on_their_way(budget, clock):
    one, waiting = budget(requests_per_minute=2), threading.Event()
    with ExitStack() as both, ThreadPoolExecutor(1) as pool:
        for _ in range(2):
            both.enter_context(one.slot(PATH))
        third = pool.submit(lambda: (waiting.set(), answered(one)))
        waiting.wait()
        time.sleep(0.1)
        assert not third.done()
        both.close()
        third.result(5)

    assert clock.slept == [60]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_is_interrupted_while_waiting_leaves_no_trace(budget, clock, stop):
    def interrupted(_: float) -> None:
        raise stop

    slowed_down(budget(), pause=30)
    with pytest.raises(stop):
        answered(budget(sleep=interrupted))
    clock.now += 30

    one = budget(parallel=1)
    answered(one)
    assert [status for _, _, status, *_ in one._ledger.made()] == [429, 200]


def test_ctrl_c_ends_the_wait_for_a_slot(budget):
    one = budget(parallel=1)
    with one.slot(PATH):
        stop = threading.Timer(0.1, _thread.interrupt_main)
        stop.start()
        with pytest.raises(KeyboardInterrupt):
            answered(one)
        stop.join()
    answered(one)

    assert [status for _, _, status, *_ in one._ledger.made()] == [0, 200]
    assert one._ledger.do(lambda db: db.execute("select * from waiting").fetchall()) == []


def test_who_has_waited_longer_goes_first(budget, clock):
    one, other, order = budget(parallel=1), budget(parallel=1), []

    def ask(who: Budget, name: str) -> None:
        with who.slot(PATH):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        with one.slot(PATH):
            early = pool.submit(ask, other, "other")
            while not one._ledger.do(lambda db: db.execute("select 1 from waiting").fetchone()):
                time.sleep(0.001)
            clock.now += 0.1
            late = pool.submit(ask, one, "one")
            time.sleep(0.05)
        for asking in (early, late):
            asking.result(5)

    assert order == ["other", "one"]


def test_who_is_gone_is_not_waited_for(budget, clock):
    one = budget()
    one._ledger.do(lambda db: db.execute("insert into waiting values (1, 1, ?)", (clock.now,)))
    with ExitStack() as three, ThreadPoolExecutor(1) as pool:
        for _ in range(3):
            three.enter_context(one.slot(PATH))
        asking = pool.submit(answered, one)
        time.sleep(0.1)
        assert not asking.done()  # the last of four slots is for who waited longer
        clock.now += 2
        asking.result(5)


def test_who_is_interrupted_on_the_way_gives_the_slot_back(budget):
    one = budget(parallel=1)
    with pytest.raises(KeyboardInterrupt), one.slot(PATH):
        raise KeyboardInterrupt
    answered(one)

    assert [status for _, _, status, *_ in one._ledger.made()] == [0, 200]


def test_the_slots_of_a_killed_process_are_free_again(budget, tmp_path):
    code = (
        "import sys, pathlib, contextlib\n"
        "from ninja_analytics.usage import Budget, Ledger\n"
        "budget = Budget(Ledger(pathlib.Path(sys.argv[1])))\n"
        "slots = [budget.slot('/v2/roles') for _ in range(4)]\n"
        "[slot.__enter__() for slot in slots]\n"
        "print('taken', flush=True); sys.stdin.read()\n"
    )
    file = tmp_path / "usage" / "acme.sqlite"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code, str(file)], **pipes) as holder:
        assert holder.stdout.readline() == "taken\n"
        one = budget(clock=time.time, sleep=time.sleep)
        with ThreadPoolExecutor(1) as pool:
            mine = pool.submit(answered, one)
            time.sleep(0.2)
            assert not mine.done()
            holder.kill()
            holder.wait()
            mine.result(10)

    lost = [row for row in one._ledger.made() if row[1] == "/v2/roles"]
    assert [(status, took) for _, _, status, _, took, *_ in lost] == [(0, None)] * 4


def test_a_slot_that_another_machine_never_gave_back_is_free_after_five_minutes(budget, clock):
    one = budget(parallel=1)
    slot = one.slot(PATH)
    slot.__enter__()
    one._ledger.do(lambda db: db.execute("update requests set machine = 'x', process_id = 1"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(answered, one)
        time.sleep(0.1)
        assert not waiting.done()
        clock.now += 301
        waiting.result(5)
    slot.__exit__(None, None, None)

    assert len(one._ledger.made()) == 2


@pytest.mark.skipif(
    not hasattr(os, "fork"), reason="Windows cannot fork; to run this, use Linux or macOS"
)
def test_forked_processes_go_on_with_the_same_file(budget):
    one = budget(clock=time.time, sleep=time.sleep)
    answered(one)
    children = []
    with ThreadPoolExecutor(2) as pool:  # a fork comes while other threads are at the file
        busy = pool.submit(answered, one, 200)
        for _ in range(4):
            child = os.fork()
            if not child:
                crossed = one._ledger._connection is not None
                answered(one, 20)
                os._exit(crossed)
            children.append(child)
        codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        busy.result()

    assert codes == [0] * 4
    made = one._ledger.made()
    assert len(made) == 1 + 200 + 4 * 20
    assert {row[-1] for row in made} == {os.getpid(), *children}
