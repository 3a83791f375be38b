"""Where this runs: judged by kernel, terminal and environment, never by a guess about Jupyter."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from ninja_analytics import place

LOOK = "from ninja_analytics import place; print(place.place(), place.somebody_there())"
SIGNS = re.compile(
    "SSH_|JUPYTERHUB_|CODESPACES|COLAB_|VSCODE_|TERM_PROGRAM|REMOTE_CONTAINERS|BINDER_|WSL_"
    "|container$|KUBERNETES_|VOILA_|SERVER_SOFTWARE"
)
VOILA_PAGE = {"SERVER_SOFTWARE": "voila/0.5.13", "VOILA_PREHEAT": "False", "VOILA_BASE_URL": "/"}
VOILA_AHEAD = {"VOILA_PREHEAT": "True", "VOILA_BASE_URL": "/dashboards/"}


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """An environment in which nothing says where this is."""
    for name in filter(SIGNS.match, list(os.environ)):
        monkeypatch.delenv(name)
    return monkeypatch


def in_kernel(environment, *, allow_stdin: bool) -> None:
    kernel = SimpleNamespace(_allow_stdin=allow_stdin)
    environment.setattr(place, "_kernel", lambda: kernel)


@pytest.mark.parametrize("variables", [VOILA_PAGE, VOILA_AHEAD])
def test_a_kernel_of_voila_is_voila_also_one_that_was_started_ahead_of_its_page(
    environment, variables
):
    in_kernel(environment, allow_stdin=False)
    assert place.place() == "nobody"
    assert not place.is_seen()

    for name, value in variables.items():
        environment.setenv(name, value)
    assert place.place() == "voila"
    assert place.somebody_there()
    assert place.is_seen()
    assert place.is_shared_or_remote()  # by whoever opens the page


def test_another_server_software_is_not_voila(environment):
    in_kernel(environment, allow_stdin=False)
    environment.setenv("SERVER_SOFTWARE", "gunicorn/23.0")

    assert place.place() == "nobody"


def test_a_kernel_whose_front_end_can_ask_is_a_notebook_whoever_started_it(environment):
    in_kernel(environment, allow_stdin=True)
    environment.setenv("VOILA_BASE_URL", "/")

    assert place.place() == "notebook"


def test_voilas_environment_alone_is_no_kernel(environment):
    environment.setenv("VOILA_BASE_URL", "/")

    assert place.place() in ("terminal", "nobody")


@pytest.mark.parametrize(
    ("ends", "expected"),
    [((True, True), "terminal"), ((True, False), "nobody"), ((False, True), "nobody")],
)
def test_a_terminal_has_both_ends(environment, ends, expected):
    for name, is_terminal in zip(("stdin", "stderr"), ends, strict=True):
        environment.setattr(sys, name, SimpleNamespace(isatty=lambda it=is_terminal: it))

    assert place.place() == expected


def test_a_process_without_standard_streams_has_nobody(environment):
    environment.setattr(sys, "stdin", None)

    assert place.place() == "nobody"


@pytest.mark.parametrize(
    ("allow_stdin", "variables", "expected"),
    [
        (True, {}, "notebook True"),
        (False, {}, "nobody False"),
        (False, VOILA_PAGE, "voila True"),
    ],
)
def test_a_real_kernel_knows_who_is_there(environment, allow_stdin, variables, expected):
    from jupyter_client.manager import start_new_kernel

    said: list[str] = []
    manager, client = start_new_kernel(kernel_name="python3", env=os.environ | variables)
    try:
        client.execute_interactive(
            LOOK,
            allow_stdin=allow_stdin,
            timeout=60,
            stdin_hook=lambda _: None,
            output_hook=lambda message: said.append(message["content"].get("text", "")),
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)

    assert "".join(said).strip() == expected


def test_a_look_around_imports_no_jupyter():
    code = f"import sys; {LOOK}; print(place.surroundings(), 'IPython' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    assert answer.stdout.split("\n")[0] == "nobody False"
    assert answer.stdout.endswith("frozenset() False\n")


@pytest.mark.parametrize(
    ("variables", "around", "elsewhere"),
    [
        ({}, set(), False),
        ({"SSH_CONNECTION": "192.0.2.7 50111 192.0.2.1 22"}, {"ssh"}, True),
        ({"SSH_TTY": ""}, set(), False),
        ({"JUPYTERHUB_SERVICE_PREFIX": "/user/kim/"}, {"hub"}, True),
        ({"JUPYTERHUB_USER": "kim", "BINDER_SERVICE_HOST": "b"}, {"hub", "binder"}, True),
        ({"CODESPACES": "true", "TERM_PROGRAM": "vscode"}, {"codespaces", "vscode"}, True),
        ({"COLAB_RELEASE_TAG": "release-colab"}, {"colab"}, True),
        ({"TERM_PROGRAM": "vscode"}, {"vscode"}, False),
        ({"VSCODE_PID": "17"}, {"vscode"}, False),
        ({"VSCODE_IPC_HOOK_CLI": "/run/x.sock"}, {"vscode", "vscode-remote"}, True),
        ({"REMOTE_CONTAINERS": "true"}, {"vscode-remote", "container"}, True),
        ({"WSL_DISTRO_NAME": "Debian"}, {"wsl"}, False),
        # The same machine, whatever VS Code calls it.
        ({"WSL_DISTRO_NAME": "Debian", "VSCODE_IPC_HOOK_CLI": "/x"}, {"wsl", "vscode"}, False),
        ({"WSL_DISTRO_NAME": "Debian", "SSH_CLIENT": "192.0.2.7"}, {"wsl", "ssh"}, True),
        ({"container": "podman"}, {"container"}, False),
        ({"KUBERNETES_SERVICE_HOST": "192.0.2.9"}, {"container"}, False),
    ],
)
def test_the_environment_says_what_is_around(environment, variables, around, elsewhere):
    for name, value in variables.items():
        environment.setenv(name, value)

    assert place.surroundings() == around
    assert place.is_shared_or_remote() is elsewhere
