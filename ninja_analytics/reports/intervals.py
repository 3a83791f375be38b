"""What chance alone does to a share: intervals, limits and fair order, and medians with open ends.

A fleet is counted, not sampled. So the limits say what lies beyond the ordinary play of chance
between groups of such sizes, and nothing about a sampling error.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

LEVELS = {"95": 0.95, "998": 0.998}
"""The limits of a funnel, as Spiegelhalter (2005) draws them."""


def wilson(successes: pd.Series, totals: pd.Series, *, level: float = 0.95) -> pd.DataFrame:
    """The Wilson score interval of each share: low and high, both missing where the total is 0.

    Source: Wilson (1927), as statsmodels computes it.
    """
    from statsmodels.stats.proportion import proportion_confint

    there = (totals > 0).fillna(False).to_numpy(dtype=bool)
    found = pd.DataFrame({"low": np.nan, "high": np.nan}, index=totals.index)
    if there.any():
        count = successes.to_numpy(dtype=float)[there]
        of = totals.to_numpy(dtype=float)[there]
        low, high = proportion_confint(count, of, alpha=1 - level, method="wilson")
        found.loc[there, "low"], found.loc[there, "high"] = low, high
    return found.astype("Float64")


def funnel_limits(rate: float, totals: Sequence[int] | pd.Series) -> pd.DataFrame:
    """Within which shares groups of each size lie by chance if all share one *rate*.

    A row per different size in *totals* (the index `n`), with low_95, high_95, low_998, high_998:
    exact binomial quantiles. Source: Spiegelhalter (2005), funnel plots.
    """
    from scipy.stats import binom

    sizes = np.unique(np.asarray(totals, dtype="int64"))
    sizes = sizes[sizes > 0]
    found = {}
    for name, level in LEVELS.items():
        tail = (1 - level) / 2
        found[f"low_{name}"] = binom.ppf(tail, sizes, rate) / sizes
        found[f"high_{name}"] = binom.ppf(1 - tail, sizes, rate) / sizes
    # ppf gives -1 for a quantile at the very beginning of the distribution.
    return pd.DataFrame(found, index=pd.Index(sizes, name="n")).clip(0, 1)


def shrunken(successes: pd.Series, totals: pd.Series) -> pd.Series:
    """Each share drawn towards that of all, the more the smaller its group: for a fair order.

    Empirical Bayes with a beta prior by the method of moments (Kleinman 1973). Where the groups
    differ no more than chance would have it, all are the share of all. Missing where the total is 0.
    """
    count, of = successes.to_numpy(dtype=float), totals.to_numpy(dtype=float)
    there = of > 0
    found = pd.Series(np.nan, index=totals.index, dtype="Float64")
    if not there.any():
        return found
    count, of = count[there], of[there]
    mean = count.sum() / of.sum()
    strength = _strength(count, of, mean)
    share = mean if np.isinf(strength) else (count + strength * mean) / (of + strength)
    found[there] = share
    return found


def _strength(count: np.ndarray, of: np.ndarray, mean: float) -> float:
    """How many devices the prior counts for: few where groups differ, without end where they do not."""
    groups = len(of)
    if groups < 2 or mean in (0.0, 1.0):
        return float("inf")
    spread = (of * (count / of - mean) ** 2).sum()
    expected = (groups - 1) * mean * (1 - mean)
    between = (spread - expected) / (of.sum() - (of**2).sum() / of.sum())
    if between <= 0:
        return float("inf")
    # As large as it can be: no group is drawn at all.
    return max(float(mean * (1 - mean) / between - 1), 0.0)


def median_time(durations: pd.Series, ended: pd.Series) -> float | None:
    """The time by which half have ended, counting in those that have not: the Kaplan-Meier median.

    *ended* says which of the *durations* are over; the others are as long as yet seen. None where
    fewer than half end. Source: Kaplan and Meier (1958), as statsmodels computes it.
    """
    from statsmodels.duration.survfunc import SurvfuncRight

    known = durations.notna().to_numpy(dtype=bool)
    times = durations.to_numpy(dtype=float, na_value=np.nan)[known]
    over = ended.to_numpy(dtype=bool)[known]
    if not over.any():
        return None
    curve = SurvfuncRight(times, over.astype(int))
    below = curve.surv_prob <= 0.5 + 1e-12
    return float(curve.surv_times[below][0]) if below.any() else None
