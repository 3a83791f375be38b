"""The requests made: how many went when and what became of them, as a chart and per day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports.report import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The longest time that is shown in spans of each length, and how such a span is called.
_SPANS = (
    (pd.Timedelta(hours=3), "1min", "minute"),
    (pd.Timedelta(days=7), "1h", "hour"),
    (pd.Timedelta.max, "1D", "day"),
)


def requests_over_time(usage: pd.DataFrame) -> Chart:
    """Requests per minute, hour or day, by whether they were answered, slowed down (429) or failed.

    *usage* has the columns requested_at and status, as `Ninja.usage` gives them.
    """
    times = usage["requested_at"]
    lasts = times.max() - times.min() if len(usage) else pd.Timedelta(0)
    every, span = next((every, span) for longest, every, span in _SPANS if lasts <= longest)
    data = _counts(usage, every)

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.counts_over_time(
            data, every=every, marks=kinds.ANSWER, ylabel=f"Requests per {span}",
            nothing="No requests", ax=ax,
        )  # fmt: skip

    alt = "No requests."
    if len(usage):
        answered, slowed_down, failed = (int(data[name].sum()) for name in kinds.ANSWER)
        alt = (
            f"Upright bars of requests per {span} from {times.min():%Y-%m-%d %H:%M} to "
            f"{times.max():%Y-%m-%d %H:%M} UTC: {answered:,} answered, {slowed_down:,} slowed down "
            f"(429), {failed:,} failed. The most in one {span} are {data.sum(axis=1).max():,}."
        )
    return Chart(f"Requests per {span}", alt, draw)


def per_day(usage: pd.DataFrame) -> pd.DataFrame:
    """Requests of each day in UTC: all, failed, slowed down (429), the most in a minute, bytes.

    requested_on, requests, failed, slowed_down, busiest_minute (minutes of the clock), size_bytes.
    """
    at, became = usage["requested_at"], _became(usage)
    counted = pd.DataFrame(
        {
            "requested_on": at.dt.floor("D"),
            "requests": 1,
            "failed": (became == "failed").astype(int),
            "slowed_down": (became == "slowed_down").astype(int),
            "size_bytes": usage["size_bytes"],
        }
    )
    days = counted.groupby("requested_on", as_index=False).sum()
    minutes = at.dt.floor("min").value_counts()
    busiest = minutes.groupby(minutes.index.floor("D")).max()
    days.insert(4, "busiest_minute", days["requested_on"].map(busiest))
    return days.astype(dict.fromkeys(days.columns[1:], "Int64"))


def _counts(usage: pd.DataFrame, every: str) -> pd.DataFrame:
    """Requests per span in which there were any, by what became of them."""
    counts = pd.crosstab(usage["requested_at"].dt.floor(every), _became(usage))
    return counts.reindex(columns=list(kinds.ANSWER), fill_value=0)


def _became(usage: pd.DataFrame) -> pd.Series[str]:
    """What became of each request: a word of ANSWER."""
    status = usage["status"]
    became = pd.Series("failed", index=usage.index, dtype="str")
    became = became.mask(status.between(200, 299).astype(bool), "answered")
    return became.mask((status == 429).astype(bool), "slowed_down")
