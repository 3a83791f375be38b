"""A consent by the implicit grant: the listener's page posts the fragment, or a person pastes it."""

from __future__ import annotations

import logging
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ConsentDeniedError,
    ConsentError,
)
from tests.pendings import Connected, address, state_of
from tests.sandbox_client import visit


def post(address: str, **headers: str) -> requests.Response:
    """What the script of the listener's page does with the fragment of *address*."""
    front, _, fragment = address.partition("#")
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.post(front, fragment.encode(), headers=headers, timeout=10)


@pytest.fixture
def begin_implicit(begin, fresh_sandbox):
    """A maker of consents by the implicit grant, and the sandbox that offers it."""
    sandbox = fresh_sandbox(devices=3)
    sandbox.switch(implicit=True)
    return lambda **settings: begin(at=sandbox, grant="implicit", **settings), sandbox


def test_the_listeners_page_posts_the_token_of_the_implicit_grant(begin_implicit):
    start, sandbox = begin_implicit
    pending = start()
    back = sandbox.browse(pending.authorization_url)
    page = visit(back.partition("#")[0])
    assert "<script>" in page.text
    assert not pending.done

    shown = post(back, **{"Sec-Fetch-Site": "same-origin"})

    assert "Connected to NinjaOne" in shown.text
    connected = pending.wait(10)
    assert connected.keeper.access_token() in back
    assert (pending.token.refresh_token, pending.token.scope) == (None, ("monitoring",))
    assert "deprecated" in pending.note
    assert "code_challenge" not in pending.authorization_url


def test_the_implicit_answer_can_be_pasted_with_its_fragment(begin_implicit):
    start, sandbox = begin_implicit
    for mangle in (str, lambda back: back.partition("#")[2], lambda back: f" <{back}>\n"):
        pending = start()
        back = sandbox.browse(pending.authorization_url)

        assert pending.complete(mangle(back)).keeper.access_token() in back


def test_an_implicit_answer_that_is_posted_twice_connects_once(begin_implicit):
    start, sandbox = begin_implicit

    def slowly(keeper: TokenKeeper) -> Connected:
        time.sleep(0.3)
        return Connected(keeper)

    pending = start(on_connected=slowly)
    back = sandbox.browse(pending.authorization_url)
    with ThreadPoolExecutor(2) as pool:
        shown = [future.result().text for future in [pool.submit(post, back) for _ in range(2)]]

    assert all("Connected to NinjaOne" in text for text in shown)
    assert pending.wait(10)
    assert Connected.made == 1


@pytest.mark.parametrize("how", ["posted", "pasted"])
def test_an_implicit_consent_that_is_denied_ends_it(begin_implicit, how):
    start, sandbox = begin_implicit
    pending = start()
    back = sandbox.browse(pending.authorization_url, decision="deny")
    assert "error=access_denied" in urlsplit(back).fragment
    if how == "posted":
        assert "not allowed" in post(back).text

    with pytest.raises(ConsentDeniedError):
        pending.complete(back)


def test_an_implicit_refusal_in_the_query_is_heard_too(begin_implicit):
    start, _ = begin_implicit
    pending = start()
    page = visit(address(pending, error="access_denied", state=state_of(pending)))

    assert "Not connected" in page.text
    with pytest.raises(ConsentDeniedError):
        pending.wait(10)


@pytest.mark.parametrize(
    ("fragment", "why"),
    [
        ("", "copy the whole address"),
        ("access_token=forged&state=forged", "not the answer to this consent"),
        ("access_token=forged", "not the answer to this consent"),
        ("access_token=&state=STATE", "access_token="),
        ("access_token=a&access_token=b&state=STATE", "access_token="),
        ("state=STATE", "access_token="),
        ("error=access_denied", "not the answer to this consent"),
        ("&" * 60_000, "access_token="),
        ("\udcff", None),
    ],
)
def test_a_forged_fragment_gets_an_answer_and_ends_nothing(begin_implicit, fragment, why):
    start, sandbox = begin_implicit
    pending = start()
    body = fragment.replace("STATE", state_of(pending)).encode(errors="surrogateescape")
    page = requests.post(pending.redirect_uri, body, timeout=5)

    assert page.status_code == 400
    assert not why or why in page.text
    assert not pending.done
    assert pending.complete(sandbox.browse(pending.authorization_url))


def test_another_page_cannot_post_even_the_right_answer(begin_implicit):
    start, sandbox = begin_implicit
    pending = start()
    back = sandbox.browse(pending.authorization_url)

    for site in ("cross-site", "same-site"):
        assert post(back, **{"Sec-Fetch-Site": site}).status_code == 403
    assert not pending.done
    assert post(back).ok


def test_the_implicit_grant_is_not_begun_where_another_program_would_get_the_token(begin_implicit):
    start, _ = begin_implicit
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(ConsentError, match="taken"),
    ):
        start(redirect_uri=f"http://127.0.0.1:{other.getsockname()[1]}")


def test_the_answer_to_the_other_grant_is_told_apart_in_words(begin, begin_implicit):
    start, _ = begin_implicit
    token = "access_token=x&token_type=Bearer"
    by_code, implicit = begin(name="by-code"), start()
    for pending, end, why in (
        (by_code, f"/#{token}&state={state_of(by_code)}", "token of the implicit grant"),
        (implicit, f"/?code=x&state={state_of(implicit)}", "holds a code"),
        (implicit, f"/?{token}&state={state_of(implicit)}", "access_token="),
    ):
        with pytest.raises(AuthorizationResponseError, match=why):
            pending.complete(pending.redirect_uri + end)
        assert not pending.done
    assert visit(address(implicit, code="x", state=state_of(implicit))).status_code == 400
    assert "<script>" in visit(address(implicit, access_token="x", state=state_of(implicit))).text
    assert post(f"{by_code.redirect_uri}/#{token}&state={state_of(by_code)}").status_code == 405
    assert not by_code.done


def test_nothing_of_an_implicit_consent_is_shown_or_kept(begin_implicit, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    start, sandbox = begin_implicit
    pending = start()
    state = state_of(pending)
    back = sandbox.browse(pending.authorization_url)
    page = visit(back.partition("#")[0]).text + post(back).text
    pending.wait(10)

    kept = repr({name: value for name, value in vars(pending).items() if "url" not in name})
    shown = f"{page} {pending!r} {pending.token!r} {kept} {caplog.text} {capfd.readouterr()}"
    assert pending.token.access_token not in shown
    assert state not in shown
