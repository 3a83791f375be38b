"""Puts a file on the disk as a whole or not at all: a reader sees the old one or the new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def put(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """The file at *path* with *data* in it, private unless a *mode* is given; raises OSError.

    The data are on the disk when this returns; only the folder's new entry may not be yet.
    """
    # mkstemp creates the file with O_EXCL and mode 0600: it is never readable by others, not even
    # before a chmod.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            beside.chmod(mode)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
