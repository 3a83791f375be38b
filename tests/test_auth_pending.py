"""A consent under way: listener and pasted address, first answer wins, nothing forged gets in."""

from __future__ import annotations

import logging
import re
import socket
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from ninja_analytics.auth import grants
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.pending import PendingConsent
from ninja_analytics.auth.profiles import resolve
from ninja_analytics.auth.store import MemoryStore, open_store
from ninja_analytics.catalog import PLATFORMS
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ClientAppError,
    ConsentDeniedError,
    ConsentError,
    ConsentTimeoutError,
    ProfileError,
    RefusedError,
    ScopeError,
    UnreachableError,
)
from tests.sandbox_client import visit


class Connected:
    """What the consent leads to; counts how often it was made."""

    made = 0

    def __init__(self, keeper: TokenKeeper) -> None:
        type(self).made += 1
        self.keeper = keeper


@pytest.fixture
def begin(sandbox):
    """A maker of consents at the shared sandbox; what is left open is canceled."""
    begun = []

    def start(platform: str = "native", *, at=None, secret: str | None = None, **settings):
        at = at or sandbox
        who = {name: settings.pop(name, None) for name in ("redirect_uri", "grant", "scope")}
        profile = resolve(
            settings.pop("name", "sandbox"),
            base_url=at.base_url,
            client_id=at.clients[platform].client_id,
            platform=platform,
            **who,
        )
        begun.append(
            PendingConsent.begin(
                profile,
                settings.pop("store", None) or open_store(),
                client_secret=secret or at.clients[platform].client_secret,
                on_connected=settings.pop("on_connected", Connected),
                **settings,
            )
        )
        return begun[-1]

    Connected.made = 0
    yield start
    for pending in begun:
        pending.cancel()


def state_of(pending: PendingConsent) -> str:
    return parse_qs(urlsplit(pending.authorization_url).query)["state"][0]


def address(pending: PendingConsent, **answer: str) -> str:
    return f"{pending.redirect_uri}/?{urlencode(answer)}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def post(address: str, **headers: str) -> requests.Response:
    """What the script of the listener's page does with the fragment of *address*."""
    front, _, fragment = address.partition("#")
    with requests.Session() as browser:
        browser.trust_env = False
        return browser.post(front, fragment.encode(), headers=headers, timeout=10)


def test_the_browser_comes_back_to_the_listener(begin, sandbox):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)
    page = visit(back)
    connected = pending.wait(10)

    assert back.startswith(f"{pending.redirect_uri}?")
    assert pending.redirect_uri.startswith("http://127.0.0.1:")
    assert "You can close this tab" in page.text
    assert connected.keeper.access_token() == open_store().load(pending.profile.key).access_token
    assert (pending.done, pending.error) == (True, None)
    assert pending.token.scope == ("monitoring", "offline_access")


@pytest.mark.parametrize("how", ["address", "query", "with question mark", "mangled by mail"])
def test_the_pasted_address_completes_it(begin, sandbox, how):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)
    query = back.partition("?")[2]
    pasted = {
        "address": f"  {back}\n",
        "query": query,
        "with question mark": f"?{query}",
        "mangled by mail": f'"<{back[:60]}\n{back[60:].replace("&", "&amp;")}>"',
    }[how]

    assert pending.complete(pasted).keeper.access_token()
    assert pending.done


def test_an_issuer_in_the_address_is_let_through(begin, sandbox):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)

    assert pending.complete(f"{back}&iss=https%3A%2F%2Fissuer.example&session_state=x")


def test_wait_and_complete_return_the_same_object_made_once(begin, sandbox):
    def slowly(keeper: TokenKeeper) -> Connected:
        time.sleep(0.3)  # so that all others arrive meanwhile
        return Connected(keeper)

    pending = begin(on_connected=slowly)
    back = sandbox.browse(pending.authorization_url)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(pending.wait, 10) for _ in range(2)]
        pasting = [pool.submit(pending.complete, back) for _ in range(3)]
        visiting = [pool.submit(visit, back) for _ in range(3)]
        found = {future.result() for future in waiting + pasting}
        for future in visiting:
            try:
                assert "Connected to NinjaOne" in future.result().text
            except requests.ConnectionError:
                continue  # it came when the listener had closed

    assert len(found) == 1
    assert Connected.made == 1
    assert pending.complete("anything") is pending.wait() is found.pop()


