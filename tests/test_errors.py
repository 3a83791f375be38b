"""How an error of ours looks in a notebook."""

from __future__ import annotations

import re

import nbclient
import nbformat
import pytest

CELL = """\
import ninja_analytics as na

na.begin_consent("nobody")"""


def shown(*cells: str) -> str:
    """What the last of these cells shows as its error, without colors."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = nbclient.NotebookClient(book, timeout=60, kernel_name="python3", allow_errors=True)
    (error,) = client.execute().cells[-1].outputs
    return re.sub(r"\x1b\[[\d;]*m", "", "\n".join(error.traceback))


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.delenv("NINJA_DEBUG", raising=False)


def test_a_cell_shows_the_sentence_and_its_own_line():
    assert re.fullmatch(
        "UnknownNameError in line 3 of this cell: There is no profile named 'nobody'.*", shown(CELL)
    )


def test_the_whole_traceback_is_there_for_who_asks(monkeypatch):
    monkeypatch.setenv("NINJA_DEBUG", "1")

    assert "Traceback (most recent call last)" in shown(CELL)
