"""What importing the package costs, against importing pandas alone."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median


def run(repeats: int) -> str:
    """The Markdown table of *repeats* rounds, the two imports in turn."""
    found: dict[str, list[float]] = {"pandas": [], "ninja_analytics": []}
    for _ in range(repeats + 1):
        for name, seconds in found.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", f"import {name}"], check=True)
            seconds.append(time.perf_counter() - began)
    base = median(found["pandas"][1:])  # the first round only warms the disk
    lines = ["| import | seconds | times pandas |", "|---|---|---|"]
    for name, seconds in found.items():
        middle = median(seconds[1:])
        lines.append(f"| {name} | {middle:.2f} | {middle / base:.2f} |")
    return "\n".join(lines)
