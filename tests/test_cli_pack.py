"""The command `pack`: folders for customers, an index, and exit codes that say how it went."""

from __future__ import annotations

import pytest

import ninja_analytics as na
from tests.commands import ninja_analytics

ONE_SECTION = ("-p", "sections=fleet_overview", "--format", "html")
"""A short report: what a whole one holds is tested with the packs."""


@pytest.fixture
def small(machine, fresh_sandbox):
    """The profile "acme" of a sandbox with few customers, and that sandbox."""
    sandbox = fresh_sandbox(devices=8, organizations=3, seed=5)
    return machine(sandbox), sandbox


@pytest.fixture
def out(tmp_path):
    """Where the packs go: beside the home folder, which is in the same one."""
    return tmp_path / "out"


def test_a_pack_is_written_and_its_index_named(small, out):
    acme, _ = small
    words = ("pack", "qbr", "--by", "organization", "--profile", acme, *ONE_SECTION)

    result = ninja_analytics(*words, "--out", out)

    assert result.exit_code == 0, result.output
    (folder,) = out.iterdir()
    assert str((folder / "index.html").resolve()) in result.output
    assert result.output.count("ok ") == len([one for one in folder.iterdir() if one.is_dir()])


def test_one_customer_by_name_and_another_period(small, out):
    acme, _ = small
    devices = na.connect(acme).table("devices", names=["organization"])
    name = devices["organization_name"].dropna().iloc[0]

    result = ninja_analytics(
        "pack", "--profile", acme, "--out", out, "--organization", name, "--period", "30d",
        "--format", "csv", "qbr",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    (folder,) = out.iterdir()
    assert len([one for one in folder.iterdir() if one.is_dir()]) == 1
    told = next(folder.glob("*/*_manifest.json")).read_text("utf-8")
    assert '"period": "30d"' in told


def test_a_pack_of_a_snapshot_asks_nobody_and_tells_the_change(small, out, history_folder):
    acme, sandbox = small
    ninja = na.connect(acme)
    ninja.record()
    sandbox.advance(days=30)
    ninja.record()
    sandbox.forget_requests()

    result = ninja_analytics(
        "pack", "qbr", "--profile", acme, "--as-of", sandbox.now.isoformat(), "--out", out,
        *ONE_SECTION,
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    assert sandbox.requests() == []
    page = next(out.glob("*/*/*.html")).read_text("utf-8")
    assert " since 20" in page


def test_a_table_that_is_not_there_makes_the_packs_partial_and_the_exit_code_5(small, out):
    acme, sandbox = small
    sandbox.fault("403", path="/v2/queries/device-health", times=9)

    result = ninja_analytics("pack", "qbr", "--profile", acme, "--out", out, *ONE_SECTION)

    assert result.exit_code == 5
    assert "partial" in result.output
    assert len(list(out.glob("*/*/*.html"))) == result.output.count("partial  ")


@pytest.mark.parametrize("word", ["--by=location", "--format=docx", "--organization=Nobody"])
def test_a_wrong_word_is_exit_code_2_and_leaves_nothing(small, out, word):
    acme, _ = small

    result = ninja_analytics("pack", "qbr", "--profile", acme, "--out", out, word)

    assert result.exit_code == 2
    assert list(out.glob("*/*")) == []
