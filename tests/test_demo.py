"""The demo: the whole way on one machine, as `make demo` goes it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

import openpyxl
import pytest

from ninja_analytics import demo

pytestmark = pytest.mark.slow


def run_demo(out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ninja_analytics", "demo", "--out", str(out), "--devices", "30"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        timeout=150,
    )


def named_files(text: str) -> list[Path]:
    """The files whose addresses the demo printed."""
    return [
        Path(url2pathname(unquote(urlsplit(address).path)))
        for address in re.findall(r"file://\S+", text)
    ]


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A demo that has run, its folder, and the home of the user it ran for."""
    folder = tmp_path_factory.mktemp("demo")
    home = folder / "home"
    result = run_demo(folder / "out", NINJA_HOME=str(home), NINJA_PROFILE="acme")
    assert result.returncode == 0, result.stderr
    return result, folder / "out", home


def test_the_demo_says_where_a_report_is_that_opens(done):
    result, out, _ = done
    files = named_files(result.stdout)

    assert {file.suffix for file in files} == {".html", ".xlsx", ".ipynb"}
    assert all(out.resolve() in file.parents for file in files)
    report = next(file for file in files if file.suffix == ".html")
    assert "What do we manage, and is it healthy?" in report.read_text("utf-8")
    workbook = openpyxl.load_workbook(next(file for file in files if file.suffix == ".xlsx"))
    assert len(workbook.sheetnames) > 1


def test_the_demo_leaves_the_users_own_settings_alone(done):
    _, _, home = done

    assert not home.exists()


def test_the_demo_saves_no_secret(done):
    result, out, _ = done
    texts = [result.stdout, result.stderr]
    texts += [
        file.read_text("utf-8") for file in out.rglob("*") if file.suffix in (".ipynb", ".html")
    ]

    assert not any(re.search(r"(?i)bearer |refresh_token\W+\w{20}|[?&]code=", one) for one in texts)


def test_the_demo_runs_again_without_trouble(done):
    result, out, _ = done

    again = run_demo(out)

    assert again.returncode == 0, again.stderr
    assert not set(named_files(again.stdout)) & set(named_files(result.stdout))


def test_a_demo_that_cannot_write_says_so_in_a_sentence(tmp_path):
    (tmp_path / "out").write_text("a file is in the way", "utf-8")

    result = run_demo(tmp_path / "out")

    assert result.returncode == 6
    assert re.fullmatch(r"ninja-analytics: .*cannot be written.*\n", result.stderr)


def test_the_notebooks_are_found_beside_the_package():
    assert (demo.notebooks() / demo.NOTEBOOK).is_file()
