"""The places where a person meets the panel, handled alike: JupyterLab, Notebook 7 and Voila."""

from __future__ import annotations

import itertools
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    Response,
    Route,
    ViewportSize,
)
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as TooLate

from tests.browser.servers import Server

PATIENCE = 30_000
"""Milliseconds: a busy machine is slow, and a click that leads to nothing fails all the same."""
VIEWPORT = ViewportSize(width=1100, height=900)
USUAL_THEME = "JupyterLab Light"
LOOPBACK = {"127.0.0.1", "localhost", "::1", ""}
_BEGUN = re.compile(r"\[(\*|\d+)\]:")
# A cell that is run before the kernel is there starts one of its own.
_WAIT_FOR_KERNEL = """async ({ context }) => {
  await context.ready;
  await context.sessionContext.ready;
  await context.sessionContext.session.kernel.info;
}"""
# JupyterLab shows a launcher where nothing is open, at a time of its own choice.
_OPEN_IN_LAB = f"""async ([path, kernel]) => {{
  const app = window.jupyterapp;
  await app.restored;
  for (const tab of [...app.shell.widgets("main")]) tab.dispose();
  const panel = await app.commands.execute("docmanager:open", {{ path, factory: "Notebook" }});
  await panel.context.ready;
  if (kernel) await ({_WAIT_FOR_KERNEL})(panel);
  for (const tab of [...app.shell.widgets("main")]) if (tab !== panel) tab.dispose();
  app.shell.activateById(panel.id);
}}"""
_OPENED_IN_NOTEBOOK7 = f"() => ({_WAIT_FOR_KERNEL})(window.jupyterapp.shell.currentWidget)"


@dataclass(frozen=True)
class Notebook:
    """A notebook open somewhere, as a person handles it."""

    page: Page
    path: Path
    cells: str
    """Where the cells are in the page."""
    runs_by_itself: bool = False

    def cell(self, number: int) -> Locator:
        return self.page.locator(self.cells).nth(number)

    def output(self, number: int) -> Locator:
        return self.cell(number).locator(".jp-Cell-outputArea")

    def panel(self, number: int = 0) -> Locator:
        """The Connect panel under a cell."""
        return self.output(number).locator(".ninja-consent")

    def run(self, number: int) -> None:
        """Run the cell by keyboard; waits until it has begun, not until it has ended."""
        if self.runs_by_itself:
            return None
        prompt = self.cell(number).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        for _ in range(10):  # JupyterLab drops a key that comes while it is still loading
            self.cell(number).locator(".cm-content").click()
            self.page.keyboard.press("Control+Enter")
            with suppress(TooLate):
                return self._begun(prompt, before)
        raise AssertionError(f"cell {number} did not begin")

    def saved(self) -> str:
        """The text of the file, after saving where that can be; of Voila, also its page."""
        if self.runs_by_itself:
            return self.path.read_text(encoding="utf-8") + self.page.content()
        with self.page.expect_response(_is_saving) as saving:
            self.page.get_by_role("button", name=re.compile("^Save")).first.click()
        saving.value.finished()
        return self.path.read_text(encoding="utf-8")

    def _begun(self, prompt: Locator, before: str) -> None:
        deadline = time.monotonic() + 1.5
        while prompt.inner_text() == before or not _BEGUN.search(prompt.inner_text()):
            if time.monotonic() > deadline:
                raise TooLate("")
            self.page.wait_for_timeout(20)


def _is_saving(reply: Response) -> bool:
    return reply.request.method == "PUT" and "/api/contents/" in reply.url


