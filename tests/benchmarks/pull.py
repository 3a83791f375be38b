"""Software of a large fleet to a typed frame: the package against what one writes by hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from statistics import median
from typing import Any

from ninja_analytics.sandbox import Sandbox

TITLES = {
    "ours": "ninja.table(\"software\")",
    "by-hand": "by hand: requests, json_normalize, concat, the same dtypes",
    "download": "downloading the same pages, decoding nothing",
    "decode": "decoding alone, from memory",
}  # fmt: skip


def run(devices: int, repeats: int) -> str:
    """The Markdown table of *repeats* rounds, each way in turn, each in a process of its own."""
    found: dict[str, list[dict[str, Any]]] = {way: [] for way in TITLES}
    with Sandbox(devices=devices, seed=7, token_lifetime=86_400) as sandbox:
        client = sandbox.clients["api-services"]
        settings = {
            **os.environ,
            "BENCH_CLIENT_ID": client.client_id,
            "BENCH_CLIENT_SECRET": client.client_secret,
        }
        for number in range(repeats):
            for way in TITLES:
                found[way].append(measure(way, sandbox.base_url, settings))
                seconds = found[way][-1]["seconds"]
                print(f"round {number + 1}, {way}: {seconds:.2f} s", file=sys.stderr)
    check(found)
    return report(devices, repeats, found)


def measure(way: str, base_url: str, settings: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.ways", way, base_url]
    answer = subprocess.run(command, env=settings, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(answer.stdout))


def check(found: dict[str, list[dict[str, Any]]]) -> None:
    """The ways must have made the same frame, else the comparison means nothing."""
    ours, by_hand, decoded = (found[way][0] for way in ("ours", "by-hand", "decode"))
    for key in ("rows", "dtypes", "digest"):
        if not ours[key] == by_hand[key] == decoded[key]:
            msg = f"the frames differ in {key}: {ours[key]} {by_hand[key]} {decoded[key]}"
            raise SystemExit(msg)


def report(devices: int, repeats: int, found: dict[str, list[dict[str, Any]]]) -> str:
    base_seconds, _, base_peak = middle(found["by-hand"])
    rows = found["ours"][0]["rows"]
    lines = [
        f"Software of {devices:,} devices, {rows:,} rows; medians of {repeats}.",
        "",
        "| way | seconds | times faster than by hand | own CPU seconds | peak MB | share of by hand |",
        "|---|---|---|---|---|---|",
    ]
    for way, title in TITLES.items():
        seconds, cpu, peak = middle(found[way])
        lines.append(
            f"| {title} | {seconds:.2f} | {base_seconds / seconds:.1f} | {cpu:.2f} "
            f"| {peak:.0f} | {peak / base_peak:.2f} |"
        )
    seconds = middle(found["ours"])[0]
    limit = middle(found["decode"])[0]
    lines += ["", f"The pull takes {seconds / limit:.2f} times as long as decoding alone."]
    return "\n".join(lines)


def middle(rounds: list[dict[str, Any]]) -> list[float]:
    """The medians of seconds, CPU seconds and peak megabytes."""
    return [median(r[key] for r in rounds) for key in ("seconds", "cpu", "peak")]