@pytest.mark.parametrize("platform", ["web", "single-page"])
def test_a_registered_redirect_uri_is_listened_on_to_the_letter(begin, sandbox, platform):
    pending = begin(platform)
    assert pending.redirect_uri == PLATFORMS[platform].redirect_uri

    if pending.listener_error is None:
        visit(sandbox.browse(pending.authorization_url))
        assert pending.wait(10)
    else:  # another program of this machine has the port
        assert pending.complete(sandbox.browse(pending.authorization_url))


def test_a_secret_that_worked_is_stored_for_the_next_time(begin, sandbox):
    pending = begin("web")
    pending.complete(sandbox.browse(pending.authorization_url))
    secret = sandbox.clients["web"].client_secret

    assert open_store().load_secret(pending.profile.key) == secret
    keeper = TokenKeeper(pending.profile, open_store())
    assert keeper.renew(keeper.access_token())


def test_a_missing_client_secret_and_client_credentials_are_refused_before_anything_is_opened(
    sandbox,
):
    for platform, why in (("web", "NINJA_CLIENT_SECRET"), ("api-services", "need no consent")):
        profile = resolve("sandbox", base_url=sandbox.base_url, platform=platform)
        with pytest.raises(ProfileError, match=why):
            PendingConsent.begin(profile, MemoryStore(), on_connected=Connected)


def test_a_denied_consent_ends_it(begin, sandbox):
    pending = begin()
    page = visit(sandbox.browse(pending.authorization_url, decision="deny"))

    with pytest.raises(ConsentDeniedError, match="not allowed"):
        pending.wait(10)
    assert "Not connected" in page.text
    assert isinstance(pending.error, ConsentDeniedError)
    assert open_store().load(pending.profile.key) is None


def test_a_denied_consent_can_be_pasted(begin, sandbox):
    pending = begin()

    with pytest.raises(ConsentDeniedError):
        pending.complete(sandbox.browse(pending.authorization_url, decision="deny"))
    with pytest.raises(ConsentDeniedError):
        pending.wait(1)


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("access_denied", ConsentDeniedError),
        ("unauthorized_client", ClientAppError),
        ("invalid_redirect_uri", ClientAppError),
        ("invalid_scope", ScopeError),
        ("brand_new_word", RefusedError),
    ],
)
@pytest.mark.parametrize("with_state", [True, False])
def test_an_error_in_the_pasted_address_ends_it_by_name(begin, word, error, with_state):
    pending = begin()
    state = {"state": state_of(pending)} if with_state else {}

    with pytest.raises(error):
        pending.complete(address(pending, error=word, error_description="<canary>", **state))
    assert type(pending.error) is error
    assert "canary" not in str(pending.error)


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "forged", "state": "forged"},
        {"code": "forged"},
        {"code": "forged", "state": ""},
        {"code": "forged", "state": "é"},
        {"error": "access_denied"},
        {"error": "access_denied", "state": "forged"},
        {},
        {"state": "STATE"},
        {"code": "", "state": "STATE"},
    ],
)
def test_what_is_forged_gets_an_answer_from_the_listener_and_ends_nothing(begin, sandbox, answer):
    pending = begin()
    answer = {k: v.replace("STATE", state_of(pending)) for k, v in answer.items()}

    assert visit(address(pending, **answer)).status_code == 400
    assert not pending.done

    visit(sandbox.browse(pending.authorization_url))
    assert pending.wait(10)


def test_a_parameter_that_comes_twice_is_refused(begin, sandbox):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)

    for twice in (
        f"{back}&code=forged",
        f"{back}&state=forged",
        f"{back}&state={state_of(pending)}",
    ):
        assert visit(twice).status_code == 400
        with pytest.raises(AuthorizationResponseError):
            pending.complete(twice)
    assert pending.complete(back)


