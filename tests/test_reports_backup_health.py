"""The report backup_health at its edges: nothing there, nothing licensed, every way a job can end."""

from __future__ import annotations

import pandas as pd
import pytest

import ninja_analytics as na
from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.backup.report import ONLY_NINJA
from tests.conftest import api_services
from tests.made_frames import NOW, typed

SPEC = REPORTS["backup_health"]


def health(frames, **parameters):
    return SPEC.build(frames, now=NOW, **parameters)


def ago(hours):
    return NOW - pd.Timedelta(hours=hours)


def devices(*rows):
    whole = {"approval_status": "APPROVED", "node_class": "WINDOWS_SERVER", "last_contact_at": NOW}
    named = [
        {"device_id": at, "system_name": f"SRV-{at}", "organization_id": 1, **whole, **row}
        for at, row in enumerate(rows, 1)
    ]
    return typed("devices", named)


def job(device, status, hours, **more):
    """A job that ended so many hours ago."""
    row = {"job_id": f"{device}-{hours}", "device_id": device, "job_status": status}
    row |= {"started_at": ago(hours + 1), "ended_at": ago(hours), "plan_name": "Nightly"}
    return row | {"plan_uid": f"plan of {device}", "plan_type": "IMAGE"} | more


def frames(people, jobs=(), checks=(), usage=()):
    return {
        "devices": people,
        "backup_jobs": typed("backup_jobs", list(jobs)),
        "integrity_check_jobs": typed("integrity_check_jobs", list(checks)),
        "backup_usage": typed("backup_usage", list(usage)),
    }


def counted(made, key, **parameters):
    kpi = health(made, **parameters).kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions


def test_no_devices_give_no_shares_and_no_errors():
    report = health({name: typed(name, []) for name in SPEC.tables})
    assert [kpi.value for kpi in report.kpis] == [None, None, None, None, None, 0]
    assert all(table.empty for table in report.tables.values())
    assert report.actions.empty
    for chart in report.charts.values():
        assert chart.draw() is not None


@pytest.mark.parametrize("missing", list(SPEC.tables))
def test_a_missing_table_empties_what_stands_on_it_and_nothing_else(missing):
    good = {"device_id": 1, "cloud_bytes": 10, "local_bytes": None}
    whole = frames(devices({}), [job(1, "COMPLETED", 3)], [job(1, "COMPLETED", 1)], [good])
    whole |= {name: typed(name, []) for name in ("organizations", "locations")}
    report = health({name: frame for name, frame in whole.items() if name != missing})
    told = {kpi.key: kpi.numerator for kpi in report.kpis}
    for kpi in report.kpis:
        expected = None if missing in kpi.definition.tables else 1
        assert told[kpi.key] == (0 if kpi.key == "backup_plans_failing" and expected else expected)
    assert any(missing in warning for warning in report.warnings)
    assert report.tables["uncovered_devices"].empty
    for chart in report.charts.values():
        assert chart.draw() is not None


def test_every_way_a_job_ends_is_counted_apart():
    ways = [
        "COMPLETED",
        "COMPLETED",
        "FAILED",
        "CANCELED",
        "RUNNING",
        "PROCESSING",
        "MERGING",
        None,
    ]
    made = frames(devices({}), [job(1, way, at) for at, way in enumerate(ways, 1)])
    report = health(made)
    assert counted(made, "backup_success") == (2, 3, 4, 1)
    assert report.kpi("backup_success").note == "1 canceled, 2 under way"
    assert report.tables["jobs_by_day"].drop(columns="day").sum().tolist() == [2, 1, 1, 2, 2]
    assert report.quality.set_index("table").loc["backup_jobs", "unmatched"] == "MERGING"


def test_a_device_that_only_fails_is_uncovered_and_late():
    made = frames(devices({}, {}), [job(1, "FAILED", 5)])
    report = health(made)
    assert counted(made, "backup_coverage") == (0, 2, 0, 0)
    assert counted(made, "backup_rpo_met") == (0, 1, 0, 0)
    assert list(report.tables["uncovered_devices"]["why"]) == [
        "1 jobs, none completed",
        "no backup job",
    ]
    assert list(report.tables["rpo_breaches"]["why"]) == ["no good backup known"]


