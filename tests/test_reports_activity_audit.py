"""The report activity_audit at its edges: families, outcomes, people and devices that nobody lists."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.audit.charts import FAMILY
from ninja_analytics.reports.audit.families import FAMILIES, NAMES, PROGRESS, family_of
from tests.made_frames import NOW, typed

SPEC = REPORTS["activity_audit"]


def audit(frames, **parameters):
    return SPEC.build(frames, now=NOW, **parameters)


def ago(hours):
    return NOW - pd.Timedelta(hours=hours)


def did(code, hours=1.0, **more):
    row = {
        "status_code": code,
        "activity_at": ago(hours),
        "device_id": 1,
        "activity_type": "ACTION",
    }
    return row | more


def frames(*rows, **more):
    people = [
        {"device_id": at, "system_name": f"SRV-{at}", "organization_id": at, "last_contact_at": NOW}
        | {"approval_status": "APPROVED", "node_class": "WINDOWS_SERVER"}
        for at in (1, 2)
    ]
    numbered = [{"activity_id": at} | row for at, row in enumerate(rows)]
    named = [{"user_id": 5, "first_name": "Ada", "last_name": "Moss"}]
    named.append({"user_id": 6, "email": "kit@example.com"})
    return {
        "devices": typed("devices", people),
        "activities": typed("activities", numbered),
        "technicians": typed("technicians", named),
        "users": typed("users", [{"user_id": 5, "first_name": "Other"}]),
    } | more


def counted(made, key, **parameters):
    kpi = audit(made, **parameters).kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions


def test_no_activities_give_no_shares_and_no_errors():
    report = audit({name: typed(name, []) for name in SPEC.tables})
    assert [kpi.value for kpi in report.kpis] == [0, None, None, None, 0, 0]
    assert all(table.empty for table in report.tables.values())
    for chart in report.charts.values():
        assert chart.draw() is not None


@pytest.mark.parametrize("missing", list(SPEC.tables))
def test_a_missing_table_empties_what_stands_on_it_and_nothing_else(missing):
    whole = frames(did("COMPLETED", activity_result="FAILURE"), did("POLICY_UPDATED", user_id=5))
    whole |= {name: typed(name, []) for name in ("organizations", "locations")}
    report = audit({name: frame for name, frame in whole.items() if name != missing})
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (missing == "activities"), kpi.key
    assert any(missing in warning for warning in report.warnings)
    for chart in report.charts.values():
        assert chart.draw() is not None


def test_the_result_counts_and_not_the_word_completed():
    made = frames(
        did("COMPLETED", activity_result="FAILURE"),
        did("COMPLETED", activity_result="SUCCESS"),
        did("COMPLETED"),
        did("COMPLETED", activity_result="UNCOMPLETED"),
        did("PATCH_MANAGEMENT_INSTALL_FAILED"),
        did("STARTED"),
    )
    assert counted(made, "actions_failed") == (2, 3, 1, 1)
    assert audit(made).tables["failures"]["family"].tolist() == ["automation", "patching"]


def test_devices_whose_automations_all_ended_without_a_result_are_unknown():
    made = frames(
        did("COMPLETED", activity_result="FAILURE"),
        did("COMPLETED", activity_result="SUCCESS"),
        did("COMPLETED", device_id=2),
        did("COMPLETED", device_id=None, activity_result="FAILURE"),
    )
    assert counted(made, "devices_automation_failed") == (1, 1, 1, 0)


def test_people_are_named_from_both_tables_and_the_system_is_one_actor():
    rows = [did("STARTED", user_id=user) for user in (5, 5, 6, 77, None, 0)]
    report = audit(frames(*rows))
    table = report.tables["actors"]
    assert dict(zip(table["actor"], table["activities"], strict=True)) == {
        "Ada Moss": 2,
        "system": 2,
        "kit@example.com": 1,
        "user 77": 1,
    }
    assert counted(frames(*rows), "activities_by_people") == (4, 6, 0, 0)
    assert report.kpi("activities_by_people").note == "1 by users that nobody lists"


def test_changes_logins_and_sessions_are_told_by_who_did_them():
    made = frames(
        did("POLICY_UPDATED", 5, user_id=5, device_id=None, status="Policy updated"),
        did("TECHNICIAN_PERMISSIONS_CHANGED", 4, user_id=6),
        did("NODE_DELETED", 3, device_id=99, user_id=6),
        did("RDP_CONNECTION_INITIATED", 2, user_id=5),
        did("APP_USER_AUDIT_FAILED_LOGIN", 1, user_id=6, device_id=None),
        did("APP_USER_LOGGED_IN", 1, user_id=6, device_id=None),
        did("APP_USER_LOGGED_OUT", 1, user_id=6, device_id=None),
    )
    report = audit(made)
    changes = report.tables["changes"][["actor", "kind", "status", "device"]]
    assert changes.to_numpy().tolist() == [
        ["kit@example.com", "device", "NODE_DELETED", "device 99"],
        ["kit@example.com", "permission", "TECHNICIAN_PERMISSIONS_CHANGED", "SRV-1"],
        ["Ada Moss", "policy", "Policy updated", ""],
    ]
    assert report.tables["remote_sessions"][["actor", "device"]].to_numpy().tolist() == [
        ["Ada Moss", "SRV-1"]
    ]
    assert counted(made, "changes_made") == (2, None, 0, 0)
    assert report.kpi("changes_made").note == "1 policy, 1 permission"
    assert counted(made, "logins_failed") == (1, 2, 0, 0)


def test_failures_are_told_by_device_with_the_last_message_shortened():
    bad = {"activity_result": "FAILURE", "source_name": "Clean up"}
    made = frames(
        did("COMPLETED", 5, **bad, message="first"),
        did("COMPLETED", 4, **bad, message="last\n" + "x" * 400),
        did("COMPLETED", 3, **bad, device_id=99, message=None),
    )
    table = audit(made).tables["failures"]
    assert table[["device", "what", "failures"]].to_numpy().tolist() == [
        ["SRV-1", "Clean up", 2],
        ["device 99", "Clean up", 1],
    ]
    first, second = table["message"]
    assert first.startswith("last xx")
    assert first.endswith("x…")
    assert len(first) == 160
    assert pd.isna(second)


def test_activities_without_a_time_and_of_other_devices_are_told():
    made = frames(did("STARTED", activity_at=None), did("STARTED"), did("STARTED", device_id=None))
    assert counted(made, "activities_logged") == (2, None, 1, 0)
    report = audit(made, organizations=1)
    assert report.kpi("activities_logged").numerator == 1
    assert any("left out" in note and note.endswith(": 1.") for note in report.notes)


def test_a_repeated_activity_counts_once():
    made = frames(did("STARTED"))
    made["activities"] = pd.concat([made["activities"]] * 2)
    assert counted(made, "activities_logged") == (1, None, 0, 0)


def test_codes_that_nothing_knows_are_other_and_stand_in_the_quality_panel():
    report = audit(frames(did("BRAND_NEW"), did(None), did("COMPLETED", activity_type="NEW")))
    assert report.tables["families_by_day"]["other"].tolist() == [3]
    panel = report.quality.set_index("table")
    assert panel.loc["activities", "unmatched"] == "BRAND_NEW; COMPLETED; no status code"


def test_families_of_ones_own_come_first_and_are_drawn():
    made = frames(did("BRAND_NEW"), did("POLICY_UPDATED"), did("POLICY_DELETED"))
    report = audit(made, families={"watched": ["BRAND_*", "POLICY_DELETED"]})
    day = report.tables["families_by_day"]
    assert day[["watched", "changes"]].to_numpy().tolist() == [[2, 1]]
    assert report.parameters["families"] == "watched"
    assert report.charts["activities_by_day"].draw() is not None
    assert "unmatched" in report.quality
    assert report.quality.set_index("table").loc["activities", "unmatched"] == ""


@pytest.mark.parametrize("families", ["POLICY_*", {"watched": []}, {"": ["X"]}, 7])
def test_families_that_are_none_are_refused(families):
    with pytest.raises(UsageError, match="has no families"):
        audit({}, families=families)


def test_days_and_hours_are_those_of_the_zone():
    made = frames(did("STARTED", 13, user_id=5))  # at 3:00 on the 23rd in UTC
    report = audit(made, tz="America/New_York")
    assert report.tables["families_by_day"]["day"].tolist() == ["2026-11-22"]
    assert "in America/New_York" in report.charts["actors_by_hour"].alt
    assert "100.0 % are before 7:00 or after 19:00" in report.charts["actors_by_hour"].alt


def test_actions_name_what_keeps_failing_and_whose_logins_fail():
    bad = {"activity_result": "FAILURE", "source_name": "Clean up"}
    rows = [did("COMPLETED", at, **bad) for at in (3, 2, 1)]
    rows += [did("PATCH_MANAGEMENT_INSTALL_FAILED", at, device_id=2) for at in (3, 2, 1)]
    rows += [did("APP_USER_AUDIT_FAILED_LOGIN", user_id=5, device_id=None)] * 5
    rows = [row | {"activity_id": at} for at, row in enumerate(rows)]
    actions = audit(frames(*rows)).actions
    assert actions[["bucket", "device", "why"]].fillna("").to_numpy().tolist() == [
        ["fix now", "SRV-1", "Clean up failed 3 times"],
        ["plan", "SRV-2", "PATCH_MANAGEMENT_INSTALL_FAILED failed 3 times"],
        ["watch", "", "Ada Moss: 5 failed logins"],
    ]


def test_every_status_code_of_the_specification_has_a_family(spec):
    schemas = spec["components"]["schemas"]
    codes = schemas["Activity"]["properties"]["statusCode"]["enum"]
    types = schemas["Activity"]["properties"]["activityType"]["enum"]
    assert [one for one in codes if one not in PROGRESS and family_of(one)[0] == "other"] == []
    assert [one for one in types if family_of("COMPLETED", one)[0] == "other"] == ["COMMENT"]
    assert set(PROGRESS) <= set(codes)


def test_every_pattern_of_a_family_fits_a_code_of_the_specification(spec):
    codes = spec["components"]["schemas"]["Activity"]["properties"]["statusCode"]["enum"]
    there = {family_of(one) for one in codes}
    assert {(family, kind) for family, kinds in FAMILIES.items() for kind in kinds} <= there


def test_every_family_has_its_color():
    assert set(NAMES) == set(FAMILY)
