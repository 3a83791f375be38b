"""The command line: what it prints, what it saves, and how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
import requests
from typer.testing import CliRunner

import ninja_analytics as na
from ninja_analytics import catalog, cli, errors
from ninja_analytics.auth import profiles
from ninja_analytics.auth.keeper import TokenKeeper
from ninja_analytics.auth.store import open_store
from ninja_analytics.cli import exits
from tests.conftest import api_services
from tests.sandbox_client import visit

needs_a_terminal = pytest.mark.skipif(
    sys.platform == "win32", reason="a pseudo-terminal is a POSIX thing"
)
COMMANDS = [
    "connect",
    "status",
    "disconnect",
    "tables",
    "table",
    "reports",
    "report",
    "preflight",
    "scrub",
    "run",
    "sandbox",
    "demo",
]


def ninja_analytics(*words: object):
    """The result of the command line with these words, in this process."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])


@pytest.fixture
def started():
    """A maker of processes of the command line, none of which outlives the test."""
    running = []

    def start(*words: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "ninja_analytics", *map(str, words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, **pipes))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


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


def test_every_command_teaches_by_examples():
    overview = ninja_analytics("--help").output

    for name in COMMANDS:
        told = ninja_analytics(name, "--help").output
        assert re.search(rf"^ +{name}\b", overview, re.MULTILINE)
        assert re.search(rf"Examples:\n +ninja-analytics {name}", told)


def test_the_help_has_the_exit_codes():
    overview = ninja_analytics("--help").output

    for code in {code for _, code, _ in exits.EXIT_CODES} | {0, 1, exits.DEFECT}:
        assert re.search(rf"^ +{code} +\w", overview, re.MULTILINE)


def test_no_words_get_the_help():
    assert "Usage: " in ninja_analytics().output


def test_the_version_is_told():
    assert ninja_analytics("--version").output == f"ninja-analytics {na.__version__}\n"


def test_no_option_takes_a_secret():
    told = " ".join(ninja_analytics(name, "--help").output for name in COMMANDS)

    assert "--client-secret" not in told
    assert "--token " not in told


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ProfileError("x"), 2),
        (errors.ConsentRequiredError("x"), 3),
        (errors.ClientAppError("x"), 3),
        (errors.ServerError("x"), 4),
        (errors.UnreachableError("x"), 4),
        (errors.IncompleteError("x"), 5),
        (errors.TokenStoreError("x"), 6),
        (errors.RunError("x", cause="KeyError"), 6),
        (errors.RunError("x", cause="ConsentRequiredError"), 3),
    ],
)
def test_a_scheduler_can_tell_errors_apart(error, code):
    assert exits.exit_code(error) == code


def test_an_error_is_one_line_and_no_traceback(started):
    process = started("table", "devices", "--profile", "nobody")
    said, problems = process.communicate(timeout=30)

    assert process.returncode == 2
    assert said == ""
    assert re.fullmatch(r"ninja-analytics: There is no profile named 'nobody'\..*\n", problems)


def test_a_traceback_is_shown_only_when_asked():
    assert "Traceback" in ninja_analytics("--debug", "table", "devices", "--profile", "no").output
    assert "Traceback" not in ninja_analytics("table", "devices", "--profile", "no").output


def test_a_wrong_option_is_a_usage_error():
    assert ninja_analytics("table", "--no-such-option").exit_code == 2


def test_nobody_connected_is_exit_code_3_and_the_command_to_type(sandbox):
    client = sandbox.clients["native"]
    profiles.save(profiles.Profile("acme", sandbox.base_url, client.client_id))

    result = ninja_analytics("table", "devices", "--profile", "acme")

    assert result.exit_code == 3
    assert "ninja-analytics connect --profile acme" in result.output


def test_no_answer_at_all_is_exit_code_4(unused_url, monkeypatch):
    monkeypatch.setenv("NINJA_CLIENT_SECRET", "invented")
    profiles.save(profiles.Profile("acme", unused_url, "some-client", "api-services"))

    assert ninja_analytics("table", "devices", "--profile", "acme").exit_code == 4


