"""What reports on 20,000 devices cost beyond the pull: to make, to show and to save."""

from __future__ import annotations

import hashlib
import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ninja_analytics.reports import REPORTS
from ninja_analytics.sandbox import Sandbox
from tests.benchmarks.rounds import environment

if TYPE_CHECKING:
    import pandas as pd

TITLE = "Reports on 20,000 devices, beyond the pull"
DEVICES, SMALL_DEVICES = 20_000, 40


def run(*, small: bool = False) -> str:
    """The Markdown table of one round: each report in a process of its own.

    A report that compares two times has a month between them.
    """
    devices = SMALL_DEVICES if small else DEVICES
    compared = [name for name, spec in REPORTS.items() if spec.compares == "must"]
    with tempfile.TemporaryDirectory() as home:
        with Sandbox(devices, token_lifetime=86_400) as sandbox:
            settings = environment(sandbox, home)
            opening = Path(home, "opening")
            then = sandbox.now
            _measure(settings, do="pull", place=opening, now=then, reports=compared)
            now = sandbox.advance(days=30)
            _measure(settings, do="pull", place=home, now=now, reports=list(REPORTS))
        found = {
            name: _measure(
                settings, do="report", place=home, now=now, report=name,
                opening=opening if name in compared else None, opening_at=then,
            )
            for name in REPORTS
        }  # fmt: skip
    return _table(found, devices)


def _measure(settings: Mapping[str, str], **task: Any) -> dict[str, Any]:
    """What one process with that *task* took."""
    command = [sys.executable, "-m", "tests.benchmarks.reports"]
    answer = subprocess.run(
        command, env=dict(settings), input=json.dumps(task, default=str), stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    found = dict(json.loads(answer.stdout.splitlines()[-1]))
    if task["do"] == "report":
        said = "{make:.1f} s to make, {page:.1f} s a page, {files:.1f} s files, {peak:.0f} MB"
        print(f"{task['report']}: {said.format(**found)}", file=sys.stderr)
    return found


def _table(found: Mapping[str, Mapping[str, Any]], devices: int) -> str:
    lines = [
        f"{devices:,} devices. Peak memory with the frames, which alone take the second number.",
        "",
        "| report | make | show as a page | save html, xlsx, csv, png | peak (frames) |",
        "|---|---|---|---|---|",
    ]
    for name, one in found.items():
        cells = [f"{one[what]:.1f} s" for what in ("make", "page", "files")]
        lines.append(
            f"| {name} | {' | '.join(cells)} | {one['peak']:.0f} ({one['before']:.0f}) MB |"
        )
    return "\n".join(lines)


# -- in the process that is measured --------------------------------------------------------------


def _pull(place: str, now: str, reports: list[str]) -> dict[str, Any]:
    """Pull the tables as each report asks for them, the same once, and keep the frames as they are."""
    import pandas as pd

    import ninja_analytics as na

    Path(place).mkdir(exist_ok=True)
    ninja = na.connect(interactive=False)
    for name in reports:
        for table, asked, file in _files(place, pd.Timestamp(now), name):
            if not file.exists():
                frames = ninja.frames({table: asked})
                file.write_bytes(pickle.dumps(frames.get(table)))
    return {}


def _report(
    place: str, now: str, report: str, opening: str | None, opening_at: str
) -> dict[str, Any]:
    """Seconds to make a report, to show it and to save it, and the peak before and after."""
    import time

    import pandas as pd

    from tests.benchmarks.ways import peak_megabytes

    at, then = pd.Timestamp(now), pd.Timestamp(opening_at)
    frames, more = _kept(place, at, report), {}
    if opening:
        more = {"opening": _kept(opening, then, report), "opening_at": then}
    before = peak_megabytes()
    times = [time.perf_counter()]
    made = REPORTS[report].build(frames, now=at, **more)
    times.append(time.perf_counter())
    made._repr_html_()
    times.append(time.perf_counter())
    made.save(Path(place) / "out")
    times.append(time.perf_counter())
    make, page, files = (late - early for early, late in pairwise(times))
    return {"make": make, "page": page, "files": files, "before": before, "peak": peak_megabytes()}


def _kept(place: str, now: pd.Timestamp, report: str) -> dict[str, pd.DataFrame]:
    """The frames of a report; what could not be read is not there."""
    found = {
        table: pickle.loads(file.read_bytes()) for table, _, file in _files(place, now, report)
    }
    return {table: frame for table, frame in found.items() if frame is not None}


def _files(place: str, now: pd.Timestamp, report: str) -> Iterator[tuple[str, Any, Path]]:
    """The tables of a report, what is asked for of each, and where that is kept."""
    spec = REPORTS[report]
    for table, asked in spec.about.asks(now, spec.whole({})).items():
        kind = hashlib.sha256(repr(asked).encode()).hexdigest()[:8]
        yield table, asked, Path(place) / f"{table}-{kind}.pickle"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    do = {"pull": _pull, "report": _report}[asked.pop("do")]
    print(json.dumps(do(**asked)))
