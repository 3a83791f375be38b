"""The tables of alert_noise: conditions, devices, what flaps, and what lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics.reports.intervals import median_time

if TYPE_CHECKING:
    from ninja_analytics.reports.alerts.report import Noise

LISTED = 300
"""The most rows of a table; what lies beyond is in the numbers above it."""
SLOW_HOURS = 24
_WHO = ["device", "organization", "location"]


def captions(noise: Noise, flap_n: int, heal_minutes: float) -> dict[str, str]:
    """What each table holds, in a sentence."""
    most = f"at most {LISTED} rows"
    return {
        "conditions": f"Conditions by alerts raised ({noise.period.label}; {most}): typical hours "
        "until they end, open ones counted in, and the share that ended by itself within "
        f"{heal_minutes:g} minutes.",
        "devices": f"Devices by alerts raised ({most}), and the condition that raised most of them.",
        "flapping": f"Devices on which a condition was raised {flap_n} times or more within "
        f"{noise.flap_h:g} hours ({most}), the worst first.",
        "slow_alerts": f"Alerts that are open, or took {SLOW_HOURS} hours or more ({most}), the longest "
        'first; "lost" are those that are not active though nothing ended them.',
    }


def tables(noise: Noise, devices: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of the report."""
    who = devices[["device_id", "organization_id", *_WHO]].dropna(subset=["device_id"])
    return {
        "conditions": conditions(noise),
        "devices": by_device(noise, who),
        "flapping": flapping(noise, who),
        "slow_alerts": slow(noise, who),
    }


def conditions(noise: Noise) -> pd.DataFrame:
    """The conditions that raised alerts, the loudest first."""
    raised, series = noise.alerts.raised, noise.alerts.series
    key = raised["condition"].fillna("")
    table = raised.groupby(key).agg(
        name=("name", "first"),
        alerts=("at", "size"),
        devices=("device_id", "nunique"),
        severity=("severity", "first"),
    )
    table["share"] = table["alerts"] / max(len(raised), 1)
    table = table.sort_values(["alerts", "name"], ascending=[False, True], kind="stable")
    table = table.head(LISTED)
    of = series["condition"].fillna("")
    states = pd.crosstab(of, series["state"]).reindex(
        index=table.index, columns=["ended", "open", "lost"], fill_value=0
    )
    cured = pd.crosstab(of, noise.healed).reindex(
        index=table.index, columns=["yes", "no"], fill_value=0
    )
    judged = cured.sum(axis=1)
    told = series[(series["state"] != "lost") & of.isin(table.index)]
    medians = {
        name: median_time(group["hours"], group["state"] == "ended")
        for name, group in told.groupby(told["condition"].fillna(""))
    }
    pairs = noise.pairs[noise.pairs["flaps"]].groupby("condition").size()
    table = table.join(states).assign(
        median_hours=pd.Series(medians, dtype="Float64").reindex(table.index).round(2),
        self_healed_share=(cured["yes"] / judged.where(judged > 0)).astype("Float64"),
        flapping_devices=pairs.reindex(table.index).fillna(0).astype("int64"),
    )
    columns = ["alerts", "share", "devices", "median_hours", "self_healed_share"]
    more = ["flapping_devices", "ended", "open", "lost", "severity", "condition_key"]
    table = table.rename_axis("condition_key").reset_index().rename(columns={"name": "condition"})
    return table[["condition", *columns, *more]]


def to_tune(table: pd.DataFrame, short_hours: float) -> pd.DataFrame:
    """The conditions that are louder than the average one and whose alerts are soon over."""
    loud = table["alerts"] > average(table)
    short = (table["median_hours"] < short_hours).fillna(False).astype(bool)
    return table[loud & short]


def average(table: pd.DataFrame) -> float:
    """How many alerts a condition raises on average."""
    return float(table["alerts"].mean()) if len(table) else 0.0


def by_device(noise: Noise, who: pd.DataFrame) -> pd.DataFrame:
    """The devices with alerts, the loudest first."""
    raised, series = noise.alerts.raised, noise.alerts.series
    pairs = noise.pairs.sort_values(["alerts", "name"], ascending=[False, True], kind="stable")
    table = raised.groupby("device_id").agg(
        alerts=("at", "size"), conditions=("condition", "nunique"), last_at=("at", "max")
    )
    table["per_week"] = (table["alerts"] / noise.weeks).round(2)
    loudest = pairs.drop_duplicates("device_id").set_index("device_id")["name"]
    table["loudest_condition"] = loudest.reindex(table.index)
    still = series[series["state"] == "open"].groupby("device_id").size()
    table["open"] = still.reindex(table.index).fillna(0).astype("int64")
    found = _with(table.reset_index(), who).sort_values(
        ["alerts", "device", "device_id"], ascending=[False, True, True], kind="stable",
        ignore_index=True,
    )  # fmt: skip
    columns = ["alerts", "per_week", "conditions", "loudest_condition", "open", "last_at"]
    return found.head(LISTED)[[*_WHO, *columns, "device_id", "organization_id"]]


def flapping(noise: Noise, who: pd.DataFrame) -> pd.DataFrame:
    """The devices and conditions that flap, the worst first."""
    bad = noise.pairs[noise.pairs["flaps"]].drop(columns="condition")
    bad = _with(bad.rename(columns={"name": "condition"}), who).sort_values(
        ["most", "alerts", "device", "condition", "device_id"],
        ascending=[False, False, True, True, True], kind="stable", ignore_index=True,
    )  # fmt: skip
    columns = [*_WHO, "condition", "most", "alerts", "first_at", "last_at"]
    return bad.head(LISTED)[[*columns, "device_id", "organization_id"]]


def slow(noise: Noise, who: pd.DataFrame) -> pd.DataFrame:
    """The alerts that are open or took long, the longest first."""
    series = noise.alerts.series
    long = (series["state"] == "open") | (series["hours"] >= SLOW_HOURS)
    bad = series[long].sort_values(["hours", "series_uid"], ascending=[False, True], kind="stable")
    bad = bad.head(LISTED).drop(columns="condition").rename(columns={"name": "condition"})
    bad = _with(bad.rename(columns={"at": "raised_at"}), who).assign(
        hours=bad["hours"].round(1).to_numpy()
    )
    columns = [*_WHO, "condition", "state", "hours", "raised_at", "ended_at", "acknowledged"]
    return bad[[*columns, "series_uid", "device_id", "organization_id"]].reset_index(drop=True)


def _with(rows: pd.DataFrame, who: pd.DataFrame) -> pd.DataFrame:
    """The rows with the names of their devices; a device that nobody lists has its id."""
    found = rows.merge(who, how="left", on="device_id")
    number = "device " + found["device_id"].astype("str")
    return found.assign(
        device=found["device"].fillna(number).fillna("no device"),
        organization=found["organization"].fillna("not known"),
    )
