"""A lock per profile that holds among all threads and processes of this machine's user."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from filelock import FileLock, Timeout

from ninja_analytics.auth.profiles import home
from ninja_analytics.errors import TokenStoreError
from ninja_analytics.whole import make_private

# One thread lock per key in a process, however many keepers there are: a lock on the keeper would
# not hold back the keeper of a second connect().
_thread_locks: dict[str, threading.Lock] = {}
if hasattr(os, "register_at_fork"):
    # A child has none of the threads that may hold these.
    os.register_at_fork(after_in_child=_thread_locks.clear)


@contextmanager
def exclusive(key: str, *, wait: float, among_processes: bool) -> Iterator[bool]:
    """Whether the lock of *key* was had within *wait* seconds; if so, it is held in the block.

    The operating system frees the file lock of a process that is killed. Raises TokenStoreError
    where no lock file can be made.
    """
    until = time.monotonic() + wait
    with ExitStack() as held:
        lock = _thread_locks.setdefault(key, threading.Lock())
        got = lock.acquire(timeout=wait)
        if got:
            held.callback(lock.release)
        if got and among_processes:
            got = _lock_file(held, key, max(0.0, until - time.monotonic()))
        yield got


def _lock_file(held: ExitStack, key: str, wait: float) -> bool:
    """Whether the lock file of *key* was had within *wait* seconds; then it is among *held*."""
    folder = home() / "locks"
    lock = FileLock(folder / f"{key}.lock")
    try:
        make_private(folder)
        lock.acquire(timeout=wait)
    except Timeout:
        return False
    except (OSError, NotImplementedError) as error:  # the latter: a drive that has no locks
        msg = (
            f"No lock can be had in {folder}: check the folder's rights, set NINJA_HOME to another "
            "folder, or NINJA_TOKEN_STORE=memory."
        )
        raise TokenStoreError(msg) from error
    held.callback(lock.release)
    return True
