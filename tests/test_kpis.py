"""How KPIs read: shares that are never rounded up, states by thresholds, what stands beside them."""

from __future__ import annotations

import importlib

import pytest

from ninja_analytics.reports import DEFINITIONS, Kpi
from ninja_analytics.reports.kpis import share_text
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (1.0, "100.0 %"),
        (0.9999999, "99.9 %"),
        (0.29, "29.0 %"),
        (0.0, "0.0 %"),
        (0.00001, "<0.1 %"),
        (2 / 3, "66.6 %"),
    ],
)
def test_shares_are_floored_and_neither_hide_the_last_nor_the_first_device(share, text):
    assert share_text(share) == text


def test_no_count_of_devices_is_rounded_up():
    for total in (7, 40, 999, 1000, 20_011):
        for part in range(0, total + 1, max(total // 50, 1)):
            shown = share_text(part / total)
            value = float(shown.strip("<% ").replace("<", "")) if part else 0.0
            assert value * total <= part * 100 + 1e-6 or shown.startswith("<")
    assert share_text(20_010 / 20_011) == "99.9 %"


@pytest.mark.parametrize(
    ("healthy", "state"), [(95, "good"), (94, "watch"), (80, "watch"), (79, "act")]
)
def test_a_kpi_stands_where_its_thresholds_say(healthy, state):
    assert Kpi(DEFINITIONS["devices_healthy"], healthy, 100).state == state


def test_a_kpi_without_agreed_thresholds_has_no_state():
    assert Kpi(DEFINITIONS["devices_active"], 1, 100).state == "none"


@pytest.mark.parametrize(
    ("kpi", "detail"),
    [
        (Kpi(DEFINITIONS["devices_active"], 1, 2_000), "1 of 2,000 · 0 unknown"),
        (Kpi(DEFINITIONS["devices_active"], 1, 2, unknown=3), "1 of 2 · 3 unknown"),
        (Kpi(DEFINITIONS["devices_managed"], 5), ""),
        (Kpi(DEFINITIONS["devices_managed"], 5, unknown=1_234), "1,234 unknown"),
        (Kpi(DEFINITIONS["devices_managed"], 5, exceptions=2), "2 exceptions"),
        (Kpi(DEFINITIONS["devices_managed"], None, unknown=1), "could not be read"),
    ],
)
def test_beside_a_kpi_stands_of_how_many_and_how_many_nobody_knows(kpi, detail):
    assert kpi.detail == detail


def test_every_definition_has_a_second_computation():
    files = sorted((ROOT / "tests").glob("test_reports*.py"))
    modules = [importlib.import_module(f"tests.{file.stem}") for file in files]
    twice = [getattr(module, "TWICE", set()) for module in modules]
    assert set(DEFINITIONS) == set().union(*twice)
