"""The tables of activity_audit: actors, failures, changes, remote sessions, and families by day."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.audit.families import NAMES
from ninja_analytics.reports.audit.log import Log, actor, with_texts

LISTED = 300
"""The most rows of a table; what lies beyond is in the numbers above it."""
_WHERE = ["device", "organization"]
_IDS = ["device_id", "organization_id"]


def captions(period: Period) -> dict[str, str]:
    """What each table holds, in a sentence."""
    most = f"at most {LISTED} rows"
    return {
        "actors": f"Who did something ({period.label}; {most}), the busiest first; the system is what "
        "no user is behind.",
        "failures": f"What failed on which device ({most}), the most frequent first, with the last "
        "message.",
        "changes": f"Changes of policies, permissions, configuration and devices ({most}), the latest "
        "first.",
        "remote_sessions": f"Remote sessions that began ({most}), the latest first.",
        "families_by_day": f"Activities by family and day (days of {period.tz}).",
    }


def tables(
    frames: Mapping[str, pd.DataFrame],
    found: Log,
    devices: pd.DataFrame,
    period: Period,
    bad: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """The tables of the report; *bad* is all that failed."""
    who = _who(devices)
    return {
        "actors": actors(found),
        "failures": bad.head(LISTED),
        "changes": latest(frames, found, found.of("changes"), who),
        "remote_sessions": latest(frames, found, found.of("access", "remote session"), who),
        "families_by_day": by_day(found, period),
    }


def actors(found: Log) -> pd.DataFrame:
    """Who did how much of what; the system in one row."""
    rows = found.rows
    flags = pd.DataFrame(
        {
            "activities": 1,
            "remote_sessions": found.of("access", "remote session"),
            "changes": found.of("changes"),
            "failed": rows["outcome"] == "failed",
            "failed_logins": found.of("access", "failed login"),
        }
    ).astype("int64")
    user = rows["user_id"].rename("user_id")
    counts = flags.groupby(user, dropna=False).sum()
    by_user = rows.groupby(user, dropna=False)
    counts["devices"], counts["last_at"] = by_user["device_id"].nunique(), by_user["at"].max()
    table = counts.reset_index()
    table["actor"] = actor(table["user_id"], found.people)
    table = table.sort_values(
        ["activities", "actor", "user_id"], ascending=[False, True, True], kind="stable",
        ignore_index=True,
    )  # fmt: skip
    columns = ["actor", *flags.columns, "devices", "last_at", "user_id"]
    return table.head(LISTED)[columns]


def _who(devices: pd.DataFrame) -> pd.DataFrame:
    return devices[["device_id", "organization_id", *_WHERE]].dropna(subset=["device_id"])


def failures(frames: Mapping[str, pd.DataFrame], found: Log, devices: pd.DataFrame) -> pd.DataFrame:
    """What failed on each device, with how often, when last and the message of then."""
    rows = found.rows[found.rows["outcome"] == "failed"]
    bad = with_texts(frames, rows).sort_values(["at", "place"], kind="stable")
    bad = bad.assign(family=bad["family"].astype("str"))
    table = (
        bad.groupby(["device_id", "family", "what"], dropna=False)
        .agg(failures=("at", "size"), last_at=("at", "last"), message=("message", "last"))
        .reset_index()
    )
    table = named(table, _who(devices)).sort_values(
        ["failures", "last_at", "device", "what"], ascending=[False, False, True, True],
        kind="stable", ignore_index=True,
    )  # fmt: skip
    columns = [*_WHERE, "family", "what", "failures", "last_at", "message", *_IDS]
    return table[columns]


def latest(
    frames: Mapping[str, pd.DataFrame], found: Log, there: pd.Series, who: pd.DataFrame
) -> pd.DataFrame:
    """The latest activities of some kinds: when, who, what, where."""
    rows = found.rows[there].sort_values(["at", "place"], ascending=False, kind="stable")
    rows = with_texts(frames, rows.head(LISTED)).reset_index(drop=True)
    rows = named(rows, who).assign(
        actor=actor(rows["user_id"], found.people),
        kind=rows["kind"].astype("str"),
        code=rows["code"].astype("str"),
    )
    rows["device"] = rows["device"].where(rows["device_id"].notna(), "")
    rows["organization"] = rows["organization"].where(rows["device_id"].notna(), "")
    columns = ["at", "actor", "kind", "status", *_WHERE, "message", "code", "user_id", *_IDS]
    return rows[columns]


def by_day(found: Log, period: Period) -> pd.DataFrame:
    """Activities of each day that had any, a column per family that occurs."""
    rows = found.rows
    day = rows["at"].dt.tz_convert(period.tz).dt.tz_localize(None).dt.normalize()
    counts = rows.groupby([day.rename("day"), rows["family"]], observed=True).size().unstack()
    counts = counts.fillna(0).astype("int64")
    order = [name for name in NAMES if name in counts]
    mine = sorted(str(name) for name in counts.columns if name not in NAMES)
    counts = counts[[*mine, *order]]
    counts.columns = pd.Index([*mine, *order], dtype="str")
    counts.insert(0, "activities", counts.sum(axis=1))
    days = pd.DatetimeIndex(counts.index).strftime("%Y-%m-%d")
    return counts.reset_index().assign(day=days.astype("str"))


def named(rows: pd.DataFrame, who: pd.DataFrame) -> pd.DataFrame:
    """The rows with the names of their devices; a device that nobody lists has its id."""
    found = rows.merge(who, how="left", on="device_id")
    number = "device " + found["device_id"].astype("str")
    return found.assign(
        device=found["device"].fillna(number).fillna("no device"),
        organization=found["organization"].fillna("not known"),
    )
