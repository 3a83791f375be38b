"""A page as PDF, printed by a Chromium, Chrome or Edge that is on this machine; nothing is asked of a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import pandas as pd

from ninja_analytics.errors import ExportError

VARIABLE = "NINJA_CHROMIUM"
NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome",
    "microsoft-edge", "microsoft-edge-stable", "msedge",
)  # fmt: skip
# Where macOS and Windows have browsers that are on no PATH.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
    r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
)
SWITCHES = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    # Neither the page nor the browser itself reaches any other machine.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
)
PATIENCE = 120
"""Seconds for which a browser may print."""

_NOTES = re.compile(rb"/(?:CreationDate|ModDate) \(D:(\d{14})([^)]*)\)")


def pdf_bytes(page: str, *, created: datetime, patience: float = PATIENCE) -> bytes:
    """The PDF of a whole HTML *page*, as its print styles want it; it says that it is of *created*.

    The browser is the one that $NINJA_CHROMIUM names, else one that is installed. The same page and
    browser give the same PDF. Raises ExportError when there is no browser, or when it prints nothing
    within *patience* seconds.
    """
    browser = pdf_printer()
    with tempfile.TemporaryDirectory(prefix="ninja-pdf-", ignore_cleanup_errors=True) as place:
        source, target = Path(place) / "page.html", Path(place) / "page.pdf"
        source.write_text(page, encoding="utf-8")
        command = [
            str(browser), *SWITCHES, *_as_root(), f"--user-data-dir={Path(place) / 'profile'}",
            f"--print-to-pdf={target}", source.as_uri(),
        ]  # fmt: skip
        told = _run(command, browser, patience)
        if not target.is_file():
            raise ExportError(f"{browser} printed no PDF{told}. {_OTHERWISE}")
        return _of(created, target.read_bytes())


def pdf_printer() -> Path:
    """The browser that prints: that of $NINJA_CHROMIUM, else one that is found; ExportError for none."""
    asked = os.environ.get(VARIABLE)
    if asked:
        if found := shutil.which(asked):
            return Path(found)
        raise ExportError(f"${VARIABLE} is {asked}, and no program is there. {_OTHERWISE}")
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    for place in map(os.path.expandvars, PLACES):
        if Path(place).is_file():
            return Path(place)
    raise ExportError(f"There is no browser here that makes a PDF. {_OTHERWISE}")


_OTHERWISE = (
    f"Install Chromium, Chrome or Edge, or set {VARIABLE} to the path of one; or open the html file "
    "in any browser and print it to a PDF, for which the page has its own print styles."
)


def _run(command: list[str], browser: Path, patience: float) -> str:
    """Let the browser print; its last complaint, or "" without one. Raises ExportError."""
    try:
        done = subprocess.run(  # noqa: S603 - the program is the user's own browser
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired as error:
        msg = f"{browser} did not print within {patience:g} seconds. {_OTHERWISE}"
        raise ExportError(msg) from error
    except OSError as error:
        msg = f"{browser} does not start ({error.strerror or error}). {_OTHERWISE}"
        raise ExportError(msg) from error
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return f" ({lines[-1][:200]})" if lines else ""


def _as_root() -> tuple[str, ...]:
    """Chromium's sandbox cannot be used by root, who in a container is often the only user."""
    root = sys.platform != "win32" and os.geteuid() == 0
    return ("--no-sandbox",) if root else ()


def _of(created: datetime, data: bytes) -> bytes:
    """The PDF with the time *created* in the place of that of the printing, byte for byte as long."""
    stamp = pd.Timestamp(created).tz_convert("UTC").strftime("%Y%m%d%H%M%S").encode()
    return _NOTES.sub(lambda found: found[0].replace(found[1], stamp), data)
