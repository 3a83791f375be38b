"""Files on the disk: whole or not at all, in a folder that takes them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ninja_analytics import whole
from ninja_analytics.errors import ExportError


def write_file(path: Path, data: bytes) -> Path:
    """The file with *data* in it: whole, or not at all. Makes the folder; raises ExportError."""
    make_folder(path.parent)
    try:
        whole.put(path, data, mode=0o666 & ~_umask())  # as any other new file
    except OSError as error:
        msg = (
            f"{path} could not be written ({error.strerror or error}). Close it in other programs, "
            "or choose a folder that you may write to and that has room."
        )
        raise ExportError(msg) from error
    return path


def make_folder(path: Path) -> Path:
    """The folder, made if it is not there; ExportError where it cannot be or takes no files."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as error:
        what = "is a file, not a folder" if path.is_file() else "takes no files"
        msg = (
            f"{path.resolve()} {what} ({error.strerror or error}). "
            "Check the path, or choose a folder that you may write to and that has room."
        )
        raise ExportError(msg) from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
