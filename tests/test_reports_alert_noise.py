"""The report alert_noise at its edges: no log, no series, alerts that flap, heal, last or get lost."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from tests.made_frames import NOW, typed

SPEC = REPORTS["alert_noise"]
ONE = {"device_id": 1, "system_name": "SRV-1", "organization_id": 7, "approval_status": "APPROVED"}
TWO = ONE | {"device_id": 2, "system_name": "WS-2", "organization_id": 8}


def noise(frames, **parameters):
    return SPEC.build(frames, now=NOW, **parameters)


def ago(hours):
    return NOW - pd.Timedelta(hours=hours)


def alert(hours, lasts=None, *, device=1, name="Disk", seen=None, series="", **more):
    """The activities of an alert raised so many hours ago, which *lasts* and was *seen* after hours."""
    uid = series or f"{name} of {device} {hours}"
    row = {"device_id": device, "source_name": name, "series_uid": uid} | more
    rows = [row | {"status_code": "TRIGGERED", "activity_at": ago(hours)}]
    for code, after in (("RESET", lasts), ("ACKNOWLEDGED", seen)):
        if after is not None:
            rows.append(row | {"status_code": code, "activity_at": ago(hours - after)})
    return rows


def frames(*alerts, active=()):
    people = [row | {"last_contact_at": NOW, "node_class": "WINDOWS_SERVER"} for row in (ONE, TWO)]
    rows = [row for one in alerts for row in one]
    numbered = [{"activity_id": at} | row for at, row in enumerate(rows)]
    return {
        "devices": typed("devices", people),
        "activities": typed("activities", numbered),
        "alerts": typed("alerts", [{"alert_uid": uid, "device_id": 1} for uid in active]),
    }


def counted(made, key, **parameters):
    kpi = noise(made, **parameters).kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown


def test_no_activities_give_no_shares_and_no_errors():
    report = noise({name: typed(name, []) for name in SPEC.tables})
    assert [kpi.value for kpi in report.kpis] == [None, None, None, None, 0, 0]
    assert all(table.empty for table in report.tables.values())
    assert report.actions.empty
    for chart in report.charts.values():
        assert chart.draw() is not None


@pytest.mark.parametrize("missing", list(SPEC.tables))
def test_a_missing_table_empties_what_stands_on_it_and_nothing_else(missing):
    whole = frames(alert(5, 1), alert(3), active=["Disk of 1 3"])
    whole |= {name: typed(name, []) for name in ("organizations", "locations")}
    report = noise({name: frame for name, frame in whole.items() if name != missing})
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (missing in kpi.definition.tables), kpi.key
    assert any(missing in warning for warning in report.warnings)
    for chart in report.charts.values():
        assert chart.draw() is not None


def test_an_alert_that_nothing_ended_is_open_if_it_is_active_and_lost_if_not():
    made = frames(alert(30, 2), alert(20), alert(10), active=["Disk of 1 20"])
    assert counted(made, "alert_median_hours") == (1, 2, 1)
    assert noise(made).kpi("alert_median_hours").amount == 2
    assert noise(made).tables["slow_alerts"]["state"].tolist() == ["open"]
    del made["alerts"]
    assert counted(made, "alert_median_hours") == (1, 3, 0)
    assert noise(made).kpi("alert_median_hours").value is None


def test_alerts_heal_themselves_when_they_are_soon_over_and_nobody_saw_them():
    quick, seen_first = alert(50, 0.2), alert(40, 0.2, seen=0.1)
    seen_after, slow = alert(30, 0.2, seen=0.3), alert(20, 0.25)
    new, old = alert(0.1), alert(10)
    active = ["Disk of 1 0.1", "Disk of 1 10"]
    made = frames(quick, seen_first, seen_after, slow, new, old, active=active)
    assert counted(made, "alerts_self_healed") == (2, 5, 1)
    assert counted(made, "alerts_self_healed", heal_minutes=16) == (3, 5, 1)


def test_an_alert_without_a_series_counts_as_one_whose_end_nobody_knows():
    made = frames(alert(5, 1, series_uid=None), alert(3, 1))
    assert counted(made, "alert_median_hours") == (1, 1, 1)
    assert counted(made, "alerts_self_healed") == (0, 1, 1)
    assert counted(made, "alerts_of_top_conditions") == (2, 2, 0)


def test_a_device_flaps_with_one_condition_and_not_with_several():
    flaps = [alert(at, 1) for at in (60, 48, 36)]
    several = [alert(at, 1, name=name, device=2) for at, name in ((5, "A"), (4, "B"), (3, "C"))]
    made = frames(*flaps, *several)
    table = noise(made).tables["flapping"]
    assert counted(made, "alerts_flapping") == (1, 4, 0)
    assert table[["device", "condition", "most"]].to_numpy().tolist() == [["SRV-1", "Disk", 3]]
    assert noise(made).kpi("alerts_flapping").note == "50.0 % of all alerts"
    assert counted(made, "alerts_flapping", flap_h=23.9) == (0, 4, 0)
    assert counted(made, "alerts_flapping", flap_n=2, flap_h=12) == (1, 4, 0)


def test_conditions_of_one_name_are_told_apart_by_their_identifiers():
    made = frames(
        alert(5, 1, source_config_uid="a"),
        alert(4, 1, source_config_uid="b"),
        alert(3, 1, source_config_uid="b", source_name=None),
        alert(2, 1, name=None),
    )
    table = noise(made).tables["conditions"]
    assert table[["condition", "alerts"]].to_numpy().tolist() == [
        ["Disk", 2],
        ["Disk", 1],
        ["not named", 1],
    ]
    assert counted(made, "alerts_of_top_conditions") == (3, 3, 1)
    assert counted(made, "alerts_flapping") == (0, 2, 1)


def test_alerts_of_unlisted_devices_are_in_no_rate_and_in_none_of_a_choice():
    made = frames(alert(5, 1), alert(4, 1, device=99), alert(3, 1, device=None))
    kpi = noise(made, period="14d").kpi("alerts_per_device_week")
    assert (kpi.numerator, kpi.denominator, kpi.unknown, kpi.amount) == (1, 2, 2, 0.25)
    assert noise(made).tables["devices"]["device"].tolist() == ["SRV-1", "device 99"]
    assert counted(made, "alerts_of_top_conditions", organizations=7) == (1, 1, 0)
    assert counted(made, "alerts_of_top_conditions", organizations=8) == (0, 0, 0)


def test_a_fleet_that_is_all_stale_has_alerts_but_no_rate():
    made = frames(alert(5, 1))
    kpi = noise(made, active_days=1e-9).kpi("alerts_per_device_week")
    assert (kpi.numerator, kpi.denominator) == (1, 2)
    made["devices"]["last_contact_at"] = ago(24 * 31)
    kpi = noise(made).kpi("alerts_per_device_week")
    assert (kpi.numerator, kpi.denominator, kpi.exceptions, kpi.value) == (0, 0, 1, None)


def test_the_period_chooses_what_was_raised_and_what_ended_later_has_ended():
    made = frames(alert(24 * 20, 24 * 15), alert(24 * 40, 1), alert(5, 1))
    assert counted(made, "alert_median_hours", period="2026-11-01..2026-11-10") == (1, 1, 0)
    assert counted(made, "alert_median_hours") == (2, 2, 0)


def test_a_repeated_activity_counts_once():
    made = frames(alert(5, 1))
    made["activities"] = pd.concat([made["activities"]] * 2)
    assert counted(made, "alerts_of_top_conditions") == (1, 1, 0)


def test_hours_of_the_day_are_those_of_the_zone():
    made = frames(alert(16, 1))  # at midnight in UTC
    assert "on Monday from 00:00" in noise(made).charts["alerts_by_hour"].alt
    assert "0.2 an hour" in noise(made).charts["alerts_by_hour"].alt  # one on five Mondays
    there = noise(made, tz="America/New_York").charts["alerts_by_hour"].alt
    assert "America/New_York" in there
    assert "on Sunday from 19:00" in there


def test_what_is_loud_and_short_is_to_be_tuned_and_what_is_old_to_be_settled():
    loud = [alert(100 + 30 * at, 0.1, name="CPU", device=2) for at in range(6)]
    made = frames(*loud, alert(300), alert(20, 2, name="Ping"), active=["Disk of 1 300"])
    actions = noise(made).actions
    assert actions[["bucket", "action", "device"]].fillna("").to_numpy().tolist() == [
        ["plan", "Tune the condition", ""],
        ["watch", "Settle the alert", "SRV-1"],
    ]
    assert actions["why"].tolist() == [
        "CPU: 6 alerts on 1 devices, half over within 6 minutes",
        "Disk for 12 days",
    ]


@pytest.mark.parametrize(
    ("name", "value", "bound"),
    [("flap_n", 1, "at least 2"), ("flap_h", 0, "above 0"), ("heal_minutes", "x", "above 0")],
)
def test_a_number_of_no_use_is_refused(name, value, bound):
    with pytest.raises(UsageError, match=f"{name} is {value!r}, but must be a number {bound}"):
        noise({}, **{name: value})


def test_weekdays_are_held_against_how_many_of_them_a_period_has():
    made = frames(alert(16 + 24, 1), alert(16, 1))  # on Sunday and on Monday
    alt = noise(made, period="2026-11-09..2026-11-23").charts["alerts_by_hour"].alt
    assert "The most, 0.5 an hour, are on Sunday from 00:00" in alt  # two Sundays, three Mondays


def test_a_period_that_is_not_over_counts_the_time_that_is_past():
    made = frames(alert(5, 1))
    kpi = noise(made, period="2026-11-23").kpi("alerts_per_device_week")
    assert kpi.amount == 1 / 2 / (16 / (7 * 24))  # it is 16:00
    with pytest.raises(UsageError, match="has not begun"):
        noise(made, period="2027")


def test_only_the_activities_of_the_period_are_asked_for():
    asks = SPEC.about.asks(NOW, {"period": "previous-month", "tz": "Europe/Berlin"})
    assert {part["since"].isoformat() for part in asks["activities"]} == {
        "2026-09-30T22:00:00+00:00"
    }
