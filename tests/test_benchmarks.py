"""The benchmarks still run, and still compare equal things."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.slow
def test_the_pull_benchmark_runs_on_a_small_fleet():
    command = [sys.executable, "-m", "tests.benchmarks", "pull", "--rows", "2000", "--repeats", "1"]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert answer.returncode == 0, answer.stderr
    assert "times faster than by hand" in answer.stdout