def test_strangers_at_the_port_end_nothing(begin, sandbox):
    pending = begin()
    assert visit(f"{pending.redirect_uri}/favicon.ico").status_code == 404
    assert visit(f"{pending.redirect_uri}/.env?state={state_of(pending)}").status_code == 404
    posted = requests.post(address(pending, code="x", state=state_of(pending)), timeout=5)

    assert posted.status_code == 405
    assert not pending.done
    visit(sandbox.browse(pending.authorization_url))
    assert pending.wait(10)


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("", "Nothing was pasted"),
        ("   \n", "Nothing was pasted"),
        ("just-a-code", "whole address"),
        ("http://127.0.0.1/", "whole address"),
        ("http://127.0.0.1/?state=x", "whole address"),
        ("http://127.0.0.1/?code=x&state=other", "another program"),
        ("http://127.0.0.1/?code=x", "another program"),
        ("&" * 5000, "whole address"),
    ],
)
def test_a_wrong_paste_says_what_to_paste_and_leaves_it_open(begin, sandbox, pasted, why):
    pending = begin()

    with pytest.raises(AuthorizationResponseError, match=why):
        pending.complete(pasted)
    assert not pending.done
    assert pending.complete(sandbox.browse(pending.authorization_url))


def test_the_link_itself_pasted_back_is_recognized(begin):
    pending = begin()

    with pytest.raises(AuthorizationResponseError, match="link to the consent page"):
        pending.complete(pending.authorization_url)


def test_the_answer_to_another_consent_is_not_taken(begin, sandbox):
    one, other = begin(), begin(name="other")
    back = sandbox.browse(one.authorization_url)

    with pytest.raises(AuthorizationResponseError, match="another"):
        other.complete(back)
    assert one.complete(back)
    assert not other.done


def test_a_code_that_is_too_old_ends_it_with_what_to_do(begin, fresh_sandbox):
    sandbox = fresh_sandbox(devices=3)
    pending = begin(at=sandbox)
    back = sandbox.browse(pending.authorization_url)
    sandbox.revoke_grants()
    wrong = back.replace("code=", "code=0")

    with pytest.raises(AuthorizationResponseError, match="begin again") as caught:
        pending.complete(wrong)
    assert wrong.partition("code=")[2][:20] not in "".join(traceback.format_exception(caught.value))


def test_no_answer_in_time_ends_it_and_closes_the_port(begin):
    pending = begin(timeout=0.3)
    changed = threading.Event()
    pending.on_change(changed.set)
    assert changed.wait(5)

    assert isinstance(pending.error, ConsentTimeoutError)
    with pytest.raises(ConsentTimeoutError):
        pending.wait(1)
    with pytest.raises(AuthorizationResponseError, match="open for too long"):
        pending.complete(address(pending, code="x", state=state_of(pending)))
    with pytest.raises(requests.ConnectionError):
        visit(pending.redirect_uri)


def test_a_short_wait_leaves_it_open_and_a_long_one_keeps_it_open(begin, sandbox):
    pending = begin(timeout=1.5)
    with pytest.raises(ConsentTimeoutError, match="within 0 seconds"):
        pending.wait(0.05)
    assert not pending.done

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(pending.wait, 30)
        time.sleep(2)
        visit(sandbox.browse(pending.authorization_url))
        assert waiting.result(timeout=10)


def test_cancel_ends_it_and_frees_the_port(begin):
    pending = begin()
    pending.cancel()
    pending.cancel()

    with pytest.raises(ConsentError, match="canceled"):
        pending.wait(1)
    with pytest.raises(requests.ConnectionError):
        visit(pending.redirect_uri)


def test_a_taken_port_is_named_and_pasting_still_works(begin, sandbox):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        pending = begin(redirect_uri=f"http://127.0.0.1:{port}")

        assert str(port) in str(pending.listener_error)
        with pytest.raises(ConsentError, match=f"Port {port}"):
            pending.wait(30)
        assert pending.error is None
        assert pending.complete(sandbox.browse(pending.authorization_url))
        assert pending.wait(1)


def test_a_redirect_uri_elsewhere_opens_no_port(begin, fresh_sandbox):
    elsewhere = "https://app.example/callback"
    sandbox = fresh_sandbox(devices=3, redirect_uris=elsewhere)
    pending = begin("web", at=sandbox, redirect_uri=elsewhere)

    assert pending._listener is None
    assert pending.listener_error is None
    assert not pending.done
    assert pending.complete(sandbox.browse(pending.authorization_url))


