"""Where a history is: in the folder or at the address that was given, the project's, or the user's."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs

from ninja_analytics.history.folder import Folder

VARIABLE = "NINJA_HISTORY"
PROJECT = "ninja-history"


def root(given: str | os.PathLike[str] | None = None) -> Folder:
    """The place of all histories: *given*, else $NINJA_HISTORY, else what is usual.

    That is ./ninja-history if there is such a folder, else the platform's data folder, or $NINJA_HOME
    if that is set.
    """
    told = given or os.environ.get(VARIABLE)
    if told:
        return Folder(told)
    if Path(PROJECT).is_dir():
        return Folder(Path(PROJECT))
    if home := os.environ.get("NINJA_HOME"):
        return Folder(Path(home).expanduser() / "history")
    return Folder(platformdirs.user_data_path("ninja_analytics", appauthor=False) / "history")


def of_profile(name: str, base_url: str, given: str | os.PathLike[str] | None = None) -> Folder:
    """The place of one profile's history; another instance under the same name has another one."""
    digest = hashlib.sha256(base_url.encode()).hexdigest()[:8]
    return root(given).below(f"profile={name}-{digest}")
