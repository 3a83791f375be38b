"""The movement of billing from a snapshot of the period's beginning: exact, by line, and balanced."""

from __future__ import annotations

import random
import sqlite3

import pandas as pd
import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.billing.between import BY_LINE
from ninja_analytics.sandbox import Sandbox
from tests.histories import connected
from tests.made_frames import NOW, typed
from tests.test_reports_billing import DAY, SPEC, contract, devices, told

OPENED = NOW - 31 * DAY
STEPS = ("opening", "added", "became billable", "moved to or from", "no longer billable", "removed")


def side(rows, names=("Heron", "Lake", "Moor")):
    people = [{"organization_id": at, "organization_name": one} for at, one in enumerate(names, 1)]
    return {"organizations": typed("organizations", people), "devices": rows}


def bill(before, after, **parameters):
    frames = {**side(after), "locations": typed("locations", []),
              "activities": typed("activities", [])}  # fmt: skip
    return SPEC.build(frames, now=NOW, opening=side(before), opening_at=OPENED, **parameters)


def ledger(report):
    return report.tables["movement"].set_index("what")["devices"].to_dict()


def assert_balanced(report):
    """The ledger and each of its lines come out, and agree with each other."""
    rows, lines = ledger(report), report.tables["movement_by_line"]
    assert sum(rows[step] for step in STEPS) + rows.get("without a device id", 0) == rows["closing"]
    came = lines["opening"] + lines["added"] + lines["became_billable"] + lines["moved_in"]
    went = lines["moved_out"] + lines["no_longer_billable"] + lines["removed"]
    assert (came - went).tolist() == lines["closing"].tolist()
    total = lines[list(BY_LINE)].sum()
    for step in ("opening", "added"):
        assert total[step] == rows[step]
    assert total["moved_in"] - total["moved_out"] == rows["moved to or from"]
    assert total["removed"] == -rows["removed"]
    assert rows["closing"] == report.kpi("billing_billable").numerator


def test_every_kind_of_movement_is_counted_and_told_by_name():
    before = devices({}, {}, {}, {"approval_status": "PENDING"}, {}, {"organization_id": 2})
    after = devices(
        {}, {"organization_id": 2}, {"node_class": "MAC"}, {}, {"approval_status": "PENDING"},
        {"device_id": 9}, {"device_id": 10, "node_class": "MAC"},
    )  # fmt: skip
    report = bill(before, after)

    assert ledger(report) == {
        "opening": 5, "added": 2, "became billable": 1, "moved to or from": 0,
        "no longer billable": -1, "removed": -1, "closing": 6,
    }  # fmt: skip
    assert_balanced(report)
    assert told(report, "billing_added") == (2, 6, 0, 1)
    assert told(report, "billing_removed") == (1, None, 0, 1)
    assert report.tables["moved"]["device_id"].tolist() == [2, 3]
    assert report.tables["moved"]["from_organization"].tolist() == ["Heron", "Heron"]
    assert report.tables["moved"]["class_group"].tolist() == ["servers", "workstations"]
    assert report.tables["added"]["device_id"].tolist() == [9, 10]
    assert report.tables["removed"][["device_id", "organization"]].values.tolist() == [[6, "Lake"]]
    assert any(
        "counted device by device, from the snapshot of 2026-10-23" in n for n in report.notes
    )
    assert "opening 5" in report.charts["movement"].alt
    assert report.charts["movement"].draw() is not None


def test_of_one_organization_a_move_is_told_without_the_name_of_the_other():
    before = devices({}, {"organization_id": 2}, {})
    after = devices({"organization_id": 2}, {}, {})
    report = bill(before, after, organizations="Heron", contract=contract(["Heron", "all", 2]))

    assert ledger(report)["moved to or from"] == 0
    assert "1 from elsewhere, 1 to elsewhere" in " ".join(report.tables["movement"]["basis"])
    assert_balanced(report)
    text = " ".join(table.to_csv() for table in report.tables.values())
    assert "Lake" not in text
    assert report.kpi("billing_removed").numerator == 0


def test_silence_counts_as_of_the_time_of_each_side():
    before = devices({"last_contact_at": OPENED - 3 * DAY}, {"last_contact_at": OPENED - 99 * DAY})
    after = devices({"last_contact_at": OPENED - 3 * DAY}, {})
    report = bill(before, after, billable_days=30)

    rows = ledger(report)
    assert (rows["opening"], rows["became billable"], rows["no longer billable"]) == (1, 1, -1)


def test_without_a_list_of_devices_in_the_opening_the_movement_is_that_of_the_log():
    frames = {**side(devices({})), "activities": typed("activities", [])}
    none = SPEC.build(frames, now=NOW)
    for opening in ({}, {"organizations": side(devices())["organizations"]}):
        report = SPEC.build(frames, now=NOW, opening=opening, opening_at=OPENED)
        pd.testing.assert_frame_equal(report.tables["movement"], none.tables["movement"])
        assert report.tables["movement_by_line"].empty
    for name, table in none.tables.items():
        exact = bill(devices({}), devices({})).tables[name]
        assert list(exact.columns) == list(table.columns)
        assert dict(exact.dtypes) == dict(table.dtypes), name


