from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.fleet.tables import os_family
from ninja_analytics.reports.population import class_group
from tests.made_frames import NOW, fleet, typed

SPEC = REPORTS["fleet_overview"]


def overview(frames, **parameters):
    return SPEC.build(frames, now=NOW, **parameters)


# -- every KPI a second time, by SQL over the rows ---------------------------------------------

PEOPLE = """
    with one as (
        select *, row_number() over (
            partition by device_id order by last_contact_at is null, last_contact_at desc) as place
        from devices),
    managed as (
        select *, :now - last_contact_at <= :days * 86400 as active
        from one where place = 1 and approval_status = 'APPROVED'),
    eligible as (select * from managed where active),
    computers as (
        select e.*, o.needs_reboot from eligible e left join operating_systems o using (device_id)
        where node_class in ('WINDOWS_WORKSTATION', 'MAC', 'LINUX_WORKSTATION', 'WINDOWS_SERVER',
                             'LINUX_SERVER', 'MAC_SERVER')),
    judged as (
        select e.*, case when health_status in ('HEALTHY', 'NEEDS_ATTENTION', 'UNHEALTHY')
                    then health_status end as health
        from eligible e left join device_health h using (device_id))
"""
# key -> numerator, denominator, unknown
SQL = {
    "devices_managed": (
        "select count(*) from managed",
        None,
        "select count(*) from one where place = 1 and approval_status is null",
    ),
    "devices_active": (
        "select count(*) from managed where active",
        "select count(last_contact_at) from managed",
        "select count(*) from managed where last_contact_at is null",
    ),
    "devices_healthy": (
        "select count(*) from judged where health = 'HEALTHY'",
        "select count(health) from judged",
        "select count(*) from judged where health is null",
    ),
    "devices_in_need": (
        "select count(*) from judged where health in ('NEEDS_ATTENTION', 'UNHEALTHY')",
        "select count(health) from judged",
        "select count(*) from judged where health is null",
    ),
    "restart_pending": (
        "select count(*) from computers where needs_reboot",
        "select count(needs_reboot) from computers",
        "select count(*) from computers where needs_reboot is null",
    ),
    "devices_alerting": (
        "select count(*) from eligible where device_id in (select device_id from alerts)",
        "select count(*) from eligible",
        "select 0",
    ),
}


def database(frames):
    """The rows in SQLite: times as epoch seconds, missing as null."""
    base = sqlite3.connect(":memory:")
    for name, frame in frames.items():
        plain = pd.DataFrame(index=frame.index)
        for column in frame.columns:
            if str(frame[column].dtype).startswith("datetime64"):
                seconds = (frame[column] - pd.Timestamp(0, tz="UTC")).dt.total_seconds()
                plain[column] = seconds
            elif column != "tags":
                plain[column] = frame[column].astype(object).where(frame[column].notna(), None)
        plain.to_sql(name, base, index=False)
    return base


@pytest.mark.parametrize("seed", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("devices", "organizations", "days"), [(0, 0, 30), (1, 1, 30), (40, 6, 7), (900, 30, 30)]
)
def test_every_kpi_is_what_sql_over_the_rows_says(seed, devices, organizations, days):
    frames = fleet(devices, organizations, seed)
    report = overview(frames, active_days=days)
    base = database(frames)
    now = {"now": NOW.timestamp(), "days": days}
    assert {kpi.key for kpi in report.kpis} == set(SQL)
    for kpi in report.kpis:
        expected = [
            None if question is None else base.execute(PEOPLE + question, now).fetchone()[0]
            for question in SQL[kpi.key]
        ]
        assert [kpi.numerator, kpi.denominator, kpi.unknown] == expected, kpi.key
    base.close()


TWICE = set(SQL)


# -- the edges ---------------------------------------------------------------------------------


def devices(*rows):
    whole = {"approval_status": "APPROVED", "node_class": "WINDOWS_SERVER", "last_contact_at": NOW}
    return typed("devices", [{"device_id": at, **whole, **row} for at, row in enumerate(rows, 1)])


def healths(*states):
    rows = [{"device_id": at, "health_status": state} for at, state in enumerate(states, 1)]
    return typed("device_health", rows)


def counted(frames, key):
    kpi = overview(frames).kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown


