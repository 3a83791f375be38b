"""Billing against contracts at the edges: who is billed, what fits nowhere, and what moved."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import REPORTS, Settings
from ninja_analytics.reports.billing.contract import contract_of
from tests.made_frames import NOW, fleet, typed

SPEC = REPORTS["billing_reconciliation"]
DAY = pd.Timedelta(days=1)


def devices(*rows):
    whole = {
        "approval_status": "APPROVED", "node_class": "WINDOWS_SERVER", "organization_id": 1,
        "last_contact_at": NOW, "created_at": NOW - 400 * DAY,
    }  # fmt: skip
    return typed("devices", [{"device_id": at, **whole, **row} for at, row in enumerate(rows, 1)])


def made(*rows, log=(), names=("Heron", "Lake", "Moor")):
    people = [{"organization_id": at, "organization_name": one} for at, one in enumerate(names, 1)]
    events = [{"device_id": device, "activity_at": NOW - days * DAY, "status_code": code}
              for device, days, code in log]  # fmt: skip
    return {
        "organizations": typed("organizations", people),
        "locations": typed("locations", []),
        "devices": devices(*rows),
        "activities": typed("activities", events),
    }


def contract(*rows, currency="EUR"):
    columns = ["organization", "class_group", "contracted", "price"]
    padded = [[*row, *[None] * (4 - len(row))] for row in rows]
    return pd.DataFrame(padded, columns=columns).assign(currency=currency)


def bill(frames, *lines, **parameters):
    given = {"contract": contract(*lines)} if lines else {}
    return SPEC.build(frames, now=NOW, **{**given, **parameters})


def lines(report):
    rows = report.tables["lines"]
    return {
        (row.organization, row.class_group): (row.billable, row.state) for row in rows.itertuples()
    }


def told(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions


def test_devices_are_held_against_their_line_and_the_rest_is_without_a_contract():
    frames = made({}, {}, {"node_class": "MAC"}, {"organization_id": 2}, {"organization_id": 3})
    report = bill(frames, ["heron", "servers", 1, 10], ["2", "all", 3])
    assert lines(report) == {
        ("Heron", "servers"): (2, "over"),
        ("Lake", "all"): (1, "under"),
        ("Heron", "workstations"): (1, "no contract"),
        ("Moor", "servers"): (1, "no contract"),
    }
    assert told(report, "billing_over") == (1, None, 2, 0)
    assert told(report, "billing_under") == (2, None, 0, 0)
    assert told(report, "billing_matching") == (0, 2, 2, 0)
    assert told(report, "billing_without_contract") == (1, 3, 0, 0)
    assert set(report.tables["exceptions"]["exception"]) == {
        "class group that the contract does not name", "organization without a contract",
    }  # fmt: skip
    assert report.tables["devices"]["contract_line"].fillna(0).tolist() == [1, 1, 0, 2, 0]


def test_what_the_difference_is_worth_is_told_in_one_currency_or_in_each():
    frames = made({}, {}, {"organization_id": 2})
    one = bill(frames, ["Heron", "all", 0, 10], ["Lake", "all", 4, 2.5], ["Moor", "all", 3])
    assert one.kpi("billing_amount").amount == pytest.approx(20 - 7.5)
    assert told(one, "billing_amount") == (2, 3, 1, 0)
    both = contract(["Heron", "all", 0, 10], ["Lake", "all", 4, 2.5], currency=["EUR", "USD"])
    report = bill(frames, contract=both)
    assert report.kpi("billing_amount").value is None
    assert (
        report.kpi("billing_amount").note
        == "EUR: 20.00 over, 0.00 under; USD: 0.00 over, 7.50 under"
    )
    assert report.tables["amounts"]["net"].tolist() == [20, -7.5]
    assert bill(frames, ["Heron", "all", 2], ["Lake", "all", 1]).kpi("billing_amount").amount == 0


def test_only_approved_devices_of_billed_classes_are_billed():
    frames = made(
        {}, {"approval_status": "PENDING"}, {"approval_status": None}, {"node_class": None},
        {"node_class": "MANAGED_DEVICE"}, {"node_class": "NMS_SWITCH"},
        {"node_class": "MANAGED_DEVICE", "approval_status": None},
    )  # fmt: skip
    report = bill(frames, ["Heron", "all", 2])
    assert told(report, "billing_billable") == (2, None, 2, 3)
    assert told(report, "billing_matching") == (1, 1, 0, 0)


def test_silence_keeps_a_device_off_the_bill_only_if_asked():
    frames = made({}, {"last_contact_at": NOW - 100 * DAY}, {"last_contact_at": None})
    assert told(bill(frames), "billing_billable") == (3, None, 0, 0)
    report = bill(frames, billable_days=60)
    assert told(report, "billing_billable") == (1, None, 1, 1)
    asked = bill(frames).actions
    assert asked["device"].tolist() == ["device 2"]
    for wrong in (0, -1, "60"):
        with pytest.raises(UsageError, match="billable_days"):
            bill(frames, billable_days=wrong)


def test_a_line_that_nobody_has_is_an_exception_and_so_is_one_that_says_the_same_again():
    frames = made({}, names=("Heron", "Twin", "twin"))
    report = bill(
        frames, ["Heron", "servers", 1], ["1", "all", 5], ["Nobody", "all", 7], ["Twin", "all", 2]
    )
    assert told(report, "billing_contracted") == (1, None, 7, 7)
    assert told(report, "billing_without_organization") == (1, 4, 0, 0)
    apart = report.tables["exceptions"].set_index("line")["exception"]
    assert apart[2] == "the same organization and classes again"
    assert apart[3] == "contract of an organization that NinjaOne does not have"
    assert "write the id" in apart[4]
    assert "Nobody" in set(report.actions["organization"])


def test_a_report_for_one_organization_tells_nothing_of_the_others():
    log = [(77, 3, "NODE_DELETED"), (78, 3, "NODE_CREATED")]
    frames = made({}, {"organization_id": 2}, log=log)
    report = bill(
        frames, ["Heron", "all", 2], ["Lake", "all", 5], ["Nobody", "all", 7], organizations="Heron"
    )
    text = " ".join(table.to_csv() for table in [*report.tables.values(), report.actions])
    text += " ".join(chart.alt for chart in report.charts.values())
    for other in ("Lake", "Nobody", "77", "78"):
        assert other not in text
    assert told(report, "billing_contracted") == (2, None, 0, 0)
    assert report.kpi("billing_without_organization").value is None
    assert report.kpi("billing_removed").value is None


def test_excluded_organizations_are_in_no_number_and_told_apart():
    frames = made({}, {"organization_id": 2}, {"organization_id": 2, "node_class": "MAC"})
    report = bill(frames, ["Heron", "all", 1], ["Lake", "all", 9], exclude_organizations="Lake")
    assert told(report, "billing_billable") == (1, None, 0, 0)
    assert told(report, "billing_matching") == (1, 1, 0, 0)
    assert report.kpi("billing_billable").note == "2 devices of excluded organizations apart"
    rows = report.tables["exceptions"]
    assert rows.loc[rows["exception"] == "excluded", "devices"].tolist() == [1, 1]


def test_a_line_is_not_judged_where_only_a_part_of_its_classes_is_asked_for():
    frames = made({}, {"node_class": "LINUX_SERVER"}, {"node_class": "MAC"})
    rows = [["Heron", "servers", 2], ["Heron", "workstations", 1], ["Lake", "all", 3]]
    part = bill(frames, *rows, node_classes="WINDOWS_SERVER")
    assert told(part, "billing_matching") == (0, 0, 1, 3)
    whole = bill(frames, *rows, node_classes="servers")
    assert told(whole, "billing_matching") == (1, 1, 0, 2)


def test_movement_is_what_created_at_and_the_log_tell_and_the_opening_is_worked_out():
    log = [(1, 5, "NODE_CREATED"), (90, 9, "NODE_DELETED"), (91, 8, "NODE_CREATED"),
           (91, 2, "NODE_DELETED"), (92, 50, "NODE_DELETED")]  # fmt: skip
    frames = made({"created_at": NOW - 5 * DAY}, {}, {"created_at": None}, log=log)
    report = bill(frames)
    rows = report.tables["movement"].set_index("what")["devices"]
    assert rows[["opening", "added", "removed", "closing"]].tolist() == [3, 1, -1, 3]
    assert pd.isna(rows["moved to or from"])
    assert told(report, "billing_added") == (1, 3, 1, 0)
    assert told(report, "billing_removed") == (1, None, 0, 1)
    assert report.tables["removed"]["device_id"].tolist() == [90]
    assert any("activity log agree" in note for note in report.notes)


def test_a_log_that_contradicts_the_devices_is_said_not_to_agree():
    log = [(1, 5, "NODE_DELETED"), (2, 6, "NODE_CREATED"), (95, 4, "NODE_CREATED")]
    frames = made({"created_at": NOW - 5 * DAY}, {}, log=log)
    report = bill(frames)
    assert report.tables["movement_check"]["devices"].tolist() == [0, 1, 1, 0, 1, 1]
    assert any("do not agree" in note for note in report.notes)


def test_a_period_that_is_over_ends_before_now():
    log = [(90, 40, "NODE_DELETED"), (91, 2, "NODE_DELETED")]
    born = [{"created_at": NOW - days * DAY} for days in (40, 5, 2)]
    report = bill(made(*born, {}, log=log), period="2026-10")
    rows = report.tables["movement"].set_index("what")["devices"]
    assert rows.drop("moved to or from").to_dict() == {
        "opening": 3, "added": 1, "removed": -1, "end of the period": 3, "added since": 2,
        "removed since": -1, "closing": 4,
    }  # fmt: skip
    with pytest.raises(UsageError, match="is not a period"):
        bill(made({}), period="someday")


def test_activities_are_asked_for_from_the_beginning_of_the_period():
    asks = SPEC.about.asks(NOW, {"period": "2026-10"})
    assert asks["activities"]["since"].isoformat() == "2026-10-01T00:00:00+00:00"
    assert SPEC.about.asks(NOW, {})["activities"]["since"] == (NOW - 30 * DAY).to_pydatetime()


def test_without_a_contract_devices_are_counted_and_nothing_is_held_against_them():
    report = bill(made({}, {}))
    assert report.kpi("billing_billable").numerator == 2
    assert report.kpi("billing_matching").value is None
    assert report.kpi("billing_matching").note == "no contract was given"
    assert report.actions.empty
    assert report.tables["exceptions"].empty


def test_a_contract_without_a_line_leaves_all_devices_without_one():
    report = bill(made({}, {}), contract=contract().iloc[:0])
    assert told(report, "billing_matching") == (0, 0, 1, 0)
    assert told(report, "billing_over") == (0, None, 2, 0)
    assert report.actions["action"].tolist() == ["Put the devices under contract"]


def test_the_contract_of_the_settings_is_used_and_a_given_one_goes_before_it():
    frames = made({}, {})
    own = replace(Settings(), contract=contract_of(contract(["Heron", "all", 2])))
    kept = SPEC.build(frames, now=NOW, settings=own)
    assert told(kept, "billing_matching") == (1, 1, 0, 0)
    assert kept.parameters["contract"] == "lines: 1"
    other = SPEC.build(frames, now=NOW, settings=own, contract=contract(["Heron", "all", 1]))
    assert told(other, "billing_matching") == (0, 1, 0, 0)
    with pytest.raises(UnknownNameError, match="class group in row 1"):
        bill(frames, ["Heron", "sever", 1])


@pytest.mark.parametrize("missing", [None, *SPEC.tables])
@pytest.mark.parametrize(("count", "customers"), [(0, 1), (1, 1), (60, 6)])
def test_it_is_made_and_drawn_whatever_is_missing(missing, count, customers):
    frames = {**fleet(count, customers), "activities": typed("activities", [])}
    frames = {name: frames[name] for name in SPEC.tables if name != missing}
    report = bill(frames, ["1", "all", 5, 2], ["Nobody", "servers", 1])
    for chart in report.charts.values():
        assert chart.draw() is not None
        assert chart.alt
    empty = {kpi.key for kpi in report.kpis if kpi.numerator is None}
    for kpi in report.kpis:
        assert (kpi.key in empty) == (missing in kpi.definition.tables), kpi.key
    assert report.tables["movement"]["devices"].iloc[-1] == len(report.tables["devices"])


def test_devices_that_are_listed_twice_or_have_no_organization_are_billed_once():
    frames = made({}, {"organization_id": 99}, {"organization_id": None})
    frames["devices"] = pd.concat([frames["devices"]] * 2, ignore_index=True)
    report = bill(frames, ["Heron", "all", 1], ["99", "all", 2])
    assert told(report, "billing_billable") == (3, None, 0, 0)
    assert lines(report)["organization 99", "all"] == (1, "under")
    assert lines(report)["no organization", "servers"] == (1, "no contract")
    assert told(report, "billing_without_contract") == (0, 2, 0, 0)
