"""`ninja-analytics connect`, `status` and `disconnect`: what they ask, print and save."""

from __future__ import annotations

import json
import sys

import pytest

import ninja_analytics as na
from ninja_analytics import catalog
from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.store import open_store
from tests.commands import needs_a_terminal, ninja_analytics
from tests.conftest import api_services
from tests.sandbox_client import visit


def link_in(lines) -> str:
    """The authorization URL among the lines that a command prints."""
    for line in lines:
        if "/ws/oauth/authorize" in line:
            return line.strip()
    raise AssertionError("no link was printed")


@pytest.fixture
def connect_by_browser(started, sandbox):
    """What `connect` prints while a person allows access in a browser."""

    def connect(*words: object) -> str:
        process = started("connect", *words)
        link = link_in(process.stdout)
        visit(sandbox.browse(link))
        rest, problems = process.communicate(timeout=30)
        assert process.returncode == 0, problems
        return rest

    return connect


def test_connect_in_a_browser_saves_the_profile_and_then_needs_only_its_name(
    sandbox, tmp_path, connect_by_browser
):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    rest = connect_by_browser(*words)

    assert "Connected" in rest
    assert profiles.load_all()["acme"].base_url == sandbox.base_url
    shown = ninja_analytics("table", "organizations", "--profile", "acme")
    assert shown.exit_code == 0
    assert "complete" in shown.output
    again = ninja_analytics("connect", "--profile", "acme")
    assert again.exit_code == 0
    assert "Open this link" not in again.output


def test_connect_prints_no_token(sandbox, connect_by_browser):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    rest = connect_by_browser(*words)

    token = open_store().load(profiles.resolve("acme").key)
    assert token.access_token not in rest
    assert token.refresh_token not in rest


def test_a_denied_consent_is_exit_code_3_and_saves_nothing(sandbox, started):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]
    process = started("connect", *words)

    visit(sandbox.browse(link_in(process.stdout), decision="deny"))
    _, problems = process.communicate(timeout=30)

    assert process.returncode == 3
    assert problems.startswith("ninja-analytics: ")
    assert profiles.load_all() == {}


def test_no_answer_in_time_is_exit_code_3(sandbox):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    result = ninja_analytics("connect", *words, "--timeout", 0.2)

    assert result.exit_code == 3


def test_client_credentials_connect_with_the_secret_of_the_environment(sandbox, monkeypatch):
    client = sandbox.clients["api-services"]
    words = ["--base-url", sandbox.base_url, "--client-id", client.client_id]
    words += ["--profile", "nightly", "--platform", "api-services"]

    without = ninja_analytics("connect", *words)
    monkeypatch.setenv("NINJA_CLIENT_SECRET", client.client_secret)
    result = ninja_analytics("connect", *words)

    assert without.exit_code == 3
    assert "NINJA_CLIENT_SECRET" in without.output
    assert result.exit_code == 0
    assert client.client_secret not in result.output


def test_a_secret_of_the_environment_goes_to_no_other_client_app(sandbox, monkeypatch):
    client = sandbox.clients["api-services"]
    monkeypatch.setenv("NINJA_CLIENT_ID", "somebody-else")
    monkeypatch.setenv("NINJA_CLIENT_SECRET", client.client_secret)
    words = ["--base-url", sandbox.base_url, "--client-id", client.client_id]

    result = ninja_analytics(
        "connect", *words, "--profile", "nightly", "--platform", "api-services"
    )

    assert result.exit_code == 3
    assert "client secret" in result.output


def test_where_tokens_would_end_with_the_command_no_consent_is_begun(sandbox, monkeypatch):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    refused = ninja_analytics("connect", *words)

    assert refused.exit_code == 6
    assert "NINJA_TOKEN_STORE=file" in refused.output
    assert "authorize" not in refused.output


def test_client_credentials_of_the_environment_need_no_store(sandbox, monkeypatch):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")
    for name, value in api_services(sandbox).items():
        monkeypatch.setenv(f"NINJA_{name.upper()}", value)

    assert ninja_analytics("connect", "--profile", "nightly").exit_code == 0


def test_connect_says_for_how_long_and_where_the_token_is_kept(sandbox, connect_by_browser, home):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    told = connect_by_browser(*words)

    assert "It refreshes by itself." in told
    assert f"a file that only you can read, under {home}" in told


def test_a_scope_asked_for_by_name_is_saved_with_the_profile(sandbox, connect_by_browser):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    connect_by_browser(*words, "--scope", "monitoring")

    assert profiles.load_all()["acme"].scope == ("monitoring",)
    assert open_store().load(profiles.resolve("acme").key).scope == ("monitoring",)


@pytest.mark.parametrize("method", catalog.AUTH_METHODS)
def test_the_client_secret_is_sent_as_asked(fresh_sandbox, monkeypatch, method):
    sandbox = fresh_sandbox(devices=3, secret_by=method)
    fields = api_services(sandbox)
    monkeypatch.setenv("NINJA_CLIENT_SECRET", fields["client_secret"])
    words = ["--base-url", sandbox.base_url, "--client-id", fields["client_id"]]
    words += ["--profile", "nightly", "--platform", "api-services", "--auth-method"]

    other = next(one for one in catalog.AUTH_METHODS if one != method)

    assert ninja_analytics("connect", *words, other).exit_code == 3
    assert ninja_analytics("connect", *words, method).exit_code == 0
    assert profiles.load_all()["nightly"].auth_method == method


