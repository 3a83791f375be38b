"""Where a customer stands among the others: quantiles of five or more, which name nobody."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ninja_analytics import charts as kinds
from ninja_analytics.reports import Chart, Kpi, Report
from ninja_analytics.reports.kpis import share_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST = 5
"""Other customers that a quantile needs, so that it tells of none of them."""
NAME = "peers"

_CAPTION = (
    "This customer among the others, where {fewest} or more of them have a value: the lower quarter, "
    "the half and the upper quarter of theirs, to whole percent. Nobody is named."
)
_DTYPES = {
    "kpi": "str",
    "own_share": "Float64",
    "others": "Int64",
    "lower_quarter_share": "Float64",
    "median_share": "Float64",
    "upper_quarter_share": "Float64",
}


def shares(report: Report) -> dict[str, float]:
    """The shares among a report's KPIs that have a value, by key."""
    return {
        kpi.key: kpi.value for kpi in report.kpis if kpi.unit == "share" and kpi.value is not None
    }


def among(report: Report, others: Sequence[Mapping[str, float]]) -> Report:
    """The report with a table and a chart of its shares among those of *others*.

    Counts are left out: they tell how large somebody is, and not how good.
    """
    rows = [row for kpi in report.kpis if (row := _row(kpi, others)) is not None]
    if not rows:
        return report
    table = pd.DataFrame(rows, columns=list(_DTYPES)).astype(_DTYPES)
    return replace(
        report,
        tables={**report.tables, NAME: table},
        captions={**report.captions, NAME: _CAPTION.format(fewest=FEWEST)},
        charts={**report.charts, NAME: _chart(table)},
    )


def _row(kpi: Kpi, others: Sequence[Mapping[str, float]]) -> dict[str, object] | None:
    values = [one[kpi.key] for one in others if kpi.key in one]
    if kpi.unit != "share" or kpi.value is None or len(values) < FEWEST:
        return None
    # Whole percent: an exact share of few devices could be traced to the customer that has so many.
    quarters = [math.floor(one * 100) / 100 for one in np.quantile(values, [0.25, 0.5, 0.75])]
    names = ("lower_quarter_share", "median_share", "upper_quarter_share")
    told = dict(zip(names, quarters, strict=True))
    return {"kpi": kpi.label, "own_share": kpi.value, "others": len(values), **told}


def _chart(table: pd.DataFrame) -> Chart:
    """The own share as a dot, the middle half of the others as whiskers."""
    data = pd.DataFrame(
        {
            "value": table["own_share"].to_numpy(dtype=float),
            "low": table["lower_quarter_share"].to_numpy(dtype=float),
            "high": table["upper_quarter_share"].to_numpy(dtype=float),
            "n": table["others"].to_numpy(dtype=float),
        },
        index=kinds.shorts(list(table["kpi"])),
    )

    def draw(ax: Axes | None = None) -> Axes:
        return kinds.dots(
            data, xlabel="Dot: this customer; line: the middle half of the others", ax=ax
        )

    told = "; ".join(
        f"{label} {share_text(own)}, others {share_text(low, 0)} to {share_text(high, 0)}"
        for label, own, low, high in table[
            ["kpi", "own_share", "lower_quarter_share", "upper_quarter_share"]
        ].itertuples(index=False, name=None)
    )
    return Chart("Among other customers", f"Dots of this customer's shares. {told}.", draw)
