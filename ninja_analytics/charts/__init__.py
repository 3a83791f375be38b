"""Charts: a frame in, Axes out, in colors that mean something on screen, in print and to every eye.

Every chart takes its data first, everything else by keyword, draws on `ax` or on a figure of its
own, and returns the Axes. Nothing global is touched: the style holds only while a chart is drawn.
"""

from ninja_analytics.charts.bars import bars, share_bars, stacked_bars
from ninja_analytics.charts.curves import silence
from ninja_analytics.charts.figure import png, short, shorts, styled, svg, svg_file
from ninja_analytics.charts.marks import ANSWER, CHANGE, CLASS_GROUP, HEALTH, OUTCOME, Mark
from ninja_analytics.charts.times import counts_over_time

__all__ = [
    "ANSWER",
    "CHANGE",
    "CLASS_GROUP",
    "HEALTH",
    "OUTCOME",
    "Mark",
    "bars",
    "counts_over_time",
    "png",
    "share_bars",
    "short",
    "shorts",
    "silence",
    "stacked_bars",
    "styled",
    "svg",
    "svg_file",
]
