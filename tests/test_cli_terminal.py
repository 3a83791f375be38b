"""`ninja-analytics connect` with a person at a terminal: questions, pasting, prompts without echo."""

from __future__ import annotations

import os
import re
import socket
import sys
import time

import pytest

from ninja_analytics.auth import profiles
from ninja_analytics.auth.store import open_store
from tests.commands import needs_a_terminal, ninja_analytics
from tests.sandbox_client import visit

pytestmark = needs_a_terminal


def test_in_a_terminal_the_address_can_be_pasted_and_the_echo_comes_back(sandbox):
    import pexpect

    client = sandbox.clients["native"]
    words = ["-m", "ninja_analytics", "connect", "--profile", "acme"]
    words += ["--base-url", sandbox.base_url, "--client-id", client.client_id]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=30, dimensions=(50, 999))
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    address = sandbox.browse(child.match[1])
    child.expect("Address")
    child.sendline("http://127.0.0.1/?code=other&state=forged")
    child.expect("Address")
    child.sendline(address)
    child.expect("Connected")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 0
    assert address not in (child.before or "")
    assert open_store().load(profiles.resolve("acme").key) is not None


def test_in_a_terminal_pasting_is_enough_where_the_port_is_taken(sandbox):
    import pexpect

    client = sandbox.clients["native"]
    words = ["-m", "ninja_analytics", "connect", "--profile", "acme", "--client-id"]
    words += [client.client_id, "--base-url", sandbox.base_url, "--redirect-uri"]
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        words.append(f"http://127.0.0.1:{other.getsockname()[1]}")
        child = pexpect.spawn(
            sys.executable, words, encoding="utf-8", timeout=30, dimensions=(50, 999)
        )
        child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
        address = sandbox.browse(child.match[1])
        child.expect("is taken or forbidden")
        child.sendline(address)
        child.expect("Connected")
        child.expect(pexpect.EOF)
        child.close()

    assert child.exitstatus == 0


def test_the_browser_may_be_faster_than_the_prompt_and_the_echo_comes_back(sandbox):
    import pexpect

    client = sandbox.clients["native"]
    words = [sys.executable, "-m", "ninja_analytics", "connect", "--profile", "acme"]
    words += ["--base-url", sandbox.base_url, "--client-id", client.client_id]
    shell = f"{' '.join(words)}; stty -a"
    child = pexpect.spawn(
        "/bin/sh", ["-c", shell], encoding="utf-8", timeout=30, dimensions=(50, 999)
    )
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    link = child.match[1]
    child.expect("Address")
    visit(sandbox.browse(link))
    child.expect("Connected")
    child.expect(pexpect.EOF)
    child.close()

    assert re.search(r"(?<!-)\becho\b", child.before)
    assert "-echo " not in child.before


def test_a_client_secret_is_prompted_for_without_echo_and_kept_for_next_time(sandbox):
    import pexpect

    client = sandbox.clients["api-services"]
    words = ["-m", "ninja_analytics", "connect", "--profile", "nightly"]
    words += ["--base-url", sandbox.base_url, "--client-id", client.client_id]
    words += ["--platform", "api-services"]
    child = pexpect.spawn(sys.executable, words, encoding="utf-8", timeout=30)
    child.logfile_read = seen = open(os.devnull, "w")  # noqa: SIM115, PTH123
    child.expect("Client secret")
    child.sendline(client.client_secret)
    child.expect("Connected")
    before = child.before
    child.expect(pexpect.EOF)
    child.close()
    seen.close()

    assert child.exitstatus == 0
    assert client.client_secret not in before
    assert ninja_analytics("table", "roles", "--profile", "nightly").exit_code == 0


@pytest.fixture
def typed():
    """A maker of the command line in a pseudo-terminal, none of which outlives the test."""
    import pexpect

    children = []

    def start(*words: object):
        command = ["-m", "ninja_analytics", *map(str, words)]
        children.append(
            pexpect.spawn(
                sys.executable, command, encoding="utf-8", timeout=30, dimensions=(50, 999)
            )
        )
        return children[-1]

    yield start
    for child in children:
        child.close(force=True)


def test_the_first_run_in_a_terminal_asks_for_what_is_missing_one_question_each(sandbox, typed):
    client = sandbox.clients["native"]
    child = typed("connect")
    child.expect("Name of the profile")
    child.sendline("acme")
    child.expect("Platform of the client app")
    child.sendline("nativ")
    child.expect("Did you mean 'native'")
    child.sendline("")
    child.expect("Authorization Code.*Refresh Token")
    child.expect("Instance")
    child.sendline("eurpe")
    child.expect("no instance named 'eurpe'")
    child.sendline(sandbox.base_url)
    child.expect("Client ID")
    child.sendline(client.client_id)
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    visit(sandbox.browse(child.match[1]))
    child.expect("Connected")
    child.wait()

    assert child.exitstatus == 0
    assert profiles.load_all() == {
        "acme": profiles.Profile("acme", sandbox.base_url, client.client_id)
    }


