"""What the backup jobs say: how each ended, what each device has, and how long plans have been failing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.population import read

_TIME = "datetime64[us, UTC]"
_JOB = {
    "job_id": "str",
    "device_id": "Int64",
    "started_at": _TIME,
    "ended_at": _TIME,
    "job_status": "str",
    "plan_name": "str",
    "plan_type": "str",
    "plan_uid": "str",
}
_USAGE = {
    "device_id": "Int64",
    "cloud_bytes": "Int64",
    "local_bytes": "Int64",
    "revisions_bytes": "Int64",
    "last_success_at": _TIME,
}
STATES = ("completed", "failed", "canceled", "running", "unknown")
_STATE_OF = {
    "COMPLETED": "completed",
    "FAILED": "failed",
    "CANCELED": "canceled",
    "RUNNING": "running",
    "PROCESSING": "running",
}


def jobs(
    frames: Mapping[str, pd.DataFrame], devices: pd.DataFrame, *, table: str = "backup_jobs"
) -> pd.DataFrame:
    """The jobs of *devices* with their `state` (one of STATES), `plan`, and `at`: the end, else the start."""
    found = read(frames, table, _JOB)
    found = found[found["device_id"].isin(devices["device_id"].dropna())]
    found = found[~(found["job_id"].duplicated(keep="last") & found["job_id"].notna())]
    state = found["job_status"].str.upper().map(_STATE_OF).astype("str").fillna("unknown")
    return found.assign(
        state=state,
        at=found["ended_at"].fillna(found["started_at"]),
        plan=found["plan_uid"].fillna(found["plan_name"]).fillna(""),
        plan_name=found["plan_name"].fillna("not named"),
    )


def job_times(frames: Mapping[str, pd.DataFrame]) -> pd.Series:
    """When each backup job of anybody ended, or else began."""
    found = read(frames, "backup_jobs", {name: _JOB[name] for name in ("ended_at", "started_at")})
    return found["ended_at"].fillna(found["started_at"])


def usage(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What the backups of each device take up, one row per device."""
    found = read(frames, "backup_usage", _USAGE).dropna(subset=["device_id"])
    return found.drop_duplicates("device_id")


def within(made: pd.DataFrame, now: pd.Timestamp, days: float) -> pd.DataFrame:
    """The jobs of the last *days* before *now*."""
    return made[made["at"].between(now - pd.Timedelta(days=days), now)]


def with_backups(
    devices: pd.DataFrame,
    made: pd.DataFrame,
    used: pd.DataFrame,
    *,
    now: pd.Timestamp,
    coverage_days: float,
    targets: Mapping[str, float],
) -> pd.DataFrame:
    """The devices with what is known of their backups.

    `jobs` of the last *coverage_days* and how many were `completed` and `failed`, `covered`,
    `last_success_at` by jobs and usage, `age_hours`, `target_hours` by class group (*targets*), and
    `rpo`: "pass", "fail", "unknown" without a target, missing for a device without jobs.
    """
    recent = within(made, now, coverage_days)
    counts = pd.crosstab(recent["device_id"], recent["state"]).reindex(
        columns=list(STATES), fill_value=0
    )
    good = made[(made["state"] == "completed") & (made["at"] <= now)]
    told = pd.DataFrame(
        {
            "jobs": counts.sum(axis=1),
            "completed": counts["completed"],
            "failed": counts["failed"],
        }
    )
    found = devices.merge(told, how="left", left_on="device_id", right_index=True)
    numbers = ["jobs", "completed", "failed"]
    found[numbers] = found[numbers].fillna(0).astype("int64")
    by_job = _of(found["device_id"], good.groupby("device_id")["at"].max())
    by_usage = _of(found["device_id"], used.set_index("device_id")["last_success_at"])
    by_usage = by_usage.where(by_usage <= now)
    last = by_job.where(by_usage.isna() | (by_job >= by_usage), by_usage)
    target = found["class_group"].map(dict(targets)).astype("Float64")
    age = ((now - last).dt.total_seconds() / 3600).astype("Float64")
    kept = np.select(
        [found["jobs"] == 0, target.isna(), (age <= target).fillna(False).astype(bool)],
        ["", "unknown", "pass"],
        "fail",
    )
    return found.assign(
        covered=found["completed"] > 0,
        last_success_at=last,
        age_hours=age,
        target_hours=target,
        rpo=pd.Series(kept, index=found.index, dtype="str").replace("", pd.NA),
    )


def _of(device_ids: pd.Series, told: pd.Series) -> pd.Series:
    """What is *told* by device id, for each of *device_ids*; a map would lose the dtype of nothing."""
    return told.reindex(pd.Index(device_ids)).set_axis(device_ids.index)


def plans(made: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Every plan of a device that had jobs in the *period*, with its runs of failures.

    device_id, plan, plan_name, finished (completed or failed), failed, failing (how many failed since
    the last completed one), longest (the most in a row), last_completed_at, last_failed_at.
    """
    there = made[period.contains(made["at"])]
    there = there.sort_values(["device_id", "plan", "at", "job_id"], kind="stable")
    pair = [there["device_id"], there["plan"]]
    good, bad = there["state"] == "completed", there["state"] == "failed"
    block = good.groupby(pair).cumsum()
    run = bad.groupby([*pair, block.rename("block")]).sum()
    runs = run.groupby(level=[0, 1])
    whole = there.assign(
        finished=(good | bad).astype("int64"),
        failed=bad.astype("int64"),
        last_completed_at=there["at"].where(good),
        last_failed_at=there["at"].where(bad),
    )
    found = whole.groupby(["device_id", "plan"]).agg(
        plan_name=("plan_name", "last"),
        finished=("finished", "sum"),
        failed=("failed", "sum"),
        last_completed_at=("last_completed_at", "max"),
        last_failed_at=("last_failed_at", "max"),
    )
    found["failing"], found["longest"] = runs.last(), runs.max()
    return found.reset_index()


def checked(
    devices: pd.DataFrame,
    made: pd.DataFrame,
    checks: pd.DataFrame,
    *,
    now: pd.Timestamp,
    coverage_days: float,
    integrity_days: float,
) -> pd.DataFrame:
    """Those of *devices* with a completed image, and whether the last finished check of it was good.

    `integrity`: "pass", "fail" (it failed, or there was none), "unknown" while the first one runs.
    """
    recent = within(made, now, coverage_days)
    image = (recent["state"] == "completed") & (recent["plan_type"].str.upper() == "IMAGE")
    found = devices[devices["device_id"].isin(recent.loc[image, "device_id"])]
    looked = within(checks, now, integrity_days).sort_values(["at", "job_id"], kind="stable")
    over = looked[looked["state"].isin(["completed", "failed"])].drop_duplicates(
        "device_id", keep="last"
    )
    last = _of(found["device_id"], over.set_index("device_id")["state"])
    begun = found["device_id"].isin(looked.loc[looked["state"] == "running", "device_id"])
    state = last.map({"completed": "pass", "failed": "fail"}).astype("str")
    good = checks[(checks["state"] == "completed") & (checks["at"] <= now)]
    return found.assign(
        integrity=state.mask(state.isna() & begun, "unknown").fillna("fail"),
        last_check=last.fillna("none").mask(last.isna() & begun, "running"),
        last_good_check_at=_of(found["device_id"], good.groupby("device_id")["at"].max()),
    )
