from __future__ import annotations

import pandas as pd
import pytest

from ninja_analytics.reports.drift.devices import serials
from ninja_analytics.reports.drift.kinds import KINDS
from tests.drifts import KPIS, SOFTWARE, SPEC, changes, counts, drift, pair, with_devices
from tests.made_frames import NOW, typed
from tests.moved_frames import OPENING, opening_rows, snapshot, two_snapshots

# -- the ledger --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_snapshot_compared_with_itself_shows_no_change_and_balances(seed):
    frames = snapshot(opening_rows(80, 6, seed), OPENING)
    report = drift(frames, frames)
    assert counts(report) == (80, 0, 0, 0, 80)
    assert changes(report) == {}
    assert report.tables["changes_by_organization"].empty
    assert report.kpi("drift_changed").numerator == 0
    assert report.kpi("drift_controls_lost").numerator == 0
    silent = report.kpi("drift_not_observed")
    assert silent.numerator + silent.unknown == 80
    assert not any("balance" in note for note in report.notes)


def test_no_devices_in_either_snapshot_give_zeros_and_no_errors():
    empty = {name: typed(name, []) for name in SPEC.tables}
    report = drift(empty, empty)
    assert counts(report) == (0, 0, 0, 0, 0)
    assert report.kpi("drift_changed").value is None
    assert all(table.empty for name, table in report.tables.items() if name != "ledger")


def test_a_fleet_that_is_gone_is_all_removed():
    opening = snapshot(opening_rows(40, 4, 1), OPENING)
    closing = {**opening, "devices_detailed": opening["devices_detailed"].iloc[:0]}
    assert counts(drift(opening, closing)) == (40, 0, 40, 0, 0)
    assert counts(drift(closing, opening)) == (0, 40, 0, 0, 40)


def test_a_fleet_that_was_enrolled_anew_is_neither_added_nor_removed():
    before = [{"device_id": at, "serial_number": f"S{at}"} for at in range(1, 6)]
    after = [{**row, "device_id": row["device_id"] + 100} for row in before]
    report = drift(*pair(before, after))
    assert counts(report) == (5, 0, 0, 5, 5)
    table = report.tables["reenrolled"]
    assert table.loc[0, ["before", "after", "serial_number"]].tolist() == [
        "device 1 (id 1)", "device 101 (id 101)", "S1",
    ]  # fmt: skip
    assert report.tables["ledger"]["devices"].tolist() == [5, 0, 0, 5, -5, 0, 0, 5]


@pytest.mark.parametrize("serial", ["Default string", " ", None, "0000", "To Be Filled By O.E.M."])
def test_a_placeholder_is_no_serial_number(serial):
    before, after = ([{"device_id": at, "serial_number": serial}] for at in (1, 2))
    report = drift(*pair(before, after))
    assert counts(report) == (1, 1, 1, 0, 1)
    assert report.kpi("drift_reenrolled").unknown == 2


def test_a_serial_number_that_several_devices_have_names_none_of_them():
    clone = {"serial_number": "CLONE"}
    report = drift(*pair([{"device_id": 1, **clone}, {"device_id": 2, **clone}],
                         [{"device_id": 3, **clone}]))  # fmt: skip
    assert counts(report) == (2, 1, 2, 0, 1)


def test_the_serial_number_of_the_bios_stands_in_and_case_does_not_matter():
    told = pd.DataFrame(
        {
            "serial_number": ["Default string", "abc1 ", None],
            "bios_serial_number": ["b-7", "x", "-"],
        },
        dtype="str",
    )
    assert serials(told).tolist()[:2] == ["B-7", "ABC1"]
    assert pd.isna(serials(told)[2])


def test_repeated_devices_and_rows_without_an_id_are_left_out_and_told():
    rows = [{"device_id": 1}, {"device_id": 1}, {"device_id": None}]
    report = drift(*pair(rows, rows))
    assert counts(report) == (1, 0, 0, 0, 1)
    assert any(note.startswith("Repeated device rows") and "2." in note for note in report.notes)
    assert any("without an id" in note and "2." in note for note in report.notes)


def test_a_device_that_moves_out_of_what_was_asked_for_is_not_removed():
    before = [{"device_id": 1, "organization_id": 1}, {"device_id": 2, "organization_id": 1}]
    after = [{"device_id": 1, "organization_id": 2}, {"device_id": 2, "organization_id": 1}]
    out, into = (drift(*pair(before, after), organizations=[one]) for one in (1, 2))
    assert counts(out) == (2, 0, 0, 0, 1)
    assert counts(into) == (0, 0, 0, 0, 1)
    assert out.kpi("drift_removed").note == "1 more moved from among those asked for"
    assert into.kpi("drift_added").note == "1 more moved among those asked for"
    for report in (out, into):
        assert report.tables["ledger"]["devices"].iloc[:-1].sum() == counts(report)[-1]
        assert list(report.tables["moved"]["device_id"]) == [1]
    assert list(out.tables["changes_by_organization"]["organization"]) == ["organization 1"]


