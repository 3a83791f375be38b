"""How a KPI has changed since a snapshot: of a live report, of the past, and where nobody knows."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.errors import HistoryError
from ninja_analytics.reports import DEFINITIONS, REPORTS, Kpi
from tests.made_frames import NOW, fleet

DAY = pd.Timestamp("2026-10-31T06:00Z")


@pytest.fixture
def month(recorder):
    """A connection whose fleet was recorded, moved on by a month, and recorded again."""
    recorder.record()
    recorder.sandbox.advance(days=30)
    return recorder


def test_a_live_report_tells_its_change_since_the_last_snapshot(month):
    before = month.as_of().report("fleet_overview")

    report = month.report("fleet_overview", now=pd.Timestamp(month.sandbox.now))

    for kpi in report.kpis:
        assert kpi.before == before.kpi(kpi.key).value
        assert kpi.before_at == before.created_at
    assert f"since {before.created_at:%Y-%m-%d}" in report.kpi("devices_managed").change


def test_a_report_of_the_past_tells_its_change_since_the_snapshot_before_it(month):
    first = month.as_of()
    month.record()

    latest = month.as_of().report("fleet_overview")

    assert first.report("fleet_overview").kpi("devices_managed").before is None
    assert latest.kpi("devices_managed").before_at == pd.Timestamp(first.at)


def test_without_a_snapshot_nothing_is_told_unless_it_was_asked_for(recorder):
    report = recorder.report("fleet_overview")

    assert {kpi.change for kpi in report.kpis} == {""}
    with pytest.raises(HistoryError, match=r"Begin with: ninja\.record\(\)"):
        recorder.report("fleet_overview", since="7d")


def test_a_change_is_told_in_the_unit_of_the_kpi():
    share = Kpi(DEFINITIONS["devices_active"], 3, 4, before=0.5, before_at=DAY)
    count = Kpi(DEFINITIONS["devices_managed"], 3, before=5.0, before_at=DAY)
    same = Kpi(DEFINITIONS["devices_managed"], 3, before=3.0, before_at=DAY)

    assert share.change == "+25.0 points since 2026-10-31"
    assert count.change == "−2 since 2026-10-31"
    assert same.change == "±0 since 2026-10-31"


def test_a_kpi_that_could_not_be_read_on_either_day_has_no_change():
    spec, frames = REPORTS["fleet_overview"], fleet()
    without = {name: frame for name, frame in frames.items() if name != "device_health"}
    lacking = spec.build(without, now=DAY)
    whole = spec.build(frames, now=NOW)

    assert whole.since(lacking).kpi("devices_healthy").change == ""
    assert lacking.since(whole).kpi("devices_healthy").change == ""
    assert whole.since(lacking).kpi("devices_managed").change != ""


def test_the_states_of_a_share_are_counted_apart():
    good = Kpi(DEFINITIONS["devices_active"], 3, 5, unknown=2, exceptions=1)
    bad = Kpi(DEFINITIONS["restart_pending"], 2, 5)

    assert (good.passed, good.failed) == (3, 2)
    assert (bad.passed, bad.failed) == (3, 2)
    assert Kpi(DEFINITIONS["devices_managed"], 3).passed is None
