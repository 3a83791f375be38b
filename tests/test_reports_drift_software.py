from __future__ import annotations

import pytest

from ninja_analytics.reports.drift_software import product, version_key
from tests.drifts import SOFTWARE, drift, with_devices


def programs(**versions):
    return [{"device_id": at, "name": name, "version": version}
            for name, told in versions.items() for at, version in enumerate(told, 1)]  # fmt: skip


def test_programs_are_new_gone_and_upgraded_by_devices_and_versions():
    before = programs(
        Gone=["1"] * 3, Rare=["1"], Up=["9.9", "9.9", "9.9"], Same=["1.0", "1.0", "2"]
    )
    after = programs(
        New=["1"] * 3, Few=["1"] * 2, Up=["10.0", "9.9", "9.9"], Same=["1", "2", "1.0.0"]
    )
    report = drift(*with_devices("software", before, after, ids=(1, 2, 3)))
    assert {name: list(report.tables[name]["product"]) for name in SOFTWARE} == {
        "software_new": ["New"], "software_gone": ["Gone"], "software_upgraded": ["Up"],
    }  # fmt: skip
    row = report.tables["software_upgraded"].iloc[0]
    assert (row["newest_before"], row["newest"], row["usual"]) == ("9.9", "10.0", "9.9")
    fewer = drift(*with_devices("software", before, after, ids=(1, 2, 3)), software_devices=1)
    assert list(fewer.tables["software_gone"]["product"]) == ["Gone", "Rare"]
    who = fewer.tables["software_by_device"]
    assert who.groupby("product", sort=False).size().to_dict() == {
        "Few": 2, "New": 3, "Gone": 3, "Rare": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lower", "higher"),
    [("9.9", "10.0"), ("1.0-beta", "1.0"), ("2.39-4ubuntu9", "2.39-12ubuntu1"), ("", "0.1"), ("1.1.1", "1.1.1w"), ("1.0-rc1", "1.0.0"),
     ("142.0.7444.9", "142.0.7444.176")],
)  # fmt: skip
def test_versions_are_compared_as_versions(lower, higher):
    assert version_key(lower) < version_key(higher)
    assert version_key("1.0") == version_key("1.0.0") == version_key("1")


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("7-Zip 24.09 (x64)", "7-Zip (x64)"),
        ("Microsoft .NET Runtime - 8.0.11 (x64)", "Microsoft .NET Runtime (x64)"),
        ("Microsoft Visual C++ 2013 Redistributable", "Microsoft Visual C++ 2013 Redistributable"),
        ("Eclipse Temurin JRE 21.0.8+9 (x64)", "Eclipse Temurin JRE (x64)"),
        ("Tool v2.1 (2.1.0)", "Tool"),
        ("4.2.1", "4.2.1"),
    ],
)
def test_the_version_is_no_part_of_a_programs_name(name, plain):
    assert product(name) == plain
