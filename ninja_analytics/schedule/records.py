"""The files that a run leaves: dated names that overwrite nothing, and pointers to the latest."""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ninja_analytics import whole
from ninja_analytics.errors import ExportError

log = logging.getLogger(__name__)

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run left behind: the executed notebook, its page, and the folder of saved files."""

    notebook: Path
    html: Path
    files: Path


def slug(text: str) -> str:
    """*text* as a part of a file's name on every system; "" where nothing of it can be."""
    return re.sub(r"[^\w.-]+", "_", text)[:_LONGEST_NAME].strip("._")


def reserve(out: Path, stem: str, day: datetime) -> RunResult:
    """The files of a run named *stem* on that day: nothing stands there yet.

    An empty notebook, created exclusively, keeps two runs at one moment apart.
    """
    name = f"{stem}-{day:%Y-%m-%d}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            files = out.resolve() / (name if number == 1 else f"{name}-{number}")
            made = RunResult(_beside(files, ".ipynb"), _beside(files, ".html"), files)
            if files.exists() or made.html.exists():
                continue
            with suppress(FileExistsError):
                made.notebook.touch(exist_ok=False)
                return made
    except OSError as error:
        raise ExportError(
            f"{out} cannot be written: {error.strerror}. Choose another --out."
        ) from error
    raise AssertionError("count() does not end")


def point_to(made: RunResult, stem: str) -> None:
    """Let `STEM-latest.html` lead to the page of a run, and `STEM-latest` to its folder of files.

    Links where the system has them, else a page that leads on and a file that holds the folder's
    name; each is replaced at once, so that a reader finds the one before or this one. A pointer
    that cannot be set costs a line in the log and no run.
    """
    page, files = (made.html.with_name(f"{stem}-latest{suffix}") for suffix in (".html", ""))
    try:
        _point(page, made.html.name, _redirect(made.html.name))
        if made.files.is_dir():
            _point(files, made.files.name, f"{made.files.name}\n")
        elif files.is_symlink() or files.is_file():  # it would lead to the files of an earlier run
            files.unlink()
    except OSError as error:
        log.warning("%s cannot be updated: %s.", page, error.strerror)


def _point(pointer: Path, target: str, otherwise: str) -> None:
    """Make *pointer* a link to its neighbor *target*, or a file of the text *otherwise*."""
    beside = pointer.with_name(f".{pointer.name}.{os.getpid()}.part")
    try:
        beside.unlink(missing_ok=True)
        try:
            beside.symlink_to(target)
        except (OSError, NotImplementedError):  # Windows wants a right for it, some disks have none
            whole.put(pointer, otherwise.encode(), mode=0o644)
            return
        beside.replace(pointer)
    finally:
        beside.unlink(missing_ok=True)


def _redirect(target: str) -> str:
    address = escape(quote(target))
    return (
        f'<!DOCTYPE html>\n<meta charset="utf-8"><meta http-equiv="refresh" content="0; url={address}">'
        f'\n<title>{escape(target)}</title><a href="{address}">{escape(target)}</a>\n'
    )


def write_summary(out: Path, stem: str, day: datetime, told: Mapping[str, Any]) -> Path:
    """The file `STEM-DATE-summary.json` in the folder *out*, which overwrites none."""
    data = json.dumps(told, indent=2, ensure_ascii=False, default=str) + "\n"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            more = "" if number == 1 else f"-{number}"
            path = out.resolve() / f"{stem}-{day:%Y-%m-%d}{more}-summary.json"
            with suppress(FileExistsError):
                path.touch(exist_ok=False)
                whole.put(path, data.encode(), mode=0o644)
                return path
    except OSError as error:
        raise ExportError(
            f"{out} cannot be written: {error.strerror}. Choose another --out."
        ) from error
    raise AssertionError("count() does not end")


def _beside(files: Path, suffix: str) -> Path:
    return files.with_name(f"{files.name}{suffix}")