def test_on_change_is_called_when_it_ends_and_at_once_afterwards(begin, sandbox):
    pending = begin()
    seen = []
    pending.on_change(lambda: seen.append(("first", pending.done)))
    pending.on_change(lambda: seen.append(1 / 0))
    assert seen == []

    pending.complete(sandbox.browse(pending.authorization_url))
    pending.on_change(lambda: seen.append(("late", pending.done)))

    assert seen == [("first", True), ("late", True)]


def test_what_fails_while_connecting_is_told_and_the_token_is_kept(begin, sandbox):
    def fail(keeper):
        raise ValueError("not today")

    pending = begin(on_connected=fail)
    with pytest.raises(ValueError, match="not today"):
        pending.complete(sandbox.browse(pending.authorization_url))

    assert isinstance(pending.error, ValueError)
    assert open_store().load(pending.profile.key) is not None


def test_a_server_that_is_gone_at_the_exchange_ends_it_and_leaves_the_old_token(
    begin, fresh_sandbox
):
    sandbox = fresh_sandbox(devices=3)
    first = begin(at=sandbox)
    first.complete(sandbox.browse(first.authorization_url))
    kept = open_store().load(first.profile.key)
    second = begin(at=sandbox)
    back = sandbox.browse(second.authorization_url)
    sandbox.stop()

    page = visit(back)

    with pytest.raises(UnreachableError):
        second.wait(10)
    assert "does not answer" in page.text
    assert open_store().load(first.profile.key) == kept


def test_a_narrower_scope_is_told_from_a_wider_one(begin, fresh_sandbox):
    sandbox = fresh_sandbox(devices=3)
    for granted, why in (
        ("offline_access", "did not grant the scope monitoring"),
        ("monitoring management offline_access", "more than was asked for"),
    ):
        sandbox.switch(granted_scopes=granted)
        pending = begin(at=sandbox)
        with pytest.raises(ScopeError, match=why):
            pending.complete(sandbox.browse(pending.authorization_url))
    assert open_store().load(pending.profile.key) is None

    sandbox.switch(granted_scopes="monitoring")
    pending = begin(at=sandbox)
    pending.complete(sandbox.browse(pending.authorization_url))
    assert (pending.token.scope, pending.token.refresh_token) == (("monitoring",), None)


def test_nothing_secret_is_shown_or_kept_after_success(begin, sandbox, caplog):
    caplog.set_level(logging.DEBUG)
    pending = begin("web")
    state, verifier = state_of(pending), pending._code_verifier
    back = sandbox.browse(pending.authorization_url)
    code = parse_qs(urlsplit(back).query)["code"][0]
    before = repr(pending)
    if pending.listener_error is None:
        visit(back)
        pending.wait(10)
    pending.complete(back)

    token, secret = pending.token, sandbox.clients["web"].client_secret
    hidden = (state, verifier, code, secret, token.access_token, token.refresh_token)
    shown = f"{before} {pending!r} {pending.token!r}"
    for value in hidden:
        assert value not in shown
        assert value not in caplog.text
    kept = repr({name: value for name, value in vars(pending).items() if "url" not in name})
    assert not any(value in kept for value in hidden)


def test_two_consents_at_once_do_not_disturb_each_other(begin, sandbox):
    one, other = begin(), begin(name="other")
    visit(sandbox.browse(other.authorization_url))
    visit(sandbox.browse(one.authorization_url))

    assert one.wait(10) is not other.wait(10)
    assert one.redirect_uri != other.redirect_uri


def test_a_code_that_was_used_already_ends_it(begin, sandbox):
    pending = begin()
    back = sandbox.browse(pending.authorization_url)
    code = parse_qs(urlsplit(back).query)["code"][0]
    grants.exchange_code(pending.profile, code, pending._code_verifier, pending.redirect_uri)

    page = visit(back)

    with pytest.raises(AuthorizationResponseError, match="used already"):
        pending.wait(10)
    assert "used already" in page.text
    assert code not in page.text


def test_a_code_that_was_left_lying_ends_it(begin, fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, code_lifetime=0.0)
    pending = begin(at=sandbox)

    visit(sandbox.browse(pending.authorization_url))
    with pytest.raises(AuthorizationResponseError, match="within a minute"):
        pending.wait(10)


