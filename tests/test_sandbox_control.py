"""How the sandbox is started, held in hand and stopped."""

from __future__ import annotations

import subprocess
import sys
import time
from urllib.parse import urlsplit

import pytest
import requests

from ninja_analytics import catalog
from ninja_analytics.errors import SandboxError, UnknownNameError
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.sandbox.switches import FAULT_KINDS, Fault, Switches
from tests.sandbox_client import Asker


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=20, seed=21) as sandbox:
        yield sandbox


# the hand that holds it


def test_the_request_log_tells_what_was_asked_but_no_secret(fresh_sandbox):
    sandbox = fresh_sandbox(devices=2)
    ask = Asker(sandbox)
    ask.table("devices", df="org = 1", pageSize=5)
    ask("/v2/nothing", access_token="a-secret")

    log = sandbox.requests()
    assert [(one["method"], one["path"], one["status"]) for one in log] == [
        ("POST", "/ws/oauth/token", 200),
        ("GET", "/v2/devices", 200),
        ("GET", "/v2/nothing", 404),
    ]
    assert log[1]["query"] == {"df": "org = 1", "pageSize": "5"}
    assert "a-secret" not in str(log)
    sandbox.forget_requests()
    assert sandbox.requests() == []


def test_the_control_routes_need_their_key(town):
    for path in ("switches", "truth/devices", "requests", "revoke", "faults"):
        for headers in ({}, {"X-Sandbox-Key": "guess"}):
            method = requests.post if path in ("revoke", "faults") else requests.get
            answer = method(f"{town.base_url}/sandbox/{path}", headers=headers, timeout=10)
            assert answer.status_code == 403


def test_a_switch_that_does_not_exist_is_named_with_the_nearest(town):
    with pytest.raises(SandboxError, match="Did you mean 'latency'"):
        town.switch(latncy=1)
    with pytest.raises(SandboxError, match="no fault named '418'"):
        town.fault("418")
    with pytest.raises(SandboxError, match="no table 'nix'"):
        town.truth("nix")


@pytest.mark.parametrize(
    "changes",
    [{"latency": -1}, {"rotate": 1}, {"page_size": 2.5}, {"largest_page": 0}, {"larger_page": "cut"}, {"consent": "maybe"}, {"latency": "x"},
     {"token_lifetime": float("nan")}, {"faults": ["x"]}, {"faults": [{"kind": "500", "oops": 1}]}],
)  # fmt: skip
def test_switches_change_all_or_none(changes):
    switches = Switches()

    with pytest.raises((SandboxError, UnknownNameError)):
        switches.set({"page_size": 5} | changes)
    assert switches == Switches()


def test_every_kind_of_fault_can_be_made():
    assert [Fault(kind).kind for kind in FAULT_KINDS] == list(FAULT_KINDS)


# starting and stopping


def test_its_repr_shows_no_secret(town):
    shown = repr(town) + repr(town.clients)

    for client in town.clients.values():
        assert client.client_secret is None or client.client_secret not in shown
    assert town.password not in shown


def test_the_client_apps_are_those_of_the_catalogue(town):
    assert {name: one.client_id for name, one in town.clients.items()} == dict(
        catalog.SANDBOX_CLIENT_IDS
    )
    has_secret = {name for name, one in town.clients.items() if one.client_secret}
    assert has_secret == {one.name for one in catalog.PLATFORMS.values() if one.has_secret}


def test_a_port_in_use_is_said_in_one_sentence(town):
    with pytest.raises(SandboxError, match=r"did not start: Port \d+ .* cannot be used"):
        Sandbox(devices=1, port=urlsplit(town.base_url).port)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"now": "whenever"}, "whenever"), ({"port": 70_000}, "port must be between 0 and 65535"),
        ({"devices": -1}, "devices must be between"), ({"organizations": 0}, "organizations must"),
        ({"devicez": 3}, "no switch named 'devicez'"), ({"faults": ["418"]}, "no fault named"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_said(settings, said):
    with pytest.raises(SandboxError, match=f"did not start: .*{said}"):
        Sandbox(**settings)


@pytest.mark.parametrize("organizations", [1, 2, 8, 30])
def test_there_are_as_many_organizations_as_asked_for(fresh_sandbox, organizations):
    sandbox = fresh_sandbox(devices=12, organizations=organizations)

    assert len(sandbox.truth("organizations")) == organizations
    assert len(sandbox.truth("devices")) == 12


def test_it_can_be_stopped_twice_and_then_says_that_it_does_not_answer():
    sandbox = Sandbox(devices=1)
    sandbox.stop()
    sandbox.stop()
    assert isinstance(sandbox.wait(), int)

    assert "stopped" in repr(sandbox)
    with pytest.raises(SandboxError, match="does not answer"):
        sandbox.requests()


def test_proxies_of_the_environment_do_not_come_between(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    with Sandbox(devices=2) as sandbox:
        assert len(sandbox.truth("devices")) == 2


def test_it_ends_when_whoever_started_it_is_killed():
    code = (
        "import sys; from ninja_analytics.sandbox import Sandbox; s = Sandbox(devices=1);"
        "print(s.base_url, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as starter:
        base_url = starter.stdout.readline().strip()
        assert requests.get(base_url, timeout=10).status_code == 404
        starter.kill()

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            requests.get(base_url, timeout=10)
        except requests.ConnectionError:
            return
        time.sleep(0.05)
    pytest.fail("the sandbox outlived its parent")
