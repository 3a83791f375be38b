"""The report availability_hygiene: what is silent, waits, is there twice, or was forgotten."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import REPORTS
from tests.fleets import SEEDS, fleet
from tests.made_frames import NOW, typed
from tests.made_posture import posture

SPEC = REPORTS["availability_hygiene"]


def ago(days):
    return NOW - pd.Timedelta(days=days)


def devices(*rows):
    whole = {
        "approval_status": "APPROVED", "node_class": "WINDOWS_WORKSTATION", "last_contact_at": NOW,
        "organization_id": 1,
    }  # fmt: skip
    return typed("devices", [{"device_id": at, **whole, **row} for at, row in enumerate(rows, 1)])


def made(frames, **parameters):
    return SPEC.build(frames, now=NOW, **parameters)


def counted(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown


# -- silence -----------------------------------------------------------------------------------


def test_devices_are_counted_by_how_long_they_are_silent():
    seen = [{"last_contact_at": at} for at in (NOW, ago(7), ago(8), ago(31), ago(91), None)]
    report = made({"devices": devices(*seen)})
    row = report.tables["silence"].iloc[0]
    assert [int(row[f"silent_{days}_days"]) for days in (7, 14, 30, 60, 90)] == [3, 2, 2, 1, 1]
    assert (row["devices"], row["never_seen"]) == (6, 1)
    assert row["silent_7_days_share"] == 3 / 5
    assert counted(report, "devices_stale") == (2, 5, 1)
    table = report.tables["silent_devices"]
    assert table["days_silent"].tolist()[:2] == [91, 31]
    assert pd.isna(table["days_silent"].iloc[2])
    assert list(report.actions["why"]) == ["last seen 91 days ago"]


def test_the_days_of_silence_can_be_others_and_are_told():
    frames = {"devices": devices({"last_contact_at": ago(10)}, {})}
    report = made(frames, stale_days=9)
    assert counted(report, "devices_stale") == (1, 2, 0)
    assert counted(report, "devices_active") == (2, 2, 0)
    assert "the last 9 days" in report.captions["silent_devices"]
    assert "more than 9 days" in report.charts["stale_by_organization"].alt


@pytest.mark.parametrize("name", ["stale_days", "uptime_days", "enrolled_days"])
@pytest.mark.parametrize("value", [0, -1, "30", None])
def test_days_must_be_a_number_above_zero(name, value):
    with pytest.raises(UsageError, match=name):
        made({}, **{name: value})


# -- restarts and uptime -----------------------------------------------------------------------


def systems(*rows):
    names = ("device_id", "needs_reboot", "last_boot_at")
    return typed("operating_systems", [dict(zip(names, row, strict=True)) for row in rows])


def test_a_restart_that_waits_is_listed_with_its_reason_and_urgent_after_a_long_uptime():
    health = [
        {"device_id": 1, "pending_reboot_reason": "Windows Update"},
        {"device_id": 2, "pending_reboot_reason": " "},
        {"device_id": 3, "pending_reboot_reason": "Old news"},
    ]
    report = made(
        {
            "devices": devices({}, {}, {}, {}),
            "operating_systems": systems(
                (1, True, ago(40)), (2, True, ago(1.5)), (3, False, ago(31)), (4, None, None)
            ),
            "device_health": typed("device_health", health),
        }
    )
    assert counted(report, "restart_pending") == (2, 3, 1)
    assert counted(report, "uptime_long") == (2, 3, 1)
    assert list(report.tables["restart_pending"]["reason"]) == ["Windows Update", "no reason told"]
    assert list(report.tables["long_uptime"]["uptime_days"]) == [40, 31]
    told = report.actions[["bucket", "why"]].to_numpy().tolist()
    assert told == [
        ["fix now", "Windows Update, running for 40 days"],
        ["plan", "no reason told, running for 1 day"],
    ]
    assert any("Fast Startup" in note for note in report.notes)


def test_a_start_in_the_future_is_now_and_stale_devices_have_no_uptime():
    frames = {
        "devices": devices({}, {"last_contact_at": ago(60)}),
        "operating_systems": systems((1, False, NOW + pd.Timedelta(hours=2)), (2, True, ago(99))),
    }
    assert counted(made(frames), "uptime_long") == (0, 1, 0)
    assert counted(made(frames), "restart_pending") == (0, 1, 0)


# -- duplicates --------------------------------------------------------------------------------


def test_of_one_serial_number_all_but_the_latest_contact_are_duplicates():
    numbers = ["abc ", "ABC", "Default string", "Default string", None, "0000"]
    rows = [{"device_id": at, "serial_number": one} for at, one in enumerate(numbers, 1)]
    rows[4]["bios_serial_number"] = "XYZ"
    report = made(
        {
            "devices": devices({"last_contact_at": ago(3)}, {"last_contact_at": ago(2)}, *[{}] * 4),
            "computer_systems": typed("computer_systems", rows),
        }
    )
    assert counted(report, "devices_duplicated") == (1, 3, 3)
    table = report.tables["duplicates"]
    assert list(zip(table["device_id"], table["newest"], strict=True)) == [(2, True), (1, False)]
    action = report.actions[report.actions["action"].str.startswith("Remove the older")]
    assert list(action["device_id"]) == [1]


def test_a_duplicate_that_was_never_seen_is_the_older_one():
    rows = [{"device_id": at, "serial_number": "SAME1"} for at in (1, 2)]
    frames = {
        "devices": devices({"last_contact_at": ago(80)}, {"last_contact_at": None}),
        "computer_systems": typed("computer_systems", rows),
    }
    table = made(frames).tables["duplicates"]
    assert list(table["device_id"]) == [1, 2]


# -- approvals ---------------------------------------------------------------------------------


def waiting(*rows):
    whole = {"approval_status": "PENDING", "organization_id": 1, "node_class": "MAC"}
    return typed("devices_detailed", [{"device_id": at, **whole, **row} for at, row in rows])


def test_devices_that_wait_for_approval_come_with_their_age():
    pending = waiting((7, {"created_at": ago(9)}), (8, {"created_at": ago(2)}), (9, {}))
    report = made({"devices": devices({}), "devices_detailed": pending})
    kpi = report.kpi("approvals_pending")
    assert (kpi.numerator, kpi.note) == (3, "the oldest waits for 9 days")
    assert report.tables["pending_approvals"]["days_waiting"].tolist()[:2] == [9, 2]
    assert list(report.actions["why"]) == ["waits for 9 days"]


def test_one_day_of_waiting_is_a_day():
    frames = {"devices": devices({}), "devices_detailed": waiting((7, {"created_at": ago(1)}))}
    assert made(frames).kpi("approvals_pending").note == "the oldest waits for 1 day"


def test_approvals_are_of_the_organizations_asked_for_also_of_one_without_another_device():
    pending = waiting((7, {"organization_id": 5}), (8, {}))
    frames = {"devices": devices({}), "devices_detailed": pending}
    names = [{"organization_id": 5, "organization_name": "Alder Law"}]
    frames["organizations"] = typed("organizations", names)
    report = made(frames, organizations="alder law")
    assert list(report.tables["pending_approvals"]["device_id"]) == [7]
    with pytest.raises(UnknownNameError):
        made(frames, organizations="Alder Lab")


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"where": "status = PENDING"}, True),
        ({"where": "status = PENDING", "snapshot": "20261101"}, False),
        ({"where": ""}, False),
    ],
)
def test_approvals_are_unknown_where_nobody_asked_for_them(told, known):
    frames = {"devices": devices({}), "devices_detailed": typed("devices_detailed", [], **told)}
    report = made(frames)
    kpi = report.kpi("approvals_pending")
    assert kpi.numerator == (0 if known else None)
    assert any("wait for approval are not known" in note for note in report.notes) != known


def test_devices_that_wait_count_among_nobody_else():
    pending = waiting((7, {"created_at": ago(9)}))
    report = made({"devices": devices({}), "devices_detailed": pending})
    assert report.kpi("devices_stale").denominator == 1
    assert 7 not in set(report.dimensions["device"]["device_id"])


# -- enrollments, policies, maintenance --------------------------------------------------------


def test_a_device_that_was_enrolled_again_more_than_once_in_the_period_is_listed():
    rows = [(1, 1), (1, 29), (2, 1), (2, 31), (3, 5), (3, -1), (99, 1), (99, 2)]
    log = [
        {"activity_id": at, "device_id": device, "status_code": "NODE_RE_ENROLLED", "activity_at": ago(days)}
        for at, (device, days) in enumerate(rows)
    ]  # fmt: skip
    log += [log[4], {**log[4], "activity_id": 77, "status_code": "NODE_CREATED"}]
    frames = {"devices": devices({}, {}, {}), "activities": typed("activities", log)}
    report = made(frames)
    assert counted(report, "devices_enrolled_again") == (1, 3, 0)
    assert report.tables["enrolled_again"][["device_id", "times"]].to_numpy().tolist() == [[1, 2]]
    assert counted(made(frames, enrolled_days=40), "devices_enrolled_again") == (2, 3, 0)


def test_activities_are_asked_for_since_the_days_of_enrollments():
    (asked,) = SPEC.about.asks(NOW, {"enrolled_days": 10})["activities"]
    assert asked == {"since": ago(10).to_pydatetime(), "status": "NODE_RE_ENROLLED"}
    (asked,) = SPEC.about.asks(NOW, {})["activities"]
    assert asked["since"] == ago(30).to_pydatetime()
    with pytest.raises(UsageError, match="enrolled_days"):
        SPEC.about.asks(NOW, {"enrolled_days": "thirty"})


def test_a_policy_is_unused_when_no_device_follows_it_and_nothing_else_needs_it():
    rows = [
        {"policy_id": 1, "policy_name": "used"},
        {"policy_id": 2, "policy_name": "overrides"},
        {"policy_id": 3, "policy_name": "parent"},
        {"policy_id": 4, "policy_name": "child", "parent_policy_id": 3},
        {"policy_id": 5, "policy_name": "default", "default_for_node_class": True},
        {"policy_id": 6, "policy_name": "of those who wait"},
    ]
    frames = {
        "devices": devices({"role_policy_id": 1, "policy_id": 2, "organization_id": 2}),
        "devices_detailed": waiting((7, {"role_policy_id": 6})),
        "policies": typed("policies", rows),
    }
    report, theirs = made(frames), made(frames, organizations=2)
    for kpi in (report.kpi("policies_unused"), theirs.kpi("policies_unused")):
        assert (kpi.numerator, kpi.denominator, kpi.exceptions) == (1, 6, 2)
    table = report.tables["unused_policies"]
    assert list(table["policy_name"]) == ["child", "default", "parent"]
    assert list(report.actions["why"])[-1] == "child has no device"
    # A customer's report has the number, and no names of policies for others.
    assert theirs.tables["unused_policies"].empty
    assert theirs.actions.empty


def test_devices_in_maintenance_are_listed_with_its_end():
    rows = [
        {"maintenance_status": "IN_MAINTENANCE", "maintenance_end_at": NOW, "maintenance_reason": "Move"},
        {"maintenance_status": "PENDING"}, {"maintenance_status": "IN_MAINTENANCE"}, {},
    ]  # fmt: skip
    report = made({"devices": devices(*rows)})
    assert counted(report, "devices_in_maintenance") == (2, 4, 0)
    table = report.tables["in_maintenance"]
    assert list(table["device_id"]) == [3, 1]
    assert table["maintenance_reason"].iloc[1] == "Move"


# -- the report as a whole ---------------------------------------------------------------------


def test_what_it_shares_with_the_overview_is_the_same_number():
    people = fleet(SEEDS[0])
    ours, theirs = people.report("availability_hygiene"), people.report("fleet_overview")
    for key in ("devices_active", "restart_pending"):
        assert ours.kpi(key) == theirs.kpi(key)


def test_the_tables_have_the_devices_that_the_kpis_count():
    report = made(posture(400, 9))
    for table, key in {
        "restart_pending": "restart_pending",
        "long_uptime": "uptime_long",
        "pending_approvals": "approvals_pending",
        "enrolled_again": "devices_enrolled_again",
        "in_maintenance": "devices_in_maintenance",
    }.items():
        assert len(report.tables[table]) == report.kpi(key).numerator > 0, key
    stale = report.kpi("devices_stale")
    assert len(report.tables["silent_devices"]) == stale.numerator + stale.unknown


@pytest.mark.parametrize("lost", list(SPEC.tables))
def test_a_table_that_could_not_be_read_costs_its_own_kpis_and_is_told(lost):
    frames = {name: frame for name, frame in posture(60, 5).items() if name in SPEC.tables}
    frames["devices"] = frames["devices"][frames["devices"]["approval_status"] != "PENDING"]
    del frames[lost]
    report = made(frames)
    assert [one.split(" ")[0] for one in report.warnings] == [lost]
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (lost in kpi.definition.tables), kpi.key


@pytest.mark.parametrize(("devices", "organizations"), [(0, 0), (1, 1), (40, 6), (300, 40)])
def test_the_charts_draw_for_fleets_of_every_size(devices, organizations):
    for chart in made(posture(devices, organizations)).charts.values():
        assert chart.draw().figure
        assert chart.alt.endswith((".", "drawn"))
