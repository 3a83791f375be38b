"""The sandbox's backups: jobs, checks and usage agree, and their filters do what they say."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict

import pytest

from ninja_analytics.sandbox import Sandbox
from tests.sandbox_client import Asker

DAY = 86_400
NOW = 1_795_453_200.0  # 2026-11-23 17:00 UTC
SIZES = "revisionsTotalSize", "cloudTotalSize", "localTotalSize"


@pytest.fixture(scope="module")
def town():
    with Sandbox(devices=400, seed=13, now="2026-11-23T17:00:00Z") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def ask(town):
    return Asker(town)


@pytest.fixture(scope="module")
def jobs(town):
    return town.truth("backup_jobs")


@pytest.fixture(scope="module")
def usage(town):
    return {row["id"]: row for row in town.truth("backup_usage", includeLastBackupJobTimes="true")}


def of_device(jobs):
    found = defaultdict(list)
    for job in jobs:
        found[job["deviceId"]].append(job)
    return found


# jobs


def test_jobs_end_well_mostly_and_some_are_under_way(jobs):
    states = Counter(job["jobStatus"] for job in jobs)

    assert states["COMPLETED"] > 0.85 * len(jobs)
    assert states["FAILED"] > 10
    assert states["CANCELED"] > 1
    assert states["RUNNING"] + states["PROCESSING"] > 0
    assert all(
        ("jobEndTime" in j) == (j["jobStatus"] not in ("RUNNING", "PROCESSING")) for j in jobs
    )
    assert len({job["jobId"] for job in jobs}) == len(jobs)


def test_jobs_lie_in_the_life_of_their_device_and_in_thirty_days(town, jobs):
    devices = {row["id"]: row for row in town.truth("devices")}

    for job in jobs:
        device = devices[job["deviceId"]]
        begin, end = job["jobStartTime"], job.get("jobEndTime", job["jobStartTime"])
        assert max(device["created"], NOW - 30 * DAY) <= begin <= end <= device["lastContact"]
        assert (job["organizationId"], job["locationId"]) == (
            device["organizationId"],
            device["locationId"],
        )


def test_a_job_builds_on_the_last_good_one_of_its_plan(jobs):
    for part in of_device(jobs).values():
        assert len({job["planGuid"] for job in part}) == 1
        good = None
        for job in part:
            assert job.get("sourceJobId") == good
            good = job["jobId"] if job["jobStatus"] == "COMPLETED" else good


def test_a_job_to_both_places_is_copied_to_the_cloud_after_it(jobs):
    copied = [job for job in jobs if "upsyncJob" in job]

    assert copied
    assert {job["destination"] for job in copied} == {"HYBRID"}
    assert all(job["upsyncJob"]["startTime"] > job["jobEndTime"] for job in copied)


def test_integrity_checks_are_of_good_images(town, jobs):
    by_id = {job["jobId"]: job for job in jobs}
    checks = town.truth("integrity_check_jobs")

    assert len(checks) > 20
    for check in checks:
        source = by_id[check["sourceJobId"]]
        assert (source["jobStatus"], source["planType"]) == ("COMPLETED", "IMAGE")
        assert source["deviceId"] == check["deviceId"]
        assert check["jobStartTime"] > source["jobEndTime"]


# usage


def test_usage_has_a_row_for_every_device_and_zeros_where_there_is_no_plan(town, jobs, usage):
    planned = {job["deviceId"] for job in jobs}
    taking = {
        i for i, row in usage.items() if row["references"]["backupUsage"]["revisionsTotalSize"]
    }

    assert set(usage) == {row["id"] for row in town.truth("devices")}
    assert planned <= taking
    assert 0.05 < len(taking) / len(usage) < 0.5


@pytest.mark.parametrize("total", SIZES)
def test_totals_of_usage_are_the_sums_of_their_parts(usage, total):
    prefix = total.removesuffix("TotalSize")
    for row in usage.values():
        part = row["references"]["backupUsage"]
        others = [v for name, v in part.items() if name.startswith(prefix) and name != total]
        assert part[total] == sum(others)


def test_the_times_of_the_last_jobs_are_those_of_the_jobs(town, jobs, usage):
    for device, part in of_device(jobs).items():
        told = usage[device]["references"]["backupUsage"]
        for name, status in (
            ("lastSuccessfulBackupJob", "COMPLETED"),
            ("lastFailedBackupJob", "FAILED"),
        ):
            ends = [job["jobEndTime"] for job in part if job["jobStatus"] == status]
            assert told.get(name) == (max(ends) if ends else None)
    plain = town.truth("backup_usage")
    assert not any("lastSuccessfulBackupJob" in r["references"]["backupUsage"] for r in plain)


def test_an_organizations_locations_add_up_to_its_devices(town, ask, usage):
    for organization in town.truth("organizations"):
        answer = ask.table("organization_backup_usage", organization_id=organization["id"]).json()
        mine = [r for r in usage.values() if r["organizationId"] == organization["id"]]

        assert {row["organizationName"] for row in answer} == {organization["name"]}
        for name in SIZES:
            whole = sum(row["references"]["backupUsage"][name] for row in mine)
            assert sum(row[name] for row in answer) == whole


def test_devices_tell_their_usage_when_it_is_asked_for(town, usage):
    for row in town.truth("devices", expand="backupUsage"):
        told = usage[row["id"]]["references"]["backupUsage"]
        assert row["references"]["backupUsage"].items() <= told.items()


def test_removed_devices_are_in_usage_and_jobs_only_when_asked_for(town, jobs, usage):
    listed = {row["id"] for row in town.truth("devices")}
    removed = {row["id"] for row in town.truth("backup_usage", includeDeletedDevices="true")}
    deleted = town.truth("backup_jobs", include="deleted")
    both = town.truth("backup_jobs", include="all")

    assert removed > listed
    assert deleted
    assert set(usage) == listed
    assert {job["deviceId"] for job in deleted}.isdisjoint(listed)
    assert sorted(j["jobId"] for j in [*jobs, *deleted]) == sorted(j["jobId"] for j in both)


# filters


@pytest.mark.parametrize(
    ("asked", "passes"),
    [
        ({"sf": "status = FAILED"}, lambda job: job["jobStatus"] == "FAILED"),
        ({"sf": "status in (RUNNING, failed)"}, lambda job: job["jobStatus"] in ("RUNNING", "FAILED")),
        ({"sf": "status != COMPLETED"}, lambda job: job["jobStatus"] != "COMPLETED"),
        ({"ptf": "planType = IMAGE"}, lambda job: job["planType"] == "IMAGE"),
        ({"ptf": "planType in (IMAGE, FILE_FOLDER)"}, lambda job: True),
        ({"stf": "startTime after 2026-11-20T00:00:00Z"}, lambda job: job["jobStartTime"] > NOW - 3 * DAY - 61_200),
        ({"stf": "startTime between (2026-11-20T00:00:00Z,2026-11-21T00:00:00Z)"}, lambda job: 1_795_132_800 < job["jobStartTime"] < 1_795_219_200),
        ({"df": "class = WINDOWS_SERVER", "ptf": "planType = FILE_FOLDER"}, lambda job: False),
    ],
)  # fmt: skip
def test_a_filter_lets_only_those_jobs_pass(town, jobs, asked, passes):
    assert town.truth("backup_jobs", **asked) == [job for job in jobs if passes(job)]


def test_filters_are_joined_and_hold_for_checks_too(town):
    asked = {"sf": "status = COMPLETED", "stf": "startTime after 2026-11-10"}
    found = town.truth("integrity_check_jobs", **asked)

    assert 0 < len(found) < len(town.truth("integrity_check_jobs"))
    assert {check["jobStatus"] for check in found} == {"COMPLETED"}


def test_the_filter_of_removed_devices_is_one_of_its_own(town):
    deleted = town.truth("backup_usage", includeDeletedDevices="true")
    listed = {row["id"] for row in town.truth("devices")}
    gone = [row["id"] for row in deleted if row["id"] not in listed]

    assert town.truth("backup_jobs", include="deleted", df="id = 1") == town.truth("backup_jobs", include="deleted")  # fmt: skip
    for device in gone:
        part = town.truth("backup_jobs", include="deleted", ddf=f"id = {device}")
        assert {job["deviceId"] for job in part} <= {device}


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"sf": "state = FAILED"}, 500), ({"sf": "status = BROKEN"}, 500), ({"sf": "FAILED"}, 500),
        ({"ptf": "planType in IMAGE"}, 500), ({"stf": "startTime after yesterday"}, 500),
        ({"stf": "startTime between 2026-01-01"}, 500), ({"sf": "status in ()"}, 500),
        ({"include": "none"}, 400),
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused_or_passed_over(ask, fresh_sandbox, asked, status):
    assert ask.table("backup_jobs", **asked).status_code == status
    if status == 500:
        lax = fresh_sandbox(devices=40, unknown_filter="ignore")
        assert lax.truth("backup_jobs", **asked) == lax.truth("backup_jobs")


def test_a_page_has_ten_thousand_jobs_unless_asked_otherwise(ask, jobs):
    assert len(ask.table("backup_jobs").json()["results"]) == len(jobs) > 1000
    pages = list(itertools.islice(ask.pages("backup_jobs", pageSize=1), 3))
    assert [len(page) for page in pages] == [1, 1, 1]
