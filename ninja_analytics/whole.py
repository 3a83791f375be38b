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


def make_private(folder: Path) -> None:
    """Make *folder* and the folders above it that are missing, for this user only.

    `Path.mkdir` gives its mode to the last one alone: under a lax umask others could put their own
    files in the place of ours.
    """
    for one in reversed((folder, *folder.parents)):
        if not one.is_dir():
            one.mkdir(mode=0o700, exist_ok=True)
