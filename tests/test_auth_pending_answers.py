"""What comes back from the consent page: a denial, a forgery, a wrong paste, an old code."""

from __future__ import annotations

import traceback
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from ninja_analytics.auth import grants
from ninja_analytics.auth.store import open_store
from ninja_analytics.errors import (
    AuthorizationResponseError,
    ClientAppError,
    ConsentDeniedError,
    RefusedError,
    ScopeError,
)
from tests.pendings import address, state_of
from tests.sandbox_client import visit


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
