"""Scrubbing files: only the secret changes, nothing of it is said, and a bad file costs no other."""

from __future__ import annotations

import json

import nbformat
import pytest

from ninja_analytics import errors
from ninja_analytics.scrub import REMOVED, Finding, scrub
from tests.conftest import ROOT
from tests.secret_notebooks import (
    JWT,
    LOGIN,
    OTHER,
    REFRESH,
    SHAPES,
    TOKEN,
    code,
    notebook,
    printed,
    run,
    save,
)


@pytest.mark.parametrize(
    "manner",
    [{}, {"indent": 2}, {"indent": "\t"}, {"indent": None}, {"indent": None, "separators": (",", ":")}, {"ensure_ascii": True}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    "change", [str, lambda text: text.rstrip("\n"), lambda text: "\ufeff" + text]
)
def test_only_the_secret_changes_in_a_file(tmp_path, manner, change):
    outputs = [{"z": 1, "a": [1.5, None, ""], "text": ["é\n", f"access_token={TOKEN}\n", ""]}]
    book = save(
        tmp_path / "a.ipynb", notebook(code("é = 1\n", outputs=outputs), b=1, a=2), **manner
    )
    text = change(book.read_text("utf-8"))
    book.write_text(text, "utf-8")

    assert scrub(book) == (Finding(1, "output", "token or secret by its name"),)
    assert book.read_text("utf-8") == text.replace(TOKEN, REMOVED)


def test_line_ends_and_mode_stay_and_a_link_stays_a_link(tmp_path):
    book = save(tmp_path / "a.ipynb", notebook(printed(f"{REFRESH}\n")))
    raw = book.read_bytes().replace(b"\n", b"\r\n")
    book.write_bytes(raw)
    book.chmod(0o640)
    link = tmp_path / "link.ipynb"
    link.symlink_to(book)

    scrub(link)

    assert link.is_symlink()
    assert book.stat().st_mode & 0o777 == 0o640
    assert book.read_bytes() == raw.replace(REFRESH.encode(), REMOVED.encode())
    assert sorted(path.name for path in tmp_path.glob("*.ipynb")) == ["a.ipynb", "link.ipynb"]
    assert not list(tmp_path.glob(".scrub*"))


def test_half_a_character_in_a_notebook_is_no_hindrance(tmp_path):
    book = tmp_path / "a.ipynb"
    book.write_text(
        '{"cells": [], "metadata": {"é": "\\ud800", "b": "X"}}'.replace("X", REFRESH), "utf-8"
    )

    assert scrub(book)
    assert json.loads(book.read_text("utf-8"))["metadata"] == {"é": "\ud800", "b": REMOVED}


def test_a_notebook_without_findings_is_not_rewritten(tmp_path):
    book = tmp_path / "a.ipynb"
    raw = b'{ "metadata":{},\n\n   "cells" : [ ] , "x": 1.50}  '
    book.write_bytes(raw)
    before = book.stat()

    assert scrub(book) == ()
    assert book.read_bytes() == raw
    assert (book.stat().st_ino, book.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_changes_nothing_and_ends_with_1_until_it_is_scrubbed(tmp_path):
    book = save(tmp_path / "a.ipynb", notebook(code(id="other"), printed(f"Bearer {TOKEN}")))
    raw = book.read_bytes()

    checked = run("scrub", "--check", book)
    assert (checked.exit_code, book.read_bytes()) == (1, raw)
    assert checked.output == f"{book}: cell 2, output: Bearer header\n"

    cleaned = run("scrub", book)
    assert cleaned.exit_code == 0
    assert cleaned.output == f"{book}: cell 2, output: Bearer header, removed\n"
    nbformat.validate(nbformat.read(book, as_version=4))

    again = run("scrub", "--check", book)
    assert (again.exit_code, again.output) == (0, "")


def test_no_part_of_a_secret_is_ever_said(tmp_path):
    book = save(tmp_path / "a.ipynb", notebook(*map(printed, SHAPES), **{REFRESH: {TOKEN: JWT}}))

    said = run("scrub", "--check", book).output + run("scrub", book).output

    parts = {
        secret[at : at + 6]
        for secret in (TOKEN, OTHER, JWT, LOGIN)
        for at in range(len(secret) - 6)
    }
    assert said
    assert not any(part in said for part in parts)


def test_what_is_no_notebook_is_named_and_the_others_are_done(tmp_path):
    words = {
        "none.ipynb": None,
        "text.ipynb": b"not JSON " + TOKEN.encode(),
        "list.ipynb": b"[]",
        "other.ipynb": b'{"a": 1}',
        "latin.ipynb": "é".encode("latin-1"),
        "deep.ipynb": b'{"cells":' + b"[" * 100_000,
    }
    for name, content in words.items():
        if content is not None:
            (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.ipynb").mkdir()
    good = save(tmp_path / "z.ipynb", notebook(printed(f"Bearer {TOKEN}")))

    answer = run("scrub", *(tmp_path / name for name in words), tmp_path / "folder.ipynb", good)

    assert answer.exit_code == 2
    assert len(answer.stderr.splitlines()) == len(words) + 1
    assert "There is no notebook" in answer.stderr
    assert "text.ipynb is not a notebook." in answer.stderr
    assert TOKEN not in answer.output
    assert TOKEN not in good.read_text("utf-8")


def test_a_file_that_cannot_be_replaced_is_said_and_stays_whole(tmp_path, monkeypatch):
    book = save(tmp_path / "a.ipynb", notebook(printed(REFRESH)))
    raw = book.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(errors.ExportError, match="cannot be written"):
        scrub(book)

    assert book.read_bytes() == raw
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["a.ipynb"]


def test_the_hook_for_pre_commit_names_a_command_that_exists():
    text = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    entry = next(line.split(":", 1)[1].split() for line in text.splitlines() if "entry:" in line)

    assert entry == ["ninja-analytics", "scrub", "--check"]
    assert "--check" in run("scrub", "--help").output