@pytest.fixture
def unused_url():
    """A loopback address where nobody listens."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


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


@needs_a_terminal
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


@needs_a_terminal
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


@needs_a_terminal
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


@needs_a_terminal
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


@needs_a_terminal
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


@needs_a_terminal
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


@needs_a_terminal
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


@needs_a_terminal
def test_a_wrong_word_on_the_command_line_is_told_and_nothing_is_asked(typed):
    child = typed("connect", "--profile", "acme", "--instance", "eurpe", "--client-id", "x")
    told = child.read()
    child.wait()

    assert child.exitstatus == 2
    assert "no instance named 'eurpe'" in told
    assert "new profile" not in told


@needs_a_terminal
def test_a_question_that_is_interrupted_leaves_no_trace(typed):
    child = typed("connect")
    child.expect("Name of the profile")
    child.sendintr()
    told = child.read()
    child.wait()

    assert child.exitstatus == 130
    assert "ninja-analytics: stopped." in told
    assert profiles.load_all() == {}


@needs_a_terminal
def test_where_tokens_would_end_with_the_command_nothing_is_asked(typed, monkeypatch):
    monkeypatch.setenv("NINJA_TOKEN_STORE", "memory")
    child = typed("connect")
    told = child.read()
    child.wait()

    assert child.exitstatus == 6
    assert "NINJA_TOKEN_STORE=file" in told
    assert "Platform" not in told


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


@needs_a_terminal
def test_a_session_without_a_refresh_token_says_when_it_ends(sandbox, typed):
    client = sandbox.clients["single-page"]
    words = ["--profile", "tab", "--base-url", sandbox.base_url, "--client-id", client.client_id]
    child = typed("connect", *words, "--platform", "single-page")
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    link = child.match[1]
    child.expect("Address")
    child.sendline(sandbox.browse(link))
    child.expect("Connected")
    told = child.read()
    child.wait()

    assert child.exitstatus == 0
    assert len(re.findall(r"session ends at \d\d:\d\d UTC", told)) == 1


def test_a_scope_asked_for_by_name_is_saved_with_the_profile(sandbox, connect_by_browser):
    client = sandbox.clients["native"]
    words = ["--profile", "acme", "--base-url", sandbox.base_url, "--client-id", client.client_id]

    connect_by_browser(*words, "--scope", "monitoring")

    assert profiles.load_all()["acme"].scope == ("monitoring",)
    assert open_store().load(profiles.resolve("acme").key).scope == ("monitoring",)


@needs_a_terminal
def test_the_implicit_grant_is_there_when_asked_for_by_name(fresh_sandbox, typed):
    sandbox = fresh_sandbox(devices=3, implicit=True)
    client = sandbox.clients["native"]
    words = ["--profile", "old", "--base-url", sandbox.base_url, "--client-id", client.client_id]
    child = typed("connect", *words, "--grant", "implicit")
    child.expect(r"(http://\S+/ws/oauth/authorize\S+)")
    link = child.match[1]
    child.expect("Address")
    child.sendline(sandbox.browse(link))
    child.expect("Connected")
    told = child.read()
    child.wait()

    assert child.exitstatus == 0
    assert "response_type=token" in link
    assert "deprecated" in told
    assert profiles.load_all()["old"].grant == "implicit"


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


def test_tables_lists_every_table_and_one_in_detail():
    listed = ninja_analytics("tables").output
    detail = ninja_analytics("tables", "volumes").output

    for name in catalog.TABLES:
        assert re.search(rf"^{name} ", listed, re.MULTILINE)
    for column in catalog.TABLES["volumes"].columns:
        assert column.name in detail
    assert ninja_analytics("tables", "volume").exit_code == 2


def test_a_table_is_shown_with_its_size_and_completeness(acme):
    shown = ninja_analytics("table", "devices", "--profile", acme, "--rows", 3).output

    assert "60 rows, complete" in shown
    assert "system_name" in shown


def test_a_table_is_narrowed_by_filter_and_parameter(acme, sandbox):
    everything = sandbox.truth("devices")
    first = everything[0]["organizationId"]
    expected = sum(row["organizationId"] == first for row in everything)

    shown = ninja_analytics("table", "devices", "--profile", acme, "--where", f"org = {first}")

    assert f"{expected} rows, complete" in shown.output
    wrong = ninja_analytics("table", "devices", "--profile", acme, "-p", "no-equals-sign")
    assert wrong.exit_code == 2


@pytest.mark.parametrize(
    ("suffix", "read"),
    [(".csv", pd.read_csv), (".xlsx", pd.read_excel), (".parquet", pd.read_parquet)],
)
def test_a_table_goes_to_a_file_by_its_suffix(acme, tmp_path, suffix, read):
    file = tmp_path / f"roles{suffix}"

    result = ninja_analytics("table", "roles", "--profile", acme, "-o", file)

    assert result.exit_code == 0, result.output
    assert len(read(file)) > 0


def test_a_wrong_suffix_shows_before_anything_is_pulled(tmp_path):
    result = ninja_analytics("table", "roles", "--profile", "sandbox", "-o", tmp_path / "a.doc")

    assert result.exit_code == 2
    assert ".doc" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["table", "devicess"], "Did you mean 'devices'?"),
        (["report", "fleet"], "Did you mean 'fleet_overview'?"),
        (["report", "fleet_overview", "--format", "pdf"], "named 'pdf'"),
        (["report", "fleet_overview", "-p", "active_day=7"], "Did you mean 'active_days'?"),
        (["table", "devices", "--rows", "0"], "--rows"),
    ],
    ids=" ".join,
)
def test_a_wrong_word_shows_before_anybody_is_asked(tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)

    result = ninja_analytics(*words, "--profile", "sandbox")

    assert result.exit_code == 2
    assert told in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["table", "roles", "-o", "out/roles.csv"], ["report", "fleet_overview", "-o", "out"]]
)
def test_a_file_in_the_way_shows_before_anybody_is_asked(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").write_text("a file", "utf-8")

    result = ninja_analytics(*words, "--profile", "sandbox")

    assert result.exit_code == 6
    assert "is a file, not a folder" in result.output


def test_the_screen_gets_the_columns_that_fit_and_the_names_of_the_others(acme, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")

    told = ninja_analytics("table", "devices", "--profile", acme, "--rows", 3).output

    rows, others, origin = told.strip().split("\n\n")
    assert max(map(len, [*rows.splitlines(), *others.splitlines()])) <= 60
    assert "device_id" in rows
    assert "system_name" not in rows
    assert "system_name" in others
    assert "<NA>" not in told
    assert re.search(r"2 requests to \S+ at \d{4}-\d\d-\d\d \d\d:\d\d UTC$", origin)


def test_a_consent_page_that_nobody_serves_is_told_with_the_way_to_start_it(unused_url):
    result = ninja_analytics("connect", "--profile", "sandbox", "--base-url", unused_url)

    assert result.exit_code == 4
    assert f"Start it: ninja-analytics sandbox --port {unused_url.rpartition(':')[2]}" in (
        result.output
    )


def test_a_broken_pull_is_exit_code_5_and_never_takes_the_place_of_a_whole_file(
    fresh_sandbox, tmp_path, machine
):
    sandbox = fresh_sandbox(devices=40, page_size=10)
    machine(sandbox)
    sandbox.fault("html", path="/v2/queries/software", times=1000, after=2)
    whole = tmp_path / "software.csv"
    whole.write_text("of yesterday", "utf-8")

    result = ninja_analytics("table", "software", "--profile", "acme", "-o", whole)

    assert result.exit_code == 5
    assert whole.read_text("utf-8") == "of yesterday"
    assert "INCOMPLETE" in (tmp_path / "software.partial.csv").read_text("utf-8")


def test_connect_says_what_a_new_profile_takes():
    result = ninja_analytics("connect", "--profile", "acme")

    assert result.exit_code == 2
    assert "--instance and --client-id" in result.output
    assert "Platform" not in result.output


def test_reports_are_listed_with_their_questions():
    assert "What do we manage" in ninja_analytics("reports").output


def test_a_report_is_saved_and_its_files_are_named(acme, tmp_path):
    result = ninja_analytics(
        "report", "fleet_overview", "--profile", acme, "-o", tmp_path, "--format", "html"
    )

    assert result.exit_code == 0, result.output
    (file,) = tmp_path.glob("*.html")
    assert str(file.resolve()) in result.output.replace("\n", "")


def test_run_executes_a_notebook_and_names_its_files(acme, tmp_path):
    notebook = write_notebook(tmp_path / "book.ipynb", "days + 1")

    result = ninja_analytics(
        "run", notebook, "--profile", acme, "--out", tmp_path / "out", "-p", "days=6"
    )

    assert result.exit_code == 0, result.output
    assert {file.suffix for file in (tmp_path / "out").iterdir()} == {".ipynb", ".html"}
    assert "7" in next((tmp_path / "out").glob("*.html")).read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite way to end a process")
def test_a_run_that_is_told_to_stop_leaves_a_record_without_secrets(acme, tmp_path, started):
    book = write_notebook(
        tmp_path / "long.ipynb",
        "import os, pathlib, time; print(os.environ['NINJA_CLIENT_SECRET'])",
        "pathlib.Path('begun').touch(); time.sleep(60)",
    )
    process = started("run", book, "--profile", acme, "--out", tmp_path / "out")
    deadline = time.monotonic() + 60
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)

    process.terminate()
    _, problems = process.communicate(timeout=60)

    assert process.returncode == 130
    assert problems.splitlines()[-1] == "ninja-analytics: stopped."
    (record,) = (tmp_path / "out").glob("*.ipynb")
    text = record.read_text("utf-8")
    assert "time.sleep(60)" in text
    assert os.environ["NINJA_CLIENT_SECRET"] not in text


def test_run_ends_with_the_code_of_what_failed(acme, tmp_path, started):
    notebook = write_notebook(tmp_path / "book.ipynb", "1 / 0")
    process = started("run", notebook, "--profile", acme, "--out", tmp_path / "out")
    _, problems = process.communicate(timeout=60)

    assert process.returncode == 6
    assert "Traceback" not in problems
    assert len(re.findall("^ninja-analytics: ", problems, re.MULTILINE)) == 1


def write_notebook(path: Path, *cells: str) -> Path:
    import nbformat

    book = nbformat.v4.new_notebook()
    tags = {"tags": ["parameters"]}
    book.cells = [
        nbformat.v4.new_code_cell('profile = "sandbox"\ndays = 30', metadata=tags),
        *(nbformat.v4.new_code_cell(cell) for cell in cells),
    ]
    nbformat.write(book, path)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no polite signal to a process")
@pytest.mark.parametrize("polite", [signal.SIGINT, signal.SIGTERM])
def test_the_sandbox_runs_in_the_foreground_until_told_to_stop(polite, started):
    process = started("sandbox", "--port", 0, "--devices", 10)
    told = ""
    for line in process.stdout:
        told += line
        if "na.connect" in line:
            break
    url = re.search(r"http://127\.0\.0\.1:\d+", told)[0]
    with requests.Session() as browser:
        browser.trust_env = False
        known = browser.get(f"{url}/.well-known/oauth-authorization-server", timeout=10).json()

        process.send_signal(polite)
        _, problems = process.communicate(timeout=20)

        assert known["token_endpoint"].startswith(url)
        for platform in catalog.PLATFORMS:
            assert platform in told
        assert process.returncode == 0, problems
        with pytest.raises(requests.ConnectionError):
            browser.get(url, timeout=5)