def test_no_devices_give_no_shares_and_no_errors():
    report = overview({name: typed(name, []) for name in SPEC.tables})
    assert [kpi.value for kpi in report.kpis] == [0, None, None, 0, None, None]
    assert all(table.empty for table in report.tables.values())


def test_health_that_is_unknown_unheard_of_or_missing_is_unknown_and_in_no_share():
    frames = {"devices": devices({}, {}, {}, {}, {})}
    frames["device_health"] = healths("HEALTHY", "UNKNOWN", "ON_HOLIDAY", None)
    assert counted(frames, "devices_healthy") == (1, 1, 4)


def test_a_fleet_of_unknown_health_has_no_healthy_share():
    frames = {"devices": devices({}, {}), "device_health": healths("UNKNOWN", "UNKNOWN")}
    assert overview(frames).kpi("devices_healthy").value is None
    assert counted(frames, "devices_healthy") == (0, 0, 2)


def test_stale_devices_are_managed_but_in_no_share_of_the_eligible():
    old = {"last_contact_at": NOW - pd.Timedelta(days=31)}
    frames = {"devices": devices(old, old, {}), "device_health": healths("UNHEALTHY", "HEALTHY")}
    assert counted(frames, "devices_managed") == (3, None, 0)
    assert counted(frames, "devices_active") == (1, 3, 0)
    assert counted(frames, "devices_healthy") == (0, 0, 1)
    assert list(overview(frames).tables["stale_devices"]["days_silent"]) == [31, 31]


def test_the_last_day_of_active_days_is_still_active():
    edge = NOW - pd.Timedelta(days=30)
    frames = {
        "devices": devices(
            {"last_contact_at": edge}, {"last_contact_at": edge - pd.Timedelta("1s")}
        )
    }
    assert counted(frames, "devices_active") == (1, 2, 0)


def test_a_contact_in_the_future_is_now():
    frames = {"devices": devices({"last_contact_at": NOW + pd.Timedelta(hours=5)})}
    assert counted(frames, "devices_active") == (1, 1, 0)


def test_a_device_never_heard_of_is_unknown_and_listed_last_among_the_stale():
    frames = {
        "devices": devices(
            {"last_contact_at": None}, {"last_contact_at": NOW - pd.Timedelta(days=99)}
        )
    }
    stale = overview(frames).tables["stale_devices"]
    assert counted(frames, "devices_active") == (0, 1, 1)
    assert list(stale["device_id"]) == [2, 1]
    assert stale["days_silent"].isna().tolist() == [False, True]


def test_a_repeated_device_counts_once_with_its_latest_contact():
    old = {"device_id": 1, "last_contact_at": NOW - pd.Timedelta(days=90)}
    report = overview({"devices": devices(old, {"device_id": 1})})
    assert report.kpi("devices_active").text == "100.0 %"
    assert report.kpi("devices_managed").numerator == 1
    assert any("Repeated" in note for note in report.notes)


def test_devices_of_an_organization_without_a_name_stay_visible_by_its_id():
    frames = {"devices": devices({"organization_id": 99}, {"organization_id": None})}
    table = overview(frames).tables["devices_by_organization"]
    assert set(table["organization"]) == {"organization 99", "no organization"}
    assert table["devices"].sum() == 2


def test_every_managed_device_is_in_exactly_one_class_group():
    from ninja_analytics.catalog import NODE_CLASSES

    classes = pd.Series([*NODE_CLASSES, "BRAND_NEW", None], dtype="str")
    groups = class_group(classes)
    assert groups.notna().all()
    assert groups[classes == "NMS_WAP"].item() == "network"
    assert groups[classes == "BRAND_NEW"].item() == "other"
    report = overview(fleet(300, 9))
    table = report.tables["devices_by_organization"]
    groups = table.drop(columns=["organization", "devices", "active", "stale", "organization_id"])
    assert (groups.sum(axis=1) == table["devices"]).all()
    assert table["devices"].sum() == report.kpi("devices_managed").numerator


