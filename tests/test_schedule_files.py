"""What a run leaves under which name, where the newest is, and what is tried again."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ninja_analytics import errors
from ninja_analytics.schedule.records import point_to, reserve, slug, write_summary
from ninja_analytics.schedule.retrying import Patience, may_heal, patiently

NOW = datetime(2026, 11, 5, 7, 30, tzinfo=UTC)


def made_run(out: Path, text: str, *, saves: bool = True):
    """The files of a run whose page and only saved file hold *text*."""
    made = reserve(out, "fleet-acme", NOW)
    made.html.write_text(text, encoding="utf-8")
    if saves:
        made.files.mkdir()
        (made.files / "report.html").write_text(text, encoding="utf-8")
    return made


def no_links(*_: object, **__: object) -> None:
    raise OSError(1314, "A required privilege is not held by the client")


def test_the_latest_leads_to_the_newest_run_also_when_the_folder_has_moved(tmp_path):
    for text in ("first", "second"):
        point_to(made_run(tmp_path / "out", text), "fleet-acme")

    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")

    assert (moved / "fleet-acme-latest.html").read_text("utf-8") == "second"
    assert (moved / "fleet-acme-latest" / "report.html").read_text("utf-8") == "second"
    assert [one.name for one in moved.glob(".*")] == []


def test_where_there_are_no_links_a_page_leads_on_and_a_file_names_the_folder(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(Path, "symlink_to", no_links)
    for text in ("first", "second"):
        point_to(made_run(tmp_path, text), "fleet-acme")

    page = (tmp_path / "fleet-acme-latest.html").read_text("utf-8")
    assert 'url=fleet-acme-2026-11-05-2.html"' in page
    assert '<a href="fleet-acme-2026-11-05-2.html">' in page
    assert (tmp_path / "fleet-acme-latest").read_text("utf-8") == "fleet-acme-2026-11-05-2\n"


def test_the_latest_never_leads_to_the_files_of_an_earlier_run(tmp_path):
    point_to(made_run(tmp_path, "first"), "fleet-acme")
    point_to(made_run(tmp_path, "second", saves=False), "fleet-acme")

    assert not os.path.lexists(tmp_path / "fleet-acme-latest")
    assert (tmp_path / "fleet-acme-latest.html").read_text("utf-8") == "second"


def test_a_pointer_that_cannot_be_set_costs_a_line_and_no_run(tmp_path, caplog):
    somebodys = tmp_path / "fleet-acme-latest"
    somebodys.mkdir()
    (somebodys / "kept").touch()

    point_to(made_run(tmp_path, "first"), "fleet-acme")

    assert (somebodys / "kept").exists()
    assert "cannot be updated" in caplog.text


def test_a_second_summary_of_the_day_overwrites_nothing(tmp_path):
    paths = [write_summary(tmp_path, "run-acme", NOW, {"runs": [number]}) for number in (1, 2)]

    assert [path.name for path in paths] == [
        "run-acme-2026-11-05-summary.json",
        "run-acme-2026-11-05-2-summary.json",
    ]
    assert [json.loads(path.read_text("utf-8"))["runs"] for path in paths] == [[1], [2]]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Heron Ltd", "Heron_Ltd"),
        ("../../etc/passwd", "etc_passwd"),
        ("Müller & Söhne", "Müller_Söhne"),
        ("...", ""),
        ("x" * 300, "x" * 80),
    ],
)
def test_the_name_of_a_customer_is_a_name_of_a_file_and_nothing_else(name, part):
    assert slug(name) == part


@pytest.mark.parametrize(
    ("error", "heals"),
    [
        (errors.ServerError("x"), True),
        (errors.RateLimitError("x"), True),
        (errors.UnreachableError("x"), True),
        (errors.AnswerError("x"), True),
        (errors.IncompleteError("x"), True),
        (errors.RunError("x", cause="IncompleteError"), True),
        (errors.RunError("x", cause="UnreachableError"), True),
        (errors.PartialReportError("x"), False),
        (errors.NotAvailableError("x"), False),
        (errors.UnauthorizedError("x"), False),
        (errors.ConsentRequiredError("x"), False),
        (errors.UsageError("x"), False),
        (errors.ExportError("x"), False),
        (errors.RunError("x"), False),
        (errors.RunError("x", cause="KeyError"), False),
        (errors.RunError("x", cause="ConsentRequiredError"), False),
    ],
)
def test_only_what_time_may_heal_is_tried_again(error, heals):
    assert may_heal(error) is heals


def failing(*failures: Exception):
    """Work that fails so, one after another, and then is done."""
    left = list(failures)

    def work() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return work


def test_waits_double_and_are_bounded():
    waits = []

    tried = patiently(
        failing(*(errors.ServerError("x") for _ in range(9))), "x", Patience(8, 30, waits.append)
    )

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]
    assert (tried.value, type(tried.error), tried.tries) == (None, errors.ServerError, 9)


def test_the_wait_that_ninjaone_asks_for_is_kept():
    waits = []
    limits = (
        errors.RateLimitError("x", retry_after=400),
        errors.RateLimitError("x", retry_after=90_000),
        errors.RunError("x", cause="RateLimitError"),
    )

    tried = patiently(failing(*limits), "x", Patience(3, 1, waits.append))

    assert (tried.value, tried.tries) == ("done", 4)
    assert waits == [400, 900, 600]


def test_a_foreign_error_is_a_bug_whose_text_is_not_shown():
    tried = patiently(failing(KeyError("canary")), "x", Patience(2, 1, pytest.fail))

    assert isinstance(tried.error, errors.RunError)
    assert tried.error.cause == "KeyError"
    assert "canary" not in str(tried.error)
