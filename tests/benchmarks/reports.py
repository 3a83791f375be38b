"""What reports on 20,000 devices cost beyond the pull: to make, to show and to save."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from ninja_analytics.reports import REPORTS
from ninja_analytics.sandbox import Sandbox
from tests.benchmarks.rounds import environment

TITLE = "Reports on 20,000 devices, beyond the pull"
DEVICES, SMALL_DEVICES = 20_000, 40


def run(*, small: bool = False) -> str:
    """The Markdown table of one round: each report in a process of its own."""
    devices = SMALL_DEVICES if small else DEVICES
    names = [name for name, spec in REPORTS.items() if spec.compares != "must"]
    with tempfile.TemporaryDirectory() as home:
        with Sandbox(devices, token_lifetime=86_400) as sandbox:
            settings = environment(sandbox, home)
            now = sandbox.now.isoformat()
            _measure(settings, do="pull", place=home, now=now, reports=names)
        found = {
            name: _measure(settings, do="report", place=home, now=now, report=name)
            for name in names
        }
    return _table(found, devices)


def _measure(settings: Mapping[str, str], **task: Any) -> dict[str, Any]:
    """What one process with that *task* took."""
    command = [sys.executable, "-m", "tests.benchmarks.reports"]
    answer = subprocess.run(
        command, env=dict(settings), input=json.dumps(task), stdout=subprocess.PIPE, text=True,
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
    """Pull every table that the reports read, once, and keep the frames as they are."""
    import pandas as pd

    import ninja_analytics as na

    ninja, at = na.connect(interactive=False), pd.Timestamp(now)
    for name in reports:
        spec = REPORTS[name]
        for table, options in spec.about.asks(at, spec.whole({})).items():
            file = _file(place, table)
            if not file.exists():
                frames = ninja.frames({table: options})
                file.write_bytes(pickle.dumps(frames.get(table)))
    return {}


def _report(place: str, now: str, report: str) -> dict[str, Any]:
    """Seconds to make a report, to show it and to save it, and the peak before and after."""
    import time

    import pandas as pd

    from tests.benchmarks.ways import peak_megabytes

    frames = {}
    for table in REPORTS[report].tables:
        frame = pickle.loads(_file(place, table).read_bytes())
        if frame is not None:
            frames[table] = frame
    before = peak_megabytes()
    times = [time.perf_counter()]
    made = REPORTS[report].build(frames, now=pd.Timestamp(now))
    times.append(time.perf_counter())
    made._repr_html_()
    times.append(time.perf_counter())
    made.save(Path(place) / "out")
    times.append(time.perf_counter())
    make, page, files = (late - early for early, late in pairwise(times))
    return {"make": make, "page": page, "files": files, "before": before, "peak": peak_megabytes()}


def _file(place: str, table: str) -> Path:
    return Path(place) / f"{table}.pickle"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    do = {"pull": _pull, "report": _report}[asked.pop("do")]
    print(json.dumps(do(**asked)))
