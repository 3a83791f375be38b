"""patch_compliance at its edges: states, reasons, fair order, the month's update, what is missing."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import REPORTS
from tests.made_frames import NOW, typed
from tests.patched_frames import patched

SPEC = REPORTS["patch_compliance"]
DAY = pd.Timedelta(1, "D")
CU = "2026-11 Cumulative Update for Windows 11 Version 24H2 for x64-based Systems (KB5076048)"


def built(frames, **asked):
    return SPEC.build(frames, now=asked.pop("now", NOW), **asked)


def devices(*rows):
    usual = {"organization_id": 1, "node_class": "WINDOWS_SERVER", "approval_status": "APPROVED",
             "last_contact_at": NOW}  # fmt: skip
    return typed("devices", [{"device_id": n, **usual, **row} for n, row in enumerate(rows, 1)])


def made(*, people=({},), **tables):
    """Frames with these devices and rows, those of device 1 unless said; other tables are empty."""
    frames = {name: typed(name, []) for name in SPEC.tables} | {"devices": devices(*people)}
    for name, rows in tables.items():
        frames[name] = typed(name, [{"device_id": 1, "patch_id": "p", **row} for row in rows])
    return frames


def state(**tables):
    return built(made(**tables)).tables["devices"].loc[0, "state"]


def counts(kpi):
    return kpi.passed, kpi.failed, kpi.exceptions, kpi.unknown


def test_no_devices_give_no_shares_and_no_errors():
    report = built({name: typed(name, []) for name in SPEC.tables})

    assert [kpi.value for kpi in report.kpis] == [None] * 4
    assert all(table.empty for table in report.tables.values())
    assert report.actions.empty
    for chart in report.charts.values():
        chart.draw()


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{"status": "MANUAL"}], "fail"),
        ([{"status": "REJECTED"}, {"status": "FAILED", "patch_id": "q"}], "fail"),
        ([{"status": "delayed"}], "exception"),
        ([{"status": "MANUAL", "type": "driver_updates"}], "pass"),
        ([{"status": "MANUAL", "kb_number": "KB2267602"}], "pass"),
        ([], "unknown"),
    ],
)
def test_a_device_is_in_one_of_four_states(rows, expected):
    assert state(os_patches=rows) == expected


@pytest.mark.parametrize(
    ("days", "expected"), [(35, "pass"), (35.01, "unknown"), (-0.01, "unknown")]
)
def test_a_device_without_a_patch_passes_only_if_it_was_heard_of_lately(days, expected):
    install = {"installed_at": NOW - days * DAY, "status": "FAILED"}
    scan = {"activity_at": NOW - days * DAY, "status_code": "PATCH_MANAGEMENT_SCAN_COMPLETED"}

    assert state(os_patch_installs=[install]) == expected
    assert state(activities=[scan]) == expected
    assert state(activities=[{**scan, "status_code": "PATCH_MANAGEMENT_SCAN_STARTED"}]) == "unknown"


def test_without_the_table_of_patches_nobody_has_to_find_out_about_each_device():
    frames = made(people=({}, {}))
    assert list(built(frames).actions["action"]) == ["Find out whether the device is patched"] * 2
    del frames["os_patches"]
    assert built(frames).actions.empty


def test_other_classes_and_stale_devices_are_not_counted():
    people = ({}, {"node_class": "NMS_SWITCH"}, {"last_contact_at": NOW - 31 * DAY},
              {"approval_status": "PENDING"})  # fmt: skip
    rows = [{"device_id": n, "status": "MANUAL"} for n in (1, 2, 3, 4, 99, None)]

    report = built(made(people=people, os_patches=rows))

    assert counts(report.kpi("patch_compliance")) == (0, 1, 0, 0)
    assert report.tables["devices"]["device_id"].tolist() == [1]


def test_a_repeated_device_and_repeated_rows_count_once():
    frames = made(people=({}, {"device_id": 1}), os_patches=[{"status": "MANUAL"}] * 3)

    report = built(frames)

    assert counts(report.kpi("patch_compliance")) == (0, 1, 0, 0)
    assert report.tables["devices"]["open_patches"].tolist() == [1]


def test_the_reason_names_the_gravest_patch_and_how_many_more():
    rows = [
        {"patch_id": "a", "name": "A tool", "status": "MANUAL", "severity": "LOW"},
        {"patch_id": "b", "name": "A hole", "status": "FAILED", "severity": "critical"},
    ]
    table = built(made(os_patches=rows)).tables["devices"]

    assert table.loc[0, "why"] == "A hole and 1 more; failed: 1"
    assert table.loc[0, "worst_severity"] == "critical"


def test_what_counts_can_be_chosen():
    rows = [{"status": "MANUAL", "type": "DRIVER_UPDATES", "severity": "LOW"}]
    frames = made(os_patches=rows)

    def failed(**asked):
        return built(frames, **asked).kpi("patch_compliance").failed

    assert failed() == 0
    assert failed(excluded_types=()) == 1
    assert failed(excluded_types=(), min_severity="important") == 0
    assert failed(excluded_types=(), open_statuses=["APPROVED"]) == 0
    held = {"excluded_types": (), "open_statuses": "FAILED", "excepted_statuses": ["manual"]}
    assert built(frames, **held).kpi("patch_compliance").exceptions == 1
    with pytest.raises(UnknownNameError, match="severity"):
        failed(min_severity="grave")
    with pytest.raises(UsageError, match="period"):
        failed(period="soon")


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"os_patch_installs": [{"name": CU, "status": "INSTALLED"}]}, (1, 0, 0, 0)),
        ({"os_patch_installs": [{"name": CU, "status": "FAILED"}]}, (0, 1, 0, 0)),
        ({"os_patches": [{"name": CU, "status": "APPROVED"}]}, (0, 1, 0, 0)),
        ({"os_patches": [{"name": CU, "status": "REJECTED"}]}, (0, 0, 1, 0)),
        (
            {"os_patches": [{"name": CU.replace("2026-11", "2026-10"), "status": "MANUAL"}]},
            (0, 0, 0, 1),
        ),
        ({}, (0, 0, 0, 1)),
    ],
)
def test_the_months_update_is_there_or_missing_or_nobody_knows(tables, expected):
    assert counts(built(made(**tables)).kpi("month_update_installed")) == expected


def test_the_months_update_is_asked_of_windows_alone_and_marked_while_it_is_rolled_out():
    frames = made(people=({"node_class": "MAC"},))

    assert counts(built(frames).kpi("month_update_installed")) == (0, 0, 0, 0)
    notes = [
        built(frames, now=when).kpi("month_update_installed").note
        for when in (NOW, NOW + DAY, pd.Timestamp("2026-11-10T16:00Z"))
    ]
    assert "2026-11, day 13" in notes[0]
    assert "roll-out" in notes[0]
    assert notes[1:] == [
        "2026-11, day 14 after Patch Tuesday",
        "2026-10, day 28 after Patch Tuesday",
    ]


def test_attempts_without_a_time_are_told_and_in_no_period():
    rows = [
        {"status": "INSTALLED", "installed_at": NOW - DAY},
        {"status": "INSTALLED", "installed_at": NOW - DAY},
        {"status": "FAILED", "installed_at": NOW - DAY},
        {"status": "INSTALLED", "installed_at": None},
        {"status": "INSTALLED", "installed_at": pd.Timestamp("2010-07-01T00:00Z")},
    ]
    frames = made(os_patch_installs=rows)

    kpi = built(frames).kpi("patch_install_success")

    assert counts(kpi) == (1, 1, 0, 1)
    assert kpi.note == "last 30 days; 25.0 % of the attempts have no time"
    assert counts(built(frames, period="2010").kpi("patch_install_success")) == (1, 0, 0, 1)


def test_software_has_states_of_its_own():
    people = ({}, {}, {}, {})
    rows = [
        {"device_id": 1, "status": "MANUAL", "impact": "recommended"},
        {"device_id": 2, "status": "REJECTED"},
    ]
    heard = [{"device_id": 3, "installed_at": NOW, "status": "INSTALLED"}]

    report = built(made(people=people, software_patches=rows, software_patch_installs=heard))

    assert counts(report.kpi("software_patch_compliance")) == (1, 1, 1, 1)
    assert counts(report.kpi("patch_compliance")) == (0, 0, 0, 4)


def big_and_small():
    """A large organization that is patched worse than another, and small ones with a device each."""
    people = [{"organization_id": 1}] * 200 + [{"organization_id": n} for n in range(2, 22)]
    people += [{"organization_id": 30}] * 200
    late = [*range(1, 81), 201, 202, *range(221, 241)]
    rows = [{"device_id": n, "status": "MANUAL"} for n in late]
    rows += [{"device_id": n, "status": "INSTALLED"} for n in range(1, 421)]
    return made(people=people, os_patches=rows)


def test_a_small_organization_is_not_last_by_chance():
    table = built(big_and_small()).tables["compliance_by_organization"]

    assert table["organization_id"][0] == 1
    assert table["compliant_share"].min() == 0
    assert table.set_index("organization_id").loc[[1, 2, 30], "beyond_chance"].tolist() == [
        "below 99.8 %", "", "above 99.8 %",
    ]  # fmt: skip
    assert (
        (table["low"] <= table["compliant_share"]) & (table["compliant_share"] <= table["high"])
    ).all()


def test_the_actions_begin_with_what_is_grave():
    rows = [
        {"device_id": 1, "status": "MANUAL", "severity": "CRITICAL", "name": "hole"},
        {"device_id": 2, "status": "MANUAL", "severity": "LOW", "name": "tool"},
        {"device_id": 3, "status": "REJECTED"},
        {"device_id": 5, "status": "FAILED", "name": "stone"},
    ]
    told = built(made(people=({},) * 5, os_patches=rows)).actions

    found = list(zip(told["bucket"], told["device_id"], told["why"], strict=True))
    assert found == [
        ("fix now", 1, "hole"),
        ("fix now", 5, "stone; failed: 1"),
        ("plan", 2, "tool"),
        ("watch", 4, "no patch listed, and no install or scan in 35 days"),
        ("watch", 3, "rejected or delayed: 1"),
    ]
    low = built(big_and_small()).actions
    assert low.loc[low["device"].isna(), ["bucket", "organization_id"]].to_numpy().tolist() == [
        ["plan", 1]
    ]


def test_without_open_patches_every_state_is_unknown():
    frames = made(os_patch_installs=[{"status": "INSTALLED", "installed_at": NOW}])
    del frames["os_patches"]

    report = built(frames)

    assert report.kpi("patch_compliance").value is None
    assert report.tables["devices"]["state"].tolist() == ["unknown"]
    assert report.tables["devices"]["why"].tolist() == ["the table could not be read"]


@pytest.mark.parametrize("gone", SPEC.tables)
def test_each_table_may_be_missing_and_its_loss_is_told(gone):
    frames = {name: frame for name, frame in patched(40, 6).items() if name != gone}

    report = built(frames)

    assert any(warning.startswith(f"{gone} could not be read") for warning in report.warnings)
    assert {kpi.key for kpi in report.kpis if kpi.numerator is None} == {
        kpi.key for kpi in report.kpis if gone in kpi.definition.tables
    }
    for chart in report.charts.values():
        chart.draw()


def test_the_tables_add_up_to_the_kpis():
    report = built(patched(300, 9))
    kpi = report.kpi("patch_compliance")

    for name in ("organization", "location", "system", "class"):
        table = report.tables[f"compliance_by_{name}"]
        told = tuple(table[["pass", "fail", "exception", "unknown"]].sum())
        assert told == counts(kpi), name
    software = report.tables["software_by_organization"]
    assert software["pass"].sum() == report.kpi("software_patch_compliance").numerator
    assert len(report.tables["devices"]) == sum(counts(kpi))
    excepted = report.tables["exceptions"]
    assert set(excepted["status"]) == {"REJECTED", "DELAYED"}
    assert len(excepted) == report.tables["devices"]["exceptions"].sum()


def test_the_charts_tell_their_numbers_and_compare_locations_where_one_organization_is_alone():
    report = built(patched(300, 30))

    assert set(report.charts) == {
        "compliance_and_size",
        "compliance_and_chance",
        "states_by_system",
    }
    kpi = report.kpi("patch_compliance")
    assert f"{kpi.text} of {kpi.denominator}" in report.charts["compliance_and_size"].alt
    alone = built(patched(300, 30), organizations=1)
    assert alone.charts["compliance_and_size"].title == "Patch compliance by location"
    for chart in (*report.charts.values(), *alone.charts.values()):
        chart.draw()
    assert "nothing to compare" in alone.charts["compliance_and_chance"].alt


def test_only_what_the_numbers_need_is_asked_for():
    reach = SPEC.about.reach(NOW, {})

    assert reach == NOW - 35 * DAY
    assert SPEC.about.reach(NOW, {"period": "90d"}) == NOW - 90 * DAY
    assert set(SPEC.about.events) == {"os_patch_installs", "software_patch_installs", "activities"}


def test_the_same_frames_in_another_order_give_the_same_report():
    frames = patched(200, 9)
    other = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in frames.items()}

    one, two = built(frames), built(other)

    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, two.tables[name])
    pd.testing.assert_frame_equal(one.actions, two.actions)