def test_devices_without_an_id_are_a_line_of_the_ledger():
    before, after = devices({}, {}), devices({}, {"device_id": None})
    report = bill(before, after)

    assert ledger(report)["without a device id"] == 1
    assert sum(ledger(report)[step] for step in STEPS) + 1 == ledger(report)["closing"] == 2


# over then and today (id, org, class, approval) and class_group (node_class, name)
SQL = """
    with side as (
        select 0 as late, * from then union all select 1, * from today),
    bill as (select late, id, org, coalesce(name, case when class like 'NMS_%' then 'network' end)
        as line, approval = 'APPROVED' and class is not null and (name is not null or
        class like 'NMS_%') as billable from side left join class_group on node_class = class),
    pair as (select id, max(late = 0) as before, max(late) as after,
        max(late = 0 and billable) as was, max(late = 1 and billable) as is_now,
        max(case when late = 0 then org || '/' || line end) as line_then,
        max(case when late = 1 then org || '/' || line end) as line_now from bill group by id)
    select sum(was), sum(is_now and not before), sum(is_now and before and not was),
        sum(was and is_now and line_then <> line_now), sum(was and after and not is_now),
        sum(was and not after), sum(is_now) from pair
"""


@pytest.mark.parametrize("seed", range(6))
def test_every_count_is_what_sql_over_both_lists_says(seed):
    chance = random.Random(seed)
    kinds = ["WINDOWS_SERVER", "MAC", "NMS_SWITCH", "MANAGED_DEVICE", None]
    groups = {"WINDOWS_SERVER": "servers", "MAC": "workstations"}

    def row(number):
        return {"device_id": number, "organization_id": chance.choice([1, 2, 3]),
                "node_class": chance.choice(kinds),
                "approval_status": chance.choice(["APPROVED"] * 5 + ["PENDING"])}  # fmt: skip

    first = [row(number) for number in range(200)]
    second = [one if chance.random() < 0.6 else row(one["device_id"])
              for one in first if chance.random() < 0.9]  # fmt: skip
    second += [row(number) for number in range(300, 330)]
    report = bill(devices(*first), devices(*second))

    base = sqlite3.connect(":memory:")
    base.execute("create table class_group (node_class, name)")
    base.executemany("insert into class_group values (?, ?)", groups.items())
    for name, rows in (("then", first), ("today", second)):
        base.execute(f'create table "{name}" (id, org, class, approval)')
        base.executemany(
            f'insert into "{name}" values (?, ?, ?, ?)', [list(r.values()) for r in rows]
        )
    expected = base.execute(SQL.replace("from then", 'from "then"')).fetchone()
    base.close()
    rows = ledger(report)
    assert_balanced(report)
    assert (rows["opening"], rows["added"], rows["became billable"], len(report.tables["moved"]),
            -rows["no longer billable"], -rows["removed"], rows["closing"]) == expected  # fmt: skip
    assert min(expected) > 0


def test_a_month_of_a_sandbox_balances_and_nobody_needs_to_say_since_when(moved_month):
    ninja, began = moved_month
    live = ninja.report("billing_reconciliation", now=ninja.sandbox.now, period="31d")
    past = ninja.as_of(None).report("billing_reconciliation", period="31d")

    for report in (live, past):
        assert_balanced(report)
        rows = ledger(report)
        assert (rows["added"], rows["removed"]) != (0, 0)
        assert any(f"from the snapshot of {began:%Y-%m-%d %H:%M} UTC" in n for n in report.notes)
    devices_then = ninja.as_of(began).table("devices")
    assert ledger(live)["opening"] == len(
        devices_then[
            devices_then["approval_status"].eq("APPROVED")
            & ~devices_then["node_class"].astype("str").isin(["MANAGED_DEVICE", "UNMANAGED_DEVICE"])
        ]
    )


def test_a_period_that_began_before_the_first_snapshot_is_told_by_the_log(moved_month):
    ninja, _ = moved_month
    report = ninja.as_of(None).report("billing_reconciliation", period="60d")

    assert report.tables["movement_by_line"].empty
    assert not any("counted device by device" in note for note in report.notes)


def test_a_report_that_may_compare_goes_on_without_an_opening_and_one_that_must_does_not():
    assert REPORTS["billing_reconciliation"].compares == "may"
    assert SPEC.build({}, now=NOW).tables["movement_by_line"].empty
    with pytest.raises(UsageError, match="since="):
        REPORTS["fleet_drift"].build({}, now=NOW)


@pytest.fixture(scope="module")
def moved_month(tmp_path_factory):
    """A connection with two snapshots, 31 days apart, and the time of the first."""
    tables = ["organizations", "locations", "devices", "activities"]
    with pytest.MonkeyPatch.context() as patch, Sandbox(devices=60, seed=7) as sandbox:
        patch.setenv("NINJA_HISTORY", str(tmp_path_factory.mktemp("history")))
        ninja = connected(sandbox)
        began = pd.Timestamp(sandbox.now)
        ninja.record(tables, now=began)
        sandbox.advance(days=31)
        ninja.record(tables, now=sandbox.now)
        yield ninja, began