def test_status_fits_a_hundred_columns_and_tells_what_it_is_asked_for(acme, sandbox):
    client = sandbox.clients["single-page"]
    tab = profiles.Profile("tab", sandbox.base_url, client.client_id, "single-page")
    profiles.save(tab)
    pending = na.begin_consent("tab")
    pending.complete(sandbox.browse(pending.authorization_url))

    shown = ninja_analytics("status").output
    one = ninja_analytics("status", "--profile", "tab")
    told = json.loads(ninja_analytics("status", "--profile", "tab", "--json").output)

    assert max(map(len, shown.splitlines())) <= 100
    assert "session ends" in " ".join(shown.split())
    assert one.exit_code == 0
    assert "acme" not in one.output
    assert [set(row) for row in told] == [set(TokenKeeper(tab, open_store()).state())]


def test_a_profile_whose_token_cannot_be_read_says_so_in_its_row(acme, home):
    ninja_analytics("table", "roles", "--profile", "acme")
    (home / "tokens" / f"{profiles.resolve(acme).key}.token").write_text("{damaged", "utf-8")

    shown = ninja_analytics("status")
    told = {row["profile"]: row for row in json.loads(ninja_analytics("status", "--json").output)}

    assert shown.exit_code == 0
    assert "sandbox" in shown.output
    assert "is damaged" in " ".join(shown.output.split())
    assert told["acme"]["status"] == "unreadable"
    assert "is damaged" in told["acme"]["error"]
    assert set(told["acme"]) == set(told["sandbox"])


@pytest.mark.parametrize("platform", catalog.PLATFORMS)
def test_disconnect_works_for_every_platform(fresh_sandbox, monkeypatch, platform):
    sandbox = fresh_sandbox(devices=3)
    client = sandbox.clients[platform]
    who = profiles.Profile("acme", sandbox.base_url, client.client_id, platform)
    profiles.save(who)
    monkeypatch.setenv("NINJA_CLIENT_SECRET", client.client_secret or "")
    if platform == "api-services":
        na.connect("acme")
    else:
        pending = na.begin_consent("acme")
        pending.complete(sandbox.browse(pending.authorization_url))
    assert open_store().load(who.key) is not None

    result = ninja_analytics("disconnect", "--profile", "acme")

    assert result.exit_code == 0, result.output
    assert open_store().load(who.key) is None
    revoked = [one for one in sandbox.requests() if one["path"] == "/ws/oauth/revoke"]
    assert revoked
    assert {one["status"] for one in revoked} == {200}


def test_disconnect_claims_nothing_where_it_sees_no_tokens(
    sandbox, connect_by_browser, monkeypatch
):
    client = sandbox.clients["native"]
    words = ("--base-url", sandbox.base_url, "--client-id", client.client_id)
    connect_by_browser("--profile", "acme", *words)
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    monkeypatch.delenv("NINJA_TOKEN_STORE")

    refused = ninja_analytics("disconnect", "--profile", "acme")
    monkeypatch.setenv("NINJA_TOKEN_STORE", "file")
    done = ninja_analytics("disconnect", "--profile", "acme")
    again = ninja_analytics("disconnect", "--profile", "acme")

    assert refused.exit_code == 6
    assert "export NINJA_TOKEN_STORE=file" in refused.output
    assert "is revoked" in done.output
    assert "was not connected" in again.output


@needs_a_terminal
def test_over_ssh_the_command_that_is_named_works_as_it_stands(sandbox, monkeypatch):
    import pexpect

    client = sandbox.clients["native"]
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    monkeypatch.delenv("NINJA_TOKEN_STORE")
    monkeypatch.setenv("NINJA_BASE_URL", sandbox.base_url)
    monkeypatch.setenv("NINJA_CLIENT_ID", client.client_id)
    refused = ninja_analytics("table", "roles", "--profile", "acme")
    command = refused.output.rpartition("Run: ")[2].strip()
    monkeypatch.delenv("NINJA_BASE_URL")
    monkeypatch.delenv("NINJA_CLIENT_ID")
    command = command.replace("ninja-analytics", f"{sys.executable} -m ninja_analytics", 1)

    child = pexpect.spawn("/bin/sh", ["-c", command], encoding="utf-8", timeout=30)
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    link = child.match[1]
    child.expect("Address")
    child.sendline(sandbox.browse(link))
    child.expect("Connected")
    child.expect(pexpect.EOF)
    child.close()

    assert refused.exit_code == 3
    assert child.exitstatus == 0


def test_status_tells_each_profile_and_when_its_token_dies(acme):
    assert ninja_analytics("table", "roles", "--profile", "acme").exit_code == 0

    told = json.loads(ninja_analytics("status", "--json").output)
    shown = ninja_analytics("status").output

    by_name = {one["profile"]: one for one in told}
    assert by_name["acme"]["status"] == "connected"
    assert by_name["acme"]["expires_at"] > 0
    assert by_name["sandbox"]["status"] == "signed out"
    assert "acme" in shown
    assert "good for" in shown


def test_status_holds_no_secret(acme, sandbox):
    ninja_analytics("table", "roles", "--profile", "acme")
    token = open_store().load(profiles.resolve("acme").key)

    for words in (["status"], ["status", "--json"], ["status", "--profile", "acme", "--json"]):
        told = ninja_analytics(*words).output
        assert token.access_token not in told
        assert sandbox.clients["api-services"].client_secret not in told


def test_disconnect_revokes_and_forgets(sandbox, connect_by_browser):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]
    connect_by_browser(*words)

    result = ninja_analytics("disconnect", "--profile", "acme", "--forget")

    assert result.exit_code == 0
    assert profiles.load_all() == {}
    who = profiles.Profile("acme", sandbox.base_url, client.client_id)
    assert open_store().load(who.key) is None
    assert any(
        one["path"] == "/ws/oauth/revoke" and one["status"] == 200 for one in sandbox.requests()
    )