def test_the_tables_add_up_to_the_kpis():
    report = overview(fleet(500, 12))
    health = report.tables["health_by_organization"]
    healthy = report.kpi("devices_healthy")
    assert health["healthy"].sum() == healthy.numerator
    assert health["unknown"].sum() == healthy.unknown
    assert health["eligible"].sum() - healthy.unknown == report.kpi("devices_in_need").denominator
    stale = report.tables["stale_devices"]
    managed, active = report.kpi("devices_managed"), report.kpi("devices_active")
    assert len(stale) == managed.numerator - active.numerator


def test_organizations_without_devices_are_listed_unless_some_were_asked_for():
    names = typed("organizations", [{"organization_id": 5, "organization_name": "Empty Ltd"}])
    frames = {"organizations": names, "devices": devices({"organization_id": 1})}
    table = overview(frames).tables["devices_by_organization"]
    assert dict(zip(table["organization"], table["devices"], strict=True)) == {
        "organization 1": 1,
        "Empty Ltd": 0,
    }
    asked = overview(frames, organizations=1).tables["devices_by_organization"]
    assert list(asked["organization"]) == ["organization 1"]


# -- what is asked for -------------------------------------------------------------------------


@pytest.fixture
def three():
    names = [(1, "Alder Bakery"), (2, "Birch Clinic"), (3, "Cedar Law")]
    kinds = ["WINDOWS_SERVER", "MAC", "NMS_SWITCH"]
    return {
        "organizations": typed(
            "organizations", [{"organization_id": i, "organization_name": n} for i, n in names]
        ),
        "devices": devices(
            *(
                {"organization_id": i, "node_class": k}
                for i, k in zip((1, 2, 3), kinds, strict=True)
            )
        ),
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"organizations": "alder bakery"}, [1]),
        ({"organizations": [1, "Cedar Law"]}, [1, 3]),
        ({"organizations": ["3"]}, [3]),
        ({"exclude_organizations": 2}, [1, 3]),
        ({"node_classes": "MAC"}, [2]),
        ({"node_classes": "servers"}, [1]),
        ({"node_classes": ["network", "mac"]}, [2, 3]),
        ({"node_classes": ["NMS_ROUTER"]}, []),
        ({"organizations": []}, []),
    ],
)
def test_only_the_devices_asked_for_are_counted(three, asked, found):
    report = overview(three, **asked)
    table = report.tables["devices_by_organization"]
    assert sorted(table.loc[table["devices"] > 0, "organization_id"]) == found
    assert report.kpi("devices_managed").numerator == len(found)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"organizations": "Alder Bakry"}, "Alder Bakery"),
        ({"organizations": 1.5}, "Alder Bakery"),
        ({"exclude_organizations": [77]}, "77"),
        ({"node_classes": "WINDOWS_SERVERS"}, "WINDOWS_SERVER"),
        ({"active_day": 7}, "active_days"),
    ],
)
def test_a_name_that_nobody_has_is_refused_with_a_hint(three, asked, hint):
    with pytest.raises(UnknownNameError, match=hint):
        overview(three, **asked)


@pytest.mark.parametrize("days", [0, -1, float("nan"), "thirty", None], ids=str)
def test_active_days_must_be_a_number_above_zero(three, days):
    with pytest.raises(UsageError, match="active_days"):
        overview(three, active_days=days)


def test_a_time_that_is_none_is_refused(three):
    with pytest.raises(UsageError, match="soon"):
        SPEC.build(three, now="soon")


def test_captions_say_the_days_in_numbers(three):
    assert "the last 45 days" in overview(three, active_days=45).captions["stale_devices"]


def test_a_time_without_a_zone_is_utc(three):
    assert SPEC.build(three, now=pd.Timestamp("2026-11-23 16:00")).created_at == NOW


def test_the_report_names_its_parameters():
    assert set(SPEC.parameters) == {
        "organizations",
        "exclude_organizations",
        "node_classes",
        "active_days",
    }


# -- problem devices ---------------------------------------------------------------------------


