"""The commands for the past: record, sql, history, and --as-of of table and report."""

from __future__ import annotations

import os
import time

import pandas as pd
import pytest

import ninja_analytics as na
from tests.commands import ninja_analytics

TABLES = ("organizations", "locations", "devices", "operating_systems", "device_health", "alerts")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Where the history is, told by the environment."""
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path / "history"))
    return tmp_path / "history"


@pytest.fixture
def recorded(acme, place):
    """The profile "acme", of which a snapshot was recorded by the command."""
    words = [word for name in TABLES for word in ("--table", name)]
    assert ninja_analytics("record", "--profile", acme, *words).exit_code == 0
    return acme


def test_a_snapshot_is_taken_and_told_with_its_size(acme, place):
    result = ninja_analytics("record", "--profile", acme, "--table", "devices")

    assert result.exit_code == 0
    taken = na.open_history(acme).as_of().snapshot
    assert taken.id in result.output
    assert f"{taken.rows} rows of 1 table recorded" in result.output
    assert list(place.rglob("*.parquet"))


def test_a_place_can_be_given_in_a_word(acme, place, tmp_path):
    other = tmp_path / "other"

    ninja_analytics("record", "--profile", acme, "--table", "roles", "--place", other)
    told = ninja_analytics("history", "list", "--profile", acme, "--place", other).output

    assert not place.exists()
    assert "1 row" in told
    assert (
        "Nothing was recorded yet" in ninja_analytics("history", "list", "--profile", acme).output
    )


def test_a_table_that_is_not_there_is_exit_code_5_and_the_others_are_recorded(
    machine, fresh_sandbox, place
):
    sandbox = fresh_sandbox(devices=3)
    acme = machine(sandbox)
    sandbox.fault("403", path="/v2/roles", times=9)

    result = ninja_analytics("record", "--profile", acme, "--table", "devices", "--table", "roles")

    assert result.exit_code == 5
    assert "Not in the snapshot: roles:" in result.output
    assert set(na.open_history(acme).as_of().snapshot.tables) == {"devices"}


def test_the_size_of_a_snapshot_is_told_before_it_is_taken(acme, place):
    told = ninja_analytics("record", "--profile", acme, "--estimate").output

    assert "software" in told
    assert "bytes" in told
    assert not place.exists()


def test_a_wrong_table_shows_before_anybody_is_asked(monkeypatch):
    monkeypatch.setattr(na, "connect", None)

    result = ninja_analytics("record", "--table", "device")

    assert result.exit_code == 2
    assert "Did you mean 'devices'?" in result.output


def test_the_past_is_shown_and_saved_without_a_request(recorded, sandbox, tmp_path):
    sandbox.forget_requests()

    shown = ninja_analytics("table", "devices", "--profile", recorded, "--as-of", "yesterday")
    table = ninja_analytics(
        "table", "devices", "--profile", recorded, "--as-of", now(), "--rows", 3
    )
    report = ninja_analytics(
        "report", "fleet_overview", "--profile", recorded, "--as-of", now(), "-o", tmp_path,
        "--format", "html",
    )  # fmt: skip

    assert shown.exit_code == 2
    assert "complete" in table.output
    assert "recorded" in table.output
    assert report.exit_code == 0
    assert list(tmp_path.glob("fleet_overview_*.html"))
    assert sandbox.requests() == []


def test_what_needs_ninjaone_is_refused_of_the_past(recorded):
    words = ("table", "devices", "--profile", recorded, "--as-of", now(), "--max-age", "1h")

    result = ninja_analytics(*words)

    assert result.exit_code == 2
    assert "--as-of asks nobody" in result.output


def test_a_time_before_the_first_snapshot_is_exit_code_6(recorded):
    result = ninja_analytics("table", "devices", "--profile", recorded, "--as-of", "2001-01-01")

    assert result.exit_code == 6
    assert "The oldest snapshot is of" in result.output


def test_a_query_is_answered_on_the_screen_and_in_a_file(recorded, tmp_path):
    query = "select node_class, count(*) as n from devices_history group by all order by n desc"

    shown = ninja_analytics("sql", query, "--profile", recorded).output
    written = ninja_analytics("sql", query, "--profile", recorded, "-o", tmp_path / "n.parquet")

    found = pd.read_parquet(tmp_path / "n.parquet")
    assert written.exit_code == 0
    assert found["n"].sum() == len(na.open_history(recorded).as_of().table("devices"))
    assert found["node_class"].iloc[0] in shown


def test_a_query_that_would_write_is_exit_code_2(recorded):
    result = ninja_analytics("sql", "drop table devices_history", "--profile", recorded)

    assert result.exit_code == 2
    assert "Only SELECT is possible" in result.output


def test_snapshots_are_listed_pruned_compacted_and_verified(recorded, place):
    ninja_analytics("record", "--profile", recorded, "--table", "devices")

    def history(*words: object) -> str:
        result = ninja_analytics("history", *words, "--profile", recorded)
        assert result.exit_code == 0, result.output
        return result.output

    assert "2 rows" in history("list")
    assert "1 snapshot let go" in history("prune", "--days", 1)
    assert "0 snapshots let go" in history("prune", "--keep", "1d")
    assert "fewer" in history("compact")
    assert "1 snapshot: every file is as it was written" in history("verify")
    assert ninja_analytics("history", "prune", "--profile", recorded).exit_code == 2


def test_damage_is_named_and_exit_code_1(recorded, place):
    file = next(place.rglob("table=devices/**/*.parquet"))
    file.write_bytes(file.read_bytes()[:-10])
    os.utime(file, (time.time(), time.time()))

    result = ninja_analytics("history", "verify", "--profile", recorded)

    assert result.exit_code == 1
    assert f"{file.relative_to(file.parents[2]).as_posix()}: damaged" in result.output


def now() -> str:
    return pd.Timestamp.now(tz="UTC").isoformat()
