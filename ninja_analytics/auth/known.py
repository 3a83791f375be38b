"""Which secrets this machine has handled, by their hashes: so that they are known where they leak."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

from ninja_analytics.auth.locks import exclusive
from ninja_analytics.auth.profiles import home
from ninja_analytics.auth.store import Folder
from ninja_analytics.errors import TokenStoreError

_NAME = "known-secrets"
_KEPT = 5000  # hashes; the oldest are forgotten, so the file is bounded
_LOCK_SECONDS = 2.0

_of_this_process: set[str] = set()


def remember(*secrets: str | None, lasting: bool = True) -> None:
    """Know *secrets* from now on; in this process only, unless *lasting*.

    What cannot be written down is left: no failure here may stop who handles the secrets.
    """
    hashes = [_hashed(secret) for secret in secrets if secret]
    _of_this_process.update(hashes)
    if not lasting or _written().issuperset(hashes):
        return
    try:
        with exclusive(_NAME, wait=_LOCK_SECONDS, among_processes=True) as held:
            if held:
                folder = Folder(home())
                lines = (folder.read(_NAME) or "").split()
                kept = list(dict.fromkeys([*lines, *hashes]))[-_KEPT:]
                folder.write(_NAME, "".join(f"{line}\n" for line in kept))
    except TokenStoreError:
        return


def knows(text: str) -> bool:
    """Whether *text* is one of the secrets that were remembered, and not merely contains one."""
    return lookup()(text)


def lookup() -> Callable[[str], bool]:
    """What `knows` answers, by the secrets that are known at this moment: for many texts."""
    hashes = _of_this_process | _written()
    return lambda text: bool(hashes) and _hashed(text) in hashes


def _written() -> frozenset[str]:
    """The hashes in the file; read again only when it has changed."""
    path = home() / _NAME
    try:
        seen = path.stat()
    except OSError:
        return frozenset()
    return _read(path, seen.st_ino, seen.st_mtime_ns)


@functools.lru_cache(maxsize=1)
def _read(path: Path, _inode: int, _changed_at: int) -> frozenset[str]:
    try:
        return frozenset(path.read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return frozenset()


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", errors="replace")).hexdigest()