def test_what_is_given_is_not_asked_and_a_registered_address_is(sandbox, typed):
    client = sandbox.clients["web"]
    child = typed(
        "connect", "--profile", "acme", "--platform", "web", "--instance", sandbox.base_url
    )
    child.expect("Redirect URI")
    before = child.before
    child.sendline("http://example.com/")
    child.expect("use https")
    child.sendline(client.redirect_uris[0])
    child.expect(rf"Redirect URI +{client.redirect_uris[0]}")
    child.expect("Client ID: ")
    before += child.before
    child.sendline(client.client_id)
    child.expect("Client secret")
    child.sendline(client.client_secret)
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    link = child.match[1]
    child.expect("Address")
    child.sendline(sandbox.browse(link))
    child.expect("Connected")
    child.wait()

    assert "Name of the profile" not in before
    assert "Platform of the client app" not in before
    assert "Instance" not in before
    assert profiles.load_all()["acme"].redirect_uri == client.redirect_uris[0]
    assert client.client_secret not in child.before


def test_a_platform_may_be_written_as_ninjaone_writes_it(typed):
    child = typed("connect", "--profile", "acme")
    child.expect("Platform of the client app")
    child.sendline("Single Page")
    child.expect("Redirect URI")


def test_an_empty_client_secret_is_asked_for_again_and_the_end_of_input_ends_it(sandbox, typed):
    child = typed(
        *("connect", "--profile", "acme", "--platform", "api-services"),
        *("--base-url", sandbox.base_url, "--client-id", "x"),
    )
    child.expect("Client secret")
    child.sendline("")
    child.expect("Client secret")
    time.sleep(0.3)  # until the prompt has taken over the terminal
    child.sendeof()
    told = child.read()
    child.wait()

    assert child.exitstatus == 130
    assert "stopped" in told


def test_a_consent_that_cannot_renew_itself_does_not_say_that_it_asks_to(sandbox, typed):
    client = sandbox.clients["single-page"]
    child = typed(
        *("connect", "--profile", "acme", "--platform", "single-page", "--timeout", "1"),
        *("--base-url", sandbox.base_url, "--client-id", client.client_id),
    )
    told = child.read()
    child.wait()

    assert child.exitstatus == 3
    assert "read monitoring data" in told
    assert "stay connected" not in told
    assert "\r\nninja-analytics: Nobody has answered" in told
    assert "complete()" not in told


def test_an_unknown_client_app_is_told_before_a_link_is_shown(sandbox, typed):
    child = typed("connect", "--profile", "acme", "--base-url", sandbox.base_url)
    child.expect("Platform")
    child.sendline("native")
    child.expect("Client ID")
    child.sendline("nobody")
    told = child.read()
    child.wait()

    assert child.exitstatus == 3
    assert "There is no client app 'nobody'" in told
    assert "/ws/oauth/authorize" not in told
    assert profiles.load_all() == {}


def test_a_wrong_word_on_the_command_line_is_told_and_nothing_is_asked(typed):
    child = typed("connect", "--profile", "acme", "--instance", "eurpe", "--client-id", "x")
    told = child.read()
    child.wait()

    assert child.exitstatus == 2
    assert "no instance named 'eurpe'" in told
    assert "new profile" not in told


def test_a_question_that_is_interrupted_leaves_no_trace(typed):
    child = typed("connect")
    child.expect("Name of the profile")
    child.sendintr()
    told = child.read()
    child.wait()

    assert child.exitstatus == 130
    assert "ninja-analytics: stopped." in told
    assert profiles.load_all() == {}


def test_where_tokens_would_end_with_the_command_nothing_is_asked(typed, monkeypatch):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")
    child = typed("connect")
    told = child.read()
    child.wait()

    assert child.exitstatus == 6
    assert "NINJA_TOKEN_STORE=file" in told
    assert "Platform" not in told


def by_pasting(child, sandbox) -> tuple[str, str]:
    """The link that *child* showed, and what it told once the answer to it was pasted."""
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    link = child.match[1]
    child.expect("Address")
    child.sendline(sandbox.browse(link))
    child.expect("Connected")
    told = child.read()
    child.wait()
    return link, told


def test_a_session_without_a_refresh_token_says_when_it_ends(sandbox, typed):
    client = sandbox.clients["single-page"]
    words = ["--profile", "tab", "--base-url", sandbox.base_url, "--client-id", client.client_id]
    child = typed("connect", *words, "--platform", "single-page")
    _, told = by_pasting(child, sandbox)

    assert child.exitstatus == 0
    assert len(re.findall(r"session ends at \d\d:\d\d UTC", told)) == 1


def test_the_implicit_grant_is_there_when_asked_for_by_name(fresh_sandbox, typed):
    sandbox = fresh_sandbox(devices=3, implicit=True)
    client = sandbox.clients["native"]
    words = ["--profile", "old", "--base-url", sandbox.base_url, "--client-id", client.client_id]
    child = typed("connect", *words, "--grant", "implicit")
    link, told = by_pasting(child, sandbox)

    assert child.exitstatus == 0
    assert "response_type=token" in link
    assert "deprecated" in told
    assert profiles.load_all()["old"].grant == "implicit"
