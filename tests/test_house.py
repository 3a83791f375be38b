"""The shape of the house: who imports whom, what is public, and what the README promises."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import ninja_analytics as na
from tests.conftest import ROOT

PACKAGE = ROOT / "ninja_analytics"

# module -> the modules of ours that it may import. A folder stands for all files in it; its own
# siblings are always allowed. "*" is anything. Imports point down the way of the data.
MAY_IMPORT = {
    "errors": set(),
    "catalog": set(),
    "place": set(),
    "shelf": set(),
    "whole": set(),
    "zones": set(),
    "windows": {"errors"},
    "periods": {"errors", "windows"},
    "filters": {"errors"},
    "naming": {"errors"},
    "connections": set(),
    "sharing": {"auth", "catalog", "errors", "frames", "whole"},
    "accessor": {"connections", "errors", "exports", "naming", "sharing", "windows", "zones"},
    "completion": {"catalog", "filters", "naming", "shelf"},
    "listing": {"catalog", "reports"},
    "progress": {"errors", "place"},
    "auth": {"errors", "catalog", "place", "whole"},
    "consent": {"errors", "catalog", "auth", "place"},
    "answers": {"errors"},
    "retries": {"errors"},
    "usage": {"auth", "errors", "whole"},
    "session": {"answers", "auth", "errors", "retries", "usage"},
    "pages": {"answers", "errors"},
    "frames": {"errors", "catalog"},
    "tables": {
        "catalog", "errors", "filters", "frames", "naming", "pages", "progress", "whole", "windows",
        "retries", "zones",
    },
    "history": {"catalog", "changes", "errors", "filters", "frames", "listing", "progress", "reports", "shelf", "tables", "whole", "windows"},
    "changes": {"catalog", "errors"},
    "charts": {"errors"},
    "exports": {"errors", "whole"},
    "reports": {"errors", "charts", "exports", "lifecycle", "periods", "sharing"},
    "lifecycle": {"auth", "errors", "whole"},
    "packs": {"charts", "errors", "exports", "reports", "sharing"},
    "scrub": {"auth", "errors", "whole"},
    "pulls": {"errors", "history", "packs", "reports"},
    "jobs": {"errors"},
    "schedule": {"auth", "connecting", "errors", "jobs", "periods", "reports", "scrub", "whole"},
    "preflight": {
        "auth", "catalog", "errors", "pages", "pulls", "reports", "schedule", "session", "usage",
    },
    "sandbox": {"catalog", "errors"},
    "ninja": {
        "auth", "catalog", "changes", "completion", "connections", "errors", "filters", "history", "listing", "progress",
        "reports", "session", "shelf", "tables", "usage",
    },
    "connecting": {"auth", "catalog", "consent", "errors", "history", "ninja", "place", "usage"},
    "demo": {"*"},
    "cli": {"*"},
    "__main__": {"cli"},
    "__init__": {"*"},
}  # fmt: skip

# third-party library -> the only modules and folders of ours that may import it.
DOORS = {
    # protocol and tokens
    "requests_oauthlib": {"auth/grants.py"},
    "oauthlib": {"auth/grants.py", "sandbox"},
    "requests": {
        "auth/grants.py",
        "demo.py",
        "lifecycle/refresh.py",
        "sandbox/__init__.py",
        "session.py",
    },
    "urllib3": {"auth/grants.py", "session.py"},
    "keyring": {"auth/store.py"},
    "filelock": {"auth/locks.py", "auth/profiles.py", "tables"},
    "platformdirs": {"auth/profiles.py", "history/place.py"},
    # history
    "duckdb": {"history"},
    "dask": {"history/cluster.py"},
    "fsspec": {"history/folder.py"},
    "narwhals": {"history/engines.py", "history/formulas.py", "history/trends.py"},
    # frames
    "pandas": {
        "accessor.py",
        "changes",
        "charts",
        "cli/counting.py",
        "cli/lifecycle.py",
        "cli/packing.py",
        "cli/pulling.py",
        "cli/terminal.py",
        "connections.py",
        "exports",
        "filters",
        "frames",
        "history",
        "lifecycle",
        "listing/of_reports.py",
        "naming.py",
        "ninja.py",
        "packs",
        "periods.py",
        "reports",
        "sharing",
        "tables",
        "usage",
        "zones.py",
    },
    "numpy": {
        "charts",
        "cli/terminal.py",
        "frames",
        "history",
        "changes",
        "packs",
        "reports",
        "sandbox",
        "tables",
        "usage",
    },
    "pyarrow": {"exports/parquet.py", "exports/streams.py", "frames", "history", "tables"},
    "msgspec": {"frames", "history", "pages", "sandbox"},
    # notebook
    "IPython": {"completion", "consent", "place.py", "pulls.py"},
    "anywidget": {"consent/panel.py"},
    "traitlets": {"consent/panel.py", "schedule/executing.py"},
    "ipywidgets": {"progress.py"},
    "tqdm": {"progress.py"},
    # reports and files
    "matplotlib": {"charts", "packs", "reports"},
    "scipy": {"reports/intervals.py"},
    "statsmodels": {"reports/intervals.py"},
    "jinja2": {"exports/markup.py"},
    "markupsafe": {"exports/markup.py", "reports/page.py"},
    "xlsxwriter": {"exports/workbook.py"},
    # schedule and command line
    "papermill": {"schedule/executing.py"},
    "nbconvert": {"schedule/page.py"},
    "nbformat": {"schedule"},
    "ipykernel": {"schedule/executing.py"},
    "jupyter_client": {"schedule/executing.py"},
    "typer": {"cli"},
    "rich": {"cli/counting.py", "cli/reporting.py", "cli/states.py"},
    # the sandbox
    "starlette": {"sandbox"},
    "uvicorn": {"sandbox/__main__.py"},
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """The name under which a file stands in the table: its folder, or itself."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[str]:
    """Every module that a file imports, at the top or inside a function."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


def named(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", modules(), ids=named)
def test_a_module_imports_only_what_the_table_allows(path):
    allowed = MAY_IMPORT[room(path)]
    ours = [name.split(".") for name in imports(path) if name.startswith("ninja_analytics")]
    rooms = {parts[1] if len(parts) > 1 else "__init__" for parts in ours} - {room(path)}

    assert "*" in allowed or rooms <= allowed, f"{named(path)} imports {sorted(rooms - allowed)}"


def test_the_table_has_every_room_and_allows_nothing_that_nobody_imports():
    used: dict[str, set[str]] = {room(path): set() for path in modules()}
    for path in modules():
        ours = [name.split(".") for name in imports(path) if name.startswith("ninja_analytics.")]
        used[room(path)] |= {parts[1] for parts in ours} - {room(path)}

    assert set(used) == set(MAY_IMPORT)
    for name, allowed in MAY_IMPORT.items():
        assert allowed == {"*"} or allowed <= used[name], name


def test_a_library_is_imported_through_its_doors_only():
    importers: dict[str, set[str]] = {}
    for path in modules():
        for library in {name.split(".")[0] for name in imports(path)} - sys.stdlib_module_names:
            importers.setdefault(library, set()).add(named(path))
    importers.pop("ninja_analytics")

    assert set(importers) == set(DOORS)
    for library, doors in DOORS.items():
        through = {file if file in doors else file.split("/")[0] for file in importers[library]}
        assert through == doors, library


def test_no_relative_import_hides_from_the_table():
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        relative = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level]
        assert not relative, named(path)


def test_every_module_opens_with_what_it_is_for():
    for path in modules():
        assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), named(path)


def test_the_public_names_are_sorted_and_there():
    assert na.__all__ == sorted(na.__all__)
    assert all(hasattr(na, name) for name in na.__all__)


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert na.__version__ == project["version"]
    assert f"## {project['version']}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_every_error_of_the_tree_is_drawn_and_every_drawn_one_exists():
    from ninja_analytics import errors

    drawn = set(re.findall(r"\b(\w+(?:Error|Warning))\b", errors.__doc__))
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }

    assert drawn == defined


def test_importing_the_package_leaves_the_heavy_libraries_alone():
    heavy = [
        "matplotlib", "papermill", "duckdb", "dask", "narwhals", "anywidget", "ipywidgets",
        "starlette", "jinja2",
    ]  # fmt: skip
    code = f"import ninja_analytics, sys; print([m for m in {heavy} if m in sys.modules])"

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == "[]"


def test_every_room_of_the_house_is_in_the_picture():
    picture = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = {path.relative_to(PACKAGE).parts[0] for path in modules()} - {
        "__init__.py",
        "__main__.py",
    }

    missing = {name for name in rooms if f"`{name}`" not in picture and f"`{name}/`" not in picture}

    assert missing == set()


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or not shutil.which("git"),
    reason="this is no checkout, so what is committed cannot be told; to run this, use a git clone",
)
def test_no_path_of_a_developers_machine_is_committed():
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    pattern = re.compile(rb"/(?:root|work|home/[a-z]+)/")
    guilty = [
        name.decode()
        for name in listed.split(b"\0")
        if name and (ROOT / name.decode()).is_file()
        and pattern.search((ROOT / name.decode()).read_bytes())
        and not name.endswith((b".png", b"test_house.py"))
    ]  # fmt: skip

    assert guilty == []
