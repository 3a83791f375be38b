"""Where this runs: a notebook or a terminal with a person at it, or a place with nobody there."""

from __future__ import annotations

import sys
from typing import Literal

Place = Literal["notebook", "terminal", "nobody"]


def place() -> Place:
    """The kind of place this runs in, judged by whether a person could answer a prompt.

    A kernel says by *allow_stdin* whether its front end can ask somebody: papermill, nbclient and
    nbconvert say no. Being inside Jupyter alone says nothing about a person.
    """
    kernel = _kernel()
    if kernel is not None:
        return "notebook" if getattr(kernel, "_allow_stdin", False) else "nobody"
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


def _kernel() -> object | None:
    """The Jupyter kernel in which this runs, without importing IPython for it."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return getattr(get_ipython(), "kernel", None)
