"""Processes and threads of one profile at a NinjaOne that counts what it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import ninja_analytics as na
from ninja_analytics.sandbox import Sandbox
from tests.conftest import api_services

# Asks for a path so many times, from six threads, as the profile that the environment describes.
_ASK = """
import sys
from concurrent.futures import ThreadPoolExecutor
import ninja_analytics as na
ninja = na.connect("acme", interactive=False)
print("ready", flush=True); sys.stdin.readline()
with ThreadPoolExecutor(6) as pool:
    list(pool.map(lambda _: ninja.get("/v2/roles"), range(int(sys.argv[1]))))
"""


@pytest.fixture(scope="module")
def town() -> Iterator[Sandbox]:
    with Sandbox(devices=10, seed=4) as running:
        yield running


@pytest.fixture
def asked(town: Sandbox) -> Iterator[Callable[[], list[dict[str, object]]]]:
    """The API requests that the sandbox saw since the test began; it has its switches back after."""
    before = town.switch()
    town.forget_requests()
    yield lambda: [one for one in town.requests() if one["path"].startswith("/v2/")]
    town.switch(**before)


@pytest.fixture
def two(town: Sandbox) -> Iterator[Callable[..., list[subprocess.Popen[str]]]]:
    """A maker of two processes that ask at the same time, as one profile with these settings."""
    processes = []

    def start(times: int, **settings: str) -> list[subprocess.Popen[str]]:
        fields = api_services(town)
        environment = {f"NINJA_{name.upper()}": value for name, value in fields.items()}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [sys.executable, "-c", _ASK, str(times)]
        whole = os.environ | environment | settings
        processes.extend(subprocess.Popen(command, env=whole, **pipes) for _ in range(2))
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return processes

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def acme(town: Sandbox, **settings: object) -> na.Ninja:
    return na.connect("acme", **api_services(town), interactive=False, **settings)


def test_two_processes_together_have_no_more_requests_on_their_way_than_allowed(town, two, asked):
    town.switch(latency=0.02)
    for process in two(25, NINJA_PARALLEL="3"):
        assert process.wait(60) == 0

    assert [one["status"] for one in asked()] == [200] * 50
    assert max(one["inside"] for one in asked()) == 2  # when a third one came
    made = acme(town).usage()
    assert made["process_id"].value_counts().tolist() == [25, 25]
    interleaved = made["process_id"].ne(made["process_id"].shift()).sum()
    assert interleaved > 5


def test_two_processes_together_keep_within_the_cap_per_minute(town, two, asked):
    town.switch(latency=0.02)
    processes = two(25, NINJA_REQUESTS_PER_MINUTE="20")
    deadline = time.monotonic() + 30
    while len(asked()) < 20 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(1)

    assert len(asked()) == 20
    assert [process.poll() for process in processes] == [None, None]
    made = acme(town).usage()
    assert len(made) == 20
    assert made["process_id"].nunique() == 2


def test_a_pull_by_many_threads_ends_well_where_too_many_are_refused(town, asked):
    town.switch(rate_limit=25, rate_window=1.0, concurrency_limit=3, latency=0.005)
    ninja = acme(town)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ninja.get("/v2/roles"), range(60)))

    assert answers == [town.truth("roles")] * 60
    statuses = [one["status"] for one in asked()]
    assert statuses.count(200) == 60
    assert 1 <= statuses.count(429) <= 20
    made = ninja.usage()
    assert (made["status"] == 429).sum() == statuses.count(429) == made["retries"].gt(0).sum()


def test_a_pull_of_many_pages_ends_whole_where_too_many_are_refused(town, asked):
    town.switch(rate_limit=25, rate_window=1.0, page_size=20)
    frame = acme(town).table("software")

    assert len(frame) == len(town.truth("software"))
    assert frame.attrs["ninja"]["complete"]
    assert {one["status"] for one in asked()} == {200, 429}


def test_the_pace_that_one_process_learned_holds_for_the_next(town, asked):
    town.fault("429", seconds=0.1)
    acme(town).get("/v2/roles")

    assert acme(town)._session.parallel == 2
    assert acme(town, parallel=1)._session.parallel == 1
