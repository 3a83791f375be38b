"""Connecting where nobody is there ends at once, in one sentence with the next step."""

from __future__ import annotations

import subprocess
import sys
import time

import nbclient
import nbformat
import pytest
import requests

import ninja_analytics as na
from ninja_analytics.auth import profiles
from ninja_analytics.errors import (
    ClientAppError,
    ConsentRequiredError,
    ProfileError,
    UnreachableError,
    UsageError,
)
from tests.conftest import api_services
from tests.odd_server import OddServer


@pytest.fixture
def other():
    """Somebody else's server, which remembers what it was sent."""
    with OddServer() as server:
        yield server


def native(sandbox) -> dict[str, str]:
    return {"base_url": sandbox.base_url, "client_id": sandbox.clients["native"].client_id}


@pytest.mark.parametrize("interactive", ["auto", False, True])
@pytest.mark.parametrize(
    ("change", "error", "step"),
    [
        ({"client_secret": "a wrong one"}, ClientAppError, "check NINJA_CLIENT_SECRET"),
        ({"client_secret": None}, ConsentRequiredError, "set NINJA_CLIENT_SECRET"),
        ({"client_id": "nobody"}, ClientAppError, "check the client ID"),
        ({"base_url": "https://127.0.0.1:9"}, UnreachableError, "check the network"),
        ({"base_url": "http://eu.ninjarmm.com"}, ProfileError, "use https"),
    ],
)
def test_client_credentials_that_cannot_work_end_at_once(sandbox, interactive, change, error, step):
    began = time.monotonic()

    with pytest.raises(error, match=step) as caught:
        na.connect("night", **api_services(sandbox) | change, interactive=interactive)

    assert time.monotonic() - began < 5  # measured: 0.5 s
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("interactive", ["no", "yes", 2, None, ""])
def test_what_is_neither_yes_nor_no_nor_auto_is_refused(sandbox, interactive):
    with pytest.raises(UsageError, match="True, False or 'auto'"):
        na.connect(**native(sandbox), interactive=interactive)


@pytest.mark.parametrize("interactive", ["auto", False, True])
def test_a_notebook_with_nobody_at_it_ends_at_once_whatever_it_asks(sandbox, interactive):
    cell = (
        "import time, ninja_analytics as na\n"
        "began = time.monotonic()\n"
        "try:\n"
        f"    na.connect('night', **{native(sandbox)!r}, interactive={interactive!r})\n"
        "except na.NinjaError as error:\n"
        "    print(type(error).__name__, time.monotonic() - began < 2, error)\n"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbclient.NotebookClient(book, timeout=30, kernel_name="python3").execute()

    (output,) = book.cells[0].outputs
    assert output.text.startswith("ConsentRequiredError True Nobody is signed in")
    assert "Run: ninja-analytics connect --profile night --base-url http" in output.text


def test_a_script_that_insists_shows_its_link_where_no_terminal_is(sandbox):
    code = (
        f"import ninja_analytics as na\nprint(na.connect(**{native(sandbox)!r}, interactive=True))"
    )
    script = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        link = next(line for line in script.stderr if line.strip().startswith(sandbox.base_url))
        sandbox_answers = sandbox.browse(link.strip())
        with requests.Session() as browser:
            browser.trust_env = False
            browser.get(sandbox_answers, timeout=10)
        assert script.communicate(timeout=20)[0].startswith("<Ninja 'default' at")
    finally:
        script.kill()
        script.wait()


def test_a_single_page_session_that_is_over_says_what_to_do(fresh_sandbox):
    sandbox = fresh_sandbox(devices=3, token_lifetime=1)
    client = sandbox.clients["single-page"]
    profiles.save(profiles.Profile("tab", sandbox.base_url, client.client_id, "single-page"))
    pending = na.begin_consent("tab")
    ninja = pending.complete(sandbox.browse(pending.authorization_url))
    assert pending.token.refresh_token is None
    assert pending.token.scope == ("monitoring",)
    time.sleep(1.1)

    for act in (lambda: ninja.table("roles"), lambda: na.connect("tab")):
        with pytest.raises(
            ConsentRequiredError, match=r"no refresh token .* connect --profile tab$"
        ):
            act()


def test_a_token_never_goes_to_another_host_than_the_one_it_was_granted_at(
    sandbox, other, monkeypatch
):
    pending = na.begin_consent("acme", **native(sandbox))
    pending.complete(sandbox.browse(pending.authorization_url))
    profiles.save(pending.profile)
    token = pending.token

    for name, value in (("NINJA_BASE_URL", other.url), ("NINJA_CLIENT_ID", "another")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(ConsentRequiredError):
                na.connect("acme", interactive=False)
    with pytest.raises(ConsentRequiredError):
        na.connect("acme", base_url=other.url, interactive=False)

    assert (other.lines, other.forms) == ([], [])
    assert na.connect("acme", interactive=False)._keeper.token() == token


def test_a_secret_of_the_environment_does_not_go_to_another_client_app(sandbox, other, monkeypatch):
    for name, value in api_services(sandbox).items():
        monkeypatch.setenv(f"NINJA_{name.upper()}", value)
    assert na.connect("night", interactive=False).get("/v2/roles")

    with pytest.raises(ConsentRequiredError, match="no client secret"):
        na.connect("night", base_url=other.url, interactive=False)
    assert other.forms == []
