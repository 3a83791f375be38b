"""The KPIs over time, each written once over lazy frames, whatever computes them.

A formula gets one lazy frame per table, with `snapshot_at` (of events: when they were recorded)
beside the columns of the catalogue and with words as plain text, and gives one lazy frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import narwhals.stable.v2 as nw

from ninja_analytics.errors import UsageError
from ninja_analytics.reports.patching.patches import (
    DEFENDER,
    EVIDENCE_DAYS,
    EXCEPTED,
    LEFT_OUT,
    OPEN,
    milder_than,
    words_for,
)
from ninja_analytics.reports.patching.states import SCANNED
from ninja_analytics.reports.population import CLASS_GROUPS, COMPUTERS

Lazy = nw.LazyFrame[Any]
Frames = Mapping[str, Lazy]

_COMPUTERS = tuple(one for group in COMPUTERS for one in CLASS_GROUPS[group])


def installs(frames: Frames) -> Lazy:
    """Devices and rows per snapshot, product and version."""
    of = ("snapshot_at", "name", "version")
    per_device = frames["software"].group_by(*of, "device_id").agg(nw.len().alias("rows"))
    known = (~nw.col("device_id").is_null()).cast(nw.Int64)
    counted = per_device.with_columns(known.alias("devices"))
    return counted.group_by(*of).agg(nw.col("devices").sum(), nw.col("rows").sum())


def compliance(frames: Frames, *, severity: str | None = None, active_days: float = 30) -> Lazy:
    """Devices that pass, fail, are excepted or unknown, per snapshot and organization.

    Patches milder than *severity* do not count; those of unknown severity do.
    """
    eligible = _eligible(frames["devices"], active_days)
    device = ["snapshot_at", "device_id"]
    judged = (
        eligible.join(_patches(frames["os_patches"], severity), on=device, how="left")
        .join(_seen(frames, eligible), on=device, how="left")
        .with_columns(nw.col("failing", "excepted", "listed", "seen").fill_null(0))
    )
    failing, excepted = nw.col("failing") == 1, nw.col("excepted") == 1
    known = (nw.col("listed") == 1) | (nw.col("seen") == 1)
    states = {
        "failed": failing,
        "exceptions": ~failing & excepted,
        "passed": ~failing & ~excepted & known,
        "unknown": ~failing & ~excepted & ~known,
    }
    counted = judged.with_columns(
        *(state.cast(nw.Int64).alias(name) for name, state in states.items()),
        nw.lit(1).alias("eligible"),
    )
    sums = [nw.col(name).sum() for name in (*states, "eligible")]
    judged_devices = nw.col("passed") + nw.col("failed")
    return (
        counted.group_by("snapshot_at", "organization_id")
        .agg(*sums)
        .with_columns(
            nw.col("snapshot_at").dt.truncate("1d").alias("day"),
            _share(nw.col("passed"), judged_devices).alias("share"),
        )
    )


def _eligible(devices: Lazy, active_days: float) -> Lazy:
    """Approved computers that were heard of lately; of a device with several rows one of them."""
    number = isinstance(active_days, int | float) and not isinstance(active_days, bool)
    if not number or not active_days > 0:
        raise UsageError(f"active_days is {active_days!r}, but must be a number above 0, e.g. 30.")
    heard = nw.col("last_contact_at") >= nw.col("snapshot_at") - timedelta(days=active_days)
    return (
        devices.filter(
            nw.col("approval_status") == "APPROVED",
            nw.col("node_class").is_in(_COMPUTERS),
            ~nw.col("device_id").is_null(),
            heard,
        )
        .group_by("snapshot_at", "device_id")
        .agg(nw.col("organization_id").max())
    )


def _patches(patches: Lazy, severity: str | None) -> Lazy:
    """Per snapshot and device whether an open or an excepted patch is among its rows."""
    status, kind, grave = (
        nw.col(name).str.to_uppercase().fill_null("") for name in ("status", "type", "severity")
    )
    counts = (
        ~kind.is_in(LEFT_OUT)
        & (nw.col("kb_number").fill_null("") != DEFENDER)
        & ~grave.is_in(words_for(milder_than(severity)))
    )
    flags = {"failing": counts & status.is_in(OPEN), "excepted": counts & status.is_in(EXCEPTED)}
    return (
        patches.filter(~nw.col("device_id").is_null())
        .with_columns(*(flag.cast(nw.Int64).alias(name) for name, flag in flags.items()))
        .with_columns(nw.lit(1).alias("listed"))
        .group_by("snapshot_at", "device_id")
        .agg(*(nw.col(name).max() for name in (*flags, "listed")))
    )


def _seen(frames: Frames, eligible: Lazy) -> Lazy:
    """The eligible devices whose patching was heard of in the days before the snapshot."""
    scans = frames["activities"].filter(nw.col("status_code") == SCANNED)
    recorded = nw.col("snapshot_at").alias("recorded_at")
    heard = nw.concat(
        [
            one.select("device_id", recorded, nw.col(at).alias("at"))
            for one, at in ((frames["os_patch_installs"], "installed_at"), (scans, "activity_at"))
        ]
    )
    # One row a day is little to join, and exact: no day sticks out at both ends of the window.
    days = (
        heard.filter(~nw.col("device_id").is_null(), ~nw.col("at").is_null())
        .with_columns(nw.col("at").dt.truncate("1d").alias("heard_on"))
        .group_by("device_id", "recorded_at", "heard_on")
        .agg(nw.col("at").min().alias("first"), nw.col("at").max().alias("last"))
    )
    since = nw.col("snapshot_at") - timedelta(days=EVIDENCE_DAYS)
    return (
        eligible.select("snapshot_at", "device_id")
        .join(days, on="device_id", how="inner")
        .filter(
            nw.col("last") >= since,
            nw.col("first") <= nw.col("snapshot_at"),
            nw.col("recorded_at") <= nw.col("snapshot_at"),
        )
        .with_columns(nw.lit(1).alias("seen"))
        .group_by("snapshot_at", "device_id")
        .agg(nw.col("seen").max())
    )


def free_space(frames: Frames) -> Lazy:
    """Capacity and free space per volume and day on which it was looked at."""
    key = ("device_id", "name", "drive_letter", "day")
    volumes = (
        frames["volumes"]
        .filter(~nw.col("device_id").is_null(), ~nw.col("collected_at").is_null())
        .with_columns(
            nw.col("collected_at").dt.truncate("1d").alias("day"),
            # Missing names do not join, so they are none for the time being.
            nw.col("name", "drive_letter").fill_null(""),
        )
    )
    last = volumes.group_by(*key).agg(nw.col("collected_at").max())
    found = (
        volumes.join(last, on=[*key, "collected_at"], how="inner")
        .group_by(*key, "collected_at")
        .agg(nw.col("capacity_bytes").max(), nw.col("free_bytes").min())
    )
    text = [
        nw.when(nw.col(name) != "").then(nw.col(name)).alias(name)
        for name in ("name", "drive_letter")
    ]
    share = _share(nw.col("free_bytes"), nw.col("capacity_bytes"))
    return found.with_columns(*text, share.alias("free_share"))


def _share(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """*part* of *whole*; missing where there is nothing to divide by."""
    return nw.when(whole > 0).then(part.cast(nw.Float64) / whole.cast(nw.Float64))
