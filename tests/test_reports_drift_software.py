from __future__ import annotations

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
