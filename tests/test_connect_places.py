"""Connecting where nobody is there ends at once, in one sentence with the next step."""

from __future__ import annotations

import html
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import nbclient
import nbformat
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

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
from tests.sandbox_client import visit

LINK = re.compile(r"http\S+/ws/oauth/authorize[^\s\"<]+")


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


@dataclass
class Ran:
    """What a cell has shown: printed, displayed, and the error that ended it."""

    printed: str = ""
    displays: list[dict[str, str]] = field(default_factory=list)
    error: str = ""

    @property
    def link(self) -> str:
        """The authorization URL on display; empty if there is none."""
        shown = " ".join(one.get("text/html", "") for one in self.displays)
        found = LINK.search(html.unescape(shown))
        return found[0] if found else ""


@dataclass
class Notebook:
    """A kernel with a person at it, who clicks the link in the same moment or not at all."""

    client: BlockingKernelClient

    def run(
        self, code: str, *, clicks: Callable[[str], object] | None = None, stdin: bool = True
    ) -> Ran:
        """What the cell *code* shows, while the person *clicks* the link of a panel."""
        ran, clicked = Ran(), []

        def show(message: dict[str, Any]) -> None:
            content = message["content"]
            ran.printed += content.get("text", "")
            if "data" in content:
                ran.displays.append(content["data"])
            if clicks and ran.link and not clicked:
                clicked.append(clicks(ran.link))

        reply = self.client.execute_interactive(
            code, allow_stdin=stdin, timeout=60, output_hook=show
        )["content"]
        if reply["status"] == "error":
            ran.error = f"{reply['ename']}: {reply['evalue']}"
        return ran

    def link_sent(self) -> str:
        """The authorization URL that the kernel sends to a panel that does not answer."""
        while True:
            data = self.client.get_iopub_msg(timeout=10)["content"].get("data", {})
            if data.get("method") == "custom" and data["content"].get("type") == "link":
                return data["content"]["url"]


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    """A kernel for all tests of this module."""
    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def notebook(kernel, home) -> Notebook:
    """A notebook in which nothing has run yet but an import, with a person at it."""
    book = Notebook(kernel)
    settings = {"NINJA_HOME": str(home), "NINJA_TOKEN_STORE": "file"}
    ran = book.run(f"%reset -f\nimport os; os.environ.update({settings!r})")
    ran = book.run("import time, ninja_analytics as na")
    assert ran.error == ""
    return book


def asked(sandbox, **more: object) -> str:
    """The arguments of `connect`, as code."""
    words = {"profile": "acme", **native(sandbox), **more}
    return ", ".join(f"{name}={value!r}" for name, value in words.items())


def clicking(sandbox) -> Callable[[str], object]:
    """A person who allows access, in a browser on the machine of the kernel."""
    return lambda link: visit(sandbox.browse(link))


def test_a_cell_goes_on_when_the_browser_comes_back(sandbox, notebook):
    first = notebook.run(f"print(na.connect({asked(sandbox)}))", clicks=clicking(sandbox))
    again = notebook.run(f"print(na.connect({asked(sandbox)}))")

    assert "(Native, read-only)" in first.printed
    assert "(Native, read-only)" in again.printed
    assert again.displays  # the quiet line
    assert not again.link


def test_a_cell_that_does_not_wait_leaves_an_object_that_works_later(sandbox, notebook):
    began = time.monotonic()
    shown = notebook.run(f"ninja = na.connect({asked(sandbox, wait=0)})\nprint(ninja)")
    early = notebook.run("ninja.table('roles', progress='none')")
    notebook.run("told = []; ninja.when_connected(told.append)")
    assert time.monotonic() - began < 10

    visit(sandbox.browse(shown.link))
    later = notebook.run("print(len(ninja.table('roles', progress='none')), told == [ninja])")

    assert "not connected" in shown.printed
    assert early.error.startswith("ConsentRequiredError: Profile 'acme' is not connected: answer")
    assert later.printed.split() == [str(len(sandbox.truth("roles"))), "True"]


def test_under_voila_a_cell_never_waits(sandbox, notebook):
    voila = "os.environ['SERVER_SOFTWARE'] = 'voila/0.5'"
    began = time.monotonic()
    try:
        notebook.run(f"{voila}\nninja = na.connect({asked(sandbox)})", stdin=False)
        took = time.monotonic() - began
        visit(sandbox.browse(notebook.link_sent()))
        later = notebook.run("print(ninja)", stdin=False)
    finally:
        notebook.run("os.environ.pop('SERVER_SOFTWARE')")

    assert took < 5
    assert "(Native, read-only)" in later.printed


@pytest.mark.parametrize(
    ("call", "lacks"),
    [
        ("na.connect('nobody')", "no profile named 'nobody'"),
        ("na.connect()", "No profile is set up"),
        ("na.connect('acme', base_url='eu')", "no client ID"),
        (
            "na.connect('acme', base_url='eu', client_id='x', platform='api-services')",
            "no client secret",
        ),
    ],
)
def test_a_profile_that_lacks_something_gets_a_form_in_a_notebook(notebook, call, lacks):
    with_a_person = notebook.run(call)
    with_nobody = notebook.run(call, stdin=False)

    assert with_a_person.error.startswith("ProfileError: ")
    assert lacks in with_a_person.error
    assert "fill in the form above, then run this cell again." in with_a_person.error
    assert with_a_person.displays
    assert lacks in with_nobody.error
    assert "form above" not in with_nobody.error
    assert not with_nobody.displays


def test_the_environment_wins_over_a_profile_that_does_not_exist(sandbox, notebook):
    fields = {f"NINJA_{name.upper()}": value for name, value in api_services(sandbox).items()}
    try:
        ran = notebook.run(f"os.environ.update({fields!r})\nprint(na.connect('nobody'))")
    finally:
        notebook.run(f"for name in {list(fields)!r}: del os.environ[name]")

    assert "<Ninja 'nobody' at" in ran.printed


@pytest.mark.parametrize(("ticked", "notes"), [(True, 0), (False, 1)])
def test_a_script_that_insists_shows_its_link_and_why_it_will_not_last(
    fresh_sandbox, ticked, notes
):
    sandbox = fresh_sandbox(devices=3, refresh_ticked=ticked)
    code = (
        f"import ninja_analytics as na\nprint(na.connect(**{native(sandbox)!r}, interactive=True))"
    )
    script = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        link = next(line for line in script.stderr if line.strip().startswith(sandbox.base_url))
        visit(sandbox.browse(link.strip()))
        told, problems = script.communicate(timeout=20)
    finally:
        script.kill()
        script.wait()

    assert told.startswith("<Ninja 'default' at")
    assert problems.count("Refresh Token") == notes


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
