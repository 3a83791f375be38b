"""The notebooks that come along: tidy in git, and each runs unedited on the sandbox."""

from __future__ import annotations

import ast

import nbformat
import pytest

from ninja_analytics import schedule
from ninja_analytics.schedule import executing
from ninja_analytics.scrub import scrub
from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.name)
def notebook(request):
    return request.param


@pytest.fixture
def book(notebook):
    return nbformat.read(notebook, as_version=nbformat.NO_CONVERT)


def code_cells(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def test_there_are_notebooks_to_read_in_order():
    names = [path.name for path in NOTEBOOKS]

    assert names[0] == "00_connect.ipynb"
    assert "10_fleet.ipynb" in names
    assert all(name[:2].isdigit() for name in names)


def test_nothing_of_a_run_is_saved_in_a_notebook(book):
    for cell in code_cells(book):
        assert cell.outputs == []
        assert cell.execution_count is None
    assert "widgets" not in book.metadata
    assert "papermill" not in book.metadata


def test_a_notebook_is_valid_and_runs_in_any_python_kernel(book):
    nbformat.validate(book)
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert book.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in book.cells}) == len(book.cells)


def test_a_notebook_has_one_parameters_cell_that_names_the_sandbox(book):
    tagged = [cell for cell in code_cells(book) if "parameters" in cell.metadata.get("tags", ())]

    assert len(tagged) == 1
    assert 'profile = "sandbox"' in tagged[0].source
    assert all(isinstance(line, ast.Assign) for line in ast.parse(tagged[0].source).body)


def test_a_notebook_tells_and_the_package_computes(book):
    assert book.cells[0].cell_type == "markdown"
    assert book.cells[0].source.startswith("# ")
    for cell in code_cells(book):
        made = [
            node
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        ]
        assert made == []


@pytest.mark.slow
def test_a_notebook_runs_unedited_on_the_sandbox_and_shows_nothing_like_a_secret(
    notebook, sandbox, tmp_path, machine, monkeypatch
):
    monkeypatch.setattr(executing, "scrub", lambda *_, **__: ())

    made = schedule.run_notebook(notebook, profile=machine(sandbox, "sandbox"), out=tmp_path)

    executed = nbformat.read(made.notebook, as_version=4)
    streams = [
        output
        for cell in code_cells(executed)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert streams == []
    assert len(made.notebook.read_bytes()) > 2 * len(notebook.read_bytes())
    assert scrub(made.notebook, check=True) == ()
    assert sandbox.clients["api-services"].client_secret not in made.notebook.read_text("utf-8")
