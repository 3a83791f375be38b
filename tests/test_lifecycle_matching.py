"""Which release a device runs: by build, by name, by edition, or told as unmatched."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ninja_analytics import lifecycle
from ninja_analytics.lifecycle.matching import BASES, EARLIER, FACTS
from ninja_analytics.sandbox.vocabulary import SYSTEMS

TABLE = lifecycle.packaged()
WORKSTATION, SERVER, MAC, LINUX = "WINDOWS_WORKSTATION", "WINDOWS_SERVER", "MAC", "LINUX_SERVER"


def systems(*rows):
    columns = ["name", "build_number", "release_id", "node_class"]
    frame = pd.DataFrame(list(rows), columns=columns)
    return frame.assign(device_id=range(1, len(frame) + 1))


def matched(*row):
    """What is answered for one system: name, build, release, node class."""
    return lifecycle.matched(systems(row), TABLE).iloc[0]


# name, build, release, node class -> system, edition group, last day of support, basis
CASES = [
    # editions
    ("Microsoft Windows 11 Professional", "26100", "24H2", WORKSTATION,
     "Windows 11 24H2", "W", "2026-10-13", "build"),
    ("Microsoft Windows 11 Enterprise", "10.0.26100", "", WORKSTATION,
     "Windows 11 24H2", "E", "2027-10-12", "build"),
    ("Microsoft Windows 11 Enterprise LTSC", "26100", "24H2", WORKSTATION,
     "Windows 11 24H2", "LTSC", "2029-10-09", "build"),
    ("Windows 11 IoT Enterprise LTSC", "26100", "24H2", WORKSTATION,
     "Windows 11 24H2", "IoT LTSC", "2034-10-10", "build"),
    ("Windows 10 IoT Enterprise LTSC", "17763", "1809", WORKSTATION,
     "Windows 10 1809", "LTSC", "2029-01-09", "build"),
    ("Microsoft Windows 10 Enterprise 2016 LTSB", "14393", "1607", WORKSTATION,
     "Windows 10 1607", "LTSC", "2026-10-13", "build"),
    ("Microsoft Windows 11 Pro Education", "22631", "23H2", WORKSTATION,
     "Windows 11 23H2", "W", "2025-11-11", "build"),
    ("Microsoft Windows 11 Education", "22631", "23H2", WORKSTATION,
     "Windows 11 23H2", "E", "2026-11-10", "build"),
    ("Windows 11 Pro for Workstations", "22631", "23H2", WORKSTATION,
     "Windows 11 23H2", "W", "2025-11-11", "build"),
    ("Microsoft Windows 10 Home Single Language", "19044", "21H2", WORKSTATION,
     "Windows 10 21H2", "W", "2023-06-13", "build"),
    ("Microsoft Windows 11", "26100", "", WORKSTATION,
     "Windows 11 24H2", "W", "2026-10-13", EARLIER),
    ("Windows 11 SE", "22631", "23H2", WORKSTATION,
     "Windows 11 23H2", "W", "2025-11-11", EARLIER),
    ("Windows 10", "19045", "", WORKSTATION, "Windows 10 22H2", "", "2025-10-14", "build"),
    # forms of the build
    ("Windows 11 Pro", "10.0.22631", "", WORKSTATION, "Windows 11 23H2", "W", "2025-11-11", "build"),
    ("Windows 11 Pro", "10.0.22631.4602", "", WORKSTATION,
     "Windows 11 23H2", "W", "2025-11-11", "build"),
    ("Windows 10 Pro", "19045.5487", "", WORKSTATION, "Windows 10 22H2", "", "2025-10-14", "build"),
    ("Windows 7 Professional", "6.1.7601", "", WORKSTATION,
     "Windows 7 SP1", "", "2020-01-14", "build"),
    # an upgrade leaves the old name
    ("Windows 10 Pro", "22631", "23H2", WORKSTATION, "Windows 11 23H2", "W", "2025-11-11", "build"),
    # without a build that is known
    ("Windows 11 Pro", "", "24H2", WORKSTATION, "Windows 11 24H2", "W", "2026-10-13", "name"),
    ("Windows 11 Pro", "26220", "25H2", WORKSTATION, "Windows 11 25H2", "W", "2027-10-12", "name"),
    ("Windows 11", "", "24H2", WORKSTATION, "Windows 11 24H2", "W", "2026-10-13", EARLIER),
    ("Windows 8.1 Pro", "", "", WORKSTATION, "Windows 8.1", "", "2023-01-10", "name"),
    ("Windows Server 2019 Standard", "", "", SERVER,
     "Windows Server 2019", "", "2029-01-09", "name"),
    ("Microsoft Hyper-V Server 2019", "", "", SERVER,
     "Windows Server 2019", "", "2029-01-09", "name"),
    # builds that clients and servers share
    ("Windows Server 2025 Datacenter", "26100", "24H2", SERVER,
     "Windows Server 2025", "", "2034-11-14", "build"),
    ("Windows Server 2019 Standard", "10.0.17763", "1809", WORKSTATION,
     "Windows Server 2019", "", "2029-01-09", "build"),
    ("Windows Server 2016 Essentials", "14393", "1607", SERVER,
     "Windows Server 2016", "", "2027-01-12", "build"),
    ("Windows Server 2012 R2 Standard", "9600", "", SERVER,
     "Windows Server 2012 R2", "", "2023-10-10", "build"),
    ("Microsoft Windows Server 2008 R2 Standard", "7601", "", SERVER,
     "Windows Server 2008 R2 SP1", "", "2020-01-14", "build"),
    ("Windows 8.1 Pro", "9600", "", SERVER, "Windows 8.1", "", "2023-01-10", "build"),
    ("", "14393", "", SERVER, "Windows Server 2016", "", "2027-01-12", "build"),
    ("", "14393", "", WORKSTATION, "Windows 10 1607", "W", "2018-04-10", EARLIER),
    ("Windows", "22000", "", "", "Windows 11 21H2", "W", "2023-10-10", EARLIER),
    ("Windows", "20348", "", "", "Windows Server 2022", "", "2031-10-14", "build"),
    # the others
    ("macOS Sequoia", "24G222", "15.7.1", MAC, "macOS 15", "", None, "name"),
    ("macOS Ventura", "22H625", "", MAC, "macOS 13", "", "2025-09-15", "name"),
    ("macOS 12.7.6 (21H1320)", "", "", MAC, "macOS 12", "", "2024-09-16", "name"),
    ("Mac OS X 10.14.6", "18G9323", "", MAC, "macOS 10.14", "", "2021-10-25", "name"),
    ("macOS High Sierra", "", "", MAC, "macOS 10.13", "", "2020-12-01", "name"),
    ("macOS", "25A362", "26.0.1", MAC, "macOS 26", "", None, "name"),
    ("Ubuntu 22.04.5 LTS", "5.15.0-157-generic", "22.04", LINUX,
     "Ubuntu 22.04", "", "2027-04-01", "name"),
    ("Ubuntu", "", "20.04", LINUX, "Ubuntu 20.04", "", "2025-05-31", "name"),
    ("Debian GNU/Linux 12 (bookworm)", "6.1.0-40-amd64", "12", LINUX,
     "Debian 12", "", "2026-07-11", "name"),
    ("CentOS Linux release 7.9.2009 (Core)", "", "", LINUX,
     "CentOS Linux 7", "", "2024-06-30", "name"),
    ("Red Hat Enterprise Linux Server 7.9 (Maipo)", "", "", LINUX,
     "Red Hat Enterprise Linux 7", "", "2024-06-30", "name"),
    ("RHEL 9.6", "", "", LINUX, "Red Hat Enterprise Linux 9", "", "2032-05-31", "name"),
    ("AlmaLinux 9.4 (Seafoam Ocelot)", "", "", LINUX, "AlmaLinux 9", "", "2032-05-31", "name"),
    ("Rocky Linux 8.10 (Green Obsidian)", "", "8.10", LINUX,
     "Rocky Linux 8", "", "2029-05-31", "name"),
    ("Oracle Linux Server 8.9", "", "", LINUX, "Oracle Linux 8", "", "2029-07-01", "name"),
]  # fmt: skip


FOUND = lifecycle.matched(systems(*(case[:4] for case in CASES)), TABLE)


@pytest.mark.parametrize(
    "number", range(len(CASES)), ids=lambda number: "-".join(CASES[number][:4])
)
def test_a_system_is_told_by_build_name_and_edition(number):
    system, group, day, basis = CASES[number][4:]
    found = FOUND.iloc[number]

    assert (found["system"], found["edition_group"], found["basis"]) == (system, group, basis)
    assert found["eol_on"] is pd.NaT if day is None else f"{found['eol_on']:%Y-%m-%d}" == day


@pytest.mark.parametrize(
    ("name", "build", "release", "node_class", "told"),
    [
        ("Windows 11 Pro", "27900", "", WORKSTATION, "Windows 11 Pro (27900)"),
        ("Windows 10 Pro", "10.0", "", WORKSTATION, "Windows 10 Pro (10.0)"),
        ("Windows", "17763", "", "", "Windows (17763)"),
        ("Windows Server 2003", "3790", "", SERVER, "Windows Server 2003 (3790)"),
        ("CentOS Stream 9", "", "9", LINUX, "CentOS Stream 9 9"),
        ("Raspbian GNU/Linux 11", "", "", LINUX, "Raspbian GNU/Linux 11"),
        ("Red Hat Enterprise Linux CoreOS 417", "", "", LINUX, "Red Hat Enterprise Linux CoreOS 417"),
        ("Ubuntu 23.10", "", "", LINUX, "Ubuntu 23.10"),
        ("OS X El Capitan", "15G31", "10.11.6", MAC, "OS X El Capitan 10.11.6 (15G31)"),
        ("Fedora Linux 42", "19045", "", LINUX, "Fedora Linux 42 (19045)"),
        ("SQL Server 2019", "17763", "", "", "SQL Server 2019 (17763)"),
        ("", "", "", WORKSTATION, "not reported"),
    ],
)  # fmt: skip
def test_what_fits_nothing_is_unmatched_and_keeps_what_it_reports(
    name, build, release, node_class, told
):
    found = matched(name, build, release, node_class)

    assert (found["system"], found["basis"]) == (told, "unmatched")
    assert found[list(FACTS)].isna().all()


def test_every_system_of_the_sandbox_is_matched_to_what_it_is():
    rows = [(one.name, one.build, one.release, kind) for one in SYSTEMS for kind in one.classes]

    found = lifecycle.matched(systems(*rows), TABLE)

    assert not (found["basis"] == "unmatched").any()
    families = {
        "windows-7": "Windows 7", "windows-10": "Windows 10", "windows-11": "Windows 11",
        "windows-server": "Windows Server", "macos": "macOS",
    }  # fmt: skip
    told = [one.family for one in SYSTEMS for _ in one.classes]
    for system, family, row in zip(found["system"], told, rows, strict=True):
        assert system.startswith(families.get(family, "")), (system, row)
        assert row[2].split(".")[0] in system or not row[2] or "Server" in system, (system, row)


def test_what_a_real_sandbox_reports_is_matched(ninja):
    reported = ninja.table("operating_systems").merge(
        ninja.table("devices")[["device_id", "node_class"]], on="device_id"
    )

    found = lifecycle.matched(reported, TABLE)

    assert len(found) == len(reported) > 20
    assert (found["basis"] != "unmatched").all()
    assert (found.loc[found["product"].str.startswith("windows"), "basis"] == "build").all()


def test_the_rows_keep_their_order_their_index_and_what_else_they_hold():
    frame = systems(*(case[:4] for case in CASES)).set_index(pd.Index(range(900, 900 + len(CASES))))
    frame["site"] = [f"site {number}" for number in range(len(CASES))]

    found = lifecycle.matched(frame, TABLE)

    assert found.index.equals(frame.index)
    assert list(found["device_id"]) == list(frame["device_id"])
    assert list(found["site"]) == list(frame["site"])
    assert list(found["system"]) == [case[4] for case in CASES]


def test_no_system_is_matched_to_no_row_with_the_dtypes_of_the_table():
    empty = systems().astype("str").astype({"device_id": "Int64"})

    found = lifecycle.matched(empty, TABLE)

    assert len(found) == 0
    assert found["eol_on"].dtype == TABLE["eol_on"].dtype
    assert {*FACTS, "system", "basis", "device_id"} == set(found)


def test_what_is_missing_is_as_what_is_empty():
    frame = systems(("Windows 11 Pro", None, "24H2", None), (None, None, None, None))

    found = lifecycle.matched(frame.astype({"node_class": "category"}), TABLE)

    assert list(found["basis"]) == ["name", "unmatched"]


def test_the_table_that_is_given_is_the_one_that_counts():
    other = TABLE.copy()
    other.loc[other["release"] == "11 25H2", "eol_on"] = pd.Timestamp("2031-05-05", tz="UTC")
    without = TABLE[TABLE["product"] != "macos"]
    row = systems(("Windows 11 Pro", "26200", "", WORKSTATION), ("macOS 13", "", "", MAC))

    assert lifecycle.matched(row, other)["eol_on"][0] == pd.Timestamp("2031-05-05", tz="UTC")
    assert lifecycle.matched(row, without)["basis"].tolist() == ["build", "unmatched"]


@settings(max_examples=10, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([case[0] for case in CASES]) | st.text(max_size=12),
            st.sampled_from(["", "26100", "10.0.17763", "x"]) | st.text(max_size=8),
            st.text(max_size=5),
            st.sampled_from([WORKSTATION, SERVER, MAC, LINUX, "NMS_SWITCH", ""]),
        ),
        max_size=4,
    )
)
def test_a_system_is_answered_alone_as_among_others(rows):
    together = lifecycle.matched(systems(*rows), TABLE)

    assert together["basis"].isin(BASES).all()
    for number, row in enumerate(rows):
        alone = matched(*row)
        assert alone["system"] == together["system"].iloc[number]
        assert alone["basis"] == together["basis"].iloc[number]
        assert (alone["basis"] == "unmatched") == pd.isna(alone["product"])
