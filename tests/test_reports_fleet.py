from __future__ import annotations

import sqlite3

import pandas as pd
import pytest

from ninja_analytics.errors import UnknownNameError, UsageError
from ninja_analytics.reports.population import class_group
from tests.made_frames import NOW, fleet, typed
from tests.made_overview import SPEC, devices, healths, overview

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
