"""What is installed: pip and conda ask for the same, and for everything that is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest
import yaml

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]

# Conda's packages without what nobody needs here, and those that have another name there.
CONDA_NAMES = {
    "matplotlib-base": "matplotlib",
    "nbconvert-core": "nbconvert",
    "python-duckdb": "duckdb",
}
# Imported, and always there because of another: what -> because of whom.
COMES_WITH = {
    "IPython": "jupyterlab",
    "ipykernel": "jupyterlab",
    "jupyter_client": "jupyterlab",
    "jupyter_server": "jupyterlab",
    "markupsafe": "jinja2",
    "nbclient": "nbconvert",
    "nbformat": "nbconvert",
    "numpy": "pandas",
    "pexpect": "jupyterlab",
    "tornado": "jupyterlab",
    "traitlets": "ipywidgets",
    "urllib3": "requests",
}
# Imported where somebody asks for it, and installed by an extra: what -> which.
WITH_EXTRA = {"dask": "cluster"}
# Asked for, though nothing imports it: who needs it.
NEEDED_BY = {
    "jupyterlab": "the person at the notebooks",
}


def asked_for(requirements: list[str]) -> dict[str, set[str]]:
    """Each package with its bounds, whatever the spelling."""
    found = {}
    for requirement in requirements:
        name, bounds = re.fullmatch(r"([\w.-]+)\s*(.*)", requirement).groups()
        found[CONDA_NAMES.get(name, name)] = set(filter(None, bounds.split(",")))
    return found


def imported(folder: str = "ninja_analytics") -> set[str]:
    """The third-party libraries that the files of *folder* import, anywhere."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"ninja_analytics", "tests"}


def test_conda_asks_for_what_pip_asks_for():
    conda = asked_for([entry for entry in CONDA if isinstance(entry, str)])
    python = {"python": {PROJECT["requires-python"]}, "pip": set()}

    assert conda == asked_for(PROJECT["dependencies"]) | python
    assert {"pip": ["-e ."]} in CONDA


@pytest.mark.parametrize("name", sorted(asked_for(PROJECT["dependencies"])))
def test_a_dependency_has_a_lower_and_an_upper_bound(name):
    bounds = asked_for(PROJECT["dependencies"])[name]

    assert {bound[0] for bound in bounds} == {">", "<"}


def test_what_is_imported_is_asked_for_and_what_is_asked_for_is_needed():
    asked = {name.replace("-", "_") for name in asked_for(PROJECT["dependencies"])}
    needed = {COMES_WITH.get(name, name) for name in imported() - set(WITH_EXTRA)}
    needed |= {name.replace("-", "_") for name in NEEDED_BY}

    assert needed == asked


@pytest.mark.parametrize("name", WITH_EXTRA)
def test_what_an_extra_brings_is_in_it_and_imported(name):
    extra = PROJECT["optional-dependencies"][WITH_EXTRA[name]]

    assert name in {re.match(r"[\w.-]+", one)[0] for one in extra}
    assert name in imported()


# What the benchmarks install into an environment of its own, since it is only measured.
OF_THE_BENCHMARKS = {"ninjapy"}


def test_what_the_tests_import_is_asked_for():
    extra = [one for group in PROJECT["optional-dependencies"].values() for one in group]
    asked = asked_for(PROJECT["dependencies"] + extra) | {"yaml": "pyyaml"}

    found = imported("tests") - OF_THE_BENCHMARKS
    assert {COMES_WITH.get(name, name).replace("_", "-") for name in found} <= set(asked)
    assert imported("tests") >= OF_THE_BENCHMARKS
    assert set(COMES_WITH) <= imported() | imported("tests")
