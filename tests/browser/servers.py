"""The servers that the browser tests click in: Jupyter (Lab, Notebook 7, proxy) and Voila."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat

START_SECONDS = 60
_REPOSITORY = Path(__file__).resolve().parents[2]
# Settings of the person who runs the tests, and signs of where that is.
_NOT_OURS = (
    "NINJA_",
    "JUPYTER",
    "JPY_",
    "SSH_",
    "VSCODE_",
    "CODESPACES",
    "container",
    "KUBERNETES_",
)
_OWN_FOLDERS = {
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    "IPYTHONDIR": "ipython",
    "HOME": "person",
    "NINJA_HOME": "home",
}
_SETTINGS = {
    "config/labconfig/page_config.json": {
        "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}
    },
    # Every notebook is saved with the state of its widgets, which most people leave switched off.
    "settings/@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings": {"saveState": True},
}


@dataclass(frozen=True)
class Server:
    """A running server: its address, token, folder of notebooks, and our home in its kernels."""

    url: str
    folder: Path
    home: Path
    token: str = field(repr=False)

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def write(self, name: str, *cells: str) -> Path:
        """A notebook of these code cells in the folder."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = self.folder / name
        nbformat.write(book, path)
        return path

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What Jupyter's REST API answers."""
        request = urllib.request.Request(
            f"{self.url}/api/{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or "null")


@contextmanager
def jupyter(root: Path) -> Iterator[Server]:
    """JupyterLab, Notebook 7 and jupyter-server-proxy in one server, as JupyterHub starts one."""
    with _running(root, "/user/alice", "api", _jupyter_command) as server:
        yield server


@contextmanager
def voila(root: Path) -> Iterator[Server]:
    """Voila over a folder of notebooks."""
    with _running(root, "", "", _voila_command) as server:
        yield server


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(root: Path, base: str, ready: str, command: Any) -> Iterator[Server]:
    url = f"http://127.0.0.1:{free_port()}{base}"
    server = Server(url, root / "notebooks", root / "home", secrets.token_hex(16))
    server.folder.mkdir()
    with (root / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command(server), env=_environment(root), stdout=log, stderr=log, cwd=root
        )
        try:
            _wait_for(f"{url}/{ready}", process, root / "server.log")
            yield server
        finally:
            process.terminate()
            process.wait(20)


def _jupyter_command(server: Server) -> Sequence[str]:
    return [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={server.port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.base_url={urlsplit(server.url).path}/",
        f"--ServerApp.root_dir={server.folder}",
        "--ServerApp.jpserver_extensions={'tests.browser.hub': True}",
        f"--IdentityProvider.token={server.token}",
        "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]  # fmt: skip


def _voila_command(server: Server) -> Sequence[str]:
    return [
        sys.executable, "-m", "voila", str(server.folder), "--no-browser",
        "--Voila.ip=127.0.0.1",
        f"--port={server.port}",
        "--Voila.port_retries=0",
    ]  # fmt: skip


def _environment(root: Path) -> dict[str, str]:
    for name, setting in _SETTINGS.items():
        file = root / name
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(setting))
    (root / "person").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    return (
        kept
        | {name: str(root / part) for name, part in _OWN_FOLDERS.items()}
        | {"NINJA_TOKEN_STORE": "file", "PYTHONPATH": str(_REPOSITORY)}
    )


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            late = time.monotonic() > deadline or process.poll() is not None
            assert not late, f"The server did not start:\n{log.read_text()[-4000:]}"
            time.sleep(0.1)