def test_problem_devices_come_worst_first_with_their_reasons():
    frames = {
        "devices": devices(
            {"system_name": "a"}, {"system_name": "b", "offline": True}, {"system_name": "c"}, {}
        ),
        "device_health": typed(
            "device_health",
            [
                {"device_id": 1, "health_status": "NEEDS_ATTENTION", "failed_os_patches_count": 2},
                {"device_id": 2, "health_status": "UNHEALTHY"},
                {"device_id": 3, "health_status": "UNHEALTHY", "active_threats_count": 1},
                {"device_id": 4, "health_status": "HEALTHY"},
            ],
        ),
        "alerts": typed("alerts", [{"device_id": 2, "subject": "Disk full"}] * 2),
    }
    table = overview(frames).tables["problem_devices"]
    assert list(table["device"]) == ["c", "b", "a"]
    assert list(table["why"]) == ["threats: 1", "Disk full · offline now", "failed patches: 2"]


def test_a_healthy_device_with_an_active_threat_is_a_problem_all_the_same():
    row = {"device_id": 1, "health_status": "HEALTHY", "active_threats_count": 3}
    frames = {"devices": devices({}), "device_health": typed("device_health", [row])}
    assert list(overview(frames).tables["problem_devices"]["active_threats"]) == [3]


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("macOS Sequoia|15.7.1", "macOS 15"),
        ("Microsoft Windows 11 Pro|24H2", "Windows 11"),
        ("Windows Server 2019 Standard|1809", "Windows Server 2019"),
        ("Microsoft Windows 11 Pro", "Windows 11"),
        ("Windows 10 Enterprise LTSC 2021", "Windows 10"),
        ("Windows 8.1 Pro", "Windows 8.1"),
        ("Windows Server 2012 R2 Standard", "Windows Server 2012 R2"),
        ("Microsoft Windows Server 2022 Datacenter", "Windows Server 2022"),
        ("macOS Sonoma 14.6.1", "macOS 14"),
        ("Mac OS X 10.15.7", "macOS 10"),
        ("Ubuntu 22.04.5 LTS", "Ubuntu 22.04"),
        ("Debian GNU/Linux 12 (bookworm)", "Debian 12"),
        ("Red Hat Enterprise Linux 9.4 (Plow)", "Red Hat 9"),
        ("Rocky Linux 9.3 (Blue Onyx)", "Rocky Linux 9"),
        ("TempleOS", "TempleOS"),
    ],
)
def test_an_operating_system_is_named_by_its_family(name, family):
    name, _, release = name.partition("|")
    release = pd.Series([release or None], dtype="str")
    assert os_family(pd.Series([name], dtype="str"), release).item() == family


def test_an_unreported_operating_system_is_told_for_computers_only():
    frames = {"devices": devices({}, {"node_class": "NMS_SWITCH"})}
    frames["operating_systems"] = typed("operating_systems", [])
    table = overview(frames).tables["operating_systems"]
    assert table[["operating_system", "devices"]].to_numpy().tolist() == [["not reported", 1]]


# -- provenance --------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", list(SPEC.tables))
def test_a_table_that_could_not_be_read_is_told_with_what_it_costs(lost):
    frames = fleet(60, 5)
    del frames[lost]
    report = overview(frames)
    assert report.partial
    assert len(report.warnings) == 1
    assert report.warnings[0].startswith(f"{lost} could not be read: ")
    assert "PARTIAL" in repr(report)
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (lost in kpi.definition.tables)


def test_all_tables_missing_still_gives_a_report_that_says_so():
    report = overview({})
    assert len(report.warnings) == len(SPEC.tables)
    assert all(kpi.text == "–" for kpi in report.kpis)


def test_an_incomplete_table_makes_the_report_partial():
    frames = fleet(30, 3)
    frames["devices"].attrs["ninja"]["complete"] = False
    report = overview(frames)
    assert report.partial
    assert "devices is partial" in report.warnings[0]


def test_devices_of_no_organization_stay_in_the_tables_and_are_told():
    frames = {
        "devices": devices({"organization_id": 99}, {"organization_id": None}),
        "device_health": healths("HEALTHY", "UNHEALTHY"),
    }
    report = overview(frames)
    for table in ("devices_by_organization", "health_by_organization"):
        assert set(report.tables[table]["organization"]) == {"organization 99", "no organization"}
    assert "Managed devices whose organization has no name here: 2." in report.notes


