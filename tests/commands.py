"""What the tests of the command line share: how it is called."""

from __future__ import annotations

import sys

import pytest
from typer.testing import CliRunner

from ninja_analytics import cli

needs_a_terminal = pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has no pseudo-terminals; to run this, use Linux or macOS",
)


def ninja_analytics(*words: object):
    """The result of the command line with these words, in this process."""
    return CliRunner().invoke(cli.app, [str(word) for word in words])
