"""A real JupyterLab and a real Chromium, both kept to this machine."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Route,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as TooLate

from tests.browser import chromium

LOOPBACK = {"127.0.0.1", "localhost", "::1", ""}
START_SECONDS = 60
PATIENCE = 30_000
"""Milliseconds: a busy machine is slow, and a click that leads to nothing fails all the same."""
expect.set_options(timeout=PATIENCE)
BEGUN = re.compile(r"\[(\*|\d+)\]:")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, token, folder of notebooks, and our home in its kernels."""

    url: str
    folder: Path
    home: Path
    token: str = field(repr=False)

    def write(self, name: str, *cells: str) -> Path:
        """A notebook of these code cells in the folder."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = self.folder / name
        nbformat.write(book, path)
        return path


@dataclass(frozen=True)
class Notebook:
    """A notebook open in JupyterLab, as a person handles it."""

    page: Page
    path: Path

    def cell(self, number: int) -> Locator:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(number)

    def run(self, number: int) -> None:
        """Run the cell by keyboard; waits until it has begun, not until it has ended."""
        begun = self.cell(number).locator(".jp-InputPrompt").filter(has_text=BEGUN)
        for _ in range(10):  # JupyterLab drops a key that comes while it is still loading
            self.cell(number).locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            with suppress(TooLate):
                return begun.wait_for(timeout=1500)
        raise AssertionError(f"cell {number} did not begin")

    def save(self) -> str:
        """Save by keyboard; the text of the saved file."""
        before = self.path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        deadline = time.monotonic() + 10
        while self.path.stat().st_mtime_ns == before:
            assert time.monotonic() < deadline, "the notebook was not saved"
            self.page.wait_for_timeout(50)
        return self.path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab on a free port with its own configuration, notebooks and token."""
    root = tmp_path_factory.mktemp("lab")
    url = f"http://127.0.0.1:{_free_port()}"
    running = Lab(url, root / "notebooks", root / "home", secrets.token_hex(16))
    running.folder.mkdir()
    with (root / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            _lab_command(running), env=_environment(root), stdout=log, stderr=log, cwd=root
        )
        try:
            _wait_for(running, process, root / "lab.log")
            yield running
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    executable = chromium.find()
    assert executable, chromium.ADVICE
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=executable, args=chromium.arguments(), headless=True
        )
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile that reaches this machine only; the test fails if it tries more."""
    strangers: list[str] = []

    def keep_home(route: Route) -> None:
        if urlsplit(route.request.url).hostname in LOOPBACK:
            return route.continue_()
        strangers.append(route.request.url)
        return route.abort()

    fresh = browser.new_context(viewport={"width": 1100, "height": 900})
    fresh.set_default_timeout(PATIENCE)
    fresh.route(lambda url: urlsplit(url).scheme not in ("data", "blob"), keep_home)
    yield fresh
    fresh.close()
    assert strangers == [], "the browser asked another machine"


@pytest.fixture
def open_notebook(lab: Lab, context: BrowserContext) -> Iterator[object]:
    """A maker of notebooks: `open_notebook("name.ipynb", cell, cell…)` opens them in JupyterLab."""
    opened: list[Notebook] = []

    def make(name: str, *cells: str) -> Notebook:
        path = lab.write(name, *cells)
        page = context.new_page()
        # JupyterLab asks for a kernel if a notebook opens before it has heard which there are.
        asked = page.locator(".jp-Dialog", has_text="Select Kernel").locator(".jp-mod-accept")
        page.add_locator_handler(asked, lambda select: select.click())
        page.goto(f"{lab.url}/lab/workspaces/{path.stem}/tree/{name}?reset&token={lab.token}")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=2 * PATIENCE)
        page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").wait_for(
            state="attached", timeout=2 * PATIENCE
        )
        opened.append(Notebook(page, path))
        return opened[-1]

    yield make
    _end_kernels(lab)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lab_command(lab: Lab) -> list[str]:
    return [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={urlsplit(lab.url).port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={lab.folder}",
        f"--IdentityProvider.token={lab.token}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]  # fmt: skip


def _environment(root: Path) -> dict[str, str]:
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "NINJA_HOME": "home",
    }
    announcements = root / "config" / "labconfig" / "page_config.json"
    announcements.parent.mkdir(parents=True)
    announcements.write_text(
        json.dumps({"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}})
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NINJA_")}
    return (
        kept
        | {name: str(root / part) for name, part in own.items()}
        | {"NINJA_TOKEN_STORE": "file"}
    )


def _wait_for(lab: Lab, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{lab.url}/api", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            late = time.monotonic() > deadline or process.poll() is not None
            assert not late, f"JupyterLab did not start:\n{log.read_text()[-4000:]}"
            time.sleep(0.1)


def _end_kernels(lab: Lab) -> None:
    headers = {"Authorization": f"token {lab.token}"}
    with urllib.request.urlopen(
        urllib.request.Request(f"{lab.url}/api/kernels", headers=headers), timeout=10
    ) as answer:
        kernels = json.load(answer)
    for kernel in kernels:
        ending = urllib.request.Request(
            f"{lab.url}/api/kernels/{kernel['id']}", headers=headers, method="DELETE"
        )
        urllib.request.urlopen(ending, timeout=10).close()