def test_a_refusal_without_state_is_believed_from_a_person_and_not_from_the_network(
    begin, fresh_sandbox
):
    sandbox = fresh_sandbox(devices=3, state_in_errors=False, issuer=True)
    pending = begin(at=sandbox)
    back = sandbox.browse(pending.authorization_url, decision="deny")

    assert "state=" not in back
    assert visit(back).status_code == 400
    assert not pending.done
    with pytest.raises(ConsentDeniedError):
        pending.complete(back)


def test_a_server_that_names_itself_on_the_way_back_is_understood(begin, fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, issuer=True)
    pending = begin(at=sandbox)
    back = sandbox.browse(pending.authorization_url)

    assert "iss=" in back
    visit(back)
    assert pending.wait(10)


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


def test_a_keeper_that_is_given_lives_again(begin, sandbox):
    first = begin("web")
    first.complete(sandbox.browse(first.authorization_url))
    keeper = first.keeper
    keeper.disconnect()
    second = begin("web", keeper=keeper)

    connected = second.complete(sandbox.browse(second.authorization_url))

    assert connected.keeper is second.keeper is keeper
    assert keeper.access_token() == second.token.access_token
    assert keeper.renew(keeper.access_token())  # needs the client secret, which was forgotten


def test_an_app_that_is_not_there_is_told_before_a_link_is_shown(sandbox):
    port = free_port()
    profile = resolve(
        "acme",
        base_url=sandbox.base_url,
        client_id="nobody",
        redirect_uri=f"http://127.0.0.1:{port}",
    )

    with pytest.raises(ClientAppError, match="no client app 'nobody'"):
        PendingConsent.begin(profile, MemoryStore(), on_connected=Connected)
    socket.create_server(("127.0.0.1", port)).close()  # nobody has it any more


def test_a_redirect_uri_that_is_not_registered_is_told_before_a_link_is_shown(begin):
    with pytest.raises(ClientAppError, match="not the registered one"):
        begin("web", redirect_uri=f"http://127.0.0.1:{free_port()}/")


def test_of_several_redirect_uris_the_first_with_a_free_port_is_used(begin, fresh_sandbox):
    port = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"http://127.0.0.1:{other.getsockname()[1]}/"
        sandbox = fresh_sandbox(devices=3)
        sandbox.switch(redirect_uris=f"{taken} http://127.0.0.1:{port}/")
        pending = begin("web", at=sandbox, redirect_uri=f"{taken} http://127.0.0.1:{port}/")

        assert pending.redirect_uri == f"http://127.0.0.1:{port}/"
        assert pending.listener_error is None
        visit(sandbox.browse(pending.authorization_url))
        assert pending.wait(10)


@pytest.mark.parametrize(
    ("registered", "forwarded"),
    [
        ("https://hub.example/hub/user-redirect/proxy/{port}/", "/"),
        ("https://hub.example/user/alice/proxy/{port}/oauth/back", "/oauth/back"),
        (
            "https://hub.example/hub/user-redirect/proxy/absolute/{port}/back",
            "/user/alice/proxy/absolute/{port}/back",
        ),
    ],
)
def test_what_a_jupyter_server_proxies_arrives(begin, fresh_sandbox, registered, forwarded):
    port = free_port()
    registered, forwarded = registered.format(port=port), forwarded.format(port=port)
    sandbox = fresh_sandbox(devices=3)
    sandbox.switch(redirect_uris=registered)
    pending = begin("web", at=sandbox, redirect_uri=registered)
    back = sandbox.browse(pending.authorization_url)

    assert back.startswith(f"{registered}?")
    query = urlsplit(back).query
    assert visit(f"http://127.0.0.1:{port}/elsewhere{forwarded[1:]}x?{query}").status_code == 404
    assert "Connected to NinjaOne" in visit(f"http://127.0.0.1:{port}{forwarded}?{query}").text
    assert pending.wait(10)


@pytest.mark.parametrize(("platform", "refreshes"), [("native", True), ("single-page", False)])
def test_a_note_says_why_a_connection_ends(begin, sandbox, platform, refreshes):
    pending = begin(platform)
    assert pending.note is None
    pending.complete(sandbox.browse(pending.authorization_url))

    if refreshes:
        assert pending.note is None
    else:
        assert re.search(r"no refresh token: this session ends at \d\d:\d\d UTC", pending.note)


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