def test_the_age_of_a_backup_is_held_against_the_target_of_its_kind():
    kinds = ["WINDOWS_SERVER", "LINUX_SERVER", "MAC", "MAC", "VMWARE_VM_GUEST"]
    made = frames(
        devices(*[{"node_class": kind} for kind in kinds]),
        [job(at, "COMPLETED", hours) for at, hours in enumerate((24, 24.5, 72, 73, 1), 1)],
    )
    report = health(made, node_classes=None)
    assert counted(made, "backup_rpo_met", node_classes=None) == (2, 4, 1, 0)
    assert report.tables["rpo_breaches"]["device"].tolist() == ["SRV-4", "SRV-2"]
    assert report.tables["rpo_breaches"]["why"].tolist() == [
        "last good backup 3 days ago",
        "last good backup 24.5 hours ago",
    ]
    assert counted(made, "backup_rpo_met", node_classes=None, rpo_server_hours=25) == (3, 4, 1, 0)
    assert counted(made, "backup_rpo_met") == (1, 2, 0, 0)


def test_a_good_backup_that_only_the_usage_knows_makes_a_device_recent_but_not_covered():
    used = {"device_id": 1, "last_success_at": ago(2)}
    made = frames(devices({}), [job(1, "FAILED", 1)], usage=[used])
    assert counted(made, "backup_rpo_met") == (1, 1, 0, 0)
    assert counted(made, "backup_coverage") == (0, 1, 0, 0)


def test_the_later_of_what_jobs_and_usage_know_counts():
    rows = [job(1, "COMPLETED", 30), job(2, "COMPLETED", 2), job(3, "COMPLETED", 30)]
    used = [
        {"device_id": at, "last_success_at": ago(back)} for at, back in ((1, 2), (2, 30), (3, -5))
    ]
    made = frames(devices({}, {}, {}), rows, usage=used)
    assert counted(made, "backup_rpo_met") == (2, 3, 0, 0)
    assert health(made).tables["rpo_breaches"]["device"].tolist() == ["SRV-3"]


def test_stale_and_unapproved_devices_are_in_no_share_of_devices():
    old, pending = {"last_contact_at": NOW - pd.Timedelta(days=31)}, {"approval_status": "PENDING"}
    made = frames(devices(old, pending, {}), [job(at, "COMPLETED", 2) for at in (1, 2, 3)])
    assert counted(made, "backup_coverage") == (1, 1, 0, 0)
    assert counted(made, "backup_success") == (2, 2, 0, 0)


def test_a_fleet_that_is_all_stale_has_no_coverage():
    old = {"last_contact_at": NOW - pd.Timedelta(days=31)}
    made = frames(devices(old, old), [job(1, "COMPLETED", 2)])
    assert health(made).kpi("backup_coverage").value is None


def test_repeated_jobs_and_jobs_of_devices_that_nobody_lists_count_once_and_never():
    good = job(1, "COMPLETED", 2)
    made = frames(devices({}), [good, good, job(99, "FAILED", 2), job(None, "FAILED", 3)])
    assert counted(made, "backup_success") == (1, 1, 0, 0)
    assert health(made).quality.set_index("table").loc["backup_jobs", "orphan_rows"] == 2


def test_runs_of_failures_are_counted_per_plan_and_a_canceled_job_does_not_end_one():
    ends = ["FAILED", "FAILED", "FAILED", "COMPLETED", "FAILED", "CANCELED", "FAILED", "RUNNING"]
    rows = [job(1, way, 100 - at) for at, way in enumerate(ends)]
    rows += [job(1, "COMPLETED", 4, plan_uid="another"), job(1, "CANCELED", 5, plan_uid="third")]
    made = frames(devices({}), rows)
    runs = health(made).tables["failing_runs"]
    assert runs[["plan", "failing", "longest", "failed", "finished"]].to_numpy().tolist() == [
        ["Nightly", 2, 3, 5, 6]
    ]
    assert counted(made, "backup_plans_failing") == (1, 2, 1, 0)
    assert health(made).kpi("backup_plans_failing").note == "3 in a row at most"


