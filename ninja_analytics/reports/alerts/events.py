"""What the activity log says of alerts: each one raised, when it ended, and which ones flap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ninja_analytics.periods import Period
from ninja_analytics.reports.population import read

CODES = ("TRIGGERED", "RESET", "ACKNOWLEDGED")
"""The status codes of activities that tell of an alert."""
_TIME = "datetime64[us, UTC]"
_ACTIVITY = {
    "activity_id": "Int64",
    "activity_at": _TIME,
    "device_id": "Int64",
    "status_code": "str",
    "severity": "str",
    "series_uid": "str",
    "source_config_uid": "str",
    "source_name": "str",
}
_ALERT = {"alert_uid": "str", "device_id": "Int64"}
NOT_NAMED = "not named"
_NEVER = np.iinfo("int64").max


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts of a period, as the activity log has them.

    `raised` has a row per trigger: at, device_id, condition (what tells conditions apart), name,
    severity, series_uid. `series` has a row per alert with a series: series_uid, device_id,
    condition, name, at, ended_at, acknowledged, hours (until it ended, or as yet), and state: "ended",
    "open", or "lost" for one that is not active now though nothing ended it. `active` are the alerts
    that are active now.
    """

    raised: pd.DataFrame
    series: pd.DataFrame
    active: pd.DataFrame


def alerts(
    frames: Mapping[str, pd.DataFrame],
    period: Period,
    *,
    now: pd.Timestamp,
    device_ids: pd.Series | None,
) -> Alerts:
    """The alerts of the *period* on the devices of *device_ids* (None: on all, also unlisted ones)."""
    log = _log(frames)
    log = log[log["activity_at"] <= now]
    active = read(frames, "alerts", _ALERT)
    active = active[~(active["alert_uid"].duplicated() & active["alert_uid"].notna())]
    begun = (log["status_code"] == "TRIGGERED") & period.contains(log["activity_at"])
    raised = _named(log[begun].rename(columns={"activity_at": "at"}))
    if device_ids is not None:
        known = device_ids.dropna()
        raised = raised[raised["device_id"].isin(known)]
    standing = active["alert_uid"] if "alerts" in frames else None
    series = _series(raised, log, standing, now)
    if device_ids is not None:
        active = active[active["device_id"].isin(known)]
    return Alerts(raised.reset_index(drop=True), series, active)


