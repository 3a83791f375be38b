"""A real Chromium and real front ends, all kept to this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser import chromium, servers
from tests.browser.places import PATIENCE, Notebook, Place, kept_home
from tests.browser.servers import Server

PLACES = ("lab", "notebook7", "voila")
# Voila's page asks this one for the icons of its fonts, and does without them.
ICONS_OF_VOILA = frozenset({"cdn.jsdelivr.net"})
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


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
    fresh = browser.new_context(viewport={"width": 1100, "height": 900})
    fresh.set_default_timeout(PATIENCE)
    strangers = kept_home(fresh)
    yield fresh
    fresh.close()
    assert strangers == [], "the browser asked another machine"


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab, Notebook 7 and jupyter-server-proxy, under /user/alice/."""
    with servers.jupyter(tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def place_of(
    browser: Browser, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Place]]:
    """The place of a name; it starts when first asked for, and stays."""
    places: dict[str, Place] = {}
    with ExitStack() as running:

        def find(name: str) -> Place:
            if name not in places and name == "voila":
                server = running.enter_context(servers.voila(tmp_path_factory.mktemp("voila")))
                places[name] = Place(name, server, browser, strangers_expected=ICONS_OF_VOILA)
            elif name not in places:
                places[name] = Place(name, request.getfixturevalue("jupyter"), browser)
            return places[name]

        yield find
        for place in places.values():
            place.context.close()


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, place_of: Callable[[str], Place]) -> Iterator[Place]:
    """A place to click in, with no token, profile or cookie of an earlier test."""
    yield from _in_place(place_of(request.param))


@pytest.fixture
def lab(place_of: Callable[[str], Place]) -> Iterator[Place]:
    """JupyterLab alone, for what does not depend on the place."""
    yield from _in_place(place_of("lab"))


@pytest.fixture
def open_notebook(lab: Place) -> Callable[..., Notebook]:
    """A maker of notebooks: `open_notebook(cell, cell…)` opens them in JupyterLab."""
    return lab.open


def _in_place(place: Place) -> Iterator[Place]:
    shutil.rmtree(place.server.home, ignore_errors=True)
    yield place
    strangers = list(place.strangers)
    place.tidy()
    assert strangers == [], "the browser asked another machine"


@pytest.fixture
def tenant(fresh_sandbox: Callable[..., object]) -> object:
    """A sandbox of one's own at which the browser is signed in already."""
    return fresh_sandbox(devices=5, login="signed-in")


@pytest.fixture
def pictures() -> Path | None:
    """Where pictures of the panel are wanted, if anywhere."""
    folder = os.environ.get("NINJA_TEST_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder) if folder else None