def test_an_image_is_checked_by_its_last_finished_check_and_files_need_none():
    rows = [job(at, "COMPLETED", 2) for at in (1, 2, 3, 4)]
    rows.append(job(5, "COMPLETED", 2, plan_type="FILE_FOLDER"))
    checks = [job(1, "FAILED", 50), job(1, "COMPLETED", 20), job(2, "COMPLETED", 50)]
    checks += [job(2, "FAILED", 20), job(3, "RUNNING", 1, ended_at=None)]
    made = frames(devices({}, {}, {}, {}, {}), rows, checks)
    table = health(made).tables["unverified_images"]
    assert counted(made, "backup_images_checked") == (1, 3, 1, 0)
    assert table[["device", "last_check"]].to_numpy().tolist() == [
        ["SRV-2", "failed"],
        ["SRV-4", "none"],
    ]


def test_storage_is_what_is_in_the_cloud_and_on_site_and_a_size_nobody_tells_is_unknown():
    rows = [{"device_id": 1, "cloud_bytes": 7, "local_bytes": 5}, {"device_id": 2}]
    rows.append({"device_id": 3, "cloud_bytes": 0, "local_bytes": 0})
    made = frames(devices({}, {}, {}, {}), usage=rows)
    assert health(made).kpi("backup_storage").amount == 12
    assert counted(made, "backup_storage") == (1, 2, 2, 0)


def test_days_and_the_edges_of_a_period_are_those_of_the_zone():
    late = job(1, "COMPLETED", 0, ended_at=pd.Timestamp("2026-11-20T23:30Z"))
    made = frames(devices({}), [late])
    berlin = health(made, period="2026-11-21", tz="Europe/Berlin")
    assert berlin.tables["jobs_by_day"]["day"].tolist() == ["2026-11-21"]
    assert health(made, period="2026-11-21").tables["jobs_by_day"].empty
    assert "days of Europe/Berlin" in berlin.captions["jobs_by_day"]


def test_actions_name_the_devices_in_their_buckets():
    rows = [job(1, "FAILED", at) for at in (30, 20, 10)] + [job(2, "COMPLETED", 1)]
    actions = health(frames(devices({}, {}, {}), rows)).actions
    assert actions[["bucket", "device"]].to_numpy().tolist() == [
        ["fix now", "SRV-1"],
        ["plan", "SRV-1"],
        ["plan", "SRV-3"],
        ["watch", "SRV-2"],
    ]
    assert set(actions["organization_id"]) == {1}


def test_that_other_products_are_not_visible_is_always_told():
    assert ONLY_NINJA in health({}).notes


@pytest.mark.parametrize("name", ["coverage_days", "integrity_days", "rpo_server_hours"])
def test_a_time_that_is_none_is_refused(name):
    with pytest.raises(UsageError, match=f"{name} is 0, but must be a number above 0"):
        health({}, **{name: 0})


def test_jobs_are_asked_for_from_before_all_that_is_counted():
    asks = SPEC.about.asks(NOW, {"period": "7d", "coverage_days": 40})
    assert asks["backup_jobs"] == {"start_time_filter": "startTime after 2026-10-12T16:00:00Z"}
    assert asks["integrity_check_jobs"] == asks["backup_jobs"]


def test_without_a_license_the_report_says_what_it_does_not_know(fresh_sandbox):
    sandbox = fresh_sandbox(devices=20)
    ninja = na.connect(**api_services(sandbox))
    sandbox.fault("500", path="/v2/queries/backup/usage", times=50)
    report = ninja.report("backup_health", now=pd.Timestamp(sandbox.now))
    assert report.kpi("backup_storage").value is None
    assert report.kpi("backup_coverage").denominator
    assert report.partial
