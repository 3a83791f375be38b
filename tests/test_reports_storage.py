"""The report storage: the rule of two conditions, which volumes count, and what disks say of themselves."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS
from ninja_analytics.reports.storage.charts import POINTS
from ninja_analytics.reports.storage.volumes import BAD, GIB, GOOD, Rule
from tests.made_frames import NOW, typed
from tests.made_posture import posture

SPEC = REPORTS["storage"]


def devices(*kinds):
    whole = {"approval_status": "APPROVED", "last_contact_at": NOW, "organization_id": 1}
    rows = [{"device_id": at, "node_class": kind, **whole} for at, kind in enumerate(kinds, 1)]
    return typed("devices", rows)


def volume(device=1, size=100 * GIB, free=50 * GIB, letter="C:", **more):
    return {
        "device_id": device, "name": letter, "drive_letter": letter, "device_type": "Local Disk",
        "capacity_bytes": size, "free_bytes": free, **more,
    }  # fmt: skip


def made(*volumes, kinds=("WINDOWS_WORKSTATION",), **parameters):
    frames = {"devices": devices(*kinds), "volumes": typed("volumes", list(volumes))}
    return SPEC.build(frames, now=NOW, **parameters)


def counted(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown


@pytest.mark.parametrize(
    ("kind", "size", "free", "state"),
    [
        ("WINDOWS_WORKSTATION", 200, 20, "enough"),  # a tenth is not less than a tenth
        ("WINDOWS_WORKSTATION", 200, 19.9, "low"),
        ("WINDOWS_WORKSTATION", 3800, 300, "enough"),  # 8 %, but plenty
        ("WINDOWS_WORKSTATION", 3800, 180, "critical"),
        ("WINDOWS_WORKSTATION", 30, 4.9, "critical"),  # 16 %, but hardly anything
        ("WINDOWS_WORKSTATION", 300, 14, "critical"),
        ("WINDOWS_SERVER", 300, 44, "low"),
        ("WINDOWS_SERVER", 300, 45, "enough"),
        ("WINDOWS_SERVER", 900, 49, "low"),
        ("WINDOWS_WORKSTATION", 300, 44, "enough"),
    ],
)
def test_a_volume_is_low_by_share_and_size_and_critical_by_either(kind, size, free, state):
    report = made(volume(size=size * GIB, free=int(free * GIB)), kinds=(kind,))
    assert report.tables["volumes"]["state"].item() == state
    short = state != "enough"
    assert counted(report, "devices_low") == (int(short), 1, 0)
    assert counted(report, "devices_critical") == (int(state == "critical"), 1, 0)
    assert list(report.actions["bucket"]) == {"critical": ["fix now"], "low": ["plan"]}.get(
        state, []
    )


def test_the_rule_can_be_another_and_is_told_in_words():
    full = volume(size=100 * GIB, free=30 * GIB)
    assert counted(made(full), "devices_low") == (0, 1, 0)
    report = made(full, low_share=0.4, low_bytes=40 * GIB)
    assert counted(report, "devices_low") == (1, 1, 0)
    assert any("less than 40.0 % and 40.0 GiB free" in note for note in report.notes)
    assert report.parameters["low_share"] == 0.4


@pytest.mark.parametrize(
    ("name", "value"), [("low_share", 10), ("critical_bytes", -1), ("low_bytes", "20 GB"), ("low_share", True)]
)  # fmt: skip
def test_a_number_out_of_range_is_refused_by_its_name(name, value):
    with pytest.raises(UsageError, match=name):
        made(**{name: value})


@pytest.mark.parametrize(
    "other",
    [
        {"device_type": "Compact Disc"}, {"device_type": "Network Drive"},
        {"device_type": "removable disk"}, {"drive_letter": None}, {"capacity_bytes": 2 * GIB - 1},
    ],
)  # fmt: skip
def test_what_is_full_by_design_or_lies_elsewhere_does_not_count(other):
    report = made(volume(), volume(letter="R:", free=1) | other)
    assert counted(report, "devices_low") == (0, 1, 0)
    assert len(report.tables["volumes"]) == 1


@pytest.mark.parametrize(
    ("name", "there"),
    [("/", 1), ("/var", 1), ("/boot", 0), ("/boot/efi", 0), ("/snap/core/1", 0), ("/bootleg", 1),
     ("/System/Volumes/Data", 1), ("/System/Volumes/VM", 0)],
)  # fmt: skip
def test_macs_and_linux_have_no_letters_and_volumes_that_are_full_by_design(name, there):
    one = volume(letter=None, free=GIB, size=9 * GIB) | {"name": name}
    report = made(one, kinds=("LINUX_SERVER",))
    assert len(report.tables["low_volumes"]) == there


def test_volumes_of_one_apfs_container_count_once():
    rows = [
        volume(letter=None, file_system="APFS") | {"name": name}
        for name in ("/", "/System/Volumes/Data")
    ]
    report = made(*rows, kinds=("MAC",))
    assert report.kpi("storage_capacity").amount == 100 * GIB
    assert len(made(*rows[:1], volume(size=7 * GIB), kinds=("MAC",)).tables["volumes"]) == 2


@pytest.mark.parametrize(
    ("size", "free"), [(None, 5), (5 * GIB, None), (5 * GIB, 6 * GIB), (5 * GIB, -1)]
)
def test_a_volume_without_two_sensible_numbers_is_unknown_and_so_is_its_device(size, free):
    report = made(volume(), volume(letter="D:", size=size, free=free))
    assert counted(report, "volumes_unknown") == (1, 2, 0)
    assert counted(report, "devices_low") == (0, 0, 1)
    # Unless another volume of it is short of space.
    report = made(volume(free=1), volume(letter="D:", size=size, free=free))
    assert counted(report, "devices_low") == (1, 1, 0)


def test_of_a_volume_that_is_told_twice_the_latest_counts():
    rows = [
        volume(free=1, collected_at=NOW - pd.Timedelta(days=2)),
        volume(free=60 * GIB, collected_at=NOW),
        volume(free=2, collected_at=NOW - pd.Timedelta(days=1)),
        volume(free=3, collected_at=None),
    ]
    report = made(*rows)
    assert report.kpi("storage_free").amount == 60 * GIB
    assert counted(report, "devices_low") == (0, 1, 0)


def test_a_device_without_a_volume_is_unknown_and_one_that_is_stale_is_not_counted():
    assert counted(made(kinds=("WINDOWS_SERVER", "NMS_SWITCH")), "devices_low") == (0, 0, 1)
    frames = {"devices": devices("MAC"), "volumes": typed("volumes", [volume()])}
    frames["devices"]["last_contact_at"] = NOW - pd.Timedelta(days=31)
    assert counted(SPEC.build(frames, now=NOW), "devices_low") == (0, 0, 0)


def test_a_kind_of_volume_that_nobody_knows_is_counted_and_told():
    report = made(volume(device_type="Hologram", free=1))
    assert counted(report, "devices_low") == (1, 1, 0)
    assert report.quality.set_index("table").loc["volumes", "unmatched"] == "HOLOGRAM"


def test_disks_fail_by_their_own_words_and_unknown_words_are_told():
    frames = {
        "devices": devices("WINDOWS_SERVER"),
        "disks": typed("disks", [{"device_id": 1, "name": word, "status": word} for word in ("OK", "pred fail", "Unknown", "Purring", None)]),
        "raid_drives": typed("raid_drives", [{"device_id": 1, "drive_id": str(at), "status": word} for at, word in enumerate(("Online", "Hot Spare", "Failed"))]),
        "raid_controllers": typed("raid_controllers", [{"device_id": 1, "system_health_status": "Needs Attention"}]),
    }  # fmt: skip
    report = SPEC.build(frames, now=NOW)
    assert counted(report, "disks_failing") == (3, 6, 3)
    assert list(report.tables["failing_disks"]["says"]) == [
        "Needs Attention",
        "Failed",
        "pred fail",
    ]
    assert report.quality.set_index("table").loc["disks", "unmatched"] == "Purring"
    assert list(report.actions["bucket"]) == ["fix now"] * 3
    assert not GOOD & BAD


def test_without_raid_tables_failing_disks_are_told_with_what_is_missing():
    frames = {"devices": devices("MAC"), "disks": typed("disks", [])}
    kpi = SPEC.build(frames, now=NOW).kpi("disks_failing")
    assert kpi.numerator == 0
    assert kpi.note == "without raid_drives and raid_controllers"


@given(
    size=st.integers(2 * GIB, 20_000 * GIB),
    shares=st.lists(st.floats(0, 1), min_size=2, max_size=2).map(sorted),
    server=st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_less_free_space_is_never_a_better_state(size, shares, server):
    rule = Rule()
    less, more = (size * share for share in shares)
    for below in (rule.critical_below(size), rule.low_below(size, server=server)):
        assert not (more < below) or less < below


def test_the_tables_add_up_to_the_kpis():
    report = SPEC.build(posture(400, 9), now=NOW)
    by = report.tables["storage_by_organization"]
    low = report.kpi("devices_low")
    assert by["critical"].sum() + by["low"].sum() == low.numerator
    assert by["unknown"].sum() == low.unknown
    assert by["capacity_bytes"].sum() == report.kpi("storage_capacity").amount
    assert by["free_bytes"].sum() == report.kpi("storage_free").amount
    assert report.tables["low_volumes"]["device_id"].nunique() == low.numerator
    assert len(report.tables["failing_disks"]) == report.kpi("disks_failing").numerator
    assert set(report.tables["volumes"]["state"]) == {"critical", "low", "enough", "unknown"}


@pytest.mark.parametrize("lost", list(SPEC.tables))
def test_a_table_that_could_not_be_read_costs_its_own_kpis_and_is_told(lost):
    frames = {name: frame for name, frame in posture(60, 5).items() if name in SPEC.tables}
    del frames[lost]
    report = SPEC.build(frames, now=NOW)
    assert [one.split(" ")[0] for one in report.warnings] == [lost]
    for kpi in report.kpis:
        assert (kpi.numerator is None) == (lost in kpi.definition.tables), kpi.key


@pytest.mark.parametrize(("devices", "organizations"), [(0, 0), (1, 1), (40, 6)])
def test_the_charts_draw_for_fleets_of_every_size(devices, organizations):
    for chart in SPEC.build(posture(devices, organizations), now=NOW).charts.values():
        assert chart.draw().figure
        assert chart.alt.endswith((".", "drawn"))


def test_of_many_volumes_one_point_stands_for_all_at_its_place():
    sizes = [(4 + at % 997) * GIB for at in range(3 * POINTS)]
    rows = [volume(at, size, (at * 7919) % size) for at, size in enumerate(sizes, 1)]
    report = made(*rows, kinds=("WINDOWS_SERVER",) * len(rows))
    chart = report.charts["free_and_capacity"]
    assert f"{len(rows):,} volumes" in chart.alt
    assert "A point may stand for several" in chart.alt
    drawn = sum(len(one.get_offsets()) for one in chart.draw().collections)
    assert 100 < drawn <= POINTS
