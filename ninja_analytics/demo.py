"""The whole way on one machine: a sandbox, a consent over HTTP, a pull, a report to open.

Nothing of the user's is touched: profiles and tokens live in a temporary folder for the time of
the demo, and the consent goes the way that a person's goes, through login and consent page to the
loopback listener.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from ninja_analytics.auth import profiles
from ninja_analytics.connecting import begin_consent
from ninja_analytics.errors import SandboxError
from ninja_analytics.ninja import Ninja
from ninja_analytics.sandbox import Sandbox
from ninja_analytics.schedule import RunResult, notebooks, run_notebook

PROFILE = "demo"
NOTEBOOK = "10_fleet.ipynb"


def run(out: Path, *, devices: int = 400, seed: int = 7, say: Callable[[str], None]) -> RunResult:
    """The files of a fleet report about an invented fleet, made as a user would make them."""
    notebook = notebooks() / NOTEBOOK
    with tempfile.TemporaryDirectory(prefix="ninja-demo-") as home, _own_settings(home):
        say(f"Starting a NinjaOne of our own with {devices} devices …")
        with Sandbox(devices=devices, seed=seed) as sandbox:
            say(f"  it answers at {sandbox.base_url}")
            ninja = _consent(sandbox, say)
            try:
                say("Pulling the fleet and writing its report through the notebook …")
                return run_notebook(notebook, profile=PROFILE, out=out)
            finally:
                ninja.disconnect()
                say("Disconnected: the consent is revoked.")


def worth_opening(made: RunResult) -> list[Path]:
    """The report, its workbook and the notebook's page: what a person wants to see first."""
    saved = [
        file
        for suffix in ("html", "xlsx")
        for file in sorted(made.files.glob(f"*.{suffix}"), key=lambda one: one.stat().st_mtime_ns)
    ]  # in the order in which the notebook tells them
    return [*saved, made.html, made.notebook]


def _consent(sandbox: Sandbox, say: Callable[[str], None]) -> Ninja:
    """A connection that the sandbox's invented technician allowed, page by page over HTTP."""
    client_id = sandbox.clients["native"].client_id
    profiles.save(profiles.Profile(PROFILE, sandbox.base_url, client_id))
    pending = begin_consent(PROFILE)
    say(f"Asking for consent: {sandbox.username} logs in and allows access to read …")
    back = sandbox.browse(pending.authorization_url)
    try:
        with requests.Session() as browser:
            browser.trust_env = False  # a proxy has no business with the loopback address
            browser.get(back, timeout=10).raise_for_status()
    except requests.RequestException as error:
        pending.cancel()
        raise SandboxError("The consent did not come back to this machine. Try again.") from error
    return pending.wait(30)


@contextmanager
def _own_settings(home: str) -> Iterator[None]:
    """Hide the user's NINJA_* settings behind a home of the demo's own, for us and the kernel."""
    before = {name: value for name, value in os.environ.items() if name.startswith("NINJA_")}
    for name in before:
        del os.environ[name]
    os.environ.update({"NINJA_HOME": home, "NINJA_TOKEN_STORE": "file"})
    try:
        yield
    finally:
        del os.environ["NINJA_HOME"], os.environ["NINJA_TOKEN_STORE"]
        os.environ.update(before)