# -- the kinds of change -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ({"organization_id": 1}, {"organization_id": 2}, ["moved"]),
        ({"location_id": 1}, {"location_id": 2}, ["moved"]),
        ({"location_id": 1}, {"location_id": None}, []),
        ({"system_name": "a"}, {"system_name": "b"}, ["renamed"]),
        ({"system_name": "a"}, {"system_name": None}, []),
        ({"display_name": None}, {"display_name": "b"}, ["renamed"]),
        ({"os_release_id": "23H2"}, {"os_release_id": "24H2"}, ["system_changed"]),
        ({"os_build_number": "10.0.26100"}, {"os_build_number": "26100"}, []),
        ({"os_build_number": "10.0.22631"}, {"os_build_number": "26100"}, ["system_changed"]),
        ({"os_name": "Microsoft Windows 11 Pro"}, {"os_name": "Windows 11 Pro"}, []),
        ({"os_name": "Windows 10 Pro"}, {"os_name": None}, []),
        ({"memory_bytes": 8 * 2**30}, {"memory_bytes": 16 * 2**30}, ["memory_changed"]),
        ({"memory_bytes": 8 * 2**30}, {"memory_bytes": 8 * 2**30 - 2**20}, []),
        ({"memory_bytes": None}, {"memory_bytes": 2**34}, []),
        ({"policy_id": None}, {"policy_id": 4}, ["policy_override_added"]),
        ({"policy_id": 3}, {"policy_id": 4}, ["policy_override_added"]),
        ({"policy_id": 3}, {"policy_id": None}, []),
        ({"last_contact_at": OPENING}, {"last_contact_at": NOW}, []),
    ],
    ids=str,
)
def test_a_device_changes_in_what_differs_and_missing_is_no_change(before, after, kinds):
    report = drift(*pair([{"device_id": 1, **before}], [{"device_id": 1, **after}]))
    assert changes(report) == dict.fromkeys(kinds, 1)
    assert report.kpi("drift_changed").numerator == len(kinds)


def products(*states):
    return [{"device_id": 1, "product_name": f"P{at}", "product_state": state}
            for at, state in enumerate(states)]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "lost", "unknown"),
    [
        (["ON"], ["OFF"], 1, 0),
        (["ON"], [], 1, 0),
        (["ON", "OFF"], ["OFF", "ON"], 0, 0),
        (["ON"], ["UNKNOWN"], 0, 1),
        (["ON"], ["OFF", None], 0, 1),
        (["OFF"], ["OFF"], 0, 0),
        (["UNKNOWN"], ["OFF"], 0, 0),
        ([], ["OFF"], 0, 0),
    ],
    ids=str,
)
def test_antivirus_is_lost_when_none_is_on_any_more_and_unknown_is_not_lost(
    before, after, lost, unknown
):
    opening, closing = with_devices("antivirus_status", products(*before), products(*after))
    none = {"volumes": typed("volumes", [])}
    report = drift({**opening, **none}, {**closing, **none})
    kpi = report.kpi("drift_controls_lost")
    assert len(report.tables["antivirus_lost"]) == kpi.numerator == lost
    assert kpi.unknown == unknown
    assert kpi.denominator == int("ON" in before and not unknown)


def test_antivirus_that_did_not_arrive_is_unknown_and_not_lost():
    opening, closing = with_devices("antivirus_status", products("ON"), [])
    none = {"volumes": typed("volumes", [])}
    closing["antivirus_status"] = typed("antivirus_status", [], complete=False)
    report = drift({**opening, **none}, {**closing, **none})
    assert (report.kpi("drift_controls_lost").numerator, report.partial) == (0, True)
    assert report.kpi("drift_controls_lost").unknown == 1


def volumes(**states):
    return [{"device_id": 1, "name": name, "bitlocker_protection_status": state}
            for name, state in states.items()]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"C": "PROTECTED"}, {"C": "UNPROTECTED"}, "C UNPROTECTED"),
        ({"C": "PROTECTED", "D": "PROTECTED"}, {"C": "PROTECTED", "D": "UNPROTECTED"}, "D UNPROTECTED"),
        ({"C": "PROTECTED"}, {"C": None}, None),
        ({"C": "PROTECTED"}, {"D": "UNPROTECTED"}, None),
        ({"C": None}, {"C": "UNPROTECTED"}, None),
        ({"C": "UNPROTECTED"}, {"C": "UNPROTECTED"}, None),
    ],
    ids=str,
)  # fmt: skip
def test_encryption_is_suspended_when_a_protected_volume_is_known_to_be_so_no_more(
    before, after, words
):
    report = drift(*with_devices("volumes", volumes(**before), volumes(**after)))
    assert list(report.tables["encryption_suspended"]["after"]) == ([words] if words else [])


