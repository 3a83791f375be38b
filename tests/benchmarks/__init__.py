"""Measurements, outside of the test run: `python -m tests.benchmarks`."""
