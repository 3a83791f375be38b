"""The README tells the truth: its Python runs, its commands and make targets exist."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ninja_analytics import cli
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in *language*, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.S | re.M)


def commands(program: str) -> list[list[str]]:
    """The lines of the README's shell blocks that call *program*, as words."""
    lines = "".join(blocks("bash")).replace("\\\n", " ").splitlines()
    return [line.split("#")[0].split()[1:] for line in lines if line.startswith(program + " ")]


def test_the_python_of_the_readme_runs_on_the_sandbox(sandbox, tmp_path, monkeypatch):
    client = sandbox.clients["api-services"]
    for name, value in {
        "NINJA_BASE_URL": sandbox.base_url,
        "NINJA_CLIENT_ID": client.client_id,
        "NINJA_CLIENT_SECRET": client.client_secret,
        "NINJA_PLATFORM": "api-services",
    }.items():
        monkeypatch.setenv(name, value)
    program = tmp_path / "readme.py"
    program.write_text("\n".join(blocks("python")), encoding="utf-8")

    run = subprocess.run([sys.executable, program], cwd=tmp_path, capture_output=True, text=True)

    assert run.returncode == 0, run.stderr
    assert list(tmp_path.glob("out/*.html"))


@pytest.mark.parametrize("words", commands("ninja-analytics"), ids=" ".join)
def test_a_command_of_the_readme_exists_with_its_options(words):
    told = CliRunner().invoke(cli.app, [words[0], "--help"])

    assert told.exit_code == 0
    for option in [word for word in words if word.startswith("-")]:
        assert re.search(rf"(?<![\w-]){option}(?![\w-])", told.output), option


@pytest.mark.parametrize("target", sorted({words[0] for words in commands("make")}))
def test_a_make_target_of_the_readme_exists(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def test_every_picture_of_the_readme_is_there():
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)

    assert pictures
    assert all((ROOT / picture).is_file() for picture in pictures)
