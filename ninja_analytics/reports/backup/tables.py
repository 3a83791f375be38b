"""The tables of backup_health: who is not covered, who is late, what keeps failing, and the space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.backup.jobs import STATES
from ninja_analytics.reports.making import Asked

if TYPE_CHECKING:
    from ninja_analytics.reports.backup.report import Found

_WHO = ["device", "organization", "location", "node_class"]


def captions(period: Period, coverage_days: float, integrity_days: float) -> dict[str, str]:
    """What each table holds, in a sentence."""
    return {
        "uncovered_devices": "Eligible devices without a completed job of NinjaOne Backup in the last "
        f"{coverage_days:g} days; another product may cover them.",
        "rpo_breaches": "Eligible devices with backup jobs whose last good backup is older than it "
        "should be, the oldest first; those of which none is known come first.",
        "failing_runs": f"Plans whose last finished job failed ({period.label}): how many in a row "
        "failing now, the most in a row, and when one was good.",
        "unverified_images": f"Devices with images and without a good integrity check in the last "
        f"{integrity_days:g} days.",
        "storage_by_organization": "What backups of the managed devices asked for take up, in the "
        "cloud and on site; a hybrid backup is in both.",
        "jobs_by_day": f"Backup jobs by the day on which they ended ({period.label}, days of "
        f"{period.tz}).",
    }


def tables(ask: Asked, found: Found) -> dict[str, pd.DataFrame]:
    """The tables of the report; empty where the jobs could not be read."""
    there = ask.has("backup_jobs")
    eligible = found.eligible if there else found.eligible.iloc[:0]
    images = found.images if ask.has("integrity_check_jobs") else found.images.iloc[:0]
    return {
        "uncovered_devices": uncovered(eligible),
        "rpo_breaches": late(eligible),
        "failing_runs": failing(found.plans, ask.people.managed),
        "unverified_images": unverified(images),
        "storage_by_organization": storage(found.usage),
        "jobs_by_day": by_day(found.jobs, found.period),
    }


def uncovered(eligible: pd.DataFrame) -> pd.DataFrame:
    """Eligible devices without a completed job, those that try and fail first."""
    bare = eligible[~eligible["covered"]]
    tried = bare["jobs"].astype("str") + " jobs, none completed"
    bare = bare.assign(why=tried.where(bare["jobs"] > 0, "no backup job"))
    bare = bare.sort_values(
        ["jobs", "organization", "device", "device_id"], ascending=[False, True, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    more = ["why", "jobs", "failed", "last_success_at", "device_id", "organization_id"]
    return bare[[*_WHO, *more]]


def late(eligible: pd.DataFrame) -> pd.DataFrame:
    """Eligible devices whose last good backup is too old, the oldest first."""
    bad = eligible[eligible["rpo"].eq("fail").fillna(False).astype(bool)]
    age = bad["age_hours"].round(1)
    told = "last good backup " + _ago(bad["age_hours"]) + " ago"
    bad = bad.assign(age_hours=age, why=told.fillna("no good backup known"))
    bad = bad.sort_values(
        ["age_hours", "device", "device_id"], ascending=[False, True, True], kind="stable",
        na_position="first", ignore_index=True,
    )  # fmt: skip
    more = ["why", "age_hours", "target_hours", "last_success_at", "jobs", "failed"]
    return bad[[*_WHO, *more, "device_id", "organization_id"]]


def _ago(hours: pd.Series) -> pd.Series:
    """So many hours as people say it: hours for two days, then days."""
    days = np.floor(hours / 24).astype("Int64").astype("str") + " days"
    short = hours.round(1).astype("str") + " hours"
    told: pd.Series = days.where(hours >= 48, short).where(hours.notna())
    return told


def failing(plans: pd.DataFrame, managed: pd.DataFrame) -> pd.DataFrame:
    """Plans whose last finished job failed, the longest run first."""
    bad = plans[plans["failing"] > 0].drop(columns="plan").rename(columns={"plan_name": "plan"})
    who = managed[["device_id", "organization_id", *_WHO]].dropna(subset=["device_id"])
    bad = bad.merge(who, how="left", on="device_id").sort_values(
        ["failing", "longest", "device", "plan", "device_id"],
        ascending=[False, False, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    numbers = ["failing", "longest", "failed", "finished"]
    bad[numbers] = bad[numbers].astype("int64")
    columns = ["device", "organization", "location", "plan", *numbers]
    return bad[[*columns, "last_completed_at", "last_failed_at", "device_id", "organization_id"]]


def unverified(images: pd.DataFrame) -> pd.DataFrame:
    """Devices with images whose last check failed or that have none, the failed ones first."""
    bad = images[images["integrity"] == "fail"]
    bad = bad.assign(rank=(bad["last_check"] != "failed").astype("int64")).sort_values(
        ["rank", "organization", "device", "device_id"], kind="stable", ignore_index=True
    )
    more = ["last_check", "last_good_check_at", "last_success_at", "device_id", "organization_id"]
    return bad[[*_WHO, *more]]


def storage(usage: pd.DataFrame) -> pd.DataFrame:
    """What the backups of each organization take up, the largest first."""
    sizes = ["cloud_bytes", "local_bytes", "revisions_bytes"]
    filled = usage[sizes].fillna(0).astype("int64")
    total = filled["cloud_bytes"] + filled["local_bytes"]
    keys = [usage["organization_id"], usage["organization"]]
    table = (
        filled.assign(devices=(total > 0).astype("int64"), total_bytes=total)
        .groupby(keys, dropna=False)
        .sum()
        .reset_index()
    )
    table = table[table["total_bytes"] > 0].sort_values(
        ["total_bytes", "organization"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return table[["organization", "devices", "total_bytes", *sizes, "organization_id"]]


def by_day(made: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Jobs of each day of the period that had any, by how they ended."""
    there = made[period.contains(made["at"])]
    day = there["at"].dt.tz_convert(period.tz).dt.strftime("%Y-%m-%d").rename("day")
    counts = pd.crosstab(day, there["state"]).reindex(columns=list(STATES), fill_value=0)
    counts = counts.astype("int64").rename_axis(columns=None).reset_index()
    return counts.astype({"day": "str"})
