"""Find a Chromium for the browser tests, or get one: `python -m tests.browser.chromium`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ADVICE = (
    "The browser tests need a Chromium, and none was found or could be installed: get Chromium or "
    "Chrome by your system's package manager, or set NINJA_TEST_CHROMIUM to the path of one."
)
# Nothing of the browser itself may look for updates, sync, or speak to its maker.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def find() -> Path | None:
    """The Chromium that is there: as NINJA_TEST_CHROMIUM says, on the PATH, or Playwright's own."""
    asked = os.environ.get("NINJA_TEST_CHROMIUM")
    if asked:
        return Path(asked) if Path(asked).is_file() else None
    for name in NAMES:
        if there := shutil.which(name):
            return Path(there)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return own if own.is_file() else None


def get() -> Path | None:
    """A Chromium, installed if need be by Playwright or, for root, from Debian's packages."""
    there = find()
    if there or os.environ.get("NINJA_TEST_CHROMIUM"):
        return there
    for install in (_by_playwright, _by_apt):
        install()
        if there := find():
            return there
    return None


def arguments() -> list[str]:
    """The switches to start Chromium with; its sandbox cannot be used by root."""
    return [*ARGUMENTS, "--no-sandbox"] if _is_root() else list(ARGUMENTS)


def _by_playwright() -> None:
    # Where its download server cannot be reached, that should show soon.
    os.environ.setdefault("PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT", "10000")
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def _by_apt() -> None:
    if _is_root() and shutil.which("apt-get"):
        _run("apt-get", "update")
        _run("apt-get", "install", "-y", "--no-install-recommends", "chromium")


def _run(*command: str) -> None:
    print("$", *command, flush=True)
    subprocess.run(command, check=False)


def _is_root() -> bool:
    uid: Callable[[], int] | None = getattr(os, "geteuid", None)
    return uid is not None and uid() == 0


if __name__ == "__main__":
    found = get()
    sys.exit(ADVICE if found is None else print(f"Chromium: {found}"))