def test_volumes_pulled_without_bitlocker_are_told():
    report = drift(*with_devices("volumes", volumes(C="PROTECTED"), volumes(C=None)))
    assert any("No volume of the closing tells of BitLocker" in note for note in report.notes)


def test_a_disk_changes_by_the_capacity_of_local_volumes_that_are_all_known():
    def disk(size, kind="Local Disk"):
        return [{"device_id": 1, "name": "C:", "device_type": kind, "capacity_bytes": size}]

    assert drift(*with_devices("volumes", disk(2**38), disk(2**39))).tables["disk_changed"][
        ["before", "after"]
    ].values.tolist() == [["256.0 GiB", "512.0 GiB"]]
    for after in (disk(2**38 + 2**20), disk(None), disk(2**39, "Removable Disk"), []):
        assert drift(*with_devices("volumes", disk(2**38), after)).tables["disk_changed"].empty


# -- what is not known -------------------------------------------------------------------------


def test_devices_that_nobody_looked_at_again_are_neither_changed_nor_unchanged():
    seen = {"last_update_at": OPENING}
    before = [{"device_id": at, **seen} for at in (1, 2, 3, 4)]
    after = [{"device_id": 1, **seen}, {"device_id": 2}, {"device_id": 3, "last_update_at": None},
             {"device_id": 4, **seen, "system_name": None, "display_name": "x"}]  # fmt: skip
    report = drift(*pair(before, after))
    changed, silent = report.kpi("drift_changed"), report.kpi("drift_not_observed")
    assert (changed.numerator, changed.denominator, changed.unknown) == (1, 2, 2)
    assert (silent.numerator, silent.denominator, silent.unknown) == (1, 3, 1)
    assert list(report.tables["not_observed"]["device_id"]) == [1]
    assert drift(*pair([{"device_id": 1, **seen}], [{"device_id": 1}])).tables["not_observed"].empty


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("table", "kinds", "kpis"),
    [
        ("software", SOFTWARE, []),
        ("antivirus_status", ["antivirus_lost"], ["drift_controls_lost"]),
        ("volumes", ["encryption_suspended", "disk_changed"], ["drift_controls_lost"]),
        ("devices_detailed", [*KINDS, *SOFTWARE], [*KPIS, "drift_changed", "drift_not_observed"]),
        ("policies", [], []),
        ("organizations", [], []),
    ],
)
def test_a_table_that_one_snapshot_lacks_degrades_what_needs_it_and_is_told(
    table, kinds, kpis, side
):
    snapshots = [dict(frames) for frames in two_snapshots(60, 5, 3)]
    whole = changes(drift(*snapshots))
    del snapshots[side][table]
    report = drift(*snapshots)
    assert report.partial
    name = f"{table} (opening)" if side == 0 else table
    assert any(warning.startswith(f"{name} could not be read") for warning in report.warnings)
    assert set(whole) - set(changes(report)) == set(kinds) & set(whole)
    assert all(report.kpi(key).numerator is None for key in kpis)


@pytest.mark.parametrize("table", ["devices", "devices_detailed"])
def test_devices_stand_in_for_devices_detailed_and_the_report_says_what_that_costs(table):
    before = [{"device_id": 1, "system_name": "a"}, {"device_id": 2}]
    opening, closing = pair(
        before, [{"device_id": 1, "system_name": "b"}, {"device_id": 3}], "devices"
    )
    closing = {table: closing["devices"]}
    for frames, device, release in ((opening, 2, "23H2"), (closing, 3, "24H2")):
        frames["computer_systems"] = typed(
            "computer_systems", [{"device_id": device, "serial_number": "S1"}]
        )
        frames["operating_systems"] = typed(
            "operating_systems", [{"device_id": 1, "release_id": release}]
        )
    report = drift(opening, closing)
    assert changes(report) == {"reenrolled": 1, "renamed": 1, "system_changed": 1}
    assert any("devices_detailed is not in both" in note for note in report.notes)
    del closing["computer_systems"], closing["operating_systems"]
    poorer = drift(opening, closing)
    assert changes(poorer) == {"added": 1, "removed": 1, "renamed": 1}
    assert poorer.kpi("drift_reenrolled").numerator is None
    assert any(warning.startswith("computer_systems could not") for warning in poorer.warnings)


def test_a_column_that_only_one_snapshot_has_changes_no_device():
    opening, closing = pair([{"device_id": 1}], [{"device_id": 1, "policy_id": 4}])
    opening["devices_detailed"] = opening["devices_detailed"].drop(columns="policy_id")
    assert changes(drift(opening, closing)) == {}


def test_a_list_of_devices_that_is_not_whole_is_told():
    opening, closing = pair([{"device_id": 1}, {"device_id": 2}], [{"device_id": 1}])
    closing["devices_detailed"].attrs["ninja"]["complete"] = False
    notes = drift(opening, closing).notes
    assert (
        "devices_detailed of the closing is partial: what did not arrive counts as removed or gone."
        in notes
    )
