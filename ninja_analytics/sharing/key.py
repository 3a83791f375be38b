"""The secret by which aliases are made: given, or one of this user's own that stays on the machine."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from ninja_analytics import whole
from ninja_analytics.auth import locks
from ninja_analytics.auth.profiles import home
from ninja_analytics.errors import UsageError
from ninja_analytics.whole import make_private

_LEAST = 12
_WAIT_SECONDS = 10.0


def key_from(given: str | None) -> bytes:
    """The key that *given* makes, or the one kept in the home folder, made when first needed.

    Raises UsageError for one that can be guessed, or that cannot be kept.
    """
    if given is None:
        return _digest(_kept())
    if not isinstance(given, str) or len(given) < _LEAST:
        msg = (
            f"A key for aliases must be a text of {_LEAST} characters or more: who guesses it can try "
            "names until an alias fits. Leave key= out to use one of your own."
        )
        raise UsageError(msg)
    return _digest(given)


def _digest(text: str) -> bytes:
    return hashlib.sha256(b"ninja_analytics aliases\0" + text.encode()).digest()


def _kept() -> str:
    file = home() / "share.key"
    try:
        make_private(file.parent)
        with locks.exclusive("share", wait=_WAIT_SECONDS, among_processes=True):
            if not file.exists():
                whole.put(file, secrets.token_hex(32).encode())
        return _read(file)
    except OSError as error:
        msg = f"The key for aliases cannot be kept in {file}: check the folder, or give key=."
        raise UsageError(msg) from error


def _read(file: Path) -> str:
    if os.name == "posix" and file.stat().st_mode & 0o077:
        msg = f"Others can read {file}, the key of your aliases: chmod 600 it, or remove it."
        raise UsageError(msg)
    text = file.read_text(encoding="utf-8").strip()
    if len(text) < _LEAST:
        msg = f"{file} holds no key: remove it, and a new one is made, which gives new aliases."
        raise UsageError(msg)
    return text
