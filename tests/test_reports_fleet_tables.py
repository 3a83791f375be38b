"""The tables of fleet_overview: problem devices with their reasons, operating systems by name."""

from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.reports.fleet.tables import os_family
from tests.made_frames import typed
from tests.made_overview import devices, healths, overview


def test_problem_devices_come_worst_first_with_their_reasons():
    frames = {
        "devices": devices(
            {"system_name": "a"}, {"system_name": "b", "offline": True}, {"system_name": "c"}, {}
        ),
        "device_health": typed(
            "device_health",
            [
                {"device_id": 1, "health_status": "NEEDS_ATTENTION", "failed_os_patches_count": 2},
                {"device_id": 2, "health_status": "UNHEALTHY"},
                {"device_id": 3, "health_status": "UNHEALTHY", "active_threats_count": 1},
                {"device_id": 4, "health_status": "HEALTHY"},
            ],
        ),
        "alerts": typed("alerts", [{"device_id": 2, "subject": "Disk full"}] * 2),
    }
    table = overview(frames).tables["problem_devices"]
    assert list(table["device"]) == ["c", "b", "a"]
    assert list(table["why"]) == ["threats: 1", "Disk full · offline now", "failed patches: 2"]


def test_a_healthy_device_with_an_active_threat_is_a_problem_all_the_same():
    row = {"device_id": 1, "health_status": "HEALTHY", "active_threats_count": 3}
    frames = {"devices": devices({}), "device_health": typed("device_health", [row])}
    assert list(overview(frames).tables["problem_devices"]["active_threats"]) == [3]


def test_where_no_device_is_a_problem_no_row_is_there():
    frames = {"devices": devices({}, {}), "device_health": healths("HEALTHY", "HEALTHY")}
    report = overview(frames)
    assert report.tables["problem_devices"].empty
    assert report.actions.empty


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("macOS Sequoia|15.7.1", "macOS 15"),
        ("Microsoft Windows 11 Pro|24H2", "Windows 11"),
        ("Windows Server 2019 Standard|1809", "Windows Server 2019"),
        ("Microsoft Windows 11 Pro", "Windows 11"),
        ("Windows 10 Enterprise LTSC 2021", "Windows 10"),
        ("Windows 8.1 Pro", "Windows 8.1"),
        ("Windows Server 2012 R2 Standard", "Windows Server 2012 R2"),
        ("Microsoft Windows Server 2022 Datacenter", "Windows Server 2022"),
        ("macOS Sonoma 14.6.1", "macOS 14"),
        ("Mac OS X 10.15.7", "macOS 10"),
        ("Ubuntu 22.04.5 LTS", "Ubuntu 22.04"),
        ("Debian GNU/Linux 12 (bookworm)", "Debian 12"),
        ("Red Hat Enterprise Linux 9.4 (Plow)", "Red Hat 9"),
        ("Rocky Linux 9.3 (Blue Onyx)", "Rocky Linux 9"),
        ("TempleOS", "TempleOS"),
    ],
)
def test_an_operating_system_is_named_by_its_family(name, family):
    name, _, release = name.partition("|")
    release = pd.Series([release or None], dtype="str")
    assert os_family(pd.Series([name], dtype="str"), release).item() == family


def test_an_unreported_operating_system_is_told_for_computers_only():
    frames = {"devices": devices({}, {"node_class": "NMS_SWITCH"})}
    frames["operating_systems"] = typed("operating_systems", [])
    table = overview(frames).tables["operating_systems"]
    assert table[["operating_system", "devices"]].to_numpy().tolist() == [["not reported", 1]]


def test_operating_systems_come_with_the_most_frequent_first_and_then_by_name():
    names = ["Ubuntu 24.04", "Debian 12", "Windows 11 Pro", "Windows 11 Pro"]
    rows = [{"device_id": at, "name": name} for at, name in enumerate(names, 1)]
    frames = {"devices": devices(*[{}] * 4), "operating_systems": typed("operating_systems", rows)}
    table = overview(frames).tables["operating_systems"]
    assert table["operating_system"].tolist() == ["Windows 11", "Debian 12", "Ubuntu 24.04"]


def test_a_device_with_many_alerts_names_two_and_counts_the_rest():
    subjects = ["Disk", "Disk", "CPU", "Ping", "Service"]
    frames = {
        "devices": devices({}),
        "device_health": healths("UNHEALTHY"),
        "alerts": typed("alerts", [{"device_id": 1, "subject": one} for one in subjects]),
    }
    [problem] = overview(frames).tables["problem_devices"].to_dict("records")
    assert problem["why"] == "Disk; CPU and 2 more"
    assert problem["alerts"] == 5


def test_a_restart_of_which_an_alert_tells_is_said_once():
    system = typed("operating_systems", [{"device_id": at, "needs_reboot": True} for at in (1, 2)])
    frames = {
        "devices": devices({"system_name": "a"}, {"system_name": "b"}),
        "device_health": healths("UNHEALTHY", "UNHEALTHY"),
        "operating_systems": system,
        "alerts": typed("alerts", [{"device_id": 1, "subject": "Reboot pending"}]),
    }
    table = overview(frames).tables["problem_devices"]
    assert list(table["why"]) == ["Reboot pending", "restart pending"]
