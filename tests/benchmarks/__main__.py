"""Runs the benchmarks and prints their results as Markdown tables."""

from __future__ import annotations

import argparse

from tests.benchmarks import imports, pull

ROWS_PER_DEVICE = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("which", nargs="?", choices=["all", "pull", "import"], default="all")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--devices", type=int, default=10_000, help="size of the fleet")
    size.add_argument("--rows", type=int, help="about so many rows of software")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; medians are shown")
    options = parser.parse_args()
    devices = options.devices if options.rows is None else max(1, options.rows // ROWS_PER_DEVICE)
    if options.which in ("all", "import"):
        print("## Importing\n", imports.run(max(5, options.repeats)), "", sep="\n")
    if options.which in ("all", "pull"):
        print("## Pulling\n", pull.run(devices, options.repeats), sep="\n")


if __name__ == "__main__":
    main()