def _log(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The activities about alerts. The log may be huge: rows are chosen before they are copied."""
    frame = frames.get("activities")
    if frame is not None and "status_code" in frame:
        wanted = frame["status_code"].isin(CODES)
        frame = frame.loc[wanted, [name for name in _ACTIVITY if name in frame]]
        frames = {"activities": frame}
    log = read(frames, "activities", _ACTIVITY)
    log = log[~(log["activity_id"].duplicated() & log["activity_id"].notna())]
    # A number for each series: there may be a million, and texts are slow to look up.
    return log.assign(number=pd.factorize(log["series_uid"])[0])


def _named(raised: pd.DataFrame) -> pd.DataFrame:
    """The triggers with what tells their conditions apart, and one name for each condition."""
    condition = raised["source_config_uid"].fillna(raised["source_name"])
    name = raised["source_name"].groupby(condition).first().reindex(pd.Index(condition))
    return raised.assign(
        condition=condition, name=name.set_axis(raised.index).fillna(condition).fillna(NOT_NAMED)
    )


def _series(
    raised: pd.DataFrame, log: pd.DataFrame, standing: pd.Series | None, now: pd.Timestamp
) -> pd.DataFrame:
    """A row per alert: from its first trigger to the first reset after that."""
    columns = ["number", "series_uid", "device_id", "condition", "name", "at"]
    first = raised.loc[raised["number"] >= 0, [*columns, "activity_id"]]
    first = first.sort_values(["number", "at", "activity_id"], kind="stable")
    series = first.drop_duplicates("number")[columns].reset_index(drop=True)
    begins = np.full(int(log["number"].max()) + 1 if len(log) else 0, _NEVER)
    begins[series["number"]] = series["at"].astype("int64")
    ended, seen = (
        _first(log[log["status_code"] == code], begins, series["number"])
        for code in ("RESET", "ACKNOWLEDGED")
    )
    there = standing is None or series["series_uid"].isin(standing.dropna()).to_numpy()
    state = np.where(ended.notna(), "ended", np.where(there, "open", "lost"))
    return series.drop(columns="number").assign(
        ended_at=ended,
        acknowledged=seen.notna() & (ended.isna() | (seen <= ended)),
        hours=(ended.fillna(now) - series["at"]).dt.total_seconds() / 3600,
        state=state,
    )


def _first(rows: pd.DataFrame, begins: np.ndarray, numbers: pd.Series) -> pd.Series:
    """The time of the first of *rows* in each of the series, by number, once it has begun."""
    rows = rows[rows["number"] >= 0]
    number, at = rows["number"].to_numpy(), rows["activity_at"].astype("int64").to_numpy()
    late = at >= begins[number]
    found = np.full(len(begins), _NEVER)
    np.minimum.at(found, number[late], at[late])
    told = found[numbers]
    told[told == _NEVER] = np.iinfo("int64").min  # no time
    return pd.Series(told.view("M8[us]"), index=numbers.index).dt.tz_localize("UTC")


def flapping(raised: pd.DataFrame, *, times: int, hours: float) -> pd.DataFrame:
    """Every pair of a device and a condition, with the most triggers within so many *hours*.

    device_id, condition, name, alerts, most, first_at, last_at, flaps (at least *times* of them).
    """
    there = raised.dropna(subset=["device_id", "condition"])
    there = there.assign(pair=there.groupby(["device_id", "condition"], sort=False).ngroup())
    there = there.sort_values(["pair", "at"], kind="stable")
    moment = there["at"].astype("int64").to_numpy()
    window = int(hours * 3_600_000_000)
    if len(moment):
        # One line of time per pair, each so far behind the last that no window reaches across.
        moment = moment - moment.min()
        moment = moment + there["pair"].to_numpy() * (moment.max() + window + 1)
    begins = np.searchsorted(moment, moment - window, side="left")
    there["most"] = np.arange(1, len(moment) + 1) - begins
    found = (
        there.groupby("pair")
        .agg(
            device_id=("device_id", "first"),
            condition=("condition", "first"),
            name=("name", "first"),
            alerts=("at", "size"),
            most=("most", "max"),
            first_at=("at", "min"),
            last_at=("at", "max"),
        )
        .reset_index(drop=True)
    )
    return found.assign(flaps=found["most"] >= times)


def healed(series: pd.DataFrame, *, minutes: float) -> pd.Series:
    """Whether each alert ended by itself within so many *minutes*: "yes", "no" or "unknown"."""
    short = series["hours"] * 60 < minutes
    ended, lost = series["state"] == "ended", series["state"] == "lost"
    yes = ended & short & ~series["acknowledged"]
    unknown = lost | (series["state"].eq("open") & short & ~series["acknowledged"])
    told = np.select([yes.to_numpy(), unknown.to_numpy()], ["yes", "unknown"], "no")
    return pd.Series(told, index=series.index, dtype="str")


def clock(raised: pd.DataFrame, span: Period, names: Sequence[str]) -> pd.DataFrame:
    """Alerts an hour by weekday (rows, by their *names*) and hour of the day (columns) in a span's zone.

    A period has more of some weekdays than of others, so the alerts of each are held against how many
    hours of it there were; missing where there was none.
    """
    quarters = pd.date_range(span.start, span.end, freq="15min", inclusive="left")
    counts = _by_clock(raised["at"], span.tz)
    hours = _by_clock(pd.Series(quarters), span.tz) / 4
    mean = counts / hours.where(hours > 0)
    mean = mean.round(1 if mean.max().max() >= 1 else 2).set_axis(list(names), axis=0)
    return mean.set_axis([f"{hour:02}" for hour in range(24)], axis=1)


def _by_clock(at: pd.Series, tz: str) -> pd.DataFrame:
    local = at.dt.tz_convert(tz)
    counts = pd.crosstab(local.dt.day_of_week, local.dt.hour)
    return counts.reindex(index=range(7), columns=range(24), fill_value=0)
