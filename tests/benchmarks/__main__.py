"""Runs the benchmarks and prints their results as Markdown tables."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks import history, imports, report, reports, rounds
from tests.benchmarks.jobs import JOBS

README = Path("README.md")


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    wanted = options.jobs or ["import", *JOBS, "history", "reports"]
    if "import" in wanted:
        print("## Importing\n", imports.run(options.rounds), "", sep="\n", flush=True)
    found = {}
    for name in (name for name in JOBS if name in wanted):
        job = JOBS[name].small() if options.small else JOBS[name]
        found[job] = rounds.run(job, options.rounds, without=tuple(options.without))
        print(f"## {job.title}\n", report.of_job(job, found[job]), "", sep="\n", flush=True)
    if "history" in wanted:
        print(f"## {history.TITLE}\n", history.run(small=options.small), "", sep="\n", flush=True)
    if "reports" in wanted:
        print(f"## {reports.TITLE}\n", reports.run(small=options.small), "", sep="\n", flush=True)
    if len(found) < len(JOBS):
        return
    table = report.of_all(found)
    print("## All\n", table, sep="\n")
    if options.write:
        report.write(table, README)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = ["import", *JOBS, "history", "reports"]
    parser.add_argument("jobs", nargs="*", metavar="JOB", help=f"of {', '.join(names)}; none: all")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many are shown (5)")
    parser.add_argument("--small", action="store_true", help="next to no rows: does it run?")
    parser.add_argument("--without", action="append", default=[], metavar="WAY", help="leave out")
    parser.add_argument("--write", action="store_true", help="put the table into README.md, too")
    return parser


if __name__ == "__main__":
    main()
