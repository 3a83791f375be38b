"""Several consents under way: the newest for a profile stays, and has the port."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest

from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.errors import (
    ConsentError,
    UnreachableError,
)
from tests.pendings import Connected, free_port
from tests.sandbox_client import visit


def test_a_second_consent_for_the_same_profile_ends_the_first_and_takes_its_port(
    begin, fresh_sandbox
):
    back_to = f"http://localhost:{free_port()}/"
    sandbox = fresh_sandbox(devices=3)
    sandbox.switch(redirect_uris=back_to)
    first = begin("web", at=sandbox, redirect_uri=back_to)
    told = []
    first.on_change(lambda: told.append(str(first.error)))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(first.wait, 30)
        old = sandbox.browse(first.authorization_url)
        second = begin("web", at=sandbox, redirect_uri=back_to)

        with pytest.raises(ConsentError, match="replaced by a newer link"):
            waiting.result(timeout=10)
    assert len(told) == 1
    assert "use the newest panel" in told[0]
    with pytest.raises(ConsentError, match="replaced"):
        first.complete(old)
    assert second.listener_error is None
    assert visit(old).status_code == 400
    assert not second.done
    visit(sandbox.browse(second.authorization_url))
    assert second.wait(10)


@pytest.mark.parametrize("platform", ["native", "web"])
def test_a_second_consent_that_cannot_begin_leaves_the_first_as_it_is(
    begin, fresh_sandbox, monkeypatch, platform
):
    back_to = f"http://127.0.0.1:{free_port()}/" if platform == "web" else None
    sandbox = fresh_sandbox(devices=3)
    sandbox.switch(redirect_uris=back_to)
    first = begin(platform, at=sandbox, redirect_uri=back_to)
    with monkeypatch.context() as patch:
        patch.setattr(grants, "probe", Mock(side_effect=UnreachableError("No network.")))
        with pytest.raises(UnreachableError):
            begin(platform, at=sandbox, redirect_uri=back_to)

    assert not first.done
    visit(sandbox.browse(first.authorization_url))
    assert first.wait(10)


def test_a_consent_that_cannot_begin_does_not_keep_the_port_from_the_next(begin, monkeypatch):
    back_to = f"http://127.0.0.1:{free_port()}/"
    asked, go_on = threading.Event(), threading.Event()

    def fails_once(*_):
        if not asked.is_set():
            asked.set()
            assert go_on.wait(10)
            raise UnreachableError("No network.")

    monkeypatch.setattr(grants, "probe", fails_once)
    with ThreadPoolExecutor(2) as pool:
        failing = pool.submit(begin, "web", redirect_uri=back_to)
        assert asked.wait(10)
        following = pool.submit(begin, "web", redirect_uri=back_to)
        time.sleep(0.3)  # so that it wants the port, too
        go_on.set()

        assert isinstance(failing.exception(10), UnreachableError)
        assert following.result(10).listener_error is None


def test_what_another_profile_waits_for_is_left_alone(begin, sandbox):
    one, other = begin(), begin(name="other")
    wider = begin(scope="monitoring")

    assert not any(pending.done for pending in (one, other, wider))


def test_of_many_at_once_one_stays_open_and_has_the_port(begin, fresh_sandbox):
    back_to = f"http://127.0.0.1:{free_port()}/"
    sandbox = fresh_sandbox(devices=3)
    sandbox.switch(redirect_uris=back_to)
    with ThreadPoolExecutor(6) as pool:
        clicks = [
            pool.submit(begin, "single-page", at=sandbox, redirect_uri=back_to) for _ in range(6)
        ]
        begun = [click.result() for click in clicks]
    still_open = [pending for pending in begun if not pending.done]

    assert len(still_open) == 1
    assert still_open[0].listener_error is None
    assert not any(pending._state for pending in begun if pending.done)
    visit(sandbox.browse(still_open[0].authorization_url))
    assert still_open[0].wait(10)


def test_a_newer_consent_does_not_take_back_an_answer_that_is_being_checked(begin, sandbox):
    checking, go_on = threading.Event(), threading.Event()

    def slowly(keeper: TokenKeeper) -> Connected:
        checking.set()
        assert go_on.wait(10)
        return Connected(keeper)

    first = begin(on_connected=slowly)
    back = sandbox.browse(first.authorization_url)
    with ThreadPoolExecutor(1) as pool:
        shown = pool.submit(visit, back)
        assert checking.wait(10)
        second = begin()
        go_on.set()
        assert "Connected to NinjaOne" in shown.result(10).text

    assert first.wait(10).keeper is first.keeper
    assert not second.done
