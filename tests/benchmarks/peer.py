"""ninjapy, a client for NinjaOne from PyPI, in an environment of its own, which nothing else sees."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.benchmarks.asking import base_url, token, token_url
from tests.benchmarks.dtypes import typed

if TYPE_CHECKING:
    from tests.benchmarks.ways import Task

RELEASE = "ninjapy==0.2.3"
HERE = Path(".benchmarks") / "ninjapy"
PULLS = {"software": "query_all_software", "devices_detailed": "get_all_devices_detailed"}


def interpreter() -> str | None:
    """The Python that has ninjapy, with our pandas and Arrow; made when it is missing. None: it cannot be."""
    python = HERE / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = HERE / "installed"
    if not done.exists():
        venv.create(HERE, with_pip=True, clear=True)
        same = [f"{name}=={version(name)}" for name in ("pandas", "pyarrow")]
        command = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        if subprocess.run([*command, RELEASE, *same], check=False, stdout=sys.stderr).returncode:
            return None
        done.touch()
    return str(python)


def prepare(task: Task) -> Callable[[], Any]:
    """Its call for all rows of the table, in pages of 1000, and the frame that it does not make."""
    import pandas as pd
    from ninjapy import NinjaRMMClient

    logging.disable(logging.INFO)  # it writes six lines per request
    client = NinjaRMMClient(
        token_url=token_url(),
        client_id=os.environ["NINJA_CLIENT_ID"],
        client_secret=os.environ["NINJA_CLIENT_SECRET"],
        scope="monitoring",
        base_url=base_url(),
        request_timeout=90,
    )
    # Whatever scope it is given, it asks for all three; so it gets the token that the others have.
    client.token_manager._access_token = token()
    client.token_manager._token_expiry = time.time() + 86_400
    pull = getattr(client, PULLS[task.table])
    return lambda: typed(pd.json_normalize(pull(page_size=1000)), task.columns)
