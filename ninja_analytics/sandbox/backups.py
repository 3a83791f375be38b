"""Backups of the fleet: plans, the jobs of 30 days, integrity checks, and the space that they take."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ninja_analytics.sandbox.fleet import APPROVED, Fleet
from ninja_analytics.sandbox.life import HOUR, LEAVES, present
from ninja_analytics.sandbox.machines import device_row
from ninja_analytics.sandbox.places import location_row
from ninja_analytics.sandbox.tenants import Organization
from ninja_analytics.sandbox.times import DAY, stamp
from ninja_analytics.sandbox.volumes import volumes_of

Row = dict[str, Any]

DAYS = 30
_SUNDAY = (
    2  # of the days since 1970, by their remainder of seven: the third of January 1971 was one
)
# class of device: share with a plan, its type, and its name
_PLANS = {
    "WINDOWS_SERVER": (0.8, "IMAGE", "Server image, nightly"),
    "LINUX_SERVER": (0.5, "FILE_FOLDER", "Server files, daily"),
    "WINDOWS_WORKSTATION": (0.15, "FILE_FOLDER", "Documents, daily"),
    "MAC": (0.1, "FILE_FOLDER", "Documents, daily"),
}
_SIZES = (
    "revisionsCurrentSize", "revisionsPreviousSize", "revisionsDeletedSize", "localFileFolderSize",
    "localImageSize", "localImageV2Size", "cloudFileFolderSize", "cloudImageSize",
    "cloudImageV2Size", "cloudNetworkShareSize", "revisionsTotalSize", "cloudTotalSize",
    "localTotalSize",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """The backup plan of one device: what it covers, where to, and at which second of the day."""

    uid: str
    name: str
    type: str
    destination: str
    begins: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a plan (times in epoch seconds; no end while it runs), and the dice of its check."""

    id: str
    status: str
    start: float
    end: float | None
    stored: int
    files: int
    check: tuple[str, float] = ("", 0.0)


def plan_of(fleet: Fleet, index: int) -> Plan | None:
    """The plan of one device; a third of the organizations back up elsewhere."""
    share, kind, name = _PLANS.get(fleet.class_name(index), (0.0, "", ""))
    dice = fleet.chance(index, 218)
    if (
        dice.random() >= share
        or fleet.first_home(index).id % 3 == 0
        or not fleet.software_rows[index]
    ):
        return None
    destination = dice.choice(
        ("CLOUD", "HYBRID") if kind == "IMAGE" else ("CLOUD", "CLOUD", "LOCAL")
    )
    volumes = volumes_of(fleet, index, first=True)  # what changes is small against the whole
    used = sum(one["capacity"] - one["freeSpace"] for one in volumes if "capacity" in one)
    part = 1.0 if kind == "IMAGE" else dice.uniform(0.05, 0.4)
    begins = _hour(kind, dice) * 3600 + 60 * dice.randrange(0, 60, 5)
    return Plan(fleet.uid(index, 218), name, kind, destination, begins, int(used * part))  # fmt: skip


def _hour(kind: str, dice: random.Random) -> int:
    """Images are made at night; documents whenever people are there."""
    return dice.choice((1, 2, 3, 22)) if kind == "IMAGE" else dice.randrange(24)


def jobs_of(fleet: Fleet, index: int, plan: Plan) -> list[Job]:
    """The jobs of the last days, oldest first; a device that is away makes none."""
    return [job for job in _ran(fleet, index, plan) if job.start >= fleet.now - DAYS * DAY]


def _ran(fleet: Fleet, index: int, plan: Plan) -> list[Job]:
    """The jobs of the last days and of the days before, on which they build."""
    first = max(float(fleet.created[index]), fleet.born - DAYS * DAY)
    if fleet.first.seen[index] > fleet.born:  # it had no plan before
        first = max(first, float(fleet.first.seen[index]))
    last, oldest = float(fleet.last_contact[index]), fleet.now - 2 * DAYS * DAY
    return [
        _as_it_ended(fleet, index, job)
        for job in _planned(fleet, index, plan)
        if max(first, oldest) <= job.start <= last and _there(fleet, index, job.start)
    ]


