"""Where this runs: with a person at it or with nobody there, on one's own machine or elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Literal

Place = Literal["notebook", "voila", "terminal", "nobody"]

_Environment = Mapping[str, str]


def _has(*names: str) -> Callable[[_Environment], bool]:
    """A test whether one of the variables *names* is set to something."""
    return lambda environment: any(environment.get(name) for name in names)


_is_wsl = _has("WSL_DISTRO_NAME", "WSL_INTEROP")


def _is_vscode(environment: _Environment) -> bool:
    return environment.get("TERM_PROGRAM") == "vscode" or any(
        name.startswith("VSCODE_") for name in environment
    )


def _is_vscode_remote(environment: _Environment) -> bool:
    # VS Code reaches WSL as it does a remote machine, but that is the one that it runs on itself.
    remote = _has("VSCODE_IPC_HOOK_CLI", "VSCODE_AGENT_FOLDER", "REMOTE_CONTAINERS")
    return remote(environment) and not _is_wsl(environment)


# What surrounds this, and how the environment says so.
_SIGNS: dict[str, Callable[[_Environment], bool]] = {
    "ssh": _has("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"),
    "hub": _has("JUPYTERHUB_SERVICE_PREFIX", "JUPYTERHUB_USER"),
    "codespaces": _has("CODESPACES"),
    "colab": _has("COLAB_RELEASE_TAG", "COLAB_BACKEND_VERSION"),
    "vscode": _is_vscode,
    "vscode-remote": _is_vscode_remote,
    "binder": _has("BINDER_SERVICE_HOST", "BINDER_LAUNCH_HOST", "BINDER_REPO_URL"),
    "wsl": _is_wsl,
    "container": _has("container", "KUBERNETES_SERVICE_HOST", "REMOTE_CONTAINERS"),
}
_ELSEWHERE = {"ssh", "hub", "codespaces", "colab", "binder", "vscode-remote"}


def place() -> Place:
    """The kind of place this runs in, judged by whether a person could answer.

    A kernel says by *allow_stdin* whether its front end can ask somebody: papermill, nbclient and
    nbconvert say no. So does Voila, but it shows a person what the cells have shown; its kernels
    know it by their environment. Being inside Jupyter alone says nothing about a person.
    """
    kernel = _kernel()
    if kernel is not None:
        if getattr(kernel, "_allow_stdin", False):
            return "notebook"
        return "voila" if _is_under_voila() else "nobody"
    both = sys.stdin, sys.stderr
    return "terminal" if all(end is not None and end.isatty() for end in both) else "nobody"


def somebody_there() -> bool:
    """Whether a person is there who could be asked for consent."""
    return place() != "nobody"


def is_seen() -> bool:
    """Whether a person, if there is one, sees at once what is shown.

    Not so in a kernel with nobody at it: its outputs are saved, and read later if at all.
    """
    return _kernel() is None or somebody_there()


def surroundings() -> frozenset[str]:
    """What surrounds this, as the environment says.

    Words: ssh, hub, codespaces, colab, vscode, vscode-remote, binder, wsl, container.
    """
    return frozenset(name for name, is_so in _SIGNS.items() if is_so(os.environ))


def is_shared_or_remote() -> bool:
    """Whether this is a machine that others may use, or that is not the one before the person.

    Voila serves whoever opens its page, all as one user of the machine.
    """
    return place() == "voila" or not _ELSEWHERE.isdisjoint(surroundings())


def _is_under_voila() -> bool:
    """Whether Voila started this kernel: for one page, or ahead of it to have one ready."""
    for_a_page = os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")
    return for_a_page or bool(os.environ.get("VOILA_BASE_URL"))


def _kernel() -> object | None:
    """The Jupyter kernel in which this runs, without importing IPython for it."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None)