class Place:
    """One front end on its server, in a browser profile that reaches this machine only.

    *show* brings the notebook of a name to the screen: its page, and where its cells are.
    """

    def __init__(
        self,
        name: str,
        server: Server,
        browser: Browser,
        *,
        strangers_expected: frozenset[str] = frozenset(),
    ) -> None:
        self.name, self.server = name, server
        self.is_voila = name == "voila"
        self.context = browser.new_context(viewport=VIEWPORT)
        self.context.set_default_timeout(PATIENCE)
        self.strangers = kept_home(self.context, strangers_expected)
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._app: Page | None = None
        self._kernel = ""
        self._numbers = itertools.count()
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("console", lambda message: self._hear(message.type, message.text))
        self.context.on("weberror", lambda error: self._hear("error", repr(error.error)))

    def open(self, *cells: str) -> Notebook:
        """A new notebook of these cells, open in this place."""
        path = self.server.write(f"{self.name}-{next(self._numbers)}.ipynb", *cells)
        if self.is_voila:
            return self._open_in_voila(path)
        try:
            page = self._page_of(path)
        except PlaywrightError:  # a front end may lose its way while the machine is busy
            self._close_lab()
            self.end_kernel()
            page = self._page_of(path)
        return Notebook(page, path, ".jp-Notebook .jp-CodeCell")

    def wear(self, theme: str) -> None:
        """Let JupyterLab have another theme until the end of the test."""
        assert self._app
        self._app.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        self._app.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")

    def tidy(self) -> None:
        """Leave nothing of a test to the next one."""
        for page in self.context.pages:
            if page is not self._app:
                page.close()
        self.context.clear_cookies(name=re.compile("^ninja_sandbox"))
        if self._kernel and not self._is_idle():
            self.end_kernel()
        if self._app:
            self._app.set_viewport_size(VIEWPORT)
        if self._app and not self._app.locator(f"body[data-jp-theme-name='{USUAL_THEME}']").count():
            self.wear(USUAL_THEME)
        for heard in (self.asked, self.complaints, self.strangers):
            heard.clear()

    def end_kernel(self) -> None:
        """Let the next notebook have a kernel of its own."""
        if self._kernel:
            self.server.ask("DELETE", f"kernels/{self._kernel}")
            self._kernel = ""

    def reload(self, notebook: Notebook) -> None:
        """Load JupyterLab's page anew, with the notebook as it was saved."""
        # Not at its present address: that names the notebook, which would open once more, later.
        self._load_lab(notebook.page)
        # The kernel may be in the middle of a cell, and answers nobody until that has ended.
        _settle(notebook.page, _OPEN_IN_LAB, [notebook.path.name, False])

    def interrupt(self) -> None:
        """Stop the cell that runs."""
        self.server.ask("POST", f"kernels/{self._kernel}/interrupt")

    def _hear(self, kind: str, text: str) -> None:
        # The front ends have errors of their own. Widgets run from a blob: address.
        if kind == "error" and any(word in text for word in ("ninja", "anywidget", "blob:")):
            self.complaints.append(text)

    def _is_idle(self) -> bool:
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            if self.server.ask("GET", f"kernels/{self._kernel}")["execution_state"] == "idle":
                return True
            time.sleep(0.05)
        return False

    def _attach_to_kernel(self, name: str) -> None:
        """Let the notebook find the kernel of the earlier ones, which has all imports done."""
        if not self._kernel:
            new = {"name": "python3", "path": name}
            self._kernel = self.server.ask("POST", "kernels", new)["id"]
        for session in self.server.ask("GET", "sessions"):
            if session["kernel"]["id"] == self._kernel:
                self.server.ask("PATCH", f"sessions/{session['id']}", {"path": name, "name": name})
                return
        session = {"path": name, "name": name, "type": "notebook", "kernel": {"id": self._kernel}}
        self.server.ask("POST", "sessions", session)

    def _page_of(self, path: Path) -> Page:
        self._attach_to_kernel(path.name)
        return self._lab_page(path) if self.name == "lab" else self._notebook7_page(path)

    def _lab_page(self, path: Path) -> Page:
        if self._app is None:
            self._app = self.context.new_page()
            # A notebook that saves itself while it is closed says so in front of the next one.
            closed = self._app.locator("dialog.jp-Dialog", has_text="Disposed")
            self._app.add_locator_handler(closed, lambda it: it.get_by_role("button").last.click())
            self._load_lab(self._app)
        _settle(self._app, _OPEN_IN_LAB, [path.name, True])
        return self._app

    def _close_lab(self) -> None:
        if self._app:
            self._app.close()
            self._app = None

    def _load_lab(self, page: Page) -> None:
        """Load JupyterLab without any notebook."""
        page.goto(f"{self.server.url}/lab/workspaces/one?reset&token={self.server.token}")
        page.wait_for_function("window.jupyterapp", timeout=2 * PATIENCE)

    def _notebook7_page(self, path: Path) -> Page:
        page = self.context.new_page()
        page.goto(f"{self.server.url}/notebooks/{path.name}?token={self.server.token}")
        page.wait_for_function("window.jupyterapp?.shell?.currentWidget", timeout=2 * PATIENCE)
        _settle(page, _OPENED_IN_NOTEBOOK7)
        return page

    def _open_in_voila(self, path: Path) -> Notebook:
        page = self.context.new_page()
        page.goto(f"{self.server.url}/voila/render/{path.name}")
        return Notebook(page, path, "[cell-index]", runs_by_itself=True)


def _settle(page: Page, program: str, argument: list[str | bool] | None = None) -> None:
    """Run a *program* that waits for something, for as long as one may wait; PlaywrightError."""
    late = f"new Promise((_, no) => setTimeout(() => no(new Error('too late')), {2 * PATIENCE}))"
    page.evaluate(f"argument => Promise.race([({program})(argument), {late}])", argument)


def kept_home(context: BrowserContext, expected: frozenset[str] = frozenset()) -> list[str]:
    """Let *context* reach this machine only; the addresses elsewhere that it asked for.

    Those of hosts *expected* are refused as well, and not counted.
    """
    strangers: list[str] = []

    def keep(route: Route) -> None:
        host = urlsplit(route.request.url).hostname
        if host in LOOPBACK:
            return route.continue_()
        if host not in expected:
            strangers.append(route.request.url)
        return route.abort()

    matches: Callable[[str], bool] = lambda url: urlsplit(url).scheme not in ("data", "blob")  # noqa: E731
    context.route(matches, keep)
    return strangers
