"""One file on the disk: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ninja_analytics.errors import ExportError


def write_file(path: Path, data: bytes) -> Path:
    """The file with *data* in it: whole, or not at all. Makes the folder; raises ExportError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # mkstemp makes private files; a report has the mode of any other new file.
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        msg = (
            f"{path} could not be written ({error.strerror or error}). Close it in other programs, "
            "or choose a folder that you may write to and that has room."
        )
        raise ExportError(msg) from error
    return path


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