def test_operating_systems_come_with_the_most_frequent_first_and_then_by_name():
    names = ["Ubuntu 24.04", "Debian 12", "Windows 11 Pro", "Windows 11 Pro"]
    rows = [{"device_id": at, "name": name} for at, name in enumerate(names, 1)]
    frames = {"devices": devices(*[{}] * 4), "operating_systems": typed("operating_systems", rows)}
    table = overview(frames).tables["operating_systems"]
    assert table["operating_system"].tolist() == ["Windows 11", "Debian 12", "Ubuntu 24.04"]


def test_a_device_with_many_alerts_names_two_and_counts_the_rest():
    subjects = ["Disk", "Disk", "CPU", "Ping", "Service"]
    frames = {
        "devices": devices({}),
        "device_health": healths("UNHEALTHY"),
        "alerts": typed("alerts", [{"device_id": 1, "subject": one} for one in subjects]),
    }
    [problem] = overview(frames).tables["problem_devices"].to_dict("records")
    assert problem["why"] == "Disk; CPU and 2 more"
    assert problem["alerts"] == 5


def test_frames_made_by_hand_need_no_provenance():
    frames = fleet(30, 3)
    for frame in frames.values():
        frame.attrs.clear()
    report = overview(frames)
    assert not report.partial
    assert set(report.quality["complete"]) == {"not known"}
    assert report.instance == ""


def test_the_quality_panel_counts_covered_devices_and_orphan_rows():
    frames = {"devices": devices({}, {}, {"node_class": "NMS_SWITCH"})}
    frames["device_health"] = typed("device_health", [{"device_id": 1}, {"device_id": 77}])
    day = {"device_id": 2, "collected_at": NOW - pd.Timedelta(days=2)}
    frames["operating_systems"] = typed("operating_systems", [day], drift={"unknown": {"x": "x"}})
    panel = overview(frames).quality.set_index("table")
    assert panel.loc["device_health", ["devices_covered", "devices_expected"]].tolist() == [1, 3]
    assert panel.loc["device_health", "orphan_rows"] == 1
    assert panel.loc["operating_systems", "devices_expected"] == 2
    assert panel.loc["operating_systems", "median_age_days"] == 2
    assert panel.loc["operating_systems", "note"] == "new fields: x"


def test_the_quality_panel_tells_of_a_filter_and_of_a_clock_that_is_ahead():
    early = {"device_id": 1, "collected_at": NOW + pd.Timedelta(hours=2)}
    filtered = typed("operating_systems", [early], where="org = 1")
    panel = overview({"devices": devices({}), "operating_systems": filtered}).quality
    row = panel.set_index("table").loc["operating_systems"]
    assert row["note"] == "only devices where org = 1"
    assert row["median_age_days"] == 0


def test_building_a_report_leaves_its_frames_alone():
    frames = fleet(50, 4)
    before = {name: frame.copy() for name, frame in frames.items()}
    overview(frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(frame, before[name])
        assert frame.attrs == before[name].attrs


def test_the_text_of_a_report_names_question_numbers_and_denominators():
    frames = {"devices": devices({}, {}), "device_health": healths("HEALTHY", "UNHEALTHY")}
    text = repr(overview(frames))
    assert "What do we manage" in text
    assert "1 of 2" in text
    assert "50.0 %" in text


# -- on the sandbox ----------------------------------------------------------------------------


def test_a_pulled_report_agrees_with_the_truth_of_the_sandbox(ninja, sandbox):
    report = ninja.report("fleet_overview", active_days=3650)
    people = {row["id"]: row for row in sandbox.truth("devices")}
    managed = {at for at, row in people.items() if row.get("approvalStatus") == "APPROVED"}
    heard = {at for at in managed if people[at].get("lastContact")}
    health = {row["deviceId"]: row.get("healthStatus") for row in sandbox.truth("device_health")}
    judged = [health.get(at) for at in heard]
    bad = {"NEEDS_ATTENTION", "UNHEALTHY"}

    assert report.kpi("devices_managed").numerator == len(managed)
    assert report.kpi("devices_active").numerator == len(heard)
    assert report.kpi("devices_healthy").numerator == judged.count("HEALTHY")
    assert report.kpi("devices_in_need").numerator == sum(one in bad for one in judged)
    alerting = {row["deviceId"] for row in sandbox.truth("alerts")} & heard
    assert report.kpi("devices_alerting").numerator == len(alerting)
    assert not report.partial
    assert report.instance == sandbox.base_url
