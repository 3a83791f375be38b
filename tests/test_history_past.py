"""The past: tables and reports as of a time, asked for as from a live connection, and nobody asked."""

from __future__ import annotations

import time
from dataclasses import replace

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import (
    FilterError,
    HistoryError,
    HistoryWarning,
    NotAvailableError,
    UnknownNameError,
    UsageError,
)
from ninja_analytics.history.keeping import sweep
from ninja_analytics.history.recorded_tables import DEFAULT, POSSIBLE
from ninja_analytics.history.snapshots import LOG, text_of
from ninja_analytics.reports import REPORTS
from tests.conftest import api_services

SMALL = ["organizations", "locations", "devices", "operating_systems", "device_health", "alerts"]


@pytest.fixture(scope="module")
def recorded(sandbox, ninja, tmp_path_factory):
    """The shared fleet, recorded three times: on three mornings of November."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NINJA_HISTORY", str(tmp_path_factory.mktemp("recorded")))
        history = ninja.history
    for day in ("2026-11-01T06:00", "2026-11-02T06:00", "2026-11-03T06:00"):
        history.record(SMALL, now=day)
    return history


def test_the_snapshot_at_or_before_a_time_is_taken_and_named(recorded):
    ids = recorded.snapshots["snapshot"].tolist()

    for when, place in {
        "2026-11-01T06:00": 0,
        "2026-11-02": 0,
        "2026-11-02T06:00": 1,
        "2026-11-02T05:59:59": 0,
        pd.Timestamp("2026-11-02T08:00", tz="Europe/Berlin"): 1,
        "2027-01-01": 2,
        None: 2,
        ids[1]: 1,
    }.items():
        past = recorded.as_of(when)
        assert past.snapshot.id == ids[place], when
        assert past.table("devices").ninja.source["snapshot"] == ids[place]
        assert ids[place] in repr(past)


def test_a_time_before_the_first_snapshot_says_which_is_the_oldest(recorded):
    with pytest.raises(HistoryError, match="oldest snapshot is of 2026-11-01 06:00:00 UTC"):
        recorded.as_of("2026-10-31")
    with pytest.raises(UsageError, match="is not a time"):
        recorded.as_of("last week")


def test_a_history_without_a_snapshot_says_how_to_begin(ninja, tmp_path):
    empty = ninja.history.at(tmp_path)

    assert empty.snapshots.empty
    assert empty.snapshots.dtypes["snapshot_at"] == "datetime64[us, UTC]"
    with pytest.raises(HistoryError, match=r"Begin with: ninja\.record\(\)"):
        empty.as_of()


@pytest.mark.parametrize("name", SMALL)
def test_a_table_of_the_past_is_the_table_of_the_day(recorded, ninja, name):
    pd.testing.assert_frame_equal(recorded.as_of().table(name), ninja.table(name))


@pytest.mark.parametrize(
    "asked",
    [
        {"where": na.device.node_class == "WINDOWS_SERVER"},
        {"where": na.device.offline},
        {"where": "online AND class = WINDOWS_WORKSTATION"},
        {"names": ["organization", "location", "device"]},
        {"where": na.device.offline, "names": "organization", "tz": "Europe/Berlin"},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["devices", "device_health"])
def test_what_is_asked_of_the_past_is_answered_as_of_now(recorded, ninja, name, asked):
    past, live = recorded.as_of().table(name, **asked), ninja.table(name, **asked)

    assert len(past) > 0
    pd.testing.assert_frame_equal(past, live)


def test_an_organization_is_found_by_its_name_in_the_past(recorded):
    past = recorded.as_of()
    name = past.table("organizations")["organization_name"].iloc[0]

    devices = past.table("devices", where=na.device.organization == name, names="organization")

    assert set(devices["organization_name"]) == {name}
    with pytest.raises(UnknownNameError):
        past.table("devices", where=na.device.organization == "Nobody & Sons")


def test_a_filter_that_ninjaone_could_not_be_asked_is_done_to_the_past(recorded):
    past = recorded.as_of()
    either = na.device.offline | (na.device.node_class == "MAC")

    devices = past.table("devices", where=either)

    assert (devices["offline"] | (devices["node_class"] == "MAC")).all()
    with pytest.raises(FilterError, match="takes no device filter"):
        past.table("organizations", where=either)


def test_a_report_of_the_past_is_that_of_the_day(recorded, ninja):
    now = pd.Timestamp("2026-11-03T06:00", tz="UTC")
    live = ninja.report("fleet_overview", now=now, active_days=3000)

    past = recorded.as_of("2026-11-03T07:00").report("fleet_overview", active_days=3000)

    assert past.created_at == now
    assert [kpi.detail for kpi in past.kpis] == [kpi.detail for kpi in live.kpis]
    assert [kpi.text for kpi in past.kpis] == [kpi.text for kpi in live.kpis]
    assert past.notes == live.notes
    assert past.tables.keys() == live.tables.keys()
    for name, frame in live.tables.items():
        pd.testing.assert_frame_equal(past.tables[name], frame)


def test_a_report_made_twice_from_a_snapshot_is_the_same_to_the_byte(recorded, tmp_path):
    first, second = (
        recorded.as_of("2026-11-02T06:00").report("fleet_overview").save(tmp_path / name)
        for name in ("a", "b")
    )

    for form, files in first.items():
        for one, other in zip(files, second[form], strict=True):
            assert one.name == other.name
            assert one.read_bytes() == other.read_bytes(), one.name


def test_a_report_of_the_past_says_from_which_snapshot_it_is(recorded, tmp_path):
    past = recorded.as_of("2026-11-02T06:00")
    report = past.report("fleet_overview")

    assert report.parameters["snapshot"] == past.told()
    assert past.snapshot.id in report.save(tmp_path, "html")["html"][0].read_text("utf-8")


def test_a_table_that_a_snapshot_lacks_comes_from_an_earlier_one_which_is_said(ninja, tmp_path):
    history = ninja.history.at(tmp_path)
    history.record(["organizations", "roles"], now="2026-11-01")
    history.record(["organizations"], now="2026-11-02")

    with pytest.warns(HistoryWarning, match="roles is not in the snapshot of 2026-11-02"):
        roles = history.as_of().table("roles")

    assert roles.ninja.source["snapshot_at"].startswith("2026-11-01")
    with pytest.raises(NotAvailableError, match="policies was not recorded until 2026-11-02"):
        history.as_of().table("policies")


def test_a_parameter_by_which_a_table_was_not_recorded_is_refused(ninja, tmp_path):
    history = ninja.history.at(tmp_path)
    history.record(["volumes", "os_patches"])
    past = history.as_of()

    with_bitlocker = past.table("volumes", include="bl")

    assert with_bitlocker["bitlocker_protection_status"].notna().any()
    with pytest.raises(UsageError, match="was recorded with no parameters"):
        past.table("os_patches", status="FAILED")


def test_the_past_needs_no_connection(recorded, sandbox, monkeypatch):
    monkeypatch.setenv("NINJA_CLIENT_ID", "nobody")
    place = recorded.folder.url.rpartition("/")[0]
    sandbox.forget_requests()

    alone = na.open_history("default", base_url=sandbox.base_url, place=place)

    assert alone.as_of("2026-11-02T06:00").report("fleet_overview").kpi("devices_managed")
    assert len(alone.sql("select * from devices_history")) > 0
    assert sandbox.requests() == []
    with pytest.raises(UsageError, match="no connection"):
        alone.record()
    with pytest.raises(UnknownNameError, match="no table named 'devices'"):
        alone.sql("select * from devices")


def test_the_tables_over_time_are_long_typed_and_bounded(recorded, ninja):
    live = ninja.table("device_health")

    long = recorded("device_health")
    some = recorded(
        "device_health", since="2026-11-02", until="2026-11-03", columns=["health_status"]
    )

    assert len(long) == 3 * len(live)
    assert long.columns[0] == "snapshot_at"
    assert long["snapshot_at"].dtype == "datetime64[us, UTC]"
    for name in live.columns:
        assert long[name].dtype == live[name].dtype
    assert list(some.columns) == ["snapshot_at", "health_status"]
    assert some["snapshot_at"].unique().tolist() == [pd.Timestamp("2026-11-02T06:00", tz="UTC")]
    with pytest.raises(UnknownNameError, match="Did you mean 'health_status'"):
        recorded("device_health", columns=["health"])
    with pytest.raises(HistoryError, match="never recorded"):
        recorded("software")


def test_the_changes_until_now_are_pulled_and_those_in_the_past_are_not(recorded, sandbox):
    until_now = recorded.changes("devices", "2026-11-01T06:00")
    sandbox.forget_requests()

    before = recorded.changes("devices", "2026-11-01T06:00", "2026-11-02T06:00")

    assert sandbox.requests() == []
    for found in (until_now, before):
        assert found.ledger.balances
        assert found.counts["changed"] == found.counts["added"] == 0
    with pytest.raises(UsageError, match="activities only grows"):
        recorded.changes("activities", "2026-11-01")


def test_a_column_that_the_catalogue_did_not_have_yet_is_no_change_of_a_row(ninja, tmp_path):
    history = ninja.history.at(tmp_path)
    taken = history.record(["devices"], now="2026-11-01")
    devices = taken.tables["devices"]
    columns = tuple(name for name in devices.columns if name != "node_class")
    older = replace(taken, tables={"devices": replace(devices, columns=columns)})
    history.folder.put(f"{LOG}/{taken.id}.json", text_of([older]))

    found = history.changes("devices", "2026-11-01")

    assert found.columns_added == ("node_class",)
    assert found.counts["changed"] == 0


def test_a_network_that_goes_down_at_the_end_costs_no_snapshot(
    fresh_sandbox, tmp_path, monkeypatch
):
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path))
    sandbox = fresh_sandbox(devices=3, seed=2)
    own = na.connect(**api_services(sandbox))
    whole = own.table
    monkeypatch.setattr(own, "table", lambda *names, **how: sandbox.stop() or whole(*names, **how))

    taken = own.record(["devices"])

    assert taken.moved == {}
    assert own.history.snapshots["snapshot"].tolist() == [taken.id]


def test_a_past_that_is_held_for_days_outlives_the_folding_of_its_files(
    fresh_sandbox, tmp_path, monkeypatch
):
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path))
    sandbox = fresh_sandbox(devices=20, seed=3)
    history = na.connect(**api_services(sandbox)).history
    history.record(["devices", "backup_jobs"], now="2026-10-01")
    sandbox.advance(days=2)
    history.record(["devices", "backup_jobs"], now="2026-10-02")
    past = history.as_of("2026-10-01")
    before = {name: past.table(name) for name in ("devices", "backup_jobs")}
    file = past.snapshot.tables["devices"].file.path

    history.compact(now="2026-12-01")
    sweep(history.folder, now=time.time() + 3 * 86_400)

    assert not history.folder.exists(file)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(past.table(name), frame)


def test_the_tables_that_reports_read_are_recorded_with_the_parameters_they_ask_for():
    from ninja_analytics.history.recorded_tables import PARAMETERS

    for spec in REPORTS.values():
        assert set(spec.tables) <= set(DEFAULT), spec.name
        for table, parameters in spec.tables.items():
            # A filter of devices is no parameter: it is held against the recorded rows.
            told = {name: value for name, value in parameters.items() if name != "where"}
            assert told.items() <= PARAMETERS.get(table, {}).items(), (spec.name, table)
    assert set(DEFAULT) <= set(POSSIBLE)


def test_an_estimate_has_every_table_of_a_snapshot_and_its_bytes(recorded):
    found = recorded.estimate()

    assert found["table"].tolist() == [*DEFAULT, "all"]
    assert found.set_index("table").loc["devices", "bytes"] > 0
    assert found["bytes"].iloc[-1] == found["bytes"].iloc[:-1].sum()


def test_a_wrong_name_is_refused_before_anything_is_asked(ninja, sandbox):
    sandbox.forget_requests()

    with pytest.raises(UnknownNameError, match="Did you mean 'devices'"):
        ninja.record(["device"])
    with pytest.raises(UsageError, match="asked by id"):
        ninja.record(["device_disks"])
    with pytest.raises(UsageError, match="No table is named"):
        ninja.record([])
    assert sandbox.requests() == []


def test_no_connection_of_its_own_is_needed_to_record(fresh_sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("NINJA_HISTORY", str(tmp_path))
    own = na.connect(**api_services(fresh_sandbox(devices=3)))

    taken = own.record(["devices"])

    assert taken.rows == 3
    assert "3 rows of 1 table>" in repr(taken)
    assert own.history.snapshots["snapshot"].tolist() == [taken.id]
