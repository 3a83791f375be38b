"""Charts: a frame in, Axes out, in colors that mean something on screen, in print and to every eye.

Every chart takes its data first, everything else by keyword, draws on `ax` or on a figure of its
own, and returns the Axes. Nothing global is touched: the style holds only while a chart is drawn.
Every row that is given is drawn: long tables are cut before, and the footnote tells what was.
"""

from ninja_analytics.charts.bars import bars, share_bars, stacked_bars
from ninja_analytics.charts.columns import columns
from ninja_analytics.charts.curves import ecdf, silence
from ninja_analytics.charts.dots import dots, dumbbell, funnel
from ninja_analytics.charts.figure import NOTHING, png, short, shorts, styled, svg, svg_file
from ninja_analytics.charts.flows import diverging, waterfall
from ninja_analytics.charts.heat import heat_map, matrix, strip
from ninja_analytics.charts.marks import (
    ANSWER,
    ANTIVIRUS,
    CHANGE,
    CLASS_GROUP,
    ENCRYPTION,
    HEALTH,
    JOB,
    MOVEMENT,
    OUTCOME,
    SEVERITY,
    SUPPORT,
    URGENCY,
    WARRANTY,
    Mark,
)
from ninja_analytics.charts.pareto import pareto
from ninja_analytics.charts.scatter import quadrants, scatter
from ninja_analytics.charts.timeline import steps, timeline
from ninja_analytics.charts.times import counts_over_time, lines_over_time

__all__ = [
    "ANSWER",
    "ANTIVIRUS",
    "CHANGE",
    "CLASS_GROUP",
    "ENCRYPTION",
    "HEALTH",
    "JOB",
    "MOVEMENT",
    "NOTHING",
    "OUTCOME",
    "SEVERITY",
    "SUPPORT",
    "URGENCY",
    "WARRANTY",
    "Mark",
    "bars",
    "columns",
    "counts_over_time",
    "diverging",
    "dots",
    "dumbbell",
    "ecdf",
    "funnel",
    "heat_map",
    "lines_over_time",
    "matrix",
    "pareto",
    "png",
    "quadrants",
    "scatter",
    "share_bars",
    "short",
    "shorts",
    "silence",
    "stacked_bars",
    "steps",
    "strip",
    "styled",
    "svg",
    "svg_file",
    "timeline",
    "waterfall",
]
