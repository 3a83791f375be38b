"""What was measured, as Markdown: a table per job, and one of all of them for the README."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from tests.benchmarks.jobs import WAYS, Goal, Job
from tests.benchmarks.rounds import Rounds

BEGIN, END = "<!-- make bench -->", "<!-- /make bench -->"


def middle(rounds: Rounds, way: str, measure: str) -> float:
    """The median of one measure of a way."""
    return median(one[measure] for one in rounds[way])


def of_job(job: Job, rounds: Rounds) -> str:
    """The table of one job, and what became of its goals."""
    rows, count = rounds["ours"][0]["rows"], len(rounds["ours"])
    lines = [
        f"{rows:,} rows of {job.devices:,} devices; medians of {count}.",
        "",
        "| way | times ours | seconds | own CPU seconds | peak MB | peak, times ours |",
        "|---|---|---|---|---|---|",
    ]
    for way in rounds:
        seconds, cpu, peak = (middle(rounds, way, name) for name in ("seconds", "cpu", "peak"))
        times, times_peak = (
            value / middle(rounds, "ours", name)
            for value, name in ((seconds, "seconds"), (peak, "peak"))
        )
        lines.append(
            f"| {title(job, way)} | {times:.2f} | {seconds:.2f} | {cpu:.2f} | {peak:.0f} "
            f"| {times_peak:.2f} |"
        )
    reached = [
        _told(goal, rounds)
        for goal in job.goals
        if {goal.way, goal.than or "ours"} <= rounds.keys()
    ]
    return "\n".join([*lines, "", *reached])


def title(job: Job, way: str) -> str:
    """The name of a way, as it does this job."""
    if way == "ours":
        asked = f'`ninja.table("{job.table}")`'
        return f"`ninja-analytics table {job.table} -o FILE`" if job.to_file else asked
    return WAYS[way] + (" (one round)" if way in job.once else "")


def _told(goal: Goal, rounds: Rounds) -> str:
    value = middle(rounds, goal.way, goal.measure)
    what = "time" if goal.measure == "seconds" else "peak memory"
    if goal.than is None:
        return (
            f"- {what}: {value:.0f} MB, goal at most {goal.most:.0f}: {_word(value <= goal.most)}"
        )
    ratio = value / middle(rounds, goal.than, goal.measure)
    if goal.most < 0.5:
        return f"- {what} against {goal.than}: {1 / ratio:.1f} times better, goal {1 / goal.most:.0f}: {_word(ratio <= goal.most)}"
    return f"- {what} against {goal.than}: {ratio:.2f}, goal at most {goal.most}: {_word(ratio <= goal.most)}"


def _word(reached: bool) -> str:
    return "reached" if reached else "missed"


def of_all(found: dict[Job, Rounds]) -> str:
    """The table for the README: the ways against ours, in each job."""
    ways = [way for way in WAYS if way != "decode"]
    lines = [
        "| | " + " | ".join(job.title for job in found) + " |",
        "|---" * (len(found) + 1) + "|",
    ]
    for way in ways:
        cells = [_cell(job, rounds, way) for job, rounds in found.items()]
        lines.append(
            f"| {'`ninja_analytics`' if way == 'ours' else WAYS[way]} | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def _cell(job: Job, rounds: Rounds, way: str) -> str:
    """Time in times of ours, and in brackets seconds and peak."""
    if way not in rounds:
        return dict(job.cannot).get(way, "not measured")
    seconds, peak = middle(rounds, way, "seconds"), middle(rounds, way, "peak")
    return f"{seconds / middle(rounds, 'ours', 'seconds'):.1f} ({seconds:.1f} s, {peak:.0f} MB)"


def write(text: str, file: Path) -> None:
    """Put *text* between the two markers in *file*."""
    before, _, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{file} has no markers {BEGIN} and {END}")
    file.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
