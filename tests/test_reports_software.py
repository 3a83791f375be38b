"""Software at the edges: what counts as one product, who is behind, what must not be there, and seats."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from ninja_analytics.errors import UsageError
from ninja_analytics.reports import REPORTS, Settings
from ninja_analytics.reports.software import tables as software_tables
from tests.made_frames import NOW, fleet, typed

SPEC = REPORTS["software_inventory"]
DAY = pd.Timedelta(days=1)


def frames(programs, *devices):
    """As many computers as programs name, or as *devices* describe, and the programs on them."""
    count = max([row[0] for row in programs], default=0)
    whole = {
        "approval_status": "APPROVED", "node_class": "WINDOWS_WORKSTATION", "organization_id": 1,
        "last_contact_at": NOW,
    }  # fmt: skip
    told = [*devices, *[{}] * (count - len(devices))]
    rows = [{"device_id": at, **whole, **row} for at, row in enumerate(told, 1)]
    soft = []
    for device, name, version, *more in programs:
        one = {"device_id": device, "name": name, "version": version, "installed_on": NOW - DAY}
        soft.append({**one, **(more[0] if more else {})})
    names = [{"organization_id": 1, "organization_name": "Heron"}]
    return {
        "organizations": typed("organizations", names),
        "locations": typed("locations", []),
        "devices": typed("devices", rows),
        "software": typed("software", soft),
    }


def inventory(programs, *devices, settings=None, **parameters):
    made = frames(programs, *devices)
    return SPEC.build(made, now=NOW, settings=settings or Settings(), **parameters)


def told(report, key):
    kpi = report.kpi(key)
    return kpi.numerator, kpi.denominator, kpi.unknown, kpi.exceptions


def on(name, *versions):
    return [(device, name, version) for device, version in enumerate(versions, 1)]


def test_a_product_on_a_device_is_one_install_however_often_and_under_whichever_name():
    report = inventory(
        [(1, "7-Zip 24.09 (x64)", "24.09"), (1, "7-Zip 23.01 (x86)", "23.01"),
         (1, "7-Zip 24.09 (x64)", "24.09"), (2, "7-Zip", "9.20")]
    )  # fmt: skip
    table = report.tables["products"]
    assert table[["product", "devices", "versions"]].to_numpy().tolist() == [["7-Zip", 2, 2]]
    assert told(report, "software_products") == (1, None, 0, 0)


def test_the_newest_version_is_the_highest_that_enough_devices_of_a_platform_have():
    rows = on("Tool", *["2.10"] * 3, *["2.9"] * 3, "2.9.5", "1.0", "3.0-beta", None)
    report = inventory(rows)
    states = report.tables["versions"].set_index("version")["state"].to_dict()
    assert {name: states[name] for name in ("3.0-beta", "2.10", "2.9.5", "2.9", "1.0")} == {
        "3.0-beta": "newest", "2.10": "newest", "2.9.5": "one_behind", "2.9": "one_behind",
        "1.0": "older",
    }  # fmt: skip
    assert told(report, "software_behind") == (5, 9, 1, 0)
    assert told(inventory(rows, newest_devices=1), "software_behind") == (8, 9, 1, 0)
    assert told(inventory(rows, newest_devices=4), "software_behind") == (0, 0, 10, 0)


def test_platforms_have_their_own_newest_version():
    rows = on("Portal", *["11.2"] * 3, *["5.1"] * 3)
    mac = [{}] * 3 + [{"node_class": "MAC"}] * 3
    assert told(inventory(rows, *mac), "software_behind") == (0, 6, 0, 0)
    assert told(inventory(rows), "software_behind") == (3, 6, 0, 0)


def test_a_small_customer_is_held_to_the_newest_version_of_the_fleet_and_told_of_nobody_else():
    rows = [*on("Tool", "2", "2", "2", "1"), (1, "Secret", "1"), (4, "Own", "1")]
    other = {"organization_id": 2, "display_name": "Their PC"}
    report = inventory(rows, other, other, other, organizations="Heron",
                       settings=replace(Settings(), denied_software=("*",)))  # fmt: skip
    assert told(report, "software_behind") == (1, 1, 1, 0)
    assert told(report, "software_reported") == (1, 1, 0, 0)
    text = " ".join(table.to_csv() for table in [*report.tables.values(), report.actions])
    text += " ".join(chart.alt for chart in report.charts.values()) + " ".join(report.notes)
    assert "Own" in text
    assert "Their" not in text
    assert "Secret" not in text


def test_only_tracked_products_are_held_to_their_newest_version():
    rows = on("Tool", "2", "2", "2", "1") + on("Other", "2", "2", "2", "1")
    assert told(inventory(rows), "software_behind") == (2, 8, 0, 0)
    report = inventory(rows, tracked="to*")
    assert told(report, "software_behind") == (1, 4, 0, 0)
    assert told(report, "software_products") == (2, None, 0, 0)
    assert set(report.tables["behind"]["product"]) == {"Tool"}


def test_system_components_are_left_out_unless_asked_for():
    rows = [(1, "Runtime", "1", {"system_component": True}), (1, "Tool", "1"),
            (2, "Runtime", "1", {"system_component": False})]  # fmt: skip
    report = inventory(rows[:2])
    assert told(report, "software_products") == (1, None, 0, 1)
    assert any("system components, left out: 1" in note for note in report.notes)
    assert told(inventory(rows[:2], system_components=True), "software_products") == (2, None, 0, 0)
    assert told(inventory(rows), "software_products") == (2, None, 0, 0)


def test_denied_programs_and_those_in_no_allow_list_are_named_with_their_rule():
    rows = [(1, "uTorrent 3.6", "3.6"), (2, "Word", "1"), (2, "Game", "1"),
            (3, "Runtime", "1", {"system_component": True})]  # fmt: skip
    deny = replace(Settings(), denied_software=("*TORRENT",))
    report = inventory(rows, settings=deny)
    assert told(report, "software_unauthorized") == (1, 3, 0, 0)
    assert report.tables["unauthorized"]["rule"].tolist() == ["*TORRENT"]
    assert report.actions["bucket"].tolist()[:1] == ["fix now"]
    both = inventory(rows, settings=replace(deny, allowed_software=("word", "u*")))
    assert both.tables["unauthorized"][["device", "program", "rule"]].to_numpy().tolist() == [
        ["device 1", "uTorrent 3.6", "*TORRENT"], ["device 2", "Game", "not in the allow list"],
    ]  # fmt: skip
    assert "Allow the product or remove it" in set(both.actions["action"])


def test_without_lists_nothing_is_said_to_be_forbidden_or_short_of_seats():
    report = inventory([(1, "uTorrent", "1")])
    for key in ("software_unauthorized", "software_seats_missing", "software_seats_unused"):
        assert report.kpi(key).value is None
        assert "was given" in report.kpi(key).note
    assert report.tables["organizations"]["unauthorized"].isna().all()


def test_seats_are_held_against_managed_devices_silent_ones_too():
    rows = [(1, "Visio 2021", "1"), (2, "Visio 2024", "1"), (2, "Visio 2024", "1"), (3, "Draw", "1"),
            (4, "Visio 2024", "1")]  # fmt: skip
    silent = {"last_contact_at": NOW - 90 * DAY}
    seats = pd.DataFrame({"product": ["Visio*", "draw", "Nobody"], "seats": [1, 3, 2]})
    report = inventory(
        rows, silent, {}, {}, {"approval_status": "PENDING"}, {"node_class": "MAC"},
        settings=replace(Settings(), seats=seats),
    )  # fmt: skip
    position = report.tables["licenses"].set_index("product")
    assert position.loc["Visio*"].tolist() == [2, 2, 1, 1, 1, "seats missing"]
    assert position["state"].to_dict() == {
        "Visio*": "seats missing", "draw": "seats unused", "Nobody": "no such program",
    }  # fmt: skip
    assert told(report, "software_seats_missing") == (1, None, 1, 1)
    assert told(report, "software_seats_unused") == (4, None, 1, 1)
    assert report.kpi("software_seats_unused").note == "in 2 of 3 products"


def test_a_date_that_cannot_be_is_none():
    dates = [NOW + DAY, pd.Timestamp(0, tz="UTC"), None, NOW - DAY]
    rows = [(at, "Tool", "1", {"installed_on": one}) for at, one in enumerate(dates, 1)]
    assert told(inventory(rows), "software_undated") == (3, 4, 0, 0)
    again = [*rows, (3, "Tool", "1")]
    assert told(inventory(again), "software_undated") == (2, 4, 0, 0)


def test_computers_that_tell_of_no_program_are_unknown_and_named():
    rows = [(1, "uTorrent", "1"), (4, "uTorrent", "1")]
    report = inventory(
        rows, {}, {}, {"node_class": "NMS_SWITCH"}, {"last_contact_at": NOW - 90 * DAY},
        settings=replace(Settings(), denied_software=("*",)),
    )  # fmt: skip
    assert told(report, "software_reported") == (1, 2, 0, 0)
    assert told(report, "software_unauthorized") == (1, 1, 1, 0)
    assert report.tables["not_reported"]["device_id"].tolist() == [2]
    assert "Find out why no software is reported" in set(report.actions["action"])


def test_where_no_program_could_be_read_no_computer_is_said_to_report_none():
    found = frames([(1, "Edge", "1.0")], {}, {})
    del found["software"]
    report = SPEC.build(found, now=NOW)
    assert report.partial
    assert report.tables["not_reported"].empty
    assert report.actions.empty


def test_rows_of_devices_that_nobody_knows_and_without_a_name_count_nowhere():
    made = frames([(1, "Tool", "1"), (1, None, "1")])
    made["software"].loc[0, "device_id"] = 77
    report = SPEC.build(made, now=NOW)
    assert told(report, "software_reported") == (0, 1, 0, 0)
    assert report.tables["products"].empty


def test_long_tables_end_and_say_so(monkeypatch):
    monkeypatch.setattr(software_tables, "MOST", 2)
    rows = on("Tool", *["2"] * 3, *["1"] * 4)
    report = inventory(rows, settings=replace(Settings(), denied_software=("Tool",)))
    assert len(report.tables["behind"]) == len(report.tables["unauthorized"]) == 2
    assert any("names 2 of 4 installs" in note for note in report.notes)
    assert any("names 2 of at least 7" in note for note in report.notes)


@pytest.mark.parametrize("wrong", [0, 2.5, True, "3"])
def test_a_number_of_devices_that_is_none_is_refused(wrong):
    with pytest.raises(UsageError, match="newest_devices"):
        inventory([], newest_devices=wrong)


@pytest.mark.parametrize("missing", [None, *SPEC.tables])
@pytest.mark.parametrize(("count", "customers"), [(0, 1), (1, 1), (60, 6)])
def test_it_is_made_and_drawn_whatever_is_missing(missing, count, customers):
    made = fleet(count, customers)
    programs = [{"device_id": device, "name": name, "version": version}
                for device in made["devices"]["device_id"]
                for name, version in (("Tool", str(device % 4)), (f"Own {device}", None))]  # fmt: skip
    made["software"] = typed("software", programs)
    given = {name: made[name] for name in SPEC.tables if name != missing}
    seats = pd.DataFrame({"product": ["Tool"], "seats": [2]})
    settings = replace(Settings(), denied_software=("Own*",), seats=seats)
    report = SPEC.build(given, now=NOW, settings=settings)
    for chart in report.charts.values():
        assert chart.draw() is not None
        assert chart.alt
    empty = {kpi.key for kpi in report.kpis if kpi.numerator is None}
    for kpi in report.kpis:
        assert (kpi.key in empty) == (missing in kpi.definition.tables), kpi.key