def _planned(fleet: Fleet, index: int, plan: Plan) -> Iterator[Job]:
    """What the plan wants: from one sequence up to the day of the start, then from each day's dice."""
    dice, checks, start = fleet.chance(index, 219), fleet.chance(index, 220), fleet.born // DAY
    known = max(float(fleet.first.since[index]), fleet.born - DAYS * DAY)
    today = int(fleet.now // DAY - start)
    for day in range(-DAYS if today <= DAYS else today - 2 * DAYS, today + 1):
        if day > 0:
            dice = checks = fleet.chance_of(index, 219, day)
        begins = (start + day) * DAY + plan.begins + dice.uniform(0, 900)
        job = _job(begins, plan, dice)
        if day > 0 or known <= begins <= float(fleet.first.contact[index]):
            uid = str(uuid.UUID(int=checks.getrandbits(128), version=4))
            job = replace(job, check=(uid, checks.random()))
        yield job


def _there(fleet: Fleet, index: int, moment: float) -> bool:
    """Whether a device was heard of around a time; what was before the start is known otherwise."""
    if moment <= fleet.born:
        return moment <= float(fleet.first.contact[index])
    step = int((moment - fleet.born) // HOUR)
    return step >= fleet.step or present(fleet.life, index, step)


def _as_it_ended(fleet: Fleet, index: int, job: Job) -> Job:
    """A job as it stands: ended as planned, going on, or broken off when the device went away."""
    assert job.end is not None  # noqa: S101 - a plan knows it
    contact, seen = float(fleet.first.contact[index]), float(fleet.last_contact[index])
    if job.start <= fleet.born and job.end <= contact:
        return job
    if job.start <= fleet.born and fleet.born - contact >= 600:
        return _broken(job, contact)
    for step in range(max(0, int((job.start - fleet.born) // HOUR)), fleet.step):
        begin = fleet.born + step * HOUR
        if begin >= job.end:
            break
        if not present(fleet.life, index, step):
            return _broken(
                job, max(job.start + 60, begin + HOUR * fleet.fraction(index, LEAVES, step))
            )
    if job.end <= seen:
        return job
    if fleet.now - seen < 600:
        status = "RUNNING" if job.start % 5 > 1 else "PROCESSING"
        return replace(job, status=status, end=None, stored=job.stored // 2, files=job.files // 2)
    return _broken(job, seen)


def _broken(job: Job, at: float) -> Job:
    """A job that was going on when its device was last heard of: it failed."""
    return replace(job, status="FAILED", end=at, stored=0, files=0)


def _job(start: float, plan: Plan, dice: random.Random) -> Job:
    status = dice.choices(("COMPLETED", "FAILED", "CANCELED"), (94, 4.5, 1.5))[0]
    share = dice.uniform(0.002, 0.05) if status == "COMPLETED" else dice.uniform(0, 0.01)
    end = start + dice.uniform(300, 7200)
    number = str(uuid.UUID(int=dice.getrandbits(128), version=4))
    return Job(number, status, start, end, int(plan.bytes * share), int(plan.bytes * share) >> 20)


def job_rows(fleet: Fleet, index: int) -> list[Row]:
    """The rows of /v2/backup/jobs of one device, oldest first; each builds on the last good one."""
    plan = plan_of(fleet, index)
    if plan is None:
        return []
    rows, before = [], None
    for job in _ran(fleet, index, plan):
        row = _job_row(fleet, index, plan, job)
        if before and before.start >= job.start - DAYS * DAY:
            row["sourceJobId"] = before.id
        if plan.destination == "HYBRID" and job.status == "COMPLETED":
            row["upsyncJob"] = _upsync(job, fleet.now)
        before = job if job.status == "COMPLETED" else before
        if job.start >= fleet.now - DAYS * DAY:
            rows.append(row)
    return rows


def check_rows(fleet: Fleet, index: int) -> list[Row]:
    """The rows of /v2/backup/integrity-check-jobs of one device: a check of each Sunday's image."""
    plan = plan_of(fleet, index)
    if plan is None or plan.type != "IMAGE":
        return []
    rows = []
    for job in _ran(fleet, index, plan):
        if job.status != "COMPLETED" or job.end is None or job.start // DAY % 7 != _SUNDAY:
            continue
        number, draw = job.check
        start = job.end + 7200 + 3600 * draw
        if not fleet.now - DAYS * DAY <= start <= fleet.now:
            continue
        end = start + 1800 + 3600 * draw
        status = "RUNNING" if end > fleet.now else "FAILED" if draw < 0.04 else "COMPLETED"
        check = Job(number, status, start, end if end <= fleet.now else None, job.stored, 0)
        rows.append(_job_row(fleet, index, plan, check) | {"sourceJobId": job.id})
    return rows


def _job_row(fleet: Fleet, index: int, plan: Plan, job: Job) -> Row:
    home, location = fleet.place_at(index, job.start)
    row: Row = {
        "jobId": job.id,
        "jobStartTime": stamp(job.start),
        "jobStatus": job.status,
        "destination": plan.destination,
        "planGuid": plan.uid,
        "planName": plan.name,
        "planType": plan.type,
        "totalStoredBytes": job.stored,
        "totalActualStorageBytes": job.stored * 11 // 20,
        "organizationId": home.id,
        "locationId": location,
        "deviceId": int(fleet.ids[index]),
    }
    if plan.type == "FILE_FOLDER":
        row["filesUploaded"] = job.files
    return row | ({"jobEndTime": stamp(job.end)} if job.end is not None else {})


def _upsync(job: Job, now: float) -> Row:
    """The copy to the cloud of a job that went to a drive on site first."""
    start = (job.end or now) + 60
    row = {"startTime": stamp(start), "status": "RUNNING", "bytesUploaded": job.stored * 11 // 20, "filesUploaded": 1 + (job.stored >> 30)}  # fmt: skip
    end = start + 1200
    return row if end > now else row | {"status": "COMPLETED", "endTime": stamp(end)}


def usage(fleet: Fleet, index: int, *, times: bool = False) -> Row:
    """What the backups of one device take up; zeros if it has none. *times*: also of its last jobs."""
    found: Row = dict.fromkeys(_SIZES, 0)
    plan = plan_of(fleet, index)
    if plan is None:
        return found
    dice = fleet.chance(index, 221)
    current = int(plan.bytes * dice.uniform(0.45, 0.65))
    parts = current, int(current * dice.uniform(0.1, 0.5)), int(current * dice.uniform(0, 0.08))
    found |= dict(zip(_SIZES, parts, strict=False))
    found["revisionsTotalSize"] = total = sum(parts)
    kind = "ImageV2Size" if plan.type == "IMAGE" else "FileFolderSize"
    for where in ("cloud", "local"):
        if plan.destination in ("HYBRID", where.upper()):
            found |= {where + kind: total, f"{where}TotalSize": total}
    return found | (_last_jobs(fleet, index, plan) if times else {})


def _last_jobs(fleet: Fleet, index: int, plan: Plan) -> Row:
    """When the last good and the last failed job of a plan ended; absent where there was none."""
    ends = {job.status: job.end for job in jobs_of(fleet, index, plan)}
    names = {"COMPLETED": "lastSuccessfulBackupJob", "FAILED": "lastFailedBackupJob"}
    return {name: stamp(ends[status] or 0) for status, name in names.items() if status in ends}


def usage_rows(fleet: Fleet, index: int, *, times: bool) -> list[Row]:
    """The row of queries/backup/usage of one device: the device, its place, and what it takes up."""
    row = device_row(fleet, index, expand=frozenset({"organization", "location"}))
    row["references"]["backupUsage"] = usage(fleet, index, times=times)
    return [row]


def location_usage_rows(fleet: Fleet, organization: Organization) -> list[Row]:
    """What the backups of an organization take up, by location; places without backups have zeros."""
    rows = []
    number = fleet.organizations.index(organization)
    for place in organization.locations:
        here = (fleet.organization == number) & (fleet.location == place.id)
        devices = (here & (fleet.status == APPROVED)).nonzero()[0].tolist()
        parts = [usage(fleet, index, times=True) for index in devices]
        row: Row = {"organizationId": organization.id, "organizationName": organization.name}
        row |= {"locationId": place.id, "locationName": place.name}
        if "description" in (told := location_row(place)):
            row["locationDescription"] = told["description"]
        row |= {name: sum(part[name] for part in parts) for name in _SIZES}
        for name in ("lastSuccessfulBackupJob", "lastFailedBackupJob"):
            ends = [float(bytes(part[name])) for part in parts if name in part]
            row |= {name: stamp(max(ends))} if ends else {}
        rows.append(row)
    return rows
